// SPDX-License-Identifier: MIT OR Apache-2.0
//! `lamboot password`: make the hash of the editor's password.

use crate::exit::Exit;
use crate::terminal;
use lamboot_core::password::{MAX_CHARS, MAX_ITERATIONS, MIN_ITERATIONS, PasswordHash, SALT_BYTES};
use std::io::{self, IsTerminal};
use zeroize::Zeroizing;

/// What a check costs an owner who has to wait for it, and everybody who guesses.
/// docs/decisions/0011-editor-password.md has the measurement.
const DEFAULT_ITERATIONS: u32 = 210_000;

/// Make the hash of a password for the command line editor of the menu.
///
/// Asks for the password twice without showing it, or reads it from the first line of standard input
/// where that is no terminal. Prints the line that goes into the section "security" of policy.toml.
#[derive(Debug, clap::Args)]
#[command(after_help = "Exit codes: 0 done; 1 failed")]
pub(crate) struct Arguments {
    /// How often the hash is hashed: more makes guessing slower, and the wait in the menu longer
    #[arg(
        long,
        value_name = "NUMBER",
        default_value_t = DEFAULT_ITERATIONS,
        value_parser = clap::value_parser!(u32).range(i64::from(MIN_ITERATIONS)..=i64::from(MAX_ITERATIONS))
    )]
    iterations: u32,
}

/// Runs the command, prints the line, and tells how it ended.
pub(crate) fn run(arguments: &Arguments) -> Exit {
    match hash(arguments.iterations) {
        Ok(hash) => {
            println!("editor_password = \"{hash}\"");
            Exit::Ok
        }
        Err(reason) => {
            eprintln!("lamboot password: {reason}");
            Exit::Failed
        }
    }
}

fn hash(iterations: u32) -> Result<PasswordHash, String> {
    let password = read()?;
    check(&password)?;
    let mut salt = [0; SALT_BYTES];
    getrandom::fill(&mut salt).map_err(|error| format!("no random numbers: {error}"))?;
    Ok(PasswordHash::make(&password, salt, iterations)?)
}

fn read() -> Result<Zeroizing<String>, String> {
    let failed = |error: io::Error| format!("the password cannot be read: {error}");
    if !io::stdin().is_terminal() {
        return terminal::first_line().map_err(failed);
    }
    let password = terminal::ask("Password: ").map_err(failed)?;
    check(&password)?;
    if terminal::ask("Once more: ").map_err(failed)? == password {
        Ok(password)
    } else {
        Err("the two are not the same".into())
    }
}

/// Whether it can be typed in the menu.
fn check(password: &str) -> Result<(), String> {
    if password.is_empty() {
        return Err("an empty password protects nothing".into());
    }
    if password.chars().count() > MAX_CHARS {
        return Err(format!("a password can have {MAX_CHARS} characters at most"));
    }
    if password.chars().all(|c| matches!(c, ' '..='~')) {
        return Ok(());
    }
    Err("only letters without accents, digits, blanks and signs of a US keyboard can be typed in the menu \
         of every machine"
        .into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_typed_in_the_menu_is_refused() {
        let longest = "x".repeat(MAX_CHARS);
        for password in ["x", " ~", "correct horse 7!", &longest] {
            assert_eq!(check(password), Ok(()));
        }
        for password in ["", "p\u{e4}ssword", "tab\t", "\u{7f}", &format!("{longest}x")] {
            assert!(check(password).is_err(), "{password:?}");
        }
    }
}
