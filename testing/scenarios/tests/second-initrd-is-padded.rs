// SPDX-License-Identifier: MIT OR Apache-2.0
//! Several initrds reach the kernel as one, each but the last filled to four bytes with zeros.

use lamboot_scenarios::{HIDDEN_MENU, PROBE_DONE, WithLamboot, disk_with_lamboot, resume};
use lamboot_vm::{Arch, Ending, checksum, scenario};

#[test]
fn second_initrd_is_padded() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let parts: [&[u8]; 4] = [b"12345", b"", b"123456789ab", b"odd"];
        let mut text = String::from("title Reader\nlinux /reader.efi\n");
        let mut image =
            disk_with_lamboot(&built)?.policy(HIDDEN_MENU).file("/reader.efi", built.probe("reads-initrd")?);
        for (number, part) in parts.iter().enumerate() {
            text += &format!("initrd /part{number}\n");
            image = image.file(&format!("/part{number}"), part.to_vec());
        }
        let (mut vm, _disk) = resume(lab, &built, image.entry("reader.conf", &text))?;
        let expected = b"12345\0\0\x00123456789ab\0odd";
        vm.serial().wait_for("INITRD: boot policy TRUE gives UNSUPPORTED")?;
        vm.serial().wait_for(format!("INITRD: size query gives BUFFER_TOO_SMALL {}", expected.len()))?;
        vm.serial().wait_for(format!(
            "INITRD: size {} checksum {:016x}",
            expected.len(),
            checksum(expected)
        ))?;
        anyhow::ensure!(vm.serial().text().contains("INITRD: device path present"));
        anyhow::ensure!(vm.wait_end()? == Ending::ExitPort(PROBE_DONE));
        Ok(())
    })
}
