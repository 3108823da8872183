// SPDX-License-Identifier: MIT OR Apache-2.0
//! Asks systemd's own tools about generated versions and directories.
//!
//! Runs when `LAMBOOT_REFEREES=1`, as the project's whole test run sets it, and then fails where a
//! tool is missing. Needs `systemd-analyze`, `bootctl`, and root or `unshare` with the right to make
//! a mount namespace, because `bootctl` wants to be shown a mount point. `LAMBOOT_REFEREE_CASES=10000`
//! asks that many questions in place of the few thousand that every run can wait for.

use bootspec::order::{self, Cohorts};
use bootspec::uki::{self, Profile};
use bootspec::{Architecture, CountedName, EntryName, State, Type1, UkiName, version};
use core::cell::RefCell;
use core::cmp::Ordering;
use core::convert::Infallible;
use pe_image::{Builder, MACHINE_X64};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio};

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

/// A file of one of two volumes.
#[derive(Clone, Debug)]
struct File {
    on_second: bool,
    stem: String,
    counter: String,
    content: Content,
}

#[derive(Clone, Debug)]
enum Content {
    /// `sort-key`, `machine-id`, `version`.
    Type1 {
        sort_key: Option<String>,
        machine_id: Option<String>,
        version: Option<String>,
    },
    Uki {
        osrel: Option<String>,
        cmdline: Option<String>,
        text_behind_kernel: bool,
    },
    /// A file in `EFI/Linux` that is no image.
    Junk(&'static str),
}

impl File {
    fn name(&self) -> String {
        let suffix = if matches!(self.content, Content::Type1 { .. }) { "conf" } else { "efi" };
        format!("{}{}.{suffix}", self.stem, self.counter)
    }

    fn id(&self) -> String {
        let suffix = if matches!(self.content, Content::Type1 { .. }) { ".conf" } else { ".efi" };
        CountedName::parse(&self.name(), suffix).unwrap().id()
    }

    fn folder(&self) -> &'static str {
        if matches!(self.content, Content::Type1 { .. }) { "loader/entries" } else { "EFI/Linux" }
    }

    fn bytes(&self) -> Vec<u8> {
        match &self.content {
            Content::Type1 { sort_key, machine_id, version } => {
                let line = |key, value: &Option<String>| {
                    value.as_ref().map(|value| format!("{key} {value}\n")).unwrap_or_default()
                };
                let (sort_key, machine_id) = (line("sort-key", sort_key), line("machine-id", machine_id));
                let version = line("version", version);
                format!("title T\n{sort_key}{machine_id}{version}linux /linux\noptions a  b\noptions c\n")
                    .into()
            }
            Content::Uki { osrel, cmdline, text_behind_kernel } => image(osrel, cmdline, *text_behind_kernel),
            Content::Junk(text) => text.as_bytes().to_vec(),
        }
    }
}

fn image(osrel: &Option<String>, cmdline: &Option<String>, text_behind_kernel: bool) -> Vec<u8> {
    let kernel = |image: Builder| image.section(".linux", [0x90; 700]).section(".initrd", [1; 40]);
    let mut image = Builder::new(MACHINE_X64).section(".text", [0xC3]);
    if text_behind_kernel {
        image = kernel(image);
    }
    for (name, text) in [(".osrel", osrel), (".cmdline", cmdline)] {
        if let Some(text) = text {
            image = image.section(name, text);
        }
    }
    if text_behind_kernel { image } else { kernel(image) }.build()
}

/// What bootctl 252 does not know, or knows and the loader does not offer, is not generated:
/// capital letters in names (it keeps them), `auto-` names (it lists them), names without a stem.
fn file() -> impl Strategy<Value = File> {
    let stem = prop_oneof!["[ab][01ab._+-]{0,5}", "(debian|fedora)-6\\.[0-9]{1,2}(-[0-9]{1,2})?(\\+deb12)?"]
        .prop_filter("two dots together are refused on purpose", |stem| !stem.contains(".."))
        .prop_filter("a dot before the suffix makes two", |stem| !stem.ends_with('.'));
    let counter = prop_oneof![
        2 => Just(String::new()),
        1 => "\\+[0-9]{1,2}",
        2 => "\\+[0-3]-[0-9]{1,2}",
        1 => "\\+[a-]?[0-9]?-?",
    ];
    let content = prop_oneof![8 => type1(), 8 => uki(), 1 => junk()];
    (any::<bool>(), stem, counter, content).prop_map(|(on_second, stem, counter, content)| File {
        on_second,
        stem,
        counter,
        content,
    })
}

fn sort_key() -> impl Strategy<Value = String> {
    prop_oneof!["[ab]", "debian|fedora|Debian"]
}

fn type1() -> impl Strategy<Value = Content> {
    use proptest::option::of;
    let machine_id = "[ab]".prop_map(|letter| letter.repeat(32));
    (of(sort_key()), of(machine_id), of(version_text())).prop_map(|(sort_key, machine_id, version)| {
        let version = version.map(|v| v.trim().to_owned()).filter(|v| !v.is_empty());
        Content::Type1 { sort_key, machine_id, version }
    })
}

