// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lines of a text that is wider than its room. What a character takes of the room, the painter says.

use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

/// What a character takes, in the unit in which the room is told.
pub(super) type Advance<'a> = &'a dyn Fn(char) -> u32;

/// The most lines that a text becomes.
const MAX_LINES: usize = 64;

/// The lines of a text, as ranges of its characters that leave none out: broken behind blanks, and in
/// words only where one is wider than the room. There is always one line. A single blank at its end may
/// hang over.
pub(super) fn breaks(text: &[char], room: u32, advance: Advance<'_>) -> Vec<Range<usize>> {
    let mut lines = Vec::new();
    let (mut start, mut used) = (0_usize, 0_u32);
    // Behind the line's last blank, and what the line takes up to there.
    let mut blank: Option<(usize, u32)> = None;
    for (place, character) in text.iter().enumerate() {
        let taken = advance(*character);
        let hangs = *character == ' ' && blank.is_none_or(|(behind, _)| behind != place);
        while !hangs && used.saturating_add(taken) > room && place > start {
            let (end, before) = blank.take().unwrap_or((place, used));
            lines.push(start..end);
            start = end;
            used = used.saturating_sub(before);
        }
        used = used.saturating_add(taken);
        if *character == ' ' {
            blank = Some((place.saturating_add(1), used));
        }
    }
    lines.push(start..text.len());
    lines
}

/// The lines of a text for reading: blanks in a row are one, and none stands at a line's end.
pub(super) fn wrap(text: &str, room: u32, advance: Advance<'_>) -> Vec<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let text: Vec<char> = words.join(" ").chars().collect();
    let line = |range: Range<usize>| text.get(range).unwrap_or_default().iter().collect::<String>();
    let lines = breaks(&text, room, advance).into_iter().take(MAX_LINES);
    lines.map(|range| String::from(line(range).trim())).filter(|line| !line.is_empty()).collect()
}

/// The text, or its start and more of its end with an ellipsis between them: the end of a path says more.
pub(super) fn shortened(text: &str, room: u32, advance: Advance<'_>) -> String {
    let width = |text: &str| text.chars().fold(0_u32, |sum, c| sum.saturating_add(advance(c)));
    if width(text) <= room {
        return text.into();
    }
    let room = room.saturating_sub(advance('\u{2026}'));
    let start: String = text.chars().take(fitting(text.chars(), room / 3, advance)).collect();
    let rest = room.saturating_sub(width(&start));
    let mut end: Vec<char> = text.chars().rev().take(fitting(text.chars().rev(), rest, advance)).collect();
    end.reverse();
    start.chars().chain(['\u{2026}']).chain(end).collect()
}

/// How many of the characters fit into the room.
fn fitting(characters: impl Iterator<Item = char>, room: u32, advance: Advance<'_>) -> usize {
    let mut used = 0_u32;
    let fits = |character: &char| {
        used = used.saturating_add(advance(*character));
        used <= room
    };
    characters.take_while(fits).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const EACH: Advance<'static> = &|_| 1;

    fn broken(text: &str, room: u32) -> Vec<String> {
        let text: Vec<char> = text.chars().collect();
        breaks(&text, room, EACH).into_iter().map(|range| text[range].iter().collect()).collect()
    }

    #[test]
    fn lines_are_broken_behind_blanks() {
        assert_eq!(broken("root=/dev/sda2 ro quiet", 18), ["root=/dev/sda2 ro ", "quiet"]);
        assert_eq!(broken("a b  c", 3), ["a b ", " c"]);
        assert_eq!(broken("", 5), [""]);
    }

    #[test]
    fn words_that_are_too_long_are_broken_where_they_must() {
        assert_eq!(broken("ro abcdefgh x", 4), ["ro ", "abcd", "efgh ", "x"]);
        assert_eq!(broken(" abcd", 4), [" ", "abcd"]);
        assert_eq!(broken("ab", 0), ["a", "b"]);
    }

    #[test]
    fn lines_to_read_have_no_blanks_around_them() {
        assert_eq!(wrap("  one  two\tthree ", 8, EACH), ["one two", "three"]);
        assert_eq!(wrap(" \t ", 8, EACH), [""; 0]);
    }

    #[test]
    fn a_path_keeps_its_end() {
        assert_eq!(shortened(r"\0123456789\linux", 11, EACH), "\\01\u{2026}9\\linux");
        assert_eq!(shortened("linux", 5, EACH), "linux");
        assert_eq!(shortened("linux", 0, EACH), "\u{2026}");
    }

    proptest! {
        #[test]
        fn no_character_is_lost_and_no_line_is_too_wide(text in "[a-c ]{0,60}", room in 1_u32..20) {
            let lines = broken(&text, room);
            prop_assert_eq!(lines.concat(), text.clone());
            for line in &lines {
                let hanging = usize::from(line.ends_with(' '));
                prop_assert!(line.chars().count() <= room as usize + hanging, "{line:?}");
            }
            for line in wrap(&text, room, EACH) {
                prop_assert!(line.chars().count() <= room as usize && line.trim() == line);
            }
            prop_assert!(shortened(&text, room, EACH).chars().count() <= room as usize);
        }
    }
}
