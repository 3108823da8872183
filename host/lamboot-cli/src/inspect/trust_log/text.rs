// SPDX-License-Identifier: MIT OR Apache-2.0
//! What was found, for people.

use super::document::{Document, Epoch, Finding};
use std::fmt::Write as _;

/// Epochs that are listed, the newest; all are in the JSON document.
const LISTED: usize = 20;

/// The text.
pub(super) fn of(document: &Document) -> String {
    let mut text = String::new();
    let hidden = document.epochs.len().saturating_sub(LISTED);
    if hidden > 0 {
        let _ = writeln!(text, "{hidden} older epochs");
    }
    document.epochs.iter().skip(hidden).for_each(|epoch| text.push_str(&line(epoch)));
    for Finding { file, line, what } in &document.problems {
        let place = match (file, line) {
            (Some(file), Some(line)) => format!("{}:{line}: ", printable(file)),
            _ => String::new(),
        };
        let _ = writeln!(text, "PROBLEM: {place}{what}");
    }
    document.remarks.iter().for_each(|remark| {
        let _ = writeln!(text, "note: {remark}");
    });
    if let Some(epoch) = document.epochs.last() {
        let _ = writeln!(text, "level {}: {}", epoch.level, epoch.limits);
    }
    let _ = writeln!(text, "{}", sentence(document.verdict));
    text
}

fn line(epoch: &Epoch) -> String {
    let Epoch { number, records, found, level, codes, .. } = epoch;
    let end = if epoch.sealed { "" } else { ", no end" };
    let name = if *number == 0 { "without a key".into() } else { format!("{number}") };
    let boot = printable(&epoch.boot_id);
    format!("epoch {name}: boot {boot}, {records} records{end}, log found {found}, {level}, codes {codes}\n")
}

fn sentence(verdict: &str) -> &'static str {
    match verdict {
        "intact" => "INTACT: the log is what the loader wrote.",
        "degraded" => "INTACT, with less than could be: see the notes.",
        "cannot_verify" => "NOT VERIFIED: hashes are right, and there is no key to check the codes with.",
        _ => "TAMPERED: this is not what the loader wrote.",
    }
}

/// What came from the log never reaches the terminal as control characters.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}
