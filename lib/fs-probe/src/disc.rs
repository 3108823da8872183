// SPDX-License-Identifier: MIT OR Apache-2.0
//! Optical discs.

use crate::bytes::part;
use crate::found::{Found, Kind};
use alloc::string::String;

/// Where the first descriptor is.
const DESCRIPTOR: usize = 32768;

/// ECMA-119, 8.4: the primary descriptor. What stands for a UUID is the moment of the last change, else of
/// creation.
pub(crate) fn find(start: &[u8]) -> Option<Found> {
    let descriptor = part(start, DESCRIPTOR, 2048);
    if !descriptor.starts_with(b"\x01CD001") {
        return None;
    }
    let label = part(descriptor, 40, 32).trim_ascii_end();
    let found = Found::new(Kind::Iso9660).label(label);
    let moment = moment(part(descriptor, 830, 16)).or_else(|| moment(part(descriptor, 813, 16)));
    Some(match moment {
        Some(moment) => found.id(moment),
        None => found,
    })
}

/// `2026-11-25-00-00-00-00`; none where nobody said.
fn moment(digits: &[u8]) -> Option<String> {
    let is_said = digits.len() == 16
        && digits.iter().all(u8::is_ascii_digit)
        && digits.iter().any(|digit| *digit != b'0');
    let mut text = String::new();
    for (index, digit) in digits.iter().enumerate().filter(|_| is_said) {
        if index >= 4 && index & 1 == 0 {
            text.push('-');
        }
        text.push(char::from(*digit));
    }
    is_said.then_some(text)
}
