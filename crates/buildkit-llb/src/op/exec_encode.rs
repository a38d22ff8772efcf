//! How an exec goes over the wire.

use crate::marshal::{EMPTY, Encoder, SKIP_OUTPUT};
use crate::op::exec::Slot;
use crate::{CacheSharing, ContentCache, ExecOp, Mount, MountKind, NetworkMode, SecurityMode, caps, proto};

/// What Linux programs find their programs with when the image says nothing.
pub const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

impl ExecOp {
    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> proto::ExecOp {
        self.add_caps(encoder);
        let meta = self.encode_meta(encoder);
        let mut mounts = self.encode_mounts(encoder);
        mounts.extend(self.encode_secrets());
        mounts.extend(self.encode_ssh());
        proto::ExecOp {
            meta: Some(meta),
            mounts,
            network: match self.network {
                NetworkMode::Sandbox => proto::NetMode::Unset,
                NetworkMode::Host => proto::NetMode::Host,
                NetworkMode::None => proto::NetMode::None,
            }
            .into(),
            security: match self.security {
                SecurityMode::Sandbox => proto::SecurityMode::Sandbox,
                SecurityMode::Insecure => proto::SecurityMode::Insecure,
            }
            .into(),
            secretenv: self
                .secret_env
                .iter()
                .map(|secret| proto::SecretEnv {
                    id: secret.id.clone(),
                    name: secret.name.clone(),
                    optional: secret.optional,
                })
                .collect(),
            cdi_devices: self
                .devices
                .iter()
                .map(|device| proto::CdiDevice {
                    name: device.name.clone(),
                    optional: device.optional,
                })
                .collect(),
        }
    }

    fn add_caps(&self, encoder: &mut Encoder<'_>) {
        let mut need = |condition: bool, cap| {
            if condition {
                encoder.cap(cap);
            }
        };
        need(true, caps::EXEC_META_BASE);
        need(!self.valid_exit_codes.is_empty(), caps::EXEC_VALID_EXIT_CODE);
        need(!self.ulimits.is_empty(), caps::EXEC_META_ULIMIT);
        need(self.network != NetworkMode::Sandbox, caps::EXEC_META_NETWORK);
        need(self.security == SecurityMode::Insecure, caps::EXEC_META_SECURITY);
        need(self.proxy.is_some(), caps::EXEC_META_PROXY);
        need(
            !self.secrets.is_empty() || !self.secret_env.is_empty(),
            caps::EXEC_MOUNT_SECRET,
        );
        need(!self.secret_env.is_empty(), caps::EXEC_SECRET_ENV);
        need(!self.ssh.is_empty(), caps::EXEC_MOUNT_SSH);
        need(!self.devices.is_empty(), caps::EXEC_META_CDI);
        need(self.root.is_some(), caps::EXEC_MOUNT_BIND);
        for mount in &self.mounts {
            need(!mount.selector.is_empty(), caps::EXEC_MOUNT_SELECTOR);
            need(
                mount.content_cache != ContentCache::Default,
                caps::EXEC_MOUNT_CONTENT_CACHE,
            );
            match mount.kind {
                MountKind::Cache { .. } => {
                    need(true, caps::EXEC_MOUNT_CACHE);
                    need(true, caps::EXEC_MOUNT_CACHE_SHARING);
                }
                MountKind::Tmpfs { size } => {
                    need(true, caps::EXEC_MOUNT_TMPFS);
                    need(size > 0, caps::EXEC_MOUNT_TMPFS_SIZE);
                }
                MountKind::Bind { .. } => need(mount.source.is_some(), caps::EXEC_MOUNT_BIND),
            }
        }
    }

    fn encode_meta(&self, encoder: &mut Encoder<'_>) -> proto::Meta {
        proto::Meta {
            args: self.args.clone(),
            env: self.encode_env(encoder),
            cwd: self.cwd.clone(),
            user: self.user.clone(),
            proxy_env: self.proxy.as_ref().map(|proxy| proto::ProxyEnv {
                http_proxy: proxy.http_proxy.clone(),
                https_proxy: proxy.https_proxy.clone(),
                ftp_proxy: proxy.ftp_proxy.clone(),
                no_proxy: proxy.no_proxy.clone(),
                all_proxy: proxy.all_proxy.clone(),
            }),
            extra_hosts: self
                .extra_hosts
                .iter()
                .map(|extra| proto::HostIp {
                    host: extra.host.clone(),
                    // Go writes an IPv4 address in IPv6 clothes as IPv4.
                    ip: extra.ip.to_canonical().to_string(),
                })
                .collect(),
            hostname: self.hostname.clone(),
            ulimit: self
                .ulimits
                .iter()
                .map(|limit| proto::Ulimit {
                    name: limit.name.clone(),
                    soft: limit.soft,
                    hard: limit.hard,
                })
                .collect(),
            cgroup_parent: self.cgroup_parent.clone(),
            // Always set by the reference client, and never listed as a capability.
            remove_mount_stubs_recursive: true,
            valid_exit_codes: self.valid_exit_codes.clone(),
        }
    }

