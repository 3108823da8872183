// SPDX-License-Identifier: MIT OR Apache-2.0
//! What is in a log, for people. Every text of the log comes in words that do nothing to a terminal.

use super::document::{Bank, Document, EventInfo, PcrInfo};
use std::fmt::Write as _;

pub(super) fn of(found: &Document) -> String {
    let mut text = String::new();
    for event in found.events.iter().flatten() {
        push_event(&mut text, event);
    }
    if found.events.is_some() {
        text.push_str(
            "\n= the data are what was hashed   ! they are not   ? nothing vouches for them   \
             . nothing was measured\n",
        );
    }
    for bank in &found.banks {
        push_bank(&mut text, bank);
    }
    for finding in &found.findings {
        let _ = writeln!(text, "note: {finding}");
    }
    text
}

fn push_event(text: &mut String, event: &EventInfo) {
    let mark = match event.recheck {
        "matches" => '=',
        "differs" => '!',
        "not_extended" => '.',
        _ => '?',
    };
    let EventInfo { number, pcr, name, description, .. } = event;
    let _ = writeln!(text, "{number:4} {mark} PCR {pcr} {name}: {description}");
    if let Some((bank, digest)) = strongest(event).filter(|_| event.recheck != "not_extended") {
        let _ = writeln!(text, "       {bank} {digest}");
    }
}

/// The digest of SHA-256, or the last one.
fn strongest(event: &EventInfo) -> Option<(&String, &String)> {
    event.digests.get_key_value("sha256").or_else(|| event.digests.last_key_value())
}

fn push_bank(text: &mut String, bank: &Bank) {
    let _ = writeln!(text, "\nPCRs of bank {} after these events:", bank.algorithm);
    let is_shown =
        |pcr: &&PcrInfo| !pcr.events.is_empty() || pcr.comparison.is_some_and(|words| words != "same");
    for pcr in bank.pcrs.iter().filter(is_shown) {
        let count = match pcr.events.len() {
            1 => "1 event".into(),
            count => format!("{count} events"),
        };
        let _ = writeln!(text, "{:4} {} ({count}){}", pcr.pcr, pcr.value, comparison(pcr));
    }
}

fn comparison(pcr: &PcrInfo) -> String {
    let words = match pcr.comparison {
        None => return String::new(),
        Some("same") => return ": the TPM has the same".into(),
        Some("moved_on") => "the running system may have extended it; the TPM has",
        Some(_) => "DIFFERS: the TPM has",
    };
    format!(": {words} {}", pcr.tpm.as_deref().unwrap_or_default())
}
