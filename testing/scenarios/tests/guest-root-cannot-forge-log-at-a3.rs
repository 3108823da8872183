// SPDX-License-Identifier: MIT OR Apache-2.0
//! With a TPM and Secure Boot, the key of the trust log is in an NV index that is locked when the system runs: its
//! root, who meets the index's policy and asks the TPM itself, is refused. After the next reset the loader has it
//! again, and the log is intact at the level that says so.

use anyhow::{Result, ensure};
use lamboot_scenarios::{HIDDEN_MENU, WithLamboot, trust_head};
use lamboot_schema::paths;
use lamboot_schema::trust_log::{Found, Level};
use lamboot_schema::variables::LAMBOOT_VENDOR;
use lamboot_trust::{Known, verify};
use lamboot_vm::{Arch, DiskImage, Ending, Initramfs, scenario};

/// `TPM2_StartAuthSession` for a policy, `TPM2_PolicyPCR` for PCR 7, and `TPM2_NV_Read` of the index by that session
/// (TPM 2.0 Library, part 3, sections 11.1, 23.7 and 31.13): what each one answers, in hexadecimal.
const ASK_TPM: &str = r#"
exec 3<>/dev/tpm0
ask() { printf "$2" >&3; say "$1 $(od -An -v -tx1 <&3 | tr -d ' \n')"; }
ask session '\x80\x01\x00\x00\x00\x2b\x00\x00\x01\x76\x40\x00\x00\x07\x40\x00\x00\x07\x00\x10\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x00\x00\x01\x00\x10\x00\x0b'
ask policy '\x80\x01\x00\x00\x00\x1a\x00\x00\x01\x7f\x03\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x0b\x03\x80\x00\x00'
ask read '\x80\x02\x00\x00\x00\x23\x00\x00\x01\x4e\x01\xd1\x02\x80\x01\xd1\x02\x80\x00\x00\x00\x09\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00\x5e\x00\x00'
exec 3>&-
"#;
/// Answers begin with a tag and a size.
const SUCCESS: &str = "00000000";
/// `TPM_RC_NV_LOCKED` (part 2, section 6.6.3).
const LOCKED: &str = "00000148";

#[test]
fn guest_root_cannot_forge_log_at_a3() -> Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let again = format!("$efivars/LamBootCrashCount-{LAMBOOT_VENDOR}");
        let initrd = Initramfs::new(&built)?
            .run("mount_efivars")
            .run(&format!("variable LamBootTrustHead {LAMBOOT_VENDOR}"))
            .run(&format!("[ ! -e $efivars/LamBootTrustState-{LAMBOOT_VENDOR} ] && say no variable"))
            .run(ASK_TPM)
            .run(&format!("if [ ! -e {again} ]; then say first; sync; reboot -f; sleep 60; fi"))
            .build()?;
        let entry =
            "title Debian\nlinux /debian/linux\ninitrd /debian/initrd.img\noptions console=ttyS0 quiet\n";
        let image = DiskImage::gpt()
            .file(Arch::X86_64.removable_path(), lab.signed(&built.loader()?)?)
            .file("/debian/linux", lab.signed(&built.kernel()?)?)
            .file("/debian/initrd.img", initrd)
            .policy(HIDDEN_MENU)
            .entry("debian.conf", entry);
        let disk = lab.disk(image)?;
        let mut vm = lab.machine(Arch::X86_64).secure_boot().tpm().entropy().disk(&disk).cold()?;
        let mut head = String::new();
        for boot in ["first", "second"] {
            vm.serial().wait_for("LAMBOOT-TEST: variable LamBootTrustHead = ")?;
            head = vm.serial().wait_for("LAMBOOT-TEST: no variable")?;
            for (what, code) in [("session", SUCCESS), ("policy", SUCCESS), ("read", LOCKED)] {
                vm.serial().wait_for(format!("LAMBOOT-TEST: {what} "))?;
                let answer = vm.serial().wait_for("\n")?;
                ensure!(answer.trim().get(12..20) == Some(code), "{boot} boot, {what}: {answer}");
            }
        }
        ensure!(vm.wait_end()? == Ending::PoweredOff);
        let log = disk.esp()?.text(paths::TRUST_LOG)?;
        let report = verify(&[log.as_bytes()], &Known { key: None, head: Some(trust_head(&head)?) });
        ensure!(report.problems.is_empty() && report.remarks.is_empty(), "{report:?}\n{log}");
        let epochs: Vec<_> =
            report.epochs.iter().map(|epoch| (epoch.number, epoch.found, epoch.level)).collect();
        ensure!(
            epochs == [(1, Found::First, Level::MacTpm), (2, Found::Intact, Level::MacTpm)],
            "{epochs:?}"
        );
        Ok(())
    })
}
