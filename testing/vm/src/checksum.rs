// SPDX-License-Identifier: MIT OR Apache-2.0
//! A checksum that a guest and a test can compute alike.

/// FNV-1a over little-endian 64-bit words, the last one padded with zeros.
///
/// The `reads-initrd` program reports this value of the initrd it got. It finds accidents, not attacks.
///
/// ```
/// assert_eq!(lamboot_vm::checksum(b""), 0xcbf2_9ce4_8422_2325);
/// assert_ne!(lamboot_vm::checksum(b"abc"), lamboot_vm::checksum(b"abd"));
/// ```
#[must_use]
pub fn checksum(bytes: &[u8]) -> u64 {
    bytes.chunks(8).fold(0xcbf2_9ce4_8422_2325, |hash: u64, chunk| {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        (hash ^ u64::from_le_bytes(word)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
