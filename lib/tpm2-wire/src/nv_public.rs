// SPDX-License-Identifier: MIT OR Apache-2.0
//! What everybody may know of an NV index (TPM 2.0 Library, part 2, 13).

use crate::algorithm::Algorithm;
use crate::bounded::{Digest, Name};
use crate::bytes::{Reader, Writer};
use crate::handle::Handle;
use core::ops::BitOr;
use sha2::{Digest as _, Sha256};

/// Attributes of an NV index (`TPMA_NV`; part 2, 13.4), joined by `|`.
///
/// ```
/// use tpm2_wire::NvAttributes;
///
/// let attributes = NvAttributes::COUNTER | NvAttributes::OWNER_WRITE | NvAttributes::OWNER_READ;
/// assert!(attributes.contains(NvAttributes::OWNER_READ));
/// assert!(!attributes.contains(NvAttributes::POLICY_READ));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NvAttributes(pub u32);

impl NvAttributes {
    /// An index whose bytes are written as they are. No bit: all others of its kind have one.
    pub const ORDINARY: Self = Self(0);
    /// Whoever has the owner's authorization may write.
    pub const OWNER_WRITE: Self = Self(1 << 1);
    /// Whoever has the index's own password may write.
    pub const AUTH_WRITE: Self = Self(1 << 2);
    /// Whoever meets the index's policy may write.
    pub const POLICY_WRITE: Self = Self(1 << 3);
    /// A counter of 8 bytes, big-endian, which only goes up, and never below what any deleted one had.
    pub const COUNTER: Self = Self(1 << 4);
    /// State: it is locked for writing.
    pub const WRITE_LOCKED: Self = Self(1 << 11);
    /// It can be locked for writing until the TPM is reset or restarted.
    pub const WRITE_STCLEAR: Self = Self(1 << 14);
    /// Whoever has the owner's authorization may read.
    pub const OWNER_READ: Self = Self(1 << 17);
    /// Whoever has the index's own password may read.
    pub const AUTH_READ: Self = Self(1 << 18);
    /// Whoever meets the index's policy may read.
    pub const POLICY_READ: Self = Self(1 << 19);
    /// Wrong passwords do not count towards a lockout, and a lockout does not matter.
    pub const NO_DA: Self = Self(1 << 25);
    /// State: it is locked for reading.
    pub const READ_LOCKED: Self = Self(1 << 28);
    /// State: it was written.
    pub const WRITTEN: Self = Self(1 << 29);
    /// It can be locked for reading until the TPM is reset or restarted.
    pub const READ_STCLEAR: Self = Self(1 << 31);

    /// What is state, and no choice of whoever defined it.
    const STATE: u32 = Self::WRITE_LOCKED.0 | Self::READ_LOCKED.0 | Self::WRITTEN.0;

    /// Whether all of `other` is set.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// What was chosen when it was defined, without the state.
    #[must_use]
    pub const fn chosen(self) -> Self {
        Self(self.0 & !Self::STATE)
    }
}

impl BitOr for NvAttributes {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// What everybody may know of an NV index (`TPMS_NV_PUBLIC`; part 2, 13.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NvPublic {
    /// Its number: `0x01000000` to `0x01FFFFFF`.
    pub index: Handle,
    /// The hash algorithm of its name and its policy.
    pub name_algorithm: Algorithm,
    /// Its attributes.
    pub attributes: NvAttributes,
    /// The digest of its policy; empty for none.
    pub policy: Digest,
    /// How many bytes it has.
    pub size: u16,
}

impl NvPublic {
    /// Its name: what commands that are protected by an HMAC, and policies, say in place of its number. `None`
    /// unless its algorithm is SHA-256.
    ///
    /// The name changes with the state: when it is first written, and when it is locked.
    #[must_use]
    pub fn name(&self) -> Option<Name> {
        let mut place = [0; 128];
        let mut writer = Writer::new(&mut place);
        self.marshal(&mut writer);
        let length = writer.length()?;
        name(self.name_algorithm, place.get(..length)?)
    }

    pub(crate) fn marshal(&self, writer: &mut Writer<'_>) {
        writer.u32(self.index.0);
        writer.u16(self.name_algorithm.0);
        writer.u32(self.attributes.0);
        writer.sized(self.policy.as_bytes());
        writer.u16(self.size);
    }

    /// From exactly these bytes.
    pub(crate) fn unmarshal(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        let own = Self {
            index: Handle(reader.u32()?),
            name_algorithm: Algorithm(reader.u16()?),
            attributes: NvAttributes(reader.u32()?),
            policy: Digest::unmarshal(&mut reader)?,
            size: reader.u16()?,
        };
        reader.rest().is_empty().then_some(own)
    }
}

/// The name of a public area (part 1, 16): the number of its algorithm, and its hash. `None` unless that is SHA-256.
pub(crate) fn name(algorithm: Algorithm, public: &[u8]) -> Option<Name> {
    if algorithm != Algorithm::SHA256 {
        return None;
    }
    let mut place = [0; 34];
    let mut writer = Writer::new(&mut place);
    writer.u16(algorithm.0);
    writer.put(&Sha256::digest(public));
    writer.length()?;
    Name::new(&place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn public_areas_survive(index: u32, algorithm: u16, attributes: u32, size: u16, policy: [u8; 48]) {
            let public = NvPublic {
                index: Handle(index),
                name_algorithm: Algorithm(algorithm),
                attributes: NvAttributes(attributes),
                policy: Digest::new(&policy).unwrap(),
                size,
            };
            let mut place = [0; 128];
            let mut writer = Writer::new(&mut place);
            public.marshal(&mut writer);
            let length = writer.length().unwrap();
            prop_assert_eq!(NvPublic::unmarshal(&place[..length]), Some(public));
            prop_assert_eq!(NvPublic::unmarshal(&place[..length - 1]), None);
            prop_assert_eq!(NvPublic::unmarshal(&place[..=length]), None);
        }
    }
}
