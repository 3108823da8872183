// SPDX-License-Identifier: MIT OR Apache-2.0
//! The trust log of real boots is a chain that real firmware witnesses: two boots are intact, each code of the second
//! is right by the key that the firmware kept, root in the guest does not get that key through the system's interface,
//! and lines that are cut off while the machine is off are missed by the loader and by whoever reads the log.

use anyhow::{Context as _, Result, ensure};
use lamboot_scenarios::{HIDDEN_MENU, WithLamboot, disk_with_linux, trust_head};
use lamboot_schema::paths;
use lamboot_schema::trust_log::{Found, Level};
use lamboot_schema::variables::{LAMBOOT_VENDOR, TRUST_STATE, TrustHead, TrustState};
use lamboot_trust::{EpochKey, Known, Macs, Report, Verdict, verify};
use lamboot_vm::{Arch, ArchArtifacts, Disk, DiskImage, Ending, Initramfs, Lab, scenario};
use std::fs;
use std::path::Path;

#[test]
fn truncation_detected() -> Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let store = lab.variable_store(Arch::X86_64)?;
        let disk = lab.disk(disk(&built)?)?;
        let first = boot(lab, &disk, &store)?;
        let key = stored_key(&store, first)?;
        let second = boot(lab, &disk, &store)?;
        let log = disk.esp()?.text(paths::TRUST_LOG)?;
        two_boots_are_intact(&log, first, second, &key)?;

        let shorter: Vec<&str> = log.lines().collect();
        let shorter = shorter[..shorter.len() - 3].join("\n") + "\n";
        let cut = lab.disk(self::disk(&built)?.file(paths::TRUST_LOG, shorter))?;
        let third = boot(lab, &cut, &store)?;
        let log = cut.esp()?.text(paths::TRUST_LOG)?;
        let report = check(&log, third, Some(key));
        let last = report.epochs.last().context("an epoch")?;
        ensure!(last.found == Found::Truncated && last.number == 3, "{report:?}");
        ensure!(report.verdict() == Verdict::Tampered, "{report:?}");
        Ok(())
    })
}

fn check(log: &str, head: TrustHead, key: Option<EpochKey>) -> Report {
    verify(&[log.as_bytes()], &Known { key, head: Some(head) })
}

fn two_boots_are_intact(log: &str, first: TrustHead, second: TrustHead, key: &EpochKey) -> Result<()> {
    let report = check(log, second, None);
    ensure!(report.problems.is_empty() && report.remarks.is_empty(), "{report:?}\n{log}");
    let epochs: Vec<_> = report.epochs.iter().map(|epoch| (epoch.number, epoch.found, epoch.level)).collect();
    ensure!(
        epochs == [(1, Found::First, Level::MacNvram), (2, Found::Intact, Level::MacNvram)],
        "{epochs:?}"
    );
    ensure!((first.epoch, second.epoch, first.chain) == (1, 2, second.chain), "{first:?} {second:?}");
    // From the second epoch on, by the key that the firmware had kept for it.
    let from = log.match_indices("{\"seq\":0,").nth(1).context("a second boot")?.0;
    let report = check(&log[from..], second, Some(key.clone()));
    ensure!(report.problems.is_empty(), "{report:?}\n{log}");
    ensure!(report.epochs.iter().all(|epoch| epoch.macs == Macs::Checked), "{report:?}");
    Ok(())
}

fn disk(built: &ArchArtifacts) -> Result<DiskImage> {
    let state = format!("$efivars/LamBootTrustState-{LAMBOOT_VENDOR}");
    let initrd = Initramfs::new(built)?
        .run("mount_efivars")
        .run(&format!("variable LamBootTrustHead {LAMBOOT_VENDOR}"))
        .run(&format!("if cat {state} > /dev/null 2>&1; then say the key was read; else say no key; fi"))
        .build()?;
    Ok(disk_with_linux(built, initrd)?.policy(HIDDEN_MENU))
}

/// Boots Linux and returns where the log ends, as its root reads it.
fn boot(lab: &Lab, disk: &Disk, store: &Path) -> Result<TrustHead> {
    let mut vm = lab.machine(Arch::X86_64).entropy().disk(disk).variable_store(store).cold()?;
    vm.serial().wait_for("LAMBOOT-TEST: variable LamBootTrustHead = ")?;
    let said = vm.serial().wait_for("LAMBOOT-TEST: no key")?;
    ensure!(vm.wait_end()? == Ending::PoweredOff);
    trust_head(&said)
}

/// The key of the epoch after this one, from the flash chip, which the host of a virtual machine can read.
fn stored_key(store: &Path, head: TrustHead) -> Result<EpochKey> {
    let flash = fs::read(store)?;
    let name: Vec<u8> = TRUST_STATE.id.name.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect();
    let places = flash.windows(name.len()).enumerate().filter(|(_, bytes)| *bytes == name);
    let states =
        places.filter_map(|(at, _)| TRUST_STATE.decode(flash.get(at + name.len()..at + name.len() + 94)?));
    let sealed: Vec<TrustState> = states.filter(|state| state.sealed && state.head == head).collect();
    let state = sealed.last().context("the state is in the variable store")?;
    Ok(EpochKey::new(head.chain, head.epoch + 1, &state.next_key))
}
