// SPDX-License-Identifier: MIT OR Apache-2.0
//! Groups that are made here by the format, and what can be wrong with them.

mod support;

use proptest::prelude::*;
use support::{Device, EXTENT, EXTENTS, group, physical, uuid, volume};
use volume_view::lvm::{Group, LogicalVolume, PhysicalVolume, assemble, check};
use volume_view::{Error, Family, Fault, Misuse, OutOfRange, ReadAt, Structure, Unsupported};

const VISIBLE: &str = "\"VISIBLE\"";
const HIDDEN: &str = "\"WRITE\"";

/// The group that `devices` make.
fn open(devices: Vec<Device>) -> Group<Device> {
    let members = devices.into_iter().map(|device| PhysicalVolume::open(device).unwrap()).collect();
    assemble(members).pop().unwrap().unwrap()
}

/// A group of `count` physical volumes, each with the metadata.
fn with(count: usize, volumes: &str) -> Group<Device> {
    let text = group(1, &vec![""; count], volumes);
    open(('0'..).take(count).map(|digit| physical(digit, Some(&text), 512)).collect())
}

/// Which sector of which extent of which physical volume stands at a place.
fn sector(volume: &mut LogicalVolume<'_, Device>, at: u64) -> (char, u8, u8) {
    let mut bytes = [0; 3];
    volume.read_at(at, &mut bytes).unwrap();
    (char::from(bytes[0]), bytes[1], bytes[2])
}

