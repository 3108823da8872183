// SPDX-License-Identifier: MIT OR Apache-2.0
//! Extensions of certificates (RFC 5280, section 4.2): those that say what a key may sign.

use crate::element::{Elements, unsigned};
use crate::refusal::Refusal;
use der::Tag;
use der::asn1::ObjectIdentifier;

const PART: &str = "a certificate's extensions";

/// The most extensions of one certificate. Usual are five to nine.
const EXTENSIONS_MAX: usize = 32;
/// The most purposes in one extended key usage.
const PURPOSES_MAX: usize = 32;

const KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.15");
const BASIC_CONSTRAINTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.19");
const EXTENDED_KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.37");
/// Critical by RFC 5280 or usual practice, and without weight here.
const NO_WEIGHT: [ObjectIdentifier; 4] = [
    ObjectIdentifier::new_unwrap("2.5.29.14"), // subject key identifier
    ObjectIdentifier::new_unwrap("2.5.29.35"), // authority key identifier
    ObjectIdentifier::new_unwrap("2.5.29.17"), // subject alternative name
    ObjectIdentifier::new_unwrap("2.5.29.32"), // certificate policies
];
/// The purpose of keys that sign kernel modules and nothing else, which shim does not take for programs.
const KERNEL_MODULES: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.2312.16.1.2");

/// `keyCertSign`, the sixth bit of `KeyUsage` from the left.
const KEY_CERT_SIGN: u8 = 0x04;

/// What the extensions of a certificate say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Extensions {
    /// `cA` of the basic constraints.
    authority: bool,
    /// `pathLenConstraint`.
    path_length: Option<u8>,
    /// Whether there is a key usage, and it does not have `keyCertSign`.
    signs_no_certificates: bool,
    /// Whether the key is for kernel modules.
    pub(crate) kernel_modules: bool,
    /// Whether there is a critical extension that is not known.
    unknown_critical: bool,
}

impl Extensions {
    /// Reads what is in the field `extensions`.
    pub(crate) fn read(field: &[u8]) -> Result<Self, Refusal> {
        let mut outer = Elements::new(field, PART);
        let mut list = outer.sequence()?;
        outer.finish()?;
        let mut found = Self::default();
        for _ in 0..EXTENSIONS_MAX {
            if list.is_empty() {
                return Ok(found);
            }
            found.add(&mut list.sequence()?)?;
        }
        list.finish()?;
        Ok(found)
    }

    fn add(&mut self, extension: &mut Elements<'_>) -> Result<(), Refusal> {
        let oid = extension.oid()?;
        let critical = extension.take_if(Tag::Boolean)?.is_some_and(|flag| flag.value != [0]);
        let value = extension.take(Tag::OctetString)?.value;
        extension.finish()?;
        let mut value = Elements::new(value, PART);
        match oid {
            _ if oid == BASIC_CONSTRAINTS.as_bytes() => self.basic_constraints(&mut value),
            _ if oid == KEY_USAGE.as_bytes() => self.key_usage(&mut value),
            _ if oid == EXTENDED_KEY_USAGE.as_bytes() => self.extended_key_usage(&mut value),
            _ => {
                self.unknown_critical |= critical && !NO_WEIGHT.iter().any(|known| known.as_bytes() == oid);
                Ok(())
            }
        }
    }

    /// RFC 5280, section 4.2.1.9.
    fn basic_constraints(&mut self, value: &mut Elements<'_>) -> Result<(), Refusal> {
        let mut fields = value.sequence()?;
        self.authority = fields.take_if(Tag::Boolean)?.is_some_and(|flag| flag.value != [0]);
        if let Some(length) = fields.take_if(Tag::Integer)? {
            let length = unsigned(length.value).ok_or(fields.malformed())?;
            self.path_length = Some(match length {
                [] => 0,
                [length] => *length,
                _ => u8::MAX,
            });
        }
        fields.finish()
    }

    /// RFC 5280, section 4.2.1.3.
    fn key_usage(&mut self, value: &mut Elements<'_>) -> Result<(), Refusal> {
        let bits = value.take(Tag::BitString)?.value;
        let first = bits.get(1).copied().unwrap_or_default();
        self.signs_no_certificates = first & KEY_CERT_SIGN == 0;
        Ok(())
    }