    /// The environment, and what the op itself adds to it: the
    /// SSH socket, and the default PATH for daemons that don't set it themselves.
    fn encode_env(&self, encoder: &mut Encoder<'_>) -> Vec<String> {
        let mut env = self.env.to_vec();
        let has = |env: &[String], key: &str| env.iter().any(|entry| key_of(entry) == key);
        if !self.ssh.is_empty() && !has(&env, "SSH_AUTH_SOCK") {
            env.push(format!("SSH_AUTH_SOCK={}", self.ssh_dest(0)));
        }
        if encoder.daemon_sets_path() == Some(true) {
            encoder.cap(caps::EXEC_META_SETS_DEFAULT_PATH);
        } else if encoder.daemon_sets_path() == Some(false) && !encoder.is_windows() && !has(&env, "PATH") {
            env.push(format!("PATH={DEFAULT_PATH}"));
        }
        env
    }

    fn encode_mounts(&self, encoder: &mut Encoder<'_>) -> Vec<proto::Mount> {
        let mut next_output = 0;
        let mut mounts = Vec::with_capacity(self.mounts.len() + 1);
        for slot in self.slots() {
            let mut message = match slot {
                Slot::Root => proto::Mount {
                    dest: slot.dest().to_owned(),
                    readonly: self.root_readonly,
                    ..Default::default()
                },
                Slot::Mount(_, mount) => encode_mount(mount),
            };
            message.input = slot.source(self).map_or(EMPTY, |source| encoder.input(source));
            let is_output = match slot {
                Slot::Root => !self.root_readonly,
                Slot::Mount(_, mount) => mount.is_output(),
            };
            if is_output {
                message.output = next_output;
                next_output += 1;
            } else {
                message.output = SKIP_OUTPUT;
            }
            mounts.push(message);
        }
        mounts
    }

    fn encode_secrets(&self) -> impl Iterator<Item = proto::Mount> {
        self.secrets.iter().map(|secret| proto::Mount {
            input: EMPTY,
            dest: secret.dest.clone(),
            mount_type: proto::MountType::Secret.into(),
            secret_opt: Some(proto::SecretOpt {
                id: secret.id.clone(),
                uid: secret.uid,
                gid: secret.gid,
                mode: secret.mode,
                optional: secret.optional,
            }),
            ..Default::default()
        })
    }

    fn encode_ssh(&self) -> impl Iterator<Item = proto::Mount> {
        self.ssh.iter().enumerate().map(|(index, ssh)| proto::Mount {
            input: EMPTY,
            dest: self.ssh_dest(index),
            mount_type: proto::MountType::Ssh.into(),
            ssh_opt: Some(proto::SshOpt {
                id: ssh.id.clone(),
                uid: ssh.uid,
                gid: ssh.gid,
                mode: ssh.mode,
                optional: ssh.optional,
            }),
            ..Default::default()
        })
    }

    fn ssh_dest(&self, index: usize) -> String {
        self.ssh
            .get(index)
            .and_then(|ssh| ssh.dest.clone())
            .filter(|dest| !dest.is_empty())
            .unwrap_or_else(|| format!("/run/buildkit/ssh_agent.{index}"))
    }
}

fn encode_mount(mount: &Mount) -> proto::Mount {
    let mut message = proto::Mount {
        selector: mount.selector.clone(),
        dest: mount.dest.clone(),
        readonly: mount.readonly,
        content_cache: match mount.content_cache {
            ContentCache::Default => proto::MountContentCache::Default,
            ContentCache::On => proto::MountContentCache::On,
            ContentCache::Off => proto::MountContentCache::Off,
        }
        .into(),
        ..Default::default()
    };
    match &mount.kind {
        MountKind::Bind { .. } => {}
        MountKind::Cache { id, sharing } => {
            message.mount_type = proto::MountType::Cache.into();
            message.cache_opt = Some(proto::CacheOpt {
                id: id.clone(),
                sharing: match sharing {
                    CacheSharing::Shared => proto::CacheSharingOpt::Shared,
                    CacheSharing::Private => proto::CacheSharingOpt::Private,
                    CacheSharing::Locked => proto::CacheSharingOpt::Locked,
                }
                .into(),
            });
        }
        MountKind::Tmpfs { size } => {
            message.mount_type = proto::MountType::Tmpfs.into();
            message.tmpfs_opt = Some(proto::TmpfsOpt { size: *size });
        }
    }
    message
}

fn key_of(entry: &str) -> &str {
    entry.split_once('=').map_or(entry, |(key, _)| key)
}
