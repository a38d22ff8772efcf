//! Wire messages as trees of named fields, which JSON and text are printed from.
//!
//! As in protobuf's own JSON, a field that has its zero is left out, unless its
//! presence says something; fields are in the order of `ops.proto`.

use crate::proto;

/// A value of a message.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Node {
    Flag(bool),
    /// A number that JSON has as a number.
    Short(i128),
    /// A number of 64 bits, which protobuf's JSON has as a string.
    Long(String),
    Text(String),
    Bytes(Vec<u8>),
    List(Vec<Node>),
    Map(Fields),
}

/// Fields by name, in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Fields(pub(crate) Vec<(String, Node)>);

impl Fields {
    pub(crate) fn with(mut self, name: &str, node: Node) -> Self {
        self.0.push((name.to_owned(), node));
        self
    }

    pub(crate) fn flag(self, name: &str, value: bool) -> Self {
        if value {
            self.with(name, Node::Flag(true))
        } else {
            self
        }
    }

    pub(crate) fn text(self, name: &str, value: &str) -> Self {
        if value.is_empty() {
            self
        } else {
            self.with(name, Node::Text(value.to_owned()))
        }
    }

    pub(crate) fn short(self, name: &str, value: impl Into<i128>) -> Self {
        match value.into() {
            0 => self,
            value => self.with(name, Node::Short(value)),
        }
    }

    pub(crate) fn long(self, name: &str, value: i64) -> Self {
        match value {
            0 => self,
            value => self.with(name, Node::Long(value.to_string())),
        }
    }

    pub(crate) fn unsigned(self, name: &str, value: u64) -> Self {
        match value {
            0 => self,
            value => self.with(name, Node::Long(value.to_string())),
        }
    }

    fn bytes(self, name: &str, value: &[u8]) -> Self {
        if value.is_empty() {
            self
        } else {
            self.with(name, Node::Bytes(value.to_vec()))
        }
    }

    pub(crate) fn texts(self, name: &str, values: &[String]) -> Self {
        self.list(name, values, |value| Node::Text(value.clone()))
    }

    pub(crate) fn list<T>(self, name: &str, values: &[T], node: impl Fn(&T) -> Node) -> Self {
        if values.is_empty() {
            self
        } else {
            self.with(name, Node::List(values.iter().map(node).collect()))
        }
    }

    fn message<T>(self, name: &str, value: Option<&T>, fields: impl Fn(&T) -> Fields) -> Self {
        match value {
            Some(value) => self.with(name, Node::Map(fields(value))),
            None => self,
        }
    }

    fn messages<T>(self, name: &str, values: &[T], fields: impl Fn(&T) -> Fields) -> Self {
        self.list(name, values, |value| Node::Map(fields(value)))
    }

    /// An enumeration by its name; a number that has none stays one.
    fn choice<E: TryFrom<i32>>(self, name: &str, value: i32, label: fn(&E) -> &'static str) -> Self {
        match E::try_from(value) {
            _ if value == 0 => self,
            Ok(known) => self.text(name, label(&known)),
            Err(_) => self.short(name, value),
        }
    }

    /// By key.
    pub(crate) fn sorted(mut fields: Vec<(String, Node)>) -> Self {
        fields.sort_by(|a, b| a.0.cmp(&b.0));
        Self(fields)
    }

    /// A map, by key.
    fn entries<T>(self, name: &str, entries: &[T], entry: impl Fn(&T) -> (Option<&String>, Node)) -> Self {
        if entries.is_empty() {
            return self;
        }
        let fields: Vec<(String, Node)> = entries
            .iter()
            .map(|from| {
                let (key, value) = entry(from);
                (key.cloned().unwrap_or_default(), value)
            })
            .collect();
        self.with(name, Node::Map(Fields::sorted(fields)))
    }

    fn strings(self, name: &str, entries: &[proto::StringEntry]) -> Self {
        self.entries(name, entries, |entry| {
            let value = entry.value.clone().unwrap_or_default();
            (entry.key.as_ref(), Node::Text(value))
        })
    }
}

