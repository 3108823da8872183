// SPDX-License-Identifier: MIT OR Apache-2.0
//! The `/boot` of an installed system, as a folder of the host that file systems are made from.

use crate::quiet_console;
use lamboot_vm::{ArchArtifacts, Initramfs, Lab};
use std::fs;
use std::path::{Path, PathBuf};

/// A `/boot` as RHEL 9 and its kin have it: entries by `kernel-install` with the words of GRUB in them,
/// kernel and initrd beside.
#[derive(Debug)]
pub struct BootFolder {
    folder: PathBuf,
    version: String,
    options: String,
}

impl BootFolder {
    /// Makes the folder `name` of `lab`. The initrd says which command line the kernel was given and
    /// switches the machine off.
    ///
    /// # Errors
    /// A part has not been fetched or built.
    pub fn new(lab: &Lab, built: &ArchArtifacts, name: &str) -> anyhow::Result<Self> {
        let folder = lab.folder().join(name);
        let version = format!("{}.el9", built.kernel_version()?);
        let options = format!("root=/dev/mapper/rl-root ro {} volume={name}", quiet_console(built));
        fs::create_dir_all(folder.join("loader/entries"))?;
        fs::copy(built.kernel()?, folder.join(format!("vmlinuz-{version}")))?;
        Initramfs::new(built)?
            .run("say $(cat /proc/cmdline)")
            .build_file(&folder.join(format!("initramfs-{version}.img")))?;
        let boot = Self { folder, version, options };
        boot.entry("")?;
        Ok(boot)
    }

    /// Writes the entry, with `prefix` before the paths of its files.
    fn entry(&self, prefix: &str) -> anyhow::Result<()> {
        let Self { version, options, .. } = self;
        let text = format!(
            "title Rocky Linux ({version}) 9.4 (Blue Onyx)\nversion {version}\nlinux {prefix}/vmlinuz-{version}\n\
             initrd {prefix}/initramfs-{version}.img $tuned_initrd\noptions {options} $tuned_params\n\
             grub_users $grub_users\ngrub_arg --unrestricted\ngrub_class rocky\n"
        );
        let name = format!("0123456789abcdef0123456789abcdef-{version}.conf");
        Ok(fs::write(self.folder.join("loader/entries").join(name), text)?)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.folder
    }

    /// The line that the started system says.
    #[must_use]
    pub fn marker(&self) -> String {
        format!("LAMBOOT-TEST: {}", self.options)
    }
}
