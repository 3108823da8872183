// SPDX-License-Identifier: MIT OR Apache-2.0
//! Asks systemd's own tools about generated versions and directories.
//!
//! Runs when `LAMBOOT_REFEREES=1`, as the project's whole test run sets it, and then fails where a
//! tool is missing. Needs `systemd-analyze`, `bootctl`, and root or `unshare` with the right to make
//! a mount namespace, because `bootctl` wants to be shown a mount point.

use bootspec::{EntryName, State, Type1, order, version};
use core::cmp::Ordering;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
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
    command.output().unwrap_or_else(|error| panic!("referee `{tool}` cannot be asked: {error}"))
}

/// `LAMBOOT_REFEREE_CASES` asks for another number.
fn runner(cases: u32) -> TestRunner {
    let asked = std::env::var("LAMBOOT_REFEREE_CASES").ok();
    let cases = asked.map_or(cases, |number| number.parse().expect("LAMBOOT_REFEREE_CASES is a number"));
    TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() })
}

// Versions

fn systemd_compare(a: &str, b: &str) -> Ordering {
    let output = run(Command::new("systemd-analyze").args(["compare-versions", "--", a, b]));
    match output.status.code() {
        Some(0) => Ordering::Equal,
        Some(11) => Ordering::Greater,
        Some(12) => Ordering::Less,
        _ => panic!("systemd-analyze: {}", String::from_utf8_lossy(&output.stderr)),
    }
}

/// Short texts over few characters collide often; long ones look like versions.
fn version_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[01a.~^_-]{0,5}",
        "[0-9]{1,3}\\.[0-9]{1,2}(\\.[0-9]{1,3})?([-~.^+_](rc[0-9]|[0-9]{1,2}|arch1|fc4[0-9]|generic)){0,3}",
        "[0-9a-cA-C.~^+_é-]{0,10}",
    ]
    // Here systemd compares the end of one text with a byte over 127, whose sign is the machine's.
    .prop_filter("a byte over 127 right after a tilde", |text: &String| !text.contains("~é"))
}

#[test]
fn systemd_analyze_orders_versions_alike() {
    if !asked_for() {
        return;
    }
    let pair = (version_text(), version_text());
    runner(2_000)
        .run(&pair, |(a, b)| {
            prop_assert_eq!(version::compare(&a, &b), systemd_compare(&a, &b), "{:?} {:?}", a, b);
            Ok(())
        })
        .unwrap();
}

// Directories

#[derive(Clone, Debug)]
struct File {
    stem: String,
    counter: String,
    sort_key: Option<String>,
    machine_id: Option<String>,
    version: Option<String>,
}

impl File {
    fn name(&self) -> String {
        format!("{}{}.conf", self.stem, self.counter)
    }

    fn text(&self) -> String {
        let line = |key, value: &Option<String>| {
            value.as_ref().map(|value| format!("{key} {value}\n")).unwrap_or_default()
        };
        let (sort_key, machine_id) = (line("sort-key", &self.sort_key), line("machine-id", &self.machine_id));
        let version = line("version", &self.version);
        format!("title T\n{sort_key}{machine_id}{version}linux /linux\noptions a  b\noptions c\n")
    }
}

/// What bootctl 252 does not know, or knows and the loader does not offer, is not generated:
/// capital letters in names (it keeps them), `auto-` names (it lists them), names without a stem.
fn file() -> impl Strategy<Value = File> {
    use proptest::option::of;
    let stem = prop_oneof!["[ab][01ab._+-]{0,5}", "(debian|fedora)-6\\.[0-9]{1,2}(-[0-9]{1,2})?(\\+deb12)?"]
        .prop_filter("two dots together are refused on purpose", |stem| !stem.contains(".."))
        .prop_filter("a dot before the suffix makes two", |stem| !stem.ends_with('.'));
    let counter = prop_oneof![
        2 => Just(String::new()),
        1 => "\\+[0-9]{1,2}",
        2 => "\\+[0-3]-[0-9]{1,2}",
        1 => "\\+[a-]?[0-9]?-?",
    ];
    let machine_id = "[ab]".prop_map(|letter| letter.repeat(32));
    let sort_key = of(prop_oneof!["[ab]", "debian|fedora|Debian"]);
    (stem, counter, sort_key, of(machine_id), of(version_text())).prop_map(
        |(stem, counter, sort_key, machine_id, version)| {
            let version = version.map(|v| v.trim().to_owned()).filter(|v| !v.is_empty());
            File { stem, counter, sort_key, machine_id, version }
        },
    )
}

