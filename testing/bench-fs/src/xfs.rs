// SPDX-License-Identifier: MIT OR Apache-2.0
//! Readers of XFS on the image `bench` of the fixtures, and the kernel, which has it mounted.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::time::Instant;

use xfs_view::Xfs;

use crate::device::{Counted, Counts};
use crate::peer;
use crate::rates::{CHUNK, MEMORY, Reader, each, median, part, part_of, rates, report};

/// Runs of each reader.
const RUNS: usize = 45;

/// Measures all.
pub(crate) fn measure(image: &str, mounted: &str) {
    sequential("contiguous", image, Path::new(mounted));
    sequential("pieces", image, Path::new(mounted));
    lookup(image);
    memory(image);
}

/// Reads the whole file called `name`, in MB/s.
fn sequential(name: &str, image: &str, mounted: &Path) {
    let size = std::fs::metadata(mounted.join(name)).expect("the file is there").len();
    let xfs = Xfs::open(Counted::open(image)).expect("our reader opens it");
    let file = xfs.lookup(name).expect("our reader finds it");
    let mut peer = peer::open("xfs", Counted::open(image), name);
    let kernel = File::open(mounted.join(name)).expect("the kernel opens it");
    let device = File::open(image).expect("the image is there");
    let readers: Vec<(&str, Reader<'_>)> = vec![
        (
            "ours",
            Box::new(|buffer| {
                each(size, |at| {
                    assert_eq!(file.read_at(at, part(buffer, size, at)).unwrap(), part_of(size, at))
                })
            }),
        ),
        (peer.name, Box::new(|buffer| each(size, |at| peer.read(at, part(buffer, size, at))))),
        (
            "kernel",
            Box::new(|buffer| each(size, |at| kernel.read_exact_at(part(buffer, size, at), at).unwrap())),
        ),
        (
            "device",
            Box::new(|buffer| each(size, |at| device.read_exact_at(part(buffer, size, at), at).unwrap())),
        ),
    ];
    report(&format!("sequential.{name}"), "MB/s", &rates(size, readers, RUNS));
}

/// Opens, then looks one name among 100,000 up: requests, bytes, and time.
fn lookup(image: &str) {
    let path = "/many/name-abcd";
    let (mut open, mut ours, mut theirs) = (Counts::default(), Counts::default(), Counts::default());
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..RUNS {
        let device = Counted::open(image);
        let counts = device.counts();
        let xfs = Xfs::open(device).expect("our reader opens it");
        open = counts.take();
        let start = Instant::now();
        xfs.lookup(path).expect("our reader finds it");
        times[0].push(start.elapsed().as_secs_f64() * 1e6);
        ours = counts.take();
        let device = Counted::open(image);
        let counts = device.counts();
        let mut xfs = lamxfs::Xfs::open(device, u64::MAX).expect("lamxfs opens it");
        counts.take();
        let start = Instant::now();
        xfs.resolve(lamxfs::Path::new(path.as_bytes())).expect("lamxfs finds it");
        times[1].push(start.elapsed().as_secs_f64() * 1e6);
        theirs = counts.take();
    }
    let [our_times, their_times] = times;
    report("open.requests", "requests", &[("ours", open.requests as f64)]);
    let requests = [("ours", ours.requests as f64), ("lamxfs", theirs.requests as f64)];
    report("lookup.requests", "requests", &requests);
    report("lookup.bytes", "bytes", &[("ours", ours.bytes as f64), ("lamxfs", theirs.bytes as f64)]);
    report("lookup.time", "us", &[("ours", median(our_times)), ("lamxfs", median(their_times))]);
}

/// The most memory at once while everything is listed and read, beside the caller's buffer.
fn memory(image: &str) {
    let mut buffer = vec![0; CHUNK];
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let xfs = Xfs::open(Counted::open(image)).expect("our reader opens it");
    for entry in xfs.read_dir("/many").expect("our reader lists it") {
        entry.expect("a name").metadata().expect("an inode");
    }
    for name in ["contiguous", "pieces"] {
        let file = xfs.lookup(name).expect("our reader finds it");
        each(file.metadata().size, |at| {
            file.read_at(at, &mut buffer).expect("our reader reads it");
        });
        assert!(file.extents().expect("a file").all(|extent| extent.is_ok()));
    }
    report("memory.peak", "bytes", &[("ours", (MEMORY.peak_usage() - before) as f64)]);
}
