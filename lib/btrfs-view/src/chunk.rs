// SPDX-License-Identifier: MIT OR Apache-2.0
//! Chunks: from logical addresses to places on devices (btrfs documentation, "On-disk format", chunk tree;
//! `mkfs.btrfs(8)`, Profiles).

use crate::bytes::{array, le16, le64, wide};
use crate::error::Fault;
use crate::node::Key;
use alloc::vec::Vec;

/// The object and kind of keys of chunks.
pub(crate) const OBJECT: u64 = 256;
pub(crate) const KIND: u8 = 228;
/// The bytes before the stripes.
const HEADER: usize = 48;
const STRIPE: usize = 32;
const KEY: usize = 17;
/// The bytes that go to one device before the next one has its turn. Others were never made.
const STRIPE_LENGTH: u64 = 64 << 10;
/// The most copies that a profile has.
pub(crate) const COPIES_MAX: usize = 4;

/// How bytes are spread over devices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Profile {
    Single,
    Dup,
    Raid0,
    Raid1,
    Raid1c3,
    Raid1c4,
    Raid10,
    Raid5,
    Raid6,
}

/// A device, as a stripe names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DeviceId {
    pub(crate) number: u64,
    pub(crate) uuid: [u8; 16],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stripe {
    device: DeviceId,
    /// Where it begins on the device.
    offset: u64,
}

/// A range of logical addresses, and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Chunk {
    pub(crate) logical: u64,
    length: u64,
    pub(crate) profile: Profile,
    stripes: Vec<Stripe>,
}

/// Where bytes from a logical address on are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) device: DeviceId,
    /// In bytes on the device.
    pub(crate) offset: u64,
    /// How many of them lie together.
    pub(crate) length: u64,
}

impl Profile {
    fn of(kind: u64) -> Option<Self> {
        Some(match (kind >> 3) & 0xFF {
            0 => Self::Single,
            1 => Self::Raid0,
            2 => Self::Raid1,
            4 => Self::Dup,
            8 => Self::Raid10,
            16 => Self::Raid5,
            32 => Self::Raid6,
            64 => Self::Raid1c3,
            128 => Self::Raid1c4,
            _ => return None,
        })
    }

    /// In how many places each byte is.
    fn copies(self) -> usize {
        match self {
            Self::Single | Self::Raid0 | Self::Raid5 | Self::Raid6 => 1,
            Self::Dup | Self::Raid1 | Self::Raid10 => 2,
            Self::Raid1c3 => 3,
            Self::Raid1c4 => COPIES_MAX,
        }
    }

    fn fits(self, stripes: usize, substripes: u16) -> bool {
        match self {
            Self::Raid0 => stripes > 0,
            Self::Raid10 => stripes > 0 && stripes.is_multiple_of(2) && substripes == 2,
            Self::Raid5 => stripes > 1,
            Self::Raid6 => stripes > 2,
            _ => stripes == self.copies(),
        }
    }

    pub(crate) fn has_parity(self) -> bool {
        matches!(self, Self::Raid5 | Self::Raid6)
    }
}

impl Chunk {
    /// From its key's offset and its item.
    pub(crate) fn decode(logical: u64, item: &[u8]) -> Result<Self, Fault> {
        let chunk = Self::fields(logical, item).ok_or(Fault::Missing)?.ok_or(Fault::Value)?;
        let end = logical.checked_add(chunk.length);
        if chunk.length == 0 || end.is_none() { Err(Fault::Bounds) } else { Ok(chunk) }
    }

    /// None in the inner place where a number is impossible.
    fn fields(logical: u64, item: &[u8]) -> Option<Option<Self>> {
        let (length, stripe_length) = (le64(item, 0)?, le64(item, 16)?);
        let (count, substripes) = (le16(item, 44)?, le16(item, 46)?);
        let profile = Profile::of(le64(item, 24)?);
        let mut stripes = Vec::new();
        for stripe in item.get(HEADER..)?.chunks_exact(STRIPE).take(count.into()) {
            let device = DeviceId { number: le64(stripe, 0)?, uuid: array(stripe, 16)? };
            stripes.push(Stripe { device, offset: le64(stripe, 8)? });
        }
        if stripes.len() < count.into() {
            return None;
        }
        let profile = profile.filter(|profile| profile.fits(stripes.len(), substripes));
        let fits = stripe_length == STRIPE_LENGTH;
        Some(profile.filter(|_| fits).map(|profile| Self { logical, length, profile, stripes }))
    }

