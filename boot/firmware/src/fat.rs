// SPDX-License-Identifier: MIT OR Apache-2.0
//! The serial number of a FAT volume, from its boot sector (Microsoft, "FAT: General Overview of
//! On-Disk Format" 1.03, "Boot Sector and BPB").
//!
//! ```text
//! 22  BPB_FATSz16     0 on FAT32
//!         FAT12, FAT16    FAT32
//! BS_BootSig     38       66    0x29 when the next two fields are there
//! BS_VolID       39       67
//! BS_FilSysType  54       82    begins with FAT
//! 510 0x55 0xAA
//! ```

use alloc::string::String;

const BOOT_SIGNATURE: u8 = 0x29;

/// The serial number as Linux writes it, `1234-ABCD`; `None` for what is not FAT or has none.
pub(crate) fn serial(sector: &[u8]) -> Option<String> {
    if sector.get(510..512) != Some(&[0x55, 0xAA]) {
        return None;
    }
    let is_fat32 = sector.get(22..24) == Some(&[0, 0]);
    let (signature, kind) = if is_fat32 { (66, 82) } else { (38, 54) };
    let is_fat = sector.get(kind..).is_some_and(|rest| rest.starts_with(b"FAT"));
    let number: &[u8; 5] = sector.get(signature..)?.first_chunk()?;
    match *number {
        [BOOT_SIGNATURE, 0, 0, 0, 0] => None,
        [BOOT_SIGNATURE, a, b, c, d] if is_fat => Some(alloc::format!("{d:02X}{c:02X}-{b:02X}{a:02X}")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sector(signature: usize, kind: usize, name: &[u8], fat_size: u8) -> [u8; 512] {
        let mut sector = [0; 512];
        sector[510..].copy_from_slice(&[0x55, 0xAA]);
        sector[22] = fat_size;
        sector[signature..signature + 5].copy_from_slice(&[BOOT_SIGNATURE, 0xCD, 0xAB, 0x34, 0x12]);
        sector[kind..kind + name.len()].copy_from_slice(name);
        sector
    }

    #[test]
    fn the_number_stands_where_its_kind_of_fat_has_it() {
        let expected = Some("1234-ABCD");
        assert_eq!(serial(&sector(66, 82, b"FAT32   ", 0)).as_deref(), expected);
        assert_eq!(serial(&sector(38, 54, b"FAT16   ", 9)).as_deref(), expected);
        assert_eq!(serial(&sector(38, 54, b"FAT12   ", 9)).as_deref(), expected);
    }

    #[test]
    fn what_is_not_fat_has_none() {
        let mut unsigned = sector(66, 82, b"FAT32   ", 0);
        unsigned[511] = 0;
        let mut empty = sector(66, 82, b"FAT32   ", 0);
        empty[67..71].fill(0);
        let mut bare = sector(66, 82, b"FAT32   ", 0);
        bare[66] = 0;
        for other in
            [unsigned, empty, bare, sector(66, 82, b"NTFS", 0), sector(66, 82, b"FAT32", 9), [0; 512]]
        {
            assert_eq!(serial(&other), None);
        }
        let whole = sector(66, 82, b"FAT32   ", 0);
        assert!((0..512).all(|length| serial(&whole[..length]).is_none()));
    }
}
