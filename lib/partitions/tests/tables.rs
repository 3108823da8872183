// SPDX-License-Identifier: MIT OR Apache-2.0
//! Tables as they should be, and what can be wrong with them.

mod support;

use partitions::{
    Disk, Entry, EntryFault, Error, Family, Finding, Guid, HeaderFault, Kind, OutOfRange, ReadAt, Table,
};
use proptest::prelude::*;
use support::{Bytes, SECTORS};

const TWO: [support::Entry; 2] = [(1, 40, 59, "EFI System"), (2, 60, 150, "Größe 💾")];
const GUID: Guid = Guid([7; 16]);

fn read(bytes: &Bytes) -> Table {
    Table::read(bytes.bytes.as_slice(), bytes.disk()).unwrap()
}

fn gpt(size: usize) -> Bytes {
    let mut bytes = Bytes::new(size);
    bytes.gpt(128, &TWO);
    bytes
}

/// Number, first sector and length of each.
fn places(table: &Table) -> Vec<(u32, u64, u64)> {
    table.partitions.iter().map(|found| (found.number, found.first, found.sectors)).collect()
}

#[test]
fn a_gpt_of_any_size_of_sectors_and_entries() {
    for (size, entry_size) in [(512, 128), (4096, 128), (512, 256), (2048, 512)] {
        let mut bytes = Bytes::new(size);
        bytes.gpt(entry_size, &TWO);
        let table = read(&bytes);
        assert_eq!((table.kind, &table.findings), (Kind::Gpt(GUID), &vec![]), "{size}");
        assert_eq!(places(&table), [(1, 40, 20), (2, 60, 91)]);
        let Entry::Gpt { type_guid, name, .. } = &table.partitions[1].entry else { panic!() };
        assert_eq!((type_guid.0[0], name.as_str()), (2, "Größe 💾"));
    }
}

#[test]
fn the_copy_is_used_where_the_first_is_not_well() {
    let whole = read(&gpt(512));
    let changes: [(u64, usize, HeaderFault); 5] = [
        (1, 0, HeaderFault::Signature),
        (1, 10, HeaderFault::Revision),
        (1, 56, HeaderFault::Checksum),
        (1, 13, HeaderFault::Value),
        (2, 3, HeaderFault::EntriesChecksum),
    ];
    for (sector, at, fault) in changes {
        let mut bytes = gpt(512);
        bytes.put(sector, at, &[0xFF]);
        let table = read(&bytes);
        assert_eq!(table.kind, Kind::GptBackup(GUID), "{fault:?}");
        assert_eq!(
            (table.partitions, table.findings),
            (whole.partitions.clone(), vec![Finding::Primary(fault)])
        );
    }
}

#[test]
fn a_copy_that_is_not_well_is_said_and_not_used() {
    let mut bytes = gpt(512);
    bytes.put(SECTORS - 1, 30, &[1]);
    let table = read(&bytes);
    assert_eq!((table.kind, table.findings), (Kind::Gpt(GUID), vec![Finding::Backup(HeaderFault::Checksum)]));
    bytes.put(1, 30, &[1]);
    let table = read(&bytes);
    let findings = vec![Finding::Primary(HeaderFault::Checksum), Finding::Backup(HeaderFault::Checksum)];
    assert_eq!((table.kind, table.findings), (Kind::None, findings));
}

#[test]
fn a_header_for_another_place_is_none() {
    let mut bytes = gpt(512);
    bytes.put(1, 24, &[2]);
    bytes.seal(1);
    assert_eq!(read(&bytes).findings, [Finding::Primary(HeaderFault::Place)]);
}

#[test]
fn entries_out_of_bounds_are_no_memory() {
    for (at, value) in [(80, u32::MAX), (84, 64), (84, 192), (84, 1 << 31)] {
        let mut bytes = gpt(512);
        bytes.put(1, at, &value.to_le_bytes());
        bytes.seal(1);
        assert_eq!(read(&bytes).findings, [Finding::Primary(HeaderFault::Value)], "{at} {value}");
    }
}

#[test]
fn a_disk_that_has_grown_has_its_copy_before_the_end() {
    let mut bytes = gpt(512);
    bytes.bytes.extend([0; 512 * 10]);
    let table = read(&bytes);
    assert_eq!((table.kind, table.findings), (Kind::Gpt(GUID), vec![Finding::BackupNotAtEnd(SECTORS - 1)]));
}

