// SPDX-License-Identifier: MIT OR Apache-2.0
//! Two builds of the same sources, in folders of different names, make the same bytes.
//!
//! Run by `cargo xtask test` only: it needs a Rust for UEFI, and builds the loader anew.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use lamboot_chores::arch::Arch;
use lamboot_chores::tree::Tree;
use lamboot_chores::{build, process};

#[test]
fn two_builds_from_two_folders_are_identical() {
    let tree = Tree::find().unwrap();
    build::uefi(&tree, &[Arch::X86_64]).unwrap();
    let first = loader(&tree.artifacts());

    let copy = Copy::of(&tree);
    let mut second = Command::new(env!("CARGO_BIN_EXE_lamboot-chores"));
    second.current_dir(&copy.tree).args(["build", "--arch", "x86_64"]);
    second.env("CARGO_MANIFEST_DIR", &copy.tree).env("CARGO_TARGET_DIR", copy.folder.join("elsewhere"));
    process::run(second.env_remove("LAMBOOT_ARTIFACTS")).unwrap();
    let second = loader(&copy.folder.join("elsewhere/artifacts"));

    let folder = copy.folder.as_os_str().as_bytes();
    assert!(!contains(&second, folder), "the image names its builder's folder");
    assert_eq!(first.len(), second.len(), "the images differ in size");
    let difference = first.iter().zip(&second).position(|(a, b)| a != b);
    assert_eq!(difference, None, "the images differ at this offset");
}

fn loader(artifacts: &Path) -> Vec<u8> {
    fs::read(artifacts.join("x86_64").join(Arch::X86_64.loader())).unwrap()
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

/// The sources in another folder, removed in the end.
struct Copy {
    folder: PathBuf,
    tree: PathBuf,
}

impl Copy {
    /// Copies every file that git knows, or would add, as it is on the disk now.
    fn of(tree: &Tree) -> Self {
        let folder = std::env::temp_dir().join(format!("lamboot-reproducible-{}", std::process::id()));
        let copy = Self { tree: folder.join("a longer name"), folder };
        let mut list = Command::new("git");
        list.current_dir(tree.root()).args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
        let list = list.output().unwrap();
        assert!(list.status.success(), "git ls-files: {}", String::from_utf8_lossy(&list.stderr));
        for name in list.stdout.split(|&byte| byte == 0).filter(|name| !name.is_empty()) {
            let name = Path::new(OsStr::from_bytes(name));
            let (from, to) = (tree.root().join(name), copy.tree.join(name));
            if from.is_file() {
                fs::create_dir_all(to.parent().unwrap()).unwrap();
                fs::copy(from, to).unwrap();
            }
        }
        copy
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}
