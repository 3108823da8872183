// SPDX-License-Identifier: MIT OR Apache-2.0
//! What was found, as a document.

use lamboot_trust::{EpochReport, Macs, Place, Report};
use serde::Serialize;
use std::path::PathBuf;

/// The version of this document; members are added without changing it.
const VERSION: u32 = 1;

/// The result of a verification.
#[derive(Debug, Serialize)]
pub(super) struct Document {
    version: u32,
    pub(super) verdict: &'static str,
    pub(super) epochs: Vec<Epoch>,
    pub(super) problems: Vec<Finding>,
    pub(super) remarks: Vec<String>,
}

/// An epoch of the log.
#[derive(Debug, Serialize)]
pub(super) struct Epoch {
    pub(super) file: String,
    pub(super) line: usize,
    pub(super) number: u64,
    pub(super) chain: String,
    pub(super) boot_id: String,
    pub(super) records: u32,
    pub(super) sealed: bool,
    pub(super) found: &'static str,
    pub(super) level: &'static str,
    /// What the level does not cover.
    pub(super) limits: &'static str,
    pub(super) codes: &'static str,
}

/// Something that is wrong.
#[derive(Debug, Serialize)]
pub(super) struct Finding {
    pub(super) file: Option<String>,
    pub(super) line: Option<usize>,
    pub(super) what: String,
}

impl Document {
    pub(super) fn of(report: &Report, files: &[PathBuf]) -> Self {
        let file =
            |place: Place| files.get(place.file).map(|path| path.display().to_string()).unwrap_or_default();
        let epoch = |epoch: &EpochReport| Epoch {
            file: file(epoch.place),
            line: epoch.place.line,
            number: epoch.number,
            chain: epoch.chain.clone(),
            boot_id: epoch.boot_id.clone(),
            records: epoch.records,
            sealed: epoch.sealed,
            found: epoch.found.token(),
            level: epoch.level.token(),
            limits: epoch.level.limits(),
            codes: match epoch.macs {
                Macs::None => "none",
                Macs::Unchecked => "not checked",
                Macs::BeforeKey => "older than the key",
                Macs::Checked => "checked",
            },
        };
        let problems = report.problems.iter().map(|problem| Finding {
            file: problem.place.map(file),
            line: problem.place.map(|place| place.line),
            what: problem.what.to_string(),
        });
        Self {
            version: VERSION,
            verdict: report.verdict().word(),
            epochs: report.epochs.iter().map(epoch).collect(),
            problems: problems.collect(),
            remarks: report.remarks.iter().map(ToString::to_string).collect(),
        }
    }

    pub(super) fn json(&self) -> Result<String, String> {
        serde_json::to_string_pretty(self).map(|text| text + "\n").map_err(|error| error.to_string())
    }
}
