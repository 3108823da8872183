// SPDX-License-Identifier: MIT OR Apache-2.0
//! Members of md arrays (`md(4)`; the kernel's `md_p.h` numbers the fields).

use crate::bytes::{array, le16, le32, le64, narrow, until_zero, wide};
use crate::error::{Error, Fault, Structure, Unsupported};
use alloc::vec::Vec;
use read_at::ReadAt;

const MAGIC: u32 = 0xA92B_4EFC;
/// The bytes of a superblock.
const SIZE: usize = 4096;
/// The bytes at the end of a device that version 0.90 has for itself.
const RESERVED: u64 = 64 * 1024;
/// The roles of a spare and of a member that failed.
const NO_ROLE: u16 = 0xFFFE;
/// Features: the member is being filled; the array is being reshaped; it is a journal.
const RECOVERING: u32 = 0x02;
const RESHAPING: u32 = 0x04;
/// The state of a member in version 0.90 that is up to date.
const IN_SYNC: u32 = 1 << 2;

/// Which superblock, which also says where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Version {
    /// 64 KiB or more before the end.
    V0_90,
    /// 8 KiB or more before the end.
    V1_0,
    /// At the beginning.
    V1_1,
    /// 4 KiB after the beginning.
    V1_2,
}

/// A member of an array.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Member {
    /// Of its superblock.
    pub version: Version,
    /// Of the array, in the order of its bytes.
    pub uuid: [u8; 16],
    /// Of the array; version 0.90 has none.
    pub name: Vec<u8>,
    /// `raid1`, `raid5`.
    pub level: &'static str,
    /// How many members the array has.
    pub members: u32,
    /// Counts changes: members with less are old.
    pub events: u64,
    /// Whether it has all of its bytes.
    pub is_in_sync: bool,
    /// Where its data begins, and how much it is, in bytes.
    data: (u64, u64),
}

impl Member {
    /// The member that a device of `size` bytes is; none where it is none.
    ///
    /// # Errors
    ///
    /// The device failed, or there is a superblock whose checksum does not hold.
    pub fn find<R: ReadAt>(mut reader: R, size: u64) -> Result<Option<Self>, Error<R::Error>> {
        let mut bytes = alloc::vec![0; SIZE];
        for (version, place) in places(size) {
            reader.read_at(place, &mut bytes).map_err(Error::Device)?;
            if le32(&bytes, 0) != MAGIC {
                continue;
            }
            let member = match version {
                Version::V0_90 => Self::parse_0(&bytes, size),
                _ => Self::parse_1(&bytes, version, place),
            };
            let member = member.map_err(|fault| Structure::MdSuperblock.damage(fault, place))?;
            if member.is_some() {
                return Ok(member);
            }
        }
        Ok(None)
    }

    /// Where the bytes are that a member of a mirror has in common with the others: place and length.
    ///
    /// # Errors
    ///
    /// The array is no mirror, or this member is not up to date.
    pub fn mirror(&self) -> Result<(u64, u64), Unsupported> {
        if self.level != "raid1" {
            return Err(Unsupported::Level(self.level));
        }
        if self.is_in_sync { Ok(self.data) } else { Err(Unsupported::NotInSync) }
    }

    fn parse_0(bytes: &[u8], size: u64) -> Result<Option<Self>, Fault> {
        let word = |index: usize| le32(bytes, index.saturating_mul(4));
        if word(1) != 0 || word(2) < 90 {
            return Ok(None);
        }
        let sum = folded(bytes, 38);
        if sum != word(38) {
            return Err(Fault::Checksum);
        }
        let mut uuid = Vec::new();
        for index in [5, 13, 14, 15] {
            uuid.extend(word(index).to_le_bytes());
        }
        let kib = u64::from(word(8)).saturating_mul(1024);
        Ok(Some(Self {
            version: Version::V0_90,
            uuid: uuid.try_into().unwrap_or_default(),
            name: Vec::new(),
            level: level(word(7))?,
            members: word(10),
            events: (u64::from(word(40)) << 32) | u64::from(word(39)),
            is_in_sync: word(996) & IN_SYNC != 0,
            data: (0, kib.min(size)),
        }))
    }

