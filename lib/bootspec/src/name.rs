// SPDX-License-Identifier: MIT OR Apache-2.0
//! File names of entries (UAPI.1, file names), and the ids that systemd makes of them.

use crate::counter::{CountedName, NAME_MAX, State};
use crate::text::control_character;
use alloc::borrow::ToOwned;
use alloc::string::String;
use core::fmt;
use core::marker::PhantomData;

/// What the name of a Type 1 entry ends with.
pub const SUFFIX: &str = ".conf";
/// What the name of a Type 2 entry ends with.
pub const UKI_SUFFIX: &str = ".efi";

/// The name of a file that is a Type 1 entry, in `loader/entries`.
///
/// ```
/// use bootspec::name::EntryName;
/// let name = EntryName::parse("Debian-6.1+3-0.conf")?;
/// assert_eq!(name.id(), "debian-6.1.conf");
/// assert_eq!(name.counted().spend().as_deref(), Some("Debian-6.1+2-1.conf"));
/// # Ok::<(), bootspec::name::NotAnEntry>(())
/// ```
pub type EntryName = Name<Type1File>;

/// The name of a file that may be a Type 2 entry, a unified kernel image in `EFI/Linux`.
///
/// ```
/// use bootspec::name::UkiName;
/// assert_eq!(UkiName::parse("Fedora+3-0.EFI")?.id(), "fedora.efi");
/// # Ok::<(), bootspec::name::NotAnEntry>(())
/// ```
pub type UkiName = Name<UkiFile>;

/// The name of a file that is an entry of kind `K`: [`EntryName`], [`UkiName`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name<K> {
    file_name: String,
    id: String,
    kind: PhantomData<K>,
}

/// What sort of file a name is for.
pub trait Kind: private::Sealed {
    /// What its name ends with.
    const SUFFIX: &'static str;
}

/// A text that describes an entry (UAPI.1, Type #1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type1File {}

/// A unified kernel image (UAPI.1, Type #2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UkiFile {}

impl Kind for Type1File {
    const SUFFIX: &'static str = SUFFIX;
}

impl Kind for UkiFile {
    const SUFFIX: &'static str = UKI_SUFFIX;
}

mod private {
    pub trait Sealed {}
    impl Sealed for super::Type1File {}
    impl Sealed for super::UkiFile {}
}

/// Why a file in a folder of entries is not an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotAnEntry {
    /// Its name does not end in the suffix of its kind. Common and harmless.
    Suffix,
    /// Its name begins with a dot. Common and harmless.
    Hidden,
    /// Its name begins with `auto-`, which is the loader's own.
    Reserved,
    /// Its name is over [`NAME_MAX`] characters.
    TooLong,
    /// Its name has two dots together, a slash, a backslash or a control character.
    Unsafe,
}

impl<K: Kind> Name<K> {
    /// Judges the name of a file, not of a directory.
    ///
    /// # Errors
    ///
    /// [`NotAnEntry`] says why the file is to be skipped; [`NotAnEntry::is_worth_telling`] whether
    /// its owner should hear of it.
    pub fn parse(file_name: &str) -> Result<Self, NotAnEntry> {
        let id = id_of(file_name, K::SUFFIX)?;
        Ok(Self { id, file_name: file_name.to_owned(), kind: PhantomData })
    }

    /// The name as it is on the disk.
    #[must_use]
    pub fn file_name(&self) -> &str {
        &self.file_name
    }

    /// The id: the name without its counter, with its suffix, in small letters. The Boot Loader
    /// Interface and `bootctl` speak of the entry by this.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The id alone, as [`Self::id`].
    #[must_use]
    pub fn into_id(self) -> String {
        self.id
    }

    /// The name taken apart.
    #[must_use]
    pub fn counted(&self) -> CountedName<'_> {
        let whole = CountedName { stem: &self.file_name, counter: None, suffix: "" };
        CountedName::parse(&self.file_name, K::SUFFIX).unwrap_or(whole)
    }

    /// What the name's counter says.
    #[must_use]
    pub fn state(&self) -> State {
        self.counted().state()
    }

    /// Whether the name has only the characters of the specification. Others boot as well, but
    /// `bootctl` leaves such an entry out of its list.
    #[must_use]
    pub fn is_portable(&self) -> bool {
        let portable = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'_' | b'.');
        self.file_name.bytes().all(portable)
    }
}

impl NotAnEntry {
    /// Whether somebody may have meant the file to be an entry.
    #[must_use]
    pub fn is_worth_telling(self) -> bool {
        matches!(self, Self::TooLong | Self::Unsafe)
    }
}

