// SPDX-License-Identifier: MIT OR Apache-2.0
//! With Secure Boot on, a command line that the policy lets the owner edit is logged and measured, and an image
//! that nobody signed is not started.

use anyhow::ensure;
use lamboot_scenarios::{PROBE_DONE, Records, WithLamboot};
use lamboot_schema::trust_log::{Event, Status, VerifiedVia};
use lamboot_vm::{Arch, DiskImage, Ending, scenario};

const POLICY: &str = "default_timeout_ms = 0\n[security]\neditor = \"always\"\nmeasured_boot = false\n";

#[test]
fn edited_line_is_measured_under_secure_boot() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let reader = built.probe("reads-initrd")?;
        let image = DiskImage::gpt()
            .file(Arch::X86_64.removable_path(), lab.signed(&built.loader()?)?)
            .file("/signed.efi", lab.signed(&reader)?)
            .file("/unsigned.efi", reader)
            .policy(POLICY)
            .entry(
                "signed.conf",
                "title Signed\nsort-key reader\nversion 2\nlinux /signed.efi\noptions entry=1\n",
            )
            .entry("unsigned.conf", "title Unsigned\nsort-key reader\nversion 1\nlinux /unsigned.efi\n");
        let disk = lab.disk(image)?;
        let mut vm = lab.machine(Arch::X86_64).secure_boot().tpm().disk(&disk).cold()?;
        let serial = vm.serial();
        serial.wait_for("Secure Boot on")?;
        serial.wait_for("> Signed")?;
        serial.send(b"\x1b[B")?;
        serial.wait_for("> Unsigned")?;
        serial.send(b"\r")?;
        serial.wait_for("Secure Boot refuses it: nobody that")?;
        serial.send(b"\x1b[A")?;
        serial.wait_for("> Signed")?;
        serial.send(b"e")?;
        serial.wait_for("Command line for this start:")?;
        serial.send(b" single\r")?;
        serial.wait_for("INITRD: options \"entry=1 single\"")?;
        ensure!(vm.wait_end()? == Ending::ExitPort(PROBE_DONE));
        let records = Records::read(&disk)?;
        ensure!(records.report.secure_boot == "on", "{:?}", records.report.secure_boot);
        ensure!(records.report.command_line == "entry=1 single");
        records.first(Event::CommandLineEdited)?;
        let measured = records.first(Event::CmdlineMeasured)?;
        ensure!(measured.status == Status::Success, "{measured:?}");
        ensure!(measured.note.as_deref() == Some("PCR 12"), "{measured:?}");
        ensure!(records.first(Event::ImageLoadFailed)?.path == r"\unsigned.efi");
        let verified = records.first(Event::ImageVerified)?;
        ensure!(verified.verified_via == Some(VerifiedVia::FirmwareLoadimage), "{verified:?}");
        Ok(())
    })
}
