// SPDX-License-Identifier: MIT OR Apache-2.0
//! `boot.json`, field by field.

use lamboot_schema::boot_report::{MAX_BYTES, SCHEMA, SLOT_BYTES};
use lamboot_schema::paths;

use super::markdown::{code, head, section};
use super::source::{Member, members};

const SOURCE: &str = concat!(
    include_str!("../../../../core/lamboot-schema/src/boot_report.rs"),
    include_str!("../../../../core/lamboot-schema/src/volume.rs")
);

/// Each table: its heading, and the type whose fields it has.
const TABLES: &[(&str, &str)] = &[
    ("The document", "BootReport"),
    ("`volume`", "VolumeIdentity"),
    ("`boot_timing_ms`", "BootTiming"),
    ("`health`", "Health"),
    ("`metrics`", "Metrics"),
    ("`clock`", "Clock"),
    ("Each of `rejected`", "Rejected"),
];

/// The page.
pub(super) fn page() -> String {
    let mut text = head("boot.json", &introduction());
    for (heading, name) in TABLES {
        let rows: Vec<_> = fields(name).iter().map(row).collect();
        text += &section(heading, &["field", "form", "meaning"], &rows);
    }
    text
}

fn introduction() -> String {
    format!(
        "What the loader did in the last boot that started something: `{}` on the ESP, one JSON object, format \
         `{SCHEMA}`. It is written just before an image gets control, and again when an image gives control \
         back. A boot that starts nothing leaves the report of the boot before it.\n\n\
         The file is filled with newlines to a multiple of {} KiB and is at most {} KiB. `{}` is the same \
         document, written first: when a power cut spoiled one of the two, the other is whole. `boot_id` says \
         which records of the [trust log](trust-log.md) belong to it.\n\n\
         A number that was not measured is `null`; 0 means measured zero. `_us` are microseconds of a \
         monotonic clock, `_ms` milliseconds, `_bytes` bytes.",
        paths::BOOT_REPORT,
        SLOT_BYTES / 1024,
        MAX_BYTES / 1024,
        paths::BOOT_REPORT_BACKUP
    )
}

fn fields(name: &str) -> Vec<Member> {
    members(SOURCE, &format!("pub struct {name} {{"))
}

fn row(field: &Member) -> Vec<String> {
    let meaning = field.meaning.replace("[`SCHEMA`]", &format!("The format's name and version: `{SCHEMA}`"));
    vec![code(&field.name), form(&field.kind).to_owned(), meaning]
}

fn form(kind: &str) -> &'static str {
    match kind {
        "String" => "text",
        "Option<String>" => "text, or `null`",
        "u8" | "u32" | "u64" => "number",
        "Option<u32>" | "Option<u64>" => "number, or `null`",
        "Vec<String>" => "list of texts",
        "Vec<Rejected>" => "list of objects",
        _ => "object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lamboot_schema::boot_report::{BootReport, Rejected};
    use serde_json::Value;

    fn names(object: &Value) -> Vec<String> {
        let mut names: Vec<_> = object.as_object().unwrap().keys().cloned().collect();
        names.sort();
        names
    }

    #[test]
    fn every_field_of_a_written_document_is_on_the_page() {
        let report = BootReport { rejected: vec![Rejected::default()], ..BootReport::default() };
        let document: Value = serde_json::from_slice(&report.into_slot()).unwrap();
        for (name, object) in [
            ("BootReport", &document),
            ("VolumeIdentity", &document["volume"]),
            ("BootTiming", &document["boot_timing_ms"]),
            ("Health", &document["health"]),
            ("Metrics", &document["metrics"]),
            ("Clock", &document["clock"]),
            ("Rejected", &document["rejected"][0]),
        ] {
            let mut told: Vec<_> = fields(name).into_iter().map(|field| field.name).collect();
            told.sort();
            assert_eq!(told, names(object), "{name}");
        }
    }
}
