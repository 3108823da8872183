// SPDX-License-Identifier: MIT OR Apache-2.0
//! A password as policy holds it: as a hash that is slow to make (PBKDF2, RFC 8018, section 5.2).
//!
//! The tool that makes a hash and the loader that checks a password run the same code. What a check
//! may cost is bounded here, whoever wrote the hash.

mod base64;
mod text;

use alloc::vec::Vec;
use ctutils::CtEq;
use pbkdf2::pbkdf2_hmac;
use sha2::{Sha256, Sha512};
use zeroize::Zeroizing;

/// The longest password that can be typed, in characters.
pub const MAX_CHARS: usize = 128;
/// The fewest iterations that a hash may have (RFC 8018, section 4.2).
pub const MIN_ITERATIONS: u32 = 1_000;
/// The most iterations that a hash may have: a check must end well before the watchdog's time.
pub const MAX_ITERATIONS: u32 = 2_000_000;
/// The length of a new salt, in bytes.
pub const SALT_BYTES: usize = 16;

/// The shortest hash that is believed, in bytes.
const MIN_HASH: usize = 16;
/// The shortest and the longest salt, in bytes.
const SALT: core::ops::RangeInclusive<usize> = 8..=64;

/// Which hash function PBKDF2 uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Function {
    Sha256,
    Sha512,
}

impl Function {
    /// Bytes of its result. A longer derived key would cost us more, and nobody who guesses.
    const fn length(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }
}

/// The hash of a password, with all that is needed to check one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasswordHash {
    function: Function,
    iterations: u32,
    salt: Vec<u8>,
    hash: Vec<u8>,
}

impl PasswordHash {
    /// Makes the hash of a password, with a salt that was made for it at random.
    ///
    /// # Errors
    ///
    /// Why there can be none: too few or too many iterations.
    ///
    /// ```
    /// use lamboot_core::password::PasswordHash;
    /// let hash = PasswordHash::make("correct horse", [7; 16], 1000)?;
    /// let read = PasswordHash::parse(&hash.to_string())?;
    /// assert!(read.is_of("correct horse") && !read.is_of("correct house"));
    /// # Ok::<(), &'static str>(())
    /// ```
    pub fn make(password: &str, salt: [u8; SALT_BYTES], iterations: u32) -> Result<Self, &'static str> {
        let function = Function::Sha512;
        let mut made = Self::new(function, iterations, salt.into(), alloc::vec![0; function.length()])?;
        made.hash = made.derive(password).to_vec();
        Ok(made)
    }

    fn new(function: Function, iterations: u32, salt: Vec<u8>, hash: Vec<u8>) -> Result<Self, &'static str> {
        if !(MIN_ITERATIONS..=MAX_ITERATIONS).contains(&iterations) {
            return Err("must have 1000 to 2000000 iterations");
        }
        if !SALT.contains(&salt.len()) {
            return Err("must have a salt of 8 to 64 bytes");
        }
        if !(MIN_HASH..=function.length()).contains(&hash.len()) {
            return Err("must have a hash of 16 bytes up to the length of its hash function");
        }
        Ok(Self { function, iterations, salt, hash })
    }

    /// Whether this is the hash of `password`. The time that it takes does not tell how much of the
    /// hash is right.
    #[must_use]
    pub fn is_of(&self, password: &str) -> bool {
        self.derive(password).as_slice().ct_eq(self.hash.as_slice()).into()
    }

    fn derive(&self, password: &str) -> Zeroizing<Vec<u8>> {
        let mut key = Zeroizing::new(alloc::vec![0; self.hash.len()]);
        match self.function {
            Function::Sha256 => {
                pbkdf2_hmac::<Sha256>(password.as_bytes(), &self.salt, self.iterations, &mut key);
            }
            Function::Sha512 => {
                pbkdf2_hmac::<Sha512>(password.as_bytes(), &self.salt, self.iterations, &mut key);
            }
        }
        key
    }
}

#[cfg(test)]
mod tests;
