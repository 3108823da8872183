// SPDX-License-Identifier: MIT OR Apache-2.0
//! `boot.json`: what the loader did in the last boot.
//!
//! Written just before control is handed over, and again when an image gives control back. A boot
//! that starts nothing leaves the report of the boot before.
//! Top-level members up to `boot_timing_ms` are those that earlier releases wrote. A number that
//! was not measured is `null`; 0 means measured zero. All times are microseconds of a monotonic
//! clock unless the name says otherwise.

use crate::volume::VolumeIdentity;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// The format's name and version.
pub const SCHEMA: &str = "lamboot-boot/2";
/// The largest document that is written, in bytes; lists are cut to fit.
pub const MAX_BYTES: usize = 32 * 1024;
/// The file's size is a multiple of this; the rest is newlines, so that it is rewritten in place.
pub const SLOT_BYTES: usize = 8 * 1024;

/// The document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BootReport {
    /// [`SCHEMA`].
    pub schema: String,
    /// Which boot this is; the same as in the trust log.
    pub boot_id: String,
    /// The loader's version.
    pub lamboot_version: String,
    /// `x86_64` or `aarch64`.
    pub lamboot_arch: String,
    /// Wall time at the loader's start, ISO 8601; `null` without a clock.
    pub timestamp: Option<String>,
    /// Id of the entry, with its suffix, without its counter.
    pub entry_id: String,
    /// Title of the entry as the menu shows it.
    pub entry_name: String,
    /// `linux_legacy` (kernel and initrds), `uki`, `iso` (a kernel in an ISO file), `chainload` or
    /// `windows`.
    pub entry_type: String,
    /// Backslash path of the started image.
    pub path: String,
    /// The volume that the entry and its files are on.
    #[serde(default)]
    pub volume: VolumeIdentity,
    /// Who vouches for the image; the trust log's word. Empty when the image gave control back.
    pub verified_via: String,
    /// Who placed the image: `firmware`.
    pub loader: String,
    /// SMBIOS type 1 manufacturer.
    pub system_manufacturer: Option<String>,
    /// SMBIOS type 1 product name.
    pub system_product: Option<String>,
    /// SMBIOS type 11 string `lamboot.fleet-id=`.
    pub fleet_id: Option<String>,
    /// SMBIOS type 11 string `lamboot.vmid=`.
    pub vmid: Option<String>,
    /// Name of the hypervisor, `null` on bare metal.
    pub hypervisor: Option<String>,
    /// Milliseconds of each phase, as earlier releases named them.
    pub boot_timing_ms: BootTiming,
    /// Secure Boot as the firmware reports it: `on`, `off`, `setup`, `unknown`.
    pub secure_boot: String,
    /// The kernel's command line as handed over.
    pub command_line: String,
    /// What chose the entry: `only_entry`, `first`, `default_entry`, `default_pattern`, `owner`,
    /// `crash_loop_fallback`, `next_after_failure`.
    pub chosen_by: String,
    /// `handed_over`, or `returned` with the status in `outcome_detail`.
    pub outcome: String,
    /// More about the outcome.
    pub outcome_detail: Option<String>,
    /// What the boots before this one told.
    pub health: Health,
    /// What was measured.
    pub metrics: Metrics,
    /// Where time comes from.
    pub clock: Clock,
    /// Entries that were found and not offered, each with its reason.
    pub rejected: Vec<Rejected>,
    /// What could not be done, in words.
    pub degraded: Vec<String>,
}

/// Milliseconds of the phases that earlier releases reported.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BootTiming {
    /// Reading variables and deciding about them.
    pub health: u64,
    /// Searching entries.
    pub discovery: u64,
    /// From the loader's start to hand-over.
    pub total: u64,
}

/// What the boots before this one told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// `first`, `good`, `failed`, `crash_loop`, `restored`.
    pub verdict: String,
    /// Attempts in a row that did not come up, this one not counted.
    pub crash_count: u8,
    /// The count from which a fallback is chosen.
    pub crash_threshold: u8,
    /// The entry handed control before this boot.
    pub last_entry: Option<String>,
    /// The entry that last came up.
    pub last_good: Option<String>,
}

