// SPDX-License-Identifier: MIT OR Apache-2.0
//! The distribution's newest kernel for virtual machines.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use super::archive::{Archive, System};
use super::modules;
use crate::arch::Arch;

/// The package that holds the newest kernel: what the distribution's own meta package
/// depends on.
pub(super) fn newest(archive: &Archive, system: &System, arch: Arch) -> Result<String> {
    let meta = meta_package(system, arch);
    let image = archive.dependencies(&meta)?.into_iter().find(|package| package.starts_with("linux-image-"));
    image.with_context(|| format!("{meta} depends on no kernel"))
}

/// Debian's cloud kernel is small and LZ4, which decompresses fast under emulation.
fn meta_package(system: &System, arch: Arch) -> String {
    if system.is_ubuntu {
        "linux-image-virtual".to_owned()
    } else {
        format!("linux-image-cloud-{}", arch.debian())
    }
}

/// Fills `folder` with `vmlinuz`, `kernel-version` and `modules/` of the kernel `package`.
pub(super) fn fetch(archive: &Archive, package: &str, folder: &Path) -> Result<()> {
    let unpacked = archive.unpack(package, &folder.join("unpacked"))?;
    // Ubuntu has the modules in a package of their own.
    for modules in archive.dependencies(package)?.iter().filter(|name| name.starts_with("linux-modules-")) {
        archive.unpack(modules, &unpacked)?;
    }
    let version = pick_kernel(&unpacked, folder)?;
    fs::write(folder.join("kernel-version"), format!("{version}\n"))?;
    let trees = ["lib/modules", "usr/lib/modules"].map(|place| unpacked.join(place).join(&version));
    let tree = trees.iter().find(|tree| tree.is_dir()).context("the kernel's package has no modules")?;
    modules::pick(tree, &folder.join("modules"))?;
    Ok(fs::remove_dir_all(unpacked)?)
}

/// Writes `vmlinuz` as an EFI program into `folder`, and returns the kernel's version.
fn pick_kernel(unpacked: &Path, folder: &Path) -> Result<String> {
    let (file, version) = find_kernel(&unpacked.join("boot"))?;
    let bytes = fs::read(&file)?;
    // Ubuntu compresses the whole kernel on ARM; firmware cannot start that.
    let bytes = if bytes.starts_with(&[0x1f, 0x8b]) { gunzip(&file)? } else { bytes };
    anyhow::ensure!(bytes.starts_with(b"MZ"), "{} is no EFI program", file.display());
    fs::write(folder.join("vmlinuz"), bytes)?;
    Ok(version)
}

fn find_kernel(boot: &Path) -> Result<(PathBuf, String)> {
    for entry in fs::read_dir(boot).context("the kernel's package has no /boot")? {
        let entry = entry?;
        let name = entry.file_name();
        if let Some(version) = name.to_str().and_then(|name| name.strip_prefix("vmlinuz-")) {
            return Ok((entry.path(), version.to_owned()));
        }
    }
    anyhow::bail!("the kernel's package has no /boot/vmlinuz-*")
}

fn gunzip(file: &Path) -> Result<Vec<u8>> {
    modules::decompressed(Command::new("gzip").args(["-d", "-c"]).arg(file))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_compressed_kernel_is_unpacked_and_a_foreign_file_is_refused() {
        let base = std::env::temp_dir().join(format!("lamboot-kernel-{}", std::process::id()));
        fs::create_dir_all(base.join("boot")).unwrap();
        let file = base.join("boot/vmlinuz-6.1.0-test");
        fs::write(&file, "MZ the kernel").unwrap();
        assert!(Command::new("gzip").arg(&file).status().unwrap().success());
        fs::rename(base.join("boot/vmlinuz-6.1.0-test.gz"), &file).unwrap();
        let version = pick_kernel(&base, &base).unwrap();
        let unpacked = fs::read(base.join("vmlinuz")).unwrap();
        fs::write(&file, "#!/bin/sh").unwrap();
        let refused = pick_kernel(&base, &base);
        fs::remove_dir_all(&base).unwrap();
        assert_eq!((version.as_str(), unpacked.as_slice()), ("6.1.0-test", b"MZ the kernel".as_slice()));
        assert!(refused.is_err());
    }
}