    /// RFC 5280, section 4.2.1.12.
    fn extended_key_usage(&mut self, value: &mut Elements<'_>) -> Result<(), Refusal> {
        let mut purposes = value.sequence()?;
        for _ in 0..PURPOSES_MAX {
            if purposes.is_empty() {
                return Ok(());
            }
            self.kernel_modules |= purposes.oid()? == KERNEL_MODULES.as_bytes();
        }
        purposes.finish()
    }

    /// Whether the certificate's key may sign another certificate, with `below` authorities between that
    /// and the signer's certificate (RFC 5280, section 6.1.4 (k) to (n)).
    pub(crate) fn may_issue(&self, below: usize) -> Result<(), Refusal> {
        if self.unknown_critical {
            return Err(Refusal::UnknownCriticalExtension);
        }
        if !self.authority || self.signs_no_certificates {
            return Err(Refusal::NoAuthority);
        }
        match self.path_length {
            Some(length) if below > usize::from(length) => Err(Refusal::PathTooLong),
            _ => Ok(()),
        }
    }

    /// Whether the certificate's key may sign programs.
    pub(crate) fn may_sign(&self) -> Result<(), Refusal> {
        if self.unknown_critical { Err(Refusal::UnknownCriticalExtension) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::wrap;
    use alloc::vec::Vec;

    fn extension(oid: ObjectIdentifier, critical: bool, value: &[u8]) -> Vec<u8> {
        let critical = if critical { wrap(1, &[0xFF]) } else { Vec::new() };
        wrap(0x30, &[wrap(6, oid.as_bytes()), critical, wrap(4, value)].concat())
    }

    fn read(extensions: &[Vec<u8>]) -> Result<Extensions, Refusal> {
        Extensions::read(&wrap(0x30, &extensions.concat()))
    }

    fn authority(fields: &[u8]) -> Vec<u8> {
        extension(BASIC_CONSTRAINTS, true, &wrap(0x30, fields))
    }

    #[test]
    fn who_may_issue() {
        let yes = wrap(1, &[0xFF]);
        let one_below = [&yes[..], &wrap(2, &[1])].concat();
        let signs = extension(KEY_USAGE, true, &wrap(3, &[1, 0x06]));
        let signs_not = extension(KEY_USAGE, true, &wrap(3, &[7, 0x80]));
        let unknown = ObjectIdentifier::new_unwrap("1.2.3");
        let cases = [
            (vec![], 0, Err(Refusal::NoAuthority)),
            (vec![authority(&[])], 0, Err(Refusal::NoAuthority)),
            (vec![authority(&yes)], 7, Ok(())),
            (vec![authority(&yes), signs], 0, Ok(())),
            (vec![authority(&yes), signs_not], 0, Err(Refusal::NoAuthority)),
            (vec![authority(&one_below)], 1, Ok(())),
            (vec![authority(&one_below)], 2, Err(Refusal::PathTooLong)),
            (vec![authority(&yes), extension(unknown, true, &[])], 0, Err(Refusal::UnknownCriticalExtension)),
            (vec![authority(&yes), extension(unknown, false, &[])], 0, Ok(())),
            (vec![authority(&yes), extension(NO_WEIGHT[0], true, &[])], 0, Ok(())),
        ];
        for (extensions, below, expected) in cases {
            assert_eq!(read(&extensions).unwrap().may_issue(below), expected, "{extensions:?}");
        }
    }

    #[test]
    fn keys_for_kernel_modules() {
        let other = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.3");
        let purposes = |oids: &[ObjectIdentifier]| {
            let list: Vec<u8> = oids.iter().flat_map(|oid| wrap(6, oid.as_bytes())).collect();
            read(&[extension(EXTENDED_KEY_USAGE, false, &wrap(0x30, &list))]).unwrap().kernel_modules
        };
        assert!(purposes(&[other, KERNEL_MODULES]));
        assert!(!purposes(&[other]));
    }

    #[test]
    fn lists_are_bounded() {
        let many = |count| read(&vec![extension(NO_WEIGHT[0], false, &[]); count]).map(|_| ());
        assert_eq!(many(EXTENSIONS_MAX), Ok(()));
        assert_eq!(many(EXTENSIONS_MAX + 1), Err(Refusal::Malformed(PART)));
    }
}
