// SPDX-License-Identifier: MIT OR Apache-2.0
//! Something to know about an entry.

use alloc::string::String;

/// Something to know about an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail {
    /// What it is, in a word or two.
    pub label: &'static str,
    /// What it is here.
    pub value: String,
    /// Whether it is a reason not to start the entry.
    pub is_alert: bool,
}

impl Detail {
    /// A plain one.
    #[must_use]
    pub fn new(label: &'static str, value: impl Into<String>) -> Self {
        Self { label, value: value.into(), is_alert: false }
    }

    /// A reason not to start the entry.
    #[must_use]
    pub fn alert(label: &'static str, value: impl Into<String>) -> Self {
        Self { is_alert: true, ..Self::new(label, value) }
    }
}
