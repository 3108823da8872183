// SPDX-License-Identifier: MIT OR Apache-2.0
//! Words of a GRUB script: quoting, variables, comments and the ends of commands (GRUB manual,
//! "Writing full configuration files directly" and "Quoting").

use alloc::string::String;
use alloc::vec::Vec;
use core::iter::Peekable;
use core::str::Chars;

/// A piece of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Word(Word),
    /// The end of a line, or a semicolon.
    End,
    /// `{`, not that of `${`.
    Open,
    /// `}`.
    Close,
}

/// A word whose variables are not yet looked up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) parts: Vec<Part>,
    /// A part of it was quoted, so it is a word even where it turns out empty.
    pub(super) is_quoted: bool,
}

/// A part of a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Text(String),
    Variable {
        name: String,
        /// What it stands for is not split at blanks.
        is_quoted: bool,
    },
}

impl Word {
    /// The word as it is written, if nothing in it was quoted or is a variable.
    pub(super) fn plain(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [Part::Text(text)] if !self.is_quoted => Some(text),
            _ => None,
        }
    }

    fn push(&mut self, c: char) {
        if let Some(Part::Text(text)) = self.parts.last_mut() {
            text.push(c);
        } else {
            self.parts.push(Part::Text(String::from(c)));
        }
    }
}

/// Splits a script.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut lexer = Lexer { chars: text.chars().peekable() };
    core::iter::from_fn(|| lexer.token()).collect()
}

struct Lexer<'t> {
    chars: Peekable<Chars<'t>>,
}

impl Lexer<'_> {
    fn token(&mut self) -> Option<Token> {
        loop {
            match self.chars.peek()? {
                ' ' | '\t' | '\r' => self.skip(),
                '#' => self.comment(),
                '\n' | ';' => return self.one(Token::End),
                '{' => return self.one(Token::Open),
                '}' => return self.one(Token::Close),
                _ => {
                    let word = self.word();
                    // A line that goes on leaves nothing behind.
                    if word.is_quoted || !word.parts.is_empty() {
                        return Some(Token::Word(word));
                    }
                }
            }
        }
    }

    fn skip(&mut self) {
        self.chars.next();
    }

    fn one(&mut self, token: Token) -> Option<Token> {
        self.skip();
        Some(token)
    }

    fn comment(&mut self) {
        while self.chars.next_if(|c| *c != '\n').is_some() {}
    }

    fn word(&mut self) -> Word {
        let mut word = Word::default();
        while let Some(c) = self.chars.next_if(|c| !matches!(c, ' ' | '\t' | '\r' | '\n' | ';' | '{' | '}')) {
            match c {
                '\\' => self.escaped(&mut word),
                '\'' => self.single(&mut word),
                '"' => self.double(&mut word),
                '$' => self.variable(&mut word, false),
                _ => word.push(c),
            }
        }
        word
    }

    /// Outside of quotes, a backslash keeps any character; it removes the end of a line.
    fn escaped(&mut self, word: &mut Word) {
        self.chars.next_if_eq(&'\r');
        if let Some(c) = self.chars.next().filter(|c| *c != '\n') {
            word.push(c);
        }
    }

    fn single(&mut self, word: &mut Word) {
        word.is_quoted = true;
        while let Some(c) = self.chars.next().filter(|c| *c != '\'') {
            word.push(c);
        }
    }

    fn double(&mut self, word: &mut Word) {
        word.is_quoted = true;
        while let Some(c) = self.chars.next().filter(|c| *c != '"') {
            match c {
                '$' => self.variable(word, true),
                '\\' => match self.chars.next_if(|c| matches!(c, '$' | '"' | '\\' | '\n')) {
                    Some('\n') => {}
                    Some(kept) => word.push(kept),
                    None => word.push('\\'),
                },
                _ => word.push(c),
            }
        }
    }

    /// What follows a dollar sign. `$"` begins a text that could be translated.
    fn variable(&mut self, word: &mut Word, is_quoted: bool) {
        let name = match self.chars.peek().copied() {
            Some('{') => self.braced(),
            Some('"') if !is_quoted => return,
            Some('?' | '*' | '@' | '#') => self.chars.next().map(String::from).unwrap_or_default(),
            Some(c) if is_name_part(c) => self.name(),
            _ => return word.push('$'),
        };
        word.parts.push(Part::Variable { name, is_quoted });
    }

    fn braced(&mut self) -> String {
        self.skip();
        let mut name = String::new();
        while let Some(c) = self.chars.next().filter(|c| *c != '}') {
            name.push(c);
        }
        name
    }

    fn name(&mut self) -> String {
        let mut name = String::new();
        while let Some(c) = self.chars.next_if(|c| is_name_part(*c)) {
            name.push(c);
        }
        name
    }
}

/// Whether a variable's name can have it.
pub(super) fn is_name_part(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Words in brackets, variables in angles (with a bar where they may be split).
    fn shown(text: &str) -> String {
        let part = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Variable { name, is_quoted: true } => format!("<{name}>"),
            Part::Variable { name, is_quoted: false } => format!("<{name}|>"),
        };
        let token = |token: &Token| match token {
            Token::Word(word) => format!("[{}]", word.parts.iter().map(part).collect::<String>()),
            Token::End => ";".into(),
            Token::Open => "{".into(),
            Token::Close => "}".into(),
        };
        tokens(text).iter().map(token).collect()
    }

    #[test]
    fn table() {
        for (text, expected) in [
            ("a b\tc\r\nd", "[a][b][c];[d]"),
            ("a;b # c ; d\ne#f", "[a];[b];[e#f]"),
            ("menuentry 'A {b} \"c\"' {", "[menuentry][A {b} \"c\"]{"),
            ("x{a}y", "[x]{[a]}[y]"),
            ("a${x}b$y-$z", "[a<x|>b<y|>-<z|>]"),
            ("\"a ${x} $y\"", "[a <x> <y>]"),
            ("'$x ${y}'", "[$x ${y}]"),
            ("\"a\\\"b\\$c\\\\d\\x20\"", "[a\"b$c\\d\\x20]"),
            ("a\\ b \\$c \\\"", "[a b][$c][\"]"),
            ("linux /a \\\n  b \\\r\n c", "[linux][/a][b][c]"),
            ("a\\\nb", "[ab]"),
            ("'' \"\" \\\n", "[][]"),
            ("$\"translated $x\"", "[translated <x>]"),
            ("$? $1 $* a$ $=", "[<?|>][<1|>][<*|>][a$][$=]"),
            ("'open", "[open]"),
            ("\"open $", "[open $]"),
            ("${open", "[<open|>]"),
            ("a\\", "[a]"),
        ] {
            assert_eq!(shown(text), expected, "{text:?}");
        }
    }

    #[test]
    fn only_plain_words_are_reserved() {
        let plain = |text: &str| match tokens(text).as_slice() {
            [Token::Word(word)] => word.plain().map(str::to_owned),
            _ => None,
        };
        assert_eq!(plain("fi"), Some("fi".into()));
        for text in ["'fi'", "f\"i\"", "$fi", "f$i"] {
            assert_eq!(plain(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_quoted_singly_stays(text in "[^']{0,30}") {
            prop_assert_eq!(shown(&format!("'{text}'")), format!("[{text}]"));
        }
    }
}
