//! The options of a build, as the daemon passes them.

use plimsoll_frontend::options::{Environment, Request, asked_for, log_level};

use crate::bounds;
use crate::fields::Fields;

/// Options read the same twice, and what is wrong with them is said in bounds.
///
/// The input is options such as `platform=linux/arm64`, a line each, and the list of workers as JSON.
pub fn options(data: &[u8]) {
    let mut fields = Fields::new(data);
    let options = fields.text();
    let workers = fields.text();
    let mut variables = vec![
        ("BUILDKIT_WORKERS".to_owned(), workers),
        ("BUILDKIT_SESSION_ID".to_owned(), "session".to_owned()),
    ];
    for (index, line) in options.lines().enumerate() {
        variables.push((format!("BUILDKIT_FRONTEND_OPT_{index}"), line.to_owned()));
    }
    let environment = Environment::from_variables(variables);
    let read = || Request::parse(&environment).map(|request| format!("{request:?}"));
    let request = read();
    assert_eq!(request, read(), "read twice");
    let (Ok(told) | Err(told)) = &request;
    bounds::check("options", told.len(), data.len(), bounds::SMALL_TIMES);
    let _ = (asked_for(&environment), log_level(&environment));
}
