// SPDX-License-Identifier: MIT OR Apache-2.0
//! One event (TCG PC Client Platform Firmware Profile 1.06, section 10.2).

use crate::algorithm::Algorithm;
use crate::bytes::{Reader, length};
use crate::error::{Fault, Part};
use crate::event_type::EventType;
use crate::header::Sizes;
use crate::log::DATA_BYTES_MAX;

/// An event: what was extended into a PCR, and what is said about it.
///
/// Digests are what the PCR's value comes from. The data are a claim, where
/// [`recheck`](crate::Event::recheck) does not say that they hash to the digests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event<'a> {
    /// Its number, from 0. Events of a final events table count on from the log.
    pub number: u32,
    /// Which table it is in.
    pub part: Part,
    /// Where it begins, in bytes from the beginning of the table.
    pub offset: usize,
    /// The PCR: 0 to 23, and with [`EventType::NO_ACTION`] any number. Others are in damaged logs only.
    pub pcr: u32,
    /// Its type.
    pub event_type: EventType,
    /// What was extended, for each bank.
    pub digests: Digests<'a>,
    /// What is said about it; its form depends on the type.
    pub data: &'a [u8],
}

impl<'a> Event<'a> {
    /// Whether it extends its PCR.
    #[must_use]
    pub fn extends(&self) -> bool {
        self.event_type != EventType::NO_ACTION
    }

    /// Takes an event in the form that has a SHA-1 digest only.
    pub(crate) fn take_sha1(reader: &mut Reader<'a>) -> Result<Self, Fault> {
        let pcr = reader.u32().ok_or(Fault::Truncated)?;
        let event_type = EventType(reader.u32().ok_or(Fault::Truncated)?);
        let digests = Digests { bytes: reader.take(20).ok_or(Fault::Truncated)?, form: Form::Sha1 };
        Self { pcr, event_type, digests, ..Self::EMPTY }.with_data(reader)
    }

    /// Takes an event in the form that has any number of digests.
    pub(crate) fn take_agile(reader: &mut Reader<'a>, sizes: Sizes) -> Result<Self, Fault> {
        let pcr = reader.u32().ok_or(Fault::Truncated)?;
        let event_type = EventType(reader.u32().ok_or(Fault::Truncated)?);
        let digests = Digests::take(reader, sizes)?;
        Self { pcr, event_type, digests, ..Self::EMPTY }.with_data(reader)
    }

    const EMPTY: Self = Self {
        number: 0,
        part: Part::Log,
        offset: 0,
        pcr: 0,
        event_type: EventType::NO_ACTION,
        digests: Digests { bytes: &[], form: Form::Agile(Sizes::sha1()) },
        data: &[],
    };

    fn with_data(self, reader: &mut Reader<'a>) -> Result<Self, Fault> {
        let size = reader.u32().ok_or(Fault::Truncated)?;
        let data = reader.take(length(size.into())).ok_or(Fault::Truncated)?;
        if data.len() > DATA_BYTES_MAX {
            return Err(Fault::DataTooLong(size));
        }
        Ok(Self { data, ..self })
    }
}

/// The digests of an event, one for each bank.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digests<'a> {
    bytes: &'a [u8],
    form: Form,
}

/// How digests are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// One of SHA-1, and nothing before it.
    Sha1,
    /// Each with its algorithm before it.
    Agile(Sizes),
}

impl<'a> Digests<'a> {
    fn take(reader: &mut Reader<'a>, sizes: Sizes) -> Result<Self, Fault> {
        let count = reader.u32().ok_or(Fault::Truncated)?;
        if length(count.into()) > sizes.iter().count() {
            return Err(Fault::DigestCount(count));
        }
        let bytes = reader.rest();
        let mut before = [None; crate::log::ALGORITHMS_MAX];
        for (place, _) in before.iter_mut().zip(0..count) {
            *place = Some(Self::take_one(reader, sizes)?.0);
        }
        if let Some(twice) = first_double(&before) {
            return Err(Fault::DigestTwice(twice));
        }
        let taken = bytes.len().saturating_sub(reader.rest().len());
        let bytes = bytes.get(..taken).unwrap_or_default();
        Ok(Self { bytes, form: Form::Agile(sizes) })
    }

    fn take_one(reader: &mut Reader<'a>, sizes: Sizes) -> Result<(Algorithm, &'a [u8]), Fault> {
        let algorithm = Algorithm(reader.u16().ok_or(Fault::Truncated)?);
        let size = sizes.get(algorithm).ok_or(Fault::UnknownAlgorithm(algorithm))?;
        Ok((algorithm, reader.take(size.into()).ok_or(Fault::Truncated)?))
    }

    /// Each digest with its algorithm, in the event's order.
    pub fn iter(&self) -> impl Iterator<Item = (Algorithm, &'a [u8])> + use<'a> {
        let (agile, sha1) = match self.form {
            Form::Sha1 => (None, Some((Algorithm::SHA1, self.bytes))),
            Form::Agile(sizes) => (Some((Reader::new(self.bytes), sizes)), None),
        };
        let agile = agile
            .map(|(mut reader, sizes)| core::iter::from_fn(move || Self::take_one(&mut reader, sizes).ok()));
        sha1.into_iter().chain(agile.into_iter().flatten())
    }

    /// The digest of this algorithm; `None` where the event has none.
    #[must_use]
    pub fn get(&self, algorithm: Algorithm) -> Option<&'a [u8]> {
        self.iter().find(|(own, _)| *own == algorithm).map(|(_, digest)| digest)
    }
}

/// The first algorithm that is there twice.
fn first_double(algorithms: &[Option<Algorithm>]) -> Option<Algorithm> {
    let mut left = algorithms;
    while let Some((first, rest)) = left.split_first() {
        if first.is_some() && rest.contains(first) {
            return *first;
        }
        left = rest;
    }
    None
}
