// SPDX-License-Identifier: MIT OR Apache-2.0
//! What an operating system calls itself (os-release(5)), as images carry it in `.osrel`.

use crate::text::TEXT_MAX;
use alloc::string::String;

/// The most bytes that a value may have; a longer one counts as none.
pub const VALUE_MAX: usize = 1024;

/// The fields that name an entry and give it its place in a menu.
///
/// A field without a value, or with one that no terminal should see, is as if it were not there.
///
/// ```
/// use bootspec::osrel::OsRelease;
///
/// let debian = OsRelease::parse(b"PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\nVERSION_ID=\"12\"\n");
/// assert_eq!(debian.title(), Some("Debian GNU/Linux 12 (bookworm)"));
/// assert_eq!((debian.sort_key(), debian.version()), (Some("debian"), Some("12")));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OsRelease {
    /// `NAME`: the system, for people.
    pub name: Option<String>,
    /// `ID`: the system, for programs.
    pub id: Option<String>,
    /// `PRETTY_NAME`: the system and its version, for people.
    pub pretty_name: Option<String>,
    /// `IMAGE_ID`: what sort of image of the system.
    pub image_id: Option<String>,
    /// `IMAGE_VERSION`: of the image.
    pub image_version: Option<String>,
    /// `VERSION`: of the system, for people.
    pub version: Option<String>,
    /// `VERSION_ID`: of the system, for programs.
    pub version_id: Option<String>,
    /// `BUILD_ID`: which build of that version.
    pub build_id: Option<String>,
}

impl OsRelease {
    /// Reads the text of an `os-release` file. Takes any bytes: lines that cannot be read are left
    /// out, and of a field that comes again, the last counts. Reads up to the first NUL, and at
    /// most [`TEXT_MAX`] bytes.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Self {
        let mut fields = Self::default();
        for (key, value) in assignments(bytes) {
            if let Some(field) = fields.field(key) {
                *field = value;
            }
        }
        fields
    }

    /// The title of an entry: the first of `PRETTY_NAME`, `IMAGE_ID`, `NAME`, `ID`, as systemd-boot
    /// chooses it.
    #[must_use]
    pub fn title(&self) -> Option<&str> {
        first([&self.pretty_name, &self.image_id, &self.name, &self.id])
    }

    /// The version to sort by: the first of `IMAGE_VERSION`, `VERSION`, `VERSION_ID`, `BUILD_ID`,
    /// as systemd-boot chooses it.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        first([&self.image_version, &self.version, &self.version_id, &self.build_id])
    }

    /// The key to sort by: `IMAGE_ID`, or else `ID`, as systemd-boot chooses it.
    #[must_use]
    pub fn sort_key(&self) -> Option<&str> {
        first([&self.image_id, &self.id])
    }

    fn field(&mut self, key: &str) -> Option<&mut Option<String>> {
        Some(match key {
            "NAME" => &mut self.name,
            "ID" => &mut self.id,
            "PRETTY_NAME" => &mut self.pretty_name,
            "IMAGE_ID" => &mut self.image_id,
            "IMAGE_VERSION" => &mut self.image_version,
            "VERSION" => &mut self.version,
            "VERSION_ID" => &mut self.version_id,
            "BUILD_ID" => &mut self.build_id,
            _ => return None,
        })
    }
}

fn first<const N: usize>(fields: [&Option<String>; N]) -> Option<&str> {
    fields.into_iter().find_map(|field| field.as_deref())
}

/// The assignments of an environment-like text, in order: key, and value without its quotes; `None`
/// for a value that cannot be used.
pub(crate) fn assignments(bytes: &[u8]) -> impl Iterator<Item = (&str, Option<String>)> {
    let bytes = bytes.get(..TEXT_MAX).unwrap_or(bytes);
    let text = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
    let lines = text.split(|byte| matches!(byte, b'\n' | b'\r'));
    lines.filter_map(|line| core::str::from_utf8(line).ok()).filter_map(|line| {
        let (key, value) = line.trim_matches(is_blank).split_once('=')?;
        (!key.starts_with('#'))
            .then(|| (key, unquoted(value.trim_start_matches(is_blank)).filter(|value| is_usable(value))))
    })
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t')
}

fn is_usable(value: &str) -> bool {
    !value.is_empty() && value.len() <= VALUE_MAX && !value.contains(char::is_control)
}

