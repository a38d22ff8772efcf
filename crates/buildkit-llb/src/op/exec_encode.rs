//! How an exec goes over the wire.

use crate::encode::{EMPTY, Encoder, SKIP_OUTPUT};
use crate::op::exec::Slot;
use crate::wire::{self, element, elements, flag, int, message, text};
use crate::{CacheSharing, ContentCache, ExecOp, MountKind, NetworkMode, SecurityMode, caps, proto};

/// What Linux programs find their programs with when the image says nothing.
pub const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The fields of the messages, by name in `ops.proto`.
mod field {
    pub const META: u8 = 1;
    pub const MOUNTS: u8 = 2;
    pub const NETWORK: u8 = 3;
    pub const SECURITY: u8 = 4;
    pub const SECRET_ENV: u8 = 5;
    pub const DEVICES: u8 = 6;

    pub const ARGS: u8 = 1;
    pub const ENV: u8 = 2;
    pub const CWD: u8 = 3;
    pub const USER: u8 = 4;
    pub const PROXY_ENV: u8 = 5;
    pub const EXTRA_HOSTS: u8 = 6;
    pub const HOSTNAME: u8 = 7;
    pub const ULIMIT: u8 = 9;
    pub const CGROUP_PARENT: u8 = 10;
    pub const REMOVE_MOUNT_STUBS_RECURSIVE: u8 = 11;
    pub const VALID_EXIT_CODES: u8 = 12;

    pub const INPUT: u8 = 1;
    pub const SELECTOR: u8 = 2;
    pub const DEST: u8 = 3;
    pub const OUTPUT: u8 = 4;
    pub const READONLY: u8 = 5;
    pub const MOUNT_TYPE: u8 = 6;
    pub const TMPFS_OPT: u8 = 19;
    pub const CACHE_OPT: u8 = 20;
    pub const SECRET_OPT: u8 = 21;
    pub const SSH_OPT: u8 = 22;
    pub const CONTENT_CACHE: u8 = 24;
}

/// Who may use a secret or a socket.
struct Lent<'a> {
    id: &'a str,
    uid: u32,
    gid: u32,
    mode: u32,
    optional: bool,
}

