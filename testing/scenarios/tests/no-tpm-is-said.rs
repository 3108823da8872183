// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a machine lacks to protect its trust log is in the log: a TPM, Secure Boot, random numbers; and the level is
//! what is left.

use lamboot_scenarios::{HIDDEN_MENU, Records, WithLamboot, disk_with_lamboot, expect_started, resume};
use lamboot_schema::trust_log::{Degraded, Event, KeyStore, Level};
use lamboot_vm::{Arch, scenario};

#[test]
fn no_tpm_is_said() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let image =
            disk_with_lamboot(&built)?.policy(HIDDEN_MENU).reading_entry(&built, "reader-1.conf", "1")?;
        let (mut vm, disk) = resume(lab, &built, image)?;
        expect_started(&mut vm, "1")?;
        let records = Records::read(&disk)?;
        let epoch = records.first(Event::EpochOpen)?.epoch.as_ref().expect("an epoch's record has it");
        let lacks = [Degraded::NoTpm, Degraded::SecureBootOff, Degraded::NoRandomSource];
        anyhow::ensure!(epoch.degraded == lacks, "{epoch:?}");
        anyhow::ensure!((epoch.level, epoch.key_store) == (Level::Chain, KeyStore::None), "{epoch:?}");
        let last = records.trust.last().expect("records").event;
        anyhow::ensure!(last == Event::EpochSeal, "{last:?}");
        Ok(())
    })
}
