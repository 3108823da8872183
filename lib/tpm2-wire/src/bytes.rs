// SPDX-License-Identifier: MIT OR Apache-2.0
//! Numbers and lists of bytes in the order that a TPM has: big-endian, a size before what has one.

/// Bytes that are put one behind the other into a place of fixed size.
///
/// What does not fit is remembered, so that a caller asks once, at the end.
#[derive(Debug)]
pub(crate) struct Writer<'a> {
    place: &'a mut [u8],
    length: usize,
    is_full: bool,
}

impl<'a> Writer<'a> {
    pub(crate) const fn new(place: &'a mut [u8]) -> Self {
        Self { place, length: 0, is_full: false }
    }

    /// How many bytes were put; `None` when some had no room.
    pub(crate) const fn length(&self) -> Option<usize> {
        if self.is_full { None } else { Some(self.length) }
    }

    pub(crate) fn put(&mut self, bytes: &[u8]) {
        let end = self.length.saturating_add(bytes.len());
        match self.place.get_mut(self.length..end) {
            Some(place) => {
                place.copy_from_slice(bytes);
                self.length = end;
            }
            None => self.is_full = true,
        }
    }

    pub(crate) fn u8(&mut self, value: u8) {
        self.put(&[value]);
    }

    pub(crate) fn u16(&mut self, value: u16) {
        self.put(&value.to_be_bytes());
    }

    pub(crate) fn u32(&mut self, value: u32) {
        self.put(&value.to_be_bytes());
    }

    /// A `TPM2B`: a size of 16 bits, and as many bytes.
    pub(crate) fn sized(&mut self, bytes: &[u8]) {
        match u16::try_from(bytes.len()) {
            Ok(size) => self.u16(size),
            Err(_) => self.is_full = true,
        }
        self.put(bytes);
    }

    /// A size of 8 bits, and as many bytes.
    pub(crate) fn sized_by_8_bits(&mut self, bytes: &[u8]) {
        match u8::try_from(bytes.len()) {
            Ok(size) => self.u8(size),
            Err(_) => self.is_full = true,
        }
        self.put(bytes);
    }

    /// A `TPM2B` around whatever `write` puts.
    pub(crate) fn sized_structure(&mut self, write: &dyn Fn(&mut Self)) {
        let begin = self.length;
        self.u16(0);
        write(self);
        let size = self.length.saturating_sub(begin).saturating_sub(size_of::<u16>());
        match u16::try_from(size) {
            Ok(size) => self.patch(begin, &size.to_be_bytes()),
            Err(_) => self.is_full = true,
        }
    }

    /// Writes over what was put.
    pub(crate) fn patch(&mut self, at: usize, bytes: &[u8]) {
        let end = at.saturating_add(bytes.len());
        match self.place.get_mut(at..end) {
            Some(place) => place.copy_from_slice(bytes),
            None => self.is_full = true,
        }
    }
}

/// Bytes that are taken from the front.
#[derive(Clone, Debug)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(crate) const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// `None`, and nothing taken, when there are fewer than `length` bytes.
    pub(crate) fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(taken)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        Some(*taken)
    }

    pub(crate) fn u8(&mut self) -> Option<u8> {
        self.array().map(|[byte]| byte)
    }

    pub(crate) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_be_bytes)
    }

    pub(crate) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_be_bytes)
    }

    pub(crate) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_be_bytes)
    }

    /// The bytes of a `TPM2B`.
    pub(crate) fn sized(&mut self) -> Option<&'a [u8]> {
        let size = self.u16()?;
        self.take(size.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_has_no_room_is_remembered() {
        let mut place = [0; 5];
        let mut writer = Writer::new(&mut place);
        writer.u32(1);
        writer.u16(2);
        assert_eq!(writer.length(), None);
        writer.u8(3);
        assert_eq!(writer.length(), None);
    }

    #[test]
    fn structures_get_their_size() {
        let mut place = [0; 16];
        let mut writer = Writer::new(&mut place);
        writer.sized_structure(&|inner| {
            inner.u8(7);
            inner.sized(b"ab");
        });
        assert_eq!(writer.length(), Some(7));
        assert_eq!(place[..7], [0, 5, 7, 0, 2, b'a', b'b']);
    }

    proptest! {
        #[test]
        fn what_was_put_is_taken(a: u8, b: u16, c: u32, bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let mut place = [0; 128];
            let mut writer = Writer::new(&mut place);
            writer.u8(a);
            writer.u16(b);
            writer.u32(c);
            writer.sized(&bytes);
            let length = writer.length().unwrap();
            let mut reader = Reader::new(&place[..length]);
            prop_assert_eq!((reader.u8(), reader.u16(), reader.u32()), (Some(a), Some(b), Some(c)));
            prop_assert_eq!(reader.sized(), Some(&bytes[..]));
            prop_assert!(reader.rest().is_empty());
        }
    }
}
