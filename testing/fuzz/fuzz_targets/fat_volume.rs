// SPDX-License-Identifier: MIT OR Apache-2.0
//! A FAT volume that is changed anywhere is read or refused, within bounds.
//!
//! The first byte chooses the volume; then each change has four bytes: in what, where, and the new byte. What
//! follows a line break is a path.
#![no_main]

#[path = "../../../lib/fat-view/tests/support/mod.rs"]
mod support;

use fat_view::{Family, Fat};
use libfuzzer_sys::fuzz_target;
use support::{Image, KINDS, Tree};

/// Requests that reading everything may make.
const REQUESTS_MAX: u64 = 500_000;

fuzz_target!(|bytes: &[u8]| {
    let end = bytes.iter().position(|&byte| byte == b'\n').unwrap_or(bytes.len());
    let (changes, path) = bytes.split_at(end);
    let Some((&choice, changes)) = changes.split_first() else { return };
    let mut image = Image::new(KINDS[usize::from(choice) % 3]);
    let [first, second, data] = image.tables();
    for change in changes.chunks_exact(4).take(64) {
        let start = [0, first, second, data][usize::from(change[0]) % 4];
        let at = u64::from(u16::from_le_bytes([change[1], change[2]])) % 40_000;
        image.put(start + at, &[change[3]]);
    }
    let requests = std::rc::Rc::clone(&image.requests);
    let Ok(fat) = Fat::open(image) else { return };
    let tree = Tree::read(&fat);
    let _ = (fat.label(), fat.state(), tree.errors);
    assert!(requests.get() < REQUESTS_MAX, "{} requests", requests.get());
    match fat.read(path, 1 << 20) {
        Ok(content) => assert_eq!(fat.metadata(path).unwrap().size, content.len() as u64),
        Err(error) => assert!(
            !error.to_string().is_empty() && error.family() != Family::Unsupported
                || error.token() == "too_large"
        ),
    }
});
