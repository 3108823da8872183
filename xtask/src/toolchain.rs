// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which cargo and rustc can build the workspace.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The oldest Rust that builds LamBoot (`rust-version` in the workspace's Cargo.toml).
pub const NEEDED: Version = Version { major: 1, minor: 91 };

/// Major and minor number of a Rust release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// The 1 of 1.91.
    pub major: u32,
    /// The 91 of 1.91.
    pub minor: u32,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl Version {
    /// Reads `rustc 1.96.0 (ac68faa20 2026-05-25)`, or any text with such a number in it.
    pub fn parse(text: &str) -> Option<Version> {
        let number = text.split_whitespace().find(|w| w.starts_with(|c: char| c.is_ascii_digit()))?;
        let mut parts = number.split(|c: char| !c.is_ascii_digit());
        Some(Version { major: parts.next()?.parse().ok()?, minor: parts.next()?.parse().ok()? })
    }
}

/// A cargo, and the folder that must come first in PATH for its rustc to be found.
#[derive(Clone, Debug)]
pub struct Toolchain {
    /// The program itself.
    pub cargo: PathBuf,
    /// The folder of its rustc; none where PATH (or rustup) already leads to it.
    pub folder: Option<PathBuf>,
}

impl Toolchain {
    /// A command that runs this cargo, whatever cargo runs us.
    pub fn cargo(&self) -> Command {
        self.command(&self.cargo)
    }

    /// A command that runs the rustc of this cargo.
    pub fn rustc(&self) -> Command {
        match &self.folder {
            Some(folder) => self.command(&folder.join("rustc")),
            None => self.command(Path::new(&std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))),
        }
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        // Set by the cargo that runs this program, and wrong for another one.
        command.env_remove("LD_LIBRARY_PATH");
        if let Some(folder) = &self.folder {
            command.env("PATH", path_with(folder)).env("RUSTC", folder.join("rustc"));
            command.env("RUSTDOC", folder.join("rustdoc")).env_remove("RUSTUP_TOOLCHAIN");
        }
        command
    }
}

/// The first of these that is new enough: the cargo in use (rustup's, mostly), the
/// distribution's in /usr/bin, a versioned one as Ubuntu packages them.
pub fn find(root: &Path) -> Option<Toolchain> {
    in_use(root).or_else(packaged)
}

/// The cargo that runs this program, or the one in PATH, if it is new enough. `root` is the
/// top of the tree, whose rust-toolchain.toml rustup reads.
pub fn in_use(root: &Path) -> Option<Toolchain> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let found = Toolchain { cargo: cargo.into(), folder: None };
    if is_new(found.rustc().current_dir(root)) && is_new(found.cargo().current_dir(root)) {
        Some(found)
    } else {
        None
    }
}

/// The distribution's own Rust, if it is new enough.
pub fn packaged() -> Option<Toolchain> {
    packaged_folders().into_iter().find_map(|folder| in_folder(&folder))
}

fn in_folder(folder: &Path) -> Option<Toolchain> {
    let found = Toolchain { cargo: folder.join("cargo"), folder: Some(folder.to_path_buf()) };
    if is_new(&mut found.rustc()) && is_new(&mut found.cargo()) { Some(found) } else { None }
}

/// Whether `COMMAND --version` runs and names a version that is new enough.
fn is_new(command: &mut Command) -> bool {
    let output = match command.arg("--version").output() {
        Ok(output) if output.status.success() => output,
        _ => return false,
    };
    Version::parse(&String::from_utf8_lossy(&output.stdout)).map_or(false, |found| found >= NEEDED)
}

/// Folders that may hold a packaged rustc, best first: /usr/bin, then /usr/lib/rust-1.N/bin.
fn packaged_folders() -> Vec<PathBuf> {
    let mut versioned: Vec<(Version, PathBuf)> = std::fs::read_dir("/usr/lib")
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let name = entry.file_name().into_string().ok()?;
            Some((Version::parse(name.strip_prefix("rust-")?)?, entry.path().join("bin")))
        })
        .collect();
    versioned.sort_by(|a, b| b.cmp(a));
    let mut folders = vec![PathBuf::from("/usr/bin")];
    folders.extend(versioned.into_iter().map(|(_, folder)| folder));
    folders
}

fn path_with(folder: &Path) -> OsString {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(folder.to_path_buf()).chain(std::env::split_paths(&path));
    std::env::join_paths(folders).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_versions_as_tools_print_them() {
        let version = |major, minor| Some(Version { major, minor });
        assert_eq!(Version::parse("rustc 1.96.0 (ac68faa20 2026-05-25)"), version(1, 96));
        assert_eq!(Version::parse("cargo 1.65.0"), version(1, 65));
        assert_eq!(Version::parse("rustc 1.98.0-nightly (x 2026-07-01)"), version(1, 98));
        assert_eq!(Version::parse("1.63.0+dfsg1-2"), version(1, 63));
        assert_eq!(Version::parse("1.97"), version(1, 97));
        assert_eq!(Version::parse("(none)"), None);
    }

    #[test]
    fn compares_by_number_not_by_text() {
        assert!(Version { major: 1, minor: 100 } > NEEDED);
        assert!(Version { major: 1, minor: 9 } < NEEDED);
    }
}
