// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the maker of a snapshot says of it.

use super::{json, xml};
use alloc::format;
use alloc::string::String;

/// The most characters of a description that are shown.
const SHOWN_MAX: usize = 60;

/// Date and description of a snapshot, to be shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notes {
    /// When it was made.
    pub date: Option<String>,
    /// Why it was made; may be empty.
    pub description: String,
}

/// What `info.xml` of Snapper says. Its date is in UTC.
#[must_use]
pub fn of_snapper(bytes: &[u8]) -> Notes {
    let text = String::from_utf8_lossy(bytes);
    let date = xml::text_of(&text, "date").and_then(|date| minute(date.trim(), [' ', ':']));
    let description = xml::text_of(&text, "description").unwrap_or_default();
    Notes { date: date.map(|date| format!("{date} UTC")), description: shown(&description) }
}

/// What `info.json` of Timeshift says, beside the date, which its folder is called by.
#[must_use]
pub fn of_timeshift(bytes: &[u8]) -> Notes {
    let text = String::from_utf8_lossy(bytes);
    Notes { date: None, description: shown(&json::text_of(&text, "comments").unwrap_or_default()) }
}

/// The date that a folder of Timeshift is called by.
pub(super) fn date_of_name(name: &str) -> Option<String> {
    minute(name, ['_', '-'])
}

/// The minute of a date like `2026-11-20 10:15:01`, with these characters before the hour and after it.
fn minute(text: &str, [before, between]: [char; 2]) -> Option<String> {
    let fits = |(at, c): (usize, char)| match at {
        4 | 7 => c == '-',
        10 => c == before,
        13 => c == between,
        _ => c.is_ascii_digit(),
    };
    let text = text.get(..16).filter(|text| text.char_indices().all(fits))?;
    let (day, time) = text.split_at_checked(10)?;
    Some(format!("{day} {}:{}", time.get(1..3)?, time.get(4..6)?))
}

/// Text in one line of bounded length, without what a console takes for a command or what turns its direction.
#[must_use]
pub fn shown(text: &str) -> String {
    let mut line = String::new();
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
        if !line.is_empty() {
            line.push(' ');
        }
        line.extend(word.chars().filter(|c| !is_formatting(*c)).take(SHOWN_MAX));
        if line.chars().count() > SHOWN_MAX {
            let short: String = line.chars().take(SHOWN_MAX.saturating_sub(1)).collect();
            return format!("{short}…");
        }
    }
    line
}

/// Characters without a shape that change how others are shown (Unicode, `Bidi_Control` and its like).
const fn is_formatting(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_snapper_writes() {
        let notes = of_snapper(
            b"<?xml version=\"1.0\"?>\n<snapshot>\n  <type>pre</type>\n  <num>42</num>\n  \
              <date>2026-11-20 10:15:01</date>\n  <description>zypp(zypper) &amp; more</description>\n  \
              <cleanup>number</cleanup>\n  <userdata>\n    <key>important</key>\n    <value>yes</value>\n  \
              </userdata>\n</snapshot>\n",
        );
        assert_eq!(notes.date.as_deref(), Some("2026-11-20 10:15 UTC"));
        assert_eq!(notes.description, "zypp(zypper) & more");
        assert_eq!(of_snapper(b"<snapshot><date>yesterday</date></snapshot>"), Notes::default());
    }

    #[test]
    fn what_timeshift_writes() {
        let notes = of_timeshift(
            b"{\n  \"created\" : \"1795168801\",\n  \"tags\" : \"ondemand\",\n  \"comments\" : \"before upgrade\",\n  \
              \"subvolumes\" : { \"@\" : { \"comments\" : \"no\" } }\n}",
        );
        assert_eq!(notes, Notes { date: None, description: "before upgrade".into() });
        assert_eq!(date_of_name("2026-11-20_10-00-01").as_deref(), Some("2026-11-20 10:00"));
        assert_eq!(date_of_name("2026-11-20 10:00:01"), None);
    }

    #[test]
    fn what_is_shown_gives_no_commands() {
        assert_eq!(shown("a\u{1b}[31mb\r\nc\u{202e}d\u{7f}\0"), "a [31mb cd");
        assert_eq!(shown(&"x".repeat(100)).chars().count(), SHOWN_MAX);
        assert_eq!(shown(&"ab ".repeat(100)).chars().count(), SHOWN_MAX);
    }

    proptest! {
        #[test]
        fn any_bytes_are_taken(bytes in prop::collection::vec(any::<u8>(), 0..300), text in ".{0,300}") {
            for bytes in [bytes.as_slice(), text.as_bytes()] {
                for notes in [of_snapper(bytes), of_timeshift(bytes)] {
                    prop_assert!(notes.description.chars().count() <= SHOWN_MAX);
                    prop_assert!(!notes.description.contains(char::is_control));
                }
            }
        }

        #[test]
        fn what_is_written_is_read(text in "[a-zA-Zäλ0-9<>&\"' ]{0,50}") {
            let words = shown(&text);
            let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            let xml = format!("<snapshot><description>{escaped}</description></snapshot>");
            prop_assert_eq!(&of_snapper(xml.as_bytes()).description, &words);
            let json = format!("{{\"comments\":\"{}\"}}", text.replace('"', "\\\""));
            prop_assert_eq!(&of_timeshift(json.as_bytes()).description, &words);
        }
    }
}
