// SPDX-License-Identifier: MIT OR Apache-2.0
//! Small images with changes that the input says, made whole again so that a reader goes on past
//! checksums, and read as far as can be.

#![allow(dead_code)] // each target uses its part

#[path = "../../../../lib/xfs-view/tests/support/mod.rs"]
mod support;

pub(crate) use support::Image;
use support::Tree;
use xfs_view::{Family, Options, Verify, Xfs};

/// Requests that reading everything may make.
const REQUESTS_MAX: u64 = 500_000;

/// Changes what `fits`, a choice by the first bytes of a sector, as `bytes` say, and reads everything:
/// the first byte chooses version and checks; then each change has five bytes.
pub(crate) fn read_changed(bytes: &[u8], fits: impl Fn(u64, &[u8]) -> bool) -> Option<Xfs<Image>> {
    let (&choice, rest) = bytes.split_first()?;
    let mut image = if choice & 1 == 0 { Image::v5() } else { Image::v4() };
    let places: Vec<u64> =
        image.places().into_iter().filter(|&place| fits(place, &image.first(place))).collect();
    for change in rest.chunks_exact(5).take(64) {
        let which = usize::from(u16::from_le_bytes([change[0], change[1]]));
        let Some(place) = places.get(which % places.len().max(1)) else { break };
        let at = place + u64::from(u16::from_le_bytes([change[2], change[3]]) % 512);
        image.change(at, change[4]);
        image.seal(at);
    }
    let verify = if choice & 2 == 0 { Verify::Checksums } else { Verify::Structure };
    let requests = std::rc::Rc::clone(&image.requests);
    let xfs = Xfs::open_with(image, Options { verify, ..Options::default() }).ok()?;
    let tree = Tree::read(&xfs);
    assert!(tree.errors.iter().all(|error| error.family() != Family::Device), "{:?}", tree.errors);
    assert!(requests.get() < REQUESTS_MAX, "{} requests", requests.get());
    Some(xfs)
}

thread_local! {
    static CRASHED: (Image, Vec<support::log::Place>, Vec<u64>) = {
        let image = Image::crashed();
        let (operations, places) = (image.operations(), image.log_places());
        (image, operations, places)
    };
}

/// Changes a log as `bytes` say, replays it, and reads everything. Each change has five bytes: which
/// operation (or, with the highest bit, which block), where in it, and how.
pub(crate) fn replay_changed(bytes: &[u8]) {
    let (mut image, operations, places) = CRASHED.with(Clone::clone);
    image.requests = std::rc::Rc::default();
    for change in bytes.chunks_exact(5).take(64) {
        let which = usize::from(u16::from_le_bytes([change[0], change[1]]));
        let at = usize::from(u16::from_le_bytes([change[2], change[3]]));
        if which & 0x8000 == 0 {
            image.change_operation(&operations[which % operations.len()], at, change[4]);
        } else {
            let at = places[which % places.len()] + at as u64 % 512;
            image.change(at, change[4]);
            image.seal_log(at);
        }
    }
    let requests = std::rc::Rc::clone(&image.requests);
    let Ok(xfs) = Xfs::open(image) else { return };
    let tree = Tree::read(&xfs);
    assert!(tree.errors.iter().all(|error| error.family() != Family::Device), "{:?}", tree.errors);
    assert!(requests.get() < REQUESTS_MAX, "{} requests", requests.get());
}