#[test]
fn copies_that_differ_are_said() {
    let mut bytes = gpt(512);
    let mut other = Bytes::new(512);
    other.gpt(128, &TWO[..1]);
    let end = 9 * 512;
    let from = bytes.bytes.len() - end;
    bytes.bytes[from..].copy_from_slice(&other.bytes[from..]);
    let table = read(&bytes);
    assert_eq!((places(&table).len(), table.findings), (2, vec![Finding::CopiesDiffer]));
}

#[test]
fn bad_entries_are_left_out_and_overlaps_are_not() {
    let mut bytes = Bytes::new(512);
    let entries = [
        (1, 40, 60, ""),
        (1, 60, 70, ""),
        (1, 80, 79, ""),
        (1, 5, 20, ""),
        (1, 100, 195, ""),
        (1, 41, 42, ""),
    ];
    bytes.gpt(128, &entries);
    let table = read(&bytes);
    assert_eq!(places(&table), [(1, 40, 21), (2, 60, 11), (6, 41, 2)]);
    assert_eq!(
        table.findings,
        [
            Finding::BadEntry(3, EntryFault::Reversed),
            Finding::BadEntry(4, EntryFault::OutOfRange),
            Finding::BadEntry(5, EntryFault::OutOfRange),
            Finding::Overlap(1, 6),
            Finding::Overlap(1, 2),
        ]
    );
}

#[test]
fn a_gpt_for_other_sectors_is_named_and_not_used() {
    for (made, read_as) in [(4096, 512), (512, 4096), (2048, 512)] {
        let mut bytes = gpt(made);
        bytes.size = read_as;
        let table = read(&bytes);
        assert_eq!((table.kind, table.partitions.len()), (Kind::None, 0));
        assert_eq!(table.findings[0], Finding::OtherSectorSize(made as u32));
    }
}

#[test]
fn which_table_where_there_are_two() {
    let mut hybrid = gpt(512);
    hybrid.mbr(0, 1, (0x83, 60, 10));
    let table = read(&hybrid);
    assert_eq!((table.kind, &table.findings[..]), (Kind::Gpt(GUID), &[Finding::Hybrid][..]));
    let mut stale = gpt(512);
    stale.mbr(0, 0, (0x83, 60, 10));
    let table = read(&stale);
    assert_eq!((table.kind, &table.findings[..]), (Kind::Mbr(0), &[Finding::StaleGpt][..]));
    assert_eq!(places(&table), [(1, 60, 10)]);
    let mut bare = gpt(512);
    bare.put(0, 440, &[0; 72]);
    let table = read(&bare);
    assert_eq!((table.kind, &table.findings[..]), (Kind::Gpt(GUID), &[Finding::NotProtected][..]));
    let mut broken = hybrid;
    broken.put(1, 0, &[0]);
    broken.put(SECTORS - 1, 0, &[0]);
    let table = read(&broken);
    assert_eq!((table.kind, places(&table)), (Kind::Mbr(0), vec![(2, 60, 10)]));
    assert_eq!(table.findings.len(), 2);
}

fn with_logical() -> Bytes {
    let mut bytes = Bytes::new(512);
    bytes.mbr(0, 0, (0x83, 10, 10));
    bytes.mbr(0, 2, (0x0F, 20, 100));
    for list in 0..3_u32 {
        bytes.mbr(u64::from(20 + list * 20), 0, (0x83, 2, 10));
        if list < 2 {
            bytes.mbr(u64::from(20 + list * 20), 1, (0x05, 20 + list * 20, 20));
        }
    }
    bytes
}

#[test]
fn logical_partitions_are_numbered_from_five_on() {
    let table = read(&with_logical());
    let expected = [(1, 10, 10), (3, 20, 100), (5, 22, 10), (6, 42, 10), (7, 62, 10)];
    assert_eq!((places(&table), table.findings), (expected.to_vec(), vec![]));
    assert!(table.partitions[1].is_extended());
}

