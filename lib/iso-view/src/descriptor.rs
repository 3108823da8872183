// SPDX-License-Identifier: MIT OR Apache-2.0
//! Volume descriptors: the volume's label and its root directories (ECMA-119, 8; Joliet).

use crate::bytes::{byte, u16_le};
use crate::error::{Damage, Error, Unsupported};
use crate::node::Extent;
use crate::record::Record;
use crate::{BLOCK, bytes};
use alloc::string::{String, ToString};
use read_at::ReadAt;

/// The block of the first descriptor (ECMA-119, 6.3).
const FIRST: u64 = 16;
/// The most descriptors that are looked at.
const DESCRIPTORS_MAX: u64 = 32;
/// Descriptor types (ECMA-119, 8.1.1).
const PRIMARY: u8 = 1;
const SUPPLEMENTARY: u8 = 2;
const TERMINATOR: u8 = 255;
/// Escape sequences of UCS-2, levels 1 to 3 (Joliet, "Escape Sequences Field").
const JOLIET: [[u8; 3]; 3] = [*b"%/@", *b"%/C", *b"%/E"];

/// What the descriptors say.
pub(crate) struct Volume {
    pub(crate) label: String,
    pub(crate) root: Extent,
    pub(crate) joliet_root: Option<Extent>,
}

/// Reads the descriptors up to the terminator.
pub(crate) fn read<R: ReadAt>(reader: &mut R) -> Result<Volume, Error<R::Error>> {
    let mut volume = None;
    let mut joliet_root = None;
    let mut block = [0; BLOCK];
    for number in FIRST..FIRST.saturating_add(DESCRIPTORS_MAX) {
        let offset = number.saturating_mul(bytes::wide(BLOCK));
        reader.read_at(offset, &mut block).map_err(Error::Device)?;
        if block.get(1..7) != Some(b"CD001\x01") && !is_enhanced(&block) {
            break;
        }
        match byte(&block, 0) {
            Some(PRIMARY) if volume.is_none() => volume = Some((label(&block), root(&block)?)),
            Some(SUPPLEMENTARY) if is_joliet(&block) => joliet_root = joliet_root.or(root::<()>(&block).ok()),
            Some(TERMINATOR) => break,
            _ => {}
        }
    }
    let (label, root) = volume.ok_or(Unsupported::NotIso9660)?;
    Ok(Volume { label, root, joliet_root })
}

/// A supplementary descriptor of version 2 is an enhanced one (ECMA-119, 8.5.2).
fn is_enhanced(block: &[u8]) -> bool {
    block.get(..7) == Some(b"\x02CD001\x02")
}

fn is_joliet(block: &[u8]) -> bool {
    let escapes = block.get(88..91);
    byte(block, 6) == Some(1) && JOLIET.iter().any(|known| escapes == Some(known))
}

/// The volume identifier, without the spaces that fill it up (ECMA-119, 8.4.7).
fn label(block: &[u8]) -> String {
    let padded = block.get(40..72).unwrap_or_default();
    String::from_utf8_lossy(padded).trim_end_matches([' ', '\0']).to_string()
}

/// The extent of the root directory (ECMA-119, 8.4.18).
fn root<E>(block: &[u8]) -> Result<Extent, Error<E>> {
    if u16_le(block, 128).map(usize::from) != Some(BLOCK) {
        return Err(Unsupported::BlockSize.into());
    }
    let record = block.get(156..190).ok_or(Damage::Descriptor)?;
    let record = Record::parse(record).map_err(|_| Damage::Descriptor)?;
    if !record.is_directory() || record.is_interleaved() {
        return Err(Damage::Descriptor.into());
    }
    Ok(record.extent())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn descriptor(kind: u8, escapes: &[u8], block_size: u16) -> Vec<u8> {
        let mut block = vec![0; BLOCK];
        block[..7].copy_from_slice(&[kind, b'C', b'D', b'0', b'0', b'1', 1]);
        block[40..72].copy_from_slice(b"A LABEL                         ");
        block[88..88 + escapes.len()].copy_from_slice(escapes);
        block[128..130].copy_from_slice(&block_size.to_le_bytes());
        block[156] = 34;
        block[158] = kind % 8 + 20;
        block[156 + 11] = 8; // 2048 bytes
        block[156 + 25] = 2;
        block[156 + 32] = 1;
        block
    }

    fn image(descriptors: &[Vec<u8>]) -> Vec<u8> {
        let mut image = vec![0; 16 * BLOCK];
        descriptors.iter().for_each(|block| image.extend(block));
        image.extend([0; BLOCK]);
        image
    }

    fn read_image(descriptors: &[Vec<u8>]) -> Result<Volume, String> {
        read(&mut image(descriptors).as_slice()).map_err(|error| error.token().to_string())
    }

    #[test]
    fn label_and_roots() {
        for (escapes, joliet) in [("%/@", true), ("%/C", true), ("%/E", true), ("%/A", false), ("", false)] {
            let volume =
                read_image(&[descriptor(1, b"", 2048), descriptor(2, escapes.as_bytes(), 2048)]).unwrap();
            assert_eq!(volume.label, "A LABEL");
            assert_eq!(volume.root, Extent { offset: 21 * 2048, length: 2048 });
            assert_eq!(volume.joliet_root.is_some(), joliet, "{escapes}");
        }
    }

    #[test]
    fn what_is_no_image() {
        let token = |descriptors: &[Vec<u8>]| read_image(descriptors).err().unwrap();
        assert_eq!(token(&[]), "not_iso9660");
        assert_eq!(token(&[descriptor(255, b"", 2048), descriptor(1, b"", 2048)]), "not_iso9660");
        assert_eq!(token(&[descriptor(1, b"", 512)]), "block_size");
        let mut rootless = descriptor(1, b"", 2048);
        rootless[156 + 25] = 0;
        assert_eq!(token(&[rootless]), "bad_descriptor");
        assert_eq!(read(&mut &b"short"[..]).err().unwrap().token(), "device");
    }

    #[test]
    fn a_joliet_tree_without_root_is_left_alone() {
        let mut joliet = descriptor(2, b"%/E", 2048);
        joliet[156 + 25] = 0;
        assert!(read_image(&[descriptor(1, b"", 2048), joliet]).unwrap().joliet_root.is_none());
    }
}
