// SPDX-License-Identifier: MIT OR Apache-2.0
//! Makes small images record by record, so that they can be wrong in one place.

use iso_view::BLOCK;
use iso_view::builder::descriptor;
pub(crate) use iso_view::builder::{both, record};

/// Where the root's records are.
pub(crate) const ROOT: u32 = 20;

pub(crate) fn system_use(signature: &[u8; 2], data: &[u8]) -> Vec<u8> {
    [signature, [data.len() as u8 + 4, 1].as_slice(), data].concat()
}

pub(crate) fn mode(mode: u32) -> Vec<u8> {
    system_use(b"PX", &[both(mode), both(1), both(0), both(0), both(1)].concat())
}

pub(crate) fn name(name: &str) -> Vec<u8> {
    system_use(b"NM", &[b"\0", name.as_bytes()].concat())
}

/// A file with Rock Ridge.
pub(crate) fn file(stored: &str, called: &str, block: u32, length: u32) -> Vec<u8> {
    record(stored.as_bytes(), block, length, 0, &[mode(0o100_644), name(called)].concat())
}

pub(crate) fn folder(stored: &str, called: &str, block: u32) -> Vec<u8> {
    record(stored.as_bytes(), block, BLOCK as u32, 2, &[mode(0o040_755), name(called)].concat())
}

/// A link to `target`, a path without slashes at its beginning or end.
pub(crate) fn link(stored: &str, called: &str, target: &str) -> Vec<u8> {
    let mut data = vec![0];
    for part in target.split('/') {
        let (flags, text) = if part == ".." { (4, "") } else { (0, part) };
        data.extend([flags, text.len() as u8]);
        data.extend(text.as_bytes());
    }
    let all = [mode(0o120_777), name(called), system_use(b"SL", &data)].concat();
    record(stored.as_bytes(), 0, 0, 0, &all)
}

/// The two records that every folder begins with; the root's says that there is Rock Ridge.
pub(crate) fn dots(block: u32, rock_ridge: bool) -> Vec<Vec<u8>> {
    let sp = system_use(b"SP", b"\xBE\xEF\0");
    let own = if rock_ridge { [sp, mode(0o040_755)].concat() } else { Vec::new() };
    vec![record(b"\0", block, BLOCK as u32, 2, &own), record(b"\x01", ROOT, BLOCK as u32, 2, b"")]
}

/// An image whose root has `records` after its first two.
pub(crate) struct Image(pub(crate) Vec<u8>);

impl Image {
    pub(crate) fn new(rock_ridge: bool, records: &[Vec<u8>]) -> Self {
        let mut image = Self(vec![0; BLOCK * 64]);
        image.put(16, &descriptor("A LABEL", (ROOT, BLOCK as u32)));
        image.put(17, b"\xFFCD001\x01");
        image.put(ROOT, &[dots(ROOT, rock_ridge), records.to_vec()].concat().concat());
        image
    }

    /// Puts `bytes` at the beginning of a block.
    pub(crate) fn put(&mut self, block: u32, bytes: &[u8]) {
        let start = block as usize * BLOCK;
        self.0[start..start + bytes.len()].copy_from_slice(bytes);
    }
}
