// SPDX-License-Identifier: MIT OR Apache-2.0
//! Asks other programs about images that they and others made of generated folders.
//!
//! Runs when `LAMBOOT_REFEREES=1`, as the project's whole test run sets it, and then fails where a
//! tool is missing. Needs `xorriso`, and `genisoimage` with its `isoinfo`. What one of them made, the
//! other judges; what went in is known besides.

use iso_view::{Iso, Kind, Names, ReadAt};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::unix::fs::{FileExt, symlink};
use std::path::Path;
use std::process::{Command, Output};

fn asked_for() -> bool {
    let asked = std::env::var_os("LAMBOOT_REFEREES").is_some_and(|value| value == "1");
    if !asked {
        eprintln!("referee not asked: LAMBOOT_REFEREES is not 1");
    }
    asked
}

fn run(command: &mut Command) -> Output {
    let tool = command.get_program().to_string_lossy().into_owned();
    let output = command.output().unwrap_or_else(|error| panic!("referee `{tool}` cannot be asked: {error}"));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "referee `{tool}` failed: {errors}");
    output
}

fn runner(cases: u32) -> TestRunner {
    TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() })
}

struct Image(File);

impl ReadAt for Image {
    type Error = std::io::Error;

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> std::io::Result<()> {
        self.0.read_exact_at(buffer, offset)
    }
}

fn open(image: &Path) -> Iso<Image> {
    Iso::open(Image(File::open(image).unwrap())).unwrap()
}

/// Paths from the root, with the bytes of files; folders have none.
type Tree = BTreeMap<String, Option<Vec<u8>>>;

fn ours(iso: &mut Iso<Image>) -> Tree {
    let mut tree = Tree::new();
    let mut folders = vec![String::new()];
    while let Some(folder) = folders.pop() {
        for entry in iso.read_dir(&folder, usize::MAX).unwrap() {
            let path = format!("{folder}/{}", entry.name);
            let bytes = match entry.kind {
                Kind::Directory => {
                    folders.push(path.clone());
                    None
                }
                // Links are read where they lead; in generated folders they always do.
                _ => Some(bytes_of(iso, &path)),
            };
            assert!(tree.insert(path, bytes).is_none(), "a name stands twice");
        }
    }
    tree
}

fn bytes_of(iso: &mut Iso<Image>, path: &str) -> Vec<u8> {
    let node = iso.lookup(path).unwrap();
    iso.read(&node, 1 << 20).unwrap()
}

fn on_disk(root: &Path) -> Tree {
    let mut tree = Tree::new();
    let mut folders = vec![String::new()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root.join(folder.trim_start_matches('/'))).unwrap() {
            let entry = entry.unwrap();
            let path = format!("{folder}/{}", entry.file_name().into_string().unwrap());
            let bytes = if entry.file_type().unwrap().is_dir() {
                folders.push(path.clone());
                None
            } else {
                Some(fs::read(entry.path()).unwrap())
            };
            tree.insert(path, bytes);
        }
    }
    tree
}

/// What to put into an image: paths to the lengths of files, and links from the root.
#[derive(Clone, Debug)]
struct Recipe {
    files: BTreeMap<Vec<String>, usize>,
    links: Vec<String>,
}

/// No name of a file is that of a folder, and none differ in case only.
fn recipe(folder: &'static str, file: &'static str, depth: usize) -> impl Strategy<Value = Recipe> {
    let path = (proptest::collection::vec(folder, 0..=depth), file).prop_map(|(mut folders, file)| {
        folders.push(file);
        folders
    });
    let length = prop_oneof![0_usize..10, 2040_usize..2060, 0_usize..20_000];
    let files = proptest::collection::btree_map(path, length, 1..12);
    let links = proptest::collection::vec("l[a-z0-9]{1,20}", 0..3);
    (files, links).prop_map(|(files, links)| Recipe { files, links })
}

impl Recipe {
    fn make(&self, root: &Path, with_links: bool) {
        for (path, &length) in &self.files {
            let file = root.join(path.join("/"));
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            let bytes: Vec<u8> = (0..length).map(|n| (n * 7 + length) as u8).collect();
            fs::write(file, bytes).unwrap();
        }
        let Some(target) = self.files.keys().next().filter(|_| with_links) else { return };
        for link in &self.links {
            let _ = symlink(target.join("/"), root.join(format!("{link}.link")));
        }
    }
}

fn make(program: &[&str], options: &[&str], root: &Path, image: &Path) {
    let mut command = Command::new(program[0]);
    command.args(&program[1..]).args(options).args(["-V", "A Label", "-o"]).arg(image).arg(root);
    run(&mut command);
}

const XORRISO: &[&str] = &["xorriso", "-as", "mkisofs"];
const GENISOIMAGE: &[&str] = &["genisoimage", "-quiet"];

/// The files as `xorriso` extracts them.
fn xorriso_says(image: &Path, into: &Path) -> Tree {
    let mut command = Command::new("xorriso");
    command.args(["-abort_on", "FATAL", "-osirrox", "on", "-indev"]).arg(image);
    run(command.args(["-extract", "/"]).arg(into));
    on_disk(into)
}

