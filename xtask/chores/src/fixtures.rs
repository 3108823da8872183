// SPDX-License-Identifier: MIT OR Apache-2.0
//! File system images, and what the running kernel says of them.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Result, bail};
use clap::ValueEnum;
use lamboot_fixtures::{ext, xfs};

use crate::artifacts::{self, Age};
use crate::setup;
use crate::tree::Tree;

/// A file system that there are images of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// ext2, ext3 and ext4.
    Ext,
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
///
/// # Errors
/// A tool is missing, we are not root, or an image does not have what it is for.
pub fn make(tree: &Tree, kind: Kind, names: &[String]) -> Result<()> {
    let folder = tree.artifacts().join(kind.folder());
    fs::create_dir_all(&folder)?;
    for recipe in chosen(kind.recipes(true)?, names)? {
        let image = recipe.make(&folder)?;
        println!("{}", image.display());
        let packed = image.with_extension("packed");
        if recipe.pack(&image, &packed)? {
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
    let mut wrong = Vec::new();
    for recipe in recipes {
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
            }
            Err(error) => {
                println!("{name}: {error:#}");
                wrong.push(name);
            }
        }
        recipe.remove(&image)?;
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
    }
}
