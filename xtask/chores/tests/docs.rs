// SPDX-License-Identifier: MIT OR Apache-2.0
//! The documentation says what the code says: printed pages are current, examples are valid, links
//! lead somewhere, and every test that is named exists.

use std::fs;
use std::path::{Path, PathBuf};

use lamboot_chores::docs;
use lamboot_chores::tree::Tree;
use lamboot_core::policy;
use lamboot_schema::trust_log::{Event, Record, Status, VerifiedVia};

/// A page of the documentation.
struct Page {
    path: PathBuf,
    text: String,
}

/// A fenced example.
struct Example<'p> {
    page: &'p Path,
    language: &'p str,
    text: String,
}

fn root() -> PathBuf {
    Tree::find().unwrap().root().to_path_buf()
}

/// The Markdown at the top of the tree and everything in docs/.
fn pages() -> Vec<Page> {
    let root = root();
    let mut folders = vec![root.join("docs")];
    let mut files = markdown_in(&root).0;
    while let Some(folder) = folders.pop() {
        let (pages, more) = markdown_in(&folder);
        files.extend(pages);
        folders.extend(more);
    }
    assert!(files.len() > 15, "{files:?}");
    files.into_iter().map(|path| Page { text: fs::read_to_string(&path).unwrap(), path }).collect()
}

/// The Markdown files of a folder, and its folders.
fn markdown_in(folder: &Path) -> (Vec<PathBuf>, Vec<PathBuf>) {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let (folders, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    let is_page = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "md");
    (files.into_iter().filter(is_page).collect(), folders)
}

fn examples(page: &Page) -> Vec<Example<'_>> {
    let mut examples: Vec<Example<'_>> = Vec::new();
    let mut inside = false;
    for line in page.text.lines() {
        match (line.trim_start().strip_prefix("```"), inside) {
            (Some(language), false) => {
                examples.push(Example { page: &page.path, language, text: String::new() });
                inside = true;
            }
            (Some(_), true) => inside = false,
            (None, true) => examples.last_mut().unwrap().text += &format!("{line}\n"),
            (None, false) => {}
        }
    }
    assert!(!inside, "{}: an example without end", page.path.display());
    examples
}

/// Runs `judge` on every example in `language`; there are at least `least`.
fn each_example(language: &str, least: usize, judge: impl Fn(&Example<'_>)) {
    let pages = pages();
    let examples: Vec<_> = pages.iter().flat_map(examples).filter(|one| one.language == language).collect();
    assert!(examples.len() >= least, "{} examples in {language}", examples.len());
    examples.iter().for_each(judge);
}

/// What stands between backticks, outside of fenced examples.
fn code_spans(page: &Page) -> Vec<String> {
    let mut inside = false;
    let prose = page.text.lines().filter(|line| {
        let fence = line.trim_start().starts_with("```");
        inside ^= fence;
        !inside && !fence
    });
    prose.flat_map(|line| line.split('`').skip(1).step_by(2).map(str::to_owned)).collect()
}

#[test]
fn printed_pages_are_what_the_code_prints() {
    let old: Vec<_> = docs::old(&Tree::find().unwrap()).into_iter().map(|page| page.path).collect();
    assert!(old.is_empty(), "{old:?}: `cargo xtask docs` writes them");
}

#[test]
fn the_menu_of_the_readme_is_what_the_loader_draws() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let picture = docs::menu::picture();
    assert!(readme.contains(&picture), "README.md should have this menu:\n{picture}");
}

#[test]
fn every_policy_in_the_documentation_is_without_mistakes() {
    each_example("toml", 5, |example| {
        let reading = policy::read(example.text.as_bytes());
        assert_eq!(reading.findings, [], "{}:\n{}", example.page.display(), example.text);
        assert_eq!(reading.stop, None, "{}:\n{}", example.page.display(), example.text);
    });
}

#[test]
fn every_entry_in_the_documentation_can_be_offered() {
    each_example("conf", 3, |example| {
        let entry = bootspec::Type1::parse(example.text.as_bytes());
        let entry = entry.unwrap_or_else(|why| panic!("{}: {why}\n{}", example.page.display(), example.text));
        assert_eq!(entry.notes, [], "{}:\n{}", example.page.display(), example.text);
    });
}

#[test]
fn every_record_in_the_documentation_is_one() {
    each_example("jsonl", 1, |example| {
        for line in example.text.lines() {
            let record = Record::from_line(line).unwrap_or_else(|why| panic!("{why}: {line}"));
            assert_ne!(record.event, Event::Unknown, "{line}");
            assert_ne!(record.status, Status::Unknown, "{line}");
            assert_ne!(record.verified_via, Some(VerifiedVia::Unknown), "{line}");
        }
    });
}

#[test]
fn every_link_leads_somewhere() {
    for page in pages() {
        let targets = page.text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for target in targets.filter(|target| !target.contains("://") && !target.starts_with('#')) {
            let file = target.split('#').next().unwrap();
            let found = page.path.parent().unwrap().join(file).exists();
            assert!(found, "{}: {target}", page.path.display());
        }
    }
}

/// Whether the source has a function, a type or a constant of exactly this name.
fn defines(source: &str, name: &str) -> bool {
    let kinds = ["fn", "struct", "enum", "trait", "const", "static"];
    let is_whole = |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_');
    kinds.iter().any(|kind| source.split(&format!("{kind} {name}")).skip(1).any(is_whole))
}

/// `folder/file.rs::name` in the documentation is a test (or a function, or a type) of that name.
#[test]
fn every_test_that_the_documentation_names_exists() {
    let mut seen = 0;
    for page in pages() {
        for span in code_spans(&page) {
            let Some((file, name)) = span.split_once(".rs::") else { continue };
            let path = root().join(format!("{file}.rs"));
            let source = fs::read_to_string(&path)
                .unwrap_or_else(|why| panic!("{}: {span}: {why}", page.path.display()));
            assert!(defines(&source, name), "{}: {span}", page.path.display());
            seen += 1;
        }
    }
    assert!(seen > 20, "{seen} names");
}

/// The paths of the tree that the documentation names are there.
#[test]
fn every_path_that_the_documentation_names_exists() {
    let tops = ["lib/", "core/", "boot/", "host/", "integrations/", "testing/", "xtask/", "docs/", ".ci/"];
    for page in pages().iter().filter(|page| !page.path.ends_with("CHANGELOG.md")) {
        for span in code_spans(page) {
            let path = span.split("::").next().unwrap();
            let is_path =
                tops.iter().any(|top| path.starts_with(top)) && !path.contains(['<', '*', ' ', '{']);
            assert!(!is_path || root().join(path).exists(), "{}: {span}", page.path.display());
        }
    }
}

/// A word of the trust log that the loader writes is written somewhere in it.
#[test]
fn every_event_of_this_release_is_recorded_somewhere() {
    let mut folders = vec![root().join("core/lamboot-core/src")];
    let mut source = String::new();
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else {
                source += &fs::read_to_string(path).unwrap();
            }
        }
    }
    for (event, word, meaning) in Event::ALL {
        let earlier = meaning.contains("Only in lines of earlier releases");
        let name = format!("{event:?}");
        let recorded = ["Event::", "Log::"].iter().any(|path| source.contains(&format!("{path}{name}")));
        assert_eq!(recorded, !earlier, "{word}");
    }
}