    fn parse_1(bytes: &[u8], version: Version, place: u64) -> Result<Option<Self>, Fault> {
        let sectors = |at| le64(bytes, at).checked_mul(512).ok_or(Fault::Value);
        // Each version is at one place only: what says otherwise is a copy of something.
        if le32(bytes, 4) != 1 || sectors(144)? != place {
            return Ok(None);
        }
        let roles = narrow(le32(bytes, 220).into());
        let length = roles.checked_mul(2).and_then(|roles| roles.checked_add(256)).filter(|end| *end <= SIZE);
        let summed = bytes.get(..length.ok_or(Fault::Value)?.next_multiple_of(4)).ok_or(Fault::Value)?;
        // An odd role at the end counts as half a word.
        let half = if roles & 1 == 1 { 2 } else { 0 };
        let mut summed = summed.to_vec();
        let used = summed.len().saturating_sub(half);
        summed.get_mut(used..).unwrap_or_default().fill(0);
        if folded(&summed, 54) != le32(bytes, 216) {
            return Err(Fault::Checksum);
        }
        let number = narrow(le32(bytes, 160).into());
        let role_place = number.saturating_mul(2).saturating_add(256);
        let role = if number < roles { le16(bytes, role_place) } else { u16::MAX };
        let features = le32(bytes, 8);
        let data = (sectors(128)?, sectors(80)?.min(sectors(136)?));
        data.0.checked_add(data.1).ok_or(Fault::Bounds)?;
        Ok(Some(Self {
            version,
            uuid: array(bytes, 16),
            name: until_zero(bytes.get(32..64).unwrap_or_default()).to_vec(),
            level: level(le32(bytes, 72))?,
            members: le32(bytes, 92),
            events: le64(bytes, 200),
            is_in_sync: role < NO_ROLE && features & (RECOVERING | RESHAPING) == 0,
            data,
        }))
    }
}

/// Where superblocks may be on a device of `size` bytes.
fn places(size: u64) -> impl Iterator<Item = (Version, u64)> {
    let whole = size & !(RESERVED.saturating_sub(1));
    let end = (size / 512).checked_sub(16).map(|sector| (sector & !7).saturating_mul(512));
    let places = [
        (Version::V1_1, Some(0)),
        (Version::V1_2, Some(4096)),
        (Version::V1_0, end),
        (Version::V0_90, whole.checked_sub(RESERVED)),
    ];
    let fits = move |place: &u64| place.checked_add(wide(SIZE)).is_some_and(|end| end <= size);
    places.into_iter().filter_map(move |(version, place)| Some((version, place.filter(fits)?)))
}

/// The sum of all 32-bit words but `left_out`, with what it has above 32 bits added.
fn folded(bytes: &[u8], left_out: usize) -> u32 {
    let words = bytes.chunks_exact(4).enumerate().filter(|(index, _)| *index != left_out);
    let sum = words.fold(0_u64, |sum, (_, word)| sum.saturating_add(le32(word, 0).into()));
    let folded = (sum & u64::from(u32::MAX)).saturating_add(sum >> 32);
    u32::try_from(folded & u64::from(u32::MAX)).unwrap_or(0)
}

fn level(stored: u32) -> Result<&'static str, Fault> {
    Ok(match i32::from_le_bytes(stored.to_le_bytes()) {
        -4 => "multipath",
        -1 => "linear",
        0 => "raid0",
        1 => "raid1",
        4 => "raid4",
        5 => "raid5",
        6 => "raid6",
        10 => "raid10",
        _ => return Err(Fault::Value),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn superblocks_are_at_places_that_the_size_gives() {
        let places: Vec<_> = places((10 << 20) + 5000).collect();
        let expected = [
            (Version::V1_1, 0),
            (Version::V1_2, 4096),
            (Version::V1_0, (10 << 20) - 4096),
            (Version::V0_90, (10 << 20) - 65536),
        ];
        assert_eq!(places, expected);
        assert_eq!(super::places(4000).count(), 0);
    }
}
