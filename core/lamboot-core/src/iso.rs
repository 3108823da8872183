// SPDX-License-Identifier: MIT OR Apache-2.0
//! What can be started from an ISO file, and with which command line?
//!
//! An image that means to be started from a file says so in `/boot/grub/loopback.cfg`: that is
//! read first ([`loopback`]). Of others, six families are known by their files ([`family`]). The
//! kernel and its initrds lie in the image; what is on the command line tells the started system
//! where the image is, since nobody has mounted it there.

pub mod condition;
pub mod family;
pub mod loopback;
mod pairs;
mod script;
mod variables;
mod words;

use alloc::string::String;
use alloc::vec::Vec;
use bootspec::Architecture;
use core::fmt;

/// The most entries of one image.
pub const ENTRIES_MAX: usize = 64;
/// The most bytes of a command line, as on x86 (Linux, `COMMAND_LINE_SIZE`).
pub const OPTIONS_MAX: usize = 2048;
/// The most names that are looked at in one folder of an image.
pub const NAMES_MAX: usize = 256;
/// Where an image says how it is started from a file.
pub const LOOPBACK_CFG: &str = "/boot/grub/loopback.cfg";

/// The files of an opened image. Paths begin with a slash.
pub trait IsoFiles {
    /// Whether there is a file or folder.
    fn exists(&mut self, path: &str) -> bool;
    /// A whole file, if it is there and has no more than `limit` bytes.
    fn read(&mut self, path: &str, limit: usize) -> Option<Vec<u8>>;
    /// The first `limit` names of a folder; none where there is no folder.
    fn names(&mut self, path: &str, limit: usize) -> Vec<String>;
    /// The image's volume label.
    fn label(&self) -> &str;
}

/// Where the image itself is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'p> {
    /// The path of the ISO file on its volume, with slashes: `/isos/debian.iso`.
    pub path: &'p str,
    /// The volume's file system UUID, written as Linux does: `1234-ABCD` for FAT.
    pub volume_uuid: Option<&'p str>,
    /// The volume's label.
    pub volume_label: Option<&'p str>,
}

/// Something to start from an image. All paths are in the image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IsoEntry {
    /// What the owner sees. Titles of submenus come before it.
    pub title: String,
    /// The kernel.
    pub kernel: String,
    /// Its initrds, in the order in which the kernel wants them.
    pub initrds: Vec<String>,
    /// Its command line.
    pub options: String,
}

/// Why nothing can be started from an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotBootable {
    /// The file's path has a character that no command line carries to its reader.
    Path,
    /// It is made for other machines.
    OtherArchitecture,
    /// No `loopback.cfg` with an entry, and none of the families.
    Unknown,
    /// The family's kernel or its initrd is missing.
    Incomplete {
        /// The family.
        family: &'static str,
    },
    /// The family's system can only be started from a disc or a stick.
    NotFromAFile {
        /// The family.
        family: &'static str,
    },
    /// The family needs the volume's UUID or label, or the image's own label, and there is none.
    NoName {
        /// The family.
        family: &'static str,
    },
}

/// What can be started from `iso` on a machine of this architecture, the image's own default
/// or first choice first.
///
/// A `loopback.cfg` that never tells the started system where the image is comes after the
/// families: such a system finds a disc, or waits for one.
///
/// # Errors
///
/// There is nothing to start; says why.
pub fn entries(
    iso: &mut dyn IsoFiles,
    place: &Place<'_>,
    architecture: Architecture,
) -> Result<Vec<IsoEntry>, NotBootable> {
    if !is_carried(place.path) {
        return Err(NotBootable::Path);
    }
    if is_for_others(iso, architecture) {
        return Err(NotBootable::OtherArchitecture);
    }
    let own = loopback::entries(iso, place, architecture);
    if own.iter().any(|entry| entry.options.contains(place.path)) {
        return Ok(own);
    }
    match family::entry(iso, place, architecture) {
        Ok(entry) => Ok(core::iter::once(entry).chain(own).take(ENTRIES_MAX).collect()),
        Err(_) if !own.is_empty() => Ok(own),
        Err(reason) => Err(reason),
    }
}

/// Whether the path arrives whole: programs in an initrd split the command line at white space.
fn is_carried(path: &str) -> bool {
    let is_bad = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '"' | '\'' | '\\');
    path.starts_with('/') && !path.contains(is_bad)
}

/// Whether the image has boot loaders, and all are for other machines (UEFI 2.10, 3.5.1.1).
fn is_for_others(iso: &mut dyn IsoFiles, architecture: Architecture) -> bool {
    let mut found = Vec::new();
    for folder in ["/EFI/BOOT", "/EFI/boot", "/efi/boot"] {
        found.extend(iso.names(folder, NAMES_MAX).iter().filter_map(|name| loader_machine(name)));
    }
    !found.is_empty() && !found.contains(&architecture)
}

/// The machine type in a name like `BOOTX64.EFI`.
fn loader_machine(name: &str) -> Option<Architecture> {
    let name = name.to_ascii_lowercase();
    Architecture::from_name(name.strip_prefix("boot")?.strip_suffix(".efi")?)
}

impl NotBootable {
    /// A name for logs and tests that stays the same from release to release.
    #[must_use]
    pub fn token(&self) -> &'static str {
        match self {
            Self::Path => "iso_path",
            Self::OtherArchitecture => "iso_other_architecture",
            Self::Unknown => "iso_unknown",
            Self::Incomplete { .. } => "iso_incomplete",
            Self::NotFromAFile { .. } => "iso_not_from_a_file",
            Self::NoName { .. } => "iso_no_name",
        }
    }
}

impl fmt::Display for NotBootable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path => {
                f.write_str("the ISO file's path has a blank, a quote or a backslash; rename it without")
            }
            Self::OtherArchitecture => f.write_str("the ISO file is made for another kind of machine"),
            Self::Unknown => f.write_str("the ISO file has no loopback.cfg and is of no known family"),
            Self::Incomplete { family } => {
                write!(f, "the ISO file looks like {family}, but its kernel or initrd is missing")
            }
            Self::NotFromAFile { family } => {
                write!(f, "{family} cannot be started from an ISO file; write it to a stick")
            }
            Self::NoName { family } => {
                write!(f, "{family} wants a volume by its UUID or label, and there is none")
            }
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
