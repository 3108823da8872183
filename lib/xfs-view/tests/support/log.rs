// SPDX-License-Identifier: MIT OR Apache-2.0
//! The log of an image: changed in one place or many and made whole again, or written anew.

use super::{Image, SECTOR, crc32c};
use std::ops::Range;

const MAGIC: [u8; 4] = [0xFE, 0xED, 0xBA, 0xBE];
/// Blocks whose first words are in one block of headers.
const WORDS: usize = 64;
/// The bytes before an operation's own.
const HEADER: usize = 12;

/// The place of an operation: the byte of the image at which its record begins, and its bytes after the
/// record's headers.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    record: u64,
    bytes: Range<usize>,
}

impl Image {
    /// The operations of all records in the log.
    pub(crate) fn operations(&self) -> Vec<Place> {
        let is_record = |place: &u64| self.get(*place, 4) == MAGIC;
        self.log_places()
            .into_iter()
            .filter(is_record)
            .flat_map(|record| self.operations_of(record))
            .collect()
    }

    /// The places of the log's sectors that are in use.
    pub(crate) fn log_places(&self) -> Vec<u64> {
        let log = self.log();
        self.places().into_iter().filter(|place| log.contains(place)).collect()
    }

    fn operations_of(&self, record: u64) -> Vec<Place> {
        let count = self.number(record + 40);
        let mut start = 0;
        let mut places = Vec::new();
        for _ in 0..count {
            let length = self.log_bytes(record, start + 4, 4);
            let end = start + HEADER + u32::from_be_bytes(length.try_into().unwrap()) as usize;
            places.push(Place { record, bytes: start..end });
            start = end;
        }
        places
    }

    /// Changes the byte `at` of an operation, and makes its record's checksum true.
    pub(crate) fn change_operation(&mut self, place: &Place, at: usize, change: u8) {
        let at = self.place_of(place.record, place.bytes.start + at % place.bytes.len());
        self.change(at, change);
        self.seal_record(place.record);
    }

    /// Makes the checksum true of the record that the byte `at` of the log is in.
    pub(crate) fn seal_log(&mut self, at: u64) {
        let first = at - at % SECTOR as u64;
        let back = (0..520).map_while(|back| first.checked_sub(back * SECTOR as u64));
        let record = back.into_iter().find(|&place| self.get(place, 4) == MAGIC);
        if let Some(record) = record {
            self.seal_record(record);
        }
    }

    /// Where the byte `at` after the headers of a record is: the first words of blocks are in the headers.
    fn place_of(&self, record: u64, at: usize) -> u64 {
        let (block, skip) = (at / SECTOR, at % SECTOR);
        let header = (block / WORDS * SECTOR + if block < WORDS { 44 } else { 4 }) as u64;
        if skip < 4 {
            return record + header + (block % WORDS * 4 + skip) as u64;
        }
        record + (self.headers(record) * SECTOR + at) as u64
    }

    fn log_bytes(&self, record: u64, at: usize, length: usize) -> Vec<u8> {
        (at..at + length).map(|at| self.get_byte(self.place_of(record, at))).collect()
    }

    fn get_byte(&self, at: u64) -> u8 {
        let sector = at - at % SECTOR as u64;
        self.get(sector, SECTOR)[(at - sector) as usize]
    }

    fn number(&self, at: u64) -> u32 {
        u32::from_be_bytes([0, 1, 2, 3].map(|byte| self.get_byte(at + byte)))
    }

    fn headers(&self, record: u64) -> usize {
        (self.number(record + 320) as usize).div_ceil(32 * 1024).clamp(1, 8)
    }

    fn seal_record(&mut self, record: u64) {
        let (headers, length) = (self.headers(record), self.number(record + 12) as usize);
        if length > 256 * 1024 {
            return;
        }
        let bytes = self.get(record, headers * SECTOR + length);
        let mut covered = [&bytes[..32], &[0; 4], &bytes[36..328]].concat();
        for extra in 1..length.div_ceil(32 * 1024).min(headers) {
            covered.extend(&bytes[extra * SECTOR..extra * SECTOR + 260]);
        }
        // With the cycle in place of first words.
        covered.extend(&bytes[headers * SECTOR..]);
        self.put(record + 32, &crc32c(&covered).to_le_bytes());
    }

    /// Where the log is, in bytes (XFS Algorithms & Data Structures, "Superblocks").
    pub(crate) fn log(&self) -> Range<u64> {
        let sector = self.get(0, SECTOR);
        let number = |at: usize, length: usize| {
            sector[at..at + length].iter().fold(0, |number: u64, &byte| number << 8 | u64::from(byte))
        };
        let (block, start, bits) = (number(4, 4), number(48, 8), number(124, 1));
        let first = (start >> bits) * number(84, 4) + (start & ((1 << bits) - 1));
        first * block..(first + number(96, 4)) * block
    }

    /// Where the inode `number` is, in bytes (XFS Algorithms & Data Structures, "Inode Numbers").
    pub(crate) fn inode_place(&self, number: u64) -> u64 {
        let sector = self.get(0, SECTOR);
        let size = u64::from(u16::from_be_bytes([sector[104], sector[105]]));
        let (block_bits, inode_bits) = (sector[124], sector[123]);
        let block = number >> inode_bits;
        let group = block >> block_bits;
        let in_group = block & ((1 << block_bits) - 1);
        let blocks = group * u64::from(self.number(84)) + in_group;
        blocks * u64::from(self.number(4)) + (number & ((1 << inode_bits) - 1)) * size
    }

    /// Writes `records`, each of them the bytes of operations and how many, to the log's beginning.
    pub(crate) fn write_log(&mut self, records: &[(Vec<u8>, u32)]) {
        let mut at = self.log().start;
        for (bytes, count) in records {
            assert!(bytes.len() <= 32 * 1024);
            let lsn = 1_u64 << 32 | ((at - self.log().start) / SECTOR as u64);
            let mut header = [0; SECTOR];
            let mut put = |at: usize, bytes: &[u8]| header[at..at + bytes.len()].copy_from_slice(bytes);
            put(0, &MAGIC);
            put(4, &1_u32.to_be_bytes());
            put(8, &2_u32.to_be_bytes());
            put(12, &(bytes.len() as u32).to_be_bytes());
            put(16, &lsn.to_be_bytes());
            put(24, &(1_u64 << 32).to_be_bytes());
            put(40, &count.to_be_bytes());
            put(300, &1_u32.to_be_bytes());
            put(320, &(32 * 1024_u32).to_be_bytes());
            let mut data = bytes.clone();
            data.resize(bytes.len().next_multiple_of(SECTOR), 0);
            for (block, sector) in data.chunks_mut(SECTOR).enumerate() {
                header[44 + block * 4..48 + block * 4].copy_from_slice(&sector[..4]);
                sector[..4].copy_from_slice(&1_u32.to_be_bytes());
            }
            self.put(at, &header);
            self.put(at + SECTOR as u64, &data);
            self.seal_record(at);
            at += (SECTOR + data.len()) as u64;
        }
    }
}

/// An operation of the transaction `id`.
pub(crate) fn operation(id: u32, flags: u8, bytes: &[u8]) -> Vec<u8> {
    [&id.to_be_bytes()[..], &(bytes.len() as u32).to_be_bytes(), &[0x69, flags, 0, 0], bytes].concat()
}
