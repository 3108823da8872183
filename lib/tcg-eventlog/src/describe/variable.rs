// SPDX-License-Identifier: MIT OR Apache-2.0
//! Variables (`UEFI_VARIABLE_DATA`, section 10.2).

use super::text::{Bytes, Text, plain};
use crate::bytes::{Reader, length};
use core::fmt;
use uguid::Guid;

/// A variable, as an event tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variable<'a> {
    /// Whose variable it is.
    pub vendor: Guid,
    /// Its name in UTF-16, little-endian, without terminator.
    pub name: Option<Text<'a>>,
    /// What is in it.
    pub content: &'a [u8],
}

impl<'a> Variable<'a> {
    /// The variable in an event's data; `None` when they end before it does.
    #[must_use]
    pub fn parse(data: &'a [u8]) -> Option<Self> {
        let mut reader = Reader::new(data);
        let vendor = Guid::from_bytes(*reader.array()?);
        let (characters, size) = (reader.u64()?, reader.u64()?);
        let name = Text::utf16(reader.take(length(characters.checked_mul(2)?))?);
        Some(Self { vendor, name, content: reader.take(length(size))? })
    }
}

/// As efivarfs calls it, and its first bytes: `SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c = 01`.
impl fmt::Display for Variable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        plain(f, self.name.iter().flat_map(Text::chars))?;
        write!(f, "-{} = {}", self.vendor, Bytes(self.content))
    }
}
