// SPDX-License-Identifier: MIT OR Apache-2.0
//! An entry while its lines come in.

use crate::entry::{FILES_MAX, Linux, Main, Type1};
use crate::note::{Notes, Oddity};
use crate::options::{fill_placeholders, is_placeholder};
use crate::path::EspPath;
use crate::refusal::{Reason, Refusal};
use crate::text::{Line, words};
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::num::NonZeroU32;

/// What the lines so far have said.
#[derive(Default)]
pub(crate) struct Draft<'t> {
    title: Option<Word<'t>>,
    version: Option<Word<'t>>,
    machine_id: Option<Word<'t>>,
    sort_key: Option<Word<'t>>,
    architecture: Option<Word<'t>>,
    profile: Option<Word<'t>>,
    devicetree: Option<Word<'t>>,
    main: Option<(MainKey, Word<'t>)>,
    initrds: Files,
    overlays: Files,
    extra: Files,
    options: String,
    notes: Notes,
}

/// A value and the line it is in.
#[derive(Clone, Copy)]
struct Word<'t> {
    text: &'t str,
    line: NonZeroU32,
}

/// Paths, and the line of the first.
#[derive(Default)]
struct Files {
    paths: Vec<EspPath>,
    line: Option<NonZeroU32>,
}

#[derive(Clone, Copy)]
enum Key {
    Title,
    Version,
    MachineId,
    Sort,
    Architecture,
    Profile,
    Devicetree,
    Main(MainKey),
    Initrd,
    Overlay,
    Extra,
    Options,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum MainKey {
    Linux,
    Efi,
    Uki,
    UkiUrl,
}

/// Says what stands for a word that begins with a dollar sign.
pub(crate) type Fill<'f> = &'f mut dyn FnMut(&str) -> Option<String>;

impl<'t> Draft<'t> {
    /// Takes one line in.
    pub(crate) fn take(&mut self, line: Line<'t>, fill: Fill<'_>) -> Result<(), Refusal> {
        let Some(&(name, key)) = KEYS.iter().find(|(name, _)| *name == line.key) else {
            self.notes.push(line.number, Oddity::unknown_key(line.key));
            return Ok(());
        };
        if line.value.is_empty() {
            self.notes.push(line.number, Oddity::NoValue(name));
            return Ok(());
        }
        let slot = match key {
            Key::Title => &mut self.title,
            Key::Version => &mut self.version,
            Key::MachineId => &mut self.machine_id,
            Key::Sort => &mut self.sort_key,
            Key::Architecture => &mut self.architecture,
            Key::Profile => &mut self.profile,
            Key::Devicetree => &mut self.devicetree,
            Key::Main(main) => return self.take_main(main, line),
            Key::Initrd => return self.take_initrds(line),
            Key::Overlay => return self.take_overlays(line),
            Key::Extra => return self.extra.push(name, line.number, line.value),
            Key::Options => {
                self.take_options(line, fill);
                return Ok(());
            }
        };
        if slot.replace(Word::of(line)).is_some() {
            self.notes.push(line.number, Oddity::Repeated(name));
        }
        Ok(())
    }

