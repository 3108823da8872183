// SPDX-License-Identifier: MIT OR Apache-2.0
//! What is in a log, as `--json` prints it. Members are added to, never renamed.

use super::tpm::{Tpm, is_also_by_system};
use serde::Serialize;
use std::collections::BTreeMap;
use tcg_eventlog::{Algorithm, Error, Event, EventLog, Hashed, Pcr, Recheck, Replay, is_supported};

/// The name of the format.
const FORMAT: &str = "lamboot-event-log/1";

/// A log.
#[derive(Debug, Serialize)]
pub(super) struct Document {
    format: &'static str,
    /// `crypto_agile` or `sha1`.
    pub(super) form: &'static str,
    /// The banks that events have digests of.
    pub(super) algorithms: Vec<String>,
    /// From which locality the TPM was started, where the log tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) startup_locality: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) events: Option<Vec<EventInfo>>,
    /// The PCRs of each bank; none where the log cannot be read to its end.
    pub(super) banks: Vec<Bank>,
    /// What somebody should know who relies on the values.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) findings: Vec<String>,
    /// Why the log cannot be read to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<String>,
}

/// An event.
#[derive(Debug, Serialize)]
pub(super) struct EventInfo {
    pub(super) number: u32,
    /// Where it begins, in bytes.
    pub(super) offset: usize,
    pub(super) pcr: u32,
    /// The specification's name, or `event type 0x1234`.
    #[serde(rename = "type")]
    pub(super) name: String,
    type_number: u32,
    /// By bank, in hexadecimal.
    pub(super) digests: BTreeMap<String, String>,
    /// In hexadecimal.
    data: String,
    /// The data in words.
    pub(super) description: String,
    /// Whether the data are what was hashed: `matches`, `differs`, `undetermined` or `not_extended`.
    pub(super) recheck: &'static str,
    /// Which part of them was.
    #[serde(skip_serializing_if = "Option::is_none")]
    hashed: Option<&'static str>,
}

/// The PCRs of a bank.
#[derive(Debug, Serialize)]
pub(super) struct Bank {
    pub(super) algorithm: String,
    pub(super) pcrs: Vec<PcrInfo>,
}

/// A PCR.
#[derive(Debug, Serialize)]
pub(super) struct PcrInfo {
    pub(super) pcr: u32,
    /// The value that the log leads to.
    pub(super) value: String,
    /// The numbers of the events that extended it.
    pub(super) events: Vec<u32>,
    /// What the TPM says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tpm: Option<String>,
    /// Whether that is the same: `same`, `differs`, or `moved_on` where the running system may have extended it
    /// since.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) comparison: Option<&'static str>,
}

impl Document {
    /// Reads a log, and the PCRs of a TPM where there is one to compare with.
    ///
    /// # Errors
    /// The log's first event cannot be read. What is wrong later is in the document.
    pub(super) fn of(bytes: &[u8], tpm: Option<&Tpm>) -> Result<Self, Error> {
        let log = EventLog::parse(bytes)?;
        let mut found = Self {
            format: FORMAT,
            form: if log.header().is_some() { "crypto_agile" } else { "sha1" },
            algorithms: log.algorithms().map(|algorithm| algorithm.to_string()).collect(),
            startup_locality: None,
            events: None,
            banks: Vec::new(),
            findings: Vec::new(),
            error: None,
        };
        let mut events = Vec::new();
        let read: Result<(), Error> = log.events().try_for_each(|event| {
            events.push(event?);
            Ok(())
        });
        found.error = read.err().map(|error| error.to_string());
        found.events = Some(events.iter().map(EventInfo::of).collect());
        if found.error.is_none() {
            found.replay(&log, &events, tpm);
        }
        Ok(found)
    }

