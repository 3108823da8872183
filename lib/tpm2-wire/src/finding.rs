// SPDX-License-Identifier: MIT OR Apache-2.0
//! What can be found in the place of an index that is locked at every boot.

use crate::algorithm::Algorithm;
use crate::error::Error;
use crate::nv_public::NvAttributes;
use crate::response_code::ResponseCode;
use core::fmt;

/// What was found in the place of a [`LockedIndex`](crate::LockedIndex), or came between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// There is none.
    Absent,
    /// It was defined, and never written.
    Unwritten,
    /// It can be read and written now.
    Readable,
    /// It is locked, for reading, writing or both: somebody used it after the last reset.
    Locked,
    /// It is none of this kind: somebody else's, or planted.
    Foreign(Difference),
    /// It is of this kind, for other values of the PCRs: other firmware, keys or programs than when it was
    /// defined; or for another policy.
    PolicyMismatch,
    /// The TPM has no room for it.
    NoRoom,
    /// The TPM is locked out after wrong passwords.
    Lockout,
    /// The owner hierarchy has a password, so none can be defined or deleted here.
    OwnerAuthSet,
    /// The owner hierarchy is switched off.
    OwnerDisabled,
}

/// In what an NV index differs from the one that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Difference {
    /// The hash algorithm of its policy.
    Algorithm(Algorithm),
    /// Its attributes, without the state.
    Attributes(NvAttributes),
    /// Its size.
    Size(u16),
}

/// Why an index could not be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// Something that a program can expect.
    Found(Finding),
    /// Anything else.
    Tpm(Error),
}

impl Finding {
    /// A name for logs and tests that stays the same from release to release.
    #[must_use]
    pub const fn token(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Unwritten => "unwritten",
            Self::Readable => "readable",
            Self::Locked => "locked",
            Self::Foreign(_) => "foreign",
            Self::PolicyMismatch => "policy_mismatch",
            Self::NoRoom => "no_room",
            Self::Lockout => "lockout",
            Self::OwnerAuthSet => "owner_auth_set",
            Self::OwnerDisabled => "owner_disabled",
        }
    }
}

impl From<Error> for Unusable {
    fn from(error: Error) -> Self {
        Self::Found(match error.number() {
            Some(ResponseCode::NV_UNINITIALIZED) => Finding::Unwritten,
            Some(ResponseCode::NV_LOCKED) => Finding::Locked,
            Some(ResponseCode::POLICY_FAIL) => Finding::PolicyMismatch,
            Some(ResponseCode::NV_SPACE) => Finding::NoRoom,
            Some(ResponseCode::LOCKOUT) => Finding::Lockout,
            Some(ResponseCode::BAD_AUTH | ResponseCode::AUTH_FAIL) => Finding::OwnerAuthSet,
            Some(ResponseCode::HIERARCHY) => Finding::OwnerDisabled,
            _ => return Self::Tpm(error),
        })
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Absent => "there is no such NV index",
            Self::Unwritten => "the NV index was never written",
            Self::Readable => "the NV index can be read and written",
            Self::Locked => "the NV index is locked until the TPM is reset",
            Self::Foreign(difference) => return write!(f, "the NV index is another one: {difference}"),
            Self::PolicyMismatch => "the NV index is for other values of the PCRs",
            Self::NoRoom => "the TPM has no room for the NV index",
            Self::Lockout => "the TPM is locked out after wrong passwords, and waits",
            Self::OwnerAuthSet => "the TPM's owner hierarchy has a password",
            Self::OwnerDisabled => "the TPM's owner hierarchy is switched off",
        })
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Algorithm(algorithm) => write!(f, "its name is made by {algorithm}"),
            Self::Attributes(attributes) => write!(f, "its attributes are {:#010x}", attributes.0),
            Self::Size(size) => write!(f, "its size is {size}"),
        }
    }
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Found(finding) => finding.fmt(f),
            Self::Tpm(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for Unusable {}