#[test]
fn a_volume_of_pieces_is_read_in_as_many_requests() {
    let pieces = "a { id = \"AAAAAA-BBBB-CCCC-DDDD-EEEE-FFFF-GGGGGa\" status = [\"VISIBLE\"]
        segment1 { start_extent = 0 extent_count = 2 type = \"striped\" stripe_count = 1 stripes = [ \"pv0\", 3 ] }
        segment2 { start_extent = 2 extent_count = 1 type = \"striped\" stripe_count = 1 stripes = [ \"pv1\", 15 ] } }";
    let group = with(2, pieces);
    let mut volume = group.open("a").unwrap();
    assert_eq!(volume.size(), 3 * EXTENT);
    assert_eq!(sector(&mut volume, 0), ('0', 3, 0));
    assert_eq!(sector(&mut volume, EXTENT + 512), ('0', 4, 1));
    assert_eq!(sector(&mut volume, 2 * EXTENT), ('1', 15, 0));
    let devices = group.volumes().count();
    assert_eq!(devices, 1);
    let mut all = vec![0; 3 * EXTENT as usize];
    volume.read_at(0, &mut all).unwrap();
    let requests: Vec<u64> = group.into_readers().iter().map(|device| device.requests.get()).collect();
    // Label, header and text of each; two sectors and a run of the first; a sector and a run of the second.
    assert_eq!(requests, [3 + 2 + 1, 3 + 1 + 1]);
}

#[test]
fn stripes_take_turns() {
    let group = with(
        3,
        &volume(
            "s",
            VISIBLE,
            6,
            "type = \"striped\" stripe_count = 3 stripe_size = 2 stripes = [\"pv0\", 0, \"pv1\", 5, \"pv2\", 9]",
        ),
    );
    let mut volume = group.open("s").unwrap();
    assert_eq!(sector(&mut volume, 0), ('0', 0, 0));
    assert_eq!(sector(&mut volume, 1024), ('1', 5, 0));
    assert_eq!(sector(&mut volume, 2048 + 512), ('2', 9, 1));
    assert_eq!(sector(&mut volume, 3072), ('0', 0, 2));
    assert_eq!(sector(&mut volume, 5 * EXTENT + 3 * 1024), ('2', 10, 7 - 1));
    let mut all = vec![0; 6 * EXTENT as usize];
    volume.read_at(0, &mut all).unwrap();
    for (index, bytes) in all.chunks(512).enumerate() {
        let expected = ["0", "1", "2"][index / 2 % 3].as_bytes()[0];
        assert_eq!(bytes[0], expected, "{index}");
    }
    assert_eq!(volume.read_at(6 * EXTENT, &mut [0]), Err(Misuse::OutOfRange.into()));
    assert_eq!(volume.read_at(u64::MAX, &mut [0]), Err(Misuse::OutOfRange.into()));
}

fn mirrored() -> String {
    let leg = |name, pv| {
        volume(name, HIDDEN, 2, &format!("type = \"striped\" stripe_count = 1 stripes = [\"{pv}\", 4]"))
    };
    let images = leg("i_0", "pv0") + &leg("i_1", "pv1") + &leg("m_0", "pv0") + &leg("m_1", "pv1");
    let raid = volume(
        "r",
        VISIBLE,
        2,
        "type = \"raid1\" device_count = 2 raids = [\"m_0\", \"i_0\", \"m_1\", \"i_1\"]",
    );
    let mirror =
        volume("mirror", VISIBLE, 2, "type = \"mirror\" mirror_count = 2 mirrors = [\"i_0\", 0, \"i_1\", 0]");
    raid + &mirror + &images
}

#[test]
fn a_mirror_is_read_from_whichever_copy_can_be() {
    let text = group(1, &["", ""], &mirrored());
    for name in ["r", "mirror"] {
        let devices: Vec<Device> = "01".chars().map(|digit| physical(digit, Some(&text), 512)).collect();
        let whole = open(devices.clone());
        assert_eq!(
            whole.volumes().map(|volume| volume.name().to_owned()).collect::<Vec<_>>(),
            ["r", "mirror"]
        );
        assert_eq!(sector(&mut whole.open(name).unwrap(), EXTENT), ('0', 5, 0));
        let half = open(devices[1..].to_vec());
        assert_eq!(half.missing().map(ToString::to_string).collect::<Vec<_>>(), [uuid('0')]);
        assert_eq!(sector(&mut half.open(name).unwrap(), EXTENT), ('1', 5, 0));
        let stale = group(2, &["\"MISSING\"", ""], &mirrored());
        let stale = open(vec![devices[0].clone(), physical('1', Some(&stale), 512)]);
        assert_eq!(sector(&mut stale.open(name).unwrap(), EXTENT), ('1', 5, 0));
    }
}

#[test]
fn a_copy_that_fails_is_left_for_another() {
    let text = group(1, &["", ""], &mirrored());
    let mut members: Vec<_> =
        "01".chars().map(|digit| PhysicalVolume::open(physical(digit, Some(&text), 512)).unwrap()).collect();
    let mut broken = physical('0', Some(&text), 512);
    let sectors = broken.bytes.len();
    broken.bytes.truncate(sectors - (EXTENTS * EXTENT) as usize);
    members[0] = PhysicalVolume::open(broken).unwrap();
    let group = assemble(members).pop().unwrap().unwrap();
    assert_eq!(sector(&mut group.open("r").unwrap(), EXTENT), ('1', 5, 0));
    assert_eq!(group.open("i_0").unwrap().read_at(0, &mut [0]), Err(Error::Device(OutOfRange)));
}

#[test]
fn what_is_not_read_is_refused_by_its_name() {
    for name in
        ["thin", "thin-pool", "snapshot", "cache", "raid5_ls", "raid6_zr", "raid10", "vdo", "writecache"]
    {
        let on_two = volume("ok", VISIBLE, 1, "type = \"linear\" stripes = [\"pv0\", 0]");
        let other = volume("no", VISIBLE, 1, &format!("type = \"{name}\" whatever = [\"pv0\", 0]"));
        let group = with(1, &(on_two + &other));
        assert!(group.open("ok").is_ok());
        let error = group.open("no").unwrap_err();
        assert_eq!(error, Error::Unsupported(Unsupported::SegmentType(name.to_owned())));
        assert_eq!(error.to_string(), format!("segments of type {name} are not read"));
    }
}

#[test]
fn a_volume_that_needs_what_is_missing_is_refused_and_others_are_not() {
    let volumes = volume("a", VISIBLE, 1, "type = \"linear\" stripes = [\"pv0\", 0]")
        + &volume("b", VISIBLE, 2, "type = \"striped\" stripe_size = 8 stripes = [\"pv0\", 1, \"pv1\", 0]");
    let text = group(1, &["", ""], &volumes);
    let group = open(vec![physical('0', Some(&text), 512)]);
    assert!(group.open("a").is_ok());
    assert_eq!(group.open("b").unwrap_err(), Unsupported::MissingPv(uuid('1')).into());
    assert_eq!(group.open("c").unwrap_err(), Misuse::NoSuchVolume.into());
}

#[test]
fn the_newest_text_is_used_wherever_it_is() {
    let old = group(1, &["", ""], "");
    let new = group(2, &["", ""], &volume("n", VISIBLE, 1, "type = \"linear\" stripes = [\"pv1\", 0]"));
    for order in [[&old, &new], [&new, &old]] {
        let group = open(vec![physical('0', Some(order[0]), 512), physical('1', Some(order[1]), 512)]);
        assert_eq!(sector(&mut group.open("n").unwrap(), 0), ('1', 0, 0));
    }
    let group = open(vec![physical('0', None, 0), physical('1', Some(&new), 512)]);
    assert_eq!((group.missing().count(), group.open("n").is_ok()), (0, true));
}

#[test]
fn a_text_may_go_on_at_the_beginning_of_its_ring() {
    let text = group(1, &[""], &volume("a", VISIBLE, 1, "type = \"linear\" stripes = [\"pv0\", 0]"));
    let group = open(vec![physical('0', Some(&text), (1 << 16) - 100)]);
    assert_eq!((group.name(), group.open("a").is_ok()), ("vg", true));
}

fn damage(device: Device) -> (Structure, Fault) {
    match PhysicalVolume::open(device) {
        Err(Error::Damaged(damage)) => (damage.structure, damage.fault),
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_checksum_is_looked_at() {
    let text = group(1, &[""], "");
    let changed = |at: usize| {
        let mut device = physical('0', Some(&text), 512);
        device.bytes[at] ^= 1;
        device
    };
    assert_eq!(damage(changed(512 + 33)), (Structure::Label, Fault::Checksum));
    assert_eq!(damage(changed(4096 + 100)), (Structure::MetadataArea, Fault::Checksum));
    assert_eq!(damage(changed(4096 + 512 + 20)), (Structure::MetadataArea, Fault::Checksum));
    let error = PhysicalVolume::open(changed(512)).unwrap_err();
    assert_eq!((error.family(), error.token()), (Family::Unsupported, "not_lvm"));
}

#[test]
fn volumes_out_of_bounds_or_made_of_themselves() {
    let structure = |volumes: &str| match with(1, volumes).open("v").unwrap_err() {
        Error::Damaged(damage) => (damage.structure, damage.fault),
        other => panic!("{other}"),
    };
    let linear =
        |extent: u64| volume("v", VISIBLE, 2, &format!("type = \"striped\" stripes = [\"pv0\", {extent}]"));
    assert_eq!(structure(&linear(15)), (Structure::Volume, Fault::Bounds));
    assert_eq!(structure(&linear(u64::MAX)), (Structure::Volume, Fault::Bounds));
    let own = volume("v", VISIBLE, 2, "type = \"mirror\" mirrors = [\"v\", 0, \"v\", 0]");
    assert_eq!(structure(&own), (Structure::Volume, Fault::Depth));
    let wide = format!("type = \"mirror\" mirrors = [{}]", ["\"v\", 0"; 300].join(", "));
    assert_eq!(structure(&volume("v", VISIBLE, 2, &wide)), (Structure::Volume, Fault::Depth));
}

#[test]
fn texts_that_are_no_group() {
    let refused = |text: String| match check(text.as_bytes()) {
        Err(Error::Damaged(damage)) => damage.fault,
        other => panic!("{other:?}"),
    };
    let one = |rest: &str| group(1, &[""], &volume("v", VISIBLE, 2, rest));
    assert!(check(one("type = \"striped\" stripes = [\"pv0\", 0]").as_bytes()).is_ok());
    assert_eq!(refused(one("type = \"striped\" stripes = [\"pv7\", 0]")), Fault::Missing);
    assert_eq!(refused(one("type = \"striped\" stripes = [\"pv0\"]")), Fault::Value);
    assert_eq!(refused(one("type = \"striped\" stripes = []")), Fault::Value);
    assert_eq!(refused(one("type = \"striped\" stripes = [\"pv0\", 0, \"pv0\", 5]")), Fault::Value);
    assert_eq!(
        refused(one("type = \"striped\" stripe_size = 1 stripes = [\"pv0\", 0, \"pv0\", 5, \"pv0\", 9]")),
        Fault::Value
    );
    assert_eq!(refused(one("stripes = [\"pv0\", 0]")), Fault::Missing);
    assert_eq!(refused(String::new()), Fault::Missing);
    assert_eq!(refused("vg { seqno = 1 extent_size = 0 }".to_owned()), Fault::Value);
}

proptest! {
    #[test]
    fn a_changed_text_is_a_group_or_none(
        changes in prop::collection::vec((any::<prop::sample::Index>(), "[ -~\n]"), 1..8),
        at in 0_u64..(3 * EXTENT),
    ) {
        let mut text = group(1, &["", ""], &mirrored()).into_bytes();
        for (index, byte) in changes {
            let at = index.index(text.len());
            text[at] = byte.as_bytes()[0];
        }
        let text = String::from_utf8(text).unwrap();
        let members = "01".chars().map(|digit| PhysicalVolume::open(physical(digit, Some(&text), 512)).unwrap());
        for group in assemble(members.collect()) {
            let Ok(group) = group else { continue };
            for volume in group.volumes() {
                let Ok(mut volume) = volume.open() else { continue };
                let mut bytes = [0; 700];
                let fits = at + 700 <= volume.size();
                prop_assert!(fits || volume.read_at(at, &mut bytes).is_err());
                let _ = volume.read_at(at, &mut bytes);
            }
        }
    }

    #[test]
    fn a_changed_label_or_area_is_one_or_none(changes in prop::collection::vec((0_usize..6000, any::<u8>()), 1..8), seal: bool) {
        let text = group(1, &[""], &mirrored().replace("pv1", "pv0"));
        let mut device = physical('0', Some(&text), 512);
        for (at, byte) in changes {
            device.bytes[at] = byte;
        }
        if seal {
            let label = support::checksum(&device.bytes[532..1024]);
            device.bytes[528..532].copy_from_slice(&label.to_le_bytes());
            let area = support::checksum(&device.bytes[4100..4608]);
            device.bytes[4096..4100].copy_from_slice(&area.to_le_bytes());
        }
        let _ = PhysicalVolume::open(device);
    }
}
