// SPDX-License-Identifier: MIT OR Apache-2.0
//! zlib streams (RFC 1950, RFC 1951).

use alloc::boxed::Box;
use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::inflate_flags::{
    TINFL_FLAG_IGNORE_ADLER32, TINFL_FLAG_PARSE_ZLIB_HEADER, TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF,
};
use miniz_oxide::inflate::core::{DecompressorOxide, decompress};

/// The stream's own checksum is left to the file system's, which has been verified.
const FLAGS: u32 =
    TINFL_FLAG_IGNORE_ADLER32 | TINFL_FLAG_PARSE_ZLIB_HEADER | TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;

/// Unpacks `packed` into `bytes`, and says how many they are; bytes behind the stream are left alone.
pub(super) fn unpack(packed: &[u8], bytes: &mut [u8]) -> Option<usize> {
    let mut state = Box::new(DecompressorOxide::new());
    let (status, _, done) = decompress(&mut state, packed, bytes, 0, FLAGS);
    matches!(status, TINFLStatus::Done | TINFLStatus::HasMoreOutput).then_some(done)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// "abcabc", by `zlib.compress` of Python.
    const ABC: &[u8] = &[0x78, 0x9C, 0x4B, 0x4C, 0x4A, 0x4E, 0x4C, 0x4A, 0x06, 0x00, 0x08, 0x0C, 0x02, 0x4D];

    #[test]
    fn a_stream_and_less_of_it() {
        let mut bytes = vec![0; 6];
        let done = unpack(ABC, &mut bytes);
        assert_eq!((done, &bytes[..]), (Some(6), &b"abcabc"[..]));
        assert_eq!(unpack(&ABC[..4], &mut bytes), None);
    }

    proptest! {
        #[test]
        fn noise_does_no_harm(packed in prop::collection::vec(any::<u8>(), 0..400)) {
            unpack(&[&[0x78, 0x9C][..], &packed].concat(), &mut [0; 4096]);
        }
    }
}