#[test]
fn a_list_of_logical_partitions_that_leads_in_a_circle_or_away_ends() {
    for (next, place) in [(0, 20), (20, 40), (500, 520), (90, 110)] {
        let mut bytes = with_logical();
        bytes.mbr(40, 1, (0x05, next, 20));
        let table = read(&bytes);
        assert_eq!(places(&table).len(), 4, "{next}");
        assert_eq!(table.findings, [Finding::BrokenChain(place)], "{next}");
    }
}

#[test]
fn there_are_not_more_logical_partitions_than_the_bound() {
    let mut bytes = Bytes::new(512);
    bytes.bytes.resize(512 * 2000, 0);
    bytes.mbr(0, 0, (0x05, 20, 1900));
    for list in 0..200_u32 {
        bytes.mbr(u64::from(20 + list * 4), 0, (0x83, 1, 3));
        bytes.mbr(u64::from(20 + list * 4), 1, (0x05, 4 + list * 4, 4));
    }
    let table = read(&bytes);
    assert_eq!(table.partitions.len(), 1 + partitions::LOGICAL_MAX);
    assert_eq!(table.findings, [Finding::TooMany(5 + partitions::LOGICAL_MAX as u32)]);
}

#[test]
fn a_boot_sector_is_no_table() {
    let mut bytes = Bytes::new(512);
    bytes.mbr(0, 0, (0x83, 10, 10));
    bytes.put(0, 446, b"t");
    assert_eq!(read(&bytes).kind, Kind::None);
    let mut bytes = Bytes::new(512);
    bytes.mbr(0, 0, (0x83, 0, 10));
    assert_eq!(read(&bytes).kind, Kind::None);
    let mut bytes = Bytes::new(512);
    bytes.mbr(0, 3, (0x83, 100, 101));
    assert_eq!(read(&bytes).findings, [Finding::BadEntry(4, EntryFault::OutOfRange)]);
}

/// A disk on which some sectors cannot be read.
struct Bad<'b>(&'b [u8], std::ops::Range<u64>);

impl ReadAt for Bad<'_> {
    type Error = OutOfRange;

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> Result<(), OutOfRange> {
        let end = offset + buffer.len() as u64;
        if offset < self.1.end && end > self.1.start {
            Err(OutOfRange)
        } else {
            self.0.read_at(offset, buffer)
        }
    }
}

#[test]
fn sectors_that_cannot_be_read() {
    let bytes = gpt(512);
    let read = |bad| Table::read(Bad(&bytes.bytes, bad), bytes.disk());
    let table = read(512..1024).unwrap();
    assert_eq!(table.kind, Kind::GptBackup(GUID));
    assert_eq!(table.findings, [Finding::Primary(HeaderFault::Unreadable)]);
    let table = read(0..512).unwrap();
    assert_eq!((table.kind, table.findings), (Kind::Gpt(GUID), vec![Finding::NotProtected]));
    let error = read(0..1 << 20).unwrap_err();
    assert_eq!((error.family(), error.token()), (Family::Device, "device"));
}

#[test]
fn a_sector_size_that_is_none() {
    for sector_size in [0, 1, 513, 8192] {
        let error = Table::read(&[][..], Disk { sector_size, sectors: 1 }).unwrap_err();
        assert_eq!(error, Error::SectorSize(sector_size));
    }
}

proptest! {
    #[test]
    fn a_damaged_table_lists_what_is_on_the_disk(
        is_gpt: bool,
        changes in prop::collection::vec((0_u64..4, 0_usize..512, any::<u8>()), 1..12),
        seal: bool,
    ) {
        let mut bytes = if is_gpt { gpt(512) } else { with_logical() };
        for (sector, at, byte) in changes {
            let sector = if is_gpt { sector } else { sector * 20 };
            bytes.put(sector, at, &[byte]);
            if seal {
                bytes.seal(1);
            }
        }
        let table = read(&bytes);
        for found in &table.partitions {
            prop_assert!(found.sectors > 0 && found.first + found.sectors <= SECTORS, "{found:?}");
        }
    }

    #[test]
    fn any_bytes_are_a_disk(bytes in prop::collection::vec(any::<u8>(), 0..3000)) {
        let _ = Table::read(bytes.as_slice(), Disk { sector_size: 512, sectors: bytes.len() as u64 / 512 });
    }
}
