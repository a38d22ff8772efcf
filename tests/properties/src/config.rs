//! Configs of images, as registries give them.

use dockerfile_syntax::parse;

use crate::bounds;
use crate::compile::run;
use crate::world::World;

/// The config of an image on which nothing is built is a config that stays as it is; and steps on an image either are
/// refused or give a config that steps can follow on again.
pub fn config(data: &[u8]) {
    let Some(once) = built(b"FROM a\n", data) else {
        return;
    };
    let again = built(b"FROM a\n", &once);
    let text = String::from_utf8_lossy(&once);
    assert_eq!(
        again.as_deref().map(String::from_utf8_lossy).as_ref(),
        Some(&text),
        "written and read again"
    );
    bounds::check("a config", once.len(), data.len(), bounds::SMALL_TIMES);
    let steps =
        b"FROM a\nENV A=$PATH B=b\nWORKDIR b\nRUN x\nLABEL a=b\nEXPOSE 1\nVOLUME /v\nUSER u\nSHELL [\"s\"]\n";
    if let Some(on_it) = built(steps, &once) {
        assert!(
            built(steps, &on_it).is_some(),
            "steps can't follow on {}",
            String::from_utf8_lossy(&on_it)
        );
    }
}

/// The config of what a Dockerfile makes of an image with this one.
fn built(dockerfile: &[u8], config: &[u8]) -> Option<Vec<u8>> {
    let world = World::on_image(dockerfile, config);
    let parsed = parse(dockerfile);
    let compiled = run(&world, &parsed.dockerfile).outcome.value.ok()?;
    Some(compiled.image_config)
}