/// A whole op.
pub(crate) fn op(op: &proto::Op) -> Fields {
    let fields = Fields::default().messages("inputs", &op.inputs, |input| {
        Fields::default()
            .text("digest", &input.digest)
            .long("index", input.index)
    });
    let fields = match &op.op {
        Some(kind) => {
            let (name, inner) = kind_of(kind);
            fields.with(name, Node::Map(inner))
        }
        None => fields,
    };
    fields
        .message("platform", op.platform.as_ref(), platform)
        .message("constraints", op.constraints.as_ref(), constraints)
}

pub(crate) fn platform(platform: &proto::Platform) -> Fields {
    Fields::default()
        .text("Architecture", &platform.architecture)
        .text("OS", &platform.os)
        .text("Variant", &platform.variant)
        .text("OSVersion", &platform.os_version)
        .texts("OSFeatures", &platform.os_features)
}

pub(crate) fn constraints(constraints: &proto::WorkerConstraints) -> Fields {
    Fields::default().texts("filter", &constraints.filter)
}

/// What an op does: the name of its kind, and its fields.
pub(crate) fn kind_of(kind: &proto::op::Op) -> (&'static str, Fields) {
    let input_only = |input: i64| Fields::default().long("input", input);
    match kind {
        proto::op::Op::Exec(op) => ("exec", exec(op)),
        proto::op::Op::Source(op) => (
            "source",
            Fields::default()
                .text("identifier", &op.identifier)
                .strings("attrs", &op.attrs),
        ),
        proto::op::Op::File(op) => (
            "file",
            Fields::default().messages("actions", &op.actions, file_action),
        ),
        proto::op::Op::Build(op) => ("build", build(op)),
        proto::op::Op::Merge(op) => (
            "merge",
            Fields::default().messages("inputs", &op.inputs, |input| input_only(input.input)),
        ),
        proto::op::Op::Diff(op) => (
            "diff",
            Fields::default()
                .message("lower", op.lower.as_ref(), |side| input_only(side.input))
                .message("upper", op.upper.as_ref(), |side| input_only(side.input)),
        ),
        proto::op::Op::Passthrough(op) => (
            "passthrough",
            Fields::default()
                .text("id", &op.id)
                .list("outputs", &op.outputs, |output| Node::Long(output.to_string())),
        ),
    }
}

fn exec(op: &proto::ExecOp) -> Fields {
    Fields::default()
        .message("meta", op.meta.as_ref(), exec_meta)
        .messages("mounts", &op.mounts, mount)
        .choice("network", op.network, proto::NetMode::as_str_name)
        .choice("security", op.security, proto::SecurityMode::as_str_name)
        .messages("secretenv", &op.secretenv, |secret| {
            Fields::default()
                .text("ID", &secret.id)
                .text("name", &secret.name)
                .flag("optional", secret.optional)
        })
        .messages("cdiDevices", &op.cdi_devices, |device| {
            Fields::default()
                .text("name", &device.name)
                .flag("optional", device.optional)
        })
}

fn exec_meta(meta: &proto::Meta) -> Fields {
    Fields::default()
        .texts("args", &meta.args)
        .texts("env", &meta.env)
        .text("cwd", &meta.cwd)
        .text("user", &meta.user)
        .message("proxyEnv", meta.proxy_env.as_ref(), |proxy| {
            Fields::default()
                .text("httpProxy", &proxy.http_proxy)
                .text("httpsProxy", &proxy.https_proxy)
                .text("ftpProxy", &proxy.ftp_proxy)
                .text("noProxy", &proxy.no_proxy)
                .text("allProxy", &proxy.all_proxy)
        })
        .messages("extraHosts", &meta.extra_hosts, |extra| {
            Fields::default().text("Host", &extra.host).text("IP", &extra.ip)
        })
        .text("hostname", &meta.hostname)
        .messages("ulimit", &meta.ulimit, |limit| {
            Fields::default()
                .text("Name", &limit.name)
                .long("Soft", limit.soft)
                .long("Hard", limit.hard)
        })
        .text("cgroupParent", &meta.cgroup_parent)
        .flag("removeMountStubsRecursive", meta.remove_mount_stubs_recursive)
        .list("validExitCodes", &meta.valid_exit_codes, |code| {
            Node::Short(i128::from(*code))
        })
}

