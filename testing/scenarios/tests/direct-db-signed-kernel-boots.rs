// SPDX-License-Identifier: MIT OR Apache-2.0
//! With Secure Boot on and no shim, of three copies of the distribution's kernel the one boots that a key in `db`
//! signed: the firmware refuses the one that nobody signed and the one that was changed after it was signed, and the
//! menu and the trust log say so, with the kernel's hash.

use anyhow::ensure;
use lamboot_scenarios::{Records, WithLamboot};
use lamboot_schema::trust_log::{Event, Status, VerifiedVia};
use lamboot_vm::{Arch, ArchArtifacts, DiskImage, Ending, Initramfs, Lab, scenario};
use sha2::{Digest as _, Sha256};
use std::fs;
use std::path::PathBuf;

/// In the order of the menu.
const KINDS: [&str; 3] = ["signed", "tampered", "unsigned"];
/// Of the kernel's compressed payload.
const PLACE: usize = 3 << 20;

#[test]
fn direct_db_signed_kernel_boots() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let disk = lab.disk(image(lab, &built)?)?;
        let mut vm = lab.machine(Arch::X86_64).secure_boot().disk(&disk).cold()?;
        let serial = vm.serial();
        serial.wait_for("Secure Boot on")?;
        serial.send(b"\x1b[B")?;
        // After a refusal the next entry is the chosen one.
        for kind in ["tampered", "unsigned"] {
            serial.wait_for(format!("> Debian {kind}"))?;
            serial.send(b"\r")?;
            serial.wait_for("trusts signed it")?;
        }
        serial.send(b"\x1b[H")?;
        serial.wait_for("> Debian signed")?;
        serial.send(b"\r")?;
        serial.wait_for("LAMBOOT-TEST: this is signed")?;
        ensure!(vm.wait_end()? == Ending::PoweredOff);
        let records = Records::read(&disk)?;
        let refused = records.trust.iter().filter(|record| record.event == Event::ImageLoadFailed);
        let refused: Vec<_> = refused.map(|record| (record.path.as_str(), record.status)).collect();
        let expected = [(r"\tampered\linux", Status::Rejected), (r"\unsigned\linux", Status::Rejected)];
        ensure!(refused == expected, "{refused:?}");
        let verified = records.first(Event::ImageVerified)?;
        ensure!(verified.path == r"\signed\linux", "{verified:?}");
        ensure!(verified.verified_via == Some(VerifiedVia::FirmwareLoadimage), "{verified:?}");
        let kernel = disk.esp()?.read("/signed/linux")?;
        let digits: String = Sha256::digest(kernel).iter().map(|byte| format!("{byte:02x}")).collect();
        ensure!(verified.sha256 == digits, "{verified:?}, and the file has {digits}");
        Ok(())
    })
}

fn image(lab: &Lab, built: &ArchArtifacts) -> anyhow::Result<DiskImage> {
    let signed = lab.signed(&built.kernel()?)?;
    let initrd = Initramfs::new(built)?.run("say this is $(cat /proc/cmdline)").build()?;
    let image = DiskImage::gpt()
        .file(Arch::X86_64.removable_path(), lab.signed(&built.loader()?)?)
        .policy("default_timeout_ms = 0\n[trust-log]\nhash_images = true\n")
        .file("/initrd.img", initrd);
    let kernels = [signed.clone(), tampered(lab, &signed)?, built.kernel()?];
    Ok(KINDS.iter().zip(kernels).fold(image, |image, (kind, kernel)| {
        let text = format!(
            "title Debian {kind}\nsort-key {kind}\nlinux /{kind}/linux\ninitrd /initrd.img\noptions {kind} console=ttyS0 quiet\n"
        );
        image.file(&format!("/{kind}/linux"), kernel).entry(&format!("{kind}.conf"), &text)
    }))
}

/// One bit of the kernel is another one, after it was signed.
fn tampered(lab: &Lab, signed: &PathBuf) -> anyhow::Result<PathBuf> {
    let mut bytes = fs::read(signed)?;
    bytes[PLACE] ^= 1;
    let path = lab.folder().join("tampered");
    fs::write(&path, bytes)?;
    Ok(path)
}
