//! A build made of bytes: a Dockerfile, what is asked for, and what the daemon answers.

use std::collections::BTreeMap;
use std::sync::Arc;

use dockerfile_compile::{
    Answer, BuildOptions, Failure, IgnoreAnswer, ImageAnswer, ImageRequest, MainContext, Need, NoCache,
    PairsAnswer, SourceFile,
};
use llb_graph::{
    CapSet, Definition, Graph, ImageOptions, MarshalOptions, NetworkMode, Op, Platform, SourceOp, Vertex,
};

use crate::fields::{Fields, Switches};
use crate::tokens;

/// A build.
pub(crate) struct World {
    pub(crate) dockerfile: Vec<u8>,
    pub(crate) options: BuildOptions,
    ignore: Vec<u8>,
    config: Vec<u8>,
    redirect: bool,
    fails: bool,
    date: Option<i64>,
}

impl World {
    /// The build of an input: the Dockerfile, switches, an ignore file, the config of every image, and build arguments
    /// and contexts such as `A=b`. With the first switch on, the Dockerfile is spelled in words.
    pub(crate) fn new(data: &[u8]) -> Self {
        let mut fields = Fields::new(data);
        let dockerfile = fields.bytes();
        let mut switches = fields.switches();
        let dockerfile = match switches.flag() {
            true => tokens::spell(dockerfile),
            false => dockerfile.to_vec(),
        };
        let mut options = options(&dockerfile, &mut switches);
        let redirect = switches.below(16) == 1;
        let fails = switches.below(16) == 1;
        let date = switches.pick(&[None, Some(0), Some(-1), Some(1_700_000_000), Some(i64::MAX)]);
        let ignore = fields.bytes().to_vec();
        let config = fields.bytes().to_vec();
        options.build_args = pairs(&fields.text());
        options.named_contexts = pairs(&fields.text());
        Self {
            dockerfile,
            options,
            ignore,
            config,
            redirect,
            fails,
            date,
        }
    }

    /// A build on an image with this config.
    pub(crate) fn on_image(dockerfile: &[u8], config: &[u8]) -> Self {
        let mut world = Self::new(dockerfile);
        world.config = config.to_vec();
        world
    }

    /// How many bytes came in: the file, and what each need was answered with.
    pub(crate) fn size(&self, needs: usize) -> usize {
        let options = [&self.options.build_args, &self.options.named_contexts];
        let pairs = options.iter().flat_map(|pairs| pairs.iter());
        let options: usize = pairs.map(|(key, value)| key.len() + value.len()).sum();
        self.dockerfile.len() + options + (needs + 1) * (self.ignore.len() + self.config.len())
    }

    pub(crate) fn answer(&self, need: &Need) -> Answer {
        if self.fails {
            return Answer::Failed(Failure {
                message: "not today".to_owned(),
                ticket: 0,
            });
        }
        match need {
            Need::Image(request) => Answer::Image(Arc::new(self.image(request))),
            Need::ContextIgnore | Need::LocalIgnore(_) => Answer::Ignore(Arc::new(IgnoreAnswer {
                filename: ".dockerignore".to_owned(),
                data: self.ignore.clone(),
            })),
            Need::Input(name) => Answer::Input(name.len().is_multiple_of(2).then(input)),
            // The ignore file is as good as any.
            Need::ContextFile(path) => Answer::File(Arc::new(match path.len() % 4 {
                0 => PairsAnswer::Missing,
                1 => PairsAnswer::Unknown,
                _ => PairsAnswer::Found(self.ignore.clone()),
            })),
            Need::StageFile(_) => Answer::File(Arc::new(PairsAnswer::Found(self.ignore.clone()))),
            Need::SourceTime(_) => Answer::SourceTime(self.date),
            Need::Pin(_) => Answer::Pin(Err("nothing was looked up".to_owned())),
        }
    }

    fn image(&self, request: &ImageRequest) -> ImageAnswer {
        if self.redirect {
            return ImageAnswer::Redirected("docker-image://docker.io/library/other:latest".to_owned());
        }
        let platform = request
            .platform
            .clone()
            .unwrap_or_else(|| Platform::new("linux", "amd64"));
        let config = match self.config.is_empty() {
            false => self.config.clone(),
            true => format!(
                r#"{{"architecture":"{}","os":"{}","config":{{"Env":["PATH=/bin"]}},"rootfs":{{"type":"layers","diff_ids":["sha256:{}"]}}}}"#,
                platform.architecture,
                platform.os,
                "0".repeat(64)
            )
            .into_bytes(),
        };
        ImageAnswer::Found {
            reference: request.reference.clone(),
            digest: format!("sha256:{}", "1".repeat(64)),
            config,
        }
    }
}

fn pairs(text: &str) -> BTreeMap<String, String> {
    let pairs = text.lines().filter(|line| !line.is_empty());
    pairs
        .map(|line| line.split_once('=').unwrap_or((line, "")))
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

/// A graph of one image.
fn input() -> Arc<Definition> {
    let mut graph = Graph::new();
    let image = SourceOp::image_unchecked("docker.io/library/input:latest", &ImageOptions::default());
    let output = graph
        .add(Vertex::new(Op::Source(image)))
        .map(|id| id.first_output());
    let options = MarshalOptions::new(Platform::new("linux", "amd64"));
    let definition = output.and_then(|output| graph.marshal(Some(output), &options));
    Arc::new(definition.unwrap_or_default().decode().unwrap_or_default())
}

fn options(dockerfile: &[u8], switches: &mut Switches<'_>) -> BuildOptions {
    let linux = |architecture: &str| Platform::new("linux", architecture);
    BuildOptions {
        target: switches.pick(&[
            None,
            Some("one".to_owned()),
            Some("0".to_owned()),
            Some("none".to_owned()),
        ]),
        target_platform: switches.pick(&[
            Some(linux("amd64")),
            None,
            Some(linux("arm").with_variant("v7")),
            Some(Platform::new("windows", "amd64")),
        ]),
        scan_platform: switches.pick(&[None, Some(linux("arm64"))]),
        multi_platform: switches.flag(),
        no_cache: switches.pick(&[
            NoCache::Off,
            NoCache::All,
            NoCache::Stages(vec!["one".to_owned()]),
        ]),
        all_stages: switches.flag(),
        caps: match switches.flag() {
            true => CapSet::frozen_llb(),
            false => CapSet::all_llb(),
        },
        check: switches.pick(&[
            None,
            Some("skip=all".to_owned()),
            Some("error=true;experimental=all".to_owned()),
        ]),
        main_context: match switches.flag() {
            true => MainContext::Remote {
                definition: input(),
                has_source: switches.flag(),
            },
            false => MainContext::Local {
                name: "context".to_owned(),
            },
        },
        network: switches
            .pick(&[NetworkMode::Sandbox, NetworkMode::Host, NetworkMode::None].map(Mode))
            .0,
        session_id: switches.pick(&["session".to_owned(), String::new()]),
        // The last switch, so that inputs that were found before mean what they meant.
        is_question: switches.flag(),
        labels: BTreeMap::from([("label".to_owned(), "value".to_owned())]),
        build_platforms: vec![linux("amd64")],
        unique_id: "unique".to_owned(),
        ..BuildOptions::new(SourceFile::new("Dockerfile", dockerfile.to_vec()))
    }
}

/// A network with a default.
#[derive(Clone, Copy)]
struct Mode(NetworkMode);

impl Default for Mode {
    fn default() -> Self {
        Self(NetworkMode::Sandbox)
    }
}
