// SPDX-License-Identifier: MIT OR Apache-2.0
//! PCRs: which ones, and their values.

use crate::algorithm::Algorithm;
use crate::bounded::Digest;
use crate::bytes::{Reader, Writer};
use crate::command_code::CommandCode;
use crate::error::Error;
use crate::handle::{Authorization, Handle};
use crate::response_code::ResponseCode;
use crate::tpm::Tpm;
use sha2::{Digest as _, Sha256};

/// PCRs have numbers below this (TCG PC Client Platform TPM Profile, 4.6).
pub const PCR_COUNT: u8 = 24;
/// More banks than a TPM has: it has at most as many as hash algorithms.
pub const BANKS_MAX: usize = 16;
/// How many times PCRs are read that change meanwhile.
pub const PCR_READS_MAX: u8 = 4;

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

/// The values of the PCRs of a selection, as they were at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PcrValues {
    selection: PcrSelection,
    values: [Digest; 24],
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

    const fn without(self, other: Self) -> Self {
        Self { bank: self.bank, mask: self.mask & !other.mask }
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
        let none = PcrSelection { bank: Algorithm::NULL, mask: 0 };
        let count = usize::try_from(reader.u32()?).ok()?;
        let mut own = Self { selections: [none; BANKS_MAX], count };
        for place in own.selections.get_mut(..count)? {
            *place = PcrSelection::unmarshal(reader)?;
        }
        Some(own)
    }
}

impl PcrValues {
    const fn none(bank: Algorithm) -> Self {
        Self { selection: PcrSelection { bank, mask: 0 }, values: [Digest::EMPTY; 24] }
    }

    /// Values that are known from somewhere else, such as the replay of an event log: of the PCRs of `selection`,
    /// from low to high. `None` when there are not as many as PCRs.
    #[must_use]
    pub fn new(selection: PcrSelection, values: &[Digest]) -> Option<Self> {
        let mut own = Self::none(selection.bank);
        for (number, value) in selection.numbers().zip(values) {
            *own.values.get_mut(usize::from(number))? = *value;
        }
        own.selection = selection;
        (selection.numbers().count() == values.len()).then_some(own)
    }

    /// Which PCRs these are.
    #[must_use]
    pub const fn selection(&self) -> PcrSelection {
        self.selection
    }

    /// The value of PCR `number`, where it is among them.
    #[must_use]
    pub fn get(&self, number: u8) -> Option<&Digest> {
        self.values.get(usize::from(number)).filter(|_| self.selection.contains(number))
    }

    /// The SHA-256 of all values, from low to high: what policies with SHA-256 and quotes with SHA-256 have of them
    /// (TPM 2.0 Library, part 3, 23.7).
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        for value in self.selection.numbers().filter_map(|number| self.get(number)) {
            hash.update(value.as_bytes());
        }
        hash.finalize().into()
    }

    fn add(&mut self, part: &Self) {
        for number in part.selection.numbers() {
            let index = usize::from(number);
            if let (Some(place), Some(value)) = (self.values.get_mut(index), part.values.get(index)) {
                *place = *value;
            }
        }
        self.selection.mask |= part.selection.mask;
    }

    /// What follows the update counter in the response: a selection, and as many digests.
    fn unmarshal(reader: &mut Reader<'_>, wanted: PcrSelection) -> Option<Self> {
        let selections = PcrSelections::unmarshal(reader)?;
        let mut of_bank = selections.as_slice().iter().filter(|one| !one.is_empty());
        let none = PcrSelection { mask: 0, ..wanted };
        let selection = of_bank.next().copied().unwrap_or(none);
        let is_wanted = selection.bank == wanted.bank && selection.without(wanted).is_empty();
        let count = usize::try_from(reader.u32()?).ok()?;
        if !is_wanted || of_bank.next().is_some() || count != selection.numbers().count() {
            return None;
        }
        let mut own = Self { selection, ..Self::none(wanted.bank) };
        for number in selection.numbers() {
            let value = Digest::unmarshal(reader)?;
            let expected = wanted.bank.digest_size().map(usize::from);
            if expected.is_some_and(|size| size != value.as_bytes().len()) {
                return None;
            }
            *own.values.get_mut(usize::from(number))? = value;
        }
        Some(own)
    }
}

impl Tpm<'_> {
    /// The values of the PCRs of `selection`, all from one moment (TPM 2.0 Library, part 3, 22.4).
    ///
    /// A TPM gives some of them at a time, and counts changes. They are read again when one came between.
    ///
    /// # Errors
    /// [`Error::BankMissing`] when the TPM does not have them; [`Error::PcrsChange`] after [`PCR_READS_MAX`] changes.
    pub fn pcr_read(&mut self, selection: PcrSelection) -> Result<PcrValues, Error> {
        for _ in 0..PCR_READS_MAX {
            if let Some(values) = self.pcr_read_once(selection)? {
                return Ok(values);
            }
        }
        Err(Error::PcrsChange)
    }

    /// `None` when PCRs changed meanwhile.
    fn pcr_read_once(&mut self, selection: PcrSelection) -> Result<Option<PcrValues>, Error> {
        let mut values = PcrValues::none(selection.bank);
        let mut counter = None;
        let mut wanted = selection;
        // Ends, because each round takes a PCR away from those wanted.
        while !wanted.is_empty() {
            let (now, part) = self.pcr_read_some(wanted)?;
            if counter.is_some_and(|before| before != now) {
                return Ok(None);
            }
            counter = Some(now);
            values.add(&part);
            wanted = wanted.without(part.selection);
        }
        Ok(Some(values))
    }

    /// The update counter, and at least one of the values.
    fn pcr_read_some(&mut self, wanted: PcrSelection) -> Result<(u32, PcrValues), Error> {
        let missing = Error::BankMissing(wanted.bank);
        let answer = self.run(CommandCode::PCR_READ, &[], None, &|writer| wanted.marshal(writer));
        // That is what a TPM says of an algorithm that it does not know. For a bank that is switched off it lists
        // no PCR.
        let answer = answer.map_err(|error| if error.is(ResponseCode::HASH) { missing } else { error })?;
        let (counter, part) =
            answer.parse(|reader| Some((reader.u32()?, PcrValues::unmarshal(reader, wanted)?)))?;
        if part.selection.is_empty() { Err(missing) } else { Ok((counter, part)) }
    }

    /// Extends a PCR in one bank, without an entry in an event log (TPM 2.0 Library, part 3, 22.2).
    ///
    /// # Errors
    /// When the TPM does not allow it, or could not be asked. A TPM says nothing of a bank that it does not have.
    pub fn pcr_extend(&mut self, number: u8, bank: Algorithm, digest: &[u8]) -> Result<(), Error> {
        let handles = [Handle::pcr(number)];
        let answer = self.run(CommandCode::PCR_EXTEND, &handles, Some(Authorization::Empty), &|writer| {
            writer.u32(1);
            writer.u16(bank.0);
            writer.put(digest);
        })?;
        answer.done()
    }
}
