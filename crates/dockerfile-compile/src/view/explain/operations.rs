//! What an operation says of itself.

use llb_graph::proto::file_action::Action;
use llb_graph::proto::op::Op;
use llb_graph::proto::{self, ExecOp, FileOp, MountType};
use llb_graph::{Digest, digest, own_key};

use super::Borrowed;

/// How much of a digest tells two values apart and tells nothing else.
const SHORT: std::ops::Range<usize> = 7..15;

/// An operation without its bytes.
pub(super) struct Operation {
    pub(super) own: Digest,
    /// By their places in the op.
    pub(super) inputs: Vec<Option<Digest>>,
    pub(super) parts: Vec<(String, String)>,
    /// `docker-image://…` and the like.
    pub(super) source: Option<String>,
    pub(super) reads: Vec<InputRead>,
    pub(super) caches: Vec<Borrowed>,
    pub(super) secrets: Vec<Borrowed>,
    pub(super) ssh: Vec<Borrowed>,
}

/// A read of one of its inputs.
pub(super) struct InputRead {
    pub(super) input: usize,
    pub(super) mount: bool,
    pub(super) path: String,
    pub(super) include: Vec<String>,
    pub(super) exclude: Vec<String>,
}

impl Operation {
    pub(super) fn of(mut op: proto::Op) -> Self {
        let inputs = op.inputs.iter().map(|input| Digest::parse(&input.digest));
        let mut operation = Self {
            own: Digest::default(),
            inputs: inputs.collect(),
            parts: Vec::new(),
            source: None,
            reads: Vec::new(),
            caches: Vec::new(),
            secrets: Vec::new(),
            ssh: Vec::new(),
        };
        if let Some(platform) = &op.platform {
            let parts = [&platform.os, &platform.architecture, &platform.variant];
            let parts = parts.map(String::as_str).join("/");
            operation.part("platform", parts.trim_end_matches('/'));
        }
        match &mut op.op {
            Some(Op::Source(source)) => operation.source = Some(source.identifier.clone()),
            Some(Op::Exec(exec)) => operation.read_exec(exec),
            Some(Op::File(file)) => operation.read_file(file),
            _ => {}
        }
        operation.own = own_key(op);
        operation
    }

    fn part(&mut self, name: &str, value: &str) {
        if !value.is_empty() {
            self.parts.push((name.to_owned(), value.to_owned()));
        }
    }

    fn read_exec(&mut self, exec: &ExecOp) {
        if let Some(meta) = &exec.meta {
            self.part("command", &short_digest(&meta.args.join("\0")));
            self.part("environment", &short_digest(&meta.env.join("\0")));
            self.part("working directory", &meta.cwd);
            self.part("user", &meta.user);
            self.part("hostname", &meta.hostname);
        }
        match exec.network {
            0 => {}
            1 => self.part("network", "host"),
            _ => self.part("network", "none"),
        }
        if exec.security != 0 {
            self.part("security", "insecure");
        }
        for mount in &exec.mounts {
            let input = usize::try_from(mount.input).ok();
            match MountType::try_from(mount.mount_type) {
                Ok(MountType::Cache) => {
                    let cache = mount.cache_opt.as_ref();
                    let id = cache.map(|cache| cache.id.clone()).unwrap_or_default();
                    self.caches.push(borrowed(&id, &mount.dest, true));
                }
                Ok(MountType::Secret) => {
                    if let Some(secret) = &mount.secret_opt {
                        self.secrets
                            .push(borrowed(&secret.id, &mount.dest, secret.optional));
                    }
                }
                Ok(MountType::Ssh) => {
                    if let Some(ssh) = &mount.ssh_opt {
                        let id = if ssh.id.is_empty() { "default" } else { &ssh.id };
                        self.ssh.push(borrowed(id, "", ssh.optional));
                    }
                }
                _ => {}
            }
            if let Some(input) = input.filter(|_| mount.dest != "/") {
                let path = if mount.selector.is_empty() {
                    "/"
                } else {
                    &mount.selector
                };
                self.reads.push(InputRead {
                    input,
                    mount: true,
                    path: path.to_owned(),
                    include: Vec::new(),
                    exclude: Vec::new(),
                });
            }
        }
        for secret in &exec.secretenv {
            let target = format!("${}", secret.name);
            self.secrets.push(borrowed(&secret.id, &target, secret.optional));
        }
    }

    fn read_file(&mut self, file: &FileOp) {
        for action in &file.actions {
            match &action.action {
                Some(Action::Copy(copy)) => {
                    self.part("destination", &copy.dest);
                    self.part("mode", &copy.mode_str);
                    if copy.mode > 0 {
                        self.part("mode", &format!("{:o}", copy.mode));
                    }
                    let input = usize::try_from(action.secondary_input);
                    if let Ok(input) = input
                        && input < self.inputs.len()
                    {
                        self.reads.push(InputRead {
                            input,
                            mount: false,
                            path: copy.src.clone(),
                            include: copy.include_patterns.clone(),
                            exclude: copy.exclude_patterns.clone(),
                        });
                    }
                }
                Some(Action::Mkdir(mkdir)) => self.part("folder", &mkdir.path),
                Some(Action::Mkfile(file)) => {
                    let data = digest(&file.data);
                    self.part("heredoc", data.get(SHORT).unwrap_or_default());
                }
                _ => {}
            }
        }
        self.parts.dedup();
    }
}

fn borrowed(id: &str, target: &str, optional: bool) -> Borrowed {
    Borrowed {
        id: id.to_owned(),
        target: target.to_owned(),
        required: !optional,
    }
}

/// Enough of a digest to tell values apart, and too little to find a password by trying many.
pub(super) fn short_digest(value: &str) -> String {
    let digest = digest(value.as_bytes());
    digest.get(SHORT).unwrap_or_default().to_owned()
}
