// SPDX-License-Identifier: MIT OR Apache-2.0
//! How fast the firmware's drivers read a disk, request by request and with several under way.

use std::fs::File;
use std::time::Duration;

use lamboot_vm::{Arch, DiskBus, DiskImage, Ending, Lab};

use crate::BenchError;
use crate::run::{DONE, TIME_LIMIT};

/// What is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disk {
    /// An NVMe drive whose blocks are in the host's memory.
    Nvme,
    /// An NVMe drive that waits before it answers each command.
    SlowNvme,
    /// A drive on a port of the AHCI controller, its blocks in the host's memory.
    Sata,
    /// A virtio block device, its blocks in the host's memory.
    Virtio,
}

/// Larger than the disk that the program comes from.
const SIZE: u64 = 1 << 30;
/// Of a command; QEMU's timers make it more.
const LATENCY: Duration = Duration::from_micros(100);

impl Disk {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Nvme, Self::SlowNvme, Self::Sata, Self::Virtio];

    /// The name in figures.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Nvme => "nvme",
            Self::SlowNvme => "nvme-slow",
            Self::Sata => "sata",
            Self::Virtio => "virtio",
        }
    }

    fn bus(self) -> DiskBus {
        match self {
            Self::Nvme | Self::SlowNvme => DiskBus::Nvme,
            Self::Sata => DiskBus::Sata,
            Self::Virtio => DiskBus::Virtio,
        }
    }
}

/// How fast requests of one size were answered.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Speed {
    /// Bytes of a request.
    pub request: u64,
    /// 10^6 bytes a second through `EFI_BLOCK_IO_PROTOCOL`, one request at a time.
    pub block_io: f64,
    /// The same through `EFI_BLOCK_IO2_PROTOCOL` with the best number of requests under way; none where the
    /// firmware's driver does not have it.
    pub block_io2: Option<f64>,
}

/// Has the firmware read 64 MiB of this disk in every way.
///
/// # Errors
/// As [`crate::measure`], and when the disk is not read.
pub fn measure_disk(disk: Disk) -> Result<Vec<Speed>, BenchError> {
    let mut lab = Lab::new(&format!("bench-disk-{}", disk.name()))?;
    lab.set_time_limit(TIME_LIMIT);
    let program = lab.artifacts()?.arch(Arch::X86_64).probe("reads-disk")?;
    let boot = lab.disk(DiskImage::gpt().file(Arch::X86_64.removable_path(), program))?;
    let machine = lab.machine(Arch::X86_64).memory_mib(1024).disk(&boot).bus(disk.bus());
    let machine = if disk == Disk::SlowNvme {
        machine.slow_disk(SIZE, LATENCY)
    } else {
        let path = lab.folder().join("data.img");
        let made = File::create(&path).and_then(|file| file.set_len(SIZE));
        made.map_err(|why| BenchError::Volume(why.into()))?;
        machine.scratch_disk(&path)?
    };
    let mut vm = machine.cold()?;
    let ending = vm.wait_end()?;
    match speeds(&String::from_utf8_lossy(&vm.debug_port()?)) {
        Some(speeds) if ending == Ending::ExitPort(DONE) => {
            lab.passed();
            Ok(speeds)
        }
        _ => Err(BenchError::NotRead { disk: disk.name(), ending, console: vm.serial().tail() }),
    }
}

/// Bytes that the program reads in each way.
const TOTAL: f64 = 67_108_864.0;

/// Reads the reports of `reads-disk`; none where one is not whole, or nothing was read.
fn speeds(report: &str) -> Option<Vec<Speed>> {
    let mut speeds: Vec<Speed> = Vec::new();
    for line in report.lines().filter_map(|line| line.trim_end().strip_prefix("DISK: block-io")) {
        let words: Vec<&str> = line.split(' ').collect();
        let [way, "request", request, "depth", _, "micros", micros] = words[..] else {
            // Without the protocol the program says so.
            continue;
        };
        let (request, micros): (u64, f64) = (request.parse().ok()?, micros.parse().ok()?);
        let speed = TOTAL / micros;
        match (way, speeds.iter_mut().find(|known| known.request == request)) {
            ("", None) => speeds.push(Speed { request, block_io: speed, block_io2: None }),
            ("2", Some(known)) => known.block_io2 = Some(known.block_io2.unwrap_or(0.0).max(speed)),
            _ => return None,
        }
    }
    (!speeds.is_empty()).then_some(speeds)
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = "noise\r\nDISK: block-io request 131072 depth 1 micros 67108\r\n\
        DISK: block-io request 1048576 depth 1 micros 671088\r\n\
        DISK: block-io2 request 131072 depth 1 micros 671088\r\n\
        DISK: block-io2 request 131072 depth 2 micros 335544\r\nDISK: done\r\n";

    #[test]
    fn the_best_depth_counts() {
        let speeds = speeds(REPORT).unwrap();
        let rounded = |speed: f64| speed.round() as u64;
        let [small, large] = speeds[..] else { panic!("{speeds:?}") };
        assert_eq!((small.request, rounded(small.block_io)), (131_072, 1000));
        assert_eq!(small.block_io2.map(rounded), Some(200));
        assert_eq!((rounded(large.block_io), large.block_io2), (100, None));
    }

    #[test]
    fn a_report_that_is_not_whole_is_none() {
        assert_eq!(speeds("DISK: cannot measure: NO_MEDIA\n"), None);
        assert_eq!(speeds("DISK: block-io request 1048576 depth 1 micros\n"), None);
        assert_eq!(speeds("DISK: block-io request 1048576 depth 1 micros x\n"), None);
        assert_eq!(speeds("DISK: block-io2 request 1048576 depth 1 micros 7\n"), None);
    }
}
