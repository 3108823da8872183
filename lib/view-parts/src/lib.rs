// SPDX-License-Identifier: MIT OR Apache-2.0
//! What readers of file systems and volumes have in common, whatever they read: [`Cache`] keeps the blocks of
//! metadata that were read last, [`Crc`] is the checksum that many have, [`crc_tables`] what it is computed by,
//! [`sorted`] puts lists in order.
//!
//! # What this does not do
//!
//! It knows no file system, and reads nothing.
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

mod cache;
mod crc32c;
mod order;

pub use cache::{BLOCKS_MAX, Cache};
pub use crc32c::{Crc, crc_tables};
pub use order::{permuted, sorted, sorted_by, sorted_by_key};
