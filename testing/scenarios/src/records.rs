// SPDX-License-Identifier: MIT OR Apache-2.0
//! What LamBoot wrote to the ESP, read with the types that it was written with.

use anyhow::Context;
use lamboot_schema::boot_report::BootReport;
use lamboot_schema::paths;
use lamboot_schema::trust_log::{Event, Record};
use lamboot_schema::variables::{TRUST_HEAD, TrustHead};
use lamboot_vm::Disk;

/// What LamBoot wrote to the ESP.
#[derive(Debug)]
pub struct Records {
    /// `boot.json`.
    pub report: BootReport,
    /// Every record of the trust log.
    pub trust: Vec<Record>,
    /// The boot log's text.
    pub log: String,
}

impl Records {
    /// Reads them from a disk whose machine has ended.
    ///
    /// # Errors
    /// When a file is missing, or is not of its form.
    pub fn read(disk: &Disk) -> anyhow::Result<Self> {
        let esp = disk.esp()?;
        let report = BootReport::from_slot(&esp.read(paths::BOOT_REPORT)?).context("boot.json")?;
        let trust = esp.text(paths::TRUST_LOG)?;
        let trust = trust.lines().map(|line| Record::from_line(line).with_context(|| line.to_owned()));
        Ok(Self { report, trust: trust.collect::<anyhow::Result<_>>()?, log: esp.text(paths::BOOT_LOG)? })
    }

    /// The first record of this event.
    ///
    /// # Errors
    /// When there is none.
    pub fn first(&self, event: Event) -> anyhow::Result<&Record> {
        self.trust.iter().find(|record| record.event == event).with_context(|| {
            let events: Vec<&str> = self.trust.iter().map(|record| record.event.token()).collect();
            format!("no {} among {events:?}", event.token())
        })
    }
}

/// Where the trust log ends, from what the guest says of the variable: its value in hexadecimal.
///
/// # Errors
/// When it has another form, or other attributes than a volatile variable of firmware and running system.
pub fn trust_head(said: &str) -> anyhow::Result<TrustHead> {
    let digits = said.split_whitespace().next().context("a value")?;
    let pairs = digits.as_bytes().chunks(2).map(|pair| Ok(u8::from_str_radix(str::from_utf8(pair)?, 16)?));
    let bytes = pairs.collect::<anyhow::Result<Vec<u8>>>()?;
    // Four bytes of attributes come first.
    let value = bytes.strip_prefix(&[6, 0, 0, 0]).with_context(|| said.to_owned())?;
    TRUST_HEAD.decode(value).with_context(|| said.to_owned())
}
