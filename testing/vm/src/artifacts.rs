// SPDX-License-Identifier: MIT OR Apache-2.0
//! The files that `cargo xtask build` makes for guests.
//!
//! ```text
//! x86_64/lambootx64.efi   aarch64/lambootaa64.efi   the loader
//! <arch>/probe/<name>.efi                           programs of testing/probe
//! <arch>/vmlinuz  <arch>/kernel-version             a distribution's kernel
//! <arch>/modules/*.ko                               modules that the initramfs loads
//! <arch>/busybox  <arch>/lamboot                    static programs that run in the guest
//! <arch>/guest/{root.img,vmlinuz,initrd.img}       an installed system of the distribution
//! peers/*.efi                                       other loaders, for comparison
//! ```

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use crate::{Arch, Result, VmError, error::Doing, workspace};

/// The folder of built files: `LAMBOOT_ARTIFACTS`, or `target/artifacts` of the workspace.
#[derive(Clone, Debug)]
pub struct Artifacts {
    folder: PathBuf,
}

/// The built files for one architecture.
#[derive(Clone, Debug)]
pub struct ArchArtifacts {
    arch: Arch,
    folder: PathBuf,
}

impl Artifacts {
    /// Finds the folder.
    ///
    /// # Errors
    /// [`VmError::MissingArtifact`] when it does not exist.
    pub fn locate() -> Result<Self> {
        let folder = env::var_os("LAMBOOT_ARTIFACTS")
            .map_or_else(|| workspace::target_dir().join("artifacts"), PathBuf::from);
        Ok(Self { folder: present(folder)? })
    }

    /// The files for guests of this architecture.
    #[must_use]
    pub fn arch(&self, arch: Arch) -> ArchArtifacts {
        ArchArtifacts { arch, folder: self.folder.join(arch.name()) }
    }

    /// `ukify`, or one of the stubs that it builds images and profiles with.
    ///
    /// # Errors
    /// [`VmError::MissingArtifact`] when it has not been fetched.
    pub fn ukify(&self, name: &str) -> Result<PathBuf> {
        present(self.folder.join("ukify").join(name))
    }

    /// Another boot loader, for comparison.
    ///
    /// # Errors
    /// [`VmError::MissingArtifact`] when it has not been fetched.
    pub fn peer(&self, name: &str) -> Result<PathBuf> {
        present(self.folder.join("peers").join(name))
    }
}

impl ArchArtifacts {
    /// Which architecture these files are for.
    #[must_use]
    pub fn arch(&self) -> Arch {
        self.arch
    }

    /// LamBoot.
    ///
    /// # Errors
    /// [`VmError::MissingArtifact`] when it has not been built.
    pub fn loader(&self) -> Result<PathBuf> {
        present(self.folder.join(self.arch.loader_name()))
    }

    /// A UEFI program of `testing/probe`, by the name of its binary.
    ///
    /// # Errors
    /// [`VmError::MissingArtifact`] when it has not been built.
    pub fn probe(&self, name: &str) -> Result<PathBuf> {
        present(self.folder.join("probe").join(format!("{name}.efi")))
    }

    /// The distribution's kernel.
    ///
    /// # Errors
    /// [`VmError::MissingArtifact`] when it has not been fetched.
    pub fn kernel(&self) -> Result<PathBuf> {
        present(self.folder.join("vmlinuz"))
    }

    /// The kernel's release, as `uname -r` tells it.
    ///
    /// # Errors
    /// [`VmError::MissingArtifact`] when the kernel has not been fetched.
    pub fn kernel_version(&self) -> Result<String> {
        let path = present(self.folder.join("kernel-version"))?;
        let text = fs::read_to_string(&path).doing(|| format!("read {}", path.display()))?;
        Ok(text.trim().to_owned())
    }

    /// The static busybox.
    ///
    /// # Errors
    /// [`VmError::MissingArtifact`] when it has not been fetched.
    pub fn busybox(&self) -> Result<PathBuf> {
        present(self.folder.join("busybox"))
    }

    /// The `lamboot` program for the booted system.
    ///
    /// # Errors
    /// [`VmError::MissingArtifact`] when it has not been built.
    pub fn host_program(&self) -> Result<PathBuf> {
        present(self.folder.join("lamboot"))
    }

    /// A file of the distribution's installed system: `root.img`, `vmlinuz` or `initrd.img`.
    ///
    /// # Errors
    /// [`VmError::MissingArtifact`] when it has not been made.
    pub fn guest(&self, file: &str) -> Result<PathBuf> {
        present(self.folder.join("guest").join(file))
    }

    /// The kernel modules, sorted by name.
    ///
    /// # Errors
    /// [`VmError::MissingArtifact`] when the kernel has not been fetched.
    pub fn modules(&self) -> Result<Vec<PathBuf>> {
        let folder = present(self.folder.join("modules"))?;
        let entries = fs::read_dir(&folder).doing(|| format!("list {}", folder.display()))?;
        let mut modules: Vec<_> =
            entries.flatten().map(|entry| entry.path()).filter(|path| is_module(path)).collect();
        modules.sort();
        Ok(modules)
    }
}

fn is_module(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "ko")
}

fn present(path: PathBuf) -> Result<PathBuf> {
    if path.exists() { Ok(path) } else { Err(VmError::MissingArtifact { missing: vec![path] }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_file_is_named_with_the_command_that_makes_it() {
        let artifacts = Artifacts { folder: "/no/such/folder".into() };
        let message = artifacts.arch(Arch::Aarch64).probe("launcher").unwrap_err().to_string();
        assert_eq!(message, "/no/such/folder/aarch64/probe/launcher.efi is missing: run `cargo xtask build`");
    }
}
