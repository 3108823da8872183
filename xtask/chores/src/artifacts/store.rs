// SPDX-License-Identifier: MIT OR Apache-2.0
//! Fetched things, kept in the user's cache by version.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::Age;
use crate::tree;

/// The link beside the versions of a thing that leads to the one in use.
const CURRENT: &str = "current";

/// The fetched things of one archive.
pub(super) struct Store {
    folder: PathBuf,
}

impl Store {
    /// The store of the archive called `name`.
    pub(super) fn of(name: &str) -> Result<Self> {
        Self::at(tree::cache()?.join("packages").join(name))
    }

    fn at(folder: PathBuf) -> Result<Self> {
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        Ok(Self { folder })
    }

    /// Where the store keeps things.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder of `thing`. Only if it is not there yet, or `age` asks for it, `newest` is
    /// called: for the name of its newest version, and a way to fill an empty folder with it.
    pub(super) fn get<F>(
        &self,
        thing: &str,
        age: Age,
        newest: impl FnOnce() -> Result<(String, F)>,
    ) -> Result<PathBuf>
    where
        F: FnOnce(&Path) -> Result<()>,
    {
        let current = self.folder.join(thing).join(CURRENT);
        if age == Age::Any && current.exists() {
            return Ok(current);
        }
        let _turn = self.wait_for_turn()?;
        if age == Age::Any && current.exists() {
            return Ok(current); // somebody else fetched it meanwhile
        }
        let (version, fill) = newest()?;
        let place = current.with_file_name(&version);
        if !place.exists() {
            eprintln!("fetching {version}");
            fill_in_one_step(&place, fill)?;
        }
        point(&current, &version)?;
        Ok(current)
    }

    /// One process at a time fetches; held until the file is closed.
    fn wait_for_turn(&self) -> Result<File> {
        let lock = File::create(self.folder.join("lock"))?;
        lock.lock().context("cannot lock the cache")?;
        Ok(lock)
    }
}

/// Fills a folder beside `place` and renames it, so that `place` is never half full.
fn fill_in_one_step(place: &Path, fill: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    let half = place.with_file_name("half");
    if half.exists() {
        fs::remove_dir_all(&half)?; // left by a run that was interrupted
    }
    fs::create_dir_all(&half)?;
    fill(&half)?;
    fs::rename(&half, place).with_context(|| format!("cannot write {}", place.display()))
}

/// Makes the link `current` lead to its neighbour `version`.
fn point(current: &Path, version: &str) -> Result<()> {
    let new = current.with_file_name("new");
    let _ = fs::remove_file(&new);
    symlink(version, &new)?;
    fs::rename(&new, current).with_context(|| format!("cannot write {}", current.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::bail;

    type Fill = fn(&Path) -> Result<()>;

    fn store(name: &str) -> Store {
        let folder = std::env::temp_dir().join(format!("lamboot-store-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        Store::at(folder).unwrap()
    }

    fn write(folder: &Path) -> Result<()> {
        Ok(fs::write(folder.join("file"), "whole")?)
    }

    #[test]
    fn what_is_there_is_not_asked_for_again() {
        let store = store("again");
        let first = store.get("a", Age::Any, || Ok(("a_1".into(), write as Fill))).unwrap();
        assert_eq!(fs::read_to_string(first.join("file")).unwrap(), "whole");
        let offline = || -> Result<(String, Fill)> { bail!("no network") };
        assert_eq!(store.get("a", Age::Any, offline).unwrap(), first);
        assert!(store.get("a", Age::Newest, offline).is_err());
        fs::remove_dir_all(store.folder()).unwrap();
    }

    #[test]
    fn a_newer_version_is_fetched_once() {
        let store = store("newer");
        let never: Fill = |_| bail!("fetched twice");
        store.get("a", Age::Newest, || Ok(("a_1".into(), write as Fill))).unwrap();
        store.get("a", Age::Newest, || Ok(("a_2".into(), write as Fill))).unwrap();
        let current = store.get("a", Age::Newest, || Ok(("a_2".into(), never))).unwrap();
        assert_eq!(fs::read_link(current).unwrap(), Path::new("a_2"));
        fs::remove_dir_all(store.folder()).unwrap();
    }

    #[test]
    fn a_failed_fetch_leaves_what_was_there() {
        let store = store("failed");
        store.get("a", Age::Any, || Ok(("a_1".into(), write as Fill))).unwrap();
        let broken: Fill = |folder| {
            fs::write(folder.join("file"), "ha")?;
            bail!("connection lost")
        };
        assert!(store.get("a", Age::Newest, || Ok(("a_2".into(), broken))).is_err());
        let current = store.get("a", Age::Any, || Ok(("a_3".into(), broken))).unwrap();
        assert_eq!(fs::read_to_string(current.join("file")).unwrap(), "whole");
        fs::remove_dir_all(store.folder()).unwrap();
    }
}
