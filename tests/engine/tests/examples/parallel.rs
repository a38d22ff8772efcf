//! `examples/parallel`: what is needed runs side by side, what is not needed does not run.

use anyhow::{Context, Result};

use crate::common::{engine, example, image_of, run};

#[test]
fn stages_that_nobody_needs_do_not_start() -> Result<()> {
    let engine = engine()?;
    let built = example(engine, "parallel").no_cache().run_ok(engine)?;
    let named: Vec<&str> = built
        .record
        .vertices
        .iter()
        .map(|vertex| vertex.name.as_str())
        .collect();
    assert!(
        named.iter().any(|name| name.contains("a drawing of a ship")),
        "{named:?}"
    );
    assert!(!named.iter().any(|name| name.contains("sleep")), "{named:?}");
    Ok(())
}

#[test]
fn stages_that_do_not_need_each_other_overlap() -> Result<()> {
    let engine = engine()?;
    let built = example(engine, "parallel")
        .target("ship")
        .no_cache()
        .run_ok(engine)?;
    let find = |name: &str| built.record.find(name).with_context(|| format!("no step {name}"));
    let (hull, sails) = (find("[hull 1/1] RUN sleep")?, find("[sails 1/1] RUN sleep")?);
    assert!(hull.overlaps(sails), "{hull:?}\n{sails:?}");
    for step in [hull, sails] {
        assert!(step.seconds().is_some_and(|seconds| seconds > 2.9), "{step:?}");
    }
    let image = image_of(engine, example(engine, "parallel").target("ship"))?;
    assert_eq!(
        run(&image, &[])?.stdout,
        "the hull is built\nthe sails are sewn\n"
    );
    Ok(())
}
