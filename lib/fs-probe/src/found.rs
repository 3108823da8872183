// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a superblock says.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// What is on a volume, by one superblock.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Found {
    /// What it is.
    pub kind: Kind,
    /// Which it is, as Linux writes it in `UUID=`; none where the format has none, or where it is empty.
    pub uuid: Option<String>,
    /// What somebody called it; none where nobody did.
    pub label: Option<Vec<u8>>,
}

/// A kind of volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A member of an md array.
    MdMember,
    /// A physical volume of LVM2.
    LvmPv,
    /// Locked by LUKS of version 1.
    Luks1,
    /// Locked by LUKS of version 2.
    Luks2,
    /// Locked by `BitLocker`.
    BitLocker,
    /// Space for swapping.
    Swap,
    /// XFS.
    Xfs,
    /// An ext file system without a journal.
    Ext2,
    /// An ext file system with a journal, and none of the features of ext4.
    Ext3,
    /// An ext file system with features of ext4.
    Ext4,
    /// The journal of an ext file system, on a device of its own.
    ExtJournal,
    /// btrfs.
    Btrfs,
    /// FAT with 12 bits.
    Fat12,
    /// FAT with 16 bits.
    Fat16,
    /// FAT with 32 bits.
    Fat32,
    /// exFAT.
    ExFat,
    /// NTFS.
    Ntfs,
    /// ISO 9660.
    Iso9660,
    /// `SquashFS` of version 4.
    Squashfs,
    /// EROFS.
    Erofs,
    /// F2FS.
    F2fs,
    /// bcachefs.
    Bcachefs,
    /// A member of a pool of ZFS.
    Zfs,
}

impl Kind {
    /// The word that Linux has for it in `/proc/filesystems`; for what is no file system, a word of
    /// its own. It stays the same from release to release.
    #[must_use]
    pub fn token(self) -> &'static str {
        match self {
            Self::MdMember => "md_member",
            Self::LvmPv => "lvm_pv",
            Self::Luks1 => "luks1",
            Self::Luks2 => "luks2",
            Self::BitLocker => "bitlocker",
            Self::Swap => "swap",
            Self::Xfs => "xfs",
            Self::Ext2 => "ext2",
            Self::Ext3 => "ext3",
            Self::Ext4 => "ext4",
            Self::ExtJournal => "ext_journal",
            Self::Btrfs => "btrfs",
            Self::Fat12 | Self::Fat16 | Self::Fat32 => "vfat",
            Self::ExFat => "exfat",
            Self::Ntfs => "ntfs",
            Self::Iso9660 => "iso9660",
            Self::Squashfs => "squashfs",
            Self::Erofs => "erofs",
            Self::F2fs => "f2fs",
            Self::Bcachefs => "bcachefs",
            Self::Zfs => "zfs",
        }
    }

    /// Whether it is a part of something else, or has something else in it.
    #[must_use]
    pub fn is_container(self) -> bool {
        matches!(self, Self::MdMember | Self::LvmPv | Self::Luks1 | Self::Luks2 | Self::BitLocker | Self::Zfs)
    }
}

impl Found {
    /// Of this kind, with neither.
    pub(crate) fn new(kind: Kind) -> Self {
        Self { kind, uuid: None, label: None }
    }

    /// With this UUID, unless it is all zeros.
    pub(crate) fn uuid(self, bytes: [u8; 16]) -> Self {
        let uuid = (bytes != [0; 16]).then(|| uuid(bytes));
        Self { uuid, ..self }
    }

    /// With these words for a UUID.
    pub(crate) fn id(self, uuid: String) -> Self {
        Self { uuid: Some(uuid), ..self }
    }

    /// With this label, unless it is empty.
    pub(crate) fn label(self, label: &[u8]) -> Self {
        Self { label: (!label.is_empty()).then(|| label.to_vec()), ..self }
    }
}

fn uuid(bytes: [u8; 16]) -> String {
    let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = bytes;
    format!(
        "{a:02x}{b:02x}{c:02x}{d:02x}-{e:02x}{f:02x}-{g:02x}{h:02x}-{i:02x}{j:02x}-{k:02x}{l:02x}{m:02x}{n:02x}{o:02x}{p:02x}"
    )
}
