// SPDX-License-Identifier: MIT OR Apache-2.0
//! The two ways in which a hash is written: as a PHC string (P-H-C, "PHC string format"), and as
//! `grub-mkpasswd-pbkdf2` prints it.

use super::{Function, PasswordHash, base64};
use alloc::vec::Vec;
use core::fmt;

/// What is wrong with a text that is neither, a password itself among them.
const NO_HASH: &str =
    "must be a hash as `lamboot password` or grub-mkpasswd-pbkdf2 prints it, never a password itself";
const SHA256: &str = "pbkdf2-sha256";
const SHA512: &str = "pbkdf2-sha512";
const GRUB: &str = "grub.pbkdf2.sha512.";

impl PasswordHash {
    /// Reads a hash in either form.
    ///
    /// # Errors
    ///
    /// What is wrong with it, as the rest of a sentence. It says nothing of the text itself, which
    /// may be a password.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let parts = match text.strip_prefix(GRUB) {
            Some(rest) => Parts::of_grub(rest),
            None => Parts::of_phc(text),
        };
        let Parts { function, iterations, salt, hash } = parts.ok_or(NO_HASH)?;
        Self::new(function, iterations, salt, hash)
    }
}

/// The PHC string.
impl fmt::Display for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.function {
            Function::Sha256 => SHA256,
            Function::Sha512 => SHA512,
        };
        let [salt, hash] = [&self.salt, &self.hash].map(|bytes| base64::encode(bytes));
        write!(f, "${name}$i={},l={}${salt}${hash}", self.iterations, self.hash.len())
    }
}

/// What is written, before anybody asks whether it makes sense.
struct Parts {
    function: Function,
    iterations: u32,
    salt: Vec<u8>,
    hash: Vec<u8>,
}

impl Parts {
    /// `ITERATIONS.SALT.HASH`, salt and hash in hexadecimal digits.
    fn of_grub(text: &str) -> Option<Self> {
        let mut fields = text.split('.');
        let iterations = number(fields.next()?)?;
        let (salt, hash) = (hex(fields.next()?)?, hex(fields.next()?)?);
        fields.next().is_none().then_some(Self { function: Function::Sha512, iterations, salt, hash })
    }

    /// `$FUNCTION$i=ITERATIONS,l=LENGTH$SALT$HASH`, salt and hash in Base64; the length may be left
    /// out.
    fn of_phc(text: &str) -> Option<Self> {
        let mut fields = text.strip_prefix('$')?.split('$');
        let function = match fields.next()? {
            SHA256 => Function::Sha256,
            SHA512 => Function::Sha512,
            _ => return None,
        };
        let (iterations, length) = parameters(fields.next()?)?;
        let [salt, hash] = [fields.next()?, fields.next()?].map(base64::decode);
        let parts = Self { function, iterations, salt: salt?, hash: hash? };
        let is_whole = fields.next().is_none() && length.is_none_or(|length| length == parts.hash.len());
        is_whole.then_some(parts)
    }
}

/// Iterations, and the length of the hash where it is given.
fn parameters(text: &str) -> Option<(u32, Option<usize>)> {
    let (iterations, length) = match text.split_once(',') {
        None => (text, None),
        Some((iterations, length)) => (iterations, Some(number(length.strip_prefix("l=")?)?)),
    };
    let length = length.map(usize::try_from).transpose().ok()?;
    Some((number(iterations.strip_prefix("i=")?)?, length))
}

/// A decimal number; one that is too large for the type counts as the largest.
fn number(text: &str) -> Option<u32> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(u32::MAX))
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u32> = text.chars().map(|digit| digit.to_digit(16)).collect::<Option<_>>()?;
    let byte = |pair: &[u32]| match pair {
        [high, low] => u8::try_from(high.saturating_mul(16).saturating_add(*low)).ok(),
        _ => None,
    };
    digits.chunks(2).map(byte).collect()
}
