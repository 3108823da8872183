// SPDX-License-Identifier: MIT OR Apache-2.0
//! Why a report descriptor is not used.

use crate::device::DESCRIPTOR_MAX;
use core::fmt;

/// Why a report descriptor is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It is longer than [`DESCRIPTOR_MAX`].
    TooLong,
    /// It ends within an item.
    Truncated,
    /// It pushes more states than anybody needs, or pops one that it did not push.
    Stack,
    /// It gives one field more usages than anybody needs.
    TooManyUsages,
    /// It numbers a report 0, which is reserved.
    ReservedNumber,
    /// Nothing in it points.
    NoPointer,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => write!(f, "the report descriptor is longer than {DESCRIPTOR_MAX} bytes"),
            Self::Truncated => f.write_str("the report descriptor ends within an item"),
            Self::Stack => f.write_str("the report descriptor pushes or pops too much"),
            Self::TooManyUsages => f.write_str("the report descriptor gives a field too many usages"),
            Self::ReservedNumber => f.write_str("the report descriptor numbers a report 0"),
            Self::NoPointer => f.write_str("the device does not point"),
        }
    }
}

impl core::error::Error for Refusal {}
