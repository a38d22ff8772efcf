//! The engine harness: installs, starts and stops what Plimsoll is tried on for real.
//!
//! One library serves `make demo`, the tests and the benchmarks. [`Parts`] installs the programs, [`Engine`] runs a
//! BuildKit daemon and a registry with base images, [`Build`] builds with them, [`OciImage`] and [`Process`] look at and
//! run what came out. [`SshServer`] and [`Dockerd`] are the friends that some examples need. Whatever is started here is
//! stopped when its value is dropped, and also when this process dies in any other way (see [`supervise`]).

pub mod apt;
pub mod base;
pub mod build;
pub mod cache;
pub mod docker;
pub mod docker_host;
pub mod docker_root;
pub mod engine;
pub mod frontend_image;
pub mod golang;
pub mod layer;
pub mod name;
pub mod oci;
pub mod older;
pub mod parts;
pub mod program;
pub mod progress;
pub mod record;
pub mod registry;
pub mod release;
pub mod rootfs;
pub mod ssh;
pub mod supervise;
pub mod web;

pub use build::{Build, Built, Output};
pub use docker::Dockerd;
pub use engine::{Engine, EngineOptions};
pub use layer::{ImageConfig, ImageSpec, Layer};
pub use name::Reference;
pub use oci::OciImage;
pub use parts::Parts;
pub use progress::{Lines, Progress, Silent};
pub use record::{Record, Vertex};
pub use registry::Registry;
pub use rootfs::{Finished, Process};
pub use ssh::{SshServer, ssh_key};
pub use web::WebServer;

/// The name under which the tests and the demo publish Plimsoll's image; examples name it in their `# syntax=` line.
///
/// Nobody can register a name below `.example` (RFC 2606), so nobody can put an image there for those who build an example as
/// it is. The registry of the harness serves it as a mirror of that name's registry, so nothing leaves this machine.
pub const FRONTEND: &str = "registry.example/plimsoll:1";
