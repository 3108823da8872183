// SPDX-License-Identifier: MIT OR Apache-2.0
//! Mice, tablets and touch screens by their HID report descriptors (HID 1.11).
//!
//! Start with [`Device::parse`] on a report descriptor; the device's reports then go through
//! [`Device::read`].
//!
//! | module | noun | specification |
//! |---|---|---|
//! | [`device`] | the pointers among a device's reports | HID 1.11, 6.2.2 and 8 |
//! | [`report`] | what one report says | HID 1.11, 5.10 and appendix B.2 |
//! | [`interface`] | how long a report descriptor is | HID 1.11, 6.2.1 and 7.1 |
//! | [`refusal`] | what is wrong with a descriptor | |
//!
//! Everything takes any input. Descriptors are at most [`DESCRIPTOR_MAX`] bytes long, reading a report
//! allocates nothing, and both need time that grows with the length only.
//!
//! ```
//! use hid_pointer::{Device, Motion, Refusal};
//!
//! // Two axes of 16 bits each, from 0 to 32767, and no button.
//! let tablet = Device::parse(&[
//!     0x05, 0x01, 0x09, 0x02, 0xA1, 0x01, 0x09, 0x30, 0x09, 0x31, 0x15, 0x00, 0x26, 0xFF, 0x7F, //
//!     0x75, 0x10, 0x95, 0x02, 0x81, 0x02, 0xC0,
//! ])?;
//! let report = tablet.read(&[0xFF, 0x7F, 0x00, 0x00]).unwrap();
//! assert_eq!((report.x, report.y), (Motion::To(65535), Motion::To(0)));
//! # Ok::<(), Refusal>(())
//! ```
//!
//! # What this does not do
//!
//! It talks to no device. It does not read keyboards, pressure, tilt, horizontal wheels, or buttons
//! other than the first.
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

pub mod device;
mod field;
pub mod interface;
mod item;
mod parser;
pub mod refusal;
pub mod report;

pub use device::{DESCRIPTOR_MAX, Device};
pub use interface::report_descriptor_length;
pub use refusal::Refusal;
pub use report::{Motion, Report};

/// The example of the README is a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