impl ExecOp {
    pub(crate) fn write(&self, out: &mut Vec<u8>, encoder: &mut Encoder<'_>) {
        self.add_caps(encoder);
        message(out, field::META, |out| self.write_meta(out, encoder));
        self.write_mounts(out, encoder);
        let network = match self.network {
            NetworkMode::Sandbox => proto::NetMode::Unset,
            NetworkMode::Host => proto::NetMode::Host,
            NetworkMode::None => proto::NetMode::None,
        };
        int(out, field::NETWORK, network as i64);
        let security = match self.security {
            SecurityMode::Sandbox => proto::SecurityMode::Sandbox,
            SecurityMode::Insecure => proto::SecurityMode::Insecure,
        };
        int(out, field::SECURITY, security as i64);
        for secret in &self.secret_env {
            message(out, field::SECRET_ENV, |out| {
                text(out, 1, &secret.id);
                text(out, 2, &secret.name);
                flag(out, 3, secret.optional);
            });
        }
        for device in &self.devices {
            message(out, field::DEVICES, |out| {
                text(out, 1, &device.name);
                flag(out, 2, device.optional);
            });
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

    fn write_meta(&self, out: &mut Vec<u8>, encoder: &mut Encoder<'_>) {
        elements(out, field::ARGS, self.args.iter().map(|arg| arg.as_bytes()));
        self.write_env(out, encoder);
        text(out, field::CWD, self.cwd.as_bytes());
        text(out, field::USER, &self.user);
        if let Some(proxy) = &self.proxy {
            message(out, field::PROXY_ENV, |out| {
                text(out, 1, &proxy.http_proxy);
                text(out, 2, &proxy.https_proxy);
                text(out, 3, &proxy.ftp_proxy);
                text(out, 4, &proxy.no_proxy);
                text(out, 5, &proxy.all_proxy);
            });
        }
        for extra in &self.extra_hosts {
            message(out, field::EXTRA_HOSTS, |out| {
                text(out, 1, &extra.host);
                // Go writes an IPv4 address in IPv6 clothes as IPv4.
                text(out, 2, extra.ip.to_canonical().to_string());
            });
        }
        text(out, field::HOSTNAME, &self.hostname);
        for limit in &self.ulimits {
            message(out, field::ULIMIT, |out| {
                text(out, 1, &limit.name);
                int(out, 2, limit.soft);
                int(out, 3, limit.hard);
            });
        }
        text(out, field::CGROUP_PARENT, &self.cgroup_parent);
        // Always set by the reference client, and never listed as a capability.
        flag(out, field::REMOVE_MOUNT_STUBS_RECURSIVE, true);
        if !self.valid_exit_codes.is_empty() {
            message(out, field::VALID_EXIT_CODES, |out| {
                for code in &self.valid_exit_codes {
                    wire::varint(out, i64::from(*code).cast_unsigned());
                }
            });
        }
    }

    /// The environment, and what the op itself adds to it: the
    /// SSH socket, and the default PATH for daemons that don't set it themselves.
    fn write_env(&self, out: &mut Vec<u8>, encoder: &mut Encoder<'_>) {
        let has = |key: &str| self.env.iter().any(|entry| key_of(entry) == key);
        elements(out, field::ENV, self.env.iter());
        if !self.ssh.is_empty() && !has("SSH_AUTH_SOCK") {
            element(out, field::ENV, format!("SSH_AUTH_SOCK={}", self.ssh_dest(0)));
        }
        match encoder.daemon_sets_path() {
            Some(true) => encoder.cap(caps::EXEC_META_SETS_DEFAULT_PATH),
            Some(false) if !encoder.is_windows() && !has("PATH") => {
                element(out, field::ENV, format!("PATH={DEFAULT_PATH}"));
            }
            _ => {}
        }
    }

    fn write_mounts(&self, out: &mut Vec<u8>, encoder: &mut Encoder<'_>) {
        let mut next_output = 0;
        for slot in self.slots() {
            let is_output = match slot {
                Slot::Root => !self.root_readonly,
                Slot::Mount(mount) => mount.is_output(),
            };
            let input = slot.source(self).map_or(EMPTY, |source| encoder.input(source));
            message(out, field::MOUNTS, |out| {
                int(out, field::INPUT, input);
                if let Slot::Mount(mount) = slot {
                    text(out, field::SELECTOR, &mount.selector);
                }
                text(out, field::DEST, slot.dest());
                int(
                    out,
                    field::OUTPUT,
                    if is_output { next_output } else { SKIP_OUTPUT },
                );
                match slot {
                    Slot::Root => flag(out, field::READONLY, self.root_readonly),
                    Slot::Mount(mount) => {
                        flag(out, field::READONLY, mount.readonly);
                        write_kind(out, &mount.kind);
                        let content_cache = match mount.content_cache {
                            ContentCache::Default => proto::MountContentCache::Default,
                            ContentCache::On => proto::MountContentCache::On,
                            ContentCache::Off => proto::MountContentCache::Off,
                        };
                        int(out, field::CONTENT_CACHE, content_cache as i64);
                    }
                }
            });
            next_output += i64::from(is_output);
        }
        for secret in &self.secrets {
            let lent = Lent {
                id: &secret.id,
                uid: secret.uid,
                gid: secret.gid,
                mode: secret.mode,
                optional: secret.optional,
            };
            lent.write(out, &secret.dest, (proto::MountType::Secret, field::SECRET_OPT));
        }
        for (index, ssh) in self.ssh.iter().enumerate() {
            let lent = Lent {
                id: &ssh.id,
                uid: ssh.uid,
                gid: ssh.gid,
                mode: ssh.mode,
                optional: ssh.optional,
            };
            let dest = self.ssh_dest(index);
            lent.write(out, &dest, (proto::MountType::Ssh, field::SSH_OPT));
        }
    }

    fn ssh_dest(&self, index: usize) -> String {
        self.ssh
            .get(index)
            .and_then(|ssh| ssh.dest.clone())
            .filter(|dest| !dest.is_empty())
            .unwrap_or_else(|| format!("/run/buildkit/ssh_agent.{index}"))
    }
}

impl Lent<'_> {
    /// Writes the mount, which has no input and no output.
    fn write(&self, out: &mut Vec<u8>, dest: &str, (kind, options): (proto::MountType, u8)) {
        message(out, field::MOUNTS, |out| {
            int(out, field::INPUT, EMPTY);
            text(out, field::DEST, dest);
            int(out, field::MOUNT_TYPE, kind as i64);
            message(out, options, |out| {
                text(out, 1, self.id);
                int(out, 2, self.uid.into());
                int(out, 3, self.gid.into());
                int(out, 4, self.mode.into());
                flag(out, 5, self.optional);
            });
        });
    }
}

/// Writes what kind a mount is, and the options of that kind.
fn write_kind(out: &mut Vec<u8>, kind: &MountKind) {
    match kind {
        MountKind::Bind { .. } => {}
        MountKind::Cache { id, sharing } => {
            int(out, field::MOUNT_TYPE, proto::MountType::Cache as i64);
            message(out, field::CACHE_OPT, |out| {
                let sharing = match sharing {
                    CacheSharing::Shared => proto::CacheSharingOpt::Shared,
                    CacheSharing::Private => proto::CacheSharingOpt::Private,
                    CacheSharing::Locked => proto::CacheSharingOpt::Locked,
                };
                text(out, 1, id);
                int(out, 2, sharing as i64);
            });
        }
        MountKind::Tmpfs { size } => {
            int(out, field::MOUNT_TYPE, proto::MountType::Tmpfs as i64);
            message(out, field::TMPFS_OPT, |out| int(out, 1, *size));
        }
    }
}

fn key_of(entry: &str) -> &str {
    entry.split_once('=').map_or(entry, |(key, _)| key)
}
