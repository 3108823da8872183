// SPDX-License-Identifier: MIT OR Apache-2.0
//! What scenarios share: disks that are nearly always wanted, and what LamBoot left on them.
//!
//! Every property is one file in `tests/`, named by the property. Each starts a virtual machine with
//! what `cargo xtask build` made; run them with `cargo xtask test` or `cargo xtask vm NAME`.
//!
//! # What this does not do
//!
//! Anything that can be shown without firmware is tested in the crate that decides it.
#![forbid(unsafe_code)]

pub mod boot_volume;
pub mod guest;
pub mod picture;
pub mod raw;
mod records;
pub mod ukify;

pub use records::{Records, trust_head};

use lamboot_schema::variables::{LAMBOOT_VENDOR, LOADER_ENTRY_ONE_SHOT, Variable};
use lamboot_vm::{ArchArtifacts, Contents, Disk, DiskImage, Ending, Lab, LaunchPlan, Machine, Result, Uuid};

/// The launcher's last word: exit port value when the loader under test came back.
pub const LOADER_RETURNED: u32 = 0x11;
/// Exit port value of a probe that did what it is for.
pub const PROBE_DONE: u32 = 0x10;
/// LamBoot starts its default without showing the menu.
pub const HIDDEN_MENU: &str = "[ui]\nmenu = \"hidden\"\n";
/// LamBoot shows the menu and waits for its owner.
pub const WAITING_MENU: &str = "default_timeout_ms = 0\n";

/// A disk with LamBoot where firmware looks for it and where its installer puts it.
///
/// # Errors
/// When LamBoot has not been built.
pub fn disk_with_lamboot(built: &ArchArtifacts) -> Result<DiskImage> {
    let loader = built.loader()?;
    let installed = format!("/EFI/LamBoot/{}", built.arch().loader_name());
    Ok(DiskImage::gpt().file(built.arch().removable_path(), loader.clone()).file(&installed, loader))
}

/// What a scenario adds to a disk with LamBoot.
pub trait WithLamboot: Sized {
    /// Writes the owner's policy.
    #[must_use]
    fn policy(self, text: &str) -> Self;

    /// Adds an entry file; `text` are its lines.
    #[must_use]
    fn entry(self, file_name: &str, text: &str) -> Self;

    /// Adds an image that reads its initrd and ends the machine, and an entry for it with `options`
    /// of the entry's own name, so that a test can tell which entry was started.
    ///
    /// # Errors
    /// When the probes have not been built.
    fn reading_entry(self, built: &ArchArtifacts, file_name: &str, version: &str) -> Result<Self>;
}

impl WithLamboot for DiskImage {
    fn policy(self, text: &str) -> Self {
        self.file("/EFI/LamBoot/policy.toml", text)
    }

    fn entry(self, file_name: &str, text: &str) -> Self {
        self.file(&format!("/loader/entries/{file_name}"), text)
    }

    fn reading_entry(self, built: &ArchArtifacts, file_name: &str, version: &str) -> Result<Self> {
        let image = format!("/{version}/reader.efi");
        let text = format!(
            "title Reader {version}\nversion {version}\nsort-key reader\nlinux {image}\noptions entry={version}\n"
        );
        Ok(self.file(&image, built.probe("reads-initrd")?).entry(file_name, &text))
    }
}

/// Starts a machine from its saved state, with LamBoot on the disk.
///
/// # Errors
/// When the disk cannot be made or QEMU not be started.
pub fn resume(lab: &Lab, built: &ArchArtifacts, image: DiskImage) -> Result<(Machine, Disk)> {
    let disk = lab.disk(image)?;
    let vm = lab.machine(built.arch()).disk(&disk).resume()?;
    Ok((vm, disk))
}

/// Waits until the reading image of `version` was started and has ended the machine.
///
/// # Errors
/// When another image was started, or none.
pub fn expect_started(vm: &mut Machine, version: &str) -> anyhow::Result<()> {
    vm.serial().wait_for("INITRD: options \"")?;
    vm.serial().wait_for("INITRD: done")?;
    let text = vm.serial().text();
    anyhow::ensure!(text.contains(&format!("INITRD: options \"entry={version}\"")), "{text}");
    anyhow::ensure!(vm.wait_end()? == Ending::ExitPort(PROBE_DONE));
    Ok(())
}

/// Sets one of LamBoot's own variables before LamBoot starts.
pub trait WithVariable {
    /// Sets `variable` to `value`.
    #[must_use]
    fn with<T>(self, variable: &Variable<T>, value: &T) -> Self;
}

impl WithVariable for LaunchPlan {
    fn with<T>(self, variable: &Variable<T>, value: &T) -> Self {
        assert_eq!(variable.id.vendor, LAMBOOT_VENDOR, "only non-volatile variables outlive the launcher");
        self.set_variable(vendor(variable), variable.id.name, &variable.encode(value))
    }
}

/// A plan that asks LamBoot for this entry, once.
#[must_use]
pub fn starting_once(id: &str) -> LaunchPlan {
    let variable = &LOADER_ENTRY_ONE_SHOT;
    LaunchPlan::new().set_variable(vendor(variable), variable.id.name, &variable.encode(&id.into()))
}

/// The variable's vendor GUID as text tools write it.
#[must_use]
pub fn vendor<T>(variable: &Variable<T>) -> Uuid {
    Uuid::parse_str(&variable.id.vendor.to_string()).expect("a GUID's text is a UUID's")
}

/// The kernel command line for a console that the test can read.
#[must_use]
pub fn quiet_console(built: &ArchArtifacts) -> String {
    format!("console={} quiet nokaslr", built.arch().serial_console())
}

/// A disk with LamBoot, the distribution's kernel, and this initrd.
///
/// # Errors
/// When LamBoot has not been built or the kernel not been fetched.
pub fn disk_with_linux(built: &ArchArtifacts, initrd: impl Into<Contents>) -> Result<DiskImage> {
    let version = built.kernel_version()?;
    let text = format!(
        "title Debian\nversion {version}\nsort-key debian\nlinux /debian/{version}/linux\n\
         initrd /debian/{version}/initrd.img\noptions {}\n",
        quiet_console(built)
    );
    let image = disk_with_lamboot(built)?
        .file(&format!("/debian/{version}/linux"), built.kernel()?)
        .file(&format!("/debian/{version}/initrd.img"), initrd)
        .entry(&format!("debian-{version}.conf"), &text);
    Ok(image)
}
