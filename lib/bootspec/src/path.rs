// SPDX-License-Identifier: MIT OR Apache-2.0
//! Paths in entries (UAPI.1): absolute from the root of the file system that holds the entry.

use crate::text::control_character;
use alloc::string::String;
use core::fmt;
use core::hash::{Hash, Hasher};

/// The most bytes that a path may have.
pub const PATH_MAX: usize = 1024;
/// The most UTF-16 units that one name of a path may have, as in FAT.
pub const COMPONENT_MAX: usize = 255;

/// An absolute path with backslashes, such as `\EFI\Linux\a.efi`.
///
/// Two paths are equal when their letters differ in case only, as on FAT.
///
/// ```
/// use bootspec::path::EspPath;
/// let path = EspPath::parse("efi/Linux/a.efi")?;
/// assert_eq!(path.as_str(), r"\efi\Linux\a.efi");
/// assert_eq!(path, EspPath::parse(r"\EFI\LINUX\A.EFI")?);
/// assert_eq!(path.file_name(), "a.efi");
/// # Ok::<(), bootspec::path::PathError>(())
/// ```
#[derive(Clone, Debug)]
pub struct EspPath(String);

/// Why a text is not a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathError {
    /// There is nothing, or only a slash.
    Empty,
    /// Over [`PATH_MAX`] bytes, or a name over [`COMPONENT_MAX`] units.
    TooLong,
    /// Two slashes with nothing between, or one at the end.
    EmptyComponent,
    /// A name is `.` or `..`.
    DotComponent,
    /// There is a control character.
    ControlCharacter,
}

impl EspPath {
    /// Reads a path with slashes, backslashes or both; the leading one may be missing.
    ///
    /// # Errors
    ///
    /// The specification calls `.`, `..` and double slashes invalid. They are refused, never
    /// resolved, so that a path means the same to everybody who reads it.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        if text.len() > PATH_MAX {
            return Err(PathError::TooLong);
        }
        let mut path = text.replace('/', "\\");
        if !path.starts_with('\\') {
            path.insert(0, '\\');
        }
        match path.get(1..) {
            None | Some("") => return Err(PathError::Empty),
            Some(relative) if relative.len() >= PATH_MAX => return Err(PathError::TooLong),
            Some(relative) => relative.split('\\').try_for_each(check_component)?,
        }
        Ok(Self(path))
    }

    /// The path, beginning with a backslash.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands after the last backslash; never empty.
    #[must_use]
    pub fn file_name(&self) -> &str {
        self.0.rsplit_once('\\').map_or(self.0.as_str(), |(_, name)| name)
    }

    /// What stands before the last backslash; empty for a file in the root.
    #[must_use]
    pub fn folder(&self) -> &str {
        self.0.rsplit_once('\\').map_or("", |(folder, _)| folder)
    }

    /// The path in small letters, for maps and logs. Equal paths give equal texts.
    #[must_use]
    pub fn folded(&self) -> String {
        self.folded_chars().collect()
    }

    fn folded_chars(&self) -> impl Iterator<Item = char> + '_ {
        self.0.chars().flat_map(char::to_lowercase)
    }
}

fn check_component(component: &str) -> Result<(), PathError> {
    match component {
        "" => Err(PathError::EmptyComponent),
        "." | ".." => Err(PathError::DotComponent),
        _ if control_character(component, |_, _| false).is_some() => Err(PathError::ControlCharacter),
        // A text has no more UTF-16 units than bytes.
        _ if component.len() > COMPONENT_MAX && component.encode_utf16().count() > COMPONENT_MAX => {
            Err(PathError::TooLong)
        }
        _ => Ok(()),
    }
}

impl PartialEq for EspPath {
    fn eq(&self, other: &Self) -> bool {
        self.folded_chars().eq(other.folded_chars())
    }
}

impl Eq for EspPath {}

impl Hash for EspPath {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.folded_chars().for_each(|c| c.hash(state));
    }
}

impl From<EspPath> for String {
    fn from(path: EspPath) -> Self {
        path.0
    }
}

impl fmt::Display for EspPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "the path is empty",
            Self::TooLong => "the path is too long",
            Self::EmptyComponent => "the path has two slashes together or one at its end",
            Self::DotComponent => "the path has `.` or `..` in it",
            Self::ControlCharacter => "the path has a control character in it",
        })
    }
}

impl core::error::Error for PathError {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn good_paths() {
        let cases = [
            ("/vmlinuz", r"\vmlinuz"),
            ("vmlinuz", r"\vmlinuz"),
            (r"\EFI\Linux/a.efi", r"\EFI\Linux\a.efi"),
            ("/a b/.hidden/...", r"\a b\.hidden\..."),
            ("/ä/ß", r"\ä\ß"),
        ];
        for (text, path) in cases {
            assert_eq!(EspPath::parse(text).unwrap().as_str(), path);
        }
    }

    #[test]
    fn bad_paths() {
        let cases = [
            ("", PathError::Empty),
            ("/", PathError::Empty),
            ("//", PathError::EmptyComponent),
            ("//a", PathError::EmptyComponent),
            (r"\/a", PathError::EmptyComponent),
            ("/a//b", PathError::EmptyComponent),
            ("/a/", PathError::EmptyComponent),
            ("/a/../b", PathError::DotComponent),
            ("..", PathError::DotComponent),
            (r"a\.\b", PathError::DotComponent),
            ("a\tb", PathError::ControlCharacter),
            ("a\0", PathError::ControlCharacter),
            ("a\u{85}", PathError::ControlCharacter),
        ];
        for (text, error) in cases {
            assert_eq!(EspPath::parse(text), Err(error), "{text:?}");
        }
    }

    #[test]
    fn lengths_are_bounded() {
        let parse = |text: &str| EspPath::parse(text).map(|path| path.as_str().len());
        assert_eq!(parse(&"x".repeat(COMPONENT_MAX)), Ok(COMPONENT_MAX + 1));
        assert_eq!(parse(&"x".repeat(COMPONENT_MAX + 1)), Err(PathError::TooLong));
        assert_eq!(parse(&"/x".repeat(PATH_MAX / 2)), Ok(PATH_MAX));
        assert_eq!(parse(&"/x".repeat(PATH_MAX / 2 + 1)), Err(PathError::TooLong));
    }

    #[test]
    fn parts() {
        let path = EspPath::parse("/a/b").unwrap();
        assert_eq!((path.folder(), path.file_name()), (r"\a", "b"));
        let path = EspPath::parse("b").unwrap();
        assert_eq!((path.folder(), path.file_name()), ("", "b"));
    }

    proptest! {
        #[test]
        fn a_path_reads_back_as_itself(text in "[/\\\\a-zA-Z.ÄäßẞİΣς ]{0,30}") {
            if let Ok(path) = EspPath::parse(&text) {
                let again = EspPath::parse(path.as_str()).unwrap();
                prop_assert_eq!(again.as_str(), path.as_str());
                prop_assert!(path.as_str().starts_with('\\') && !path.as_str().contains('/'));
            }
        }

        #[test]
        fn equal_paths_fold_to_the_same(a in "/[aAäÄ]{1,4}", b in "/[aAäÄ]{1,4}") {
            let (a, b) = (EspPath::parse(&a).unwrap(), EspPath::parse(&b).unwrap());
            prop_assert_eq!(a == b, a.folded() == b.folded());
        }

        #[test]
        fn any_text_is_judged(text in any::<String>()) {
            let _ = EspPath::parse(&text);
        }
    }
}
