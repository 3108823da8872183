// SPDX-License-Identifier: MIT OR Apache-2.0
//! Why a command was not done.

use crate::algorithm::Algorithm;
use crate::command_code::CommandCode;
use crate::response_code::ResponseCode;
use crate::transport::TransportError;
use core::fmt;

/// Why a command was not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The command did not reach the TPM.
    Transport(CommandCode, TransportError),
    /// The TPM did not do it.
    Response(CommandCode, ResponseCode),
    /// The response is not one that a TPM can give.
    Malformed(CommandCode),
    /// The command, or what it asks for, has a length that it cannot have.
    BadLength(CommandCode),
    /// The PCRs changed between the commands that read them, each time.
    PcrsChange,
    /// The TPM has no PCRs of this bank, or not all that were asked for.
    BankMissing(Algorithm),
}

/// Who can act on an [`Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// The TPM or the way to it does not work.
    Device,
    /// The TPM does not have what was asked for.
    Unsupported,
    /// The TPM's answer makes no sense.
    Damaged,
    /// The TPM's owner decided so.
    Refused,
    /// Whoever asked.
    Misuse,
}

impl Error {
    /// What the TPM said, where it said something, without what of the command it is about.
    #[must_use]
    pub const fn number(&self) -> Option<ResponseCode> {
        match self {
            Self::Response(_, code) => Some(code.number()),
            _ => None,
        }
    }

    /// Whether the TPM said this.
    #[must_use]
    pub fn is(&self, code: ResponseCode) -> bool {
        self.number() == Some(code)
    }

    /// Who can act on it.
    #[must_use]
    pub const fn family(&self) -> Family {
        match self {
            Self::Transport(..) | Self::PcrsChange => Family::Device,
            Self::BankMissing(_) => Family::Unsupported,
            Self::Malformed(_) => Family::Damaged,
            Self::BadLength(_) => Family::Misuse,
            Self::Response(_, code) => family_of(code.number()),
        }
    }

    /// A name for logs and tests that stays the same from release to release.
    #[must_use]
    pub const fn token(&self) -> &'static str {
        match self {
            Self::Transport(..) => "transport",
            Self::Response(_, code) => code.token(),
            Self::Malformed(_) => "malformed",
            Self::BadLength(_) => "bad_length",
            Self::PcrsChange => "pcrs_change",
            Self::BankMissing(_) => "bank_missing",
        }
    }
}

const fn family_of(code: ResponseCode) -> Family {
    match code {
        ResponseCode::COMMAND_CODE
        | ResponseCode::HASH
        | ResponseCode::MODE
        | ResponseCode::SCHEME
        | ResponseCode::CURVE => Family::Unsupported,
        ResponseCode::DISABLED
        | ResponseCode::AUTH_UNAVAILABLE
        | ResponseCode::NV_LOCKED
        | ResponseCode::NV_AUTHORIZATION
        | ResponseCode::NV_SPACE
        | ResponseCode::LOCALITY
        | ResponseCode::LOCKOUT
        | ResponseCode::HIERARCHY
        | ResponseCode::AUTH_FAIL
        | ResponseCode::BAD_AUTH
        | ResponseCode::POLICY_FAIL => Family::Refused,
        ResponseCode::NV_RANGE
        | ResponseCode::NV_SIZE
        | ResponseCode::NV_UNINITIALIZED
        | ResponseCode::NV_DEFINED
        | ResponseCode::ATTRIBUTES
        | ResponseCode::VALUE
        | ResponseCode::TYPE
        | ResponseCode::HANDLE
        | ResponseCode::RANGE
        | ResponseCode::SIZE
        | ResponseCode::INSUFFICIENT
        | ResponseCode::KEY
        | ResponseCode::POLICY_CC => Family::Misuse,
        _ => Family::Device,
    }
}

/// With the command: `TPM2_NV_Read: the NV index was never written (TPM response 0x14a)`.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Transport(command, error) => write!(f, "{command}: {error}"),
            Self::Response(command, code) => write!(f, "{command}: {code}"),
            Self::Malformed(command) => write!(f, "{command}: the TPM's response makes no sense"),
            Self::BadLength(command) => write!(f, "{command}: a length that cannot be sent or asked for"),
            Self::PcrsChange => f.write_str("the PCRs change while they are read"),
            Self::BankMissing(bank) => write!(f, "the TPM does not have these PCRs for {bank}"),
        }
    }
}

impl core::error::Error for Error {}
