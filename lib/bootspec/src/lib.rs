// SPDX-License-Identifier: MIT OR Apache-2.0
//! Boot Loader Specification entries: read them, name them, count their tries, put them in order.
//!
//! Start with [`EntryName::parse`] on a file's name and [`Type1::parse`] on its bytes, or
//! [`UkiName::parse`] and [`uki::read`] for a unified kernel image; then sort all of them by
//! [`order::compare`].
//!
//! | module | noun | specification |
//! |---|---|---|
//! | [`name`] | file names and ids of entries | UAPI.1, file names |
//! | [`counter`] | boot counters in file names | UAPI.1, Boot counting |
//! | [`entry`] | the text of a Type 1 entry | UAPI.1, Type #1 |
//! | [`uki`] | a Type 2 entry: the headers of an image | UAPI.1, Type #2; UAPI.5 |
//! | [`osrel`] | the operating system in an image | os-release(5) |
//! | [`loader_conf`] | the settings of a loader | loader.conf(5) |
//! | [`pattern`] | patterns for ids | loader.conf(5), `default` |
//! | [`path`] | paths in entries | UAPI.1, Type #1 |
//! | [`options`] | words of a command line | Linux, kernel parameters |
//! | [`architecture`] | machine types | UAPI.1, `architecture`; PE Format |
//! | [`order`] | the order of a menu | UAPI.1, Sorting |
//! | [`version`] | the order of versions | UAPI.10 |
//! | [`refusal`], [`note`] | what is wrong or odd, in words for the owner | |
//!
//! Everything takes any input and is bounded by the crate's constants. Time is linear in its size, but
//! for the sections of an image, which are sorted, and for patterns.
//!
//! ```
//! use bootspec::{EntryName, Type1, order};
//!
//! let files: [(&str, &[u8]); 2] = [
//!     ("debian-6.1.conf", b"title Debian\nsort-key debian\nversion 6.1\nlinux /6.1/linux\n"),
//!     ("debian-6.12+3-0.conf", b"title Debian\nsort-key debian\nversion 6.12\nlinux /6.12/linux\n"),
//! ];
//! let mut menu = Vec::new();
//! for (file_name, bytes) in files {
//!     menu.push((EntryName::parse(file_name)?, Type1::parse(bytes)?));
//! }
//! menu.sort_by(|(name_a, a), (name_b, b)| {
//!     order::compare(&a.place(name_a), &b.place(name_b), order::Cohorts::Separate)
//! });
//! assert_eq!(menu[0].0.id(), "debian-6.12.conf");
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```
//!
//! # What this does not do
//!
//! It opens no files, looks at no volumes and boots nothing: whether a path exists is for its
//! caller to find out. Of a unified kernel image it reads headers and small texts through its
//! caller, never the kernel, and it verifies nothing. It says what `loader.conf` sets and does not
//! act on it. It never changes the text of an entry.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    warn(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::as_conversions
    )
)]

extern crate alloc;

pub mod architecture;
pub mod counter;
mod draft;
pub mod entry;
pub mod loader_conf;
pub mod name;
pub mod note;
pub mod options;
pub mod order;
pub mod osrel;
pub mod path;
pub mod pattern;
pub mod refusal;
mod text;
pub mod uki;
pub mod version;

pub use architecture::Architecture;
pub use counter::{CountedName, Counter, NAME_MAX, State};
pub use entry::{FILES_MAX, Linux, Main, Type1};
pub use loader_conf::LoaderConf;
pub use name::{EntryName, NotAnEntry, UkiName};
pub use note::{NOTES_MAX, Note, Oddity};
pub use path::{EspPath, PathError};
pub use refusal::{Reason, Refusal};
pub use text::TEXT_MAX;
pub use uki::{Profile, Uki, UkiError};

/// The example of the README is a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
