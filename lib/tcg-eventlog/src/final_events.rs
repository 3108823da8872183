// SPDX-License-Identifier: MIT OR Apache-2.0
//! The final events table: what was measured after somebody had asked for the log (TCG EFI Protocol
//! Specification, family 2.0, section 7).

use crate::bytes::{Reader, length};
use crate::error::{Error, Fault, Part};
use crate::event::Event;
use crate::header::Sizes;
use crate::log::{EVENTS_MAX, EventLog, Events, Position};

/// The version of the table that is known (`EFI_TCG2_FINAL_EVENTS_TABLE_VERSION`).
const VERSION: u64 = 1;
/// The bytes before its first event: version and number of events.
const HEAD: usize = 16;
/// The longest end of a log that is looked for in the table. Tables have a few KiB; each event of the log is
/// compared with this many bytes at most.
const OVERLAP_BYTES_MAX: usize = 256 << 10;

/// A final events table, beside the log that it goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FinalEvents<'a> {
    /// From its first event on.
    bytes: &'a [u8],
    count: u32,
    sizes: Sizes,
}

/// How many events of a final events table are in the log already.
///
/// Firmware writes an event to the table, too, as soon as the log was asked for once, and whoever asks again
/// finds it in both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overlap {
    /// So many, as whoever copied the log has counted.
    Known(u32),
    /// As many as the log's end and the table's beginning have in common. Where equal events follow each other,
    /// that can be more than really are.
    Search,
}

impl<'a> FinalEvents<'a> {
    /// Looks at the head of a table. Its events have the form that the log's header tells.
    ///
    /// # Errors
    /// The table is cut, of another version, or has too many events; or the log has only SHA-1 digests.
    pub fn parse(bytes: &'a [u8], log: &EventLog<'_>) -> Result<Self, Error> {
        let error = |fault| Error { fault, part: Part::FinalEvents, event: 0, offset: 0 };
        let mut reader = Reader::new(bytes);
        let version = reader.u64().ok_or(error(Fault::Truncated))?;
        let count = reader.u64().ok_or(error(Fault::Truncated))?;
        if version != VERSION {
            return Err(error(Fault::FinalVersion(version)));
        }
        let header = log.header().ok_or(error(Fault::FinalWithoutHeader))?;
        let count = u32::try_from(count).ok().filter(|count| *count <= EVENTS_MAX);
        let count = count.ok_or(error(Fault::TooManyEvents))?;
        Ok(Self { bytes: reader.rest(), count, sizes: header.sizes })
    }

    /// Its events in order, the first with the number `first`. What firmware has after them is not looked at.
    pub fn events(&self, first: u32) -> impl Iterator<Item = Result<Event<'a>, Error>> + use<'a> {
        let start = Position { part: Part::FinalEvents, offset: HEAD, number: first };
        Events::counted(self.bytes, self.sizes, start).take(length(self.count.into()))
    }

    /// The log's events, and after them those of this table that are not in it already.
    ///
    /// # Errors
    /// The log is damaged, or cannot have so many events of this table.
    ///
    /// ```
    /// use tcg_eventlog::{Algorithm, Builder, EventLog, EventType, FinalEvents, Overlap};
    ///
    /// let builder = Builder::agile(&[Algorithm::SHA256]).event(4, EventType::SEPARATOR, &[0; 4]);
    /// let bytes = builder.build();
    /// let table = builder.event(5, EventType::EFI_ACTION, b"Exit Boot Services Invocation").final_events(1);
    /// let log = EventLog::parse(&bytes)?;
    /// let table = FinalEvents::parse(&table, &log)?;
    /// assert_eq!(table.after(&log, Overlap::Search)?.count(), 3);
    /// # Ok::<(), tcg_eventlog::Error>(())
    /// ```
    pub fn after<'l>(
        &self,
        log: &EventLog<'l>,
        overlap: Overlap,
    ) -> Result<impl Iterator<Item = Result<Event<'a>, Error>> + use<'a>, Error>
    where
        'l: 'a,
    {
        let count = count(log.events())?;
        let both = match overlap {
            Overlap::Known(both) => both,
            Overlap::Search => self.search(log, count)?,
        };
        let refused = Error { fault: Fault::Overlap(both), part: Part::FinalEvents, event: 0, offset: HEAD };
        let first = count.checked_sub(both).filter(|_| both <= self.count).ok_or(refused)?;
        let is_new = move |event: &Result<Event<'_>, Error>| match event {
            Ok(event) => event.number >= count,
            Err(_) => true,
        };
        Ok(log.events().chain(self.events(first).filter(is_new)))
    }

    /// How many events at the end of the log are those at the beginning of this table: the most that can be.
    fn search(&self, log: &EventLog<'_>, count: u32) -> Result<u32, Error> {
        let mut events = log.events();
        while events.by_ref().next().transpose()?.is_some() {}
        let bytes = log.bytes().get(..events.offset()).unwrap_or_default();
        for event in log.events().skip(1) {
            let event = event?;
            let end = bytes.get(event.offset..).unwrap_or_default();
            let both = count.saturating_sub(event.number);
            // Equal bytes are equal events: both tables have one form.
            if end.len() <= OVERLAP_BYTES_MAX && both <= self.count && self.bytes.starts_with(end) {
                return Ok(both);
            }
        }
        Ok(0)
    }
}

