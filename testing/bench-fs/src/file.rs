// SPDX-License-Identifier: MIT OR Apache-2.0
//! One file of a volume, read by what the loader reads with and by a peer: speed, bytes, requests, memory.

use std::fs::File;
use std::os::unix::fs::FileExt as _;

use lamboot_fs::{Device, FileSystem, Follow, Place, assemble};

use crate::device::{Counted, Counts};
use crate::peer::open;
use crate::rates::{CHUNK, MEMORY, Reader, each, part, rates, report};

/// Runs of each reader: fewer than with one file system, since some peers take a second for each.
const RUNS: usize = 15;

/// Reads the file called `name`, which is in the root.
pub(crate) fn measure(kind: &str, image: &str, name: &str) {
    let system = system(Counted::open(image));
    let path = name.as_bytes();
    let size = system.metadata(path, Follow::All).expect("our reader finds it").size;
    let cost = |side| cost(image, kind, name, size, side);
    let (ours, theirs) = (cost(Side::Ours), cost(Side::Peer));
    assert_eq!(ours.sum, theirs.sum, "both read the same");
    let mut peer = open(kind, Counted::open(image), name);
    let device = File::open(image).expect("the image is there");
    let place = place(&*system, path, device.metadata().expect("a size").len(), size);
    let readers: Vec<(&str, Reader<'_>)> = vec![
        ("ours", Box::new(|buffer| each(size, |at| read(&*system, path, at, part(buffer, size, at))))),
        (
            "device",
            Box::new(|buffer| {
                each(size, |at| device.read_exact_at(part(buffer, size, at), place + at).unwrap())
            }),
        ),
        (peer.name, Box::new(|buffer| each(size, |at| peer.read(at, part(buffer, size, at))))),
    ];
    let rates = rates(size, readers, RUNS);
    let [_, _, (name_of_peer, _)] = rates[..] else { panic!("three readers") };
    report(&format!("{kind}.{name}"), "MB/s", &rates);
    let both = |what: &str, unit, ours: u64, theirs: u64| {
        let values = [("ours", ours as f64), (name_of_peer, theirs as f64)];
        report(&format!("{kind}.{name}.{what}"), unit, &values);
    };
    both("requests", "requests", ours.counts.requests, theirs.counts.requests);
    both("read", "bytes", ours.counts.bytes, theirs.counts.bytes);
    both("memory", "bytes", ours.memory, theirs.memory);
}

/// Who reads.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Ours,
    Peer,
}

/// What it took to open the volume and to read the file once.
struct Cost {
    counts: Counts,
    /// The most at once, beside the caller's buffer.
    memory: u64,
    /// Of what was read.
    sum: u64,
}

fn cost(image: &str, kind: &str, name: &str, size: u64, side: Side) -> Cost {
    let device = Counted::open(image);
    let counts = device.counts();
    let mut buffer = vec![0; CHUNK];
    let mut sum = 0_u64;
    let mut add = |bytes: &[u8]| {
        for word in bytes.chunks(8) {
            sum = sum.rotate_left(7) ^ word.iter().fold(0, |all, &byte| all << 8 | u64::from(byte));
        }
    };
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    match side {
        Side::Ours => {
            let system = system(device);
            each(size, |at| {
                let part = part(&mut buffer, size, at);
                read(&*system, name.as_bytes(), at, part);
                add(part);
            });
        }
        Side::Peer => {
            let mut peer = open(kind, device, name);
            each(size, |at| {
                let part = part(&mut buffer, size, at);
                peer.read(at, part);
                add(part);
            });
        }
    }
    let memory = (MEMORY.peak_usage() - before) as u64;
    Cost { counts: counts.take(), memory, sum }
}

/// The volume as the loader opens it.
fn system(device: Counted) -> Box<dyn FileSystem> {
    let size = device.size();
    let device = Device::new(device, size).expect("the image can be read");
    assemble(vec![device]).remove(0).system.expect("our reader opens it")
}

fn read(system: &dyn FileSystem, path: &[u8], at: u64, part: &mut [u8]) {
    assert_eq!(system.read_at(path, at, part).expect("our reader reads it"), part.len());
}

/// Where the device is read beside: where the file begins, if as many bytes are there behind it.
fn place(system: &dyn FileSystem, path: &[u8], device: u64, size: u64) -> u64 {
    let extents = system.extents(path, 1).expect("our reader knows where it lies");
    let first = match extents.first().map(|extent| extent.place) {
        Some(Place::Volume(place)) => place,
        _ => 0,
    };
    first.min(device - size)
}
