// SPDX-License-Identifier: MIT OR Apache-2.0
//! Reads partition tables, for boot loaders and tools: which partitions a disk has, and what is wrong with
//! its tables.
//!
//! | module | noun | UEFI specification |
//! |---|---|---|
//! | `table` | the partitions of a disk: [`Table`] | |
//! | `partition`, `guid` | one of them: [`Partition`] | 5.3.3; appendix A |
//! | `gpt` | a GPT | 5.3 |
//! | `mbr` | an MBR, and logical partitions | 5.2 |
//! | `finding` | what was noticed: [`Finding`] | |
//! | `disk` | sectors: [`Disk`] | |
//! | [`error`] | why a disk could not be looked at | |
//!
//! Everything takes any disk. At most [`PARTITIONS_MAX`] partitions are listed; entries of a GPT have at most
//! [`ENTRIES_BYTES_MAX`] bytes, and there are at most [`LOGICAL_MAX`] logical partitions.
//!
//! ```
//! use partitions::{Disk, Kind, Table};
//!
//! let empty = [0; 64 * 512];
//! let table = Table::read(&empty[..], Disk { sector_size: 512, sectors: 64 }).unwrap();
//! assert_eq!((table.kind, table.partitions.len()), (Kind::None, 0));
//! ```
//!
//! # What this does not do
//!
//! It writes nothing, and knows no tables but these: no Apple partition map, no BSD disklabels. It does not
//! look into partitions.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    warn(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::as_conversions
    )
)]

extern crate alloc;

mod bytes;
mod disk;
pub mod error;
mod finding;
mod gpt;
mod guid;
mod mbr;
mod partition;
mod table;

pub use disk::Disk;
pub use error::{Error, Family};
pub use finding::{EntryFault, Finding, HeaderFault};
pub use gpt::ENTRIES_BYTES_MAX;
pub use guid::Guid;
pub use mbr::LOGICAL_MAX;
pub use partition::{Entry, Partition};
pub use read_at::{OutOfRange, ReadAt, ReadSectors, Sectors};
pub use table::{Kind, PARTITIONS_MAX, Table};

/// The example of the README is a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
