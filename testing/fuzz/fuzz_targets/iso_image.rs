// SPDX-License-Identifier: MIT OR Apache-2.0
//! An ISO 9660 image whose folders are any bytes: read or refused, within bounds.
//!
//! The first byte chooses whose names there are; the rest is the root directory and what follows.
#![no_main]

use iso_view::{BLOCK, Iso, Kind};
use libfuzzer_sys::fuzz_target;

const ROOT: usize = 20;

fuzz_target!(|bytes: &[u8]| {
    let Some((&choice, rest)) = bytes.split_first() else { return };
    let image = image(choice, rest);
    let Ok(mut iso) = Iso::open(image.as_slice()) else { return };
    let Ok(entries) = iso.read_dir("/", 50) else { return };
    for entry in entries {
        assert!(!entry.name.is_empty() && !entry.name.contains('/'));
        let Ok(node) = iso.lookup(&entry.name) else { continue };
        assert_ne!(node.kind, Kind::Symlink);
        assert_eq!(node.size, node.extents.iter().map(|extent| extent.length).sum::<u64>());
        if let Ok(bytes) = iso.read(&node, 100_000) {
            assert_eq!(bytes.len() as u64, node.size);
        }
        let _ = iso.lookup(&format!("{0}/{0}/../{0}", entry.name));
    }
});

fn image(choice: u8, rest: &[u8]) -> Vec<u8> {
    let mut image = vec![0; ROOT * BLOCK];
    describe(&mut image[16 * BLOCK..], 1, b"");
    describe(&mut image[17 * BLOCK..], 2, if choice & 1 == 0 { b"%/E" } else { b"" });
    image[18 * BLOCK..][..7].copy_from_slice(b"\xFFCD001\x01");
    if choice & 2 == 0 {
        // The root's own record, with Rock Ridge.
        image.extend([57, 0, ROOT as u8, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0]);
        image.extend([0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 1, 0, 0, 1, 1, 0]);
        image.extend(b"SP\x07\x01\xBE\xEF\0PX\x08\x01\xED\x41\0\0NM\x05\x01\0\0\0\0");
        image.truncate(ROOT * BLOCK + 57);
    }
    image.extend(rest);
    image.resize(image.len().next_multiple_of(BLOCK) + BLOCK, 0);
    image
}

fn describe(block: &mut [u8], kind: u8, escapes: &[u8]) {
    block[..7].copy_from_slice(&[kind, b'C', b'D', b'0', b'0', b'1', 1]);
    block[88..88 + escapes.len()].copy_from_slice(escapes);
    block[128..130].copy_from_slice(&2048_u16.to_le_bytes());
    block[156] = 34;
    block[158] = ROOT as u8;
    block[156 + 11] = 32;
    block[156 + 25] = 2;
    block[156 + 32] = 1;
}
