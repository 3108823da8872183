// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a session does to the machine, and what goes wrong while it does.

use lamboot_core::ports::Table;

/// Something that a session changed or tried to change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// A variable was stored.
    SetVariable(&'static str),
    /// A variable was deleted.
    RemoveVariable(&'static str),
    /// A file got a new content.
    Replace(String),
    /// A file grew.
    Append(String),
    /// A file got another name.
    Rename(String, String),
    /// A PCR was extended.
    Measure(u8),
    /// The TPM's index for the secret was defined.
    DefineSecret,
    /// The secret was stored.
    StoreSecret,
    /// It was locked.
    LockSecret,
    /// It was deleted.
    RemoveSecret,
    /// A configuration table was put in place.
    InstallTable(Table),
    /// An image was placed.
    Load(String),
    /// An image was started.
    Start(String),
}

/// How much of the effect happens before the power fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tear {
    /// Nothing.
    Before,
    /// The first half of the bytes; for anything without bytes, nothing.
    Half,
    /// All of it.
    After,
}

impl Tear {
    /// Every way.
    pub const ALL: [Self; 3] = [Self::Before, Self::Half, Self::After];
}

/// What goes wrong. Effects and reads are counted from 0 within a boot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// This effect fails, the others work.
    Effect(usize),
    /// This effect fails, and so does every later one.
    EffectsFrom(usize),
    /// This read fails, the others work.
    Read(usize),
    /// This read fails, and so does every later one.
    ReadsFrom(usize),
    /// The power fails at this effect.
    PowerLoss(usize, Tear),
}

/// Unwinds the session when the power fails.
pub(crate) struct PowerLost;

/// Unwinds the session when it waits for an owner who never comes.
pub(crate) struct WaitsForOwner;
