// SPDX-License-Identifier: MIT OR Apache-2.0
//! A folder with ten thousand entry files, all of them empty, costs a bounded time and is spoken of; what
//! else the disk has starts.

use lamboot_scenarios::{PROBE_DONE, Records, WAITING_MENU, WithLamboot, disk_with_lamboot, raw};
use lamboot_vm::{Arch, Ending, scenario};
use std::time::{Duration, Instant};

/// Files in the folder: more than LamBoot looks at.
const FILES: u32 = 10_000;
/// The longest time to the menu, under emulation on a busy machine.
const BOUND: Duration = Duration::from_secs(60);

#[test]
fn ten_thousand_entries_do_not_stop_a_boot() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let image = disk_with_lamboot(&built)?
            .policy(WAITING_MENU)
            .file("/loader/entries", raw::folder_of_empty_entries(FILES))
            .file("/EFI/Microsoft/Boot/bootmgfw.efi", built.probe("reads-initrd")?);
        let disk = lab.disk(image)?;
        raw::make_folder(&disk, *b"ENTRIES    ")?;
        anyhow::ensure!(disk.esp()?.list("/loader/entries")?.len() == FILES as usize);
        let mut vm = lab.machine(Arch::X86_64).disk(&disk).resume()?;
        let started = Instant::now();
        vm.serial().wait_at_most(BOUND, "not offered")?;
        eprintln!("{FILES} files: the menu after {:?}", started.elapsed());
        anyhow::ensure!(vm.serial().text().contains("> Windows Boot Manager"), "{}", vm.serial().text());
        vm.serial().send(b"n")?;
        vm.serial().wait_for("only the first 4096 files were looked at")?;
        vm.serial().send(b"x")?;
        vm.serial().wait_for("Windows Boot Manager")?;
        vm.serial().send(b"\r")?;
        vm.serial().wait_for("INITRD: done")?;
        anyhow::ensure!(vm.wait_end()? == Ending::ExitPort(PROBE_DONE));
        let rejected = Records::read(&disk)?.report.rejected;
        anyhow::ensure!(
            rejected.iter().any(|file| file.reason.contains("only the first 4096")),
            "{rejected:?}"
        );
        Ok(())
    })
}
