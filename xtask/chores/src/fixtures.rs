// SPDX-License-Identifier: MIT OR Apache-2.0
//! File system images, and what the running kernel says of them.

use std::fs;
use std::path::Path;
use std::time::Instant;

use anyhow::{Result, bail};
use clap::ValueEnum;
use lamboot_fixtures::fat;
use lamboot_fixtures::xfs::{self, Recipe, Tools};

use crate::artifacts::{self, Age};
use crate::setup;
use crate::tree::Tree;

/// A file system that there are images of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// XFS.
    Xfs,
    /// FAT12, FAT16 and FAT32.
    Fat,
}

/// Makes the images called `names` (all, where none is named) in the artifacts folder, and packs those
/// that are kept beside tests (`lib/xfs-view/tests/images`).
///
/// # Errors
/// A tool is missing, we are not root, or an image does not have what it is for.
pub fn make(tree: &Tree, kind: Kind, names: &[String]) -> Result<()> {
    match kind {
        Kind::Xfs => make_xfs(tree, names),
        Kind::Fat => make_fat(tree, names),
    }
}

fn make_fat(tree: &Tree, names: &[String]) -> Result<()> {
    setup::ensure(setup::FAT)?;
    let folder = tree.artifacts().join("fixtures/fat");
    fs::create_dir_all(&folder)?;
    for recipe in chosen(fat::all().iter(), names)? {
        println!("{}", recipe.make(&folder)?.display());
    }
    Ok(())
}

fn make_xfs(tree: &Tree, names: &[String]) -> Result<()> {
    let tools = tools()?;
    let folder = tree.artifacts().join("fixtures/xfs");
    fs::create_dir_all(&folder)?;
    let kept: Vec<&str> = xfs::kept().map(|recipe| recipe.name).collect();
    for recipe in chosen(xfs::all().iter(), names)? {
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

/// Makes images and compares every file of them with what the referee says, for XFS the running kernel: of
/// `all`, of those called `names`, else of those that each test run compares.
///
/// # Errors
/// As [`make`], and where there is a difference (after all were compared).
pub fn diff(kind: Kind, all: bool, names: &[String]) -> Result<()> {
    let all = all || !names.is_empty();
    match kind {
        Kind::Xfs => diff_xfs(all, names),
        Kind::Fat => diff_fat(all, names),
    }
}

fn diff_xfs(all: bool, names: &[String]) -> Result<()> {
    let tools = tools()?;
    let recipes: Vec<&Recipe> = if all { chosen(xfs::all().iter(), names)? } else { xfs::quick().collect() };
    compare(&recipes, |recipe, folder| {
        let image = recipe.make(&tools, folder)?;
        let found = recipe.judge(&image).map(|found| found.names);
        recipe.remove(&image)?;
        Ok(found)
    })
}

fn diff_fat(all: bool, names: &[String]) -> Result<()> {
    setup::ensure(setup::FAT)?;
    let recipes: Vec<&fat::Recipe> =
        if all { chosen(fat::all().iter(), names)? } else { fat::quick().collect() };
    compare(&recipes, |recipe, folder| {
        let image = recipe.make(folder)?;
        let found = recipe.judge(&image).map(|found| found.names);
        recipe.remove(&image)?;
        Ok(found)
    })
}

/// Has `judge` make and compare each of `recipes`: it returns how many names are the same.
fn compare<T: Named>(recipes: &[&T], judge: impl Fn(&T, &Path) -> Result<Result<u64>>) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut wrong = Vec::new();
    for recipe in recipes {
        let start = Instant::now();
        match judge(recipe, folder.path())? {
            Ok(names) => {
                let seconds = start.elapsed().as_secs_f64();
                println!("{}: {names} names the same, in {seconds:.1} s", recipe.name());
            }
            Err(error) => {
                println!("{}: {error:#}", recipe.name());
                wrong.push(recipe.name());
            }
        }
    }
    if wrong.is_empty() { Ok(()) } else { bail!("differences in {}", wrong.join(", ")) }
}

/// A recipe that is asked for by its name.
trait Named {
    fn name(&self) -> &'static str;
}

impl Named for Recipe {
    fn name(&self) -> &'static str {
        self.name
    }
}

impl Named for fat::Recipe {
    fn name(&self) -> &'static str {
        self.name
    }
}

fn tools() -> Result<Tools> {
    setup::ensure(setup::XFS)?;
    Ok(Tools::at(&artifacts::xfsprogs(Age::Any)?))
}

fn chosen<'r, T: Named>(all: impl Iterator<Item = &'r T>, names: &[String]) -> Result<Vec<&'r T>> {
    let all: Vec<&T> = all.collect();
    if let Some(name) = names.iter().find(|name| !all.iter().any(|recipe| recipe.name() == **name)) {
        let known: Vec<&str> = all.iter().map(|recipe| recipe.name()).collect();
        bail!("there is no image {name}; there are: {}", known.join(", "));
    }
    let fits = |recipe: &&T| names.is_empty() || names.iter().any(|name| recipe.name() == name);
    Ok(all.into_iter().filter(fits).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_image_is_answered_with_the_list() {
        let error = chosen(xfs::all().iter(), &["nonsense".to_owned()]).unwrap_err();
        assert!(error.to_string().contains("rhel-9"), "{error}");
        assert_eq!(chosen(xfs::all().iter(), &["v4".to_owned()]).unwrap().len(), 1);
    }
}
