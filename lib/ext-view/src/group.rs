// SPDX-License-Identifier: MIT OR Apache-2.0
//! Descriptors of groups: where the inodes of a group are ("Block Group Descriptors").

use crate::Verify;
use crate::bytes::{join, le16, le32, low_half};
use crate::cache::Key;
use crate::error::{Error, Fault, Structure};
use crate::features::Checksums;
use crate::superblock::Superblock;
use crate::volume::Ext;
use read_at::ReadAt;

/// Where the checksum is.
const CHECKSUM: usize = 0x1E;

impl<R: ReadAt> Ext<R> {
    /// The block where the inodes of `group` begin.
    pub(crate) fn inode_table(&self, group: u32) -> Result<u64, Error<R::Error>> {
        let geometry = self.geometry();
        let slot = geometry.descriptor(group);
        let slot = slot.ok_or(Structure::Group.damage(Fault::Bounds, crate::superblock::PLACE))?;
        let key = Key { structure: Structure::Group, owner: 0, offset: slot.block, position: 0 };
        let block = self.block(key, |_| Ok(()))?;
        let end = slot.offset.saturating_add(geometry.descriptor_size);
        let bytes = block.get(slot.offset..end).unwrap_or_default();
        let place = slot.block.saturating_add(crate::bytes::wide(slot.offset));
        let table = read(bytes, group, self.superblock(), self.verify());
        Ok(table.map_err(|fault| Structure::Group.damage(fault, place))?)
    }
}

fn read(bytes: &[u8], group: u32, superblock: &Superblock, verify: Verify) -> Result<u64, Fault> {
    if verify == Verify::Checksums {
        check(bytes, group, superblock)?;
    }
    let high = if superblock.features().has_64bit() { le32(bytes, 0x28) } else { Some(0) };
    high.zip(le32(bytes, 0x8)).map(|(high, low)| join(high, low)).ok_or(Fault::Bounds)
}

fn check(bytes: &[u8], group: u32, superblock: &Superblock) -> Result<(), Fault> {
    let before = bytes.get(..CHECKSUM).unwrap_or_default();
    let after = bytes.get(CHECKSUM.saturating_add(2)..).unwrap_or_default();
    let number = group.to_le_bytes();
    let value = match superblock.features().checksums() {
        Checksums::None => return Ok(()),
        Checksums::Groups => {
            [&superblock.uuid()[..], &number, before, after].into_iter().fold(u16::MAX, crc16)
        }
        Checksums::All => {
            low_half(superblock.checksum_seed.with(&number).with(before).with(&[0; 2]).with(after).state())
        }
    };
    if le16(bytes, CHECKSUM) == Some(value) { Ok(()) } else { Err(Fault::Checksum) }
}

/// CRC-16 with the polynomial 0x8005, bits in reverse.
fn crc16(state: u16, bytes: &[u8]) -> u16 {
    bytes.iter().fold(state, |state, &byte| {
        (0..8)
            .fold(state ^ u16::from(byte), |state, _| (state >> 1) ^ (0xA001 & 0_u16.wrapping_sub(state & 1)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_value_of_crc_16() {
        // The check value of the catalogue of CRCs, for CRC-16/MODBUS.
        assert_eq!(crc16(u16::MAX, b"123456789"), 0x4B37);
    }
}
