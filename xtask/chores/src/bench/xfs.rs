// SPDX-License-Identifier: MIT OR Apache-2.0
//! What reading XFS costs: beside another reader, the kernel's own cached read, and the bare device.
//!
//! The peer is a black box from the registry, in a workspace of its own (`testing/bench-xfs`).

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use lamboot_fixtures::xfs::Mounted;

use super::{Figure, Goal};
use crate::arch::Arch;
use crate::build::{self, toolchain};
use crate::fixtures::{self, Kind};
use crate::process;
use crate::tree::Tree;

const MANIFEST: &str = "testing/bench-xfs/Cargo.toml";
const PACKAGE: &str = "lamboot-bench-xfs";

/// Makes the image, reads it by every reader, and weighs programs for UEFI.
pub(super) fn measure(tree: &Tree) -> Result<Vec<Figure>> {
    fixtures::make(tree, Kind::Xfs, &["bench".to_owned()])?;
    let image = tree.artifacts().join("fixtures/xfs/bench.img");
    let target = tree.target().join("bench-xfs");
    let mut build = toolchain::host(tree)?.cargo();
    build.current_dir(tree.root()).args(["build", "--release", "--locked", "--package", PACKAGE]);
    process::run(build.args(["--manifest-path", MANIFEST, "--target-dir"]).arg(&target))?;
    let mounted = Mounted::new(&image, "ro")?;
    let mut program = std::process::Command::new(target.join("release").join(PACKAGE));
    let lines = process::output(program.arg(&image).arg(mounted.root()))?;
    mounted.unmount()?;
    let measured = lines.lines().map(Line::read).collect::<Result<Vec<_>>>()?;
    let mut figures = judged(&measured)?;
    figures.push(size(tree, &target)?);
    Ok(figures)
}

/// `name value unit peer=value ...`, as the program prints it.
struct Line {
    name: String,
    value: f64,
    unit: &'static str,
    peers: BTreeMap<String, f64>,
}

impl Line {
    fn read(line: &str) -> Result<Self> {
        let mut words = line.split(' ');
        let mut word = || words.next().with_context(|| format!("`{line}` is cut off"));
        let (name, value, unit) = (word()?.to_owned(), word()?.parse()?, word()?);
        let unit = *["MB/s", "requests", "bytes", "us"]
            .iter()
            .find(|known| **known == unit)
            .context("a new unit")?;
        let peer = |word: &str| {
            let (peer, value) = word.split_once('=').context("a peer without a value")?;
            Ok((peer.to_owned(), value.parse()?))
        };
        Ok(Self { name, value, unit, peers: words.map(peer).collect::<Result<_>>()? })
    }

    fn figure(&self, goal: Option<Goal>) -> Figure {
        let plain = Figure::new(&format!("xfs.{}", self.name), self.value, self.unit);
        Figure { goal, peers: self.peers.clone(), ..plain }
    }
}

/// The figures with their goals, some of which are by what peers reach in the same run.
fn judged(lines: &[Line]) -> Result<Vec<Figure>> {
    let goal = |line: &Line| -> Result<Option<Goal>> {
        let peer =
            |name: &str| line.peers.get(name).copied().with_context(|| format!("{name} was not measured"));
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
    lines.iter().map(|line| Ok(line.figure(goal(line)?))).collect()
}

/// Bytes that a reader adds to a program for UEFI that reads sectors anyway.
fn size(tree: &Tree, target: &Path) -> Result<Figure> {
    let toolchain = toolchain::choose(tree, &[Arch::X86_64])?;
    let mut command = toolchain.cargo();
    command.current_dir(tree.root()).args(["build", "--profile", "uefi", "--locked", "--bins"]);
    command.args(["--manifest-path", MANIFEST, "--package", "lamboot-bench-xfs-size"]);
    command.args(["--target", Arch::X86_64.uefi_target(), "--target-dir"]).arg(target);
    command.env_remove("RUSTFLAGS").env("CARGO_ENCODED_RUSTFLAGS", build::flags::encoded(tree, &toolchain)?);
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
        assert!(Line::read("a 5").is_err() && Line::read("a 5 feet").is_err());
    }
}
