// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lines of the trust log and `boot.json`: what can be read, is written as it was.
#![no_main]

use lamboot_schema::{boot_report::BootReport, trust_log::Record, variables};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = variables::LOADER_INFO.decode(bytes);
    let _ = variables::LAST_ENTRY.decode(bytes);
    if let Ok(report) = BootReport::from_slot(bytes) {
        assert!(report.into_slot().len() <= lamboot_schema::boot_report::MAX_BYTES);
    }
    if let Some(Ok(record)) = core::str::from_utf8(bytes).ok().map(Record::from_line) {
        assert_eq!(Record::from_line(&record.to_line()).ok(), Some(record));
    }
});
