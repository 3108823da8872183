// SPDX-License-Identifier: MIT OR Apache-2.0
//! Is there a partition that `BitLocker` encrypted? Its first sector says so where other file systems
//! have the name of their maker.

use crate::memory::Pages;
use crate::services::{check, handles_with, interface};
use core::ptr::NonNull;
use uefi::Identify;
use uefi::proto::media::block::BlockIO;
use uefi_raw::protocol::block::BlockIoProtocol;

/// What stands at byte 3 of an encrypted volume.
const SIGNATURE: &[u8] = b"-FVE-FS-";
const AT: usize = 3;
/// The most partitions that are looked at.
const MAX_PARTITIONS: usize = 128;
/// The largest sector that is read.
const MAX_SECTOR: usize = 32 * 1024;

/// Looks at every partition.
pub(crate) fn present() -> bool {
    handles_with(&BlockIO::GUID).into_iter().take(MAX_PARTITIONS).any(|handle| {
        let Ok(device) = interface(handle, &BlockIO::GUID) else { return false };
        first_sector(device.cast()).is_some_and(|sector| is_encrypted(sector.filled()))
    })
}

/// The first sector of a partition; whole pages satisfy what any device asks of a buffer's alignment.
fn first_sector(device: NonNull<BlockIO>) -> Option<Pages> {
    let raw: NonNull<BlockIoProtocol> = device.cast();
    // SAFETY: UEFI 2.10, section 13.9: the interface is a Block I/O protocol of a live handle.
    let media = unsafe { device.as_ref() }.media();
    let size = usize::try_from(media.block_size()).ok()?;
    let usable =
        media.is_logical_partition() && media.is_media_present() && (512..=MAX_SECTOR).contains(&size);
    let mut sector = usable.then(|| Pages::allocate(size).ok())??;
    // SAFETY: as above.
    let read = unsafe { raw.as_ref() }.read_blocks;
    // SAFETY: section 13.9.3: one block of the medium, and a buffer with room for it.
    let status = unsafe { read(raw.as_ptr(), media.media_id(), 0, size, sector.start().as_ptr().cast()) };
    check(status).ok()?;
    // SAFETY: the device has just written one block.
    unsafe { sector.set_filled(size) };
    Some(sector)
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
