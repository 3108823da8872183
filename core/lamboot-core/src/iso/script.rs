// SPDX-License-Identifier: MIT OR Apache-2.0
//! Commands of a GRUB script, with their blocks (GRUB manual, "Shell-like scripting").
//!
//! `if`, blocks in braces and simple commands are kept. Loops and functions are read over. What
//! comes after a mistake is left out; so is a command that the file ends amid.

use super::words::{Token, Word, tokens};
use alloc::vec::Vec;

/// How deep blocks and conditions may stand in each other.
const NESTING_MAX: usize = 8;

/// A command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Command {
    Simple(Vec<Word>),
    /// The condition and body of each branch; `else` has no condition.
    If(Vec<(Vec<Self>, Vec<Self>)>),
    /// A command with a block: `menuentry`, `submenu`.
    Block(Vec<Word>, Vec<Self>),
    /// A loop or a function.
    Unknown,
}

/// What a list of commands ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ends {
    File,
    Brace,
    At(&'static [&'static str]),
}

/// Reads a script.
pub(super) fn parse(text: &str) -> Vec<Command> {
    let mut parser = Parser { tokens: tokens(text), at: 0, depth: 0 };
    let mut commands = Vec::new();
    while let Some(command) = parser.command(Ends::File) {
        match command {
            Item::Command(command) => commands.push(command),
            Item::End(_) => break,
        }
    }
    commands
}

enum Item {
    Command(Command),
    /// The list ends here, with this word where it ends with one.
    End(&'static str),
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

impl Parser {
    /// The commands up to the end that is meant. None where it is not there, or where there is a
    /// mistake before it.
    fn list(&mut self, ends: Ends) -> Option<(Vec<Command>, &'static str)> {
        if self.depth >= NESTING_MAX {
            return None;
        }
        self.depth = self.depth.saturating_add(1);
        let mut commands = Vec::new();
        let end = loop {
            match self.command(ends)? {
                Item::Command(command) => commands.push(command),
                Item::End(word) => break word,
            }
        };
        self.depth = self.depth.saturating_sub(1);
        Some((commands, end))
    }

    fn command(&mut self, ends: Ends) -> Option<Item> {
        while self.tokens.get(self.at) == Some(&Token::End) {
            self.advance();
        }
        match self.tokens.get(self.at) {
            None => (ends == Ends::File).then_some(Item::End("")),
            Some(Token::Close) => {
                self.advance();
                (ends == Ends::Brace).then_some(Item::End(""))
            }
            Some(Token::Open | Token::End) => None,
            Some(Token::Word(word)) => {
                let reserved = word.plain().and_then(reserved);
                match reserved {
                    Some(word) => self.reserved(word, ends),
                    None => self.simple().map(Item::Command),
                }
            }
        }
    }

    fn reserved(&mut self, word: &'static str, ends: Ends) -> Option<Item> {
        self.advance();
        match word {
            "if" => self.conditions().map(Item::Command),
            "while" | "until" => {
                self.list(Ends::At(&["do"]))?;
                self.list(Ends::At(&["done"])).map(|_| Item::Command(Command::Unknown))
            }
            "for" | "function" => {
                self.words();
                let body = if word == "for" { self.loop_body() } else { self.block().map(|_| ()) };
                body.map(|()| Item::Command(Command::Unknown))
            }
            _ => match ends {
                Ends::At(words) if words.contains(&word) => Some(Item::End(word)),
                _ => None,
            },
        }
    }

    fn loop_body(&mut self) -> Option<()> {
        self.list(Ends::At(&["do"]))?;
        self.list(Ends::At(&["done"])).map(|_| ())
    }

    fn conditions(&mut self) -> Option<Command> {
        let mut branches = Vec::new();
        loop {
            let (condition, _) = self.list(Ends::At(&["then"]))?;
            let (body, end) = self.list(Ends::At(&["elif", "else", "fi"]))?;
            branches.push((condition, body));
            if end == "else" {
                let (otherwise, _) = self.list(Ends::At(&["fi"]))?;
                branches.push((Vec::new(), otherwise));
            }
            if end != "elif" {
                return Some(Command::If(branches));
            }
        }
    }

    fn simple(&mut self) -> Option<Command> {
        let words = self.words();
        match self.tokens.get(self.at) {
            Some(Token::Open) => self.block().map(|body| Command::Block(words, body)),
            _ => Some(Command::Simple(words)),
        }
    }

    fn words(&mut self) -> Vec<Word> {
        let mut words = Vec::new();
        while let Some(Token::Word(word)) = self.tokens.get_mut(self.at) {
            words.push(core::mem::take(word));
            self.advance();
        }
        words
    }

    fn block(&mut self) -> Option<Vec<Command>> {
        while self.tokens.get(self.at) == Some(&Token::End) {
            self.advance();
        }
        if self.tokens.get(self.at) != Some(&Token::Open) {
            return None;
        }
        self.advance();
        self.list(Ends::Brace).map(|(body, _)| body)
    }

    fn advance(&mut self) {
        self.at = self.at.saturating_add(1);
    }
}

/// The word, if it begins or ends something where a command could stand.
fn reserved(word: &str) -> Option<&'static str> {
    const RESERVED: [&str; 11] =
        ["if", "then", "elif", "else", "fi", "for", "while", "until", "do", "done", "function"];
    RESERVED.into_iter().find(|reserved| *reserved == word)
}

#[cfg(test)]
mod tests {
    use super::super::words::Part;
    use super::*;
    use proptest::prelude::*;

