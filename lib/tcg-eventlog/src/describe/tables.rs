// SPDX-License-Identifier: MIT OR Apache-2.0
//! Small structures of events.

use super::text::{Bytes, Text};
use crate::bytes::{Reader, length};
use core::fmt;
use uguid::Guid;

/// Where code of the firmware lies in memory (`UEFI_PLATFORM_FIRMWARE_BLOB`, section 10.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blob<'a> {
    /// Words about it, in the second form of the structure.
    pub words: Option<Text<'a>>,
    /// Its physical address.
    pub address: u64,
    /// Its length in bytes.
    pub length: u64,
}

impl<'a> Blob<'a> {
    /// One without words; `None` when the data have another size than it has.
    #[must_use]
    pub fn parse(data: &'a [u8]) -> Option<Self> {
        let mut reader = Reader::new(data);
        let blob = Self { words: None, address: reader.u64()?, length: reader.u64()? };
        reader.rest().is_empty().then_some(blob)
    }

    /// One with words.
    #[must_use]
    pub fn parse_named(data: &'a [u8]) -> Option<Self> {
        let Named { words, content } = Named::parse(data)?;
        Some(Self { words, ..Self::parse(content)? })
    }
}

impl fmt::Display for Blob<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(words) = self.words {
            write!(f, "{words}: ")?;
        }
        write!(f, "{} bytes of firmware at {:#x}", self.length, self.address)
    }
}

/// Something with words before it (`UEFI_HANDOFF_TABLE_POINTERS2`, section 10.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Named<'a> {
    /// The words, where there are any.
    pub words: Option<Text<'a>>,
    /// What follows them.
    pub content: &'a [u8],
}

impl<'a> Named<'a> {
    /// The words and what follows them; `None` when the data end within the words.
    #[must_use]
    pub fn parse(data: &'a [u8]) -> Option<Self> {
        let mut reader = Reader::new(data);
        let size = reader.u8()?;
        let words = Text::parse(reader.take(size.into())?);
        Some(Self { words, content: reader.rest() })
    }
}

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.words {
            Some(words) => words.fmt(f),
            None => Bytes(self.content).fmt(f),
        }
    }
}

/// A partition table (`UEFI_GPT_DATA`, section 10.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gpt {
    /// The disk's GUID.
    pub disk: Guid,
    /// How many partitions there are.
    pub partitions: u64,
}

impl Gpt {
    /// A GPT's header and the number of partitions; `None` when they are not there.
    #[must_use]
    pub fn parse(data: &[u8]) -> Option<Self> {
        // UEFI 2.10, section 5.3.2: the disk's GUID is at 56 of a header that has 92 bytes here.
        let header: &[u8; 92] = data.strip_prefix(b"EFI PART").and(data.first_chunk())?;
        let disk = Guid::from_bytes(*header.get(56..)?.first_chunk()?);
        let partitions = Reader::new(data.get(92..)?).u64()?;
        Some(Self { disk, partitions })
    }
}

impl fmt::Display for Gpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "partition table of disk {} with {} partitions", self.disk, self.partitions)
    }
}

/// A tagged event (`TCG_PCClientTaggedEvent`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tagged<'a> {
    /// The number that tells what it is.
    pub tag: u32,
    /// What is said about it.
    pub content: &'a [u8],
}

impl<'a> Tagged<'a> {
    /// The tag and what follows it; `None` when the data end before it does.
    #[must_use]
    pub fn parse(data: &'a [u8]) -> Option<Self> {
        let mut reader = Reader::new(data);
        let (tag, size) = (reader.u32()?, reader.u32()?);
        Some(Self { tag, content: reader.take(length(size.into()))? })
    }
}

impl fmt::Display for Tagged<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tag {:#010x}: ", self.tag)?;
        match Text::parse(self.content) {
            Some(text) => text.fmt(f),
            None => Bytes(self.content).fmt(f),
        }
    }
}
