// SPDX-License-Identifier: MIT OR Apache-2.0
//! An installed system of the distribution, as `bootctl` and `systemctl` live in it: the referee of
//! the Boot Loader Interface.
//!
//! All of it comes from the distribution's packages. What is changed afterwards: root has no password
//! and is logged in on the serial console, the host is called `guest`, the ESP is mounted to `/efi`;
//! manual pages, documentation and translations are left out.

use std::fs::{self, OpenOptions};
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};
use lamboot_vm::ESP_PARTITION_GUID;

use super::archive::{Archive, System};
use crate::process;

/// The packages beside the essential ones.
const PACKAGES: &str = "systemd,systemd-sysv,systemd-boot,udev,dbus,kmod,mount,login,initramfs-tools,fdisk";
/// What is left out of every package.
const EXCLUDED: [&str; 3] = ["/usr/share/man/*", "/usr/share/doc/*", "/usr/share/locale/*"];
/// Size of the file system: what is installed, and room to work in.
const SIZE: u64 = 1 << 30;

/// Logs root in on the serial console.
const AUTOLOGIN: &str = "\
[Service]
ExecStart=
ExecStart=-/sbin/agetty --autologin root --keep-baud 115200 %I vt220
";

/// Makes `root.img`, `vmlinuz` and `initrd.img` in `folder`.
pub(super) fn make(system: &System, archive: &Archive, folder: &Path) -> Result<()> {
    let root = folder.join("root.img");
    let fstab = format!("PARTUUID={ESP_PARTITION_GUID} /efi vfat defaults 0 2");
    let unit = "etc/systemd/system/serial-getty@ttyS0.service.d";
    fs::write(folder.join("autologin.conf"), AUTOLOGIN)?;
    let mut command = Command::new("mmdebstrap");
    command.args(["--quiet", "--variant=apt", "--format=ext2"]);
    command.arg(format!("--include={PACKAGES},{}", kernel(system)));
    command.args(EXCLUDED.map(|path| format!("--dpkgopt=path-exclude={path}")));
    for hook in [
        "passwd --root \"$1\" --delete root".to_owned(),
        format!("mkdir -p \"$1/efi\" \"$1/{unit}\""),
        format!("copy-in autologin.conf /{unit}"),
        format!("echo '{fstab}' > \"$1/etc/fstab\"; echo guest > \"$1/etc/hostname\""),
        "cp \"$1\"/boot/vmlinuz-* \"$1/vmlinuz.copy\"; cp \"$1\"/boot/initrd.img-* \"$1/initrd.copy\""
            .to_owned(),
        "copy-out /vmlinuz.copy /initrd.copy .".to_owned(),
        "rm \"$1/vmlinuz.copy\" \"$1/initrd.copy\"".to_owned(),
    ] {
        command.arg(format!("--customize-hook={hook}"));
    }
    command.arg(system.codename()).arg("root.img").arg(archive.sources());
    process::output(command.current_dir(folder))?;
    fs::remove_file(folder.join("autologin.conf"))?;
    fs::rename(folder.join("vmlinuz.copy"), folder.join("vmlinuz"))?;
    fs::rename(folder.join("initrd.copy"), folder.join("initrd.img"))?;
    grow(&root)
}

/// The kernel for virtual machines.
const fn kernel(system: &System) -> &'static str {
    if system.is_ubuntu { "linux-image-virtual" } else { "linux-image-cloud-amd64" }
}

/// Gives the file system room.
fn grow(image: &Path) -> Result<()> {
    let file = OpenOptions::new().write(true).open(image)?;
    file.set_len(SIZE).context("cannot enlarge the image")?;
    process::output(Command::new("e2fsck").args(["-f", "-p"]).arg(image))?;
    process::output(Command::new("resize2fs").arg(image))?;
    Ok(())
}