    fn shown(commands: &[Command]) -> String {
        let words = |words: &[Word]| {
            let text = |part: &Part| match part {
                Part::Text(text) => text.clone(),
                Part::Variable { name, .. } => format!("${name}"),
            };
            words.iter().map(|word| word.parts.iter().map(text).collect()).collect::<Vec<String>>().join(" ")
        };
        let one = |command: &Command| match command {
            Command::Simple(simple) => words(simple),
            Command::Block(head, body) => format!("{} {{{}}}", words(head), shown(body)),
            Command::Unknown => "?".into(),
            Command::If(branches) => {
                let branch = |(c, b): &(Vec<Command>, Vec<Command>)| format!("{} => {}", shown(c), shown(b));
                format!("if({})", branches.iter().map(branch).collect::<Vec<_>>().join(" | "))
            }
        };
        commands.iter().map(one).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn table() {
        for (text, expected) in [
            ("a b\nc;d\n\n;e", "a b; c; d; e"),
            ("menuentry T --class x {\n linux a${b}c\n}\nd", "menuentry T --class x {linux a$bc}; d"),
            ("submenu S { menuentry T { a; b }; c }", "submenu S {menuentry T {a; b}; c}"),
            ("if [ a = b ]; then c; else d; fi", "if([ a = b ] => c |  => d)"),
            (
                "if a\nthen\nb\nelif c\nthen d\nelif e; then f\nelse\ng\nfi\nh",
                "if(a => b | c => d | e => f |  => g); h",
            ),
            ("if a; then if b; then c; fi; fi", "if(a => if(b => c))"),
            ("for x in a b; do c; done; d", "?; d"),
            ("while a; do b; done\nuntil a; do b; done", "?; ?"),
            ("function f { a }\nb", "?; b"),
            ("echo if then fi", "echo if then fi"),
            // Mistakes: what is before them is kept.
            ("a\nmenuentry T {\nb", "a"),
            ("a\n}\nb", "a"),
            ("a\nif b; c; fi\nd", "a"),
            ("a\nfi\nb", "a"),
            ("a\n{ b }", "a"),
        ] {
            assert_eq!(shown(&parse(text)), expected, "{text:?}");
        }
    }

    #[test]
    fn nesting_is_bounded() {
        let nested = |depth: usize| format!("{}a{}", "submenu s { ".repeat(depth), "}".repeat(depth));
        assert_eq!(parse(&nested(NESTING_MAX)).len(), 1);
        assert_eq!(parse(&nested(NESTING_MAX + 1)).len(), 0);
        assert_eq!(parse(&"if ".repeat(60_000)).len(), 0);
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "(if |then |else |fi |for |do |done |[{};\n \"'$a]|menuentry ){0,60}") {
            let _ = parse(&text);
        }
    }
}
