// SPDX-License-Identifier: MIT OR Apache-2.0
//! How fast the firmware reads a disk in each of its two ways.

use anyhow::Result;
use lamboot_bench::{Disk, Speed};

use super::Figure;
use crate::arch::Arch;
use crate::artifacts::{self, Age};
use crate::build;
use crate::setup;
use crate::tree::Tree;

/// Has the firmware read each kind of disk.
pub(super) fn measure(tree: &Tree) -> Result<Vec<Figure>> {
    setup::ensure(setup::PC)?;
    build::uefi(tree, &[Arch::X86_64])?;
    artifacts::ensure_for(tree, &[Arch::X86_64], Age::Any)?;
    let mut all = Vec::new();
    for disk in Disk::ALL {
        eprintln!("reading {}", disk.name());
        let speeds = lamboot_bench::measure_disk(disk)?;
        all.extend(speeds.into_iter().map(|speed| figure(disk, speed)));
    }
    Ok(all)
}

fn figure(disk: Disk, speed: Speed) -> Figure {
    let name = format!("disk.{}.{}KiB", disk.name(), speed.request / 1024);
    let figure = Figure::new(&name, speed.block_io, "MB/s");
    match speed.block_io2 {
        Some(overlapped) => figure.with_peer("block-io2", overlapped),
        None => figure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_protocol_that_the_loader_uses_is_the_figure() {
        let speed = Speed { request: 1 << 20, block_io: 2600.0, block_io2: Some(53.0) };
        let expected = Figure::new("disk.nvme.1024KiB", 2600.0, "MB/s").with_peer("block-io2", 53.0);
        assert_eq!(figure(Disk::Nvme, speed), expected);
    }
}
