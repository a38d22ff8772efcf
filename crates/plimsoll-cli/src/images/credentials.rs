//! The user's credentials for registries, from where `docker login` puts them.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use oci_client::secrets::RegistryAuth;
use serde::Deserialize;

/// What Docker's own registry is called in the file.
const DOCKER_HUB: &str = "https://index.docker.io/v1/";
/// A helper gives it as the user's name where the secret is a token to get other tokens with.
const TOKEN_USER: &str = "<token>";

/// What `config.json` says, or why it can't be read.
#[derive(Debug)]
pub(super) struct Credentials {
    config: Result<Config, String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Config {
    auths: BTreeMap<String, Entry>,
    creds_store: String,
    cred_helpers: BTreeMap<String, String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Entry {
    auth: String,
    username: String,
    password: String,
    identitytoken: String,
}

/// What a helper answers.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Helped {
    username: String,
    secret: String,
}

impl Credentials {
    /// Those of `$DOCKER_CONFIG/config.json`, or of `~/.docker/config.json`; none where there is no such file.
    pub(super) fn of_user() -> Self {
        let folder = env::var_os("DOCKER_CONFIG").filter(|folder| !folder.is_empty());
        let home = || Some(Path::new(&env::var_os("HOME")?).join(".docker"));
        let folder = folder.map(PathBuf::from).or_else(home);
        let config = folder.map_or_else(
            || Ok(Config::default()),
            |folder| read(&folder.join("config.json")),
        );
        Self { config }
    }

    /// The credentials for a registry.
    ///
    /// # Errors
    /// Says why they can't be had, where there should be some.
    pub(super) fn of(&self, registry: &str) -> Result<RegistryAuth, String> {
        let config = self.config.as_ref().map_err(Clone::clone)?;
        let key = if matches!(registry, "docker.io" | "index.docker.io") {
            DOCKER_HUB
        } else {
            registry
        };
        if let Some(helper) = config
            .cred_helpers
            .get(key)
            .or_else(|| config.cred_helpers.get(registry))
        {
            return ask(helper, key);
        }
        if !config.creds_store.is_empty() {
            let found = ask(&config.creds_store, key)?;
            if found != RegistryAuth::Anonymous {
                return Ok(found);
            }
        }
        let of_host = || {
            config
                .auths
                .iter()
                .find(|(name, _)| host(name) == host(key))
                .map(|(_, entry)| entry)
        };
        match config.auths.get(key).or_else(of_host) {
            Some(entry) => entry.auth(registry),
            None => Ok(RegistryAuth::Anonymous),
        }
    }
}

impl Entry {
    fn auth(&self, registry: &str) -> Result<RegistryAuth, String> {
        if !self.identitytoken.is_empty() {
            return Err(token_is_no_use(registry));
        }
        if self.auth.is_empty() {
            return Ok(match self.username.as_str() {
                "" => RegistryAuth::Anonymous,
                user => RegistryAuth::Basic(user.to_owned(), self.password.clone()),
            });
        }
        let decoded = STANDARD
            .decode(self.auth.trim())
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok());
        let pair = decoded.as_deref().and_then(|text| text.split_once(':'));
        let (user, password) = pair.ok_or_else(|| {
            format!("the credentials for {registry} in Docker's config.json can't be read: use `docker login {registry}` again")
        })?;
        Ok(RegistryAuth::Basic(
            user.to_owned(),
            password.trim_end_matches('\0').to_owned(),
        ))
    }
}

fn read(path: &Path) -> Result<Config, String> {
    match fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes)
            .map_err(|error| format!("{} can't be read: {error}", path.display())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Config::default()),
        Err(error) => Err(format!("{} can't be read: {error}", path.display())),
    }
}

/// The part of a key that names the machine.
fn host(key: &str) -> &str {
    let key = key.split_once("://").map_or(key, |(_, rest)| rest);
    key.split('/').next().unwrap_or_default()
}

fn token_is_no_use(registry: &str) -> String {
    format!(
        "the login for {registry} is an identity token, which can't be used here: log in with a user name and a password or an access token"
    )
}

/// Asks a helper program, `docker-credential-NAME`.
fn ask(name: &str, registry: &str) -> Result<RegistryAuth, String> {
    let program = format!("docker-credential-{name}");
    let failed = |why: String| format!("`{program} get` for {registry}: {why}");
    let started = Command::new(&program)
        .arg("get")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let mut child =
        started.map_err(|error| failed(format!("{error}; Docker's config.json names this program")))?;
    if let Some(mut input) = child.stdin.take() {
        // A helper that ends without reading says why on its standard output.
        let _ = writeln!(input, "{registry}");
    }
    let output = child
        .wait_with_output()
        .map_err(|error| failed(error.to_string()))?;
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        // The words of the helpers' own protocol for having nothing.
        if text.contains("credentials not found") {
            return Ok(RegistryAuth::Anonymous);
        }
        return Err(failed(if text.is_empty() {
            output.status.to_string()
        } else {
            text
        }));
    }
    let helped: Helped = serde_json::from_slice(&output.stdout).map_err(|error| failed(error.to_string()))?;
    match helped.username.as_str() {
        TOKEN_USER => Err(token_is_no_use(registry)),
        "" => Ok(RegistryAuth::Anonymous),
        _ => Ok(RegistryAuth::Basic(helped.username, helped.secret)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credentials(json: &str) -> Credentials {
        Credentials {
            config: Ok(serde_json::from_str(json).unwrap()),
        }
    }

    #[test]
    fn entries_of_the_file() {
        let credentials = credentials(
            r#"{"auths": {
                "https://index.docker.io/v1/": {"auth": "dXNlcjpwYTpzcw=="},
                "https://registry.example/v2/": {"username": "a", "password": "b"},
                "bad.example": {"auth": "%"},
                "token.example": {"identitytoken": "t"},
                "helped.example": {}
            }, "HttpHeaders": {"a": "b"}}"#,
        );
        let basic =
            |user: &str, password: &str| Ok(RegistryAuth::Basic(user.to_owned(), password.to_owned()));
        assert_eq!(credentials.of("docker.io"), basic("user", "pa:ss"));
        assert_eq!(credentials.of("registry.example"), basic("a", "b"));
        assert_eq!(credentials.of("other.example"), Ok(RegistryAuth::Anonymous));
        assert_eq!(credentials.of("helped.example"), Ok(RegistryAuth::Anonymous));
        assert!(
            credentials
                .of("bad.example")
                .unwrap_err()
                .contains("docker login bad.example")
        );
        assert!(
            credentials
                .of("token.example")
                .unwrap_err()
                .contains("identity token")
        );
    }

    #[test]
    fn a_helper_that_is_not_there() {
        let credentials = credentials(r#"{"credHelpers": {"a.example": "plimsoll-has-none"}}"#);
        let error = credentials.of("a.example").unwrap_err();
        assert!(
            error.contains("`docker-credential-plimsoll-has-none get` for a.example"),
            "{error}"
        );
        assert_eq!(credentials.of("b.example"), Ok(RegistryAuth::Anonymous));
    }
}
