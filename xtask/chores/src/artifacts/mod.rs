// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a test machine boots: a kernel with the modules that an initramfs needs, and
//! busybox, from the distribution's own archive, for both architectures; and other boot
//! loaders to measure beside LamBoot.
//!
//! Nothing is installed. Packages are fetched into the user's cache and unpacked there, by
//! version; a second run needs no network.

mod archive;
mod guest;
mod kernel;
mod modules;
mod store;

use std::cell::OnceCell;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::arch::Arch;
use crate::setup::{self, tools};
use crate::tree::Tree;

use archive::{Archive, System};
use store::Store;

/// How old a fetched file may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Age {
    /// What was fetched before will do; no network is needed then.
    Any,
    /// The newest version of the archive.
    Newest,
}

/// Puts kernels and busybox into the artifacts folder, for both architectures:
/// `<arch>/vmlinuz`, `<arch>/kernel-version`, `<arch>/modules/*.ko` and `<arch>/busybox`.
///
/// # Errors
/// A tool is missing, or the archive cannot be reached and nothing was fetched before.
pub fn ensure(tree: &Tree, age: Age) -> Result<()> {
    ensure_for(tree, &Arch::ALL, age)
}

/// As [`ensure`], for some of the architectures.
///
/// # Errors
/// As [`ensure`].
pub fn ensure_for(tree: &Tree, arches: &[Arch], age: Age) -> Result<()> {
    let system = System::here()?;
    for &arch in arches {
        let source = Source::of(&system, arch)?;
        let place = tree.artifacts_of(arch);
        copy_all(&source.kernel(age)?, &place)?;
        copy_all(&source.busybox(age)?, &place)?;
    }
    Ok(())
}

/// Puts an installed system of the distribution for `x86_64` into the artifacts folder:
/// `x86_64/guest/root.img`, `vmlinuz` and `initrd.img`. Takes a minute or two when it is new.
///
/// # Errors
/// As [`ensure`].
pub fn ensure_guest(tree: &Tree, age: Age) -> Result<()> {
    let source = Source::of(&System::here()?, Arch::X86_64)?;
    let folder = source.store.get("guest", age, || {
        setup::ensure(tools::GUEST)?;
        let archive = source.archive()?;
        let version = archive.version("systemd")?;
        let fill = |folder: &Path| guest::make(&source.system, archive, folder);
        Ok((format!("systemd_{version}"), fill))
    })?;
    copy_all(&folder, &tree.artifacts_of(Arch::X86_64).join("guest"))
}

/// Puts other boot loaders for `x86_64` into the artifacts folder: `peers/*.efi`. Returns
/// their packages with the versions.
///
/// # Errors
/// As [`ensure`].
pub fn ensure_peers(tree: &Tree, age: Age) -> Result<Vec<String>> {
    let source = Source::of(&System::here()?, Arch::X86_64)?;
    let mut versions = Vec::new();
    for peer in PEERS {
        let folder = source.file(peer, age)?;
        copy_all(&folder, &tree.artifacts().join("peers"))?;
        let version = fs::canonicalize(&folder)?;
        versions.extend(version.file_name().map(|name| name.to_string_lossy().replace('_', " ")));
    }
    Ok(versions)
}

/// Raised whenever something else is picked from the same packages, so that what an older
/// xtask put into the cache is left alone.
const RECIPE: u32 = 2;

/// The distribution's packages for one architecture: those fetched, and those to fetch.
struct Source {
    system: System,
    arch: Arch,
    store: Store,
    archive: OnceCell<Archive>,
}

impl Source {
    fn of(system: &System, arch: Arch) -> Result<Self> {
        let store = Store::of(&format!("{}-{}.{RECIPE}", system.name(), arch.debian()))?;
        Ok(Self { system: system.clone(), arch, store, archive: OnceCell::new() })
    }

    /// A folder with `vmlinuz`, `kernel-version` and `modules/`.
    fn kernel(&self, age: Age) -> Result<PathBuf> {
        self.store.get("kernel", age, || {
            let archive = self.archive()?;
            let package = kernel::newest(archive, &self.system, self.arch)?;
            let version = archive.version(&package)?;
            Ok((format!("{package}_{version}"), move |folder: &Path| {
                kernel::fetch(archive, &package, folder)
            }))
        })
    }

