// SPDX-License-Identifier: MIT OR Apache-2.0
//! Measurements against goals and peers, printed for people or for programs.

mod boot;
mod disk;
mod entries;
mod figure;
mod fs;
mod menu;
mod program;
mod sim;
mod size;
mod volumes;
mod xfs;

use anyhow::{Result, bail};

use crate::tree::Tree;

pub use figure::{Figure, Goal};

/// A set of figures that are measured together.
struct Bench {
    name: &'static str,
    about: &'static str,
    run: fn(&Tree) -> Result<Vec<Figure>>,
}

/// Every bench there is.
const BENCHES: &[Bench] = &[
    Bench {
        name: "boot",
        about: "instructions and requests of a boot, beside other loaders",
        run: boot::measure,
    },
    Bench {
        name: "disk",
        about: "how fast the firmware reads a disk, one request at a time and several under way",
        run: disk::measure,
    },
    Bench {
        name: "entries",
        about: "what 100 and 1,000 entries cost, beside systemd-boot",
        run: entries::measure,
    },
    Bench {
        name: "fs",
        about: "every image compared with its referee, and large files beside published readers; as root",
        run: fs::measure,
    },
    Bench {
        name: "menu",
        about: "instructions until the menu is on the screen, with 1 and 100 entries",
        run: menu::measure,
    },
    Bench { name: "size", about: "bytes of the loader, for each architecture", run: size::measure },
    Bench { name: "sim", about: "simulated boots a second, in a test build", run: sim::measure },
    Bench {
        name: "volumes",
        about: "a boot from each file system, beside GRUB and systemd-boot; as root",
        run: volumes::measure,
    },
    Bench {
        name: "xfs",
        about: "reading XFS, beside another reader, the kernel and the device",
        run: xfs::measure,
    },
];

/// Measures `name` (all, where none is given) and prints the figures: a table, or with
/// `json` one object a line.
///
/// # Errors
/// There is no such bench, it could not be measured, or a figure misses its goal (after
/// all of them were printed).
pub fn run(tree: &Tree, name: Option<&str>, json: bool) -> Result<()> {
    let mut missed = Vec::new();
    for bench in chosen(name)? {
        let figures = (bench.run)(tree)?;
        print!("{}", if json { figure::json_lines(&figures)? } else { figure::table(&figures) });
        missed.extend(figures.into_iter().filter(|figure| figure.met() == Some(false)));
    }
    if !missed.is_empty() {
        let names: Vec<String> = missed.into_iter().map(|figure| figure.name).collect();
        bail!("short of the goal: {}", names.join(", "));
    }
    Ok(())
}

/// The names of all benches, with what they measure: for the help text.
#[must_use]
pub fn list() -> String {
    let line = |bench: &Bench| format!("  {:<8} {}", bench.name, bench.about);
    BENCHES.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn chosen(name: Option<&str>) -> Result<Vec<&'static Bench>> {
    let fits = |bench: &&Bench| name.is_none_or(|name| bench.name == name);
    let found: Vec<&Bench> = BENCHES.iter().filter(fits).collect();
    if found.is_empty() {
        bail!("there is no such bench; there are:\n{}", list());
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_bench_is_answered_with_the_list() {
        let error = chosen(Some("nonsense")).err().unwrap();
        assert!(error.to_string().contains("size"), "{error}");
        assert_eq!(chosen(None).unwrap().len(), BENCHES.len());
    }
}
