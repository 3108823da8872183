// SPDX-License-Identifier: MIT OR Apache-2.0
//! File systems of Linux and its relatives. Each function names where its format is described.

use crate::bytes::{array, le16, le32, le64, part, until_zero, utf16, wide};
use crate::found::{Found, Kind};
use read_at::ReadAt;

/// What comes as one of the first 68 KiB.
pub(crate) fn find(start: &[u8]) -> Option<Found> {
    [xfs, ext, btrfs, squashfs, erofs, f2fs, bcachefs, swap].into_iter().find_map(|format| format(start))
}

/// XFS Algorithms & Data Structures, "Superblocks".
fn xfs(start: &[u8]) -> Option<Found> {
    let is_xfs = start.starts_with(b"XFSB");
    is_xfs.then(|| Found::new(Kind::Xfs).uuid(array(start, 32)).label(until_zero(part(start, 108, 12))))
}

/// Linux, ext4 Data Structures and Algorithms, "Super Block".
fn ext(start: &[u8]) -> Option<Found> {
    let superblock = part(start, 1024, 1024);
    if le16(superblock, 56) != 0xEF53 {
        return None;
    }
    let (compatible, incompatible, read_only) =
        (le32(superblock, 92), le32(superblock, 96), le32(superblock, 100));
    let kind = if incompatible & 0x8 != 0 {
        Kind::ExtJournal
    } else if incompatible & !0x16 != 0 || read_only & !0x7 != 0 {
        // Beyond file types, recovery and groups of descriptors; sparse copies, large files and trees.
        Kind::Ext4
    } else if compatible & 0x4 != 0 {
        Kind::Ext3
    } else {
        Kind::Ext2
    };
    Some(Found::new(kind).uuid(array(superblock, 104)).label(until_zero(part(superblock, 120, 16))))
}

/// btrfs On-disk Format, "Superblock".
fn btrfs(start: &[u8]) -> Option<Found> {
    let superblock = part(start, 65536, 4096);
    let is_btrfs = part(superblock, 64, 8) == b"_BHRfS_M";
    is_btrfs.then(|| {
        Found::new(Kind::Btrfs).uuid(array(superblock, 32)).label(until_zero(part(superblock, 299, 256)))
    })
}

/// Linux, "Squashfs 4.0 Filesystem": it has neither UUID nor label.
fn squashfs(start: &[u8]) -> Option<Found> {
    let is_squashfs = start.starts_with(b"hsqs") && le16(start, 28) == 4;
    is_squashfs.then(|| Found::new(Kind::Squashfs))
}

/// EROFS, "Core on-disk format".
fn erofs(start: &[u8]) -> Option<Found> {
    let superblock = part(start, 1024, 128);
    let is_erofs = le32(superblock, 0) == 0xE0F5_E1E2;
    is_erofs.then(|| {
        Found::new(Kind::Erofs).uuid(array(superblock, 48)).label(until_zero(part(superblock, 64, 16)))
    })
}

/// Linux, "Flash-Friendly File System".
fn f2fs(start: &[u8]) -> Option<Found> {
    let superblock = part(start, 1024, 3072);
    let is_f2fs = le32(superblock, 0) == 0xF2F5_2010;
    is_f2fs.then(|| {
        Found::new(Kind::F2fs).uuid(array(superblock, 108)).label(&utf16(part(superblock, 124, 1024)))
    })
}

/// bcachefs: Principles of Operation, "Superblock".
fn bcachefs(start: &[u8]) -> Option<Found> {
    const MAGIC: [u8; 16] =
        [0xC6, 0x85, 0x73, 0xF6, 0x66, 0xCE, 0x90, 0xA9, 0xD9, 0x6A, 0x60, 0xCF, 0x80, 0x3D, 0xF7, 0xEF];
    let superblock = part(start, 4096, 512);
    let is_bcachefs = array(superblock, 24) == MAGIC;
    is_bcachefs.then(|| {
        Found::new(Kind::Bcachefs).uuid(array(superblock, 56)).label(until_zero(part(superblock, 72, 32)))
    })
}

/// `mkswap(8)`: the mark is at the end of the first page, whose size the volume does not say.
fn swap(start: &[u8]) -> Option<Found> {
    let is_swap = [4096_usize, 8192, 16384, 65536].into_iter().any(|page| {
        let mark = part(start, page.saturating_sub(10), 10);
        mark == b"SWAPSPACE2"
    });
    is_swap.then(|| Found::new(Kind::Swap).uuid(array(start, 1036)).label(until_zero(part(start, 1052, 16))))
}

/// ZFS On-Disk Specification, "The Uberblock": the second half of the first label is a ring of them. Its
/// name and GUID are in a packed list that is not read here.
pub(crate) fn zfs<R: ReadAt>(reader: &mut R, size: u64) -> Option<Found> {
    const RING: u64 = 128 * 1024;
    const STEP: usize = 1024;
    if size < RING.saturating_mul(2) {
        return None;
    }
    // Rings of some entries are found by their first ones.
    let mut ring = alloc::vec![0; STEP.saturating_mul(16)];
    let mut place = RING;
    while place < RING.saturating_mul(2) {
        reader.read_at(place, &mut ring).ok()?;
        if ring.chunks_exact(STEP).any(|entry| matches!(le64(entry, 0), 0x00BA_B10C | 0x0CB1_BA00_0000_0000))
        {
            return Some(Found::new(Kind::Zfs));
        }
        place = place.saturating_add(wide(ring.len()));
    }
    None
}
