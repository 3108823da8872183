// SPDX-License-Identifier: MIT OR Apache-2.0
//! Debian's own kernel starts from an ISO file on the ESP, as the image's `loopback.cfg` says: with
//! both initrds, and with a command line by which the system finds its image.

use lamboot_scenarios::{Records, WithLamboot, disk_with_lamboot, quiet_console, resume};
use lamboot_vm::{Arch, Ending, Initramfs, IsoImage, scenario};

/// The menu of Debian's live images in outline; what the volume is called is asked as others do.
const MENU: &str = r#"
probe --set=label --label (hd0)
menuentry "Live system" --hotkey=l {
	linux	/boot/vmlinuz OPTIONS findiso=${iso_path} uuid=${rootuuid} label=${label}
	initrd	/boot/first.img /boot/second.img
}
"#;

#[test]
fn boots_linux_from_iso_file() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let first = Initramfs::empty().file("/first", 0o644, "from the first").build()?;
        let second = Initramfs::new(&built)?
            .run("say first $(cat /first)")
            .run("say kernel with $(cat /proc/cmdline)")
            .run("mount_esp /mnt")
            .run("iso=/mnt$(sed 's/.*findiso=\\([^ ]*\\).*/\\1/' /proc/cmdline)")
            .run("say image $(dd if=$iso bs=1 skip=32769 count=5 2>/dev/null)")
            .build()?;
        let iso = IsoImage::new("LIVE 13")
            .file("/boot/vmlinuz", built.kernel()?)
            .file("/boot/first.img", first)
            .file("/boot/second.img", second)
            .file("/boot/grub/loopback.cfg", MENU.replace("OPTIONS", &quiet_console(&built)))
            .build(lab)?;
        let image = disk_with_lamboot(&built)?
            .policy("[boot-from-iso]\nenabled = true\n")
            .file("/isos/debian-live.iso", iso)
            .file("/isos/half.iso", vec![0; 40_000]);
        let (mut vm, disk) = resume(lab, &built, image)?;
        // Nothing else could start a system, and yet it waits.
        vm.serial().wait_for("> Live system")?;
        vm.serial().wait_for("debian-live.iso")?;
        vm.serial().send(b"\r")?;
        vm.serial().wait_for("LAMBOOT-TEST: first from the first")?;
        vm.serial().wait_for(format!(
            "LAMBOOT-TEST: kernel with {} findiso=/isos/debian-live.iso uuid=4C41-4D42 label=ESP",
            quiet_console(&built)
        ))?;
        vm.serial().wait_for("LAMBOOT-TEST: image CD001")?;
        anyhow::ensure!(vm.wait_end()? == Ending::PoweredOff);
        let report = Records::read(&disk)?.report;
        anyhow::ensure!(report.entry_id == "iso-debian-live.iso" && report.entry_type == "iso", "{report:?}");
        anyhow::ensure!(report.path == r"\isos\debian-live.iso\boot\vmlinuz", "{report:?}");
        anyhow::ensure!(report.metrics.kernel_bytes == Some(std::fs::metadata(built.kernel()?)?.len()));
        anyhow::ensure!(report.rejected.iter().any(|line| line.path == r"\isos\half.iso"), "{report:?}");
        Ok(())
    })
}
