// SPDX-License-Identifier: MIT OR Apache-2.0
//! Compares with `tpm2_eventlog` what is read of logs: each event's PCR, type, digests and size, and the values of
//! PCRs.
//!
//! Runs when `LAMBOOT_REFEREES=1`.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use tcg_eventlog::{Algorithm, Builder, EventLog, EventType, Replay};

const LINUX: &[u8] = include_bytes!("logs/linux.eventlog");

/// Types that version 5.4 of the referee does not know; it says so in place of their names.
const NEWER: [EventType; 4] = [
    EventType::EFI_HCRTM_EVENT,
    EventType::POST_CODE2,
    EventType::EFI_VARIABLE_BOOT2,
    EventType::EFI_SPDM_DEVICE_POLICY,
];
/// The version from which on it heeds startup localities; those before extend PCR 0 by the event that tells one
/// (tpm2-tools, issue 3146).
const KNOWS_LOCALITY: (u32, u32) = (5, 6);
const NOT_KNOWN: &str = "Unknown event type";

/// What the referee says of an event.
#[derive(Debug, Default, PartialEq)]
struct Told {
    pcr: u32,
    event_type: String,
    digests: BTreeMap<String, String>,
    size: usize,
}

/// Values in hexadecimal by bank and number.
type Pcrs = BTreeMap<(String, u32), String>;

#[test]
fn tpm2_eventlog_says_the_same() {
    if std::env::var_os("LAMBOOT_REFEREES").is_none_or(|value| value != "1") {
        eprintln!("referee not asked: LAMBOOT_REFEREES is not 1");
        return;
    }
    let knows_locality = version().unwrap() >= KNOWS_LOCALITY;
    for (name, log) in logs() {
        let is_judge_of_pcr_0 = knows_locality || !name.starts_with("locality");
        judge(&log, is_judge_of_pcr_0).with_context(|| name).unwrap();
    }
}

/// The referee's version, as far as it counts.
fn version() -> Result<(u32, u32)> {
    let output = Command::new("tpm2_eventlog").arg("--version").output().context("tpm2_eventlog")?;
    let text = String::from_utf8(output.stdout)?;
    let version = text.split("version=\"").nth(1).with_context(|| text.clone())?;
    let mut numbers = version.split(|c: char| !c.is_ascii_digit()).map(str::parse);
    Ok((numbers.next().context("no version")??, numbers.next().context("no version")??))
}

fn logs() -> Vec<(&'static str, Vec<u8>)> {
    let all = [Algorithm::SHA1, Algorithm::SHA256, Algorithm::SHA384, Algorithm::SHA512];
    let locality = |value: u8| [&b"StartupLocality\0"[..], &[value]].concat();
    let with_locality = |value| {
        let log = Builder::agile(&all[1..3]).event(0, EventType::NO_ACTION, &locality(value));
        log.event(0, EventType::S_CRTM_VERSION, b"1\0.\0\0\0").build()
    };
    vec![
        ("a real log", LINUX.to_vec()),
        ("every bank", every_type(Builder::agile(&all)).build()),
        ("one bank", every_type(Builder::agile(&all[1..2])).build()),
        ("only SHA-1", every_type(Builder::sha1()).build()),
        ("locality 3", with_locality(3)),
        ("locality 4", with_locality(4)),
        ("no event but the header", Builder::agile(&all).build()),
    ]
}

/// An event of every type that the referee knows, with data that it can read.
fn every_type(log: Builder) -> Builder {
    let numbers =
        |numbers: &[u64]| numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<_>>();
    let blob = numbers(&[0xFF00_0000, 4096]);
    let image = [numbers(&[1, 2, 3, 4]), vec![0x7F, 0xFF, 4, 0]].concat();
    let variable = [vec![7; 16], numbers(&[2, 1]), b"P\0K\0\x01".to_vec()].concat();
    let tag = b"\x01\0\0\0\x03\0\0\0tag".to_vec();
    let text = |pcr, event_type| (pcr, event_type, b"some text\0".to_vec());
    let events = [
        (0, EventType::POST_CODE, blob.clone()),
        (0, EventType::S_CRTM_CONTENTS, blob.clone()),
        (0, EventType::S_CRTM_VERSION, b"1\0\0\0".to_vec()),
        (1, EventType::CPU_MICROCODE, blob.clone()),
        (1, EventType::PLATFORM_CONFIG_FLAGS, vec![9; 7]),
        (1, EventType::TABLE_OF_DEVICES, vec![9; 7]),
        text(4, EventType::ACTION),
        (5, EventType::EVENT_TAG, tag),
        (6, EventType::COMPACT_HASH, b"word".to_vec()),
        text(8, EventType::IPL),
        (2, EventType::NONHOST_CODE, vec![9; 7]),
        (3, EventType::NONHOST_CONFIG, vec![9; 7]),
        (0, EventType::NONHOST_INFO, vec![9; 7]),
        text(4, EventType::OMIT_BOOT_DEVICE_EVENTS),
        (7, EventType::EFI_VARIABLE_DRIVER_CONFIG, variable.clone()),
        (1, EventType::EFI_VARIABLE_BOOT, variable.clone()),
        (4, EventType::EFI_BOOT_SERVICES_APPLICATION, image.clone()),
        (2, EventType::EFI_BOOT_SERVICES_DRIVER, image.clone()),
        (2, EventType::EFI_RUNTIME_SERVICES_DRIVER, image),
        text(4, EventType::EFI_ACTION),
        (0, EventType::EFI_PLATFORM_FIRMWARE_BLOB, blob),
        (0, EventType::EFI_HCRTM_EVENT, b"HCRTM".to_vec()),
        (0, EventType::POST_CODE2, b"data".to_vec()),
        (1, EventType::EFI_VARIABLE_BOOT2, variable.clone()),
        (7, EventType::EFI_SPDM_DEVICE_POLICY, variable),
        (14, EventType::SEPARATOR, vec![0; 4]),
    ];
    events.iter().fold(log, |log, (pcr, event_type, data)| log.event(*pcr, *event_type, data))
}

