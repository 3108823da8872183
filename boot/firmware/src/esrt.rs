// SPDX-License-Identifier: MIT OR Apache-2.0
//! Did the firmware's last update of itself fail? The EFI System Resource Table tells (UEFI 2.10,
//! section 23.4).
//!
//! ```text
//!  0  u32 resource count    4  u32 most that fit    8  u64 version, 1
//! 16  entries of 40 bytes: 16 class, u32 type, u32 version, u32 lowest version, u32 flags,
//!     u32 last attempt's version, u32 last attempt's status
//! ```

use crate::bytes::{u32_at, u64_at};
use crate::memory::physical;
use crate::services::configuration_table;
use alloc::format;
use alloc::string::String;
use uefi::{Guid, guid};

const ESRT: Guid = guid!("b122a263-3661-4f68-9929-78f8b0d62180");
const HEADER: usize = 16;
const ENTRY: usize = 40;
/// The most entries that are looked at.
const MAX_ENTRIES: usize = 128;
const VERSION: u64 = 1;
/// `ESRT_FW_TYPE_SYSTEMFIRMWARE`.
const SYSTEM_FIRMWARE: u32 = 1;
/// `LAST_ATTEMPT_STATUS_SUCCESS`.
const SUCCESS: u32 = 0;

/// What the firmware says of an update of itself that failed.
pub(crate) fn failed_update() -> Option<String> {
    let address = configuration_table(&ESRT)?;
    // SAFETY: a configuration table with this GUID starts with a header of that size.
    let header = unsafe { physical(address, HEADER) }?;
    let length = HEADER + count(&header)? * ENTRY;
    // SAFETY: the header says how many entries follow; they are bounded.
    let table = unsafe { physical(address, length) }?;
    parse(&table)
}

/// How many entries follow the header.
fn count(header: &[u8]) -> Option<usize> {
    let count = usize::try_from(u32_at(header, 0)?).ok()?;
    (u64_at(header, 8)? == VERSION).then_some(count.min(MAX_ENTRIES))
}

fn parse(table: &[u8]) -> Option<String> {
    let (entries, _) = table.get(HEADER..)?.as_chunks::<ENTRY>();
    entries.iter().take(count(table)?).find_map(|entry| {
        let is_firmware = u32_at(entry, 16)? == SYSTEM_FIRMWARE;
        let (version, status) = (u32_at(entry, 32)?, u32_at(entry, 36)?);
        let failed = is_firmware && status != SUCCESS;
        failed.then(|| format!("the firmware's update to version {version} failed with status {status}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    fn table(count: u32, entries: &[(u32, u32)]) -> Vec<u8> {
        let mut table = Vec::new();
        table.extend(count.to_le_bytes());
        table.extend(count.to_le_bytes());
        table.extend(VERSION.to_le_bytes());
        for (kind, status) in entries {
            table.extend([0; 16]);
            for field in [*kind, 7, 1, 0, 8, *status] {
                table.extend(field.to_le_bytes());
            }
        }
        table
    }

    #[test]
    fn only_the_systems_own_firmware_counts() {
        assert_eq!(parse(&table(2, &[(2, 5), (1, 0)])), None);
        let text = parse(&table(2, &[(2, 0), (1, 6)])).unwrap();
        assert_eq!(text, "the firmware's update to version 8 failed with status 6");
    }

    #[test]
    fn tables_that_end_early_say_nothing() {
        assert_eq!(parse(&table(9, &[])), None);
        assert_eq!(parse(&[]), None);
        assert_eq!(count(&[255; 16]), None);
        assert_eq!(count(&table(u32::MAX, &[])), Some(MAX_ENTRIES));
    }
}
