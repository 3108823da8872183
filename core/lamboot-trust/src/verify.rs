// SPDX-License-Identifier: MIT OR Apache-2.0
//! Reading: is a log what the loader wrote, all of it, in its order?

mod report;
mod walk;

pub use report::{EpochReport, Macs, Place, Problem, Remark, Report, Verdict, What};

use crate::key::EpochKey;
use lamboot_schema::variables::TrustHead;
use walk::Walk;

/// What is known outside of the log.
#[derive(Clone, Default)]
pub struct Known {
    /// The key of an epoch, from which those of all later ones of its chain are made.
    pub key: Option<EpochKey>,
    /// Where the log ends.
    pub head: Option<TrustHead>,
}

/// Checks the files of a log, the oldest first. A file is read as its bytes are; nothing in it can make this fail.
#[must_use]
pub fn verify(files: &[&[u8]], known: &Known) -> Report {
    let mut walk = Walk::new(known);
    for (file, bytes) in files.iter().enumerate() {
        let mut lines = bytes.split(|byte| *byte == b'\n').enumerate().peekable();
        while let Some((line, text)) = lines.next() {
            let place = Place { file, line: line.saturating_add(1) };
            // The last line may lack its newline, after which nothing stands.
            if lines.peek().is_some() || !text.is_empty() {
                walk.line(place, text);
            }
        }
    }
    walk.end()
}
