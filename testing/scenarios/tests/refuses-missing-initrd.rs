// SPDX-License-Identifier: MIT OR Apache-2.0
//! An entry whose initrd is missing is not started without it: the next one is, and the log says why.

use lamboot_scenarios::{HIDDEN_MENU, Records, WithLamboot, disk_with_lamboot, expect_started, resume};
use lamboot_schema::trust_log::Event;
use lamboot_vm::{Arch, scenario};

#[test]
fn refuses_missing_initrd() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let image = disk_with_lamboot(&built)?
            .policy(HIDDEN_MENU)
            .reading_entry(&built, "reader-1.conf", "1")?
            .file("/ucode.img", "microcode")
            .file("/linux", built.probe("reads-initrd")?)
            .entry(
                "broken.conf",
                "title Broken\nsort-key a\nlinux /linux\ninitrd /ucode.img\ninitrd /gone.img\n",
            );
        let (mut vm, disk) = resume(lab, &built, image)?;
        expect_started(&mut vm, "1")?;
        let refused = Records::read(&disk)?.first(Event::BlsEntryInvalid)?.clone();
        anyhow::ensure!(refused.note.as_ref().is_some_and(|note| note.contains(r"\gone.img")), "{refused:?}");
        Ok(())
    })
}
