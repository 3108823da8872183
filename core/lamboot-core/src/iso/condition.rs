// SPDX-License-Identifier: MIT OR Apache-2.0
//! What `[ … ]` and `test` say (GRUB manual, "test").

use alloc::string::String;
use core::cmp::Ordering;

/// How deep parentheses may stand in each other.
const NESTING_MAX: usize = 8;

/// Whether the expression holds. One that is not understood does not.
///
/// Strings (`=`, `==`, `!=`, `-n`, `-z`, a word alone), whole numbers (`-eq` and so on), files
/// (`-e`, `-f`, `-d`, `-s`: whether there is one, of whatever kind), `!`, `-a`, `-o` and
/// parentheses.
///
/// ```
/// use lamboot_core::iso::condition::holds;
/// let words = ["efi", "==", "efi", "-a", "-f", "/shellx64.efi"].map(String::from);
/// assert!(holds(&words, &mut |path| path == "/shellx64.efi"));
/// ```
pub fn holds(words: &[String], exists: &mut dyn FnMut(&str) -> bool) -> bool {
    let mut reader = Reader { rest: words, exists };
    reader.any(0) == Some(true) && reader.rest.is_empty()
}

struct Reader<'w, 'e> {
    rest: &'w [String],
    exists: &'e mut dyn FnMut(&str) -> bool,
}

impl<'w> Reader<'w, '_> {
    fn any(&mut self, depth: usize) -> Option<bool> {
        let mut held = self.all(depth)?;
        while self.takes("-o") {
            held |= self.all(depth)?;
        }
        Some(held)
    }

    fn all(&mut self, depth: usize) -> Option<bool> {
        let mut held = self.one(depth)?;
        while self.takes("-a") {
            held &= self.one(depth)?;
        }
        Some(held)
    }

    fn one(&mut self, depth: usize) -> Option<bool> {
        let mut wanted = true;
        while self.rest.len() > 1 && !self.is_binary() && self.takes("!") {
            wanted = !wanted;
        }
        let held = if self.rest.len() > 1 && !self.is_binary() && self.takes("(") {
            let held = if depth < NESTING_MAX { self.any(depth.saturating_add(1))? } else { return None };
            self.takes(")").then_some(held)?
        } else {
            self.primary()?
        };
        Some(held == wanted)
    }

    fn primary(&mut self) -> Option<bool> {
        if self.is_binary() {
            let (left, operator, right) = (self.word()?, self.word()?, self.word()?);
            return compare(left, operator, right);
        }
        let word = self.word()?;
        match word {
            "-n" | "-z" | "-e" | "-f" | "-d" | "-s" if !self.rest.is_empty() => {
                let operand = self.word()?;
                Some(match word {
                    "-n" => !operand.is_empty(),
                    "-z" => operand.is_empty(),
                    _ => (self.exists)(operand),
                })
            }
            _ => Some(!word.is_empty()),
        }
    }

    fn is_binary(&self) -> bool {
        let operator = self.rest.get(1).map(String::as_str).unwrap_or_default();
        self.rest.len() > 2 && is_operator(operator)
    }

    fn word(&mut self) -> Option<&'w str> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first)
    }

    fn takes(&mut self, word: &str) -> bool {
        let is_next = self.rest.first().is_some_and(|first| first == word);
        if is_next {
            self.rest = self.rest.get(1..).unwrap_or_default();
        }
        is_next
    }
}

fn is_operator(word: &str) -> bool {
    matches!(word, "=" | "==" | "!=" | "-eq" | "-ne" | "-lt" | "-le" | "-gt" | "-ge")
}

fn compare(left: &str, operator: &str, right: &str) -> Option<bool> {
    match operator {
        "=" | "==" => return Some(left == right),
        "!=" => return Some(left != right),
        _ => {}
    }
    let order = left.parse::<i64>().ok()?.cmp(&right.parse().ok()?);
    Some(match operator {
        "-eq" => order == Ordering::Equal,
        "-ne" => order != Ordering::Equal,
        "-lt" => order == Ordering::Less,
        "-le" => order != Ordering::Greater,
        "-gt" => order == Ordering::Greater,
        _ => order != Ordering::Less,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn table() {
        for (text, expected) in [
            ("efi = efi", true),
            ("efi == pc", false),
            ("efi != pc", true),
            ("_", false),
            ("a", true),
            ("-z _", true),
            ("-n _", false),
            ("-n a", true),
            ("-e /there", true),
            ("-f /away", false),
            ("! -e /away", true),
            ("! ! a", true),
            ("a = a -a -f /there", true),
            ("a = b -o a = a", true),
            ("a = b -o a = a -a a = b", false),
            ("( a = b -o a = a ) -a ! a = b", true),
            ("10 -gt 9", true),
            ("9 -ge 9", true),
            ("9 -lt 9", false),
            ("x -eq x", false),
            // Words that look like operators, where they cannot be.
            ("! = !", true),
            ("-z = -z", true),
            ("!", true),
            ("-e", true),
            // Not understood.
            ("", false),
            ("a b", false),
            ("( a", false),
            ("a -a", false),
            ("a ~ a", false),
        ] {
            let words: Vec<String> = text.split_whitespace().map(|word| word.replace('_', "")).collect();
            assert_eq!(holds(&words, &mut |path| path == "/there"), expected, "{text}");
        }
        let deep: Vec<String> = ["("; 5000].map(String::from).into();
        assert!(!holds(&deep, &mut |_| true));
    }

    /// An expression, and whether it holds.
    fn expression() -> impl Strategy<Value = (Vec<String>, bool)> {
        let words = |text: &str| text.split(' ').map(String::from).collect::<Vec<_>>();
        let leaf = prop_oneof![
            ("[ab]", "[ab]").prop_map(move |(a, b)| (words(&format!("{a} = {b}")), a == b)),
            ("[0-9]{1,2}", "[0-9]{1,2}").prop_map(move |(a, b)| {
                let (x, y): (u8, u8) = (a.parse().unwrap(), b.parse().unwrap());
                (words(&format!("{a} -lt {b}")), x < y)
            }),
            any::<bool>().prop_map(move |is_there| {
                (words(if is_there { "-e /there" } else { "-e /away" }), is_there)
            }),
        ];
        leaf.prop_recursive(4, 24, 2, |inner| {
            let join = |(a, left): (Vec<String>, bool), (b, right): (Vec<String>, bool), and: bool| {
                let operator = if and { "-a" } else { "-o" };
                let words = [vec!["(".into()], a, vec![operator.into()], b, vec![")".into()]].concat();
                (words, if and { left && right } else { left || right })
            };
            prop_oneof![
                (inner.clone(), inner.clone(), any::<bool>()).prop_map(move |(a, b, and)| join(a, b, and)),
                inner.prop_map(|(words, held)| ([vec!["!".into()], words].concat(), !held)),
            ]
        })
    }

    proptest! {
        #[test]
        fn expressions_hold_as_they_were_made((words, held) in expression()) {
            prop_assert_eq!(holds(&words, &mut |path| path == "/there"), held, "{:?}", words);
        }

        #[test]
        fn any_words_are_judged(
            words in proptest::collection::vec("=|!=|-a|-o|!|\\(|\\)|-e|-z|a|b||-lt|1", 0..12)
        ) {
            let _ = holds(&words, &mut |_| true);
        }
    }
}