fn judge(bytes: &[u8], is_judge_of_pcr_0: bool) -> Result<()> {
    let (told, pcrs) = ask(bytes)?;
    let log = EventLog::parse(bytes)?;
    let events: Vec<_> = log.events().collect::<Result<_, _>>()?;
    ensure!(told.len() == events.len(), "{} events, and the referee has {}", events.len(), told.len());
    for (event, told) in events.iter().zip(&told) {
        let digests = event.digests.iter().map(|(own, digest)| (own.to_string(), hex(digest))).collect();
        let is_newer = told.event_type == NOT_KNOWN && NEWER.contains(&event.event_type);
        let event_type = if is_newer { NOT_KNOWN.into() } else { event.event_type.to_string() };
        let own = Told { pcr: event.pcr, event_type, digests, size: event.data.len() };
        ensure!(own == *told, "event {}: {own:?} is {told:?}", event.number);
    }
    let mut compared = 0;
    for bank in log.algorithms() {
        let replay = Replay::of(bank, log.events())?;
        for (index, pcr) in replay.pcrs().filter(|(_, pcr)| pcr.extended > 0) {
            let told = pcrs.get(&(bank.to_string(), index)).with_context(|| format!("no {bank} {index}"))?;
            let counts = is_judge_of_pcr_0 || index != 0;
            ensure!(!counts || *told == pcr.value.to_string(), "{bank} {index}: {} is {told}", pcr.value);
            compared += 1;
        }
    }
    ensure!(compared == pcrs.len(), "{compared} PCRs, and the referee has {}", pcrs.len());
    Ok(())
}

/// Has the referee read a log.
fn ask(bytes: &[u8]) -> Result<(Vec<Told>, Pcrs)> {
    let mut file = tempfile::NamedTempFile::new()?;
    file.write_all(bytes)?;
    let output = Command::new("tpm2_eventlog").arg(file.path()).output().context("tpm2_eventlog")?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout);
    let (events, values) = text.split_once("\npcrs:").unwrap_or((&text, ""));
    // Events of a log that has only SHA-1 digests begin with this.
    let events = events.split("\n  PCRIndex: ").skip(1);
    Ok((events.map(event).collect::<Result<_>>()?, pcrs(values)?))
}

/// One event of its YAML, from its PCR on, up to the data.
fn event(text: &str) -> Result<Told> {
    let (pcr, rest) = text.split_once('\n').context("an event of one line")?;
    let mut told = Told { pcr: pcr.parse()?, ..Told::default() };
    let mut bank = "sha1".to_owned();
    for line in rest.lines() {
        let Some((key, value)) = line.trim_start_matches([' ', '-']).split_once(": ") else { continue };
        match key {
            "EventType" => told.event_type = value.into(),
            "AlgorithmId" => bank = value.into(),
            "Digest" => _ = told.digests.insert(bank.clone(), value.trim_matches('"').into()),
            "EventSize" => {
                told.size = value.parse()?;
                break;
            }
            _ => {}
        }
    }
    Ok(told)
}

fn pcrs(text: &str) -> Result<Pcrs> {
    let mut bank = "";
    let mut pcrs = Pcrs::new();
    for line in text.lines() {
        match line.trim().split_once(':') {
            Some((name, "")) => bank = name,
            Some((index, value)) => {
                let value = value.trim().trim_start_matches("0x").to_owned();
                pcrs.insert((bank.to_owned(), index.trim().parse()?), value);
            }
            None => {}
        }
    }
    Ok(pcrs)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
