// SPDX-License-Identifier: MIT OR Apache-2.0
//! With Secure Boot on, the firmware checks kernels that lie in ISO files as it checks all others: one that
//! nobody signed is refused, a signed one starts.

use anyhow::ensure;
use lamboot_scenarios::{PROBE_DONE, Records, WithLamboot};
use lamboot_schema::trust_log::Event;
use lamboot_vm::{Arch, Contents, DiskImage, Ending, IsoImage, Lab, scenario};
use std::path::PathBuf;

const POLICY: &str = "default_timeout_ms = 0\n[boot-from-iso]\nenabled = true\n";

#[test]
fn iso_kernels_are_checked_under_secure_boot() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let reader = built.probe("reads-initrd")?;
        let image = DiskImage::gpt()
            .file(Arch::X86_64.removable_path(), lab.signed(&built.loader()?)?)
            .file("/isos/signed.iso", live(lab, "Signed", lab.signed(&reader)?)?)
            .file("/isos/unsigned.iso", live(lab, "Unsigned", reader)?)
            .policy(POLICY);
        let disk = lab.disk(image)?;
        let mut vm = lab.machine(Arch::X86_64).secure_boot().disk(&disk).cold()?;
        let serial = vm.serial();
        serial.wait_for("Secure Boot on")?;
        serial.wait_for("> Signed")?;
        serial.send(b"\x1b[B")?;
        serial.wait_for("> Unsigned")?;
        serial.send(b"\r")?;
        serial.wait_for("trusts signed it")?;
        serial.send(b"\x1b[A")?;
        serial.wait_for("> Signed")?;
        serial.send(b"\r")?;
        serial.wait_for("INITRD: options \"system=Signed\"")?;
        ensure!(vm.wait_end()? == Ending::ExitPort(PROBE_DONE));
        let records = Records::read(&disk)?;
        ensure!(records.report.secure_boot == "on" && records.report.entry_type == "iso", "{records:?}");
        ensure!(records.first(Event::ImageLoadFailed)?.path == r"\isos\unsigned.iso\boot\vmlinuz");
        ensure!(records.first(Event::ImageVerified)?.path == r"\isos\signed.iso\boot\vmlinuz");
        Ok(())
    })
}

/// A live system with one entry of this title, for this kernel.
fn live(lab: &Lab, title: &str, kernel: impl Into<Contents>) -> lamboot_vm::Result<PathBuf> {
    let menu = format!("menuentry \"{title}\" {{\n linux /boot/vmlinuz system={title}\n}}\n");
    IsoImage::new("LIVE").file("/boot/vmlinuz", kernel).file("/boot/grub/loopback.cfg", menu).build(lab)
}
