// SPDX-License-Identifier: MIT OR Apache-2.0
//! Elements of DER (ITU-T X.690, section 10), read one after the other and never by recursion.

use crate::refusal::Refusal;
use der::{Decode as _, Header, Reader as _, SliceReader, Tag, TagNumber};

/// `[0]`, constructed.
pub(crate) const CONTEXT_0: Tag = context(0, true);
/// `[1]`, constructed.
pub(crate) const CONTEXT_1: Tag = context(1, true);
/// `[3]`, constructed.
pub(crate) const CONTEXT_3: Tag = context(3, true);

/// A tag of its context.
pub(crate) const fn context(number: u32, constructed: bool) -> Tag {
    Tag::ContextSpecific { constructed, number: TagNumber(number) }
}

/// Tag, length and value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Element<'b> {
    pub(crate) tag: Tag,
    pub(crate) value: &'b [u8],
    /// With tag and length.
    pub(crate) whole: &'b [u8],
}

/// What follows one another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Elements<'b> {
    rest: &'b [u8],
    /// What they are, in words for the owner.
    part: &'static str,
}

impl<'b> Elements<'b> {
    pub(crate) fn new(bytes: &'b [u8], part: &'static str) -> Self {
        Self { rest: bytes, part }
    }

    /// What a malformed element is refused with.
    pub(crate) fn malformed(&self) -> Refusal {
        Refusal::Malformed(self.part)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// What is left.
    pub(crate) fn rest(&self) -> &'b [u8] {
        self.rest
    }

    /// The next one, whatever it is.
    pub(crate) fn any(&mut self) -> Result<Element<'b>, Refusal> {
        let (element, rest) = first(self.rest).ok_or(self.malformed())?;
        self.rest = rest;
        Ok(element)
    }

    /// The next one, which has this tag.
    pub(crate) fn take(&mut self, tag: Tag) -> Result<Element<'b>, Refusal> {
        self.take_if(tag)?.ok_or(self.malformed())
    }

    /// The next one if it has this tag.
    pub(crate) fn take_if(&mut self, tag: Tag) -> Result<Option<Element<'b>>, Refusal> {
        if self.is_empty() {
            return Ok(None);
        }
        let (element, rest) = first(self.rest).ok_or(self.malformed())?;
        if element.tag != tag {
            return Ok(None);
        }
        self.rest = rest;
        Ok(Some(element))
    }

    /// What is in the next one, which has this tag.
    pub(crate) fn enter(&mut self, tag: Tag) -> Result<Elements<'b>, Refusal> {
        Ok(Elements::new(self.take(tag)?.value, self.part))
    }

    /// What is in the next one, a `SEQUENCE`.
    pub(crate) fn sequence(&mut self) -> Result<Elements<'b>, Refusal> {
        self.enter(Tag::Sequence)
    }

    /// The value of the next one, an `OBJECT IDENTIFIER`.
    pub(crate) fn oid(&mut self) -> Result<&'b [u8], Refusal> {
        Ok(self.take(Tag::ObjectIdentifier)?.value)
    }

    /// Nothing follows.
    pub(crate) fn finish(self) -> Result<(), Refusal> {
        if self.is_empty() { Ok(()) } else { Err(self.malformed()) }
    }
}

/// The first element, and what follows it.
fn first(bytes: &[u8]) -> Option<(Element<'_>, &[u8])> {
    let mut reader = SliceReader::new(bytes).ok()?;
    let header = Header::decode(&mut reader).ok()?;
    let value = reader.read_slice(header.length()).ok()?;
    let end = usize::try_from(reader.position()).ok()?;
    let (whole, rest) = bytes.split_at_checked(end)?;
    Some((Element { tag: header.tag(), value, whole }, rest))
}

/// The bytes of an `INTEGER` that is not negative, without leading zero; `None` for others.
pub(crate) fn unsigned(value: &[u8]) -> Option<&[u8]> {
    match value {
        [] => None,
        [0] => Some(&[]),
        [0, rest @ ..] if rest.first().is_some_and(|byte| *byte & 0x80 != 0) => Some(rest),
        [0, ..] => None,
        [first, ..] => (first & 0x80 == 0).then_some(value),
    }
}

/// The bytes of a `BIT STRING` that is whole bytes.
pub(crate) fn whole_bytes(value: &[u8]) -> Option<&[u8]> {
    value.strip_prefix(&[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_follow_one_another() {
        let mut elements = Elements::new(&[0x30, 0x03, 0x02, 0x01, 5, 0x05, 0], "it");
        let mut inner = elements.sequence().unwrap();
        assert_eq!(inner.take_if(Tag::Null), Ok(None));
        assert_eq!(inner.take(Tag::Integer).unwrap().value, [5]);
        assert_eq!(inner.take_if(Tag::Null), Ok(None));
        assert_eq!(inner.any(), Err(Refusal::Malformed("it")));
        assert_eq!(elements.finish(), Err(Refusal::Malformed("it")));
        assert_eq!(elements.any().unwrap().whole, [5, 0]);
        assert_eq!(elements.finish(), Ok(()));
    }

    #[test]
    fn only_der_is_read() {
        // Indefinite, not the shortest length, longer than the bytes, no length at all.
        for bytes in
            [&[0x30, 0x80, 0, 0][..], &[0x04, 0x81, 1, 7], &[0x04, 0x84, 255, 255, 255, 255], &[0x30]]
        {
            assert_eq!(Elements::new(bytes, "it").any(), Err(Refusal::Malformed("it")), "{bytes:?}");
        }
    }

    #[test]
    fn numbers() {
        assert_eq!(unsigned(&[0x7F]), Some(&[0x7F][..]));
        assert_eq!(unsigned(&[0, 0x80]), Some(&[0x80][..]));
        assert_eq!(unsigned(&[0]), Some(&[][..]));
        for wrong in [&[][..], &[0x80], &[0, 0], &[0, 1]] {
            assert_eq!(unsigned(wrong), None, "{wrong:?}");
        }
    }
}
