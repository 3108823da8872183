// SPDX-License-Identifier: MIT OR Apache-2.0
//! Names that no installer writes, but that a FAT directory can hold: their files are refused or are
//! ordinary entries, and the machine starts.

use anyhow::ensure;
use lamboot_scenarios::{Records, WAITING_MENU, WithLamboot, disk_with_lamboot, expect_started, raw};
use lamboot_vm::{Arch, Disk, scenario};

/// How names begin when they are written, and what they are made afterwards; both have five units,
/// which stand together in a long name's entry.
const RENAMED: [(&str, &str); 3] = [("qqqq1", "a\\..b"), ("qqqq2", "c/../"), ("qqqq3", "d\u{7}\u{1b}[e")];

#[test]
fn hostile_names_are_refused() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let mut image = disk_with_lamboot(&built)?
            .policy(WAITING_MENU)
            .reading_entry(&built, "reader-1.conf", "1")?
            .entry("tilde~1.conf", "title Tilde\nlinux /1/reader.efi\noptions tilde\n")
            .entry("dots..in.conf", "title Dots\nlinux /1/reader.efi\noptions dots\n");
        for (written, _) in RENAMED {
            image = image.entry(&format!("{written}long.conf"), "title Hostile\nlinux /1/reader.efi\n");
        }
        let disk = lab.disk(image)?;
        RENAMED.iter().try_for_each(|(from, to)| rename(&disk, from, to))?;
        let mut vm = lab.machine(Arch::X86_64).disk(&disk).resume()?;
        vm.serial().wait_for("4 not offered")?;
        vm.serial().send(b"n")?;
        vm.serial().wait_for("the name has two dots together, a slash or")?;
        vm.serial().send(b"x")?;
        vm.serial().wait_for("Reader 1")?;
        vm.serial().send(b"\r")?;
        expect_started(&mut vm, "1")?;
        let text = vm.serial().text();
        ensure!(text.contains("Tilde"), "a tilde harms nobody: {text}");
        ensure!(!text.contains("Hostile") && !text.contains("Dots"), "{text}");
        ensure!(!text.contains("\u{7}"), "a name has rung the terminal's bell");
        let rejected = Records::read(&disk)?.report.rejected;
        ensure!(rejected.iter().all(|file| file.reason.contains("two dots together")), "{rejected:?}");
        for name in ["dots..in", "a\\..b", "c/../", "[e"] {
            ensure!(rejected.iter().any(|file| file.path.contains(name)), "{name}: {rejected:?}");
        }
        Ok(())
    })
}

/// Changes the first units of a long name; its checksum is that of the short name, which stays.
fn rename(disk: &Disk, from: &str, to: &str) -> anyhow::Result<()> {
    let units = |name: &str| name.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    ensure!(from.len() == to.len());
    raw::patch(disk, &units(from), 0, &units(to))
}
