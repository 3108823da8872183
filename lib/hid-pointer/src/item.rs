// SPDX-License-Identifier: MIT OR Apache-2.0
//! The items that a report descriptor is made of (HID 1.11, 6.2.2.1 to 6.2.2.3).

use crate::refusal::Refusal;

/// The first byte of a long item; the next two are its size and its tag.
const LONG: u8 = 0xFE;

/// What an item is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A field of reports, or a collection.
    Main,
    /// What holds until it is said otherwise.
    Global,
    /// What holds for the next main item.
    Local,
    /// Nothing that this version of HID knows; long items too.
    Reserved,
}

/// A short item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) kind: Kind,
    pub(crate) tag: u8,
    /// Bytes of data: 0, 1, 2 or 4.
    pub(crate) size: u8,
    /// The data, unsigned.
    pub(crate) data: u32,
}

impl Item {
    /// The data, with the sign that its own size has.
    pub(crate) fn signed(self) -> i64 {
        let data = i64::from(self.data);
        match self.size {
            1 if data > 0x7F => data.saturating_sub(1 << 8),
            2 if data > 0x7FFF => data.saturating_sub(1 << 16),
            4 if data > 0x7FFF_FFFF => data.saturating_sub(1 << 32),
            _ => data,
        }
    }
}

/// The items of a descriptor, in order; an item that is cut off is the last.
pub(crate) struct Items<'b>(pub(crate) &'b [u8]);

impl Iterator for Items<'_> {
    type Item = Result<Item, Refusal>;

    fn next(&mut self) -> Option<Self::Item> {
        let (first, rest) = self.0.split_first()?;
        let Some((item, rest)) = item(*first, rest) else {
            self.0 = &[];
            return Some(Err(Refusal::Truncated));
        };
        self.0 = rest;
        Some(Ok(item))
    }
}

/// The item that begins with `first`, and what comes after it.
fn item(first: u8, rest: &[u8]) -> Option<(Item, &[u8])> {
    if first == LONG {
        let (size, rest) = rest.split_first()?;
        let rest = rest.get(usize::from(*size).saturating_add(1)..)?;
        return Some((Item { kind: Kind::Reserved, tag: 0, size: 0, data: 0 }, rest));
    }
    let size = if first & 3 == 3 { 4 } else { first & 3 };
    let (bytes, rest) = rest.split_at_checked(usize::from(size))?;
    let mut data = [0; 4];
    data.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
    let kind = match first >> 2 & 3 {
        0 => Kind::Main,
        1 => Kind::Global,
        2 => Kind::Local,
        _ => Kind::Reserved,
    };
    Some((Item { kind, tag: first >> 4, size, data: u32::from_le_bytes(data) }, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(bytes: &[u8]) -> Vec<Result<Item, Refusal>> {
        Items(bytes).collect()
    }

    #[test]
    fn an_item_has_kind_tag_and_little_endian_data() {
        let usage_page = Item { kind: Kind::Global, tag: 0, size: 1, data: 1 };
        let usage = Item { kind: Kind::Local, tag: 0, size: 4, data: 0x0001_0030 };
        assert_eq!(
            items(&[0x05, 0x01, 0x0B, 0x30, 0x00, 0x01, 0x00, 0xC0]),
            [Ok(usage_page), Ok(usage), Ok(Item { kind: Kind::Main, tag: 0xC, size: 0, data: 0 })]
        );
    }

    #[test]
    fn data_is_signed_by_its_own_size() {
        let signed = |bytes: &[u8]| items(bytes)[0].unwrap().signed();
        assert_eq!(signed(&[0x15, 0x81]), -127);
        assert_eq!(signed(&[0x16, 0x01, 0x80]), -32767);
        assert_eq!(signed(&[0x17, 0xFF, 0xFF, 0xFF, 0xFF]), -1);
        assert_eq!((signed(&[0x14]), signed(&[0x25, 0x7F])), (0, 127));
    }

    #[test]
    fn long_items_are_passed_over() {
        let after = items(&[0xFE, 2, 0xF0, 1, 2, 0xC0]);
        assert_eq!(after[0].unwrap().kind, Kind::Reserved);
        assert_eq!(after[1].unwrap().tag, 0xC);
    }

    #[test]
    fn an_item_that_is_cut_off_is_the_last() {
        for bytes in [&[0x26, 0xFF][..], &[0xFE], &[0xFE, 2], &[0xFE, 2, 0xF0, 1]] {
            assert_eq!(items(bytes), [Err(Refusal::Truncated)], "{bytes:x?}");
        }
    }
}
