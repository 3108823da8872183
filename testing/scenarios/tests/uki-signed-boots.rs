// SPDX-License-Identifier: MIT OR Apache-2.0
//! With Secure Boot on, a unified kernel image that a key in `db` signed boots with its own initrd, and one that nobody
//! signed does not.

use anyhow::ensure;
use lamboot_scenarios::{Records, WithLamboot, ukify};
use lamboot_schema::trust_log::Event;
use lamboot_vm::{Arch, DiskImage, Ending, Initramfs, scenario};
use std::fs;

#[test]
fn uki_signed_boots() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let initrd = lab.folder().join("initrd.img");
        fs::write(&initrd, Initramfs::new(&built)?.run("say came up").build()?)?;
        let make = |name: &str, title: &str| {
            let release = format!("ID=unified\nNAME={title}\nPRETTY_NAME={title}\nVERSION_ID=1\n");
            let image = ukify::Image::whole(lab, name, &initrd, &release)?;
            image.options("console=ttyS0 quiet").build()
        };
        let image = DiskImage::gpt()
            .file(Arch::X86_64.removable_path(), lab.signed(&built.loader()?)?)
            .policy("default_timeout_ms = 0\n")
            .file("/EFI/Linux/a.efi", make("unsigned.efi", "Unsigned")?)
            .file("/EFI/Linux/b.efi", lab.signed(&make("signed.efi", "Signed")?)?);
        let disk = lab.disk(image)?;
        let mut vm = lab.machine(Arch::X86_64).secure_boot().disk(&disk).cold()?;
        let serial = vm.serial();
        serial.wait_for("> Signed")?;
        let steps =
            [("\x1b[B", "> Unsigned", "trusts signed it"), ("\x1b[H", "> Signed", "LAMBOOT-TEST: came up")];
        for (key, title, answer) in steps {
            serial.send(key.as_bytes())?;
            serial.wait_for(title)?;
            serial.send(b"\r")?;
            serial.wait_for(answer)?;
        }
        ensure!(vm.wait_end()? == Ending::PoweredOff);
        let records = Records::read(&disk)?;
        ensure!(records.first(Event::ImageLoadFailed)?.path == r"\EFI\Linux\a.efi");
        ensure!(records.first(Event::ImageVerified)?.path == r"\EFI\Linux\b.efi");
        Ok(())
    })
}
