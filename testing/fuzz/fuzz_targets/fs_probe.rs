// SPDX-License-Identifier: MIT OR Apache-2.0
//! Any bytes at the places where superblocks are: found or not, with text for a UUID.
//!
//! Pieces of 68 bytes: a byte for the place, three for an offset from it, and 64 that stand there.
#![no_main]

use fs_probe::probe;
use libfuzzer_sys::fuzz_target;

const SIZE: usize = 300 << 10;
const PLACES: [usize; 10] =
    [0, 512, 1024, 4096, 32768, 65536, 128 << 10, SIZE - 8192, (SIZE & !0xFFFF) - 65536, 8192];

fuzz_target!(|bytes: &[u8]| {
    let mut volume = vec![0; SIZE];
    for piece in bytes.chunks(68).take(32) {
        let Some((head, stored)) = piece.split_first_chunk::<4>() else { break };
        let at = PLACES[usize::from(head[0]) % PLACES.len()]
            + usize::from(u16::from_le_bytes([head[1], head[2]])) % 4096;
        let end = (at + stored.len()).min(SIZE);
        volume[at..end].copy_from_slice(&stored[..end - at]);
    }
    for found in probe(volume.as_slice(), SIZE as u64).unwrap() {
        assert!(found.uuid.is_none_or(|uuid| !uuid.is_empty() && uuid.len() < 100));
        assert!(found.label.is_none_or(|label| !label.is_empty() && label.len() < 2000));
    }
});