    fn replay(&mut self, log: &EventLog<'_>, events: &[Event<'_>], tpm: Option<&Tpm>) {
        let (known, unknown): (Vec<_>, Vec<_>) = log.algorithms().partition(|own| is_supported(*own));
        let finding = |algorithm| format!("the values of bank {algorithm} cannot be computed here");
        self.findings.extend(unknown.into_iter().map(finding));
        let replays =
            known.into_iter().filter_map(|own| Replay::of(own, events.iter().copied().map(Ok)).ok());
        let replays: Vec<_> = replays.collect();
        if let Some(replay) = replays.first() {
            self.startup_locality = replay.startup_locality;
            self.findings.extend(oddities(replay));
        }
        for replay in &replays {
            self.findings.extend(gaps(replay));
            self.banks.push(Bank::of(replay, events, tpm));
        }
        if tpm.is_some() && self.banks.iter().flat_map(|bank| &bank.pcrs).all(|pcr| pcr.tpm.is_none()) {
            self.findings.push("the TPM's PCRs cannot be read, so nothing was compared".into());
        }
    }

    /// Whether a PCR has another value than the log leads to.
    pub(super) fn differs(&self) -> bool {
        self.banks.iter().flat_map(|bank| &bank.pcrs).any(|pcr| pcr.comparison == Some("differs"))
    }

    /// As text, with a newline.
    pub(super) fn json(&self) -> Result<String, String> {
        let text = serde_json::to_string_pretty(self).map_err(|error| error.to_string())?;
        Ok(text + "\n")
    }
}

/// What is odd in a log, whatever the bank.
fn oddities(replay: &Replay) -> Vec<String> {
    let oddities = [
        (replay.out_of_range, "events extend PCRs that PCs do not have"),
        (replay.late_localities, "events tell a startup locality too late, or one that cannot be"),
    ];
    let there = oddities.iter().filter(|(count, _)| *count > 0);
    there.map(|(count, words)| format!("{count} {words}")).collect()
}

/// Which PCRs of a bank cannot be relied on.
fn gaps(replay: &Replay) -> Vec<String> {
    let bank = replay.algorithm;
    let gaps = replay.pcrs().filter(|(_, pcr)| pcr.missing > 0);
    gaps.map(|(index, pcr)| format!("PCR {index}: {} events have no digest for bank {bank}", pcr.missing))
        .collect()
}

impl EventInfo {
    fn of(event: &Event<'_>) -> Self {
        let (recheck, hashed) = words(event.recheck());
        Self {
            number: event.number,
            offset: event.offset,
            pcr: event.pcr,
            name: event.event_type.to_string(),
            type_number: event.event_type.0,
            digests: event.digests.iter().map(|(own, digest)| (own.to_string(), hex(digest))).collect(),
            data: hex(event.data),
            description: event.describe().to_string(),
            recheck,
            hashed,
        }
    }
}

const fn words(recheck: Recheck) -> (&'static str, Option<&'static str>) {
    match recheck {
        Recheck::NotExtended => ("not_extended", None),
        Recheck::Differs => ("differs", None),
        Recheck::Undetermined => ("undetermined", None),
        Recheck::Matches(hashed) => {
            let part = match hashed {
                Hashed::All => "all",
                Hashed::WithoutTerminator => "without_terminator",
                Hashed::AfterPrefix => "after_prefix",
                Hashed::VariableContent => "variable_content",
                Hashed::TaggedContent => "tagged_content",
            };
            ("matches", Some(part))
        }
    }
}

impl Bank {
    fn of(replay: &Replay, events: &[Event<'_>], tpm: Option<&Tpm>) -> Self {
        let info = |(index, pcr): (u32, &Pcr)| PcrInfo::of(index, pcr, replay.algorithm, events, tpm);
        Self { algorithm: replay.algorithm.to_string(), pcrs: replay.pcrs().map(info).collect() }
    }
}

impl PcrInfo {
    fn of(index: u32, pcr: &Pcr, bank: Algorithm, events: &[Event<'_>], tpm: Option<&Tpm>) -> Self {
        let value = pcr.value.to_string();
        let own = events.iter().filter(|event| event.extends() && event.pcr == index);
        let tpm = tpm.and_then(|tpm| tpm.pcr(bank, index));
        let comparison = tpm.as_ref().map(|tpm| match (*tpm == value, is_also_by_system(index)) {
            (true, _) => "same",
            (false, true) => "moved_on",
            (false, false) => "differs",
        });
        Self { pcr: index, value, events: own.map(|event| event.number).collect(), tpm, comparison }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
