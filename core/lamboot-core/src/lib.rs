// SPDX-License-Identifier: MIT OR Apache-2.0
//! All decisions of a boot, without I/O.
//!
//! Start reading at [`session::run`]: the seven steps of a boot, one call each. What touches the
//! machine goes through [`ports`]; everything else takes values and returns values.
//!
//! | module | question it answers |
//! |---|---|
//! | [`facts`] | what machine is this? |
//! | [`health`] | what did the last boot tell us, and what is written now? |
//! | [`policy`] | what does the owner allow? |
//! | [`interface`] | what did the system ask for, and what is it told? |
//! | [`settings`] | what holds for this boot? |
//! | [`discover`] | which entries exist, in which order, and why was each other one rejected? |
//! | [`choose`] | which entry, if nobody presses a key? |
//! | [`load_option`] | what does a boot option of the firmware say? |
//! | [`menu`] | what does the owner see, and what does a key do? |
//! | [`image`] | is this image loaded, verified, measured, ready? |
//! | [`iso`] | what can be started from an ISO file? |
//! | [`own_reader`] | how does what LamBoot's own readers say look at the border? |
//! | [`source`] | where are the bytes of an image or an initrd? |
//! | [`recorder`] | what is written down, and what if it cannot be? |
//! | [`session`] | the main path |
//!
//! # What this does not do
//!
//! It does not know UEFI, a clock, or a path of a host. It writes only to the ESP, through one port.
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

pub mod choose;
pub mod discover;
pub mod entry;
pub mod error;
pub mod facts;
pub mod frame;
pub mod glob;
pub mod health;
pub mod image;
pub mod interface;
pub mod iso;
pub mod load_option;
pub mod menu;
pub mod own_reader;
pub mod password;
pub mod policy;
pub mod ports;
pub mod recorder;
pub mod session;
pub mod settings;
pub mod snapshots;
pub mod source;
pub mod variables;
