// SPDX-License-Identifier: MIT OR Apache-2.0
//! The four checksums that a file system may have (btrfs documentation, "Checksumming").

use crate::bytes::byte;
use crate::crc32c;

/// The most bytes of a checksum.
pub(crate) const SIZE_MAX: usize = 32;

/// What checksums are made by: one kind for a whole file system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChecksumType {
    /// CRC-32C.
    Crc32c,
    /// xxHash of 64 bits.
    Xxhash64,
    /// SHA-256.
    Sha256,
    /// `BLAKE2b` of 256 bits.
    Blake2b,
}

impl ChecksumType {
    pub(crate) fn of(code: u16) -> Option<Self> {
        Some(match code {
            0 => Self::Crc32c,
            1 => Self::Xxhash64,
            2 => Self::Sha256,
            3 => Self::Blake2b,
            _ => return None,
        })
    }

    /// Its name, as `mkfs.btrfs --csum` has it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Crc32c => "crc32c",
            Self::Xxhash64 => "xxhash64",
            Self::Sha256 => "sha256",
            Self::Blake2b => "blake2b",
        }
    }

    /// Its bytes.
    pub(crate) fn size(self) -> usize {
        match self {
            Self::Crc32c => 4,
            Self::Xxhash64 => 8,
            Self::Sha256 | Self::Blake2b => SIZE_MAX,
        }
    }

    /// Whether this build has it.
    pub(crate) fn is_built(self) -> bool {
        match self {
            Self::Crc32c => true,
            Self::Xxhash64 => cfg!(feature = "xxhash64"),
            Self::Sha256 => cfg!(feature = "sha256"),
            Self::Blake2b => cfg!(feature = "blake2b"),
        }
    }

    /// Whether `stored` begins with the checksum of `bytes`.
    pub(crate) fn holds(self, bytes: &[u8], stored: &[u8]) -> bool {
        let made = self.of_bytes(bytes);
        (0..self.size()).all(|at| byte(&made, at).is_some() && byte(&made, at) == byte(stored, at))
    }

    /// The checksum of `bytes`, and zeros.
    pub(crate) fn of_bytes(self, bytes: &[u8]) -> [u8; SIZE_MAX] {
        match self {
            Self::Crc32c => padded(&crc32c::checksum(bytes).to_le_bytes()),
            #[cfg(feature = "xxhash64")]
            Self::Xxhash64 => padded(&twox_hash::XxHash64::oneshot(0, bytes).to_le_bytes()),
            #[cfg(feature = "sha256")]
            Self::Sha256 => <sha2::Sha256 as sha2::Digest>::digest(bytes).into(),
            #[cfg(feature = "blake2b")]
            Self::Blake2b => {
                <blake2::Blake2b<blake2::digest::consts::U32> as blake2::Digest>::digest(bytes).into()
            }
            // Such a file system is not opened.
            #[cfg(not(all(feature = "xxhash64", feature = "sha256", feature = "blake2b")))]
            _ => [0; SIZE_MAX],
        }
    }
}

fn padded(bytes: &[u8]) -> [u8; SIZE_MAX] {
    let mut all = [0; SIZE_MAX];
    all.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(all(feature = "xxhash64", feature = "sha256", feature = "blake2b"))]
    #[test]
    fn values_that_others_publish() {
        let begins = |kind: ChecksumType, bytes: &[u8], first: [u8; 4]| {
            assert_eq!(kind.of_bytes(bytes)[..4], first, "{}", kind.name());
        };
        begins(ChecksumType::Crc32c, b"123456789", [0x83, 0x92, 0x06, 0xE3]);
        // The empty input, as the specifications of xxHash and FIPS 180 give it; "abc" of RFC 7693 has 64 bytes.
        begins(ChecksumType::Xxhash64, b"", 0xEF46_DB37_51D8_E999_u64.to_le_bytes()[..4].try_into().unwrap());
        begins(ChecksumType::Sha256, b"", [0xE3, 0xB0, 0xC4, 0x42]);
        begins(ChecksumType::Blake2b, b"", [0x0E, 0x57, 0x51, 0xC0]);
    }

    #[test]
    fn a_changed_byte_or_a_short_checksum_does_not_hold() {
        let stored = ChecksumType::Crc32c.of_bytes(b"abc");
        assert!(ChecksumType::Crc32c.holds(b"abc", &stored));
        assert!(!ChecksumType::Crc32c.holds(b"abd", &stored));
        assert!(!ChecksumType::Crc32c.holds(b"abc", &stored[..3]));
    }
}