/// Not generated, because bootctl 252 does not know it: `.profile`; images for other machine types
/// and with a section twice, which it lists; line ends in a command line, which it keeps.
fn uki() -> impl Strategy<Value = Content> {
    let osrel = proptest::option::weighted(0.95, os_release());
    let cmdline = proptest::option::of("[a-z=]{0,4}( {1,2}[a-z=]{1,4}){0,3}\n?");
    (osrel, cmdline, any::<bool>()).prop_map(|(osrel, cmdline, text_behind_kernel)| Content::Uki {
        osrel,
        cmdline,
        text_behind_kernel,
    })
}

fn junk() -> impl Strategy<Value = Content> {
    prop_oneof![Just(Content::Junk("")), Just(Content::Junk("#!/bin/sh\n")), Just(Content::Junk("MZ"))]
}

fn os_release() -> impl Strategy<Value = String> {
    let key = |name: &'static str| Just(name);
    let names = prop_oneof![key("NAME"), key("PRETTY_NAME"), key("HOME_URL"), key("#ID"), key("; ID")];
    let ids = prop_oneof![key("ID"), key("IMAGE_ID")];
    let versions = prop_oneof![key("VERSION"), key("VERSION_ID"), key("IMAGE_VERSION"), key("BUILD_ID")];
    let line = prop_oneof![
        (names, "[ -~é]{0,8}").boxed(),
        (ids, sort_key()).boxed(),
        (versions, version_text()).boxed(),
    ];
    let line = (line, 0..3_u8).prop_map(|((key, value), style)| format!("{key}={}", quoted(&value, style)));
    let end = prop_oneof![Just("\n"), Just("\n\n"), Just(" \n"), Just("\n# x\n")];
    proptest::collection::vec((line, end), 0..9)
        .prop_map(|lines| lines.into_iter().flat_map(|(line, end)| [line, end.to_owned()]).collect())
}

/// The value as os-release(5) wants it. Text behind a closing quote, which it does not allow, is not
/// generated.
fn quoted(value: &str, style: u8) -> String {
    let escaped = |needs: &str| -> String {
        value.chars().flat_map(|c| needs.contains(c).then_some('\\').into_iter().chain([c])).collect()
    };
    match style {
        0 if !value.contains('\'') => format!("'{value}'"),
        1 if !value.is_empty() && value.trim() == value => escaped("\"'\\$`;# "),
        _ => format!("\"{}\"", escaped("\"\\$`")),
    }
}

/// What a tool shows of an entry.
#[derive(Debug, PartialEq, Eq)]
struct Row {
    on_second: bool,
    id: String,
    title: String,
    sort_key: String,
    version: String,
    tries: (Option<u64>, Option<u64>),
    options: String,
}

enum Found {
    Type1(EntryName, Type1),
    Uki(UkiName, Profile),
}

impl Found {
    fn of(file: &File) -> Option<Self> {
        let bytes = file.bytes();
        if let Content::Type1 { .. } = file.content {
            return Some(Self::Type1(EntryName::parse(&file.name()).unwrap(), Type1::parse(&bytes).unwrap()));
        }
        let name = UkiName::parse(&file.name()).unwrap();
        let read = &mut |offset: u64, length: usize| {
            let from = usize::try_from(offset).unwrap();
            Ok::<_, Infallible>(bytes[from..from + length].to_vec())
        };
        let mut image = uki::read(&name, bytes.len() as u64, Architecture::X64, read).ok()?;
        assert_eq!(image.entries.len(), 1);
        Some(Self::Uki(name, image.entries.remove(0)))
    }

    fn place(&self) -> order::Place<'_> {
        match self {
            Self::Type1(name, entry) => entry.place(name),
            Self::Uki(name, profile) => profile.place(name),
        }
    }

    fn row(&self, on_second: bool) -> Row {
        let (title, options, state) = match self {
            Self::Type1(name, entry) => (entry.title.clone().unwrap(), entry.options.clone(), name.state()),
            Self::Uki(name, profile) => {
                (profile.title.clone(), profile.options.clone().unwrap_or_default(), name.state())
            }
        };
        let place = self.place();
        assert_eq!(state == State::Good, place.counter.is_none());
        let left = place.counter.map(|counter| counter.left.value.into());
        let done = place.counter.and_then(|counter| counter.done).map(|done| done.value.into());
        let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
        Row {
            on_second,
            id: place.id.to_owned(),
            title,
            sort_key: text(place.sort_key),
            version: text(place.version),
            tries: (left, done),
            options,
        }
    }
}

fn ours(files: &[File]) -> Vec<Row> {
    let found = files.iter().filter_map(|file| Some((file.on_second, Found::of(file)?)));
    let mut menu: Vec<_> = found.collect();
    menu.sort_by(|(_, a), (_, b)| order::compare(&a.place(), &b.place(), Cohorts::Separate));
    menu.iter().map(|(on_second, found)| found.row(*on_second)).collect()
}

