// SPDX-License-Identifier: MIT OR Apache-2.0
//! An ISO file without a menu of its own is started as its family wants it: here as Debian Live, the
//! newest of two kernels.

use lamboot_scenarios::{WAITING_MENU, WithLamboot, disk_with_lamboot, resume};
use lamboot_vm::{Arch, Ending, Initramfs, IsoImage, scenario};

#[test]
fn boots_live_image_by_its_family() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let initrd = Initramfs::new(&built)?.run("say kernel with $(cat /proc/cmdline)").build()?;
        let iso = IsoImage::new("d-live 13.1.0 st amd64")
            .file("/live/vmlinuz-6.9.7-amd64", "an older one")
            .file("/live/initrd.img-6.9.7-amd64", "an older one's")
            .file("/live/vmlinuz-6.10.3-amd64", built.kernel()?)
            .file("/live/initrd.img-6.10.3-amd64", initrd)
            .build(lab)?;
        let image = disk_with_lamboot(&built)?
            .policy(&format!("{WAITING_MENU}[boot-from-iso]\nenabled = true\n"))
            .file("/boot/isos/live.iso", iso)
            .reading_entry(&built, "reader.conf", "1")?;
        let (mut vm, _disk) = resume(lab, &built, image)?;
        vm.serial().wait_for("> Reader 1")?;
        vm.serial().send(b"j")?;
        vm.serial().wait_for("> d-live 13.1.0 st amd64")?;
        // The kernel says nothing on this console unless it is told to: the owner adds that.
        vm.serial().send(b"e")?;
        vm.serial().wait_for("Command line for this start:")?;
        vm.serial().send(b" console=ttyS0 quiet\r")?;
        vm.serial().wait_for(
            "LAMBOOT-TEST: kernel with boot=live findiso=/boot/isos/live.iso console=ttyS0 quiet",
        )?;
        anyhow::ensure!(vm.wait_end()? == Ending::PoweredOff);
        Ok(())
    })
}
