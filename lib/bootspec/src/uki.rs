// SPDX-License-Identifier: MIT OR Apache-2.0
//! Type 2 entries (UAPI.1, Type #2; UAPI.5, Unified Kernel Image): what the headers and a few small
//! sections of an image say. The kernel in it is never looked at.

mod layout;
mod refusal;
mod texts;

pub use layout::PROFILES_MAX;
pub use refusal::{Note, Refusal, UkiError, What};
pub use texts::{SECTION_MAX, TEXTS_MAX};

use crate::architecture::Architecture;
use crate::name::UkiName;
use crate::order::Place;
use crate::osrel::{self, OsRelease};
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use layout::{Layout, Parts};
use texts::Texts;

/// The most bytes of an `ID` of a profile; a longer one counts as none.
pub const PROFILE_ID_MAX: usize = 64;

/// What one image offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uki {
    /// One entry for each profile, in the order of their numbers; at least one, at most
    /// [`PROFILES_MAX`].
    pub entries: Vec<Profile>,
    /// Profiles that are not offered, or not as they ask to be.
    pub notes: Vec<Note>,
}

/// One entry that an image offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// The number of the profile; `None` for an image without profiles. Load options for profile
    /// `n` begin with `@n` and a blank.
    pub number: Option<u32>,
    /// The id of the file; for profiles other than the first, followed by `@` and the profile's own
    /// `ID` as it is written there, or its number.
    pub id: String,
    /// The line to show in a menu: that of the operating system, with the profile in brackets.
    pub title: String,
    /// The version of the operating system or image; compare with [`crate::version::compare`].
    pub version: Option<String>,
    /// Short name of the image or system, for sorting only.
    pub sort_key: Option<String>,
    /// The installation that the image belongs to. No section tells it, so that this is `None`.
    pub machine_id: Option<String>,
    /// The command line in the image, to be shown; `None` where it has none. Without control
    /// characters and outer blanks.
    pub options: Option<String>,
}

/// Reads what an image in a file of `file_size` bytes offers to a machine of this type.
///
/// `read_at` reads so many bytes at an offset of the file. It is called once for headers of up to
/// 4 KiB, and once for each group of sections that lie within 16 KiB of each other, with what is
/// between them; it is never asked for bytes behind the end of the file, nor for more than
/// [`TEXTS_MAX`] and the headers in all.
///
/// ```
/// use bootspec::{Architecture, name::UkiName, uki};
/// use pe_image::{Builder, MACHINE_X64};
///
/// let file = Builder::new(MACHINE_X64)
///     .section(".osrel", "PRETTY_NAME=Debian\nVERSION_ID=12\nID=debian\n")
///     .section(".cmdline", "ro quiet")
///     .section(".linux", [0; 5000])
///     .build();
/// let mut read_at = |offset: u64, length: usize| {
///     let from = usize::try_from(offset)?;
///     Ok::<_, std::num::TryFromIntError>(file[from..from + length].to_vec())
/// };
///
/// let name = UkiName::parse("Debian-12+3-0.efi")?;
/// let image = uki::read(&name, file.len() as u64, Architecture::X64, &mut read_at)?;
/// assert_eq!(image.entries[0].id, "debian-12.efi");
/// assert_eq!(image.entries[0].title, "Debian");
/// assert_eq!(image.entries[0].options.as_deref(), Some("ro quiet"));
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
///
/// # Errors
///
/// What `read_at` failed with, or why the image is not offered.
pub fn read<E>(
    name: &UkiName,
    file_size: u64,
    machine: Architecture,
    read_at: &mut dyn FnMut(u64, usize) -> Result<Vec<u8>, E>,
) -> Result<Uki, UkiError<E>> {
    let (headers, prefix) = texts::headers(file_size, read_at)?;
    let layout = Layout::of(&headers, machine).map_err(UkiError::Refused)?;
    let texts = Texts::read(prefix, layout.texts(), read_at)?;
    offered(name, &layout, &texts).map_err(UkiError::Refused)
}

