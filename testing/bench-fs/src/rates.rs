// SPDX-License-Identifier: MIT OR Apache-2.0
//! Speeds of several readers of the same bytes, side by side, and how figures are printed.

use std::time::Instant;

use peak_alloc::PeakAlloc;

#[global_allocator]
pub(crate) static MEMORY: PeakAlloc = PeakAlloc;

/// Bytes that are read at once, as a loader would.
pub(crate) const CHUNK: usize = 1 << 20;

/// A way to read a whole file through a buffer.
pub(crate) type Reader<'r> = Box<dyn FnMut(&mut [u8]) + 'r>;

/// MB/s of each reader: medians of runs that alternate between them.
pub(crate) fn rates<'n>(
    size: u64,
    mut readers: Vec<(&'n str, Reader<'_>)>,
    runs: usize,
) -> Vec<(&'n str, f64)> {
    let mut times = vec![Vec::new(); readers.len()];
    let mut buffer = vec![0; CHUNK];
    for _ in 0..=runs {
        for (index, (_, read)) in readers.iter_mut().enumerate() {
            let start = Instant::now();
            read(&mut buffer);
            times[index].push(start.elapsed().as_secs_f64());
        }
    }
    // The first run warms up.
    let rate = |times: Vec<f64>| size as f64 / 1e6 / median(times[1..].to_vec());
    readers.iter().zip(times).map(|((reader, _), times)| (*reader, rate(times))).collect()
}

/// Calls `read` for each place that a part of the file begins at.
pub(crate) fn each(size: u64, mut read: impl FnMut(u64)) {
    (0..size).step_by(CHUNK).for_each(&mut read);
}

/// How long the part of the file is that begins at `at`.
pub(crate) fn part_of(size: u64, at: u64) -> usize {
    CHUNK.min((size - at) as usize)
}

/// The buffer for it.
pub(crate) fn part(buffer: &mut [u8], size: u64, at: u64) -> &mut [u8] {
    &mut buffer[..part_of(size, at)]
}

/// The value in the middle.
pub(crate) fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// Prints a line: ours first, then the peers.
pub(crate) fn report(name: &str, unit: &str, values: &[(&str, f64)]) {
    let peers: String = values[1..].iter().map(|(peer, value)| format!(" {peer}={value:.1}")).collect();
    println!("{name} {:.1} {unit}{peers}", values[0].1);
}
