//! What a container of the image needs: nothing.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use anyhow::{Context, Result, ensure};
use plimsoll_engine::program::need;
use plimsoll_engine::{Build, Engine, EngineOptions, Silent};
use serde_json::Value;

use crate::common::{folder, publish};
use crate::fixture::digest;

/// Stands before runc: takes away what a container could be without, writes down what is left, and lets runc go on.
const WRAPPER: &str = r#"#!/usr/bin/python3
import json, os, sys

runc, record = "@RUNC", "@RECORD"
words = sys.argv[1:]
if "--bundle" in words:
    path = os.path.join(words[words.index("--bundle") + 1], "config.json")
    with open(path) as file:
        config = json.load(file)
    process = config["process"]
    if process["args"] == ["/bin/plimsoll-frontend"]:
        config["root"]["readonly"] = True
        process["user"] = {"uid": 65534, "gid": 65534}
        process["noNewPrivileges"] = True
        process["capabilities"] = {}
        process["env"] = [one for one in process["env"] if one.startswith("BUILDKIT_")]
        config["mounts"] = [one for one in config["mounts"] if one["destination"] in ("/proc", "/dev")]
        with open(path, "w") as file:
            json.dump(config, file)
        with open(record, "a") as file:
            file.write(json.dumps(config) + "\n")
os.execv(runc, [runc] + words)
"#;

#[test]
fn no_network_no_home_nothing_to_write() -> Result<()> {
    let place = tempfile::tempdir()?;
    let (wrapper, record) = (place.path().join("runc"), place.path().join("record"));
    let text = WRAPPER
        .replace("@RUNC", &need("runc", "runc")?.display().to_string())
        .replace("@RECORD", &record.display().to_string());
    fs::write(&wrapper, text)?;
    fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755))?;
    let options = EngineOptions {
        use_host_variable: false,
        arguments: vec![format!("--oci-worker-binary={}", wrapper.display())],
        ..EngineOptions::default()
    };
    let engine = Engine::start(&options, &mut Silent)?;
    publish(&engine)?;
    let build = |build: Build| -> Result<String> {
        let tar = place.path().join("image.tar");
        digest(&build.arg("SOURCE_DATE_EPOCH", "1").oci(tar).run_ok(&engine)?)
    };
    for example in ["loops", "secret"] {
        let key = place.path().join("key");
        fs::write(&key, "the key\n")?;
        let change = |build: Build| build.secret_file("confidencial.key", &key);
        let ours = build(change(Build::new(folder(example))))?;
        assert_eq!(
            ours,
            build(change(Build::new(folder(example)).reference()))?,
            "{example}"
        );
    }
    let record = fs::read_to_string(&record).context("no frontend was started through the wrapper")?;
    ensure!(record.lines().count() >= 2, "{record}");
    for line in record.lines() {
        let config: Value = serde_json::from_str(line)?;
        let spaces = config["linux"]["namespaces"].as_array();
        let network = spaces
            .into_iter()
            .flatten()
            .find(|space| space["type"] == "network")
            .with_context(|| format!("it shares this machine's network: {line}"))?;
        // One that BuildKit made with nothing in it, and not one that was there.
        ensure!(
            network["path"].as_str().unwrap_or_default().is_empty(),
            "{network}"
        );
    }
    Ok(())
}