/// The value without quotes and backslashes, as a shell reads it; `None` when a quote does not end,
/// or something comes behind it.
fn unquoted(value: &str) -> Option<String> {
    let mut chars = value.chars();
    let quote = chars.next().filter(|c| matches!(c, '"' | '\''));
    let inside = match quote {
        None => value,
        Some(_) => chars.as_str(),
    };
    let (text, rest) = until(inside, quote)?;
    rest.is_empty().then_some(text)
}

/// What comes before the closing quote, and what behind it.
fn until(text: &str, quote: Option<char>) -> Option<(String, &str)> {
    let (mut taken, mut chars) = (String::new(), text.chars());
    while let Some(c) = chars.next() {
        match c {
            _ if quote == Some(c) => return Some((taken, chars.as_str())),
            '\\' if quote != Some('\'') => push_escaped(&mut taken, chars.next()?, quote),
            _ => taken.push(c),
        }
    }
    quote.is_none().then_some((taken, ""))
}

/// In double quotes a backslash stands for itself before what needs none.
fn push_escaped(taken: &mut String, c: char, quote: Option<char>) {
    if quote.is_some() && !matches!(c, '"' | '\\' | '$' | '`') {
        taken.push('\\');
    }
    taken.push(c);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn value(line: &str) -> Option<String> {
        assignments(line.as_bytes()).next().and_then(|(_, value)| value)
    }

    #[test]
    fn quotes_and_escapes() {
        let cases = [
            ("A=b", Some("b")),
            ("  A= b \t", Some("b")),
            ("A=\"b c\"", Some("b c")),
            ("A='b \"$c\\'", Some("b \"$c\\")),
            (r#"A="b \"c\" \$d \`e \\ \f""#, Some("b \"c\" $d `e \\ \\f")),
            (r"A=b\ c\\", Some("b c\\")),
            ("A=b=c", Some("b=c")),
            ("A=é", Some("é")),
            ("A=", None),
            ("A=\"\"", None),
            ("A=\"b", None),
            ("A=\"b\"c", None),
            ("A='b'\"c\"", None),
            ("A=b\\", None),
            ("A=\x1b[2J", None),
            ("#A=b", None),
            ("A", None),
        ];
        for (line, expected) in cases {
            assert_eq!(value(line).as_deref(), expected, "{line:?}");
        }
        assert_eq!(value(&format!("A={}", "b".repeat(VALUE_MAX + 1))), None);
    }

    #[test]
    fn what_names_an_entry() {
        let read = |text: &str| {
            let fields = OsRelease::parse(text.as_bytes());
            let owned = |field: Option<&str>| field.map(str::to_owned);
            (owned(fields.title()), owned(fields.version()), owned(fields.sort_key()))
        };
        let some = |text: &str| Some(text.to_owned());
        let all = "ID=i\nNAME=n\nIMAGE_ID=ii\nPRETTY_NAME=p\nBUILD_ID=1\nVERSION_ID=2\nVERSION=3\nIMAGE_VERSION=4\n";
        assert_eq!(read(all), (some("p"), some("4"), some("ii")));
        assert_eq!(
            read("ID=i\nNAME=n\nBUILD_ID=1\nVERSION_ID=2\nVERSION=3"),
            (some("n"), some("3"), some("i"))
        );
        assert_eq!(read("ID=i\nIMAGE_ID=ii\nBUILD_ID=1\nVERSION_ID=2"), (some("ii"), some("2"), some("ii")));
        assert_eq!(read("ID=i\r\nBUILD_ID=1\0\0\nID=x"), (some("i"), some("1"), some("i")));
        assert_eq!(read("ID=i\nID=\n"), (None, None, None));
        assert_eq!(OsRelease::parse(b"ID=a\n\xFF\xFE\nNAME=b").title(), Some("b"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let fields = OsRelease::parse(&bytes);
            prop_assert!(fields.title().is_none_or(|title| !title.contains(char::is_control)));
        }

        #[test]
        fn what_is_quoted_is_read(text in "[ -~é]{1,30}") {
            let escaped: String = text.chars().flat_map(|c| {
                matches!(c, '"' | '\\' | '$' | '`').then_some('\\').into_iter().chain([c])
            }).collect();
            prop_assert_eq!(value(&format!("A=\"{escaped}\"")), Some(text));
        }
    }
}