    /// A folder with `busybox`, which needs no library.
    fn busybox(&self, age: Age) -> Result<PathBuf> {
        const BUSYBOX: Pick =
            Pick { name: "busybox", package: "busybox-static", places: &["bin/busybox", "usr/bin/busybox"] };
        self.file(&BUSYBOX, age)
    }

    /// A folder with the one file that is picked from a package.
    fn file(&self, pick: &Pick, age: Age) -> Result<PathBuf> {
        self.store.get(pick.name, age, || {
            let archive = self.archive()?;
            let version = archive.version(pick.package)?;
            Ok((format!("{}_{version}", pick.package), move |folder: &Path| pick.fetch(archive, folder)))
        })
    }

    /// The archive, with fresh lists of packages; opened when first needed.
    fn archive(&self) -> Result<&Archive> {
        if self.archive.get().is_none() {
            setup::ensure(tools::ARCHIVE)?;
            let archive = Archive::open(&self.system, self.arch, &self.store.folder().join("apt"))?;
            let _ = self.archive.set(archive);
        }
        self.archive.get().context("the archive was just opened")
    }
}

/// One file of a package.
struct Pick {
    /// What it is called here.
    name: &'static str,
    package: &'static str,
    /// Where in the package it may be.
    places: &'static [&'static str],
}

impl Pick {
    fn fetch(&self, archive: &Archive, folder: &Path) -> Result<()> {
        let unpacked = archive.unpack(self.package, &folder.join("unpacked"))?;
        let mut places = self.places.iter().map(|place| unpacked.join(place));
        let found = places.find(|place| place.is_file());
        let found = found.with_context(|| format!("{} has no {}", self.package, self.name))?;
        fs::copy(found, folder.join(self.name))?;
        Ok(fs::remove_dir_all(unpacked)?)
    }
}

/// The boot loaders that LamBoot is measured beside, as the distribution packages them.
const PEERS: &[Pick] = &[
    Pick {
        name: "systemd-bootx64.efi",
        package: "systemd-boot-efi",
        places: &["usr/lib/systemd/boot/efi/systemd-bootx64.efi"],
    },
    Pick {
        name: "grubx64.efi",
        package: "grub-efi-amd64-signed",
        places: &["usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed"],
    },
    Pick { name: "refind_x64.efi", package: "refind", places: &["usr/share/refind/refind/refind_x64.efi"] },
];

/// A folder with `bootctl`, for machines that have none.
///
/// Its package is never installed: on a machine that starts by UEFI, Debian's would put
/// systemd-boot onto the ESP and into the boot order.
///
/// # Errors
/// As [`ensure`].
pub fn bootctl(age: Age) -> Result<PathBuf> {
    const BOOTCTL: Pick = Pick { name: "bootctl", package: "systemd-boot", places: &["usr/bin/bootctl"] };
    Source::of(&System::here()?, Arch::X86_64)?.file(&BOOTCTL, age)
}

/// Puts `ukify` and the stubs that it builds images and profiles with into the artifacts folder: `ukify/`. All
/// are of the distribution's next release: this one may have none.
///
/// # Errors
/// As [`ensure`].
pub fn ensure_ukify(tree: &Tree, age: Age) -> Result<()> {
    for pick in &UKIFY {
        let folder =
            next_release(pick.name, pick.package, age, |archive, folder| pick.fetch(archive, folder))?;
        copy_all(&folder, &tree.artifacts().join("ukify"))?;
    }
    Ok(())
}

/// What makes unified kernel images.
const UKIFY: [Pick; 3] = [
    Pick { name: "ukify", package: "systemd-ukify", places: &["usr/bin/ukify", "usr/lib/systemd/ukify"] },
    Pick {
        name: "linuxx64.efi.stub",
        package: "systemd-boot-efi",
        places: &["usr/lib/systemd/boot/efi/linuxx64.efi.stub"],
    },
    Pick {
        name: "addonx64.efi.stub",
        package: "systemd-boot-efi",
        places: &["usr/lib/systemd/boot/efi/addonx64.efi.stub"],
    },
];

