// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a command is about, and what is offered to be allowed it.

use core::fmt;

/// What a command is about (`TPM_HANDLE`; TPM 2.0 Library, part 2, 7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Handle(pub u32);

impl Handle {
    /// The owner hierarchy.
    pub const OWNER: Self = Self(0x4000_0001);
    /// No hierarchy.
    pub const NULL: Self = Self(0x4000_0007);
    /// A password in place of a session.
    pub(crate) const PASSWORD: Self = Self(0x4000_0009);
    /// The endorsement hierarchy.
    pub const ENDORSEMENT: Self = Self(0x4000_000B);

    /// A PCR by its number.
    #[must_use]
    pub const fn pcr(number: u8) -> Self {
        Self(u32::from_be_bytes([0, 0, 0, number]))
    }
}

/// In hexadecimal: `0x40000001`.
impl fmt::Display for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#010x}", self.0)
    }
}

/// What is offered to be allowed a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Authorization {
    /// An empty password: enough for hierarchies that nobody gave one, and for objects made with none.
    Empty,
    /// A policy session that has shown what the policy asks for. It is used without a password, and stays.
    Policy(Handle),
}

impl Authorization {
    /// The handle that stands in the authorization area.
    pub(crate) const fn handle(self) -> Handle {
        match self {
            Self::Empty => Handle::PASSWORD,
            Self::Policy(session) => session,
        }
    }
}
