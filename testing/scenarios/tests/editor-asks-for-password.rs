// SPDX-License-Identifier: MIT OR Apache-2.0
//! The editor opens with its password only, typed on the serial line, which shows none of it.

use lamboot_core::password::PasswordHash;
use lamboot_scenarios::{PROBE_DONE, Records, WAITING_MENU, WithLamboot, disk_with_lamboot, resume};
use lamboot_schema::paths;
use lamboot_schema::trust_log::{Event, Status};
use lamboot_vm::{Arch, Ending, scenario};

const PASSWORD: &str = "Xyzzy 9!";
const WRONG: &str = "Plugh 7?";

#[test]
fn editor_asks_for_password() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let hash = PasswordHash::make(PASSWORD, *b"salt of one test", 5_000).map_err(anyhow::Error::msg)?;
        let policy = format!("{WAITING_MENU}[security]\neditor_password = \"{hash}\"\n");
        let image = disk_with_lamboot(&built)?.policy(&policy).reading_entry(&built, "reader-1.conf", "1")?;
        let (mut vm, disk) = resume(lab, &built, image)?;
        vm.serial().wait_for("> Reader 1")?;
        for (password, answer) in [(WRONG, "not the password. 4 more tries"), (PASSWORD, "entry=1")] {
            vm.serial().send(b"e")?;
            vm.serial().wait_for("Password of the editor:")?;
            vm.serial().send(password.as_bytes())?;
            vm.serial().wait_for("*".repeat(password.len()))?;
            vm.serial().send(b"\r")?;
            vm.serial().wait_for(answer)?;
        }
        vm.serial().send(b" single")?;
        vm.serial().wait_for("entry=1 single")?;
        vm.serial().send(b"\r")?;
        vm.serial().wait_for("INITRD: options \"entry=1 single\"")?;
        anyhow::ensure!(vm.wait_end()? == Ending::ExitPort(PROBE_DONE));
        let records = Records::read(&disk)?;
        let tries = records.trust.iter().filter(|record| record.event == Event::EditorPassword);
        let tries: Vec<Status> = tries.map(|record| record.status).collect();
        anyhow::ensure!(tries == [Status::Rejected, Status::Success], "{tries:?}");
        let shown = vm.serial().text();
        let stored = disk.esp()?.text(paths::TRUST_LOG)? + &records.log + &records.report.command_line;
        for secret in ["Xyzzy", "Plugh", PASSWORD, WRONG] {
            anyhow::ensure!(
                !shown.contains(secret) && !stored.contains(secret),
                "{secret} is not kept secret"
            );
        }
        Ok(())
    })
}
