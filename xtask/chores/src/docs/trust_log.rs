// SPDX-License-Identifier: MIT OR Apache-2.0
//! The trust log: fields and words of its records.

use lamboot_core::recorder::TRUST_LOG_LIMIT;
use lamboot_schema::paths;
use lamboot_schema::trust_log::{Degraded, Event, Found, KeyStore, Level, Status, VerifiedVia};

use super::markdown::{code, head, section};
use super::source::{Member, members};

const SOURCE: &str = include_str!("../../../../core/lamboot-schema/src/trust_log.rs");

/// The page.
pub(super) fn page() -> String {
    let fields = |of: &str| -> Vec<_> { members(SOURCE, of).iter().map(field).collect() };
    let words = ["word", "meaning"];
    let levels = Level::ALL
        .iter()
        .map(|(level, word, meaning)| vec![code(word), meaning.trim().to_owned(), level.limits().to_owned()]);
    let levels: Vec<_> = levels.collect();
    head("The trust log", &introduction())
        + &section("Fields of a record", &["field", "form", "meaning"], &fields("pub struct Record {"))
        + &section("Fields of `epoch`", &["field", "form", "meaning"], &fields("pub struct Epoch {"))
        + &section("`event`: what happened", &words, &rows(Event::ALL))
        + &section("`status`: how it ended", &words, &rows(Status::ALL))
        + &section("`verified_via`: who vouches for the image", &words, &rows(VerifiedVia::ALL))
        + &section("`found`: the epoch before", &words, &rows(Found::ALL))
        + &section(
            "`level`: how far an epoch can be trusted",
            &["word", "meaning", "what it does not cover"],
            &levels,
        )
        + &section("`key_store`: where the key is", &words, &rows(KeyStore::ALL))
        + &section("`degraded`: what could be better", &words, &rows(Degraded::ALL))
}

fn introduction() -> String {
    format!(
        "`{}` on the ESP: JSON Lines, one record a line. From {} KiB on, its content moves to \
         `{}` at the next boot; a file of more than twice that size, which earlier releases could leave, \
         is renamed to `boot-trust.log.unbounded`.\n\n\
         The records from a start of the loader to its hand-over are an epoch. Each record has the hash of the one \
         before; where there is a key, each has a code that nobody makes who has no key, and that key is gone with \
         the record. Where the log ends is also kept in a variable that the running system cannot read, and the \
         next boot compares. `lamboot inspect trust-log verify` checks all of it: [Verify the trust \
         log](../how-to/verify-the-trust-log.md).\n\n\
         Words are added, never renamed. A reader takes a word that it does not know as one of a later \
         release, ignores fields that it does not know, and skips a line that is not whole: a power cut may \
         leave one. How to read it: [Read the records](../how-to/read-the-records.md).",
        paths::TRUST_LOG,
        TRUST_LOG_LIMIT / 1024,
        paths::TRUST_LOG_OLD
    )
}

fn field(member: &Member) -> Vec<String> {
    let form = match member.kind.as_str() {
        "String" => "text",
        "Option<String>" => "text; left out when there is none",
        "Option<VerifiedVia>" => "word, or `null`",
        "Option<Epoch>" => "object; left out when there is none",
        "Vec<Degraded>" => "list of words",
        "Event" | "Status" | "Found" | "Level" | "KeyStore" => "word",
        _ => "number",
    };
    vec![code(&member.name), form.to_owned(), member.meaning.clone()]
}

fn rows<T>(words: &[(T, &str, &str)]) -> Vec<Vec<String>> {
    words.iter().map(|(_, word, meaning)| vec![code(word), meaning.trim().to_owned()]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use lamboot_schema::trust_log::{Epoch, Record};

    fn epoch() -> Epoch {
        Epoch {
            number: 1,
            chain: String::new(),
            found: Found::First,
            head: String::new(),
            count: 0,
            level: Level::Chain,
            key_store: KeyStore::None,
            degraded: Vec::new(),
        }
    }

    fn same_names(of: &str, written: &serde_json::Value) {
        let mut written: Vec<_> = written.as_object().unwrap().keys().cloned().collect();
        let mut told: Vec<_> = members(SOURCE, of).into_iter().map(|m| m.name).collect();
        written.sort();
        told.sort();
        assert_eq!(told, written);
    }

    #[test]
    fn every_field_of_a_written_record_is_on_the_page() {
        let mut record = Record::new(Event::BootStart, Status::Success);
        (record.note, record.wall) = (Some(String::new()), Some(String::new()));
        record.volume = Some(String::new());
        (record.prev, record.mac) = (Some(String::new()), Some(String::new()));
        record.epoch = Some(epoch());
        let written: serde_json::Value = serde_json::from_str(&record.to_line()).unwrap();
        same_names("pub struct Record {", &written);
        same_names("pub struct Epoch {", &written["epoch"]);
    }
}