    /// The chunks that a superblock lists: each its key, then its item.
    pub(crate) fn list(mut bytes: &[u8]) -> Result<Vec<Self>, Fault> {
        let mut chunks = Vec::new();
        while !bytes.is_empty() {
            let key = Key::decode(bytes, 0).ok_or(Fault::Missing)?;
            let item = bytes.get(KEY..).ok_or(Fault::Missing)?;
            let count = usize::from(le16(item, 44).ok_or(Fault::Missing)?);
            if key.kind != KIND {
                return Err(Fault::Value);
            }
            chunks.push(Self::decode(key.offset, item)?);
            let length = count.saturating_mul(STRIPE).saturating_add(HEADER);
            bytes = item.get(length..).ok_or(Fault::Missing)?;
        }
        Ok(chunks)
    }

    /// Whether `logical` is in it.
    pub(crate) fn holds(&self, logical: u64) -> bool {
        logical.checked_sub(self.logical).is_some_and(|offset| offset < self.length)
    }

    /// In how many places each of its bytes is.
    pub(crate) fn copies(&self) -> usize {
        self.profile.copies()
    }

    /// Where the `copy`th copy of the bytes from `logical` on is.
    pub(crate) fn place(&self, logical: u64, copy: usize) -> Option<Place> {
        let offset = logical.checked_sub(self.logical)?;
        let left = self.length.checked_sub(offset).filter(|&left| left > 0)?;
        if copy >= self.copies() {
            return None;
        }
        let (row, within) = (offset / STRIPE_LENGTH, offset % STRIPE_LENGTH);
        let (stripe, row) = match self.spread(row)? {
            // A copy is in one piece.
            None => return self.on(self.stripes.get(copy)?, offset, left),
            Some((stripe, row)) => (stripe.checked_add(copy)?, row),
        };
        let on_device = row.checked_mul(STRIPE_LENGTH)?.checked_add(within)?;
        let length = STRIPE_LENGTH.checked_sub(within)?.min(left);
        self.on(self.stripes.get(stripe)?, on_device, length)
    }

    fn on(&self, stripe: &Stripe, on_device: u64, length: u64) -> Option<Place> {
        Some(Place { device: stripe.device, offset: stripe.offset.checked_add(on_device)?, length })
    }

