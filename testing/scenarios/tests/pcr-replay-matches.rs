// SPDX-License-Identifier: MIT OR Apache-2.0
//! The event log of a boot under Secure Boot, replayed, gives the values that the TPM has, in every bank; and the
//! command line is in it, as it was measured.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context as _, Result, ensure};
use lamboot_scenarios::WithLamboot;
use lamboot_schema::{measurements, paths};
use lamboot_vm::{Arch, DiskImage, Ending, Initramfs, scenario};
use sha2::{Digest as _, Sha256};
use tcg_eventlog::{Algorithm, Description, EventLog, EventType, Hashed, Recheck, Replay};

const ENTRY: &str =
    "title Debian\nlinux /debian/linux\ninitrd /debian/initrd.img\noptions console=ttyS0 quiet nokaslr\n";
const POLICY: &str = "default_timeout_ms = 0\n";
const LOADER_CONF: &str = "editor no\n";
const SECURITYFS: &str = "mount -t securityfs securityfs /sys/kernel/security";
/// The log's bytes, in lines that a console takes.
const SAY_LOG: &str =
    "say log begins; od -An -v -tx1 /sys/kernel/security/tpm0/binary_bios_measurements; say log ends";
/// Every PCR of every bank.
const SAY_PCRS: &str =
    "for file in /sys/class/tpm/tpm0/pcr-*/*; do echo \"$file $(cat $file)\"; done; say pcrs end";
/// The tool's own opinion, about the same boot.
const ASK_TOOL: &str = "lamboot inspect event-log --pcrs-only; say tool ended with $?";
/// The PCR that the kernel's integrity subsystem begins with, while it starts: in no log of firmware.
const IMA: u32 = 10;

#[test]
fn pcr_replay_matches() -> Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let initrd = Initramfs::new(&built)?.file("/bin/lamboot", 0o755, built.host_program()?);
        let lines = [SECURITYFS, SAY_LOG, SAY_PCRS, ASK_TOOL];
        let initrd = lines.iter().fold(initrd, |initrd, line| initrd.run(line)).build()?;
        let image = DiskImage::gpt()
            .file(Arch::X86_64.removable_path(), lab.signed(&built.loader()?)?)
            .file("/debian/linux", lab.signed(&built.kernel()?)?)
            .file("/debian/initrd.img", initrd)
            .policy(POLICY)
            .file(paths::LOADER_CONF, LOADER_CONF)
            .entry("debian.conf", ENTRY);
        let disk = lab.disk(image)?;
        let mut vm = lab.machine(Arch::X86_64).secure_boot().tpm().disk(&disk).cold()?;
        vm.serial().wait_for("> Debian")?;
        vm.serial().send(b"\r")?;
        vm.serial().wait_for("LAMBOOT-TEST: log begins")?;
        let log = bytes(&vm.serial().wait_for("LAMBOOT-TEST: log ends")?)?;
        let pcrs = pcrs(&vm.serial().wait_for("LAMBOOT-TEST: pcrs end")?);
        vm.serial().wait_for("LAMBOOT-TEST: tool ended with 0")?;
        ensure!(vm.wait_end()? == Ending::PoweredOff);
        keep(&log, &pcrs)?;
        compare(&log, &pcrs)?;
        command_line_is_in(&log)?;
        configuration_is_in(&log)
    })
}

/// The bytes that `od` wrote.
fn bytes(text: &str) -> Result<Vec<u8>> {
    let words = text.split_whitespace().filter(|word| word.len() == 2);
    words.map(|word| u8::from_str_radix(word, 16).with_context(|| word.to_owned())).collect()
}

/// Values in hexadecimal by bank and number.
fn pcrs(text: &str) -> BTreeMap<(String, u32), String> {
    let line = |line: &str| {
        let (file, value) = line.trim().strip_prefix("/sys/class/tpm/tpm0/pcr-")?.split_once(' ')?;
        let (bank, index) = file.split_once('/')?;
        Some(((bank.to_owned(), index.parse().ok()?), value.to_ascii_lowercase()))
    };
    text.lines().filter_map(line).collect()
}

/// Writes both to files where somebody wants them for other tests.
fn keep(log: &[u8], pcrs: &BTreeMap<(String, u32), String>) -> Result<()> {
    let Some(folder) = std::env::var_os("LAMBOOT_KEEP_EVENT_LOG").map(std::path::PathBuf::from) else {
        return Ok(());
    };
    let lines = pcrs.iter().map(|((bank, index), value)| format!("{bank} {index} {value}\n"));
    fs::write(folder.join("linux.pcrs"), lines.collect::<String>())?;
    Ok(fs::write(folder.join("linux.eventlog"), log)?)
}

fn compare(log: &[u8], pcrs: &BTreeMap<(String, u32), String>) -> Result<()> {
    let log = EventLog::parse(log)?;
    let banks: Vec<Algorithm> = log.algorithms().collect();
    ensure!(banks.contains(&Algorithm::SHA256), "{banks:?}");
    for bank in banks {
        let replay = Replay::of(bank, log.events())?;
        for (index, pcr) in replay.pcrs().filter(|(index, _)| *index != IMA) {
            let tpm = pcrs.get(&(bank.to_string(), index)).with_context(|| format!("no {bank} {index}"))?;
            ensure!(*tpm == pcr.value.to_string(), "PCR {index} of {bank}: {pcr:?}, and the TPM has {tpm}");
        }
        ensure!(replay.pcr(4).is_some_and(|pcr| pcr.extended > 2) && pcrs.len() >= 24);
    }
    Ok(())
}

fn command_line_is_in(log: &[u8]) -> Result<()> {
    let log = EventLog::parse(log)?;
    for event in log.events() {
        let event = event?;
        ensure!(event.recheck() != Recheck::Differs, "event {}: {}", event.number, event.describe());
        if event.pcr == 12 && event.event_type == EventType::IPL {
            let Description::Text(text) = event.describe() else { continue };
            let is_it = text.chars().collect::<String>().contains("console=ttyS0 quiet nokaslr");
            ensure!(is_it, "{text}");
            ensure!(event.recheck() == Recheck::Matches(Hashed::WithoutTerminator), "{:?}", event.recheck());
            return Ok(());
        }
    }
    anyhow::bail!("no event has the command line")
}

/// Policy and `loader.conf`, byte by byte as they are on the disk.
fn configuration_is_in(log: &[u8]) -> Result<()> {
    let log = EventLog::parse(log)?;
    for (file, text) in [(measurements::POLICY, POLICY), (measurements::LOADER_CONF, LOADER_CONF)] {
        let wanted = Sha256::digest(text);
        let is_it = |event: &tcg_eventlog::Event<'_>| {
            let tag = matches!(event.describe(), Description::Tagged(tagged) if tagged.tag == file.tag);
            event.pcr == 5 && tag && event.digests.get(Algorithm::SHA256) == Some(&wanted[..])
        };
        let found = log.events().filter(|event| event.as_ref().is_ok_and(is_it)).count();
        ensure!(found == 1, "{} stands {found} times in PCR 5", file.words);
    }
    Ok(())
}
