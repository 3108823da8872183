// SPDX-License-Identifier: MIT OR Apache-2.0
//! Two devices as a loader finds them: changed, cut short, one with the beginning of the other, or failing at a
//! request; what is on them is assembled and read.
//!
//! The first byte chooses the images, the second where the first ends and how much of the other it begins with, the
//! third and fourth the request that goes wrong; then each change has five bytes.
#![no_main]

#[path = "../../../core/lamboot-fs/tests/support/mod.rs"]
mod support;

use lamboot_packed::Image;
use libfuzzer_sys::fuzz_target;
use std::rc::Rc;
use support::{Fault, KEPT, REQUESTS_MAX, Tree, device};

/// The most names that are read of one volume.
const NAMES_MAX: usize = 200;

fuzz_target!(|bytes: &[u8]| {
    let [which, shape, how, when, changes @ ..] = bytes else { return };
    let image = |number: u8| Image::unpack(KEPT[usize::from(number) % KEPT.len()].1);
    let (mut first, second) = (image(which & 15), image(which >> 4));
    if shape & 15 > 0 {
        first.put(0, &second.get(0, 1024 << (shape & 7)));
    }
    if shape >> 4 > 0 {
        first.resize(first.size() / 16 * u64::from(shape >> 4));
    }
    let places = first.places();
    for change in changes.chunks_exact(5).take(32) {
        let place = usize::from(u16::from_le_bytes([change[0], change[1]]));
        let Some(place) = places.get(place % places.len().max(1)) else { break };
        first.change(place + u64::from(u16::from_le_bytes([change[2], change[3]]) % 512), change[4]);
    }
    let request = u64::from(*when) << (how >> 5);
    let fault = match how & 3 {
        0 => Fault::Nothing,
        1 => Fault::Fails(request),
        2 => Fault::Vanishes(request),
        _ => Fault::Lies(request),
    };
    read([(first, fault), (second, Fault::Nothing)]);
});

fn read(images: [(Image, Fault); 2]) {
    let (devices, counts): (Vec<_>, Vec<_>) =
        images.into_iter().map(|(image, fault)| device(&Rc::new(image), fault)).unzip();
    for volume in lamboot_fs::assemble(devices.into_iter().flatten().collect()) {
        let Ok(system) = volume.system else { continue };
        let tree = Tree::read(system.as_ref(), NAMES_MAX);
        assert!(tree.errors.iter().all(|error| !error.message.is_empty()), "{:?}", tree.errors);
    }
    for count in counts {
        assert!(count.get() < REQUESTS_MAX, "{} requests", count.get());
    }
}
