// SPDX-License-Identifier: MIT OR Apache-2.0
//! File system images, and what the running kernel says of them.

use std::fs;
use std::time::Instant;

use anyhow::{Result, bail};
use clap::ValueEnum;
use lamboot_fixtures::btrfs;
use lamboot_fixtures::xfs::{self, Recipe, Tools};

use crate::artifacts::{self, Age};
use crate::setup;
use crate::tree::Tree;

/// A file system that there are images of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// btrfs.
    Btrfs,
    /// XFS.
    Xfs,
}

/// Makes the images called `names` (all, where none is named) in the artifacts folder, and packs those
/// that are kept beside tests (`lib/xfs-view/tests/images`, `lib/btrfs-view/tests/images`).
///
/// # Errors
/// A tool is missing, we are not root, or an image does not have what it is for.
pub fn make(tree: &Tree, kind: Kind, names: &[String]) -> Result<()> {
    match kind {
        Kind::Btrfs => make_btrfs(tree, names),
        Kind::Xfs => make_xfs(tree, names),
    }
}

fn make_xfs(tree: &Tree, names: &[String]) -> Result<()> {
    let tools = tools()?;
    let folder = tree.artifacts().join("fixtures/xfs");
    fs::create_dir_all(&folder)?;
    let kept: Vec<&str> = xfs::kept().map(|recipe| recipe.name).collect();
    for recipe in chosen(xfs::all(), |recipe| recipe.name, names)? {
        let image = recipe.make(&tools, &folder)?;
        println!("{}", image.display());
        if kept.contains(&recipe.name) {
            let packed = image.with_extension("packed");
            xfs::pack(&image, &packed)?;
            println!("{}", packed.display());
        }
    }
    Ok(())
}

fn make_btrfs(tree: &Tree, names: &[String]) -> Result<()> {
    setup::ensure(setup::BTRFS)?;
    let folder = tree.artifacts().join("fixtures/btrfs");
    fs::create_dir_all(&folder)?;
    let kept: Vec<&str> = btrfs::kept().map(|recipe| recipe.name).collect();
    for recipe in chosen(btrfs::all(), |recipe| recipe.name, names)? {
        let image = recipe.make(&folder)?;
        image.devices.iter().for_each(|device| println!("{}", device.display()));
        if kept.contains(&recipe.name) {
            let packed = image.devices[0].with_extension("packed");
            btrfs::pack(&image, &packed)?;
            println!("{}", packed.display());
        }
    }
    Ok(())
}

/// Makes images and compares every file of them with what the running kernel says: of `all`, of those
/// called `names`, else of those that each test run compares.
///
/// # Errors
/// As [`make`], and where there is a difference (after all were compared).
pub fn diff(kind: Kind, all: bool, names: &[String]) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let all = all || !names.is_empty();
    match kind {
        Kind::Xfs => {
            let tools = tools()?;
            let recipes: Vec<&Recipe> =
                if all { chosen(xfs::all(), |recipe| recipe.name, names)? } else { xfs::quick().collect() };
            report(recipes.into_iter().map(|recipe| {
                let judge = || {
                    let image = recipe.make(&tools, folder.path())?;
                    let found = recipe.judge(&image);
                    recipe.remove(&image)?;
                    Ok(found?.names)
                };
                (recipe.name, judge)
            }))
        }
        Kind::Btrfs => {
            setup::ensure(setup::BTRFS)?;
            let recipes: Vec<&btrfs::Recipe> = if all {
                chosen(btrfs::all(), |recipe| recipe.name, names)?
            } else {
                btrfs::quick().collect()
            };
            report(recipes.into_iter().map(|recipe| {
                let judge = || {
                    let image = recipe.make(folder.path())?;
                    let found = recipe.judge(&image);
                    image.remove()?;
                    Ok(found?.names)
                };
                (recipe.name, judge)
            }))
        }
    }
}

/// Does each comparison, says how it went, and fails after the last where one failed.
fn report<'r>(judges: impl Iterator<Item = (&'r str, impl FnOnce() -> Result<u64>)>) -> Result<()> {
    let mut wrong = Vec::new();
    for (name, judge) in judges {
        let start = Instant::now();
        match judge() {
            Ok(names) => {
                println!("{name}: {names} names the same, in {:.1} s", start.elapsed().as_secs_f64())
            }
            Err(error) => {
                println!("{name}: {error:#}");
                wrong.push(name);
            }
        }
    }
    if wrong.is_empty() { Ok(()) } else { bail!("differences in {}", wrong.join(", ")) }
}

fn tools() -> Result<Tools> {
    setup::ensure(setup::XFS)?;
    Ok(Tools::at(&artifacts::xfsprogs(Age::Any)?))
}

fn chosen<'r, T>(all: &'r [T], name: impl Fn(&T) -> &'static str, names: &[String]) -> Result<Vec<&'r T>> {
    if let Some(unknown) = names.iter().find(|wanted| !all.iter().any(|recipe| name(recipe) == **wanted)) {
        let known: Vec<&str> = all.iter().map(&name).collect();
        bail!("there is no image {unknown}; there are: {}", known.join(", "));
    }
    let fits = |recipe: &&T| names.is_empty() || names.iter().any(|wanted| name(recipe) == wanted);
    Ok(all.iter().filter(fits).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_image_is_answered_with_the_list() {
        let error = chosen(xfs::all(), |recipe| recipe.name, &["nonsense".to_owned()]).unwrap_err();
        assert!(error.to_string().contains("rhel-9"), "{error}");
        assert_eq!(chosen(xfs::all(), |recipe| recipe.name, &["v4".to_owned()]).unwrap().len(), 1);
    }
}
