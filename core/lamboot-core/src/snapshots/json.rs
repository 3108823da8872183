// SPDX-License-Identifier: MIT OR Apache-2.0
//! As much of JSON as `info.json` needs: texts of the outermost object (RFC 8259).

use alloc::string::String;
use core::str::Chars;

/// The first text that the outermost object has under this name.
pub(super) fn text_of(document: &str, name: &str) -> Option<String> {
    let mut chars = document.chars();
    let mut depth = 0_usize;
    let mut key = None;
    let mut is_value = false;
    while let Some(c) = chars.next() {
        match c {
            '{' | '[' => depth = depth.saturating_add(1),
            '}' | ']' => depth = depth.saturating_sub(1),
            ':' if depth == 1 => is_value = true,
            ',' if depth == 1 => (key, is_value) = (None, false),
            '"' => {
                let text = string(&mut chars)?;
                match depth {
                    1 if is_value && key.as_deref() == Some(name) => return Some(text),
                    1 if !is_value => key = Some(text),
                    _ => {}
                }
            }
            _ => {}
        }
    }
    None
}

/// The rest of a string, behind its first quote.
fn string(chars: &mut Chars<'_>) -> Option<String> {
    let mut text = String::new();
    loop {
        match chars.next()? {
            '"' => return Some(text),
            '\\' => text.push(escaped(chars)?),
            c => text.push(c),
        }
    }
}

fn escaped(chars: &mut Chars<'_>) -> Option<char> {
    Some(match chars.next()? {
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'u' => unit(chars)?,
        c => c,
    })
}

/// A character by its UTF-16 number; halves of pairs are shown as replacements.
fn unit(chars: &mut Chars<'_>) -> Option<char> {
    let mut number = 0_u32;
    for _ in 0..4 {
        number = number.checked_mul(16)?.checked_add(chars.next()?.to_digit(16)?)?;
    }
    Some(char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_the_outermost_object() {
        let document = r#"{ "a" : "x \"\\\u0041\ud83d\n", "n": 1, "o": {"b": "inner", "c": ["d", "e"]}, "b": "y", "t": true }"#;
        assert_eq!(text_of(document, "a").as_deref(), Some("x \"\\A\u{fffd}\n"));
        assert_eq!(text_of(document, "b").as_deref(), Some("y"));
        for name in ["x", "n", "o", "c", "d", "t", "inner"] {
            assert_eq!(text_of(document, name), None, "{name}");
        }
        for cut in 0..document.len() {
            assert_eq!(text_of(&document[..cut], "t"), None);
        }
    }
}
