// SPDX-License-Identifier: MIT OR Apache-2.0
//! One partition.

use crate::guid::Guid;
use alloc::string::String;

/// A part of a disk.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Partition {
    /// As Linux counts: the place in the table from 1 on; logical partitions from 5 on.
    pub number: u32,
    /// Its first sector.
    pub first: u64,
    /// How many sectors it has.
    pub sectors: u64,
    /// What the table says of it.
    pub entry: Entry,
}

/// What a table says of a partition.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Entry {
    /// In a GPT (UEFI, section 5.3.3).
    Gpt {
        /// What it is for.
        type_guid: Guid,
        /// Which it is.
        guid: Guid,
        /// Bits 0 to 2 by UEFI, 48 to 63 by the type.
        attributes: u64,
        /// What somebody called it; U+FFFD for what is no character.
        name: String,
    },
    /// In an MBR.
    Mbr {
        /// What it is for; 0x05, 0x0F and 0x85 contain the logical ones.
        type_byte: u8,
        /// Whether a BIOS starts it.
        active: bool,
    },
}

impl Partition {
    /// The last sector.
    #[must_use]
    pub fn last(&self) -> u64 {
        self.first.saturating_add(self.sectors.saturating_sub(1))
    }

    /// Whether it only has the logical partitions in it.
    #[must_use]
    pub fn is_extended(&self) -> bool {
        matches!(self.entry, Entry::Mbr { type_byte, .. } if is_extended(type_byte))
    }

    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        !self.is_extended()
            && !other.is_extended()
            && self.first <= other.last()
            && other.first <= self.last()
    }
}

/// The types of partitions that contain others: with CHS, with LBA, and Linux' own.
pub(crate) fn is_extended(type_byte: u8) -> bool {
    matches!(type_byte, 0x05 | 0x0F | 0x85)
}
