// SPDX-License-Identifier: MIT OR Apache-2.0
//! Why there is no measurement.

use lamboot_vm::{Ending, VmError};

use crate::{Case, Initrd};

/// Why there is no measurement.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// The machine, its disk, or something that belongs on it.
    #[error(transparent)]
    Machine(#[from] VmError),
    /// A volume could not be made.
    #[error("cannot make a volume: {0:#}")]
    Volume(anyhow::Error),
    /// The machine ended without having come to `/init`.
    #[error("{} with the {} initrd did not come to /init ({ending:?}); the last lines were:\n{console}", case.name(), initrd.name())]
    NotBooted {
        /// What was to boot.
        case: Case,
        /// With which initrd.
        initrd: Initrd,
        /// How the machine ended.
        ending: Ending,
        /// The end of the console.
        console: String,
    },
    /// The disk was not read in every way.
    #[error("{disk} was not read ({ending:?}); the last lines were:\n{console}")]
    NotRead {
        /// Which disk.
        disk: &'static str,
        /// How the machine ended.
        ending: Ending,
        /// The end of the console.
        console: String,
    },
}
