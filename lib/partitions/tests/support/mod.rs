// SPDX-License-Identifier: MIT OR Apache-2.0
//! Makes disks with tables.

#![allow(dead_code)] // each test uses a part

use partitions::Disk;

/// Sectors of every disk.
pub(crate) const SECTORS: u64 = 200;
/// Entries of every GPT.
pub(crate) const COUNT: u64 = 32;

/// A disk in memory.
#[derive(Clone)]
pub(crate) struct Bytes {
    pub(crate) bytes: Vec<u8>,
    pub(crate) size: usize,
}

/// A GPT's entry: type, first and last sector, name.
pub(crate) type Entry = (u8, u64, u64, &'static str);

impl Bytes {
    pub(crate) fn new(size: usize) -> Self {
        Self { bytes: vec![0; size * SECTORS as usize], size }
    }

    pub(crate) fn disk(&self) -> Disk {
        Disk { sector_size: self.size as u32, sectors: (self.bytes.len() / self.size) as u64 }
    }

    pub(crate) fn put(&mut self, sector: u64, at: usize, bytes: &[u8]) {
        let start = sector as usize * self.size + at;
        self.bytes[start..start + bytes.len()].copy_from_slice(bytes);
    }

    /// An entry of the MBR or of a list on `sector`: type, first sector, sectors.
    pub(crate) fn mbr(&mut self, sector: u64, index: usize, entry: (u8, u32, u32)) {
        let at = 446 + 16 * index;
        self.put(sector, at + 4, &[entry.0]);
        self.put(sector, at + 8, &entry.1.to_le_bytes());
        self.put(sector, at + 12, &entry.2.to_le_bytes());
        self.put(sector, 510, &[0x55, 0xAA]);
    }

    /// A GPT with both copies and its protective MBR.
    pub(crate) fn gpt(&mut self, entry_size: usize, entries: &[Entry]) {
        self.mbr(0, 0, (0xEE, 1, SECTORS as u32 - 1));
        let mut array = vec![0; entry_size * COUNT as usize];
        for (entry, stored) in entries.iter().zip(array.chunks_mut(entry_size)) {
            stored[0] = entry.0;
            stored[16] = entry.0;
            stored[32..40].copy_from_slice(&entry.1.to_le_bytes());
            stored[40..48].copy_from_slice(&entry.2.to_le_bytes());
            for (unit, at) in entry.3.encode_utf16().zip((56..).step_by(2)) {
                stored[at..at + 2].copy_from_slice(&unit.to_le_bytes());
            }
        }
        let length = array.len().div_ceil(self.size) as u64;
        self.put(2, 0, &array);
        self.put(SECTORS - 1 - length, 0, &array);
        self.header(1, SECTORS - 1, 2, length, entry_size, &array);
        self.header(SECTORS - 1, 1, SECTORS - 1 - length, length, entry_size, &array);
    }

    fn header(&mut self, place: u64, other: u64, entries: u64, length: u64, entry_size: usize, array: &[u8]) {
        let mut header = b"EFI PART\0\0\x01\0\x5C\0\0\0\0\0\0\0\0\0\0\0".to_vec();
        for number in [place, other, 2 + length, SECTORS - 2 - length] {
            header.extend(number.to_le_bytes());
        }
        header.extend([7; 16]);
        header.extend(entries.to_le_bytes());
        header.extend((COUNT as u32).to_le_bytes());
        header.extend((entry_size as u32).to_le_bytes());
        header.extend(crc32(array).to_le_bytes());
        self.put(place, 0, &header);
        self.seal(place);
    }

    /// Makes the checksum of the header on `place` true.
    pub(crate) fn seal(&mut self, place: u64) {
        self.put(place, 16, &[0; 4]);
        let start = place as usize * self.size;
        let sum = crc32(&self.bytes[start..start + 92]);
        self.put(place, 16, &sum.to_le_bytes());
    }
}

/// CRC-32 by its definition.
pub(crate) fn crc32(bytes: &[u8]) -> u32 {
    let state = bytes.iter().fold(u32::MAX, |state, &byte| {
        (0..8).fold(state ^ u32::from(byte), |state, _| {
            (state >> 1) ^ (0xEDB8_8320 & 0_u32.wrapping_sub(state & 1))
        })
    });
    !state
}
