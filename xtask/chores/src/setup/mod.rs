// SPDX-License-Identifier: MIT OR Apache-2.0
//! Makes sure that the programs a command needs are there: installs them through apt, or
//! says what to install.
//!
//! Every command calls [`ensure`] with what it needs, so `cargo xtask setup` is only for
//! those who want it all at once.

pub mod components;
pub mod tools;

use std::collections::BTreeSet;

use anyhow::{Result, anyhow, bail};
use xtask::install;

pub use tools::{
    ARCHIVE, BTRFS, BUILD, EXT, FAT, GIT, MACHINES, Names, PC, REFEREES, SIGNING, Tool, WINDOW, XFS,
    find_program,
};

/// Installs everything that any command may need.
///
/// # Errors
/// As [`ensure`].
pub fn all() -> Result<()> {
    ensure(tools::ALL)?;
    println!("every tool is there");
    Ok(())
}

/// Makes sure that every one of `tools` is there.
///
/// # Errors
/// Names each tool that is missing: with the command to install it where this program does
/// not do so itself, or after a package that should have brought it did not.
pub fn ensure(tools: &[Tool]) -> Result<()> {
    let missing = missing(tools);
    if missing.is_empty() {
        return Ok(());
    }
    eprintln!("missing: {}", names(&missing));
    if !install::has_apt() {
        bail!("{}", by_hand(&missing, &install::os_release()));
    }
    packages(&missing.iter().map(|tool| tool.packages.debian).collect::<Vec<_>>())?;
    let missing = self::missing(tools);
    if !missing.is_empty() {
        bail!("still missing after the packages were installed: {}", names(&missing));
    }
    Ok(())
}

/// Installs Debian or Ubuntu packages (several in one string are separated by a space).
///
/// # Errors
/// The package manager failed.
pub fn packages(packages: &[&str]) -> Result<()> {
    let wanted: BTreeSet<&str> = packages.iter().flat_map(|names| names.split_whitespace()).collect();
    let wanted: Vec<String> = wanted.into_iter().map(str::to_owned).collect();
    install::apt(&wanted).map_err(|message| anyhow!(message))
}

fn missing(tools: &[Tool]) -> Vec<&Tool> {
    tools.iter().filter(|tool| !tool.is_there()).collect()
}

fn names(tools: &[&Tool]) -> String {
    tools.iter().map(|tool| tool.name).collect::<Vec<_>>().join(", ")
}

/// The command that installs `missing` where apt is not the package manager.
fn by_hand(missing: &[&Tool], os_release: &str) -> String {
    type NameOf = fn(&Names) -> &'static str;
    let (installer, name): (&str, NameOf) = if install::is_like(os_release, &["fedora", "rhel"]) {
        ("dnf install", |names| names.fedora)
    } else if install::is_like(os_release, &["arch"]) {
        ("pacman -S", |names| names.arch)
    } else if install::is_like(os_release, &["suse", "opensuse"]) {
        ("zypper install", |names| names.suse)
    } else {
        ("install what Debian calls:", |names| names.debian)
    };
    let packages: BTreeSet<&str> = missing.iter().flat_map(|tool| name(&tool.packages).split(' ')).collect();
    let packages = packages.into_iter().collect::<Vec<_>>().join(" ");
    format!("missing: {}. Install them, then try again:\n  {installer} {packages}", names(missing))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_distributions_get_their_own_names() {
        let missing: Vec<&Tool> = vec![&tools::QEMU_X86, &tools::SWTPM];
        let fedora = by_hand(&missing, "ID=fedora\n");
        assert!(fedora.contains("dnf install qemu-system-x86-core swtpm"), "{fedora}");
        assert!(by_hand(&missing, "ID=arch\n").contains("pacman -S qemu-system-x86 swtpm"));
        assert!(
            by_hand(&missing, "ID=opensuse-leap\nID_LIKE=\"suse opensuse\"\n").contains("zypper install")
        );
        assert!(by_hand(&missing, "ID=plan9\n").contains("what Debian calls: qemu-system-x86 swtpm"));
    }

    #[test]
    fn a_tool_that_nothing_can_bring_is_named() {
        const GHOST: Tool = Tool::program("no-such-program", Names::same("no-such-package"));
        assert_eq!(names(&missing(&[GHOST])), "no-such-program");
    }
}
