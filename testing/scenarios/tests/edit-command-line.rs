// SPDX-License-Identifier: MIT OR Apache-2.0
//! The owner changes a command line for one start; the entry's file stays as it is.

use lamboot_scenarios::{PROBE_DONE, Records, WAITING_MENU, WithLamboot, disk_with_lamboot, resume};
use lamboot_schema::trust_log::Event;
use lamboot_vm::{Arch, Ending, scenario};

#[test]
fn edit_command_line() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let image =
            disk_with_lamboot(&built)?.policy(WAITING_MENU).reading_entry(&built, "reader-1.conf", "1")?;
        let (mut vm, disk) = resume(lab, &built, image)?;
        vm.serial().wait_for("> Reader 1")?;
        vm.serial().send(b"e")?;
        vm.serial().wait_for("Command line for this start:")?;
        vm.serial().wait_for("entry=1")?;
        vm.serial().send(b" single\x7f\x08LE")?;
        vm.serial().wait_for("entry=1 singLE")?;
        vm.serial().send(b"\r")?;
        vm.serial().wait_for("INITRD: options \"entry=1 singLE\"")?;
        anyhow::ensure!(vm.wait_end()? == Ending::ExitPort(PROBE_DONE));
        let records = Records::read(&disk)?;
        anyhow::ensure!(records.report.command_line == "entry=1 singLE");
        records.first(Event::CommandLineEdited)?;
        anyhow::ensure!(disk.esp()?.text("/loader/entries/reader-1.conf")?.contains("options entry=1\n"));
        Ok(())
    })
}