fn id_of(file_name: &str, suffix: &str) -> Result<String, NotAnEntry> {
    let name = CountedName::parse(file_name, suffix).ok_or(NotAnEntry::Suffix)?;
    if file_name.starts_with('.') {
        return Err(NotAnEntry::Hidden);
    }
    if starts_with_ignoring_case(file_name, "auto-") {
        return Err(NotAnEntry::Reserved);
    }
    if file_name.len() > NAME_MAX && file_name.chars().count() > NAME_MAX {
        return Err(NotAnEntry::TooLong);
    }
    if is_unsafe(file_name) {
        return Err(NotAnEntry::Unsafe);
    }
    let mut id = name.id();
    id.make_ascii_lowercase();
    Ok(id)
}

fn starts_with_ignoring_case(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

fn is_unsafe(name: &str) -> bool {
    let bytes = name.as_bytes();
    bytes.windows(2).any(|pair| pair == b"..")
        || bytes.iter().any(|byte| matches!(byte, b'/' | b'\\'))
        || control_character(name, |_, _| false).is_some()
}

impl fmt::Display for NotAnEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Suffix => "the name ends in something else than an entry's",
            Self::Hidden => "the name begins with a dot",
            Self::Reserved => "the name begins with auto-, which is the boot loader's own",
            Self::TooLong => "the name is too long",
            Self::Unsafe => "the name has two dots together, a slash or a control character",
        })
    }
}

impl core::error::Error for NotAnEntry {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn which_files_are_entries() {
        let long = format!("{}.conf", "ä".repeat(NAME_MAX - 5));
        let longer = format!("x{long}");
        let cases: &[(&str, Result<&str, NotAnEntry>)] = &[
            ("Debian-6.1+3-1.conf", Ok("debian-6.1.conf")),
            ("A.CONF", Ok("a.conf")),
            ("6.1+deb12.conf", Ok("6.1+deb12.conf")),
            ("6.1~rc1.conf", Ok("6.1~rc1.conf")),
            ("automatic.conf", Ok("automatic.conf")),
            (&long, Ok(&long)),
            (&longer, Err(NotAnEntry::TooLong)),
            ("a.conf~", Err(NotAnEntry::Suffix)),
            ("conf", Err(NotAnEntry::Suffix)),
            ("", Err(NotAnEntry::Suffix)),
            (".conf", Err(NotAnEntry::Hidden)),
            (".a.conf", Err(NotAnEntry::Hidden)),
            ("Auto-windows.conf", Err(NotAnEntry::Reserved)),
            ("a..conf", Err(NotAnEntry::Unsafe)),
            (r"a\b.conf", Err(NotAnEntry::Unsafe)),
            ("a/b.conf", Err(NotAnEntry::Unsafe)),
            ("a\u{7f}.conf", Err(NotAnEntry::Unsafe)),
        ];
        for (file_name, expected) in cases {
            let found = EntryName::parse(file_name);
            assert_eq!(found.as_ref().map(EntryName::id), expected.as_ref().map(|id| *id), "{file_name}");
        }
    }

    #[test]
    fn images_are_named_alike() {
        let name = UkiName::parse("Debian-6.1+3-1.EFI").unwrap();
        assert_eq!((name.id(), name.state()), ("debian-6.1.efi", State::Indeterminate));
        assert_eq!(name.counted().spend().as_deref(), Some("Debian-6.1+2-2.EFI"));
        assert_eq!(UkiName::parse("a.conf"), Err(NotAnEntry::Suffix));
        assert_eq!(UkiName::parse(".efi"), Err(NotAnEntry::Hidden));
        assert_eq!(UkiName::parse("auto-windows.efi"), Err(NotAnEntry::Reserved));
    }

    #[test]
    fn portable_names() {
        let portable = |name: &str| EntryName::parse(name).unwrap().is_portable();
        assert!(portable("Debian_6.1-9+3-1.conf"));
        assert!(!portable("6.1~rc1.conf") && !portable("ä.conf") && !portable("a b.conf"));
    }

    proptest! {
        #[test]
        fn any_name_is_judged(name in "\\PC{0,12}(\\+[0-9]{1,3})?(\\.conf)?") {
            if let Ok(entry) = EntryName::parse(&name) {
                prop_assert_eq!(entry.file_name(), &name);
                prop_assert!(entry.id().ends_with(".conf"));
                prop_assert_eq!(entry.counted().id().to_ascii_lowercase(), entry.id());
            }
        }
    }
}
