// SPDX-License-Identifier: MIT OR Apache-2.0
//! Values of PCRs, read and extended (TPM 2.0 Library, part 3, 22).

use crate::algorithm::Algorithm;
use crate::bounded::Digest;
use crate::bytes::Reader;
use crate::command_code::CommandCode;
use crate::error::Error;
use crate::handle::{Authorization, Handle};
use crate::pcr_selection::{PcrSelection, PcrSelections};
use crate::response_code::ResponseCode;
use crate::tpm::Tpm;
use sha2::{Digest as _, Sha256};

/// How many times PCRs are read that change meanwhile.
pub const PCR_READS_MAX: u8 = 4;

/// The values of the PCRs of a selection, as they were at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PcrValues {
    selection: PcrSelection,
    values: [Digest; 24],
}

impl PcrValues {
    const fn none(bank: Algorithm) -> Self {
        Self { selection: PcrSelection::none(bank), values: [Digest::EMPTY; 24] }
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
        self.selection = self.selection.with(part.selection);
    }

    /// What follows the update counter in the response: a selection, and as many digests.
    fn unmarshal(reader: &mut Reader<'_>, wanted: PcrSelection) -> Option<Self> {
        let selections = PcrSelections::unmarshal(reader)?;
        let mut of_bank = selections.as_slice().iter().filter(|one| !one.is_empty());
        let none = PcrSelection::none(wanted.bank);
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
