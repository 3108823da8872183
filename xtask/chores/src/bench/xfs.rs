// SPDX-License-Identifier: MIT OR Apache-2.0
//! What reading XFS costs: beside another reader, the kernel's own cached read, and the bare device.

use std::fs;
use std::path::Path;

use anyhow::Result;
use lamboot_fixtures::xfs::Mounted;

use super::program::{self, Line, MANIFEST, Program};
use super::{Figure, Goal};
use crate::arch::Arch;
use crate::build::{self, toolchain};
use crate::fixtures::{self, Kind};
use crate::process;
use crate::tree::Tree;

/// Makes the image, reads it by every reader, and weighs programs for UEFI.
pub(super) fn measure(tree: &Tree) -> Result<Vec<Figure>> {
    fixtures::make(tree, Kind::Xfs, &["bench".to_owned()])?;
    let image = Kind::Xfs.folder(tree).join("bench.img");
    let program = Program::build(tree)?;
    let mounted = Mounted::new(&image, "ro")?;
    let measured = program::lines(program.command().arg("xfs").arg(&image).arg(mounted.root()))?;
    mounted.unmount()?;
    let mut figures = judged(&measured)?;
    figures.push(size(tree, &program.target)?);
    Ok(figures)
}

/// The figures with their goals, some of which are by what peers reach in the same run.
fn judged(lines: &[Line]) -> Result<Vec<Figure>> {
    let goal = |line: &Line| -> Result<Option<Goal>> {
        let peer = |name| line.peer(name);
        Ok(Some(match line.name.as_str() {
            "sequential.contiguous" => Goal::AtLeast(0.9 * peer("device")?),
            "sequential.pieces" => Goal::AtLeast(1.5 * peer("lamxfs")?),
            "open.requests" => Goal::AtMost(4.0),
            "lookup.requests" => Goal::AtMost(8.0),
            "lookup.bytes" => Goal::AtMost(peer("lamxfs")? / 5.0),
            "memory.peak" => Goal::AtMost(1_048_576.0),
            _ => return Ok(None),
        }))
    };
    lines.iter().map(|line| Ok(line.figure("xfs", goal(line)?))).collect()
}

/// Bytes that a reader adds to a program for UEFI that reads sectors anyway.
fn size(tree: &Tree, target: &Path) -> Result<Figure> {
    let toolchain = toolchain::choose(tree, &[Arch::X86_64])?;
    let mut command = toolchain.cargo();
    command.current_dir(tree.root()).args(["build", "--profile", "uefi", "--locked", "--bins"]);
    command.args(["--manifest-path", MANIFEST, "--package", "lamboot-bench-fs-size"]);
    command.args(["--target", Arch::X86_64.uefi_target(), "--target-dir"]).arg(target);
    command
        .env_remove("RUSTFLAGS")
        .env("CARGO_ENCODED_RUSTFLAGS", build::flags::encoded(tree, &toolchain, Arch::X86_64)?);
    process::run(&mut command)?;
    let built = target.join(Arch::X86_64.uefi_target()).join("uefi");
    let bytes = |program: &str| -> Result<f64> {
        let bytes = fs::metadata(built.join(format!("{program}.efi")))?.len();
        Ok(f64::from(u32::try_from(bytes)?))
    };
    let base = bytes("base")?;
    let ours = Figure::new("xfs.size", bytes("ours")? - base, "bytes");
    Ok(ours.with_goal(Goal::AtMost(60_000.0)).with_peer("lamxfs", bytes("lamxfs")? - base))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goals_are_by_what_peers_reach() {
        let line = Line::read("sequential.pieces 2600.0 MB/s lamxfs=1700.0 kernel=4000.0").unwrap();
        let figure = &judged(&[line]).unwrap()[0];
        assert_eq!((figure.name.as_str(), figure.met()), ("xfs.sequential.pieces", Some(true)));
        assert_eq!(figure.goal, Some(Goal::AtLeast(2550.0)));
    }
}
