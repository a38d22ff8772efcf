//! What `examples/errors.rs` says of a file.

#[path = "../examples/errors.rs"]
#[allow(dead_code, reason = "its `main` reads files")]
mod errors;

#[test]
fn errors_are_below_their_lines() {
    let text = "FROM alpine\nCPOY a b\n\tEXPÖSE 80\n";
    let wanted = "\
Dockerfile:2:1: there is no instruction \"CPOY\" (did you mean COPY?)
  2 | CPOY a b
    | ^^^^
Dockerfile:3:2: there is no instruction \"EXPÖSE\" (did you mean EXPOSE?)
  3 | \tEXPÖSE 80
    | \t^^^^^^
";
    assert_eq!(errors::report("Dockerfile", text.as_bytes()), wanted);
    assert_eq!(errors::report("Dockerfile", b"FROM alpine\nRUN true\n"), "");
}
