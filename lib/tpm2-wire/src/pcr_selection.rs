// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which PCRs (TPM 2.0 Library, part 2, 10.6).

use crate::algorithm::Algorithm;
use crate::bytes::{Reader, Writer};

/// PCRs have numbers below this (TCG PC Client Platform TPM Profile, 4.6).
pub const PCR_COUNT: u8 = 24;
/// More banks than a TPM has: it has at most as many as hash algorithms.
pub const BANKS_MAX: usize = 16;

/// PCRs of one bank (`TPMS_PCR_SELECTION`; TPM 2.0 Library, part 2, 10.6.2).
///
/// ```
/// use tpm2_wire::{Algorithm, PcrSelection};
///
/// let pcrs = PcrSelection::new(Algorithm::SHA256, &[7, 4]).unwrap();
/// assert_eq!(pcrs.numbers().collect::<Vec<_>>(), [4, 7]);
/// assert!(PcrSelection::new(Algorithm::SHA256, &[24]).is_none());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PcrSelection {
    /// The bank.
    pub bank: Algorithm,
    /// The lowest bit is PCR 0.
    mask: u32,
}

/// PCRs of several banks, as a TPM lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PcrSelections {
    selections: [PcrSelection; BANKS_MAX],
    count: usize,
}

impl PcrSelection {
    /// The PCRs of these numbers, in any order; `None` when one is not below [`PCR_COUNT`].
    #[must_use]
    pub fn new(bank: Algorithm, numbers: &[u8]) -> Option<Self> {
        let bits = numbers.iter().map(|number| bit(*number));
        let mask = bits.into_iter().try_fold(0, |mask, bit| Some(mask | bit?))?;
        Some(Self { bank, mask })
    }

    /// Whether there is no PCR in it.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.mask == 0
    }

    /// Whether PCR `number` is in it.
    #[must_use]
    pub fn contains(self, number: u8) -> bool {
        bit(number).is_some_and(|bit| self.mask & bit != 0)
    }

    /// The numbers in it, from low to high.
    pub fn numbers(self) -> impl Iterator<Item = u8> {
        (0..PCR_COUNT).filter(move |number| self.contains(*number))
    }

    /// No PCR.
    pub(crate) const fn none(bank: Algorithm) -> Self {
        Self { bank, mask: 0 }
    }

    /// Those that are not in `other`.
    pub(crate) const fn without(self, other: Self) -> Self {
        Self { bank: self.bank, mask: self.mask & !other.mask }
    }

    /// Those, and those of `other`.
    pub(crate) const fn with(self, other: Self) -> Self {
        Self { bank: self.bank, mask: self.mask | other.mask }
    }

    /// As the only one of a `TPML_PCR_SELECTION`.
    pub(crate) fn marshal(self, writer: &mut Writer<'_>) {
        let [first, second, third, _] = self.mask.to_le_bytes();
        writer.u32(1);
        writer.u16(self.bank.0);
        writer.sized_by_8_bits(&[first, second, third]);
    }

    fn unmarshal(reader: &mut Reader<'_>) -> Option<Self> {
        let bank = Algorithm(reader.u16()?);
        let size = reader.u8()?;
        let bytes = reader.take(size.into())?;
        let mut mask = [0; 4];
        mask.get_mut(..bytes.len())?.copy_from_slice(bytes);
        Some(Self { bank, mask: u32::from_le_bytes(mask) }).filter(|own| own.mask >> PCR_COUNT == 0)
    }
}

fn bit(number: u8) -> Option<u32> {
    if number < PCR_COUNT { 1_u32.checked_shl(number.into()) } else { None }
}

impl PcrSelections {
    /// The selections, in the TPM's order.
    #[must_use]
    pub fn as_slice(&self) -> &[PcrSelection] {
        self.selections.get(..self.count).unwrap_or_default()
    }

    /// A `TPML_PCR_SELECTION` of at most [`BANKS_MAX`].
    pub(crate) fn unmarshal(reader: &mut Reader<'_>) -> Option<Self> {
        let none = PcrSelection::none(Algorithm::NULL);
        let count = usize::try_from(reader.u32()?).ok()?;
        let mut own = Self { selections: [none; BANKS_MAX], count };
        for place in own.selections.get_mut(..count)? {
            *place = PcrSelection::unmarshal(reader)?;
        }
        Some(own)
    }
}
