// SPDX-License-Identifier: MIT OR Apache-2.0
//! A disk that is changed anywhere, or whose first sectors are any bytes: what is listed is on the disk.
//!
//! The first byte chooses: a GPT or logical partitions that are changed, four bytes a change; or any bytes.
#![no_main]

#[path = "../../../lib/partitions/tests/support/mod.rs"]
mod support;

use libfuzzer_sys::fuzz_target;
use partitions::{PARTITIONS_MAX, Table};
use support::Bytes;

fuzz_target!(|bytes: &[u8]| {
    let Some((&choice, rest)) = bytes.split_first() else { return };
    let mut disk = Bytes::new(512);
    match choice & 3 {
        0 | 1 => disk.gpt(128, &[(1, 40, 59, "EFI"), (2, 60, 150, "root")]),
        2 => {
            disk.mbr(0, 0, (0x0F, 20, 100));
            for list in 0..3_u32 {
                disk.mbr(u64::from(20 + list * 20), 0, (0x83, 2, 10));
                disk.mbr(u64::from(20 + list * 20), 1, (0x05, 20 + list * 20, 20));
            }
        }
        _ => {
            let length = rest.len().min(disk.bytes.len());
            disk.bytes[..length].copy_from_slice(&rest[..length]);
        }
    }
    for change in rest.chunks_exact(4).take(if choice & 3 == 3 { 0 } else { 64 }) {
        let at = usize::from(u16::from_le_bytes([change[0], change[1]])) % disk.bytes.len();
        let end = if change[2] & 1 == 0 { at } else { disk.bytes.len() - 1 - at % 6000 };
        disk.bytes[end] = change[3];
    }
    if choice & 1 == 1 {
        disk.seal(1);
    }
    let size = disk.disk();
    let Ok(table) = Table::read(disk.bytes.as_slice(), size) else { return };
    assert!(table.partitions.len() <= PARTITIONS_MAX && table.findings.len() <= 2 * PARTITIONS_MAX + 16);
    for found in &table.partitions {
        assert!(found.sectors > 0 && found.first + found.sectors <= size.sectors, "{found:?}");
    }
    for finding in &table.findings {
        assert!(!finding.to_string().contains(char::is_control) && !finding.token().is_empty());
    }
});
