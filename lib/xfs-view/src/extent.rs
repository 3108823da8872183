// SPDX-License-Identifier: MIT OR Apache-2.0
//! Extent records, packed into 128 bits (XFS Algorithms & Data Structures, "Extent List").

use crate::bytes::{be64, bits, record};
use crate::error::Fault;
use crate::geometry::Geometry;

/// The bytes of a record.
pub(crate) const RECORD: usize = 16;

/// A run of a file's blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    /// The first of the file's blocks.
    pub(crate) file: u64,
    /// The first of the volume's blocks.
    pub(crate) start: u64,
    /// How many.
    pub(crate) count: u64,
    /// Whether nobody wrote to it yet, so that it reads as zeros.
    pub(crate) unwritten: bool,
}

impl Run {
    /// Bits from the highest: 1 of state, 54 of the file's block, 52 of the volume's, 21 of the count.
    pub(crate) fn decode(record: &[u8]) -> Option<Self> {
        let (high, low) = (be64(record, 0)?, be64(record, 8)?);
        Some(Self {
            file: bits(high, 9, 54),
            start: (bits(high, 0, 9) << 43) | bits(low, 21, 43),
            count: bits(low, 0, 21),
            unwritten: bits(high, 63, 1) == 1,
        })
    }

    /// The file's block after the last.
    pub(crate) fn end(&self) -> u64 {
        self.file.saturating_add(self.count)
    }
}

/// Records one after another, which were [checked](Records::check).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Records<'b>(&'b [u8]);

impl<'b> Records<'b> {
    pub(crate) fn new(bytes: &'b [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) fn len(self) -> usize {
        self.0.len() / RECORD
    }

    pub(crate) fn get(self, index: usize) -> Option<Run> {
        Run::decode(record(self.0, index, RECORD)?)
    }

    /// Whether the records are in order, cover nothing twice, and are inside of the volume.
    ///
    /// # Errors
    ///
    /// What is wrong.
    pub(crate) fn check(self, geometry: &Geometry) -> Result<(), Fault> {
        let mut before = 0;
        for run in (0..self.len()).filter_map(|index| self.get(index)) {
            if run.file < before {
                return Err(Fault::Order);
            }
            geometry.run(run.start, run.count).ok_or(Fault::Bounds)?;
            before = run.end();
        }
        Ok(())
    }

    /// The first run that ends after the file's block `at`: it has it, or is the next after it.
    pub(crate) fn at_or_after(self, at: u64) -> Option<Run> {
        self.get(partition(self.len(), |index| self.get(index).is_some_and(|run| run.end() <= at)))
    }

    pub(crate) fn first(self) -> Option<u64> {
        self.get(0).map(|run| run.file)
    }

    pub(crate) fn end(self) -> Option<u64> {
        self.get(self.len().checked_sub(1)?).map(|run| run.end())
    }
}

/// How many of the first of `len` items are `before` the point; all of them come before all others.
pub(crate) fn partition(len: usize, before: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, len);
    for _ in 0..usize::BITS {
        if low >= high {
            break;
        }
        let middle = low.midpoint(high);
        if before(middle) {
            low = middle.saturating_add(1);
        } else {
            high = middle;
        }
    }
    low
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::geometry::tests::sample;
    use proptest::prelude::*;

    pub(crate) fn encode(run: &Run) -> [u8; RECORD] {
        let state = u128::from(run.unwritten) << 127;
        let all =
            state | (u128::from(run.file) << 73) | (u128::from(run.start) << 21) | u128::from(run.count);
        all.to_be_bytes()
    }

    fn run() -> impl Strategy<Value = Run> {
        (0_u64..1 << 54, 0_u64..1 << 52, 0_u64..1 << 21, any::<bool>())
            .prop_map(|(file, start, count, unwritten)| Run { file, start, count, unwritten })
    }

    proptest! {
        #[test]
        fn a_record_is_read_as_it_was_packed(run in run()) {
            prop_assert_eq!(Run::decode(&encode(&run)), Some(run));
        }

        #[test]
        fn the_run_at_or_after_a_block(lengths in prop::collection::vec((0_u64..4, 1_u64..5), 0..20), at in 0_u64..120) {
            let mut file = 0;
            let mut runs = Vec::new();
            for (gap, count) in lengths {
                runs.push(Run { file: file + gap, start: 10, count, unwritten: false });
                file += gap + count;
            }
            let bytes: Vec<u8> = runs.iter().flat_map(encode).collect();
            let records = Records::new(&bytes);
            prop_assert_eq!(records.check(&sample()), Ok(()));
            prop_assert_eq!(records.at_or_after(at), runs.iter().copied().find(|run| run.end() > at));
        }
    }

    #[test]
    fn records_that_contradict_each_other() {
        let run = Run { file: 5, start: 10, count: 3, unwritten: false };
        let check =
            |runs: &[Run]| Records::new(&runs.iter().flat_map(encode).collect::<Vec<_>>()).check(&sample());
        assert_eq!(check(&[run, Run { file: 8, ..run }]), Ok(()));
        assert_eq!(check(&[run, Run { file: 7, ..run }]), Err(Fault::Order));
        assert_eq!(check(&[Run { count: 0, ..run }]), Err(Fault::Bounds));
        assert_eq!(check(&[Run { start: 998, ..run }]), Err(Fault::Bounds));
    }
}
