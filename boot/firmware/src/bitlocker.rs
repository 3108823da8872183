// SPDX-License-Identifier: MIT OR Apache-2.0
//! Is there a partition that `BitLocker` encrypted? Its first sector says so where other file systems
//! have the name of their maker.

use crate::block::Disk;
use crate::medium;
use crate::services::handles_with;
use uefi::Identify;
use uefi::proto::media::block::BlockIO;

/// What stands at byte 3 of an encrypted volume.
const SIGNATURE: &[u8] = b"-FVE-FS-";
const AT: usize = 3;
/// The most partitions that are looked at.
const MAX_PARTITIONS: usize = 128;

/// Looks at every partition.
pub(crate) fn present() -> bool {
    let first = |handle| Disk::open(handle)?.first_sector();
    handles_with(&BlockIO::GUID).into_iter().take(MAX_PARTITIONS).any(|handle| {
        medium::is_partition(handle) && first(handle).is_some_and(|sector| is_encrypted(&sector))
    })
}

fn is_encrypted(sector: &[u8]) -> bool {
    sector.get(AT..).is_some_and(|rest| rest.starts_with(SIGNATURE))
}

#[cfg(test)]
mod tests {
    use super::is_encrypted;

    #[test]
    fn the_signature_stands_after_the_jump() {
        assert!(is_encrypted(b"\xeb\x58\x90-FVE-FS-\0"));
        assert!(!is_encrypted(b"\xeb\x58\x90MSDOS5.0"));
        assert!(!is_encrypted(b"-FV"));
    }
}
