// SPDX-License-Identifier: MIT OR Apache-2.0
//! Public areas of objects (TPM 2.0 Library, part 2, 12.2).

use crate::algorithm::Algorithm;
use crate::bounded::{Name, PublicBytes};
use crate::bytes::{Reader, Writer};
use crate::command_code::CommandCode;
use crate::error::Error;
use crate::handle::Handle;
use crate::nv_public::name;
use crate::tpm::Tpm;

/// `TPM_ECC_NIST_P256`.
const P256: u16 = 3;
/// `fixedTPM`, `fixedParent`, `sensitiveDataOrigin`, `userWithAuth`, `noDA`, `restricted`, `sign` (part 2, 8.3): a
/// key that never leaves the TPM, needs no password, and signs only what the TPM made.
const RESTRICTED_SIGNING: u32 = 0x0005_0472;

/// The public area of an object (`TPMT_PUBLIC`), as the TPM gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Public(PublicBytes);

/// A point on P-256: the public part of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct P256Point {
    /// Its first coordinate, big-endian.
    pub x: [u8; 32],
    /// Its second coordinate, big-endian.
    pub y: [u8; 32],
}

impl P256Point {
    /// The point as SEC 1 writes it without compression: `04`, then both coordinates.
    #[must_use]
    pub fn to_sec1(&self) -> [u8; 65] {
        let mut bytes = [4; 65];
        let coordinates = self.x.iter().chain(&self.y);
        bytes.iter_mut().skip(1).zip(coordinates).for_each(|(place, byte)| *place = *byte);
        bytes
    }
}

impl Public {
    pub(crate) const EMPTY: Self = Self(PublicBytes::EMPTY);

    /// Bytes that somebody kept; `None` when there are more than 640.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Option<Self> {
        PublicBytes::new(bytes).map(Self)
    }

    /// The bytes, without the size that a `TPM2B_PUBLIC` has before them.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// The name of the object; `None` unless its algorithm is SHA-256.
    #[must_use]
    pub fn name(&self) -> Option<Name> {
        let mut reader = Reader::new(self.as_bytes());
        let _key_algorithm = reader.u16()?;
        name(Algorithm(reader.u16()?), self.as_bytes())
    }

    /// The key, where this is exactly what [`Key::restricted_signing`](crate::Key::restricted_signing) makes: a
    /// restricted signing key for ECDSA on P-256 with SHA-256, without a policy.
    #[must_use]
    pub fn restricted_signing_point(&self) -> Option<P256Point> {
        let mut place = [0; 32];
        let mut writer = Writer::new(&mut place);
        put_restricted_signing(&mut writer);
        let length = writer.length()?;
        let mut reader = Reader::new(self.as_bytes());
        let is_such = reader.take(length)? == place.get(..length)?;
        let point = P256Point { x: coordinate(&mut reader)?, y: coordinate(&mut reader)? };
        (is_such && reader.rest().is_empty()).then_some(point)
    }

    pub(crate) fn unmarshal(reader: &mut Reader<'_>) -> Option<Self> {
        PublicBytes::unmarshal(reader).map(Self)
    }
}

/// A `TPM2B_ECC_PARAMETER` of 32 bytes; zeros at its beginning may be missing.
pub(crate) fn coordinate(reader: &mut Reader<'_>) -> Option<[u8; 32]> {
    let bytes = reader.sized()?;
    let mut own = [0; 32];
    let zeros = own.len().checked_sub(bytes.len())?;
    own.get_mut(zeros..)?.copy_from_slice(bytes);
    Some(own)
}

/// A public area without the point at its end.
fn put_restricted_signing(writer: &mut Writer<'_>) {
    writer.u16(Algorithm::ECC.0);
    writer.u16(Algorithm::SHA256.0);
    writer.u32(RESTRICTED_SIGNING);
    writer.sized(&[]);
    // No symmetric algorithm, the signature scheme, the curve, no derivation of keys.
    writer.u16(Algorithm::NULL.0);
    writer.u16(Algorithm::ECDSA.0);
    writer.u16(Algorithm::SHA256.0);
    writer.u16(P256);
    writer.u16(Algorithm::NULL.0);
}

/// The same, with an empty point: what a TPM makes a key by.
pub(crate) fn put_restricted_signing_template(writer: &mut Writer<'_>) {
    put_restricted_signing(writer);
    writer.sized(&[]);
    writer.sized(&[]);
}

impl Tpm<'_> {
    /// The public area of an object, and its name (part 3, 12.4).
    ///
    /// # Errors
    /// `TPM_RC_HANDLE` when there is none; [`Error::Malformed`] also when its name is not that of its public area.
    pub fn read_public(&mut self, object: Handle) -> Result<(Public, Name), Error> {
        let answer = self.run(CommandCode::READ_PUBLIC, &[object], None, &|_| ())?;
        answer.parse(|reader| {
            let (public, name) = (Public::unmarshal(reader)?, Name::unmarshal(reader)?);
            let _qualified_name = Name::unmarshal(reader)?;
            let is_named = public.name().is_none_or(|own| own == name);
            is_named.then_some((public, name))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_lose_zeros_at_their_beginning() {
        let mut bytes = vec![0, 31];
        bytes.extend([9; 31]);
        let mut expected = [9; 32];
        expected[0] = 0;
        assert_eq!(coordinate(&mut Reader::new(&bytes)), Some(expected));
        let long = [&[0, 33][..], &[9; 33]].concat();
        assert_eq!(coordinate(&mut Reader::new(&long)), None);
    }

    #[test]
    fn only_the_own_template_is_a_restricted_signing_key() {
        let mut place = [0; 256];
        let mut writer = Writer::new(&mut place);
        put_restricted_signing(&mut writer);
        writer.sized(&[1; 32]);
        writer.sized(&[2; 32]);
        let length = writer.length().unwrap();
        let public = |bytes: &[u8]| Public::new(bytes).unwrap().restricted_signing_point();
        let point = P256Point { x: [1; 32], y: [2; 32] };
        // A TPM2B of it has 90 bytes.
        assert_eq!((length, public(&place[..length])), (88, Some(point)));
        assert_eq!(public(&place[..length + 1]), None);
        for at in 0..length - 68 {
            let mut other = place;
            other[at] ^= 1;
            assert_eq!(public(&other[..length]), None, "byte {at}");
        }
    }
}
