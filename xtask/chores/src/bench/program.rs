// SPDX-License-Identifier: MIT OR Apache-2.0
//! The program that reads images beside other readers (`testing/bench-fs`): a workspace of its own, since its
//! peers are black boxes from the registry.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};

use super::{Figure, Goal};
use crate::build::toolchain;
use crate::process;
use crate::tree::Tree;

pub(super) const MANIFEST: &str = "testing/bench-fs/Cargo.toml";
const PACKAGE: &str = "lamboot-bench-fs";

/// The built program.
pub(super) struct Program {
    path: PathBuf,
    /// Where its workspace is built.
    pub(super) target: PathBuf,
}

impl Program {
    /// Builds it.
    pub(super) fn build(tree: &Tree) -> Result<Self> {
        let target = tree.target().join("bench-fs");
        let mut build = toolchain::host(tree)?.cargo();
        build.current_dir(tree.root()).args(["build", "--release", "--locked", "--package", PACKAGE]);
        process::run(build.args(["--manifest-path", MANIFEST, "--target-dir"]).arg(&target))?;
        Ok(Self { path: target.join("release").join(PACKAGE), target })
    }

    /// To be given arguments.
    pub(super) fn command(&self) -> Command {
        Command::new(&self.path)
    }
}

/// What it measured, by these arguments.
pub(super) fn lines(command: &mut Command) -> Result<Vec<Line>> {
    process::output(command)?.lines().map(Line::read).collect()
}

/// `name value unit peer=value ...`, as the program prints it.
pub(super) struct Line {
    pub(super) name: String,
    value: f64,
    unit: &'static str,
    peers: BTreeMap<String, f64>,
}

impl Line {
    pub(super) fn read(line: &str) -> Result<Self> {
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

    /// What this peer reached.
    pub(super) fn peer(&self, name: &str) -> Result<f64> {
        self.peers.get(name).copied().with_context(|| format!("{name} was not measured"))
    }

    pub(super) fn figure(&self, bench: &str, goal: Option<Goal>) -> Figure {
        let plain = Figure::new(&format!("{bench}.{}", self.name), self.value, self.unit);
        Figure { goal, peers: self.peers.clone(), ..plain }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_figure_or_an_error() {
        let line = Line::read("open.time 62.5 us lamxfs=1700.0").unwrap();
        assert_eq!(
            line.figure("xfs", None),
            Figure::new("xfs.open.time", 62.5, "us").with_peer("lamxfs", 1700.0)
        );
        assert!(line.peer("lamxfs").is_ok() && line.peer("kernel").is_err());
        assert!(Line::read("a 5").is_err() && Line::read("a 5 feet").is_err());
    }
}
