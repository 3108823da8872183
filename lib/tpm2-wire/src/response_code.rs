// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a TPM says of a command, taken apart (TPM 2.0 Library, part 2, 6.6).

use core::fmt;

/// What a TPM says of a command (`TPM_RC`).
///
/// Codes of format 1 say what of the command they are about; [`number`](Self::number) is what is left without
/// that, and what the constants are compared with.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ResponseCode(pub u32);

/// What of a command a code is about. Numbers begin at 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A handle.
    Handle(u8),
    /// A session, or the password in its place.
    Session(u8),
    /// A parameter.
    Parameter(u8),
}

/// Set in codes of format 1.
const FORMAT_1: u32 = 0x080;
/// In format 1: about a parameter.
const IS_PARAMETER: u32 = 0x040;
/// In format 1, where not about a parameter: about a session.
const IS_SESSION: u32 = 0x800;

/// The codes that have words here, once for constants, tokens and words.
macro_rules! codes {
    ($($constant:ident = $number:literal, $token:literal, $words:literal;)*) => {
        impl ResponseCode {
            $(#[doc = concat!("`TPM_RC_", stringify!($constant), "`: ", $words, ".")]
            pub const $constant: Self = Self($number);)*

            /// A name for logs and tests that stays the same from release to release; `other` for codes that have
            /// no words here.
            #[must_use]
            pub const fn token(self) -> &'static str {
                match self.number() {
                    $(Self::$constant => $token,)*
                    _ => "other",
                }
            }

            /// Words for it, whatever it is about.
            #[must_use]
            pub const fn words(self) -> &'static str {
                match self.number() {
                    $(Self::$constant => $words,)*
                    _ => "the TPM refused",
                }
            }
        }
    };
}

codes! {
    SUCCESS = 0x000, "success", "done";
    INITIALIZE = 0x100, "initialize", "the TPM was not started by the firmware";
    FAILURE = 0x101, "failure", "the TPM is in failure mode until it is reset";
    DISABLED = 0x120, "disabled", "the command is switched off in this TPM";
    PCR_CHANGED = 0x128, "pcr_changed", "a PCR changed after the policy was checked";
    AUTH_UNAVAILABLE = 0x12F, "auth_unavailable", "that right is not there for what it was offered for";
    COMMAND_CODE = 0x143, "command_code", "this TPM does not have the command";
    NV_RANGE = 0x146, "nv_range", "the NV index is smaller than that";
    NV_SIZE = 0x147, "nv_size", "the NV index cannot have that size";
    NV_LOCKED = 0x148, "nv_locked", "the NV index is locked until the TPM is reset";
    NV_AUTHORIZATION = 0x149, "nv_authorization", "the NV index does not allow that to whoever asked";
    NV_UNINITIALIZED = 0x14A, "nv_uninitialized", "the NV index was never written";
    NV_SPACE = 0x14B, "nv_space", "there is no room for another NV index";
    NV_DEFINED = 0x14C, "nv_defined", "there is an NV index of that number already";
    OBJECT_MEMORY = 0x902, "object_memory", "the TPM has no room for another key: one was not flushed";
    SESSION_MEMORY = 0x903, "session_memory", "the TPM has no room for another session: one was not flushed";
    MEMORY = 0x904, "memory", "the TPM has no room for the command";
    SESSION_HANDLES = 0x905, "session_handles", "the TPM has too many sessions";
    OBJECT_HANDLES = 0x906, "object_handles", "the TPM has too many keys";
    LOCALITY = 0x907, "locality", "not allowed from here";
    YIELDED = 0x908, "yielded", "the TPM put the command off";
    CANCELED = 0x909, "canceled", "the command was cancelled";
    TESTING = 0x90A, "testing", "the TPM tests itself";
    NV_RATE = 0x920, "nv_rate", "the TPM takes writes more slowly, to spare its memory";
    LOCKOUT = 0x921, "lockout", "the TPM is locked out after wrong passwords, and waits";
    RETRY = 0x922, "retry", "the TPM was busy";
    NV_UNAVAILABLE = 0x923, "nv_unavailable", "the TPM's memory cannot be written now";
    ATTRIBUTES = 0x082, "attributes", "attributes that do not go together";
    HASH = 0x083, "hash", "a hash algorithm that the TPM does not have";
    VALUE = 0x084, "value", "a value that is not possible";
    HIERARCHY = 0x085, "hierarchy", "the hierarchy is switched off";
    MODE = 0x089, "mode", "a mode that the TPM does not have";
    TYPE = 0x08A, "type", "a type that is not possible";
    HANDLE = 0x08B, "handle", "there is nothing of that handle";
    RANGE = 0x08D, "range", "a value that is out of range";
    AUTH_FAIL = 0x08E, "auth_fail", "a password that is wrong, and was counted";
    SCHEME = 0x092, "scheme", "a scheme that the TPM does not have";
    SIZE = 0x095, "size", "a size that is not possible";
    INSUFFICIENT = 0x09A, "insufficient", "bytes that are too few";
    KEY = 0x09C, "key", "a key that is not of the kind";
    POLICY_FAIL = 0x09D, "policy_fail", "a policy that is not met";
    BAD_AUTH = 0x0A2, "bad_auth", "a password that is wrong";
    POLICY_CC = 0x0A4, "policy_cc", "a policy that is for another command";
    CURVE = 0x0A6, "curve", "a curve that the TPM does not have";
}

