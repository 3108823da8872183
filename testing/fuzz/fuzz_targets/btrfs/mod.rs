// SPDX-License-Identifier: MIT OR Apache-2.0
//! A small image with changes that the input says, made whole again so that a reader goes on past checksums,
//! and read as far as can be.

#[path = "../../../../lib/btrfs-view/tests/support/mod.rs"]
mod support;

use btrfs_view::{Btrfs, Error, Family, Misuse, Options, Superblocks, Verify};
pub(crate) use support::Image;
use support::Tree;

/// Requests that reading everything may make.
const REQUESTS_MAX: u64 = 500_000;

/// Changes what `fits`, a choice by the image and a sector's place, as `bytes` say, and reads everything: the
/// first byte chooses checks; then each change has five bytes.
pub(crate) fn read_changed(bytes: &[u8], fits: impl Fn(&Image, u64) -> bool) -> Option<Btrfs<Image>> {
    let (&choice, rest) = bytes.split_first()?;
    let mut image = Image::small();
    let places: Vec<u64> = image.places().into_iter().filter(|&place| fits(&image, place)).collect();
    for change in rest.chunks_exact(5).take(64) {
        let which = usize::from(u16::from_le_bytes([change[0], change[1]]));
        let Some(place) = places.get(which % places.len().max(1)) else { break };
        let at = place + u64::from(u16::from_le_bytes([change[2], change[3]]) % 512);
        image.change(at, change[4]);
        image.seal(at);
    }
    let verify = [Verify::Metadata, Verify::Structure, Verify::Everything][usize::from(choice % 3)];
    let superblocks = if choice & 128 == 0 { Superblocks::First } else { Superblocks::Any };
    let requests = std::rc::Rc::clone(&image.requests);
    let btrfs = Btrfs::open_with(image, Options { verify, superblocks, ..Options::default() }).ok()?;
    let tree = Tree::read(&btrfs);
    // A name or subvolume that is listed may not be found by its key; nothing else is the reader's own fault.
    let own = |error: &Error<_>| {
        error.family() == Family::Misuse
            && !matches!(error, Error::Misuse(Misuse::NoSuchFile | Misuse::NoSuchSubvolume))
    };
    assert!(!tree.errors.iter().any(own), "{:?}", tree.errors);
    assert!(requests.get() < REQUESTS_MAX, "{} requests", requests.get());
    Some(btrfs)
}
