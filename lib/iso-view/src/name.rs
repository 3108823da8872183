// SPDX-License-Identifier: MIT OR Apache-2.0
//! Names that are not Rock Ridge's: plain ones (ECMA-119, 7.5) and Joliet's.

use alloc::string::String;
use alloc::vec::Vec;

/// A plain name without its version number, and without the dot that separates nothing.
pub(crate) fn plain(identifier: &[u8]) -> String {
    let name = String::from_utf8_lossy(identifier);
    let name = without_version(&name);
    String::from(name.strip_suffix('.').unwrap_or(name))
}

/// A Joliet name: big-endian UCS-2, read as UTF-16.
pub(crate) fn joliet(identifier: &[u8]) -> String {
    let (pairs, _) = identifier.as_chunks::<2>();
    let units: Vec<u16> = pairs.iter().map(|pair| u16::from_be_bytes(*pair)).collect();
    String::from(without_version(&String::from_utf16_lossy(&units)))
}

fn without_version(name: &str) -> &str {
    match name.rsplit_once(';') {
        Some((stem, version)) if version.bytes().all(|byte| byte.is_ascii_digit()) => stem,
        _ => name,
    }
}

/// Whether a path could name it.
pub(crate) fn is_usable(name: &str) -> bool {
    !matches!(name, "" | "." | "..") && !name.contains(['/', '\0'])
}

/// Whether two names differ in case only.
pub(crate) fn equal_without_case(a: &str, b: &str) -> bool {
    a.chars().flat_map(char::to_lowercase).eq(b.chars().flat_map(char::to_lowercase))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_names() {
        for (stored, name) in [
            ("VMLINUZ.;1", "VMLINUZ"),
            ("A.B;12", "A.B"),
            ("DIR", "DIR"),
            ("A;B", "A;B"),
            ("A.", "A"),
            (";1", ""),
            (".", ""),
        ] {
            assert_eq!(plain(stored.as_bytes()), name, "{stored}");
        }
    }

    #[test]
    fn joliet_names() {
        let stored = |name: &str| name.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>();
        assert_eq!(joliet(&stored("Größe 😀.txt;1")), "Größe 😀.txt");
        assert_eq!(joliet(&stored("end.")), "end.");
        assert_eq!(joliet(&[0xD8, 0x00, 0, b'a', 7]), "\u{fffd}a");
    }

    #[test]
    fn names_that_no_path_has() {
        for name in ["", ".", "..", "a/b", "a\0"] {
            assert!(!is_usable(name), "{name:?}");
        }
        assert!(is_usable("...") && is_usable("a b"));
        assert!(equal_without_case("ÄB", "äb") && !equal_without_case("ab", "abc"));
    }
}
