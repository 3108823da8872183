// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the loader's reader of each file system reads, and how fast: large files beside the bare
//! device and the best published reader, then every image of the fixtures compared with its referee.

use std::fs;

use anyhow::Result;

use super::program::{self, Line, Program};
use super::{Figure, Goal};
use crate::fixtures::{self, Judged, Kind};
use crate::tree::Tree;

/// Every kind, in the order of the figures.
const KINDS: [Kind; 4] = [Kind::Xfs, Kind::Ext, Kind::Btrfs, Kind::Fat];

/// A file that is read: of which kind, on which image, and its name.
const FILES: [(Kind, &str, &str); 9] = [
    (Kind::Xfs, "bench", "contiguous"),
    (Kind::Xfs, "bench", "pieces"),
    (Kind::Ext, "bench", "contiguous"),
    (Kind::Ext, "bench", "pieces"),
    (Kind::Btrfs, "bench", "contiguous"),
    (Kind::Btrfs, "bench", "scattered"),
    (Kind::Btrfs, "bench-zstd", "compressed"),
    (Kind::Fat, "bench", "contiguous"),
    (Kind::Fat, "bench", "pieces"),
];

/// Measures, then compares.
pub(super) fn measure(tree: &Tree) -> Result<Vec<Figure>> {
    let mut figures = speed(tree)?;
    figures.extend(matrix()?);
    Ok(figures)
}

/// Every image of every kind, as the reader alone and the loader read it.
fn matrix() -> Result<Vec<Figure>> {
    let judge = |kind: Kind| {
        let name = kind.name();
        Ok((name, fixtures::judge_all(kind, |line| eprintln!("{name}: {line}"))?))
    };
    Ok(summed(&KINDS.into_iter().map(judge).collect::<Result<Vec<_>>>()?))
}

/// The goal: sixty images, and no difference in any.
fn summed(judged: &[(&str, Judged)]) -> Vec<Figure> {
    let sum = |of: fn(&Judged) -> u64| judged.iter().map(|(_, judged)| of(judged)).sum::<u64>() as f64;
    let images = Figure::new("fs.matrix.images", sum(|judged| judged.images as u64), "images");
    let each = |images: Figure, (name, judged): &(&str, Judged)| images.with_peer(name, judged.images as f64);
    let images = judged.iter().fold(images.with_goal(Goal::AtLeast(60.0)), each);
    let names = Figure::new("fs.matrix.names", sum(|judged| judged.names), "names");
    let wrong = Figure::new("fs.matrix.differences", sum(|judged| judged.wrong.len() as u64), "images");
    vec![images, names, wrong.with_goal(Goal::AtMost(0.0))]
}

/// Makes the images and reads the files.
fn speed(tree: &Tree) -> Result<Vec<Figure>> {
    let program = Program::build(tree)?;
    let mut figures = Vec::new();
    for kind in KINDS {
        let name = kind.name();
        let files = || FILES.iter().filter(|(of, ..)| *of == kind);
        let mut images: Vec<String> = files().map(|(_, image, _)| (*image).to_owned()).collect();
        images.dedup();
        fixtures::make(tree, kind, &images)?;
        let folder = kind.folder(tree);
        for (_, image, file) in files() {
            eprintln!("{name}: reading {file} of {image}");
            let image = folder.join(image).with_extension("img");
            let lines = program::lines(program.command().args(["file", name]).arg(image).arg(file))?;
            figures.extend(lines.iter().map(judged));
        }
        for image in images {
            fs::remove_file(folder.join(image).with_extension("img"))?;
        }
    }
    Ok(figures)
}

/// The goal: as fast as the published reader.
fn judged(line: &Line) -> Figure {
    let published = ["lamxfs", "ext4-view", "lambutter", "fatfs"];
    let peer = published.iter().find_map(|name| line.peer(name).ok());
    let is_speed = line.peer("device").is_ok();
    line.figure("fs", peer.filter(|_| is_speed).map(Goal::AtLeast))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_difference_misses_the_goal() {
        let kind = |wrong: &[&'static str]| Judged { images: 40, names: 9, wrong: wrong.to_vec() };
        let figures = summed(&[("xfs", kind(&[])), ("ext", kind(&["deep"]))]);
        let met: Vec<_> = figures.iter().map(Figure::met).collect();
        assert_eq!((figures[0].value, figures[1].value), (80.0, 18.0));
        assert_eq!(met, [Some(true), None, Some(false)]);
        assert_eq!(summed(&[("xfs", kind(&[]))])[2].met(), Some(true));
    }

    #[test]
    fn speed_is_judged_by_the_published_reader() {
        let read = |line| judged(&Line::read(line).unwrap());
        let speed = read("ext.contiguous 900.0 MB/s device=2000.0 ext4-view=1000.0");
        assert_eq!((speed.name.as_str(), speed.met()), ("fs.ext.contiguous", Some(false)));
        assert_eq!(read("ext.contiguous.requests 64.0 requests ext4-view=2050.0").goal, None);
    }
}