/// Id, tries left, tries done, options.
type Row = (String, Option<u64>, Option<u64>, String);

fn ours(files: &[File]) -> Vec<Row> {
    let mut menu: Vec<_> = files
        .iter()
        .map(|file| (EntryName::parse(&file.name()).unwrap(), Type1::parse(file.text().as_bytes()).unwrap()))
        .collect();
    menu.sort_by(|(name_a, a), (name_b, b)| {
        order::compare(&a.place(name_a), &b.place(name_b), order::Cohorts::Separate)
    });
    menu.iter().map(|(name, entry)| row(name, entry)).collect()
}

fn row(name: &EntryName, entry: &Type1) -> Row {
    let counter = name.counted().counter;
    assert_eq!(name.state() == State::Good, counter.is_none());
    let left = counter.map(|counter| counter.left.value.into());
    let done = counter.and_then(|counter| counter.done).map(|done| done.value.into());
    (name.id().to_owned(), left, done, entry.options.clone())
}

/// `bootctl` wants a mount point. Root makes one for as long as it takes; others make it in a
/// namespace of their own.
fn bootctl(esp: &Path) -> Vec<Row> {
    let script = r#"mount --bind "$1" "$1" || exit; trap 'umount "$1"' EXIT
        bootctl --esp-path="$1" list --json=short"#;
    let mut command = if is_root() { Command::new("sh") } else { Command::new("unshare") };
    if !is_root() {
        command.args(["--map-root-user", "--mount", "sh"]);
    }
    command.args(["-c", script, "sh"]).arg(esp).env("SYSTEMD_RELAX_ESP_CHECKS", "1").env("LC_ALL", "C");
    let output = run(&mut command);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "referee `bootctl` failed: {errors}");
    objects(&output.stdout).iter().map(row_of_json).collect()
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

/// systemd 252 prints one object after another; later releases print an array.
fn objects(bytes: &[u8]) -> Vec<serde_json::Value> {
    let values = serde_json::Deserializer::from_slice(bytes).into_iter::<serde_json::Value>();
    values
        .map(|value| value.expect("bootctl prints JSON"))
        .flat_map(|value| match value {
            serde_json::Value::Array(all) => all,
            one => vec![one],
        })
        .filter(|value| value.get("type").is_none_or(|kind| kind == "type1"))
        .collect()
}

fn row_of_json(value: &serde_json::Value) -> Row {
    let text = |key: &str| value.get(key).and_then(|v| v.as_str()).unwrap_or_default().to_owned();
    let number = |key: &str| value.get(key).and_then(serde_json::Value::as_u64);
    (text("id"), number("triesLeft"), number("triesDone"), text("options"))
}

#[test]
fn bootctl_lists_the_same_ids_in_the_same_order() {
    if !asked_for() {
        return;
    }
    runner(400)
        .run(&proptest::collection::vec(file(), 1..12), |mut files| {
            keep_distinct(&mut files);
            let esp = tempfile::tempdir().unwrap();
            let entries = esp.path().join("loader/entries");
            std::fs::create_dir_all(&entries).unwrap();
            for file in &files {
                std::fs::write(entries.join(file.name()), file.text()).unwrap();
            }
            prop_assert_eq!(ours(&files), bootctl(esp.path()));
            Ok(())
        })
        .unwrap();
}

/// bootctl 252 leaves the order of entries open whose ids are the same version.
fn keep_distinct(files: &mut Vec<File>) {
    let mut ids: Vec<String> = Vec::new();
    files.retain(|file| {
        let id = EntryName::parse(&file.name()).unwrap().id().to_owned();
        let new = ids.iter().all(|other| version::compare(other, &id) != Ordering::Equal);
        ids.push(id);
        new
    });
}
