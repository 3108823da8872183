// SPDX-License-Identifier: MIT OR Apache-2.0
//! Patterns with `*` and `?`, and suffixes, compared without regard to case.

use alloc::string::String;
use alloc::vec::Vec;

/// Whether `pattern` matches the whole of `text`: `*` any run of characters, `?` any one.
///
/// Takes at most pattern length times text length steps.
///
/// ```
/// use lamboot_core::glob::matches;
/// assert!(matches("debian-*.conf", "Debian-6.12.conf"));
/// assert!(!matches("debian-?.conf", "debian-12.conf"));
/// ```
#[must_use]
pub fn matches(pattern: &str, text: &str) -> bool {
    let text: Vec<char> = folded(text).chars().collect();
    // `reached[i]`: the pattern so far can end at character i of the text.
    let mut reached = alloc::vec![false; text.len().saturating_add(1)];
    if let Some(start) = reached.first_mut() {
        *start = true;
    }
    for wanted in folded(pattern).chars() {
        reached = step(&reached, &text, wanted);
    }
    reached.last().copied().unwrap_or(false)
}

fn step(reached: &[bool], text: &[char], wanted: char) -> Vec<bool> {
    let mut next = Vec::with_capacity(reached.len());
    let mut before = false;
    for (at, &here) in reached.iter().enumerate() {
        let now = if wanted == '*' {
            here || before
        } else {
            let previous = at.checked_sub(1).and_then(|i| Some((*reached.get(i)?, *text.get(i)?)));
            previous.is_some_and(|(open, found)| open && (wanted == '?' || wanted == found))
        };
        next.push(now);
        before = now;
    }
    next
}

/// Whether a name ends with an ASCII suffix, in capital or small letters.
pub(crate) fn has_suffix(name: &str, suffix: &str) -> bool {
    let at = name.len().checked_sub(suffix.len());
    at.and_then(|at| name.get(at..)).is_some_and(|end| end.eq_ignore_ascii_case(suffix))
}

/// The text in small letters, each character by itself: a sigma is the same sigma everywhere.
pub(crate) fn folded(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn table() {
        for (pattern, text, expected) in [
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("*", "anything", true),
            ("a*c", "abbbc", true),
            ("a*c", "abbbd", false),
            ("*b*", "abc", true),
            ("?", "", false),
            ("a**b", "ab", true),
            (r"\EFI\LamBoot\*", r"\efi\lamboot\modules\x.efi", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} against {text}");
        }
    }

    proptest! {
        #[test]
        fn a_text_matches_itself_and_any_beginning_with_a_star(text in "[a-z0-9.]{0,20}", cut in 0_usize..20) {
            prop_assert!(matches(&text, &text));
            let beginning: String = text.chars().take(cut).collect();
            let pattern = format!("{beginning}*");
            prop_assert!(matches(&pattern, &text));
        }
    }
}
