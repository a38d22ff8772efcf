//! `UNSET`, of the dialect: takes out of the image's config what the base or the file above put there.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use dockerfile_syntax::instruction::{Setting, Unset};
use llb_graph::collect;

use super::StageLowering;
use super::history::SettingKind;
use crate::error::CompileError;
use crate::go::text::display;
use crate::plan::Command;

impl StageLowering<'_, '_, '_> {
    pub(super) fn lower_unset(
        &mut self,
        command: &Command<'_>,
        unset: &Unset<'_>,
    ) -> Result<(), CompileError> {
        let mut names = BTreeSet::new();
        let written = self.expand_all(command, &unset.names)?;
        for (word, port) in unset.names.iter().zip(&written) {
            if unset.what != Setting::Expose {
                names.insert(port.to_string());
                continue;
            }
            let (range, protocol) = self.read_port(command, (word, port))?;
            names.extend(range.map(|number| format!("{number}/{protocol}")));
        }
        self.commit(
            display(|f| {
                write!(f, "UNSET {}", unset.what.name())?;
                written.iter().try_for_each(|name| write!(f, " {name}"))
            }),
            false,
        )?;
        self.take_out(unset.what, &names)
    }

    /// Takes out what has one of `names`; all where there are none.
    fn take_out(&mut self, what: Setting, names: &BTreeSet<String>) -> Result<(), CompileError> {
        let goes = |name: &str| names.is_empty() || names.contains(name);
        let config = &self.state.image.config;
        match what {
            Setting::Env => self.unset_env(goes)?,
            Setting::Label => {
                let labels = without(&config.labels, goes);
                self.state.config().labels = labels;
                self.unset(SettingKind::Label, goes)?;
            }
            Setting::Expose => {
                let ports = without(&config.exposed_ports, goes);
                self.state.config().exposed_ports = ports;
                self.unset(SettingKind::Port, goes)?;
            }
            Setting::Volume => {
                let volumes = without(&config.volumes, goes);
                self.state.config().volumes = volumes;
                self.unset(SettingKind::Volume, goes)?;
            }
            Setting::Entrypoint => {
                self.state.config().entrypoint = Rc::default();
                self.state.seen.entrypoint = None;
            }
            Setting::Cmd => {
                let config = self.state.config();
                config.cmd = Rc::default();
                config.args_escaped = false;
                self.state.seen.cmd = None;
            }
            Setting::Healthcheck => {
                self.state.config().healthcheck = None;
                self.state.seen.healthcheck = None;
            }
            Setting::User => {
                self.state.config().user = Rc::default();
                self.state.user = Rc::default();
            }
            Setting::Stopsignal => self.state.config().stop_signal = Rc::default(),
            Setting::Onbuild => self.state.forget_triggers(),
        }
        Ok(())
    }

    /// Takes variables out of the image. Where an `ARG` has the same name, its value is in force again.
    fn unset_env(&mut self, goes: impl Fn(&str) -> bool) -> Result<(), CompileError> {
        let env = &self.state.image.config.env;
        self.all
            .spend(env.entries().iter().map(|entry| entry.len()).sum())?;
        let (gone, left) = env.split(goes);
        self.state.config().env = left;
        for name in gone {
            match self.state.args.value(&name).map(str::to_owned) {
                Some(value) => self.state.set_env(&name, &value),
                None => self.state.remove_env(&name),
            }
        }
        Ok(())
    }
}

/// A map without some of its keys.
fn without<V: Clone>(map: &Rc<BTreeMap<String, V>>, goes: impl Fn(&str) -> bool) -> Rc<BTreeMap<String, V>> {
    if !map.keys().any(|key| goes(key)) {
        return Rc::clone(map);
    }
    let left = map.iter().filter(|(key, _)| !goes(key));
    Rc::new(collect::map(
        left.map(|(key, value)| (key.clone(), value.clone())),
    ))
}