    /// On which stripe the `number`th piece of 64 KiB is, the first copy of it, and how many are before it there.
    fn spread(&self, number: u64) -> Option<Option<(usize, u64)>> {
        let stripes = wide(self.stripes.len());
        let (across, step, turns) = match self.profile {
            Profile::Raid0 => (stripes, 1, false),
            Profile::Raid10 => (stripes.checked_div(2)?, 2, false),
            Profile::Raid5 => (stripes.checked_sub(1)?, 1, true),
            Profile::Raid6 => (stripes.checked_sub(2)?, 1, true),
            _ => return Some(None),
        };
        let (column, row) = (number.checked_rem(across)?, number.checked_div(across)?);
        // Parity moves on by one stripe each row, and data with it.
        let column = if turns { column.checked_add(row)?.checked_rem(stripes)? } else { column };
        Some(Some((usize::try_from(column.checked_mul(step)?).ok()?, row)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn item(length: u64, kind: u64, count: u16, substripes: u16) -> Vec<u8> {
        let mut item = vec![0; HEADER];
        item[..8].copy_from_slice(&length.to_le_bytes());
        item[16..24].copy_from_slice(&STRIPE_LENGTH.to_le_bytes());
        item[24..32].copy_from_slice(&kind.to_le_bytes());
        item[44..46].copy_from_slice(&count.to_le_bytes());
        item[46..48].copy_from_slice(&substripes.to_le_bytes());
        for number in 1..=u64::from(count) {
            item.extend([number.to_le_bytes(), (number << 30).to_le_bytes()].concat());
            item.extend([number as u8; 16]);
        }
        item
    }

    fn chunk(kind: u64, count: u16, substripes: u16) -> Chunk {
        Chunk::decode(1 << 40, &item(16 << 20, kind, count, substripes)).unwrap()
    }

    /// The device, the piece of 64 KiB on it, and the length, of the piece `number`.
    fn at(chunk: &Chunk, number: u64, copy: usize) -> (u64, u64, u64) {
        let place = chunk.place((1 << 40) + number * STRIPE_LENGTH, copy).unwrap();
        let device = place.device.number;
        (device, (place.offset - (device << 30)) / STRIPE_LENGTH, place.length)
    }

    #[test]
    fn each_profile_where_it_puts_bytes() {
        let (all, one) = (16 << 20, STRIPE_LENGTH);
        let single = chunk(1, 1, 0);
        assert_eq!(at(&single, 3, 0), (1, 3, all - 3 * one));
        assert_eq!(single.place(1 << 40, 1), None);
        let raid1c3 = chunk(1 | 1 << 9, 3, 0);
        assert_eq!([0, 1, 2].map(|copy| at(&raid1c3, 5, copy).0), [1, 2, 3]);
        let raid0 = chunk(1 | 1 << 3, 3, 0);
        assert_eq!(
            [0, 1, 2, 3].map(|n| at(&raid0, n, 0)),
            [(1, 0, one), (2, 0, one), (3, 0, one), (1, 1, one)]
        );
        let raid10 = chunk(1 | 1 << 6, 4, 2);
        assert_eq!([0, 1, 2].map(|n| at(&raid10, n, 0)), [(1, 0, one), (3, 0, one), (1, 1, one)]);
        assert_eq!([0, 1, 2].map(|n| at(&raid10, n, 1).0), [2, 4, 2]);
        // Two of data, one of parity, which is on the third, then the first, then the second device.
        let raid5 = chunk(1 | 1 << 7, 3, 0);
        let places = [0, 1, 2, 3, 4, 5].map(|n| at(&raid5, n, 0));
        assert_eq!(places.map(|(device, _, _)| device), [1, 2, 2, 3, 3, 1]);
        assert_eq!(places.map(|(_, row, _)| row), [0, 0, 1, 1, 2, 2]);
    }

    #[test]
    fn impossible_chunks() {
        let decode = |item: &[u8]| Chunk::decode(1 << 40, item).err();
        assert_eq!(decode(&item(0, 1, 1, 0)), Some(Fault::Bounds));
        assert_eq!(decode(&item(u64::MAX, 1, 1, 0)), Some(Fault::Bounds));
        assert_eq!(decode(&item(65536, 1 | 1 << 3 | 1 << 4, 2, 0)), Some(Fault::Value));
        assert_eq!(decode(&item(65536, 1 | 1 << 4, 3, 0)), Some(Fault::Value));
        assert_eq!(decode(&item(65536, 1 | 1 << 6, 4, 1)), Some(Fault::Value));
        assert_eq!(decode(&item(65536, 1, 1, 0)[..79]), Some(Fault::Missing));
        let key = [&OBJECT.to_le_bytes()[..], &[KIND], &(1_u64 << 40).to_le_bytes()].concat();
        let list = [key, item(65536, 2 | 1 << 5, 2, 0)].concat();
        assert_eq!(Chunk::list(&list.repeat(3)).unwrap().len(), 3);
        assert_eq!(Chunk::list(&list[..list.len() - 1]), Err(Fault::Missing));
    }

    proptest! {
        #[test]
        fn a_place_is_on_a_stripe_and_in_the_chunk(bits in 0_u32..10, count in 0_u16..9, substripes in 0_u16..4, offset: u64, copy in 0_usize..5) {
            let kind = if bits == 0 { 1 } else { 1 | 4 << bits };
            if let Ok(chunk) = Chunk::decode(1 << 40, &item(16 << 20, kind, count, substripes)) {
                let offset = offset % (20 << 20);
                let place = chunk.place((1 << 40) + offset, copy);
                prop_assert_eq!(place.is_some(), offset < 16 << 20 && copy < chunk.copies());
                if let Some(place) = place {
                    prop_assert!(place.length > 0 && place.length <= (16 << 20) - offset);
                    prop_assert!((1..=u64::from(count)).contains(&place.device.number));
                }
            }
        }
    }
}
