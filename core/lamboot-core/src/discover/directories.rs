// SPDX-License-Identifier: MIT OR Apache-2.0
//! Directories with a kernel, as kernelstub makes them: `\EFI\NAME-UUID` with `vmlinuz.efi`, and
//! `initrd.img` or `cmdline` or both; a kernel and nothing else could find no root.

use super::program::join;
use super::{Candidate, Search};
use crate::discover::candidate::Part;
use crate::entry::{Entry, EntryKind};
use crate::ports::{DirEntry, FileKind, VolumeInfo};
use alloc::format;
use alloc::rc::Rc;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// The most bytes of a command line.
const MAX_OPTIONS: usize = 4096;

/// The files of one system.
const KERNELS: [(&str, &str, &str, &str); 2] = [
    ("vmlinuz.efi", "initrd.img", "", ""),
    ("vmlinuz-previous.efi", "initrd.img-previous", "-previous", " (previous)"),
];

impl Search<'_> {
    pub(super) fn directory(&mut self, volume: &VolumeInfo, folder: &str) {
        let Some(name) = system_name(folder) else { return };
        let path = join(r"\EFI", folder);
        let files = self.list(volume, &path).entries;
        let has = |name: &str| files.iter().any(|file| is_named(file, name));
        let options = if has("cmdline") { self.options(volume, &join(&path, "cmdline")) } else { None };
        for (kernel, initrd, id_end, title_end) in KERNELS {
            if !has(kernel) {
                continue;
            }
            if !has(initrd) && options.is_none() {
                let reason = String::from("the directory has neither initrd nor command line");
                self.reject(volume, &join(&path, kernel), reason);
                continue;
            }
            let id = format!("sdboot-{}{id_end}", folder.to_ascii_lowercase());
            let entry = Entry {
                image: join(&path, kernel),
                initrds: if has(initrd) { alloc::vec![join(&path, initrd)] } else { alloc::vec![] },
                options: options.clone().unwrap_or_default(),
                // Recovery is for who asks for it.
                unattended: !name.eq_ignore_ascii_case("recovery"),
                ..Entry::new(
                    id,
                    format!("{name}{title_end}"),
                    EntryKind::Linux,
                    volume.id,
                    Rc::clone(&volume.identity),
                )
            };
            self.found.push(Candidate::plain(Part::Directory, entry, volume));
        }
    }

    fn options(&mut self, volume: &VolumeInfo, path: &str) -> Option<String> {
        match self.volumes.read(volume.id, path, MAX_OPTIONS) {
            Ok(bytes) => {
                let text = String::from_utf8(bytes).ok()?;
                Some(text.split_whitespace().collect::<Vec<_>>().join(" "))
            }
            Err(error) => {
                self.unreadable(volume, path, error.to_string());
                None
            }
        }
    }
}

fn is_named(file: &DirEntry, name: &str) -> bool {
    file.metadata.kind == FileKind::File && file.name.eq_ignore_ascii_case(name)
}

/// The name in front of a file system's UUID: `Pop_OS` of `Pop_OS-01234567-89ab-cdef-…`.
fn system_name(folder: &str) -> Option<&str> {
    let is_uuid = |text: &str| {
        let hex = text.bytes().filter(u8::is_ascii_hexdigit).count();
        let plain = text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
        plain && hex >= 8 && text.bytes().next().is_some_and(|byte| byte.is_ascii_hexdigit())
    };
    let dashes = folder.match_indices('-').filter_map(|(at, _)| folder.split_at_checked(at));
    let mut names = dashes.filter(|(_, rest)| rest.get(1..).is_some_and(is_uuid));
    names.next().map(|(name, _)| name).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::system_name;

    #[test]
    fn a_name_stands_before_a_uuid() {
        assert_eq!(system_name("Pop_OS-60f1e0a4-6a8e-4f2b-9c0a-0123456789ab"), Some("Pop_OS"));
        assert_eq!(system_name("Recovery-1A2B-3C4D"), Some("Recovery"));
        assert_eq!(system_name("my-box-60f1e0a4-6a8e-4f2b-9c0a-0123456789ab"), Some("my-box"));
        for other in ["debian", "opensuse-leap", "-1A2B-3C4D", "a-", "tool-12", ""] {
            assert_eq!(system_name(other), None, "{other}");
        }
    }
}
