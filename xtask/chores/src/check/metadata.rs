// SPDX-License-Identifier: MIT OR Apache-2.0
//! What `cargo metadata` tells of the workspace: its packages, and all that they depend on.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde::Deserialize;

use crate::build::toolchain;
use crate::process;
use crate::tree::Tree;

/// Every package of the workspace and of its dependencies.
#[derive(Clone, Debug, Deserialize)]
pub struct Metadata {
    /// Ours and others'.
    pub packages: Vec<Package>,
    workspace_root: PathBuf,
    workspace_members: Vec<String>,
}

/// One package, as its Cargo.toml declares it.
#[derive(Clone, Debug, Deserialize)]
pub struct Package {
    /// Cargo's identification, unique in the graph.
    pub id: String,
    /// `serde`.
    pub name: String,
    /// `1.0.229`.
    pub version: String,
    /// An SPDX expression.
    pub license: Option<String>,
    /// What it declares to depend on, whether or not this build uses it.
    pub dependencies: Vec<Dependency>,
    /// Its library, programs, tests.
    pub targets: Vec<Target>,
    /// Its Cargo.toml.
    pub manifest_path: PathBuf,
}

/// A line of a package's `[dependencies]` table.
#[derive(Clone, Debug, Deserialize)]
pub struct Dependency {
    /// The name of the other package.
    pub name: String,
    /// `dev` or `build`; none for an ordinary one.
    pub kind: Option<String>,
}

/// One thing that is compiled from a package.
#[derive(Clone, Debug, Deserialize)]
pub struct Target {
    /// Its name: of a program, the file's.
    pub name: String,
    /// `lib`, `bin`, `proc-macro`, `test`, `custom-build`, ...
    pub kind: Vec<String>,
    /// Its first source file.
    pub src_path: PathBuf,
}

impl Metadata {
    /// The packages of the workspace.
    pub fn members(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|package| self.workspace_members.contains(&package.id))
    }

    /// The member called `name`.
    ///
    /// # Errors
    /// The workspace has none.
    pub fn package(&self, name: &str) -> Result<&Package> {
        let found = self.members().find(|package| package.name == name);
        found.with_context(|| format!("the workspace has no package {name}"))
    }

    /// The folder of a member below the top of the tree: `core/lamboot-core`.
    #[must_use]
    pub fn folder<'p>(&self, package: &'p Package) -> &'p Path {
        let folder = package.manifest_path.parent().unwrap_or(&package.manifest_path);
        folder.strip_prefix(&self.workspace_root).unwrap_or(folder)
    }

    /// The members that are built for UEFI only.
    pub fn uefi_members(&self) -> impl Iterator<Item = &Package> {
        self.members().filter(|package| {
            let folder = self.folder(package);
            folder.starts_with("boot") || folder.starts_with("testing/probe")
        })
    }
}

impl Package {
    /// The names of its programs.
    pub fn programs(&self) -> impl Iterator<Item = &str> {
        let bins = self.targets.iter().filter(|target| target.kind.iter().any(|kind| kind == "bin"));
        bins.map(|target| target.name.as_str())
    }
}

/// Asks Cargo.
///
/// # Errors
/// Cargo fails, for instance because Cargo.lock does not fit the manifests.
pub fn read(tree: &Tree) -> Result<Metadata> {
    let mut command = toolchain::host(tree)?.cargo();
    command.current_dir(tree.root()).args(["metadata", "--format-version=1", "--locked"]);
    parse(&process::output(&mut command)?)
}

fn parse(text: &str) -> Result<Metadata> {
    serde_json::from_str(text).context("cannot read what `cargo metadata` wrote")
}

/// A workspace of `members`, each a folder, a package name and its dependencies
/// (`dev:name` for a dev-dependency).
#[cfg(test)]
pub(crate) fn sample(members: &[(&str, &str, &[&str])]) -> Metadata {
    let package = |(folder, name, dependencies): &(&str, &str, &[&str])| Package {
        id: (*name).to_owned(),
        name: (*name).to_owned(),
        version: "1.0.0".to_owned(),
        license: Some("MIT".to_owned()),
        dependencies: dependencies
            .iter()
            .map(|text| match text.split_once(':') {
                Some((kind, name)) => Dependency { name: name.to_owned(), kind: Some(kind.to_owned()) },
                None => Dependency { name: (*text).to_owned(), kind: None },
            })
            .collect(),
        targets: Vec::new(),
        manifest_path: Path::new("/tree").join(folder).join("Cargo.toml"),
    };
    Metadata {
        packages: members.iter().map(package).collect(),
        workspace_root: "/tree".into(),
        workspace_members: members.iter().map(|(_, name, _)| (*name).to_owned()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_cargo_writes() {
        let text = r#"{"packages":[{"name":"a","version":"0.1.0","id":"path+file:///w/boot/a#0.1.0",
            "license":null,"dependencies":[{"name":"b","kind":"dev","req":"^1"}],
            "targets":[{"name":"a","kind":["bin"],"src_path":"/w/boot/a/src/main.rs"}],
            "manifest_path":"/w/boot/a/Cargo.toml"}],
            "workspace_root":"/w","workspace_members":["path+file:///w/boot/a#0.1.0"],"version":1}"#;
        let metadata = parse(text).unwrap();
        let package = metadata.package("a").unwrap();
        assert_eq!(metadata.folder(package), Path::new("boot/a"));
        assert_eq!(package.programs().collect::<Vec<_>>(), ["a"]);
        assert_eq!(metadata.uefi_members().count(), 1);
        assert!(metadata.package("b").is_err());
    }

    #[test]
    fn host_packages_are_not_built_for_uefi() {
        let metadata = sample(&[("testing/sim", "sim", &[]), ("testing/probe", "probe", &[])]);
        assert_eq!(metadata.uefi_members().map(|package| &package.name).collect::<Vec<_>>(), ["probe"]);
    }
}