fn count<'a>(events: impl Iterator<Item = Result<Event<'a>, Error>>) -> Result<u32, Error> {
    let mut count = 0_u32;
    for event in events {
        count = event?.number.saturating_add(1);
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Algorithm, Builder, EventType};
    use std::vec::Vec;

    fn builder(words: &[&str]) -> Builder {
        let empty = Builder::agile(&[Algorithm::SHA256, Algorithm::SHA1]);
        words.iter().fold(empty, |log, word| log.event(4, EventType::EFI_ACTION, word.as_bytes()))
    }

    /// The words of a log and a table, after each other.
    fn after(log: &[&str], table: &[&str], overlap: Overlap) -> Result<Vec<String>, Error> {
        let (log, table) = (builder(log).build(), builder(table).final_events(1));
        let log = EventLog::parse(&log)?;
        let table = FinalEvents::parse(&table, &log)?;
        let events: Vec<_> = table.after(&log, overlap)?.collect::<Result<_, _>>()?;
        assert!(events.iter().map(|event| event.number).eq(0..u32::try_from(events.len()).unwrap()));
        Ok(events.iter().skip(1).map(|event| String::from_utf8_lossy(event.data).into()).collect())
    }

    #[test]
    fn no_event_counts_twice() {
        let found = |log: &[&str], table: &[&str]| after(log, table, Overlap::Search).unwrap().concat();
        assert_eq!(found(&["a", "b", "c"], &["b", "c", "d"]), "abcd");
        assert_eq!(found(&["a", "b", "c"], &["d"]), "abcd");
        assert_eq!(found(&["a", "b"], &["a", "b"]), "ab");
        assert_eq!(found(&["a", "b"], &["b", "b", "c"]), "abbc");
        assert_eq!(found(&["a", "b", "c"], &["b", "x"]), "abcbx");
        assert_eq!(found(&["a"], &[]), "a");
        assert_eq!(found(&[], &["a"]), "a");
    }

    #[test]
    fn a_count_that_is_known_is_not_searched_for() {
        assert_eq!(after(&["a", "b"], &["b", "b"], Overlap::Known(0)).unwrap().concat(), "abbb");
        assert_eq!(after(&["a", "b"], &["b", "c"], Overlap::Known(1)).unwrap().concat(), "abc");
        let refused = after(&["a"], &["a"], Overlap::Known(2)).unwrap_err();
        assert_eq!((refused.fault, refused.family()), (Fault::Overlap(2), crate::Family::Misuse));
    }

    #[test]
    fn a_table_that_is_cut_or_unknown_is_said() {
        let log = builder(&["a"]).build();
        let log = EventLog::parse(&log).unwrap();
        let table = builder(&["b", "c"]).final_events(1);
        let parse = |bytes: &[u8]| -> Result<usize, Error> {
            let table = FinalEvents::parse(bytes, &log)?;
            let after = table.after(&log, Overlap::Search)?;
            after.collect::<Result<Vec<_>, _>>().map(|events| events.len())
        };
        assert_eq!(parse(&table), Ok(4));
        for cut in 0..table.len() {
            assert_eq!(parse(&table[..cut]).unwrap_err().fault, Fault::Truncated, "{cut}");
        }
        assert_eq!(parse(&[&table[..], &[0xAF; 40]].concat()), Ok(4));
        // What follows the last event is no part of the table, even where the log ends so.
        let mut fewer = builder(&["a", "c"]).final_events(1);
        fewer[8] = 1;
        let log = builder(&["a", "c"]).build();
        let log = EventLog::parse(&log).unwrap();
        let table = FinalEvents::parse(&fewer, &log).unwrap();
        assert_eq!(table.after(&log, Overlap::Search).unwrap().count(), 4);
        let mut other = builder(&["b", "c"]).final_events(1);
        other[0] = 2;
        assert_eq!(parse(&other).unwrap_err().fault, Fault::FinalVersion(2));
        other[0] = 1;
        other[12] = 1;
        assert_eq!(parse(&other).unwrap_err().fault, Fault::TooManyEvents);
        let old = Builder::sha1().event(4, EventType::SEPARATOR, &[0; 4]).build();
        let refused = FinalEvents::parse(&fewer, &EventLog::parse(&old).unwrap()).unwrap_err();
        assert_eq!(refused.fault, Fault::FinalWithoutHeader);
    }
}