/// # Errors
///
/// No profile can be offered: why the first cannot.
fn offered(name: &UkiName, layout: &Layout, texts: &Texts) -> Result<Uki, Refusal> {
    let mut uki = Uki { entries: Vec::new(), notes: Vec::new() };
    let mut refused = None;
    for (number, parts) in (0..).zip(&layout.profiles) {
        match uki.add(name, layout.has_profiles.then_some(number), parts, texts) {
            Ok(true) => {}
            Ok(false) => uki.notes.push(Note { profile: number, what: What::BadId }),
            Err(refusal) => {
                refused.get_or_insert(refusal);
                uki.notes.push(Note { profile: number, what: What::NotOffered(refusal) });
            }
        }
    }
    uki.notes.extend(layout.left_out().map(|profile| Note { profile, what: What::TooMany }));
    if uki.entries.is_empty() { Err(refused.unwrap_or(Refusal::NoKernel)) } else { Ok(uki) }
}

impl Uki {
    /// Adds the entry of one profile; tells whether it has the id that it asks for.
    fn add(
        &mut self,
        name: &UkiName,
        number: Option<u32>,
        parts: &Parts,
        texts: &Texts,
    ) -> Result<bool, Refusal> {
        if !parts.has_kernel {
            return Err(Refusal::NoKernel);
        }
        let system = OsRelease::parse(texts.get(parts.osrel.ok_or(Refusal::NoOsRelease)?));
        let title = system.title().ok_or(Refusal::NoTitle)?;
        let mut own = parts.profile.map(|text| Own::parse(texts.get(text))).unwrap_or_default();
        own.id = own.id.filter(|id| !self.has(&format!("{}@{id}", name.id())));
        let owned = |value: Option<&str>| value.map(str::to_owned);
        self.entries.push(Profile {
            number,
            id: id(name, number, &own),
            title: own.title(title, number),
            version: owned(system.version()),
            sort_key: owned(system.sort_key()),
            machine_id: None,
            options: parts.cmdline.map(|text| command_line(texts.get(text))),
        });
        Ok(own.id.is_some() || !own.asks_for_id || number == Some(0))
    }

    fn has(&self, id: &str) -> bool {
        self.entries.iter().any(|entry| entry.id.eq_ignore_ascii_case(id))
    }
}

fn id(name: &UkiName, number: Option<u32>, own: &Own) -> String {
    let file = name.id();
    match (number, &own.id) {
        (None | Some(0), _) => file.to_owned(),
        (Some(_), Some(id)) => format!("{file}@{id}"),
        (Some(number), None) => format!("{file}@{number}"),
    }
}

/// What a profile calls itself (UAPI.5, Multi-Profile UKIs).
#[derive(Default)]
struct Own {
    id: Option<String>,
    title: Option<String>,
    asks_for_id: bool,
}

impl Own {
    fn parse(bytes: &[u8]) -> Self {
        let mut own = Self::default();
        for (key, value) in osrel::assignments(bytes) {
            match key {
                "ID" => {
                    own.id = value.filter(|id| is_profile_id(id));
                    own.asks_for_id = true;
                }
                "TITLE" => own.title = value,
                _ => {}
            }
        }
        own
    }

    fn title(&self, system: &str, number: Option<u32>) -> String {
        match (&self.title, number, &self.id) {
            (Some(title), _, _) => format!("{system} ({title})"),
            (None, None | Some(0), _) => system.to_owned(),
            (None, Some(_), Some(id)) => format!("{system} ({id})"),
            (None, Some(number), None) => format!("{system} (@{number})"),
        }
    }
}

/// Whether an id can be part of an entry's: ASCII without what separates, and not to be taken for
/// the number of another profile.
fn is_profile_id(id: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'@' | b'/' | b'\\');
    id.len() <= PROFILE_ID_MAX && id.bytes().all(fits) && !id.bytes().all(|byte| byte.is_ascii_digit())
}

/// The command line up to its first NUL, as it can be shown.
fn command_line(bytes: &[u8]) -> String {
    let text = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
    let shown = String::from_utf8_lossy(text).replace(char::is_control, " ");
    shown.trim_matches(' ').to_owned()
}

impl Profile {
    /// What decides the place of this entry, of an image in a file of that name, in a menu.
    #[must_use]
    pub fn place<'a>(&'a self, name: &UkiName) -> Place<'a> {
        Place {
            id: &self.id,
            counter: name.counted().counter,
            sort_key: self.sort_key.as_deref(),
            machine_id: self.machine_id.as_deref(),
            version: self.version.as_deref(),
        }
    }
}
