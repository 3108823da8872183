// SPDX-License-Identifier: MIT OR Apache-2.0
//! Superblocks that are made here, for what no program makes everywhere, and any bytes.

#[path = "../../volume-view/tests/support/mod.rs"]
mod support;

use fs_probe::{Found, Kind, probe};
use proptest::prelude::*;

const SIZE: usize = 1 << 20;

/// What is found where these bytes are at these places.
fn found(parts: &[(usize, &[u8])]) -> Vec<Found> {
    let mut volume = vec![0; SIZE];
    for (at, bytes) in parts {
        volume[*at..*at + bytes.len()].copy_from_slice(bytes);
    }
    probe(volume.as_slice(), SIZE as u64).unwrap()
}

fn kinds(parts: &[(usize, &[u8])]) -> Vec<Kind> {
    found(parts).iter().map(|found| found.kind).collect()
}

#[test]
fn formats_that_no_program_here_makes() {
    let magic = b"\xC6\x85\x73\xF6\x66\xCE\x90\xA9\xD9\x6A\x60\xCF\x80\x3D\xF7\xEF";
    let bcachefs = found(&[(4096 + 24, magic), (4096 + 56, &[0x11; 16]), (4096 + 72, b"a label")]);
    assert_eq!(bcachefs[0].kind, Kind::Bcachefs);
    assert_eq!(bcachefs[0].uuid.as_deref(), Some("11111111-1111-1111-1111-111111111111"));
    assert_eq!(bcachefs[0].label.as_deref(), Some(&b"a label"[..]));
    assert_eq!(kinds(&[(0, b"\xEB\x58\x90-FVE-FS-")]), [Kind::BitLocker]);
    assert_eq!(kinds(&[((128 + 17) << 10, &[0x0C, 0xB1, 0xBA])]), [Kind::Zfs]);
    assert_eq!(kinds(&[((128 + 17) << 10, &[0, 0, 0, 0, 0, 0xBA, 0xB1, 0x0C])]), [Kind::Zfs]);
}

#[test]
fn what_contains_something_comes_first() {
    let luks: (usize, &[u8]) = (0, b"LUKS\xBA\xBE\0\x02");
    let ext: (usize, &[u8]) = (1024 + 56, &[0x53, 0xEF]);
    assert_eq!(kinds(&[ext, luks]), [Kind::Luks2, Kind::Ext2]);
    assert!(Kind::Luks2.is_container() && !Kind::Ext2.is_container());
}

#[test]
fn a_physical_volume_is_one_whatever_its_metadata_is() {
    let mut device = support::physical('0', Some(&support::group(1, &[""], "")), 512);
    device.bytes[4096 + 600] ^= 1;
    let found = probe(device.bytes.as_slice(), device.bytes.len() as u64).unwrap();
    assert_eq!(found.iter().map(|found| found.kind).collect::<Vec<_>>(), [Kind::LvmPv]);
}

#[test]
fn nothing_is_nothing() {
    assert_eq!(found(&[]), []);
    assert_eq!(probe(&[][..], 0).unwrap(), []);
    assert!(probe(&[][..], 4096).is_err());
    // A jump and a mark alone make no FAT.
    assert_eq!(found(&[(0, b"\xEB\x3C\x90"), (510, &[0x55, 0xAA])]), []);
}

proptest! {
    #[test]
    fn any_bytes_at_any_place_do_no_harm(
        parts in prop::collection::vec((0_usize..70_000, prop::collection::vec(any::<u8>(), 1..60)), 0..6),
        mark in prop::sample::select(vec![&b"\xEB\x52\x90NTFS    \0\x02\x08"[..], b"\xEB\x76\x90EXFAT   ", b"XFSB", b"\xEB\x3C\x90"]),
    ) {
        let mut all: Vec<(usize, &[u8])> = parts.iter().map(|(at, bytes)| (*at, &bytes[..])).collect();
        all.push((0, mark));
        let _ = found(&all);
    }
}