    fn take_main(&mut self, key: MainKey, line: Line<'t>) -> Result<(), Refusal> {
        match self.main.replace((key, Word::of(line))) {
            Some((first, _)) if first != key => {
                Err(Reason::TwoThingsToStart { first: first.name(), second: key.name() }.at(line.number))
            }
            Some(_) => {
                self.notes.push(line.number, Oddity::Repeated(key.name()));
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// An `initrd` line may name several files. Placeholders are looked for before a path is made
    /// of the word, and behind a slash that some generator put there.
    fn take_initrds(&mut self, line: Line<'t>) -> Result<(), Refusal> {
        for word in words(line.value) {
            if is_placeholder(word.trim_start_matches(['/', '\\'])) {
                self.notes.push(line.number, Oddity::placeholder(word));
            } else {
                self.initrds.push("initrd", line.number, word)?;
            }
        }
        Ok(())
    }

    fn take_overlays(&mut self, line: Line<'t>) -> Result<(), Refusal> {
        words(line.value).try_for_each(|word| self.overlays.push("devicetree-overlay", line.number, word))
    }

    fn take_options(&mut self, line: Line<'t>, fill: Fill<'_>) {
        let words = fill_placeholders(line.value, |word| {
            let value = fill(word);
            if value.is_none() {
                self.notes.push(line.number, Oddity::placeholder(word));
            }
            value
        });
        if !self.options.is_empty() && !words.is_empty() {
            self.options.push(' ');
        }
        self.options.push_str(&words);
    }

    /// Makes an entry of it all.
    pub(crate) fn finish(mut self) -> Result<Type1, Refusal> {
        let (key, word) = self.main.ok_or(Reason::NothingToStart.in_file())?;
        let main = match key {
            MainKey::Linux => Main::Linux(self.linux(word)?),
            MainKey::Efi => Main::Efi(path("efi", word)?),
            MainKey::Uki => Main::Uki { image: path("uki", word)?, profile: self.profile()? },
            MainKey::UkiUrl => Main::UkiUrl { url: word.text.to_owned(), profile: self.profile()? },
        };
        self.note_what_is_meaningless(key);
        Ok(Type1 {
            title: owned(self.title),
            version: owned(self.version),
            machine_id: owned(self.machine_id),
            sort_key: owned(self.sort_key),
            architecture: owned(self.architecture),
            options: self.options,
            extra: self.extra.paths,
            main,
            notes: self.notes.kept,
            notes_left_out: self.notes.left_out,
        })
    }

    fn linux(&mut self, kernel: Word<'_>) -> Result<Linux, Refusal> {
        Ok(Linux {
            kernel: path("linux", kernel)?,
            initrds: core::mem::take(&mut self.initrds.paths),
            devicetree: self.devicetree.map(|word| path("devicetree", word)).transpose()?,
            overlays: core::mem::take(&mut self.overlays.paths),
        })
    }

    fn profile(&self) -> Result<Option<u32>, Refusal> {
        let Some(word) = self.profile else { return Ok(None) };
        let decimal = word.text.bytes().all(|byte| byte.is_ascii_digit());
        match word.text.parse() {
            Ok(number) if decimal => Ok(Some(number)),
            _ => Err(Reason::BadProfile.at(word.line)),
        }
    }

    fn note_what_is_meaningless(&mut self, key: MainKey) {
        let line_of = |word: Option<Word<'_>>| word.map(|word| word.line);
        let profile = [("profile", line_of(self.profile))];
        let for_linux = [
            ("initrd", self.initrds.line),
            ("devicetree", line_of(self.devicetree)),
            ("devicetree-overlay", self.overlays.line),
        ];
        let (first, second): (&[_], &[_]) = match key {
            MainKey::Linux => (&profile, &[]),
            MainKey::Efi => (&profile, &for_linux),
            MainKey::Uki | MainKey::UkiUrl => (&for_linux, &[]),
        };
        for (key, line) in first.iter().chain(second) {
            if let Some(line) = line {
                self.notes.push(*line, Oddity::Meaningless(key));
            }
        }
    }
}

impl MainKey {
    fn name(self) -> &'static str {
        match self {
            Self::Linux => "linux",
            Self::Efi => "efi",
            Self::Uki => "uki",
            Self::UkiUrl => "uki-url",
        }
    }
}

impl<'t> Word<'t> {
    fn of(line: Line<'t>) -> Self {
        Self { text: line.value, line: line.number }
    }
}

impl Files {
    fn push(&mut self, key: &'static str, line: NonZeroU32, text: &str) -> Result<(), Refusal> {
        if self.paths.len() >= FILES_MAX {
            return Err(Reason::TooManyFiles { key }.at(line));
        }
        self.paths.push(path(key, Word { text, line })?);
        self.line.get_or_insert(line);
        Ok(())
    }
}

/// Every key of UAPI.1, the usual ones first.
static KEYS: [(&str, Key); 15] = [
    ("title", Key::Title),
    ("version", Key::Version),
    ("machine-id", Key::MachineId),
    ("sort-key", Key::Sort),
    ("linux", Key::Main(MainKey::Linux)),
    ("initrd", Key::Initrd),
    ("options", Key::Options),
    ("efi", Key::Main(MainKey::Efi)),
    ("uki", Key::Main(MainKey::Uki)),
    ("uki-url", Key::Main(MainKey::UkiUrl)),
    ("profile", Key::Profile),
    ("devicetree", Key::Devicetree),
    ("devicetree-overlay", Key::Overlay),
    ("architecture", Key::Architecture),
    ("extra", Key::Extra),
];

fn path(key: &'static str, word: Word<'_>) -> Result<EspPath, Refusal> {
    EspPath::parse(word.text).map_err(|error| Reason::BadPath { key, error }.at(word.line))
}

fn owned(word: Option<Word<'_>>) -> Option<String> {
    word.map(|word| word.text.to_owned())
}
