//! Made-up requests: Dockerfiles from the grammar, options and images to match, all from one number.

mod file;
mod instruction;
mod mutate;
mod options;
mod random;
mod sources;
mod word;

use serde_json::{Value, json};

use crate::set_dockerfile;
pub use random::Random;

/// The request of a seed. Equal seeds give equal requests.
#[must_use]
pub fn request(seed: u64) -> Value {
    let mut random = Random::new(seed);
    let mut request = json!({
        "id": seed.to_string(),
        "brief": true,
        "any_image": true,
        "locals": { "dockerfile": {}, "context": {} },
    });
    options::put_world(&mut random, &mut request);
    let draft = file::draft(&mut random, &request);
    let mut text = draft.text.into_bytes();
    set_dockerfile(&mut request, &text);
    options::put_options(&mut random, &mut request, &draft.stages);
    if random.one_in(6) {
        mutate::mutate(&mut random, &mut text);
        set_dockerfile(&mut request, &text);
    }
    if seed.is_multiple_of(2) {
        // A daemon starts us this way where the file names us.
        request["opts"]["cmdline"] = json!("plimsoll");
    }
    request
}
