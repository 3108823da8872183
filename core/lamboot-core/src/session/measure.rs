// SPDX-License-Identifier: MIT OR Apache-2.0
//! Configuration files are measured as they were read, before anybody makes anything of them: a file that breaks the
//! parser cannot hide.

use super::Session;
use crate::ports::{EventKind, Measurement};
use alloc::format;
use lamboot_schema::measurements::{CONFIGURATION_PCR, TaggedFile};
use lamboot_schema::trust_log::{Event, Status};

impl Session<'_, '_> {
    /// Extends PCR 5 by the file's hash, where there is a TPM. A failure is recorded and stops nothing.
    pub(super) fn measure_file(&mut self, file: TaggedFile, bytes: &[u8]) {
        if !self.facts.tpm {
            return;
        }
        let TaggedFile { tag, words } = file;
        let event = Measurement::words(words);
        let measurement =
            Measurement { pcr: CONFIGURATION_PCR, kind: EventKind::Tag(tag), data: bytes.to_vec(), event };
        match self.ports.tpm.measure(&measurement) {
            Ok(()) => {
                self.measured.0 = self.measured.0.saturating_add(1);
                self.note(
                    Event::ConfigMeasured,
                    Status::Success,
                    format!("PCR {CONFIGURATION_PCR}: {words}"),
                );
            }
            Err(error) => {
                self.measured.1 = self.measured.1.saturating_add(1);
                self.note(Event::ConfigMeasured, Status::Failed, format!("{words}: {error}"));
            }
        }
    }
}
