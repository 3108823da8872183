// SPDX-License-Identifier: MIT OR Apache-2.0
//! Writing: each record becomes a line of the chain.

use crate::key::RecordKey;
use crate::line::{hash, hex};
use alloc::string::String;
use lamboot_schema::trust_log::Record;

/// Where an epoch's chain stands.
pub struct Chain {
    prev: [u8; 32],
    /// None in an epoch without protection by a key.
    key: Option<RecordKey>,
    count: u32,
}

/// A line of the chain that has not been counted yet.
pub struct Sealed {
    /// The line with its newline.
    pub line: String,
    hash: [u8; 32],
}

impl Chain {
    /// A chain behind the line with this hash; zeros where there is none.
    #[must_use]
    pub const fn new(prev: [u8; 32], key: Option<RecordKey>) -> Self {
        Self { prev, key, count: 0 }
    }

    /// How many records the epoch has.
    #[must_use]
    pub const fn count(&self) -> u32 {
        self.count
    }

    /// The hash of the last line.
    #[must_use]
    pub const fn head(&self) -> [u8; 32] {
        self.prev
    }

    /// The line that this record would be. Only [`Self::advance`] makes it part of the chain.
    #[must_use]
    pub fn seal(&self, mut record: Record) -> Sealed {
        record.prev = Some(hex(&self.prev));
        record.mac = None;
        let mut line = record.to_line();
        // The brace and the newline.
        line.truncate(line.len().saturating_sub(2));
        let hash = hash(line.as_bytes());
        if let Some(key) = &self.key {
            let mac = key.mac(line.as_bytes());
            line.push_str(",\"mac\":\"");
            line.push_str(&hex(&mac));
            line.push('"');
        }
        line.push_str("}\n");
        Sealed { line, hash }
    }

    /// The line was taken: what follows chains to it, and its key is gone.
    pub fn advance(&mut self, sealed: &Sealed) {
        self.prev = sealed.hash;
        self.count = self.count.saturating_add(1);
        if let Some(key) = &mut self.key {
            key.advance();
        }
    }
}
