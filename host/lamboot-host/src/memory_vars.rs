// SPDX-License-Identifier: MIT OR Apache-2.0
//! UEFI variables in memory, for tests: they can fail, and they can lose power.

use crate::efivars::{EfiVars, Stored, VarError};
use lamboot_schema::variables::{Variable, VariableId};
use std::collections::BTreeMap;
use std::io;

/// Variables in memory.
#[derive(Clone, Debug, Default)]
pub struct MemoryVars {
    values: BTreeMap<(String, &'static str), Stored>,
    written: Vec<&'static str>,
    writes_until_failure: Option<usize>,
}

impl MemoryVars {
    /// Puts a value in, with the attributes that the variable should have.
    #[must_use]
    pub fn with<T>(self, variable: &Variable<T>, value: &T) -> Self {
        let bytes = variable.encode(value);
        self.with_stored(variable.id, Stored { attributes: variable.id.lifetime.attributes(), bytes })
    }

    /// Puts a value in as it is given.
    #[must_use]
    pub fn with_stored(mut self, id: VariableId, stored: Stored) -> Self {
        self.values.insert(key(id), stored);
        self
    }

    /// Lets `writes` writes through and fails all after them, as a power cut does for whoever
    /// looks at the variables afterwards.
    #[must_use]
    pub fn failing_after(self, writes: usize) -> Self {
        Self { writes_until_failure: Some(writes), ..self }
    }

    /// The names written so far, in order.
    #[must_use]
    pub fn written(&self) -> &[&'static str] {
        &self.written
    }

    /// The value, if there is one of the right form.
    #[must_use]
    pub fn value<T>(&self, variable: &Variable<T>) -> Option<T> {
        self.values.get(&key(variable.id))?.decode(variable)
    }
}

impl EfiVars for MemoryVars {
    fn get(&self, id: VariableId) -> Result<Option<Stored>, VarError> {
        Ok(self.values.get(&key(id)).cloned())
    }

    fn set(&mut self, id: VariableId, bytes: &[u8]) -> Result<(), VarError> {
        if let Some(left) = &mut self.writes_until_failure {
            *left = left
                .checked_sub(1)
                .ok_or_else(|| VarError::write(id, io::Error::from(io::ErrorKind::StorageFull)))?;
        }
        let attributes = id.lifetime.attributes();
        self.values.insert(key(id), Stored { attributes, bytes: bytes.to_vec() });
        self.written.push(id.name);
        Ok(())
    }
}

fn key(id: VariableId) -> (String, &'static str) {
    (id.vendor.to_string(), id.name)
}
