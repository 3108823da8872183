// SPDX-License-Identifier: MIT OR Apache-2.0
//! Small images with changes that the input says, made whole again so that a reader goes on past
//! checksums, and read as far as can be.

#[path = "../../../../lib/ext-view/tests/support/mod.rs"]
mod support;

use ext_view::{Ext, Family, Options, Verify};
pub(crate) use support::Image;
use support::Tree;

/// Requests that reading everything may make.
const REQUESTS_MAX: u64 = 500_000;

/// Changes the sectors of `image` at `places` as `bytes` say, and reads everything: the first byte chooses
/// the checks; then each change has five bytes.
pub(crate) fn read_changed(image: Image, places: &[u64], bytes: &[u8]) -> Option<Ext<Image>> {
    let (&choice, rest) = bytes.split_first()?;
    let mut image = image;
    for change in rest.chunks_exact(5).take(32) {
        let which = usize::from(u16::from_le_bytes([change[0], change[1]]));
        let Some(place) = places.get(which % places.len().max(1)) else { break };
        let at = place + u64::from(u16::from_le_bytes([change[2], change[3]]) % 512);
        image.change(at, change[4]);
        image.seal(at);
    }
    let verify = if choice & 2 == 0 { Verify::Checksums } else { Verify::Structure };
    let requests = std::rc::Rc::clone(&image.requests);
    let ext = Ext::open_with(image, Options { verify, ..Options::default() }).ok()?;
    let tree = Tree::read(&ext);
    assert!(tree.errors.iter().all(|error| error.family() != Family::Device), "{:?}", tree.errors);
    assert!(requests.get() < REQUESTS_MAX, "{} requests", requests.get());
    Some(ext)
}

/// The image that the first byte chooses.
pub(crate) fn chosen(bytes: &[u8]) -> Image {
    if bytes.first().is_some_and(|choice| choice & 1 == 1) { Image::ext2() } else { Image::ext4() }
}
