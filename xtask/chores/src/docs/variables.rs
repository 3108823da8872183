// SPDX-License-Identifier: MIT OR Apache-2.0
//! UEFI variables: names, vendors, lifetimes and encodings.

use lamboot_schema::variables::{
    ALL, GLOBAL_VENDOR, LAMBOOT_VENDOR, LOADER_VENDOR, Lifetime, SYSTEMD_VENDOR, VariableInfo,
};

use super::markdown::{code, head, section};

/// The page.
pub(super) fn page() -> String {
    let mut text = head("UEFI variables", INTRODUCTION);
    for (whose, vendor) in [
        ("LamBoot's own", LAMBOOT_VENDOR),
        ("The Boot Loader Interface", LOADER_VENDOR),
        ("systemd's", SYSTEMD_VENDOR),
        ("The firmware's", GLOBAL_VENDOR),
    ] {
        let rows: Vec<_> = ALL.iter().filter(|info| info.id.vendor == vendor).map(row).collect();
        let heading = format!("{whose}: `{vendor}`");
        text += &section(&heading, &["name", "lifetime", "form", "meaning, and who writes it"], &rows);
    }
    text
}

const INTRODUCTION: &str = "\
What LamBoot reads and writes in the firmware's variable store. Names, vendor GUIDs and encodings of \
earlier releases are unchanged, so that monitors which read a guest's variable store go on working.

Non-volatile variables have the attributes 7 (`NON_VOLATILE`, `BOOTSERVICE_ACCESS`, `RUNTIME_ACCESS`), \
volatile ones 6. A file in efivarfs begins with these attributes as four bytes; the value comes after \
them. A non-volatile value that is stored already is not written again. What the states mean and how they \
change: [Health](../explain/health.md).";

fn row(info: &VariableInfo) -> Vec<String> {
    let lifetime = match info.id.lifetime {
        Lifetime::NonVolatile => "non-volatile",
        Lifetime::Volatile => "volatile",
        Lifetime::BootServices => "non-volatile, boot services only",
    };
    vec![code(info.id.name), lifetime.to_owned(), info.encoding.to_owned(), info.meaning.to_owned()]
}
