// SPDX-License-Identifier: MIT OR Apache-2.0
//! Variables of a GRUB script, and what words become with them.

use super::words::{Part, Word, is_name_part};
use alloc::string::String;
use alloc::vec::Vec;

/// The most variables; further ones stay empty.
const VARIABLES_MAX: usize = 128;
/// The most bytes of one variable; a longer value leaves it as it was.
const VALUE_MAX: usize = 2048;
/// The most bytes that the words of one command may come to.
const COMMAND_MAX: usize = 8 * 1024;

/// The variables: names and values.
#[derive(Clone, Debug, Default)]
pub(super) struct Variables(Vec<(String, String)>);

impl Variables {
    pub(super) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    pub(super) fn set(&mut self, name: &str, value: &str) {
        if value.len() > VALUE_MAX {
            return;
        }
        if let Some((_, old)) = self.0.iter_mut().find(|(known, _)| known == name) {
            *old = String::from(value);
        } else if self.0.len() < VARIABLES_MAX {
            self.0.push((String::from(name), String::from(value)));
        }
    }

    pub(super) fn unset(&mut self, name: &str) {
        self.0.retain(|(known, _)| known != name);
    }

    /// Sets what a word like `name=value` says, if it is one.
    pub(super) fn assign(&mut self, word: &str) -> bool {
        let Some((name, value)) = word.split_once('=') else { return false };
        let is_name = !name.is_empty() && name.chars().all(is_name_part);
        if is_name {
            self.set(name, value);
        }
        is_name
    }

    /// The words with their variables looked up: unknown ones are empty, and what is not quoted
    /// is split at blanks. None where they come to too much.
    pub(super) fn expand(&self, words: &[Word]) -> Option<Vec<String>> {
        let mut expanded = Expanded::default();
        for word in words {
            self.expand_word(word, &mut expanded)?;
        }
        Some(expanded.words)
    }

    fn expand_word(&self, word: &Word, expanded: &mut Expanded) -> Option<()> {
        expanded.is_open = word.is_quoted.then(String::new);
        for part in &word.parts {
            match part {
                Part::Text(text) => expanded.add(text)?,
                Part::Variable { name, is_quoted: true } => expanded.add(self.get(name))?,
                Part::Variable { name, .. } => expanded.add_split(self.get(name))?,
            }
        }
        expanded.close();
        Some(())
    }
}

#[derive(Default)]
struct Expanded {
    words: Vec<String>,
    /// The word that is being put together.
    is_open: Option<String>,
    bytes: usize,
}

impl Expanded {
    fn add(&mut self, text: &str) -> Option<()> {
        self.bytes = self.bytes.saturating_add(text.len());
        if self.bytes > COMMAND_MAX {
            return None;
        }
        self.is_open.get_or_insert_default().push_str(text);
        Some(())
    }

    fn add_split(&mut self, text: &str) -> Option<()> {
        let is_blank = |c: char| matches!(c, ' ' | '\t' | '\n');
        for (number, piece) in text.split(is_blank).enumerate() {
            if number > 0 {
                self.close();
            }
            if !piece.is_empty() {
                self.add(piece)?;
            }
        }
        Some(())
    }

    fn close(&mut self) {
        self.words.extend(self.is_open.take());
    }
}

#[cfg(test)]
mod tests {
    use super::super::words::{Token, tokens};
    use super::*;

    fn expand(variables: &Variables, text: &str) -> Option<Vec<String>> {
        let words: Vec<Word> = tokens(text)
            .into_iter()
            .filter_map(|token| if let Token::Word(word) = token { Some(word) } else { None })
            .collect();
        variables.expand(&words)
    }

    #[test]
    fn words_are_put_together_and_split() {
        let mut variables = Variables::default();
        for word in ["one=1", "two=a b", "_x9=", "path=/isos/a.iso"] {
            assert!(variables.assign(word));
        }
        for word in ["=a", "a-b=c", "ab", "/a=b"] {
            assert!(!variables.assign(word), "{word}");
        }
        for (text, expected) in [
            ("x$one ${two}y", &["x1", "a", "by"][..]),
            ("x\"$two\"y '$one'", &["xa by", "$one"]),
            ("$none \"$none\" a$none", &["", "a"]),
            ("f=$path", &["f=/isos/a.iso"]),
            ("$two$two", &["a", "ba", "b"]),
        ] {
            assert_eq!(expand(&variables, text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn values_do_not_grow_without_end() {
        let mut variables = Variables::default();
        variables.set("a", &"x".repeat(1000));
        for _ in 0..64 {
            let Some(words) = expand(&variables, "a=$a$a") else { break };
            variables.assign(&words[0]);
        }
        assert_eq!(variables.get("a").len(), 2000);
        assert_eq!(expand(&variables, &"$a ".repeat(9)), None);
        (0..1000).for_each(|n| variables.set(&format!("v{n}"), ""));
        assert_eq!(variables.0.len(), VARIABLES_MAX);
    }
}
