// SPDX-License-Identifier: MIT OR Apache-2.0
//! The extended attribute in an inode that has the rest of inline data (ext4 Data Structures and
//! Algorithms, "Extended Attributes", "Inline Data"): `system.data`.

use crate::bytes::{index, le16, le32};
use crate::error::Fault;
use core::ops::Range;

const MAGIC: u32 = 0xEA02_0000;
const HEADER: usize = 4;
/// The bytes of an entry before its name.
const ENTRY: usize = 16;
/// The number that stands for the prefix `system.`.
const SYSTEM: u8 = 7;

/// Where in `bytes`, the part of an inode behind its fields, the value of `system.data` is.
///
/// # Errors
///
/// The entries lead out of the inode.
pub(crate) fn inline_data(bytes: &[u8]) -> Result<Option<Range<usize>>, Fault> {
    if le32(bytes, 0) != Some(MAGIC) {
        return Ok(None);
    }
    let mut at = HEADER;
    // Four zeros end the list, and an inode's end does, too.
    while let Some(head) = le32(bytes, at).filter(|&head| head != 0) {
        let [length, prefix, ..] = head.to_le_bytes();
        let name = at.saturating_add(ENTRY);
        let end = name.saturating_add(length.into());
        let name = bytes.get(name..end).ok_or(Fault::Bounds)?;
        if prefix == SYSTEM && name == b"data" {
            return value(bytes, at).map(Some);
        }
        at = end.next_multiple_of(4);
    }
    Ok(None)
}

/// The value of the entry at `at`; offsets are counted from the first entry.
fn value(bytes: &[u8], at: usize) -> Result<Range<usize>, Fault> {
    let field = |offset: usize| le32(bytes, at.saturating_add(offset)).ok_or(Fault::Bounds);
    if field(4)? != 0 {
        return Err(Fault::Value);
    }
    let size = index(field(8)?);
    let offset = le16(bytes, at.saturating_add(2)).ok_or(Fault::Bounds)?;
    let start = if size == 0 { 0 } else { HEADER.saturating_add(offset.into()) };
    let end = start.checked_add(size).filter(|&end| end <= bytes.len()).ok_or(Fault::Bounds)?;
    Ok(start..end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::vec::Vec;

    fn entry(prefix: u8, name: &[u8], offset: u16, size: u32) -> Vec<u8> {
        let mut bytes = vec![name.len() as u8, prefix];
        bytes.extend(offset.to_le_bytes());
        bytes.extend([0; 4]);
        bytes.extend(size.to_le_bytes());
        bytes.extend([0; 4]);
        bytes.extend(name);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes
    }

    #[test]
    fn the_value_behind_another_attribute() {
        let mut bytes = MAGIC.to_le_bytes().to_vec();
        bytes.extend(entry(6, b"selinux", 80, 3));
        bytes.extend(entry(SYSTEM, b"data", 60, 5));
        assert_eq!(inline_data(&bytes), Err(Fault::Bounds));
        bytes.resize(100, 0);
        assert_eq!(inline_data(&bytes), Ok(Some(64..69)));
        assert_eq!(inline_data(&[0; 100]), Ok(None));
        assert_eq!(inline_data(&[]), Ok(None));
    }

    proptest! {
        #[test]
        fn any_bytes_do_no_harm(mut bytes in prop::collection::vec(any::<u8>(), 4..200)) {
            bytes[..4].copy_from_slice(&MAGIC.to_le_bytes());
            if let Ok(Some(range)) = inline_data(&bytes) {
                prop_assert!(bytes.get(range).is_some());
            }
        }
    }
}
