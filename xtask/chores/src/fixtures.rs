// SPDX-License-Identifier: MIT OR Apache-2.0
//! File system images, and what the running kernel says of them.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Result, bail};
use clap::ValueEnum;
use lamboot_fixtures::{ext, xfs};
use lamboot_fixtures::btrfs;
use lamboot_fixtures::xfs::{self, Recipe, Tools};

use crate::artifacts::{self, Age};
use crate::setup;
use crate::tree::Tree;

/// A file system that there are images of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// ext2, ext3 and ext4.
    Ext,
    /// btrfs.
    Btrfs,
    /// XFS.
    Xfs,
}

/// An image of either kind.
enum Recipe {
    Ext(&'static ext::Recipe),
    Xfs(&'static xfs::Recipe, xfs::Tools),
}

impl Recipe {
    fn name(&self) -> &'static str {
        match self {
            Self::Ext(recipe) => recipe.name,
            Self::Xfs(recipe, _) => recipe.name,
        }
    }

    fn make(&self, folder: &Path) -> Result<PathBuf> {
        match self {
            Self::Ext(recipe) => recipe.make(folder),
            Self::Xfs(recipe, tools) => recipe.make(tools, folder),
        }
    }

    /// How many names are the same as the referee has them.
    fn judge(&self, image: &Path) -> Result<u64> {
        match self {
            Self::Ext(recipe) => Ok(recipe.judge(image)?.names),
            Self::Xfs(recipe, _) => Ok(recipe.judge(image)?.names),
        }
    }

    fn remove(&self, image: &Path) -> Result<()> {
        match self {
            Self::Ext(recipe) => recipe.remove(image),
            Self::Xfs(recipe, _) => recipe.remove(image),
        }
    }

    /// Packs the image, if its packed form is kept beside tests.
    fn pack(&self, image: &Path, packed: &Path) -> Result<bool> {
        let kept = match self {
            Self::Ext(recipe) => ext::kept().any(|kept| kept.name == recipe.name),
            Self::Xfs(recipe, _) => xfs::kept().any(|kept| kept.name == recipe.name),
        };
        if kept {
            match self {
                Self::Ext(_) => ext::pack(image, packed)?,
                Self::Xfs(..) => xfs::pack(image, packed)?,
            }
        }
        Ok(kept)
    }
}

impl Kind {
    /// The images: all, or those that each test run compares. Fetches what they are made with.
    fn recipes(self, all: bool) -> Result<Vec<Recipe>> {
        match self {
            Self::Ext => {
                setup::ensure(setup::EXT)?;
                let quick: Vec<_> = ext::quick().map(|recipe| recipe.name).collect();
                let fits = |recipe: &&ext::Recipe| all || quick.contains(&recipe.name);
                Ok(ext::all().iter().filter(fits).map(Recipe::Ext).collect())
            }
            Self::Xfs => {
                setup::ensure(setup::XFS)?;
                let tools = xfs::Tools::at(&artifacts::xfsprogs(Age::Any)?);
                let quick: Vec<_> = xfs::quick().map(|recipe| recipe.name).collect();
                let fits = |recipe: &&xfs::Recipe| all || quick.contains(&recipe.name);
                Ok(xfs::all().iter().filter(fits).map(|recipe| Recipe::Xfs(recipe, tools.clone())).collect())
            }
        }
    }

    fn folder(self) -> &'static str {
        match self {
            Self::Ext => "fixtures/ext",
            Self::Xfs => "fixtures/xfs",
        }
    }
}

/// Makes the images called `names` (all, where none is named) in the artifacts folder, and packs those
/// that are kept beside tests (`lib/xfs-view/tests/images`, `lib/ext-view/tests/images`).
/// that are kept beside tests (`lib/xfs-view/tests/images`, `lib/btrfs-view/tests/images`).
///
/// # Errors
/// A tool is missing, we are not root, or an image does not have what it is for.
pub fn make(tree: &Tree, kind: Kind, names: &[String]) -> Result<()> {
    let folder = tree.artifacts().join(kind.folder());
    fs::create_dir_all(&folder)?;
    for recipe in chosen(kind.recipes(true)?, names)? {
        let image = recipe.make(&folder)?;
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
        let packed = image.with_extension("packed");
        if recipe.pack(&image, &packed)? {
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
    let recipes = chosen(kind.recipes(all || !names.is_empty())?, names)?;
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
        let name = recipe.name();
        let image = match recipe.make(folder.path()) {
            Ok(image) => image,
            Err(error) => {
                println!("{name}: {error:#}");
                wrong.push(name);
                continue;
            }
        };
        match recipe.judge(&image) {
            Ok(names) => {
                println!("{name}: {names} names the same, in {:.1} s", start.elapsed().as_secs_f64());
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

fn chosen(all: Vec<Recipe>, names: &[String]) -> Result<Vec<Recipe>> {
    if let Some(name) = names.iter().find(|name| !all.iter().any(|recipe| recipe.name() == **name)) {
        let known: Vec<&str> = all.iter().map(Recipe::name).collect();
        bail!("there is no image {name}; there are: {}", known.join(", "));
    }
    let fits = |recipe: &Recipe| names.is_empty() || names.iter().any(|name| recipe.name() == name);
    Ok(all.into_iter().filter(fits).collect())
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
        let all = || ext::all().iter().map(Recipe::Ext).collect();
        let error = chosen(all(), &["nonsense".to_owned()]).err().unwrap();
        assert!(error.to_string().contains("rhel-9"), "{error}");
        assert_eq!(chosen(all(), &["ext2".to_owned()]).unwrap().len(), 1);
        let error = chosen(xfs::all(), |recipe| recipe.name, &["nonsense".to_owned()]).unwrap_err();
        assert!(error.to_string().contains("rhel-9"), "{error}");
        assert_eq!(chosen(xfs::all(), |recipe| recipe.name, &["v4".to_owned()]).unwrap().len(), 1);
    }
}
