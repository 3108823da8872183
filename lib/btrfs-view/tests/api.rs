// SPDX-License-Identifier: MIT OR Apache-2.0
//! Everything public is written down, so that no change of it goes unnoticed.
//!
//! The lint `unreachable_pub` makes sure that what is marked `pub` can be reached.

use std::fs;
use std::path::{Path, PathBuf};

const KEPT: &str = "tests/public-api.txt";

#[test]
fn the_public_api_is_as_it_is_written_down() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut lines: Vec<String> =
        sources(&root.join("src")).iter().flat_map(|file| items(root, file)).collect();
    lines.sort();
    lines.dedup();
    let found = lines.join("\n") + "\n";
    let kept = fs::read_to_string(root.join(KEPT)).unwrap();
    let new: Vec<&str> = found.lines().filter(|line| !kept.lines().any(|kept| kept == *line)).collect();
    let gone: Vec<&str> = kept.lines().filter(|line| !found.lines().any(|found| found == *line)).collect();
    assert!(found == kept, "{KEPT} lacks {new:#?} and has too much {gone:#?}");
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(sources(&path)) } else { files.push(path) }
    }
    files
}

/// The public items of a file, each on a line: what stands before its body. Variants and methods of traits
/// are public with their type, and stand as they are.
fn items(root: &Path, file: &Path) -> Vec<String> {
    let text = fs::read_to_string(file).unwrap();
    let name = file.strip_prefix(root.join("src")).unwrap().display().to_string();
    let code = text.split("#[cfg(test)]\nmod").next().unwrap_or_default();
    let code = code.split("#[cfg(test)]\npub(crate) mod").next().unwrap_or_default();
    let mut items = Vec::new();
    let mut lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    // Within a public enum or trait all is public.
    let mut inside = false;
    while let Some(line) = lines.next() {
        let is_public = line.trim_start().starts_with("pub ");
        let member = inside
            && line.starts_with("    ")
            && !line.starts_with("     ")
            && !line.trim().starts_with(['#', '}']);
        inside = if line.starts_with("pub enum") || line.starts_with("pub trait") {
            true
        } else {
            inside && line != "}"
        };
        if !is_public && !member {
            continue;
        }
        let mut item = line.trim().to_owned();
        while !item.ends_with(['{', ';', ',', '}']) {
            let Some(more) = lines.next() else { break };
            item = format!("{item} {}", more.trim());
        }
        items.push(format!("{name}: {}", item.trim_end_matches(['{', ' ', ',', ';'])));
    }
    items
}
