// SPDX-License-Identifier: MIT OR Apache-2.0
//! `loopback.cfg` and a file that it may run, divided by the byte 0xFF: whatever they say, what is
//! offered can be started.
#![no_main]

use bootspec::Architecture;
use lamboot_core::iso::loopback::entries;
use lamboot_core::iso::{ENTRIES_MAX, IsoFiles, LOOPBACK_CFG, OPTIONS_MAX, Place};
use libfuzzer_sys::fuzz_target;

/// An image with a kernel, an initrd and two scripts.
struct Image<'b> {
    first: &'b [u8],
    second: &'b [u8],
}

const FILES: [&str; 4] = ["/k", "/i", LOOPBACK_CFG, "/s"];

impl IsoFiles for Image<'_> {
    fn exists(&mut self, path: &str) -> bool {
        assert!(path.starts_with('/'));
        FILES.contains(&path)
    }

    fn read(&mut self, path: &str, limit: usize) -> Option<Vec<u8>> {
        let bytes = match path {
            LOOPBACK_CFG => self.first,
            "/s" => self.second,
            _ => return None,
        };
        (bytes.len() <= limit).then(|| bytes.to_vec())
    }

    fn names(&mut self, _: &str, _: usize) -> Vec<String> {
        Vec::new()
    }

    fn label(&self) -> &str {
        "LABEL"
    }
}

fuzz_target!(|bytes: &[u8]| {
    let mut parts = bytes.splitn(2, |byte| *byte == 0xFF);
    let mut image =
        Image { first: parts.next().unwrap_or_default(), second: parts.next().unwrap_or_default() };
    let place = Place { path: "/isos/a.iso", volume_uuid: Some("1234-ABCD"), volume_label: None };
    let entries = entries(&mut image, &place, Architecture::X64);
    assert!(entries.len() <= ENTRIES_MAX);
    for entry in entries {
        assert!(FILES.contains(&entry.kernel.as_str()));
        assert!(entry.initrds.iter().all(|path| FILES.contains(&path.as_str())));
        assert!(entry.options.len() <= OPTIONS_MAX && !entry.options.contains(char::is_control));
        assert!(!entry.title.contains(char::is_control));
    }
});
