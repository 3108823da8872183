// SPDX-License-Identifier: MIT OR Apache-2.0
//! A record that a power cut tore stays a line of its own: the next boot's records can be read.

use lamboot_scenarios::{HIDDEN_MENU, WithLamboot, disk_with_lamboot, expect_started, resume};
use lamboot_schema::{paths, trust_log::Record};
use lamboot_vm::{Arch, scenario};

#[test]
fn torn_log_line_spoils_no_other() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let image = disk_with_lamboot(&built)?
            .policy(HIDDEN_MENU)
            .file(paths::TRUST_LOG, "{\"seq\":0,\"event\":\"boot_st")
            .reading_entry(&built, "reader-1.conf", "1")?;
        let (mut vm, disk) = resume(lab, &built, image)?;
        expect_started(&mut vm, "1")?;
        let log = disk.esp()?.text(paths::TRUST_LOG)?;
        let unreadable: Vec<&str> = log.lines().filter(|line| Record::from_line(line).is_err()).collect();
        anyhow::ensure!(unreadable == ["{\"seq\":0,\"event\":\"boot_st"], "{log}");
        anyhow::ensure!(log.lines().count() > 5, "{log}");
        Ok(())
    })
}
