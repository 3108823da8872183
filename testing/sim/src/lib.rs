// SPDX-License-Identifier: MIT OR Apache-2.0
//! A simulated machine for whole boot sessions.
//!
//! [`Machine`] is everything that survives a reset: the ESP, the variables, the clock. Each
//! [`Machine::boot`] runs one session of the real `lamboot-core` over it and tells what happened.
//! A [`Fault`] makes the n-th effect fail or cuts the power there.
//!
//! ```
//! use lamboot_sim::{Ending, Machine};
//! let mut machine = Machine::with_debian();
//! let boot = machine.boot();
//! assert_eq!(boot.ending, Ending::Started(r"\6.12\linux".into()));
//! assert!(boot.frames[0].contains("Debian 6.12"));
//! ```
//!
//! # What this does not do
//!
//! It has no firmware: what only firmware can show (device paths, consoles, memory) is shown by
//! the VM scenarios.
#![forbid(unsafe_code)]

mod disk;
mod fault;
mod machine;
mod picture;
mod ports;
mod reads;
mod real;

pub use disk::{Disk, File};
pub use fault::{Effect, Fault, Tear};
pub use machine::{Boot, Ending, Image, Index, Machine, Press, REQUESTS, Subvolume, Volume};
pub use picture::Picture;