fn mount(mount: &proto::Mount) -> Fields {
    let owned = |id: &str, owner: (u32, u32), mode: u32, optional: bool| {
        Fields::default()
            .text("ID", id)
            .short("uid", owner.0)
            .short("gid", owner.1)
            .short("mode", mode)
            .flag("optional", optional)
    };
    Fields::default()
        .long("input", mount.input)
        .text("selector", &mount.selector)
        .text("dest", &mount.dest)
        .long("output", mount.output)
        .flag("readonly", mount.readonly)
        .choice("mountType", mount.mount_type, proto::MountType::as_str_name)
        .message("TmpfsOpt", mount.tmpfs_opt.as_ref(), |opt| {
            Fields::default().long("size", opt.size)
        })
        .message("cacheOpt", mount.cache_opt.as_ref(), |opt| {
            Fields::default().text("ID", &opt.id).choice(
                "sharing",
                opt.sharing,
                proto::CacheSharingOpt::as_str_name,
            )
        })
        .message("secretOpt", mount.secret_opt.as_ref(), |opt| {
            owned(&opt.id, (opt.uid, opt.gid), opt.mode, opt.optional)
        })
        .message("SSHOpt", mount.ssh_opt.as_ref(), |opt| {
            owned(&opt.id, (opt.uid, opt.gid), opt.mode, opt.optional)
        })
        .text("resultID", &mount.result_id)
        .choice(
            "contentCache",
            mount.content_cache,
            proto::MountContentCache::as_str_name,
        )
}

fn build(op: &proto::BuildOp) -> Fields {
    Fields::default()
        .long("builder", op.builder)
        .entries("inputs", &op.inputs, |entry| {
            let input = entry.value.as_ref().map_or(0, |input| input.input);
            let fields = Fields::default().long("input", input);
            (entry.key.as_ref(), Node::Map(fields))
        })
        .message("def", op.def.as_ref(), definition)
        .strings("attrs", &op.attrs)
}

fn file_action(action: &proto::FileAction) -> Fields {
    let fields = Fields::default()
        .long("input", action.input)
        .long("secondaryInput", action.secondary_input)
        .long("output", action.output);
    match &action.action {
        None => fields,
        Some(proto::file_action::Action::Copy(copy)) => fields.with("copy", Node::Map(file_copy(copy))),
        Some(proto::file_action::Action::Mkfile(file)) => {
            let inner = Fields::default()
                .text("path", &file.path)
                .short("mode", file.mode)
                .bytes("data", &file.data);
            fields.with("mkfile", made(inner, file.owner.as_ref(), file.timestamp))
        }
        Some(proto::file_action::Action::Mkdir(dir)) => {
            let inner = Fields::default()
                .text("path", &dir.path)
                .short("mode", dir.mode)
                .flag("makeParents", dir.make_parents);
            fields.with("mkdir", made(inner, dir.owner.as_ref(), dir.timestamp))
        }
        Some(proto::file_action::Action::Rm(rm)) => {
            let inner = Fields::default()
                .text("path", &rm.path)
                .flag("allowNotFound", rm.allow_not_found)
                .flag("allowWildcard", rm.allow_wildcard);
            fields.with("rm", Node::Map(inner))
        }
        Some(proto::file_action::Action::Symlink(link)) => {
            let inner = Fields::default()
                .text("oldpath", &link.oldpath)
                .text("newpath", &link.newpath);
            fields.with("symlink", made(inner, link.owner.as_ref(), link.timestamp))
        }
    }
}

/// The fields that all actions end with that make something.
fn made(fields: Fields, owner: Option<&proto::ChownOpt>, timestamp: i64) -> Node {
    let fields = fields.message("owner", owner, chown);
    Node::Map(fields.long("timestamp", timestamp))
}