/// What was measured; see `docs/reference/boot-report.md`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metrics {
    /// From the loader's start to hand-over.
    pub boot_total_us: u64,
    /// Waiting in the menu.
    pub menu_wait_us: u64,
    /// `boot_total_us` less `menu_wait_us`.
    pub boot_work_us: u64,
    /// Reading, parsing and ordering entries.
    pub bls_scan_us: u64,
    /// Entries found and offered.
    pub bls_found: u32,
    /// Entries found and rejected.
    pub bls_rejected: u32,
    /// Size of the started image in bytes.
    pub kernel_bytes: Option<u64>,
    /// Reading the started image.
    pub kernel_read_us: Option<u64>,
    /// Sum of the initrds' sizes in bytes.
    pub initrd_bytes: u64,
    /// Number of initrds.
    pub initrd_count: u32,
    /// Placing the image.
    pub image_load_us: Option<u64>,
    /// Measurements made; `null` without a TPM.
    pub tpm_extends: Option<u32>,
    /// Measurements that failed; `null` without a TPM.
    pub tpm_failed: Option<u32>,
    /// Attempts in a row that had failed when the loader started.
    pub crash_counter: u8,
    /// Trust-log records of this boot, this document's time included.
    pub trust_events: u32,
    /// Trust-log records lost because something was full.
    pub trust_dropped: u32,
}

/// Where time comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    /// `tsc` or `generic_timer`.
    pub source: String,
    /// Ticks a second.
    pub hz: u64,
    /// `exact` (the processor tells) or `calibrated` (measured against the firmware's timer).
    pub quality: String,
}

/// An entry that was found and not offered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejected {
    /// Backslash path of the entry file.
    pub path: String,
    /// The volume that it is on, as in the trust log.
    #[serde(default)]
    pub volume: String,
    /// Why.
    pub reason: String,
}

impl BootReport {
    /// The document as JSON, filled with newlines to a multiple of [`SLOT_BYTES`].
    ///
    /// Lists are emptied when the document would exceed [`MAX_BYTES`] with them.
    #[must_use]
    pub fn into_slot(mut self) -> Vec<u8> {
        let mut json = serde_json::to_vec(&self).unwrap_or_default();
        if json.len() >= MAX_BYTES {
            self.shorten();
            json = serde_json::to_vec(&self).unwrap_or_default();
        }
        json.resize(json.len().saturating_add(1).next_multiple_of(SLOT_BYTES), b'\n');
        json
    }

    /// Reads a document; trailing newlines do not matter.
    ///
    /// # Errors
    ///
    /// **Damaged**: the bytes are not this document, for instance because a write was torn.
    pub fn from_slot(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(bytes)
    }

    fn shorten(&mut self) {
        self.rejected = Vec::new();
        self.degraded = alloc::vec!["lists left out: the document would be too large".into()];
        for (text, most) in [(&mut self.command_line, 4096), (&mut self.entry_name, 256)] {
            text.truncate(crate::variables::cut_at_char(text, most).len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_is_valid_json_of_a_fixed_size() {
        let report = BootReport { entry_name: "A \"quoted\" \\ title\u{1}".into(), ..BootReport::default() };
        let slot = report.clone().into_slot();
        assert_eq!(slot.len(), SLOT_BYTES);
        assert_eq!(BootReport::from_slot(&slot).unwrap(), report);
    }

    #[test]
    fn a_torn_slot_is_damaged() {
        let slot = BootReport::default().into_slot();
        assert!(BootReport::from_slot(&slot[..100]).is_err());
    }

    #[test]
    fn ten_thousand_rejected_entries_do_not_fill_the_volume() {
        let rejected = Rejected { path: "x".repeat(100), volume: String::new(), reason: "y".repeat(100) };
        let report = BootReport { rejected: alloc::vec![rejected; 10_000], ..BootReport::default() };
        assert!(report.into_slot().len() <= MAX_BYTES);
    }
}
