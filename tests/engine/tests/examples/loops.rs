//! `examples/loops`: continuation lines as people write them.

use anyhow::Result;
use plimsoll_engine::OciImage;

use crate::common::{engine, example, run};

#[test]
fn loops_over_continuation_lines_run() -> Result<()> {
    let engine = engine()?;
    let folder = tempfile::tempdir()?;
    let tar = folder.path().join("image.tar");
    let built = example(engine, "loops").oci(&tar).run_ok(engine)?;
    assert!(built.record.warnings.is_empty(), "{:?}", built.record.warnings);
    let said = run(&OciImage::open(&tar)?, &[])?.stdout;
    let lines = ["fresh", "summer", "tropical-fresh", "tropical", "winter"];
    let expected: String = lines.iter().map(|line| format!("load line: {line}\n")).collect();
    assert_eq!(said, format!("5\n{expected}"));
    Ok(())
}
