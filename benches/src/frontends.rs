//! The frontends that are compared, each an image that was packed in the same way.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use plimsoll_engine::frontend_image::{Builder, Programs};
use plimsoll_engine::{Build, Engine, FRONTEND, OciImage, layer};

use crate::report::Report;

/// The reference's frontend as an image.
pub const REFERENCE: &str = "docker.io/plimsoll/reference:1";

/// A frontend that returns at once.
pub const FLOOR: &str = "docker.io/plimsoll/floor:1";

/// As the reference's own image is labelled.
const LABELS: &str = "LABEL moby.buildkit.frontend.network.none=\"true\"\n\
    LABEL moby.buildkit.frontend.caps=\"moby.buildkit.frontend.inputs,moby.buildkit.frontend.subrequests,moby.buildkit.frontend.contexts,moby.buildkit.frontend.gitquerystring\"\n";

/// A frontend's program and image.
#[derive(Debug)]
pub struct Packed {
    /// The program's file.
    pub program: PathBuf,
    /// What a daemon pulls, in bytes.
    pub to_pull: u64,
}

/// Ours and the reference's.
#[derive(Debug)]
pub struct Frontends {
    /// Plimsoll.
    pub ours: Packed,
    /// `dockerfile-frontend` of the reference.
    pub reference: Packed,
}

impl Frontends {
    /// Packs and publishes all of them.
    pub fn publish(engine: &Engine, programs: &Programs, floor: &Path) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let tar = folder.path().join("ours.tar");
        programs.image(Builder::Reference).oci(&tar).run_ok(engine)?;
        engine.push_oci_tar(&tar, FRONTEND)?;
        let ours = Packed {
            program: programs.file(layer::architecture()),
            to_pull: OciImage::open(&tar)?.compressed_size(),
        };
        let reference = pack(engine, &engine.parts().reference_frontend, REFERENCE)?;
        pack(engine, floor, FLOOR)?;
        Ok(Self { ours, reference })
    }

    /// Reports how large they are.
    pub fn sizes(&self, report: &mut Report) -> Result<()> {
        let megabytes = |bytes: u64| bytes as f64 / 1e6;
        let [ours, reference] = [&self.ours, &self.reference].map(|packed| megabytes(packed.to_pull));
        report.row("image to pull, compressed", "MB", ours, reference);
        report.hold("under 1.4 MB", ours < 1.4);
        let ours = megabytes(fs::metadata(&self.ours.program)?.len());
        let reference = megabytes(fs::metadata(&self.reference.program)?.len());
        report.row("program", "MB", ours, reference);
        Ok(())
    }
}

/// Puts a static program into an image of its own.
fn pack(engine: &Engine, program: &Path, name: &str) -> Result<Packed> {
    let folder = tempfile::tempdir()?;
    let context = folder.path().join("context");
    fs::create_dir(&context)?;
    fs::copy(program, context.join("frontend"))?;
    fs::write(
        context.join("Dockerfile"),
        format!("FROM scratch\n{LABELS}COPY frontend /bin/frontend\nENTRYPOINT [\"/bin/frontend\"]\n"),
    )?;
    let tar = folder.path().join("image.tar");
    Build::new(&context).reference().oci(&tar).run_ok(engine)?;
    engine.push_oci_tar(&tar, name)?;
    Ok(Packed {
        program: program.to_owned(),
        to_pull: OciImage::open(&tar)?.compressed_size(),
    })
}
