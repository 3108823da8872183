// SPDX-License-Identifier: MIT OR Apache-2.0
//! Words of a kernel command line.

use crate::text::is_blank;
use alloc::string::String;
use core::ops::Range;

/// The words of `text`, as byte ranges. Double quotes keep white space inside a word, as the
/// kernel reads them (Linux, `next_arg`).
pub fn words(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut chars = text.char_indices().peekable();
    core::iter::from_fn(move || {
        let (start, first) = chars.find(|(_, c)| !is_blank(*c))?;
        let mut quoted = first == '"';
        while let Some((_, c)) = chars.next_if(|(_, c)| quoted || !is_blank(*c)) {
            quoted ^= c == '"';
        }
        let end = chars.peek().map_or(text.len(), |(at, _)| *at);
        Some(start..end)
    })
}

/// Whether another boot loader was to fill in this word: it begins with a dollar sign.
///
/// ```
/// assert!(bootspec::options::is_placeholder("$tuned_params"));
/// assert!(!bootspec::options::is_placeholder("memmap=4G$8G"));
/// ```
#[must_use]
pub fn is_placeholder(word: &str) -> bool {
    word.starts_with('$')
}

/// `text` with what `fill` says in place of each placeholder; those of which it says nothing are left
/// out. Other words keep what is between them; one that is left out takes along the white space after
/// it, the last one that before it.
pub fn fill_placeholders(text: &str, mut fill: impl FnMut(&str) -> Option<String>) -> String {
    if !text.bytes().any(|byte| byte == b'$') {
        return String::from(text);
    }
    let mut kept = String::new();
    let mut from = 0;
    for range in words(text) {
        let word = text.get(range.clone()).unwrap_or("");
        if is_placeholder(word) {
            kept.push_str(text.get(from..range.start).unwrap_or(""));
            from = match fill(word) {
                Some(value) => {
                    kept.push_str(&value);
                    range.end
                }
                None => skip_blanks(text, range.end),
            };
        }
    }
    let rest = text.get(from..).unwrap_or("");
    if rest.is_empty() {
        kept.truncate(kept.trim_end_matches(is_blank).len());
    }
    kept.push_str(rest);
    kept
}

fn skip_blanks(text: &str, from: usize) -> usize {
    let rest = text.get(from..).unwrap_or("");
    let blanks = rest.len().saturating_sub(rest.trim_start_matches(is_blank).len());
    from.saturating_add(blanks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn split(text: &str) -> Vec<&str> {
        words(text).map(|range| &text[range]).collect()
    }

    #[test]
    fn quotes_hold_a_word_together() {
        assert_eq!(split(" a  b=\"c d\" \"e f\"g\t"), ["a", "b=\"c d\"", "\"e f\"g"]);
        assert_eq!(split("a \"b c"), ["a", "\"b c"]);
        assert_eq!(split(" \t"), Vec::<&str>::new());
    }

    #[test]
    fn placeholders_go_and_the_rest_stays_as_it_was() {
        let cases = [
            ("root=/dev/sda1 $tuned_params quiet", "root=/dev/sda1 quiet"),
            ("$kernelopts", ""),
            ("$a $b", ""),
            ("quiet $a", "quiet"),
            ("a  b   $c  d", "a  b   d"),
            ("x=\"y $z\" \"$q\"", "x=\"y $z\" \"$q\""),
            ("memmap=4G$8G cost=$5", "memmap=4G$8G cost=$5"),
        ];
        for (text, kept) in cases {
            assert_eq!(fill_placeholders(text, |_| None), kept, "{text}");
        }
    }

    #[test]
    fn placeholders_are_filled_in() {
        let fill = |word: &str| (word == "$kernelopts").then(|| String::from("root=/dev/sda1 ro"));
        let filled = |text| fill_placeholders(text, fill);
        assert_eq!(filled("$kernelopts $tuned_params"), "root=/dev/sda1 ro");
        assert_eq!(filled("a  $kernelopts  b"), "a  root=/dev/sda1 ro  b");
        assert_eq!(filled("$tuned_params $kernelopts"), "root=/dev/sda1 ro");
    }

    proptest! {
        #[test]
        fn the_words_left_are_the_words_that_are_no_placeholders(text in "[a$\" =ä]{0,40}") {
            let mut gone = Vec::new();
            let kept = fill_placeholders(&text, |word| {
                gone.push(word.to_owned());
                None
            });
            let (placeholders, others): (Vec<_>, Vec<_>) =
                split(&text).into_iter().partition(|word| is_placeholder(word));
            prop_assert_eq!(gone, placeholders);
            prop_assert_eq!(split(&kept), others);
        }
    }
}
