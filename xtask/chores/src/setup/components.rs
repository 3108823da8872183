// SPDX-License-Identifier: MIT OR Apache-2.0
//! rustfmt and clippy: parts of Rust that come apart from it.

use std::process::Command;

use anyhow::{Context as _, Result, bail};
use xtask::install;
use xtask::toolchain::Toolchain;

use super::{find_program, packages};
use crate::process;
use crate::tree::Tree;

/// A part of Rust.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Component {
    /// `cargo fmt`.
    Rustfmt,
    /// `cargo clippy`.
    Clippy,
}

impl Component {
    fn subcommand(self) -> &'static str {
        match self {
            Self::Rustfmt => "fmt",
            Self::Clippy => "clippy",
        }
    }

    fn rustup_name(self) -> &'static str {
        match self {
            Self::Rustfmt => "rustfmt",
            Self::Clippy => "clippy",
        }
    }

    /// Its Debian package beside `rustc<suffix>`.
    fn package(self, suffix: &str) -> String {
        match self {
            Self::Rustfmt => format!("rustfmt{suffix}"),
            Self::Clippy => format!("rust{suffix}-clippy"),
        }
    }

    fn is_in(self, rust: &Toolchain, tree: &Tree) -> bool {
        process::succeeds(rust.cargo().current_dir(tree.root()).args([self.subcommand(), "--version"]))
    }
}

/// Makes sure that `rust` has `component`: asks rustup for it where rustup brought the
/// toolchain, else the package manager.
///
/// # Errors
/// It could not be had; names it.
pub fn ensure_component(tree: &Tree, rust: &Toolchain, component: Component) -> Result<()> {
    if component.is_in(rust, tree) {
        return Ok(());
    }
    match suffix_of(rust) {
        Some(suffix) => packages(&[&component.package(&suffix)])?,
        None if rust.folder.is_none() && find_program("rustup").is_some() => {
            let mut add = Command::new("rustup");
            add.current_dir(tree.root()).args(["component", "add", component.rustup_name()]);
            process::run(add.env_remove("LD_LIBRARY_PATH"))?;
        }
        None => {}
    }
    if !component.is_in(rust, tree) {
        bail!("missing: {} (`cargo {}`)", component.rustup_name(), component.subcommand());
    }
    Ok(())
}

/// What follows `rustc` in the name of the Debian package that `rust` came from; none if it
/// came from elsewhere.
///
/// Named by the path that rustc tells, since /usr/bin may be first in PATH.
#[must_use]
pub fn suffix_of(rust: &Toolchain) -> Option<String> {
    if !install::has_apt() {
        return None;
    }
    let rustc = match &rust.folder {
        Some(folder) => folder.join("rustc"),
        None => find_program("rustc")?,
    };
    let owner = process::output(Command::new("dpkg").arg("-S").arg(rustc)).ok()?;
    Some(owner.split(':').next()?.strip_prefix("rustc")?.to_owned())
}

/// As [`suffix_of`], of the Rust to install where there is none.
///
/// # Errors
/// The archive has none that is new enough.
pub fn suffix_to_install() -> Result<String> {
    install::rust_suffix()
        .with_context(|| format!("no package of Rust {} or newer", xtask::toolchain::NEEDED))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_named_after_their_rustc() {
        assert_eq!(Component::Clippy.package("-web"), "rust-web-clippy");
        assert_eq!(Component::Clippy.package("-1.97"), "rust-1.97-clippy");
        assert_eq!(Component::Rustfmt.package(""), "rustfmt");
    }
}
