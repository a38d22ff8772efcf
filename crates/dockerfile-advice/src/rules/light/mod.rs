//! The rules `light/…`: small images. All but `light/recommends`, which also saves time, speak only of stages whose files
//! come into an image that someone runs.

mod archive;
mod build_tools;
mod caches;
mod chown_copy;
mod copy_all;
mod copy_root;
mod late_rm;
mod recommends;
mod removed;
mod toolchain_base;
mod two_downloaders;
mod useradd_log;

use crate::rule::{Rule, RuleDoc};

const APK_CACHE: Rule = caches::rule::<{ caches::APK }>();
const APT_CACHE: Rule = caches::rule::<{ caches::APT }>();
const CARGO_CACHE: Rule = caches::rule::<{ caches::CARGO }>();
const COMPOSER_CACHE: Rule = caches::rule::<{ caches::COMPOSER }>();
const DNF_CACHE: Rule = caches::rule::<{ caches::DNF }>();
const GEM_CACHE: Rule = caches::rule::<{ caches::GEM }>();
const GO_CACHE: Rule = caches::rule::<{ caches::GO }>();
const MAVEN_CACHE: Rule = caches::rule::<{ caches::MAVEN }>();
const NPM_CACHE: Rule = caches::rule::<{ caches::NPM }>();
const PIP_CACHE: Rule = caches::rule::<{ caches::PIP }>();
const PNPM_CACHE: Rule = caches::rule::<{ caches::PNPM }>();
const YARN_CACHE: Rule = caches::rule::<{ caches::YARN }>();
const ZYPPER_CACHE: Rule = caches::rule::<{ caches::ZYPPER }>();

/// In alphabetical order.
pub(super) const RULES: &[&Rule] = &[
    &APK_CACHE,
    &APT_CACHE,
    &archive::RULE,
    &build_tools::RULE,
    &CARGO_CACHE,
    &chown_copy::RULE,
    &COMPOSER_CACHE,
    &copy_all::RULE,
    &copy_root::RULE,
    &DNF_CACHE,
    &GEM_CACHE,
    &GO_CACHE,
    &late_rm::RULE,
    &MAVEN_CACHE,
    &NPM_CACHE,
    &PIP_CACHE,
    &PNPM_CACHE,
    &recommends::RULE,
    &toolchain_base::RULE,
    &two_downloaders::RULE,
    &useradd_log::RULE,
    &YARN_CACHE,
    &ZYPPER_CACHE,
];

/// In the same order.
pub(super) const DOCS: &[&RuleDoc] = &[
    &caches::doc::<{ caches::APK }>(&APK_CACHE),
    &caches::doc::<{ caches::APT }>(&APT_CACHE),
    &archive::DOC,
    &build_tools::DOC,
    &caches::doc::<{ caches::CARGO }>(&CARGO_CACHE),
    &chown_copy::DOC,
    &caches::doc::<{ caches::COMPOSER }>(&COMPOSER_CACHE),
    &copy_all::DOC,
    &copy_root::DOC,
    &caches::doc::<{ caches::DNF }>(&DNF_CACHE),
    &caches::doc::<{ caches::GEM }>(&GEM_CACHE),
    &caches::doc::<{ caches::GO }>(&GO_CACHE),
    &late_rm::DOC,
    &caches::doc::<{ caches::MAVEN }>(&MAVEN_CACHE),
    &caches::doc::<{ caches::NPM }>(&NPM_CACHE),
    &caches::doc::<{ caches::PIP }>(&PIP_CACHE),
    &caches::doc::<{ caches::PNPM }>(&PNPM_CACHE),
    &recommends::DOC,
    &toolchain_base::DOC,
    &two_downloaders::DOC,
    &useradd_log::DOC,
    &caches::doc::<{ caches::YARN }>(&YARN_CACHE),
    &caches::doc::<{ caches::ZYPPER }>(&ZYPPER_CACHE),
];
