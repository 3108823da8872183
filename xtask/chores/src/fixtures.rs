// SPDX-License-Identifier: MIT OR Apache-2.0
//! File system images, and what the running kernel says of them.

use std::fs;
use std::time::Instant;

use anyhow::{Result, bail, ensure};
use clap::ValueEnum;
use lamboot_fixtures::xfs::{self, NEEDS_ROOT, Recipe, Tools, is_root};

use crate::artifacts::{self, Age};
use crate::setup;
use crate::tree::Tree;

/// A file system that there are images of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// XFS.
    Xfs,
}

/// Makes the images called `names` (all, where none is named) in the artifacts folder, and packs those
/// that are kept beside tests (`lib/xfs-view/tests/images`): among them `small-crash`, as a crash leaves it,
/// and what the kernel recovers of it.
///
/// # Errors
/// A tool is missing, we are not root, or an image does not have what it is for.
pub fn make(tree: &Tree, kind: Kind, names: &[String]) -> Result<()> {
    let Kind::Xfs = kind;
    let tools = tools()?;
    let folder = tree.artifacts().join("fixtures/xfs");
    fs::create_dir_all(&folder)?;
    let kept: Vec<&str> = xfs::kept().map(|recipe| recipe.name).collect();
    let (crashes, names): (Vec<_>, Vec<_>) = names.iter().cloned().partition(|name| name == xfs::live::SMALL);
    if !crashes.is_empty() || names.is_empty() {
        for packed in xfs::live::small(&tools, &folder)? {
            println!("{}", packed.display());
        }
    }
    if !crashes.is_empty() && names.is_empty() {
        return Ok(());
    }
    for recipe in chosen(xfs::all().iter(), &names)? {
        let image = recipe.make(&tools, &folder)?;
        println!("{}", image.display());
        if kept.contains(&recipe.name) {
            let packed = image.with_extension("packed");
            xfs::pack(&image, &packed, xfs::Log::LeftOut)?;
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
    let Kind::Xfs = kind;
    let tools = tools()?;
    let recipes: Vec<&Recipe> =
        if all || !names.is_empty() { chosen(xfs::all().iter(), names)? } else { xfs::quick().collect() };
    let folder = tempfile::tempdir()?;
    let mut wrong = Vec::new();
    for recipe in recipes {
        let start = Instant::now();
        let image = recipe.make(&tools, folder.path())?;
        match recipe.judge(&image) {
            Ok(found) => {
                let seconds = start.elapsed().as_secs_f64();
                println!("{}: {} names the same, in {seconds:.1} s", recipe.name, found.names);
            }
            Err(error) => {
                println!("{}: {error:#}", recipe.name);
                wrong.push(recipe.name);
            }
        }
        recipe.remove(&image)?;
    }
    if wrong.is_empty() { Ok(()) } else { bail!("differences in {}", wrong.join(", ")) }
}

fn tools() -> Result<Tools> {
    ensure!(is_root(), "{NEEDS_ROOT}");
    setup::ensure(setup::XFS)?;
    Ok(Tools::at(&artifacts::xfsprogs(Age::Any)?))
}

fn chosen<'r>(all: impl Iterator<Item = &'r Recipe>, names: &[String]) -> Result<Vec<&'r Recipe>> {
    let all: Vec<&Recipe> = all.collect();
    if let Some(name) = names.iter().find(|name| !all.iter().any(|recipe| recipe.name == **name)) {
        let known: Vec<&str> = all.iter().map(|recipe| recipe.name).collect();
        bail!("there is no image {name}; there are: {}", known.join(", "));
    }
    let fits = |recipe: &&Recipe| names.is_empty() || names.iter().any(|name| recipe.name == name);
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
