// SPDX-License-Identifier: MIT OR Apache-2.0
//! File system images, and what the running kernel says of them.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, Result, bail, ensure};
use clap::ValueEnum;
use lamboot_fixtures::{btrfs, ext, fat, xfs};

use crate::artifacts::{self, Age};
use crate::setup;
use crate::tree::Tree;

/// A file system that there are images of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// btrfs.
    Btrfs,
    /// ext2, ext3 and ext4.
    Ext,
    /// FAT12, FAT16 and FAT32.
    Fat,
    /// XFS.
    Xfs,
}

/// An image of any kind.
enum Recipe {
    Btrfs(&'static btrfs::Recipe),
    Ext(&'static ext::Recipe),
    Fat(&'static fat::Recipe),
    Xfs(&'static xfs::Recipe, xfs::Tools),
}

impl Recipe {
    fn name(&self) -> &'static str {
        match self {
            Self::Btrfs(recipe) => recipe.name,
            Self::Ext(recipe) => recipe.name,
            Self::Fat(recipe) => recipe.name,
            Self::Xfs(recipe, _) => recipe.name,
        }
    }

    /// Whether its packed form is kept beside tests.
    fn is_kept(&self) -> bool {
        let name = self.name();
        match self {
            Self::Btrfs(_) => btrfs::kept().any(|kept| kept.name == name),
            Self::Ext(_) => ext::kept().any(|kept| kept.name == name),
            Self::Fat(_) => false,
            Self::Xfs(..) => xfs::kept().any(|kept| kept.name == name),
        }
    }

    /// The files of the image, and its packed form if that is kept.
    fn make(&self, folder: &Path) -> Result<Vec<PathBuf>> {
        let mut files = match self {
            Self::Btrfs(recipe) => recipe.make(folder)?.devices,
            Self::Ext(recipe) => vec![recipe.make(folder)?],
            Self::Fat(recipe) => vec![recipe.make(folder)?],
            Self::Xfs(recipe, tools) => vec![recipe.make(tools, folder)?],
        };
        if self.is_kept() {
            let image = files.first().context("an image without a device")?;
            let packed = folder.join(self.name()).with_extension("packed");
            self.pack(image, &packed)?;
            files.push(packed);
        }
        Ok(files)
    }

    fn pack(&self, image: &Path, packed: &Path) -> Result<()> {
        match self {
            Self::Xfs(..) => xfs::pack(image, packed, xfs::Log::LeftOut),
            Self::Btrfs(_) | Self::Ext(_) | Self::Fat(_) => {
                Ok(lamboot_packed::pack(image, packed, |_, _| true)?)
            }
        }
    }

    /// Makes the image, counts the names that are the same as the referee has them, and removes it.
    fn judge(&self, folder: &Path) -> Result<u64> {
        Ok(match self {
            Self::Btrfs(recipe) => {
                let image = recipe.make(folder)?;
                let found = recipe.judge(&image);
                image.remove()?;
                found?.names
            }
            Self::Ext(recipe) => {
                let image = recipe.make(folder)?;
                let found = recipe.judge(&image);
                recipe.remove(&image)?;
                found?.names
            }
            Self::Fat(recipe) => {
                let image = recipe.make(folder)?;
                let found = recipe.judge(&image);
                recipe.remove(&image)?;
                found?.names
            }
            Self::Xfs(recipe, tools) => {
                let image = recipe.make(tools, folder)?;
                let found = recipe.judge(&image);
                recipe.remove(&image)?;
                found?.names
            }
        })
    }
}

impl Kind {
    /// The images: all, or those that each test run compares. Fetches what they are made with.
    fn recipes(self, all: bool) -> Result<Vec<Recipe>> {
        match self {
            Self::Btrfs => {
                setup::ensure(setup::BTRFS)?;
                let quick = btrfs::quick().map(Recipe::Btrfs);
                Ok(if all { btrfs::all().iter().map(Recipe::Btrfs).collect() } else { quick.collect() })
            }
            Self::Ext => {
                setup::ensure(setup::EXT)?;
                let quick = ext::quick().map(Recipe::Ext);
                Ok(if all { ext::all().iter().map(Recipe::Ext).collect() } else { quick.collect() })
            }
            Self::Fat => {
                setup::ensure(setup::FAT)?;
                let quick = fat::quick().map(Recipe::Fat);
                Ok(if all { fat::all().iter().map(Recipe::Fat).collect() } else { quick.collect() })
            }
            Self::Xfs => {
                let tools = xfs_tools()?;
                let recipe = |recipe| Recipe::Xfs(recipe, tools.clone());
                Ok(if all {
                    xfs::all().iter().map(recipe).collect()
                } else {
                    xfs::quick().map(recipe).collect()
                })
            }
        }
    }

    /// The name in figures, and of its folder.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Btrfs => "btrfs",
            Self::Ext => "ext",
            Self::Fat => "fat",
            Self::Xfs => "xfs",
        }
    }

    /// Where its images are made.
    #[must_use]
    pub fn folder(self, tree: &Tree) -> PathBuf {
        tree.artifacts().join("fixtures").join(self.name())
    }
}

/// Makes the images called `names` (all, where none is named) in the artifacts folder, and packs those
/// that are kept beside tests (`tests/images` of `lib/xfs-view`, `lib/ext-view` and `lib/btrfs-view`): of XFS
/// also `small-crash`, as a crash leaves it, and what the kernel recovers of it.
///
/// # Errors
/// A tool is missing, we are not root, or an image does not have what it is for.
pub fn make(tree: &Tree, kind: Kind, names: &[String]) -> Result<()> {
    let folder = kind.folder(tree);
    fs::create_dir_all(&folder)?;
    let is_crash = |name: &String| kind == Kind::Xfs && name == xfs::live::SMALL;
    let (crashes, others): (Vec<_>, Vec<_>) = names.iter().cloned().partition(is_crash);
    if kind == Kind::Xfs && (names.is_empty() || !crashes.is_empty()) {
        let packed = xfs::live::small(&xfs_tools()?, &folder)?;
        packed.iter().for_each(|packed| println!("{}", packed.display()));
    }
    if !crashes.is_empty() && others.is_empty() {
        return Ok(());
    }
    for recipe in chosen(kind.recipes(true)?, &others)? {
        recipe.make(&folder)?.iter().for_each(|file| println!("{}", file.display()));
    }
    Ok(())
}

/// Makes images and compares every file of them with what the running kernel says: of `all`, of those
/// called `names`, else of those that each test run compares.
///
/// # Errors
/// As [`make`], and where there is a difference (after all were compared).
pub fn diff(kind: Kind, all: bool, names: &[String]) -> Result<()> {
    let judged = judge(chosen(kind.recipes(all || !names.is_empty())?, names)?, |line| println!("{line}"))?;
    if judged.wrong.is_empty() { Ok(()) } else { bail!("differences in {}", judged.wrong.join(", ")) }
}

/// What came of comparing images with their referees.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judged {
    /// How many images there were.
    pub images: usize,
    /// Names in those that are the same.
    pub names: u64,
    /// The images in which something differs.
    pub wrong: Vec<&'static str>,
}

/// Compares every image of a kind; `say` is told what came of each.
///
/// # Errors
/// As [`make`].
pub fn judge_all(kind: Kind, say: impl FnMut(&str)) -> Result<Judged> {
    judge(kind.recipes(true)?, say)
}

fn judge(recipes: Vec<Recipe>, mut say: impl FnMut(&str)) -> Result<Judged> {
    let folder = tempfile::tempdir()?;
    let mut judged = Judged::default();
    for recipe in recipes {
        let (name, start) = (recipe.name(), Instant::now());
        judged.images += 1;
        match recipe.judge(folder.path()) {
            Ok(names) => {
                judged.names += names;
                say(&format!("{name}: {names} names the same, in {:.1} s", start.elapsed().as_secs_f64()));
            }
            Err(error) => {
                judged.wrong.push(name);
                say(&format!("{name}: {error:#}"));
            }
        }
    }
    Ok(judged)
}

fn xfs_tools() -> Result<xfs::Tools> {
    ensure!(xfs::is_root(), "{}", xfs::NEEDS_ROOT);
    setup::ensure(setup::XFS)?;
    Ok(xfs::Tools::at(&artifacts::xfsprogs(Age::Any)?))
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
