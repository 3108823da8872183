// SPDX-License-Identifier: MIT OR Apache-2.0
//! Zstandard frames (RFC 8878).

use super::UNPACKED_MAX;
use crate::bytes::wide;
use alloc::boxed::Box;
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};
use ruzstd::io::Read as _;

/// A decoder that is used again: its tables are large.
#[derive(Default)]
pub(super) struct Decoder(Option<Box<FrameDecoder>>);

impl Decoder {
    /// Unpacks the frame that `packed` begins with into `bytes`, and says how many they are; bytes behind the
    /// frame are left alone.
    pub(super) fn unpack(&mut self, packed: &[u8], bytes: &mut [u8]) -> Option<usize> {
        let decoder = self.0.get_or_insert_default();
        decoder.set_max_window_size(wide(UNPACKED_MAX));
        let mut packed = packed;
        decoder.reset(&mut packed).ok()?;
        let mut done = 0;
        while let Some(rest) = bytes.get_mut(done..).filter(|rest| !rest.is_empty()) {
            let ended = decoder.is_finished();
            if !ended {
                // A block has at most 128 KiB, and takes some of `packed`, so this ends.
                decoder.decode_blocks(&mut packed, BlockDecodingStrategy::UptoBlocks(1)).ok()?;
            }
            let read = decoder.read(rest).ok()?;
            if read == 0 && ended {
                break;
            }
            done = done.saturating_add(read);
        }
        Some(done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_frame_and_what_is_behind_it() {
        let mut decoder = Decoder::default();
        let raw = [&[0x28, 0xB5, 0x2F, 0xFD, 0x20, 5, 0x29, 0, 0][..], b"hello", &[0; 20]].concat();
        let mut bytes = [0; 5];
        assert_eq!(decoder.unpack(&raw, &mut bytes), Some(5));
        assert_eq!(&bytes, b"hello");
        assert_eq!(decoder.unpack(&raw[..10], &mut bytes), None);
        assert_eq!(decoder.unpack(&raw, &mut [0; 9]), Some(5));
    }

    #[test]
    fn a_window_that_is_too_large_is_refused() {
        // A window of 256 KiB: exponent 8.
        let frame = [0x28, 0xB5, 0x2F, 0xFD, 0x00, 8 << 3, 0x29, 0, 0, 1, 2, 3, 4, 5];
        assert_eq!(Decoder::default().unpack(&frame, &mut [0; 5]), None);
    }

    proptest! {
        #[test]
        fn noise_does_no_harm(packed in prop::collection::vec(any::<u8>(), 0..400)) {
            let frame = [&[0x28, 0xB5, 0x2F, 0xFD][..], &packed].concat();
            Decoder::default().unpack(&frame, &mut [0; 4096]);
        }
    }
}
