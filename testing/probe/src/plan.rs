// SPDX-License-Identifier: MIT OR Apache-2.0
//! The plan that a test puts on its disk as `\lamboot-test\plan.txt`: one step a line.
//!
//! ```text
//! set <vendor GUID> <name> <value in hexadecimal>
//! program <path>
//! options <text>
//! get <vendor GUID> <name>
//! ```

/// One line of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// Set a variable before the program starts.
    Set {
        /// The variable's vendor.
        vendor: &'a str,
        /// The variable's name.
        name: &'a str,
        /// The value's bytes in hexadecimal.
        hex: &'a str,
    },
    /// Start this program.
    Program(&'a str),
    /// Give the program these load options.
    Options(&'a str),
    /// Report a variable after the program has returned.
    Get {
        /// The variable's vendor.
        vendor: &'a str,
        /// The variable's name.
        name: &'a str,
    },
    /// A line that means nothing; the launcher complains about it.
    Unknown(&'a str),
}

/// The steps of a plan, in order; empty lines are left out.
pub fn steps(text: &str) -> impl Iterator<Item = Step<'_>> {
    text.lines().map(str::trim_end).filter(|line| !line.is_empty()).map(step)
}

fn step(line: &str) -> Step<'_> {
    let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
    let mut words = rest.split(' ');
    let mut word = || words.next().unwrap_or("");
    match verb {
        "set" => Step::Set { vendor: word(), name: word(), hex: word() },
        "get" => Step::Get { vendor: word(), name: word() },
        "program" => Step::Program(rest),
        "options" => Step::Options(rest),
        _ => Step::Unknown(line),
    }
}

/// The value of a digit pair, one byte each; stops at the first thing that is no pair of digits.
pub fn bytes(hex: &str) -> impl Iterator<Item = u8> + '_ {
    hex.as_bytes()
        .chunks(2)
        .map_while(|pair| core::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_verb_is_understood() {
        let text = "set V N 01ab\nprogram \\EFI\\a b.efi\noptions root=/dev/sda quiet\n\nget V N\nfly\n";
        let expected = [
            Step::Set { vendor: "V", name: "N", hex: "01ab" },
            Step::Program("\\EFI\\a b.efi"),
            Step::Options("root=/dev/sda quiet"),
            Step::Get { vendor: "V", name: "N" },
            Step::Unknown("fly"),
        ];
        assert_eq!(steps(text).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn hexadecimal_becomes_bytes() {
        assert_eq!(bytes("01abff").collect::<Vec<_>>(), [1, 0xab, 0xff]);
        assert_eq!(bytes("01xx").collect::<Vec<_>>(), [1]);
    }
}