/// The paths that `isoinfo` lists, without the folder in which relocated ones are put.
fn isoinfo_says(image: &Path, options: &[&str]) -> Vec<String> {
    let output = run(Command::new("isoinfo").arg("-f").args(options).arg("-i").arg(image));
    let listed = String::from_utf8(output.stdout).unwrap();
    let mut paths: Vec<String> = listed.lines().map(str::to_owned).collect();
    paths.sort();
    paths
}

fn without_moved(tree: Tree) -> Tree {
    tree.into_iter().filter(|(path, _)| !path.to_lowercase().starts_with("/rr_moved")).collect()
}

fn check_rock_ridge(program: &[&str], options: &[&str], recipe: &Recipe) -> Result<(), TestCaseError> {
    let folder = tempfile::tempdir().unwrap();
    let (root, image) = (folder.path().join("root"), folder.path().join("image.iso"));
    recipe.make(&root, true);
    make(program, options, &root, &image);
    let mut iso = open(&image);
    prop_assert_eq!((iso.names(), iso.label()), (Names::RockRidge, "A Label"));
    let ours = without_moved(ours(&mut iso));
    prop_assert_eq!(&ours, &on_disk(&root));
    let extracted = xorriso_says(&image, &folder.path().join("extracted"));
    prop_assert_eq!(&ours, &without_moved(extracted));
    Ok(())
}

const LONG: &str = "[A-Za-z0-9éß ][A-Za-z0-9 ._+~éß-]{0,80}f";

#[test]
fn rock_ridge_by_genisoimage() {
    if !asked_for() {
        return;
    }
    let check = |recipe| check_rock_ridge(GENISOIMAGE, &["-R", "-J", "-joliet-long"], &recipe);
    runner(25).run(&recipe("d[a-z0-9]{1,9}", LONG, 12), check).unwrap();
}

#[test]
fn rock_ridge_by_xorriso() {
    if !asked_for() {
        return;
    }
    runner(25)
        .run(&recipe("d[A-Za-z0-9 ]{0,9}d", LONG, 12), |recipe| {
            check_rock_ridge(XORRISO, &["-R", "-J", "-joliet-long"], &recipe)
        })
        .unwrap();
}

#[test]
fn rock_ridge_by_xorriso_as_isoinfo_lists_it() {
    if !asked_for() {
        return;
    }
    runner(25)
        .run(&recipe("d[a-z0-9]{1,9}", "[a-z0-9][A-Za-z0-9._+-]{0,80}f", 5), |recipe| {
            let folder = tempfile::tempdir().unwrap();
            let (root, image) = (folder.path().join("root"), folder.path().join("image.iso"));
            recipe.make(&root, true);
            make(XORRISO, &["-R"], &root, &image);
            let ours: Vec<String> = ours(&mut open(&image)).into_keys().collect();
            prop_assert_eq!(ours, isoinfo_says(&image, &["-R"]));
            Ok(())
        })
        .unwrap();
}

#[test]
fn joliet_by_genisoimage() {
    if !asked_for() {
        return;
    }
    runner(25)
        .run(&recipe("d[a-z0-9é]{1,9}", "[a-z0-9é][a-z0-9 ._+~é-]{0,50}f", 5), |recipe| {
            let folder = tempfile::tempdir().unwrap();
            let (root, image) = (folder.path().join("root"), folder.path().join("image.iso"));
            recipe.make(&root, false);
            make(GENISOIMAGE, &["-J", "-input-charset", "utf-8"], &root, &image);
            let mut iso = open(&image);
            prop_assert_eq!(iso.names(), Names::Joliet);
            let ours = ours(&mut iso);
            prop_assert_eq!(&ours, &on_disk(&root));
            prop_assert_eq!(&ours, &xorriso_says(&image, &folder.path().join("extracted")));
            Ok(())
        })
        .unwrap();
}

#[test]
fn plain_names_by_genisoimage() {
    if !asked_for() {
        return;
    }
    runner(25)
        .run(&recipe("d[a-z0-9]{1,9}", "[a-z0-9]{1,12}(\\.[a-z]{1,4})?f", 5), |recipe| {
            let folder = tempfile::tempdir().unwrap();
            let (root, image) = (folder.path().join("root"), folder.path().join("image.iso"));
            recipe.make(&root, false);
            make(GENISOIMAGE, &[], &root, &image);
            let mut iso = open(&image);
            prop_assert_eq!(iso.names(), Names::Plain);
            let ours = ours(&mut iso);
            let listed = isoinfo_says(&image, &[]);
            let plain = |path: &String| {
                let path = path.strip_suffix(";1").unwrap_or(path);
                path.strip_suffix('.').unwrap_or(path).to_owned()
            };
            prop_assert_eq!(
                ours.keys().cloned().collect::<Vec<_>>(),
                listed.iter().map(plain).collect::<Vec<_>>()
            );
            for path in &listed {
                let Some(bytes) = &ours[&plain(path)] else { continue };
                let output = run(Command::new("isoinfo").arg("-i").arg(&image).args(["-x", path]));
                prop_assert_eq!(bytes, &output.stdout, "{}", path);
                prop_assert_eq!(bytes, &bytes_of(&mut iso, &plain(path).to_lowercase()));
            }
            Ok(())
        })
        .unwrap();
}
