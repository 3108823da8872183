// SPDX-License-Identifier: MIT OR Apache-2.0
//! Windows, other boot loaders and the EFI shell.
//!
//! Only well-known file names of vendors' folders are looked at; what they are is told by their
//! content. LamBoot itself is never listed, and neither is a shim that starts it.

use super::program::{Identity, Program, join};
use super::{Candidate, Search};
use crate::discover::candidate::Part;
use crate::entry::{Entry, EntryKind};
use crate::facts::Architecture;
use crate::ports::{FileKind, VolumeInfo, VolumeRole};
use alloc::format;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;

const EFI: &str = r"\EFI";
/// The most folders of `\EFI` that are looked into.
const MAX_VENDORS: usize = 64;

/// File names for an architecture.
struct Names {
    shim: &'static str,
    /// What a shim starts.
    second_stage: &'static str,
    /// Loaders in vendors' folders, the most telling first.
    loaders: [&'static str; 5],
    removable: &'static str,
    shell: &'static str,
}

const fn names(architecture: Architecture) -> Names {
    match architecture {
        Architecture::X86_64 => Names {
            shim: "shimx64.efi",
            second_stage: "grubx64.efi",
            loaders: ["systemd-bootx64.efi", "grubx64.efi", "grub.efi", "refind_x64.efi", "limine_x64.efi"],
            removable: "BOOTX64.EFI",
            shell: "shellx64.efi",
        },
        Architecture::Aarch64 => Names {
            shim: "shimaa64.efi",
            second_stage: "grubaa64.efi",
            loaders: [
                "systemd-bootaa64.efi",
                "grubaa64.efi",
                "grub.efi",
                "refind_aa64.efi",
                "limine_aa64.efi",
            ],
            removable: "BOOTAA64.EFI",
            shell: "shellaa64.efi",
        },
    }
}

impl Search<'_> {
    /// Everything in `\EFI` that is no entry of a specification.
    pub(super) fn programs(&mut self, volume: &VolumeInfo) {
        let listing = self.list(volume, EFI);
        let folders: Vec<String> = listing
            .entries
            .into_iter()
            .filter(|entry| entry.metadata.kind == FileKind::Directory)
            .map(|entry| entry.name)
            .take(MAX_VENDORS)
            .collect();
        for folder in &folders {
            self.directory(volume, folder);
        }
        if self.scope.loaders {
            self.windows(volume, &folders);
            self.shell(volume);
            let seen = self.vendors(volume, &folders);
            self.removable(volume, &folders, &seen);
        }
    }

    fn windows(&mut self, volume: &VolumeInfo, folders: &[String]) {
        const PATH: &str = r"\EFI\Microsoft\Boot\bootmgfw.efi";
        let may_be = folders.iter().any(|folder| folder.eq_ignore_ascii_case("Microsoft"));
        if may_be && self.is_file(volume, PATH) {
            let entry = loader("auto-windows", "Windows Boot Manager".into(), PATH.into(), volume);
            let entry = Entry { kind: EntryKind::Windows, ..entry };
            self.found.push(Candidate::plain(Part::Windows, entry, volume));
        }
    }

    fn shell(&mut self, volume: &VolumeInfo) {
        let name = names(self.scope.architecture).shell;
        for path in [format!("\\{name}"), format!(r"\EFI\tools\{name}")] {
            if self.is_file(volume, &path) {
                let entry = loader("auto-efi-shell", "EFI Shell".into(), path, volume);
                return self.found.push(Candidate::plain(Part::Shell, entry, volume));
            }
        }
    }

    /// Loaders in vendors' folders; what they are.
    fn vendors(&mut self, volume: &VolumeInfo, folders: &[String]) -> Vec<Identity> {
        let mut seen: Vec<Identity> = Vec::new();
        for folder in folders {
            if !["BOOT", "Linux", "Microsoft", "LamBoot"].iter().any(|own| own.eq_ignore_ascii_case(folder)) {
                self.vendor(volume, folder, &mut seen);
            }
        }
        seen
    }

    fn vendor(&mut self, volume: &VolumeInfo, folder: &str, seen: &mut Vec<Identity>) {
        let names = names(self.scope.architecture);
        let path = join(EFI, folder);
        let files = self.list(volume, &path).entries;
        let has = |name: &str| files.iter().any(|file| file.name.eq_ignore_ascii_case(name));
        let shim = has(names.shim);
        for name in names.loaders.iter().filter(|name| has(name)) {
            let file = join(&path, name);
            let Some(identity) = self.identify(volume, &file) else { continue };
            if identity.program == Program::Ourselves || seen.iter().any(|other| identity.is_copy_of(other)) {
                continue;
            }
            // A shim is how the firmware starts what it stands beside.
            let image = if shim && *name == names.second_stage { join(&path, names.shim) } else { file };
            let known = known_name(identity.program, name);
            let id = format!("auto-{}-{}", known.to_ascii_lowercase(), folder.to_ascii_lowercase());
            let entry = loader(&portable(&id), format!("{known} ({folder})"), image, volume);
            self.found.push(Candidate::plain(Part::Loader, entry, volume));
            seen.push(identity);
        }
    }

    /// The loader that firmware starts from a medium without an entry of its own (UEFI 2.10, section
    /// 3.5.1.1), unless it is LamBoot, leads to LamBoot, or is a copy of what is listed.
    fn removable(&mut self, volume: &VolumeInfo, folders: &[String], seen: &[Identity]) {
        let names = names(self.scope.architecture);
        if !folders.iter().any(|folder| folder.eq_ignore_ascii_case("BOOT")) {
            return;
        }
        let folder = join(EFI, "BOOT");
        let path = join(&folder, names.removable);
        let Some(identity) = self.identify(volume, &path) else { return };
        let copy = seen.iter().any(|other| identity.is_copy_of(other));
        let second = join(&folder, names.second_stage);
        let leads_here = identity.program == Program::Shim && self.is_ourselves(volume, &second);
        if copy || leads_here || self.is_ourselves(volume, &path) {
            return;
        }
        let title = match (identity.program, volume.role) {
            (Program::Other | Program::Ourselves, VolumeRole::Boot) => "EFI Default Loader".into(),
            (Program::Other | Program::Ourselves, _) => {
                format!("EFI Default Loader ({})", volume.identity.name)
            }
            (program, _) => format!("{} ({})", program.name(), volume.identity.name),
        };
        let entry = loader("auto-efi-default", title, path, volume);
        self.found.push(Candidate::plain(Part::Removable, entry, volume));
    }

    fn is_file(&mut self, volume: &VolumeInfo, path: &str) -> bool {
        let metadata = self.volumes.metadata(volume.id, path);
        metadata.is_ok_and(|metadata| metadata.kind == FileKind::File && metadata.size > 0)
    }
}

fn loader(id: &str, title: String, image: String, volume: &VolumeInfo) -> Entry {
    Entry {
        image,
        ..Entry::new(id.into(), title, EntryKind::Chainload, volume.id, Rc::clone(&volume.identity))
    }
}

/// The program's name; for one that does not tell, its file's.
fn known_name(program: Program, file: &str) -> String {
    match program {
        Program::Other => String::from(file.split(['.', '_']).next().unwrap_or(file)),
        known => known.name().into(),
    }
}

/// An id of characters that every tool takes (UAPI.1, file names).
pub(super) fn portable(id: &str) -> String {
    let plain =
        |c: char| if c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '_' | '.') { c } else { '-' };
    id.chars().map(plain).collect()
}
