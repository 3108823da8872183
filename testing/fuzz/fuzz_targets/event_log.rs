// SPDX-License-Identifier: MIT OR Apache-2.0
//! Any bytes are an event log and a final events table: what is read is bounded, in order and harmless to a
//! terminal, and all that can be asked about it has an answer.
//!
//! The first two bytes say how many of those after them are the log; the rest are the table.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tcg_eventlog::{EVENTS_MAX, Event, EventLog, EventType, FinalEvents, Overlap, Recheck, Replay};

fuzz_target!(|bytes: &[u8]| {
    let Some((size, rest)) = bytes.split_first_chunk() else { return };
    let size = usize::from(u16::from_le_bytes(*size)).min(rest.len());
    let (log, table) = rest.split_at(size);
    let Ok(log) = EventLog::parse(log) else { return };
    let events: Vec<_> = log.events().map_while(Result::ok).collect();
    events.iter().for_each(look);
    assert!(events.iter().map(|event| event.number).eq(0..u32::try_from(events.len()).unwrap()));
    assert!(events.len() <= EVENTS_MAX as usize && events.is_sorted_by(|a, b| a.offset < b.offset));
    for bank in log.algorithms() {
        let Ok(replay) = Replay::of(bank, log.events()) else { continue };
        let touched: u32 = replay.pcrs().map(|(_, pcr)| pcr.extended).sum();
        let extends = events.iter().filter(|event| event.extends()).count();
        assert_eq!((touched + replay.out_of_range) as usize, extends);
    }
    let Ok(table) = FinalEvents::parse(table, &log) else { return };
    let Ok(all) = table.after(&log, Overlap::Search) else { return };
    let all: Vec<_> = all.map_while(Result::ok).collect();
    all.iter().for_each(look);
    assert!(all.starts_with(&events) && all.len() <= events.len() + table.events(0).count());
});

fn look(event: &Event<'_>) {
    let words = event.describe().to_string();
    assert!(!words.contains(char::is_control) && words.len() < 60_000, "{words}");
    let verdict = event.recheck();
    assert_eq!(verdict == Recheck::NotExtended, event.event_type == EventType::NO_ACTION);
    for (bank, digest) in event.digests.iter() {
        assert_eq!(event.digests.get(bank), Some(digest));
    }
}