fn file_copy(copy: &proto::FileActionCopy) -> Fields {
    Fields::default()
        .text("src", &copy.src)
        .text("dest", &copy.dest)
        .message("owner", copy.owner.as_ref(), chown)
        .short("mode", copy.mode)
        .flag("followSymlink", copy.follow_symlink)
        .flag("dirCopyContents", copy.dir_copy_contents)
        .flag(
            "attemptUnpackDockerCompatibility",
            copy.attempt_unpack_docker_compatibility,
        )
        .flag("createDestPath", copy.create_dest_path)
        .flag("allowWildcard", copy.allow_wildcard)
        .flag("allowEmptyWildcard", copy.allow_empty_wildcard)
        .long("timestamp", copy.timestamp)
        .texts("includePatterns", &copy.include_patterns)
        .texts("excludePatterns", &copy.exclude_patterns)
        .flag(
            "alwaysReplaceExistingDestPaths",
            copy.always_replace_existing_dest_paths,
        )
        .text("modeStr", &copy.mode_str)
        .texts("requiredPaths", &copy.required_paths)
}

fn chown(owner: &proto::ChownOpt) -> Fields {
    let user = |user: &proto::UserOpt| match &user.user {
        None => Fields::default(),
        // Zero is root here, not nothing.
        Some(proto::user_opt::User::ById(id)) => Fields::default().with("byID", Node::Short(i128::from(*id))),
        Some(proto::user_opt::User::ByName(name)) => Fields::default().with(
            "byName",
            Node::Map(
                Fields::default()
                    .text("name", &name.name)
                    .long("input", name.input),
            ),
        ),
    };
    Fields::default()
        .message("user", owner.user.as_ref(), user)
        .message("group", owner.group.as_ref(), user)
}

fn definition(definition: &proto::Definition) -> Fields {
    Fields::default()
        .list("def", &definition.def, |op| Node::Bytes(op.clone()))
        .entries("metadata", &definition.metadata, |entry| {
            let metadata = entry.value.clone().unwrap_or_default();
            (entry.key.as_ref(), Node::Map(op_metadata(&metadata)))
        })
        .message("Source", definition.source.as_ref(), source)
}

fn op_metadata(metadata: &proto::OpMetadata) -> Fields {
    Fields::default()
        .flag("ignoreCache", metadata.ignore_cache)
        .strings("description", &metadata.description)
        .message("exportCache", metadata.export_cache.as_ref(), |export| {
            Fields::default().flag("Value", export.value)
        })
        .entries("caps", &metadata.caps, |entry| {
            (entry.key.as_ref(), Node::Flag(entry.value.unwrap_or_default()))
        })
        .message("progressGroup", metadata.progress_group.as_ref(), |group| {
            Fields::default()
                .text("id", &group.id)
                .text("name", &group.name)
                .flag("weak", group.weak)
        })
        .message("linuxResources", metadata.linux_resources.as_ref(), |limits| {
            Fields::default()
                .long("memory", limits.memory)
                .long("memorySwap", limits.memory_swap)
                .unsigned("cpuShares", limits.cpu_shares)
                .unsigned("cpuPeriod", limits.cpu_period)
                .long("cpuQuota", limits.cpu_quota)
                .text("cpusetCpus", &limits.cpuset_cpus)
                .text("cpusetMems", &limits.cpuset_mems)
        })
}

/// Files and places.
pub(crate) fn source(source: &proto::Source) -> Fields {
    let position = |position: &proto::Position| {
        Fields::default()
            .short("line", position.line)
            .short("character", position.character)
    };
    let location = |location: &proto::Location| {
        Fields::default()
            .short("sourceIndex", location.source_index)
            .messages("ranges", &location.ranges, |range| {
                Fields::default()
                    .message("start", range.start.as_ref(), position)
                    .message("end", range.end.as_ref(), position)
            })
    };
    Fields::default()
        .entries("locations", &source.locations, |entry| {
            let locations = entry.value.clone().unwrap_or_default().locations;
            let fields = Fields::default().messages("locations", &locations, location);
            (entry.key.as_ref(), Node::Map(fields))
        })
        .messages("infos", &source.infos, |info| {
            Fields::default()
                .text("filename", &info.filename)
                .bytes("data", &info.data)
                .message("definition", info.definition.as_ref(), definition)
                .text("language", &info.language)
        })
}
