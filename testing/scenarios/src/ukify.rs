// SPDX-License-Identifier: MIT OR Apache-2.0
//! Unified kernel images, made by the distribution's own `ukify`.

use anyhow::ensure;
use lamboot_vm::{Arch, Lab};
use std::path::{Path, PathBuf};
use std::process::Command;

/// An image in the making.
pub struct Image {
    command: Command,
    path: PathBuf,
}

impl Image {
    /// A whole image in a file of this name: the distribution's kernel with this initrd, and what it says
    /// of the system.
    ///
    /// # Errors
    /// When `ukify` or the kernel has not been fetched.
    pub fn whole(lab: &Lab, name: &str, initrd: &Path, os_release: &str) -> anyhow::Result<Self> {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let mut image = Self::with_stub(lab, name, "linuxx64.efi.stub")?;
        image.command.arg("--linux").arg(built.kernel()?).arg("--initrd").arg(initrd);
        image.command.arg(format!("--os-release={os_release}"));
        image.command.arg(format!("--uname={}", built.kernel_version()?));
        Ok(image)
    }

    /// What another profile of an image has of its own, in a file of this name.
    ///
    /// # Errors
    /// When `ukify` has not been fetched.
    pub fn part(lab: &Lab, name: &str) -> anyhow::Result<Self> {
        Self::with_stub(lab, name, "addonx64.efi.stub")
    }

    fn with_stub(lab: &Lab, name: &str, stub: &str) -> anyhow::Result<Self> {
        let (artifacts, path) = (lab.artifacts()?, lab.folder().join(name));
        // The distribution's own Python has the module that ukify reads images with.
        let mut command = Command::new("/usr/bin/python3");
        command.arg(artifacts.ukify("ukify")?).arg("build").arg("--stub").arg(artifacts.ukify(stub)?);
        command.arg("--output").arg(&path);
        Ok(Self { command, path })
    }

    /// Sets the command line.
    #[must_use]
    pub fn options(mut self, text: &str) -> Self {
        self.command.arg(format!("--cmdline={text}"));
        self
    }

    /// Says what this profile is: lines with `ID=` and `TITLE=`.
    #[must_use]
    pub fn profile(mut self, text: &str) -> Self {
        self.command.arg(format!("--profile={text}"));
        self
    }

    /// Adds the profile of a [`Self::part`].
    #[must_use]
    pub fn join(mut self, part: &Path) -> Self {
        self.command.arg("--join-profile").arg(part);
        self
    }

    /// Makes the file.
    ///
    /// # Errors
    /// What `ukify` says.
    pub fn build(mut self) -> anyhow::Result<PathBuf> {
        let made = self.command.output()?;
        ensure!(made.status.success(), "ukify: {}", String::from_utf8_lossy(&made.stderr));
        Ok(self.path)
    }
}
