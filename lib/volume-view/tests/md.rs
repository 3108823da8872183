// SPDX-License-Identifier: MIT OR Apache-2.0
//! Members of arrays that are made here by the format.

mod support;

use proptest::prelude::*;
use support::{Md, member};
use volume_view::md::{Member, Version};
use volume_view::{Error, Fault, Structure, Unsupported};

const MIRROR: Md = Md { version: 12, level: 1, features: 0, role: 0 };

fn find(md: Md) -> Member {
    let bytes = member(md);
    Member::find(bytes.as_slice(), bytes.len() as u64).unwrap().unwrap()
}

#[test]
fn a_member_of_each_version() {
    let versions = [
        (0, Version::V0_90, 0, &b""[..]),
        (10, Version::V1_0, 0, b"host:a name"),
        (11, Version::V1_1, 1 << 20, b"host:a name"),
        (12, Version::V1_2, 1 << 20, b"host:a name"),
    ];
    for (version, expected, place, name) in versions {
        let member = find(Md { version, ..MIRROR });
        assert_eq!((member.version, &member.name[..], member.level), (expected, name, "raid1"));
        assert_eq!((member.events, member.members, member.is_in_sync), (17, 2, true), "{version}");
        assert_eq!(member.uuid, core::array::from_fn(|index| index as u8 + 1));
        let (start, length) = member.mirror().unwrap();
        assert_eq!(start, place);
        assert_eq!(length, 1 << 20);
    }
}

#[test]
fn arrays_that_are_no_mirrors_are_refused_by_level() {
    for (level, name) in
        [(-4, "multipath"), (-1, "linear"), (0, "raid0"), (5, "raid5"), (6, "raid6"), (10, "raid10")]
    {
        assert_eq!(find(Md { level, ..MIRROR }).mirror(), Err(Unsupported::Level(name)));
    }
}

#[test]
fn a_member_that_is_not_up_to_date_is_refused() {
    for md in [
        Md { role: 0xFFFF, ..MIRROR },
        Md { role: 0xFFFE, ..MIRROR },
        Md { role: 0xFFFF, version: 0, ..MIRROR },
        Md { features: 2, ..MIRROR },
        Md { features: 4, ..MIRROR },
    ] {
        assert_eq!(find(md).mirror(), Err(Unsupported::NotInSync), "{md:?}");
    }
}

#[test]
fn a_checksum_that_does_not_hold() {
    for version in [0, 10, 11, 12] {
        let mut bytes = member(Md { version, ..MIRROR });
        let place = support::superblock(version) as usize;
        bytes[place + 41] ^= 1;
        let Err(Error::Damaged(damage)) = Member::find(bytes.as_slice(), bytes.len() as u64) else {
            panic!()
        };
        assert_eq!((damage.structure, damage.fault), (Structure::MdSuperblock, Fault::Checksum));
        assert_eq!(damage.offset, place as u64);
    }
}

#[test]
fn what_is_no_member() {
    assert_eq!(Member::find(&[0; 200_000][..], 200_000), Ok(None));
    assert_eq!(Member::find(&[][..], 0), Ok(None));
    // At another place than it says.
    let bytes = member(MIRROR);
    assert_eq!(Member::find(&bytes[4096..], bytes.len() as u64 - 4096), Ok(None));
}

proptest! {
    #[test]
    fn a_changed_superblock_is_one_or_none(version in prop::sample::select(vec![0_u32, 10, 11, 12]), at in 0_usize..512, byte: u8) {
        let mut bytes = member(Md { version, ..MIRROR });
        let place = support::superblock(version) as usize;
        bytes[place + at] = byte;
        let _ = Member::find(bytes.as_slice(), bytes.len() as u64);
    }
}
