// SPDX-License-Identifier: MIT OR Apache-2.0
//! A small Linux user space: busybox, kernel modules and the scenario's own shell lines.
//!
//! The archive has the "newc" format (Linux, `Documentation/driver-api/early-userspace/buffer-format.rst`).

use std::{
    fs,
    io::{self, Read, Write},
    path::Path,
};

use cpio::{NewcBuilder, newc::ModeFileType, newc::trailer};

use crate::{ArchArtifacts, Contents, Result, error::Doing, modules};

/// Runs before the scenario's lines. `say` writes a marker that the test waits for.
const PROLOGUE: &str = r#"#!/bin/busybox sh
/bin/busybox mkdir -p /proc /sys /dev /tmp /mnt /sbin /usr/bin /usr/sbin
/bin/busybox --install -s
export PATH=/bin:/sbin:/usr/bin:/usr/sbin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
echo 1 > /proc/sys/kernel/printk
efivars=/sys/firmware/efi/efivars
say() { echo "LAMBOOT-TEST: $*"; }
# load NAME: insert a kernel module and those it needs; one that is built in has no file
load() { modprobe -q "$1"; }
mount_efivars() { load efivarfs; mount -t efivarfs efivarfs $efivars; }
# variable NAME VENDOR: say a firmware variable's attributes and value in hexadecimal
variable() {
    if [ -e "$efivars/$1-$2" ]; then say "variable $1 = $(od -An -v -tx1 "$efivars/$1-$2" | tr -d ' \n')"
    else say "variable $1 is not set"; fi
}
# mount_esp FOLDER: mount the disk's first partition
mount_esp() {
    for module in virtio_pci virtio_blk nls_cp437 nls_ascii vfat; do load $module; done
    mkdir -p "$1"
    for partition in /dev/vda1 /dev/nvme0n1p1; do
        [ -b $partition ] && mount -t vfat -o iocharset=ascii $partition "$1" && return
    done
    say "cannot mount the EFI system partition"; return 1
}
finish() { say finished; sync; poweroff -f; }
trap finish EXIT
"#;

/// An initramfs that is still being described.
#[derive(Clone, Debug)]
pub struct Initramfs {
    entries: Vec<Entry>,
    script: String,
}

#[derive(Clone, Debug)]
struct Entry {
    path: String,
    mode: u32,
    contents: Contents,
}

impl Initramfs {
    /// busybox, all modules, and an `/init` that powers the machine off at its end.
    ///
    /// # Errors
    /// [`crate::VmError::MissingArtifact`] when busybox, the kernel or its modules have not been fetched.
    pub fn new(artifacts: &ArchArtifacts) -> Result<Self> {
        let mut initramfs = Self { entries: Vec::new(), script: PROLOGUE.into() };
        initramfs = initramfs.file("/bin/busybox", 0o755, artifacts.busybox()?);
        let modules = artifacts.modules()?;
        let folder = format!("/lib/modules/{}", artifacts.kernel_version()?);
        initramfs = initramfs.file(&format!("{folder}/modules.dep"), 0o644, modules::dependencies(&modules)?);
        for module in modules {
            initramfs = initramfs.file(&format!("{folder}/{}", modules::file_name(&module)), 0o644, module);
        }
        Ok(initramfs)
    }

    /// An archive without an `/init`, to be a second initrd.
    #[must_use]
    pub fn empty() -> Self {
        Self { entries: Vec::new(), script: String::new() }
    }

    /// Adds shell lines to `/init`.
    ///
    /// At their disposal: `say TEXT` (writes `LAMBOOT-TEST: TEXT`), `load MODULE`, `mount_efivars`,
    /// `variable NAME VENDOR`, `mount_esp FOLDER`. When the lines end, `LAMBOOT-TEST: finished` is
    /// written and the machine is powered off.
    #[must_use]
    pub fn run(mut self, lines: &str) -> Self {
        self.script.push_str(lines);
        self.script.push('\n');
        self
    }

    /// Adds a file with these permissions.
    #[must_use]
    pub fn file(mut self, path: &str, mode: u32, contents: impl Into<Contents>) -> Self {
        let path = path.trim_start_matches('/').to_owned();
        self.entries.push(Entry { path, mode, contents: contents.into() });
        self
    }

    /// Adds a file of so many incompressible bytes, to make the archive large.
    #[must_use]
    pub fn padding(self, len: u64) -> Self {
        self.file("/padding", 0o644, Contents::Noise { len, seed: 0x6c61_6d62 })
    }

    /// The archive, uncompressed.
    ///
    /// # Errors
    /// When a file of the host cannot be read.
    pub fn build(&self) -> Result<Vec<u8>> {
        let mut archive = Vec::new();
        self.write_to(&mut archive).doing(|| "make the initramfs")?;
        Ok(archive)
    }

    /// Writes the archive to a file of the host, for archives too large to hold in memory.
    ///
    /// # Errors
    /// When a file of the host cannot be read or written.
    pub fn build_file(&self, path: &Path) -> Result<()> {
        let file = fs::File::create(path).doing(|| format!("create {}", path.display()))?;
        let mut archive = io::BufWriter::with_capacity(1 << 20, file);
        self.write_to(&mut archive)
            .and_then(|()| archive.flush())
            .doing(|| format!("write {}", path.display()))
    }

    fn write_to(&self, archive: &mut impl Write) -> io::Result<()> {
        let mut number = 1..;
        let mut inode = || number.next().unwrap_or(u32::MAX);
        for folder in self.folders() {
            let header = NewcBuilder::new(&folder).ino(inode()).nlink(2).mode(0o755);
            header.set_mode_file_type(ModeFileType::Directory).write(&mut *archive, 0).finish()?;
        }
        let init = Entry { path: "init".into(), mode: 0o755, contents: self.script.as_str().into() };
        for entry in self.entries.iter().chain((!self.script.is_empty()).then_some(&init)) {
            write_entry(archive, entry, inode())?;
        }
        trailer(archive).map(drop)
    }

    /// Every folder that a file lies in, outer ones first.
    fn folders(&self) -> Vec<String> {
        let mut folders: Vec<String> = self
            .entries
            .iter()
            .flat_map(|entry| entry.path.match_indices('/').map(|(end, _)| entry.path[..end].to_owned()))
            .collect();
        folders.sort();
        folders.dedup();
        folders
    }
}

fn write_entry(archive: &mut impl Write, entry: &Entry, inode: u32) -> io::Result<()> {
    let len = u32::try_from(entry.contents.len()?).map_err(io::Error::other)?;
    let header = NewcBuilder::new(&entry.path).ino(inode).nlink(1).mode(entry.mode);
    let mut writer = header.set_mode_file_type(ModeFileType::Regular).write(archive, len);
    let mut source = entry.contents.open()?.take(u64::from(len));
    io::copy(&mut source, &mut writer)?;
    writer.finish().map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_come_before_files_and_init_is_executable() {
        let initramfs = Initramfs::empty().file("/usr/share/a", 0o644, "text").run("say hello");
        let archive = initramfs.build().unwrap();
        let mut rest = archive.as_slice();
        let mut seen = Vec::new();
        loop {
            let reader = cpio::NewcReader::new(rest).unwrap();
            if reader.entry().is_trailer() {
                break;
            }
            seen.push((reader.entry().name().to_owned(), reader.entry().mode()));
            rest = reader.finish().unwrap();
        }
        let expected =
            [("usr", 0o040_755), ("usr/share", 0o040_755), ("usr/share/a", 0o100_644), ("init", 0o100_755)];
        assert_eq!(seen, expected.map(|(name, mode)| (name.to_owned(), mode)));
    }
}
