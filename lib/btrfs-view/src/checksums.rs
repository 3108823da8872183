// SPDX-License-Identifier: MIT OR Apache-2.0
//! The checksums of files' bytes, one a sector, by logical address (btrfs documentation, "Checksumming").

use crate::bytes::{narrow, part, wide};
use crate::error::{Error, Fault, Structure};
use crate::node::Key;
use crate::pool::Pool;
use crate::tree::{Item, Tree};
use read_at::ReadAt;

/// The object of all keys, which is -10, and their kind.
const OBJECT: u64 = 10_u64.wrapping_neg();
const KIND: u8 = 128;

/// The checksums of the sectors from an address on.
pub(crate) struct Run {
    item: Item,
    /// Where they begin in the item, and how many bytes each has.
    start: usize,
    size: usize,
}

impl Run {
    /// How many there are: one at least.
    pub(crate) fn len(&self) -> usize {
        self.item.data().len().saturating_sub(self.start).checked_div(self.size).unwrap_or(0)
    }

    /// The one of the `number`th sector.
    pub(crate) fn get(&self, number: usize) -> &[u8] {
        let at = number.saturating_mul(self.size).saturating_add(self.start);
        part(self.item.data(), at, self.size).unwrap_or_default()
    }
}

impl<R: ReadAt> Pool<R> {
    /// The checksums from the sector at `logical` on, in `tree`.
    pub(crate) fn checksums(&mut self, tree: &Tree, logical: u64) -> Result<Run, Error<R::Error>> {
        let key = Key::new(OBJECT, KIND, logical);
        let missing = Structure::Checksums.damage(Fault::Missing, logical);
        let item = self.at_or_before(tree, key)?.filter(|item| item.is_of(key)).ok_or(missing)?;
        let before = logical.saturating_sub(item.key.offset);
        let sectors = before.checked_div(wide(self.shape.sector)).ok_or(missing)?;
        let size = self.shape.checksum.size();
        let run = Run { item, start: narrow(sectors).saturating_mul(size), size };
        if run.len() == 0 { Err(missing.into()) } else { Ok(run) }
    }
}