/// A folder with what `fill` makes of a package of the distribution's next release.
fn next_release(
    thing: &str,
    package: &str,
    age: Age,
    fill: impl FnOnce(&Archive, &Path) -> Result<()>,
) -> Result<PathBuf> {
    let system = System::here()?;
    let store = Store::of(&format!("{}-next-{}", system.name(), Arch::X86_64.debian()))?;
    let folder = store.folder().join("apt");
    store.get(thing, age, || {
        setup::ensure(tools::ARCHIVE)?;
        let archive = Archive::open_next(&system, Arch::X86_64, &folder)?;
        let version = archive.version(package)?;
        Ok((format!("{package}_{version}"), move |folder: &Path| fill(&archive, folder)))
    })
}

/// A folder with the newest `mkfs.xfs` and `xfs_db`, and the libraries that they need, unpacked.
///
/// They make and know what the kernels of the next distributions will have.
///
/// # Errors
/// As [`ensure`].
pub fn xfsprogs(age: Age) -> Result<PathBuf> {
    const PACKAGE: &str = "xfsprogs";
    next_release(PACKAGE, PACKAGE, age, |archive, folder| unpack_with_libraries(archive, PACKAGE, folder))
}

/// Unpacks `package` and the libraries that it and they need into one folder.
fn unpack_with_libraries(archive: &Archive, package: &str, folder: &Path) -> Result<()> {
    let mut wanted = vec![package.to_owned()];
    let mut index = 0;
    while let Some(package) = wanted.get(index).cloned() {
        archive.unpack(&package, folder)?;
        for library in archive.dependencies(&package)? {
            // Only a program that is not used here needs ICU, which is large.
            let needed = library.starts_with("lib") && !library.starts_with("libicu");
            if needed && !wanted.contains(&library) {
                wanted.push(library);
            }
        }
        index += 1;
    }
    Ok(())
}

/// Copies the files of `from`, and of folders in it, unless they are in `to` already.
fn copy_all(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let entry = entry?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if source.is_dir() {
            remove_strangers(&source, &target)?;
            copy_all(&source, &target)?;
        } else if !is_copy(&source, &target)? {
            let half = target.with_extension(format!("{}.new", std::process::id()));
            fs::copy(&source, &half).with_context(|| format!("cannot write {}", half.display()))?;
            fs::File::options().write(true).open(&half)?.set_modified(entry.metadata()?.modified()?)?;
            fs::rename(&half, &target)?;
        }
    }
    Ok(())
}

/// Whether `target` is `source` by size and time, which tells versions of a package apart.
fn is_copy(source: &Path, target: &Path) -> Result<bool> {
    let source = fs::metadata(source)?;
    let Ok(target) = fs::metadata(target) else { return Ok(false) };
    Ok(source.len() == target.len() && source.modified()? == target.modified()?)
}

/// Removes files of folder `target` that `source` does not have: another kernel's modules.
fn remove_strangers(source: &Path, target: &Path) -> Result<()> {
    let present = fs::read_dir(target).into_iter().flatten();
    for entry in present {
        let entry = entry?;
        if !source.join(entry.file_name()).exists() {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_version_replaces_files_and_removes_what_it_has_not() {
        let base = std::env::temp_dir().join(format!("lamboot-artifacts-{}", std::process::id()));
        let (old, new, to) = (base.join("old"), base.join("new"), base.join("to"));
        for (folder, module, text) in [(&old, "fat.ko", "old"), (&new, "vfat.ko", "new")] {
            fs::create_dir_all(folder.join("modules")).unwrap();
            fs::write(folder.join("vmlinuz"), text).unwrap();
            fs::write(folder.join("modules").join(module), text).unwrap();
        }
        let past = std::time::SystemTime::UNIX_EPOCH;
        fs::File::options().write(true).open(old.join("vmlinuz")).unwrap().set_modified(past).unwrap();
        copy_all(&old, &to).unwrap();
        copy_all(&new, &to).unwrap();
        let kernel = fs::read_to_string(to.join("vmlinuz")).unwrap();
        let (fat, vfat) = (to.join("modules/fat.ko").exists(), to.join("modules/vfat.ko").exists());
        fs::remove_dir_all(&base).unwrap();
        assert_eq!((kernel.as_str(), fat, vfat), ("new", false, true));
    }
}
