// SPDX-License-Identifier: MIT OR Apache-2.0
//! Base64 without padding, as PHC strings have it (RFC 4648, section 4; P-H-C, "B64").
//!
//! What is coded here is no secret, so that nothing has to take constant time.

use alloc::string::String;
use alloc::vec::Vec;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The bytes that the text stands for; `None` where it is not what [`encode`] makes of them.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    // Bits that wait for more of their byte, and how many they are: 0, 2, 4, or 6.
    let (mut bits, mut waiting) = (0_usize, 0_u32);
    for letter in text.bytes() {
        bits = (bits << 6) | ALPHABET.iter().position(|known| *known == letter)?;
        waiting = waiting.saturating_add(6);
        if waiting >= 8 {
            waiting = waiting.saturating_sub(8);
            bytes.push(u8::try_from(bits >> waiting).ok()?);
            bits &= 0b11_1111 >> 6_u32.saturating_sub(waiting);
        }
    }
    (bits == 0 && waiting < 6).then_some(bytes)
}

/// The text that stands for these bytes.
pub(super) fn encode(bytes: &[u8]) -> String {
    let letter = |bits: usize| ALPHABET.get(bits % 64).copied().map_or('A', char::from);
    let group = |bytes: &[u8]| {
        let byte = |place: usize| bytes.get(place).copied().map_or(0, usize::from);
        let bits = (byte(0) << 16) | (byte(1) << 8) | byte(2);
        let letters = [bits >> 18, bits >> 12, bits >> 6, bits].map(letter);
        letters.into_iter().take(bytes.len().saturating_add(1))
    };
    bytes.chunks(3).flat_map(group).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64ct::{Base64Unpadded, Encoding};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn bytes_are_written_as_the_referee_writes_them(bytes in proptest::collection::vec(any::<u8>(), 0..70)) {
            let text = encode(&bytes);
            prop_assert_eq!(&text, &Base64Unpadded::encode_string(&bytes));
            prop_assert_eq!(decode(&text), Some(bytes));
        }

        #[test]
        fn text_is_read_as_the_referee_reads_it(text in "[A-Za-z0-9+/]{0,20}|[A-D+/=_ é]{0,9}") {
            prop_assert_eq!(decode(&text), Base64Unpadded::decode_vec(&text).ok());
        }
    }
}
