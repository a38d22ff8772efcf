//! Which names of variables betray a secret.

/// Words in names of variables that hold secrets.
const SECRET_WORDS: [&str; 10] = [
    "apikey",
    "auth",
    "credential",
    "credentials",
    "key",
    "password",
    "pword",
    "passwd",
    "secret",
    "token",
];
/// Words in such names that say it is no secret after all.
const PUBLIC_WORDS: [&str; 3] = ["public", "file", "version"];

/// Whether a variable of this name probably holds a secret: one of the parts between underscores says so. The words are
/// the reference's.
///
/// ```
/// use dockerfile_compile::looks_like_secret;
///
/// assert!(looks_like_secret("DB_PASSWORD") && !looks_like_secret("KEYBOARD"));
/// ```
#[must_use]
pub fn looks_like_secret(name: &str) -> bool {
    let name = dockerfile_syntax::lower(name);
    let has = |words: &[&str]| name.split('_').any(|part| words.contains(&part));
    has(&SECRET_WORDS) && !has(&PUBLIC_WORDS)
}
