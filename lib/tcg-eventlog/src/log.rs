// SPDX-License-Identifier: MIT OR Apache-2.0
//! A log as a whole, and its events one after the other.

use crate::bytes::Reader;
use crate::error::{Error, Fault, Part};
use crate::event::Event;
use crate::event_type::EventType;
use crate::header::{Header, Sizes};

/// The most bytes of a log. Firmware reserves some 64 KiB to 1 MiB.
pub const LOG_BYTES_MAX: usize = 16 << 20;
/// The most events of a log; some dozens to hundreds are usual.
pub const EVENTS_MAX: u32 = 16_384;
/// The most bytes of one event's data. Among the longest are lists of revoked images: tens of KiB.
pub const DATA_BYTES_MAX: usize = 1 << 20;
/// The most hash algorithms of a log; TPMs have two to five banks.
pub const ALGORITHMS_MAX: usize = 8;

/// A log of one of the two forms, as [`EventLog::parse`] found it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventLog<'a> {
    bytes: &'a [u8],
    header: Option<Header>,
}

impl<'a> EventLog<'a> {
    /// Looks at the first event, which tells the form of the others. Nothing after it is read yet.
    ///
    /// Bytes after the last event that are all 0x00 or all 0xFF, as firmware's memory has them, end the log.
    ///
    /// # Errors
    /// The first event is damaged, or names algorithms that cannot be; or the log is too large.
    ///
    /// ```
    /// use tcg_eventlog::{Algorithm, Builder, EventLog, EventType};
    ///
    /// let bytes = Builder::agile(&[Algorithm::SHA256]).event(4, EventType::SEPARATOR, &[0; 4]).build();
    /// let log = EventLog::parse(&bytes)?;
    /// let separator = log.events().nth(1).unwrap()?;
    /// assert_eq!((separator.pcr, separator.data), (4, &[0; 4][..]));
    /// # Ok::<(), tcg_eventlog::Error>(())
    /// ```
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Error> {
        let error = |fault| Error { fault, part: Part::Log, event: 0, offset: 0 };
        if bytes.len() > LOG_BYTES_MAX {
            return Err(error(Fault::TooLarge));
        }
        let log = Self { bytes, header: None };
        let first = log.events().next().ok_or_else(|| error(Fault::Empty))??;
        let header = match first.event_type {
            EventType::NO_ACTION => Header::parse(first.data).transpose().map_err(error)?,
            _ => None,
        };
        Ok(Self { bytes, header })
    }

    /// The header of a crypto agile log; `None` for a log that has only SHA-1 digests.
    #[must_use]
    pub const fn header(&self) -> Option<&Header> {
        self.header.as_ref()
    }

    /// The algorithms that events have digests of, in the header's order.
    pub fn algorithms(&self) -> impl Iterator<Item = crate::Algorithm> + use<> {
        self.sizes().iter().map(|(algorithm, _)| algorithm)
    }

    pub(crate) fn sizes(&self) -> Sizes {
        self.header.map_or(Sizes::sha1(), |header| header.sizes)
    }

    pub(crate) const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Its events in order, with the header's own. Ends after an error.
    #[must_use]
    pub fn events(&self) -> Events<'a> {
        let form = self.header.map(|header| header.sizes);
        Events::new(self.bytes, form, Position { part: Part::Log, offset: 0, number: 0 })
    }
}

/// Where the next event is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Position {
    pub(crate) part: Part,
    pub(crate) offset: usize,
    pub(crate) number: u32,
}

/// The events of a log or a final events table, in order.
#[derive(Clone, Debug)]
pub struct Events<'a> {
    rest: &'a [u8],
    /// How many of these are more than filling.
    meaning: usize,
    /// `None` for SHA-1 digests only.
    agile: Option<Sizes>,
    next: Position,
    failed: bool,
}

impl<'a> Events<'a> {
    pub(crate) fn new(bytes: &'a [u8], agile: Option<Sizes>, next: Position) -> Self {
        Self { rest: bytes, meaning: without_filling(bytes), agile, next, failed: false }
    }

    /// Events of which somebody knows how many there are, so that none of their bytes is filling.
    pub(crate) const fn counted(bytes: &'a [u8], sizes: Sizes, next: Position) -> Self {
        Self { rest: bytes, meaning: usize::MAX, agile: Some(sizes), next, failed: false }
    }

    /// Where the next event begins.
    pub(crate) const fn offset(&self) -> usize {
        self.next.offset
    }

    fn take(&mut self) -> Result<Event<'a>, Fault> {
        let Position { part, offset, number } = self.next;
        if number >= EVENTS_MAX {
            return Err(Fault::TooManyEvents);
        }
        let mut reader = Reader::new(self.rest);
        // The header itself has the older form, so that whoever knows only that one can skip it.
        let event = match self.agile.filter(|_| offset > 0) {
            Some(sizes) => Event::take_agile(&mut reader, sizes)?,
            None => Event::take_sha1(&mut reader)?,
        };
        let taken = self.rest.len().saturating_sub(reader.rest().len());
        self.rest = reader.rest();
        self.meaning = self.meaning.saturating_sub(taken);
        self.next.offset = offset.saturating_add(taken);
        self.next.number = number.saturating_add(1);
        Ok(Event { number, part, offset, ..event })
    }
}

impl<'a> Iterator for Events<'a> {
    type Item = Result<Event<'a>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed || self.meaning == 0 {
            return None;
        }
        let Position { part, offset, number } = self.next;
        let taken = self.take();
        self.failed = taken.is_err();
        Some(taken.map_err(|fault| Error { fault, part, event: number, offset }))
    }
}

/// How many bytes there are before those at the end that are all 0x00 or all 0xFF.
fn without_filling(bytes: &[u8]) -> usize {
    let filling = bytes.last().copied().filter(|last| matches!(last, 0 | 0xFF));
    let count = bytes.iter().rev().take_while(|byte| Some(**byte) == filling).count();
    bytes.len().saturating_sub(count)
}
