// SPDX-License-Identifier: MIT OR Apache-2.0
//! Sidecar files of an entry (UAPI.1, `extra`): packed into initrds of their own, under `/.extra`.
//!
//! One archive a kind, in the "new ASCII" form that Linux unpacks (Linux,
//! `Documentation/driver-api/early-userspace/buffer-format.rst`). What is in them is measured by
//! whoever packs them: here.

use crate::glob::has_suffix;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// The largest file that is packed, in bytes.
pub(super) const MAX_FILE: usize = 64 << 20;

/// What a file is, by its suffix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// An encrypted or plain credential.
    Credential,
    /// An image that extends `/etc`.
    Confext,
    /// An image that extends `/usr`.
    Sysext,
}

impl Kind {
    pub(super) const ALL: [Self; 3] = [Self::Credential, Self::Confext, Self::Sysext];

    /// The kind of a file; `None` for a suffix that means nothing, which is skipped without error.
    pub(super) fn of(path: &str) -> Option<Self> {
        let ends = |suffix| has_suffix(path, suffix);
        match () {
            () if ends(".cred") => Some(Self::Credential),
            () if ends(".confext.raw") => Some(Self::Confext),
            () if ends(".sysext.raw") => Some(Self::Sysext),
            () => None,
        }
    }

    /// The folder below `.extra`.
    const fn folder(self) -> &'static str {
        match self {
            Self::Credential => "credentials",
            Self::Confext => "confext",
            Self::Sysext => "sysext",
        }
    }

    /// Permissions of folder and files: credentials are for the administrator's eyes.
    const fn modes(self) -> (u32, u32) {
        match self {
            Self::Credential => (0o500, 0o400),
            Self::Confext | Self::Sysext => (0o555, 0o444),
        }
    }

    /// The PCR that its archive is measured into, and the words of the event (UAPI.7).
    pub(super) const fn measurement(self) -> (u8, &'static str) {
        match self {
            Self::Credential => (12, "Credentials initrd"),
            Self::Confext => (12, "Configuration extension initrd"),
            Self::Sysext => (13, "System extension initrd"),
        }
    }
}

/// An archive with all files of one kind, each with its name without folders.
pub(super) fn archive(kind: Kind, files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let (folder_mode, file_mode) = kind.modes();
    let mut archive = Archive::default();
    archive.add(".extra", DIRECTORY | 0o555, &[]);
    archive.add(&format!(".extra/{}", kind.folder()), DIRECTORY | folder_mode, &[]);
    for (name, bytes) in files {
        archive.add(&format!(".extra/{}/{name}", kind.folder()), REGULAR | file_mode, bytes);
    }
    archive.add("TRAILER!!!", 0, &[]);
    archive.bytes
}

const DIRECTORY: u32 = 0o040_000;
const REGULAR: u32 = 0o100_000;

#[derive(Default)]
struct Archive {
    bytes: Vec<u8>,
    members: u32,
}

impl Archive {
    fn add(&mut self, name: &str, mode: u32, content: &[u8]) {
        self.members = self.members.saturating_add(1);
        let number = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        let name_size = number(name.len().saturating_add(1));
        let links = if mode & DIRECTORY == DIRECTORY { 2 } else { 1 };
        // inode, mode, uid, gid, links, time, size, two times two device numbers, name's size, check
        let fields = [self.members, mode, 0, 0, links, 0, number(content.len()), 0, 0, 0, 0, name_size, 0];
        self.bytes.extend_from_slice(b"070701");
        for field in fields {
            self.bytes.extend_from_slice(format!("{field:08x}").as_bytes());
        }
        self.bytes.extend_from_slice(name.as_bytes());
        self.bytes.push(0);
        self.align();
        self.bytes.extend_from_slice(content);
        self.align();
    }

    fn align(&mut self) {
        let length = self.bytes.len().next_multiple_of(4);
        self.bytes.resize(length, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;
    use std::process::{Command, Stdio};

    #[test]
    fn suffixes_tell_the_kind() {
        assert_eq!(Kind::of(r"\a\b.cred"), Some(Kind::Credential));
        assert_eq!(Kind::of(r"\a\B.SYSEXT.RAW"), Some(Kind::Sysext));
        assert_eq!(Kind::of(r"\a\b.confext.raw"), Some(Kind::Confext));
        assert_eq!(Kind::of(r"\a\b.raw"), None);
        assert_eq!(Kind::of("ä"), None);
    }

    #[test]
    fn cpio_unpacks_what_was_packed() {
        if std::env::var_os("LAMBOOT_REFEREES").is_none_or(|value| value != "1") {
            return;
        }
        let files = [("a.cred".into(), b"secret".to_vec()), ("b.cred".into(), Vec::new())];
        let folder = tempfile::tempdir().unwrap();
        let mut cpio = Command::new("cpio")
            .args(["--extract", "--make-directories", "--quiet"])
            .current_dir(folder.path())
            .stdin(Stdio::piped())
            .spawn()
            .expect("the referee cpio is installed");
        cpio.stdin.take().unwrap().write_all(&archive(Kind::Credential, &files)).unwrap();
        assert!(cpio.wait().unwrap().success());
        let path = folder.path().join(".extra/credentials");
        assert_eq!(std::fs::read(path.join("a.cred")).unwrap(), b"secret");
        assert_eq!(std::fs::read(path.join("b.cred")).unwrap(), b"");
    }

    #[test]
    fn every_part_starts_at_a_multiple_of_four() {
        for size in 0..9 {
            let bytes = archive(Kind::Sysext, &[("x.sysext.raw".into(), vec![b'x'; size])]);
            assert_eq!(bytes.len() % 4, 0);
            let starts: Vec<usize> =
                bytes.windows(6).enumerate().filter(|(_, w)| *w == b"070701").map(|(at, _)| at).collect();
            assert_eq!(starts.len(), 4);
            assert!(starts.iter().all(|at| at % 4 == 0), "{starts:?}");
        }
    }
}
