// SPDX-License-Identifier: MIT OR Apache-2.0
//! As much of XML as `info.xml` needs: the text of elements just below the outermost one.

use alloc::string::String;

/// The most elements that are looked at.
const ELEMENTS_MAX: usize = 256;

/// The text of the first element `name` just below the outermost one that has nothing but text.
pub(super) fn text_of(document: &str, name: &str) -> Option<String> {
    let mut depth = 0_usize;
    let mut open = None;
    let mut rest = document;
    for _ in 0..ELEMENTS_MAX {
        let (before, after) = rest.split_once('<')?;
        if let Some(comment) = after.strip_prefix("!--") {
            rest = comment.split_once("-->")?.1;
            continue;
        }
        let (tag, behind) = after.split_once('>')?;
        rest = behind;
        if let Some(end) = tag.strip_prefix('/') {
            if depth == 2 && open == Some(name) && end.trim() == name {
                return Some(unescaped(before));
            }
            depth = depth.saturating_sub(1);
            open = None;
        } else if tag.ends_with('/') {
            open = None;
        } else if !tag.starts_with(['?', '!']) {
            depth = depth.saturating_add(1);
            open = tag.split_whitespace().next().filter(|_| depth == 2);
        }
    }
    None
}

/// Text with characters in place of references (XML 1.0, section 4.1); what is none stays as it is.
fn unescaped(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        plain.push_str(before);
        match after.split_once(';').and_then(|(name, behind)| Some((referred(name)?, behind))) {
            Some((c, behind)) => {
                plain.push(c);
                rest = behind;
            }
            None => {
                plain.push('&');
                rest = after;
            }
        }
    }
    plain.push_str(rest);
    plain
}

fn referred(name: &str) -> Option<char> {
    let number = name.strip_prefix('#');
    match (name, number) {
        ("lt", _) => Some('<'),
        ("gt", _) => Some('>'),
        ("amp", _) => Some('&'),
        ("quot", _) => Some('"'),
        ("apos", _) => Some('\''),
        (_, Some(number)) => {
            let hexadecimal = number.strip_prefix('x').map(|digits| u32::from_str_radix(digits, 16));
            char::from_u32(hexadecimal.unwrap_or_else(|| number.parse()).ok()?)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_just_below_the_outermost_one() {
        let document = "<?xml version=\"1.0\"?>\n<!-- <a>no</a> -->\n<snapshot>\n  <a>x &lt;&#65;&#x42;&amp;&bad; &</a>\n  \
            <userdata><key>b</key><b>inner</b></userdata>\n  <empty/>\n  <b k=\"v\">y</b>\n</snapshot>\n";
        assert_eq!(text_of(document, "a").as_deref(), Some("x <AB&&bad; &"));
        assert_eq!(text_of(document, "b").as_deref(), Some("y"));
        for name in ["snapshot", "userdata", "key", "empty", "c"] {
            assert_eq!(text_of(document, name), None, "{name}");
        }
        for cut in 0..document.len() {
            let _ = document.get(..cut).map(|part| text_of(part, "b"));
        }
    }
}
