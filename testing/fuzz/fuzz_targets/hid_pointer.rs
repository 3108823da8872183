// SPDX-License-Identifier: MIT OR Apache-2.0
//! A report descriptor of any bytes is read or refused, and reports of any bytes are read by it.
//!
//! The first byte says how many of the others are the descriptor, in pieces of eight.
#![no_main]

use hid_pointer::{Device, report_descriptor_length};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((&pieces, rest)) = bytes.split_first() else { return };
    let (descriptor, reports) = rest.split_at(rest.len().min(usize::from(pieces) * 8));
    let _ = report_descriptor_length(descriptor, pieces);
    let Ok(device) = Device::parse(descriptor) else { return };
    for report in reports.chunks(16) {
        if let Some(said) = device.read(report) {
            // What is missing is no news: a report that grows says the same.
            let longer = [report, &[0; 8]].concat();
            assert_eq!(device.read(&longer), Some(said));
        }
    }
});
