// SPDX-License-Identifier: MIT OR Apache-2.0
//! The hash of a name (XFS Algorithms & Data Structures, "Leaf Directories").

/// Each byte turns the hash by seven bits and goes into its lowest ones.
pub(super) fn of(name: &[u8]) -> u32 {
    name.iter().fold(0, |hash: u32, &byte| hash.rotate_left(7) ^ u32::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_that_xfs_db_tells() {
        // xfs_db -c 'hash NAME'
        for (name, hash) in [(&b"."[..], 0x2E), (b"..", 0x172E), (b"vmlinuz", 0xCD3A_6194), (b"", 0)] {
            assert_eq!(of(name), hash, "{name:?}");
        }
    }
}