/// `bootctl` on two volumes, as often as it is asked. It wants mount points: they are made once. Root
/// makes them for as long as it takes; others make them in a namespace of their own.
struct Bootctl {
    folder: tempfile::TempDir,
    shell: Child,
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Bootctl {
    const SCRIPT: &str = r#"cd "$1" || exit
        mount --bind esp esp || exit; trap 'umount esp' EXIT
        mount --bind xbootldr xbootldr || exit; trap 'umount esp; umount xbootldr' EXIT
        while read -r _; do
            bootctl --esp-path="$1/esp" --boot-path="$1/xbootldr" list --json=short 2>errors
            status=$?; echo; echo "status $status"
        done"#;

    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for volume in ["esp", "xbootldr"] {
            fs::create_dir(folder.path().join(volume)).unwrap();
        }
        let mut command = if is_root() { Command::new("sh") } else { Command::new("unshare") };
        if !is_root() {
            command.args(["--map-root-user", "--mount", "sh"]);
        }
        command.args(["-c", Self::SCRIPT, "sh"]).arg(folder.path()).env("LC_ALL", "C");
        command.env("SYSTEMD_RELAX_ESP_CHECKS", "1").env("SYSTEMD_RELAX_XBOOTLDR_CHECKS", "1");
        let mut shell = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("a shell");
        let answers = BufReader::new(shell.stdout.take().unwrap());
        Self { folder, questions: shell.stdin.take(), answers, shell }
    }

    fn volume(&self, second: bool) -> PathBuf {
        self.folder.path().join(if second { "xbootldr" } else { "esp" })
    }

    fn list(&mut self, files: &[File]) -> Vec<Row> {
        self.write(files);
        self.questions.as_ref().unwrap().write_all(b"\n").expect("referee `bootctl` can be asked");
        let mut answer = String::new();
        let mut line = String::new();
        let status = loop {
            line.clear();
            let length = self.answers.read_line(&mut line).unwrap();
            assert!(length > 0, "referee `bootctl` cannot be asked: no mount point can be made for it");
            match line.strip_prefix("status ") {
                Some(status) => break status.trim(),
                None => answer.push_str(&line),
            }
        };
        let errors = fs::read_to_string(self.folder.path().join("errors")).unwrap_or_default();
        assert_eq!(status, "0", "referee `bootctl` failed: {errors}");
        objects(answer.as_bytes()).iter().map(|value| self.row(value)).collect()
    }

    fn write(&self, files: &[File]) {
        for second in [false, true] {
            for folder in ["loader/entries", "EFI/Linux"] {
                let folder = self.volume(second).join(folder);
                let _ = fs::remove_dir_all(&folder);
                fs::create_dir_all(&folder).unwrap();
            }
        }
        for file in files {
            let folder = self.volume(file.on_second).join(file.folder());
            fs::write(folder.join(file.name()), file.bytes()).unwrap();
        }
    }

    fn row(&self, value: &serde_json::Value) -> Row {
        let text = |key: &str| value.get(key).and_then(|v| v.as_str()).unwrap_or_default().to_owned();
        let number = |key: &str| value.get(key).and_then(serde_json::Value::as_u64);
        Row {
            on_second: Path::new(&text("root")) == self.volume(true),
            id: text("id"),
            title: text("title"),
            sort_key: text("sortKey"),
            version: text("version"),
            tries: (number("triesLeft"), number("triesDone")),
            options: text("options"),
        }
    }
}

impl Drop for Bootctl {
    /// The shell undoes its mounts when nobody asks any more.
    fn drop(&mut self) {
        drop(self.questions.take());
        let _ = self.shell.wait();
    }
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

/// systemd 252 prints one object after another; later releases print an array, with entries that a
/// loader makes by itself.
fn objects(bytes: &[u8]) -> Vec<serde_json::Value> {
    let values = serde_json::Deserializer::from_slice(bytes).into_iter::<serde_json::Value>();
    values
        .map(|value| value.expect("bootctl prints JSON"))
        .flat_map(|value| match value {
            serde_json::Value::Array(all) => all,
            one => vec![one],
        })
        .filter(|value| value.get("type").is_none_or(|kind| kind == "type1" || kind == "type2"))
        .collect()
}

#[test]
fn bootctl_lists_the_same_ids_in_the_same_order() {
    if !asked_for() {
        return;
    }
    let bootctl = RefCell::new(Bootctl::start());
    runner(3_000)
        .run(&proptest::collection::vec(file(), 1..12), |mut files| {
            keep_distinct(&mut files);
            prop_assert_eq!(ours(&files), bootctl.borrow_mut().list(&files));
            Ok(())
        })
        .unwrap();
}

/// bootctl 252 leaves the order of entries open whose ids are the same version.
fn keep_distinct(files: &mut Vec<File>) {
    let mut ids: Vec<String> = Vec::new();
    files.retain(|file| {
        let id = file.id();
        let new = ids.iter().all(|other| version::compare(other, &id) != Ordering::Equal);
        ids.push(id);
        new
    });
}
