//! `examples/python-web`: a page, served from a slim image.

use std::time::Duration;

use anyhow::Result;
use plimsoll_engine::Process;
use plimsoll_engine::registry::free_port;

use crate::common::{engine, example, image_of};

#[test]
fn the_page_is_served() -> Result<()> {
    let engine = engine()?;
    let image = image_of(engine, example(engine, "python-web"))?;
    assert_eq!(image.command(), ["flask", "run"]);
    assert_eq!(image.text("WorkingDir"), "/app");
    assert_eq!(
        image.config["config"]["ExposedPorts"],
        serde_json::json!({"8000/tcp": {}})
    );
    assert!(
        image
            .list("Env")
            .iter()
            .any(|pair| pair.starts_with("PATH=/opt/venv/bin:/usr/local/sbin:"))
    );
    let files = image.files()?;
    assert!(
        !files
            .iter()
            .any(|file| file.starts_with("usr/bin/pip") || file.contains("cache/pip")),
        "not slim"
    );

    let port = free_port()?;
    let mut server = Process::of_image(&image)?
        .env("FLASK_RUN_PORT", &port.to_string())
        .spawn()?;
    let get = |path: &str| ureq::get(format!("http://127.0.0.1:{port}{path}")).call();
    server.wait_ready(Duration::from_secs(30), || get("/healthz").is_ok())?;
    let page = get("/")?.body_mut().read_to_string()?;
    assert!(page.contains("<h1>Hello from a slim image</h1>"), "{page}");
    assert!(page.contains("runs in /opt/venv."), "{page}");
    Ok(())
}
