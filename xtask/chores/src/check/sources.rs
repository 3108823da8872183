// SPDX-License-Identifier: MIT OR Apache-2.0
//! Rules about what may stand in a source file, by the folder that it is in.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::metadata::{Metadata, Package};

/// The layers without input or output, whose crates must not need `std`.
const PURE: [&str; 2] = ["lib", "core"];
/// The only pure package that derives serialisation: the documents that others read.
const SERIALISES: &str = "core/lamboot-schema";
/// The packages that have unsafe code, with the line that their crate roots need instead of
/// `#![forbid(unsafe_code)]`; none where the folder's name is warning enough.
const UNSAFE: [(&str, Option<&str>); 3] =
    [("boot/firmware", None), ("boot/lamboot", Some("#![deny(unsafe_code)]")), ("testing/probe", None)];

/// Every source file that breaks a rule, one sentence each.
///
/// # Errors
/// A source file cannot be read.
pub fn violations(metadata: &Metadata) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for package in metadata.members() {
        let folder = metadata.folder(package);
        for root in crate_roots(package) {
            found.extend(of_crate_root(folder, &read(root)?).map(|reason| at(root, &reason)));
        }
        let sources = package.manifest_path.with_file_name("src");
        for file in rust_files(&sources)? {
            found.extend(of_file(folder, &read(&file)?).into_iter().map(|reason| at(&file, &reason)));
        }
    }
    Ok(found)
}

/// What is wrong with the first file of a crate in `folder`.
fn of_crate_root(folder: &Path, text: &str) -> Option<String> {
    let has = |line: &str| text.lines().any(|found| found.trim() == line);
    if is_pure(folder) && !has("#![no_std]") && !has("#![cfg_attr(not(test), no_std)]") {
        return Some("needs #![cfg_attr(not(test), no_std)]".to_owned());
    }
    let exception = UNSAFE.iter().find(|(place, _)| folder.starts_with(place));
    let needed = exception.map_or(Some("#![forbid(unsafe_code)]"), |(_, needed)| *needed)?;
    let enough = has(needed) || has("#![forbid(unsafe_code)]");
    (!enough).then(|| format!("needs {needed}"))
}

/// What is wrong with any file of a crate in `folder`.
fn of_file(folder: &Path, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    if !text.starts_with("// SPDX-License-Identifier: ") {
        found.push("does not start with its SPDX-License-Identifier".to_owned());
    }
    if folder.starts_with("lib") && text.to_lowercase().contains("lamboot") {
        found.push("mentions LamBoot; lib/ stands on its own".to_owned());
    }
    if is_pure(folder) && !folder.starts_with(SERIALISES) && derives_serialisation(text) {
        found.push(format!("derives serialisation; only {SERIALISES} does"));
    }
    found
}

fn is_pure(folder: &Path) -> bool {
    PURE.iter().any(|layer| folder.starts_with(layer))
}

/// Whether a `derive(...)`, on however many lines, has `Serialize` or `Deserialize`.
fn derives_serialisation(text: &str) -> bool {
    let code: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let code = code.join("\n");
    let lists = code.split("derive(").skip(1).filter_map(|rest| rest.split(')').next());
    lists
        .flat_map(|list| list.split(|c: char| !c.is_alphanumeric() && c != '_'))
        .any(|name| matches!(name, "Serialize" | "Deserialize"))
}

/// The first files of a package's library and programs.
fn crate_roots(package: &Package) -> impl Iterator<Item = &Path> {
    const SHIPPED: [&str; 3] = ["lib", "bin", "proc-macro"];
    let shipped = |kinds: &Vec<String>| kinds.iter().any(|kind| SHIPPED.contains(&kind.as_str()));
    package.targets.iter().filter(move |target| shipped(&target.kind)).map(|target| target.src_path.as_path())
}

/// Every .rs file below `folder`, in order of name.
fn rust_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

fn read(file: &Path) -> Result<String> {
    fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
}

fn at(file: &Path, reason: &str) -> String {
    format!("{} {reason}", file.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPDX: &str = "// SPDX-License-Identifier: MIT OR Apache-2.0\n";

    fn root(folder: &str, text: &str) -> Option<String> {
        of_crate_root(Path::new(folder), text)
    }

    fn file(folder: &str, text: &str) -> Vec<String> {
        of_file(Path::new(folder), &format!("{SPDX}{text}"))
    }

    #[test]
    fn unsafe_code_is_forbidden_but_for_the_listed_crates() {
        assert_eq!(root("host/lamboot-cli", "#![forbid(unsafe_code)]\n"), None);
        assert_eq!(
            root("host/lamboot-cli", "// #![forbid(unsafe_code)]\n").unwrap(),
            "needs #![forbid(unsafe_code)]"
        );
        assert_eq!(root("boot/firmware", ""), None);
        assert_eq!(root("boot/firmware-update", "").unwrap(), "needs #![forbid(unsafe_code)]");
        assert_eq!(root("boot/lamboot", "").unwrap(), "needs #![deny(unsafe_code)]");
        assert_eq!(root("boot/lamboot", "#![deny(unsafe_code)]"), None);
        assert_eq!(root("boot/lamboot", "#![forbid(unsafe_code)]"), None);
    }

    #[test]
    fn pure_layers_do_without_std() {
        let safe = "#![forbid(unsafe_code)]\n";
        assert!(root("core/lamboot-core", safe).unwrap().contains("no_std"));
        assert_eq!(root("core/lamboot-core", &format!("#![no_std]\n{safe}")), None);
        assert_eq!(root("lib/bootspec", &format!("#![cfg_attr(not(test), no_std)]\n{safe}")), None);
    }

    #[test]
    fn libraries_do_not_know_lamboot() {
        assert!(file("lib/bootspec", "//! As LamBoot does.\n")[0].contains("mentions LamBoot"));
        assert_eq!(file("core/lamboot-core", "//! As LamBoot does.\n"), Vec::<String>::new());
    }

    #[test]
    fn only_the_schema_derives_serialisation() {
        let derive = "#[derive(\n    Debug,\n    serde::Deserialize,\n)]\nstruct A;\n";
        assert!(file("core/lamboot-core", derive)[0].contains("derives serialisation"));
        assert!(file("lib/bootspec", "#[cfg_attr(x, derive(Serialize))]")[0].contains("derives"));
        assert_eq!(file("core/lamboot-schema", derive), Vec::<String>::new());
        assert_eq!(file("host/lamboot-host", derive), Vec::<String>::new());
        assert_eq!(file("core/lamboot-core", "// derive(Serialize)\n#[derive(Clone)]"), Vec::<String>::new());
    }

    #[test]
    fn every_file_names_its_licence() {
        assert_eq!(of_file(Path::new("host/a"), "fn a() {}\n").len(), 1);
    }
}