impl ResponseCode {
    /// Whether the command was done.
    #[must_use]
    pub const fn is_success(self) -> bool {
        self.0 == 0
    }

    /// The code without what it is about.
    ///
    /// ```
    /// use tpm2_wire::{ResponseCode, Subject};
    ///
    /// let code = ResponseCode(0x9A2);
    /// assert_eq!(code.number(), ResponseCode::BAD_AUTH);
    /// assert_eq!(code.subject(), Some(Subject::Session(1)));
    /// assert_eq!(code.to_string(), "a password that is wrong (TPM response 0x9a2, session 1)");
    /// ```
    #[must_use]
    pub const fn number(self) -> Self {
        if self.0 & FORMAT_1 == 0 { self } else { Self(self.0 & 0x0BF) }
    }

    /// What of the command it is about; `None` where it does not say.
    #[must_use]
    pub const fn subject(self) -> Option<Subject> {
        if self.0 & FORMAT_1 == 0 {
            return None;
        }
        let [.., high, _] = self.0.to_be_bytes();
        Some(match (self.0 & IS_PARAMETER != 0, self.0 & IS_SESSION != 0) {
            (_, _) if high & 0x0F == 0 => return None,
            (true, _) => Subject::Parameter(high & 0x0F),
            (false, true) => Subject::Session(high & 0x07),
            (false, false) => Subject::Handle(high & 0x07),
        })
    }

    /// Whether the same command may well be done when it is sent again a little later.
    #[must_use]
    pub const fn asks_for_retry(self) -> bool {
        matches!(self, Self::RETRY | Self::YIELDED | Self::TESTING)
    }
}

/// In words for the owner, with the number that a search finds.
impl fmt::Display for ResponseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (TPM response {:#05x}", self.words(), self.0)?;
        match self.subject() {
            Some(Subject::Handle(number)) => write!(f, ", handle {number})"),
            Some(Subject::Session(number)) => write!(f, ", session {number})"),
            Some(Subject::Parameter(number)) => write!(f, ", parameter {number})"),
            None => f.write_str(")"),
        }
    }
}

impl fmt::Debug for ResponseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#05x} {}", self.0, self.token())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn format_1_is_taken_apart() {
        let of = |code| (ResponseCode(code).number(), ResponseCode(code).subject());
        assert_eq!(of(0x18B), (ResponseCode::HANDLE, Some(Subject::Handle(1))));
        assert_eq!(of(0x2C4), (ResponseCode::VALUE, Some(Subject::Parameter(2))));
        assert_eq!(of(0x99D), (ResponseCode::POLICY_FAIL, Some(Subject::Session(1))));
        assert_eq!(of(0xFD5), (ResponseCode::SIZE, Some(Subject::Parameter(15))));
        assert_eq!(of(0x085), (ResponseCode::HIERARCHY, None));
        assert_eq!(of(0x148), (ResponseCode::NV_LOCKED, None));
        assert_eq!(of(0x921), (ResponseCode::LOCKOUT, None));
    }

    proptest! {
        #[test]
        fn every_code_has_words(code: u32) {
            let code = ResponseCode(code);
            prop_assert!(!code.to_string().is_empty() && !code.token().is_empty());
            prop_assert_eq!(code.number().number(), code.number());
        }
    }
}
