// SPDX-License-Identifier: MIT OR Apache-2.0
//! The `/boot` of an installed system, as a folder of the host that file systems are made from, and volumes
//! as they are found after a crash.

use crate::quiet_console;
use lamboot_fixtures::tools::copy_folder;
use lamboot_vm::{ArchArtifacts, Ending, Initramfs, Lab, Machine};
use std::fs;
use std::io::Read as _;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

/// What RHEL 9's `mkfs.xfs` does without being told.
pub const RHEL_9: &str = "-m crc=1,finobt=1,reflink=1,bigtime=1,inobtcount=1,rmapbt=0 -i sparse=1,nrext64=0";

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
        Self::with_padding(lab, built, name, 0)
    }

    /// The same with an initrd that is larger by `padding` bytes.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn with_padding(lab: &Lab, built: &ArchArtifacts, name: &str, padding: u64) -> anyhow::Result<Self> {
        let folder = lab.folder().join(name);
        let version = format!("{}.el9", built.kernel_version()?);
        let options = format!("root=/dev/mapper/rl-root ro {} volume={name}", quiet_console(built));
        fs::create_dir_all(folder.join("loader/entries"))?;
        fs::copy(built.kernel()?, folder.join(format!("vmlinuz-{version}")))?;
        Initramfs::new(built)?
            .padding(padding)
            .run("say $(cat /proc/cmdline)")
            .run("say padding $(stat -c %s /padding)")
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

    /// The same as a folder of the system's root, whose files the entry names from there.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn in_root(lab: &Lab, built: &ArchArtifacts, name: &str) -> anyhow::Result<Self> {
        let boot = Self::new(lab, built, name)?;
        boot.entry("/boot")?;
        let root = lab.folder().join(format!("{name}-root"));
        fs::create_dir_all(root.join("etc"))?;
        fs::rename(&boot.folder, root.join("boot"))?;
        Ok(Self { folder: root, ..boot })
    }

    /// The same as `OSTree` lays it out: the entry in `loader.1`, to which `loader` is a link, the kernel in a
    /// folder of its deployment, and `boot` as a link to all of it.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn of_ostree(lab: &Lab, built: &ArchArtifacts, name: &str) -> anyhow::Result<Self> {
        let mut boot = Self::new(lab, built, name)?;
        let Self { folder, version, .. } = &boot;
        let deployment = "ostree/default-71e1c0a4b0a5f2d3";
        fs::create_dir_all(folder.join(deployment))?;
        for file in [format!("vmlinuz-{version}"), format!("initramfs-{version}.img")] {
            fs::rename(folder.join(&file), folder.join(deployment).join(&file))?;
        }
        boot.options += " ostree=/ostree/boot.1/default/71e1c0a4b0a5f2d3/0";
        boot.entry(&format!("/{deployment}"))?;
        fs::rename(boot.folder.join("loader"), boot.folder.join("loader.1"))?;
        symlink("loader.1", boot.folder.join("loader"))?;
        symlink(".", boot.folder.join("boot"))?;
        Ok(boot)
    }

    /// Copies its files into the folder `to`, as they are.
    ///
    /// # Errors
    /// There is no room.
    pub fn copy_to(&self, to: &Path) -> anyhow::Result<()> {
        fs::create_dir_all(to)?;
        copy_folder(&self.folder, to)
    }

    /// The kernel's path from the folder on.
    #[must_use]
    pub fn kernel(&self) -> String {
        let name = format!("vmlinuz-{}", self.version);
        if self.folder.join(&name).exists() { name } else { format!("boot/{name}") }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.folder
    }

    /// Waits until the started system has said its command line and switched the machine off.
    ///
    /// # Errors
    /// It does something else, or nothing.
    pub fn comes_up(&self, vm: &mut Machine) -> anyhow::Result<()> {
        vm.serial().wait_for(self.marker())?;
        let ending = vm.wait_end()?;
        anyhow::ensure!(ending == Ending::PoweredOff, "{ending:?}");
        Ok(())
    }

    /// The line that the started system says.
    #[must_use]
    pub fn marker(&self) -> String {
        format!("LAMBOOT-TEST: {}", self.options)
    }
}

/// A volume that a crash left: XFS whose entry `new.conf` and kernel `/vmlinuz-2` are in the log alone, and
/// whose entry `old.conf` is gone by the log alone. Made by the kernel, which `xfs_io -x -c "shutdown -f"`
/// stopped after a `sync` of the kernel and a rename of the entry.
///
/// # Errors
/// The image cannot be written.
pub fn dirty_xfs(image: &Path) -> anyhow::Result<()> {
    let mut packed = Vec::new();
    let compressed = &include_bytes!("../images/dirty-log.xfs.packed.gz")[..];
    flate2::read::GzDecoder::new(compressed).read_to_end(&mut packed)?;
    Ok(lamboot_packed::Image::unpack(&packed).write(image)?)
}
