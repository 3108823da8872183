// SPDX-License-Identifier: MIT OR Apache-2.0
//! Of several kernels, the newest by version order starts when nobody presses a key.

use lamboot_scenarios::{WithLamboot, disk_with_lamboot, expect_started, resume};
use lamboot_vm::{Arch, scenario};

#[test]
fn boots_newest_by_default() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let mut image = disk_with_lamboot(&built)?.policy("default_timeout_ms = 200\n");
        for version in ["6.9.1", "6.10.0", "6.10.0~rc3", "6.2.30"] {
            image = image.reading_entry(&built, &format!("reader-{version}.conf"), version)?;
        }
        let (mut vm, _disk) = resume(lab, &built, image)?;
        vm.serial().wait_for("> Reader 6.10.0 ")?;
        expect_started(&mut vm, "6.10.0")
    })
}
