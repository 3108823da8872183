// SPDX-License-Identifier: MIT OR Apache-2.0
//! `policy.toml`, key by key, from the table that reads it.

use lamboot_core::policy::{KEYS, KeyInfo, MAX_BYTES};
use lamboot_schema::paths;

use super::markdown::{code, head, section};

/// The page.
pub(super) fn page() -> String {
    let mut text = head("policy.toml", &introduction());
    let mut sections: Vec<&str> = KEYS.iter().map(|key| key.section).collect();
    sections.dedup();
    for name in sections {
        let rows: Vec<_> = KEYS.iter().filter(|key| key.section == name).map(row).collect();
        text += &section(&heading(name), &["key", "value", "default", "meaning"], &rows);
    }
    text
}

fn introduction() -> String {
    format!(
        "`{}` on the ESP, in [TOML 1.0](https://toml.io/en/v1.0.0), at most {} KiB. Examples are in \
         [Configure LamBoot](../how-to/configure.md).\n\n\
         The file is read strictly. Each mistake is shown in the menu and written to the logs, with line and \
         column; the other keys hold as written. Keys marked * protect: when such a key is mentioned and cannot \
         be understood, the careful value holds. For `secure_boot_required`, `allowlist` and `denylist` \
         nothing starts by itself then.\n\n\
         Patterns match the whole text without regard to case: `*` any characters, `?` any one. Paths of images \
         have backslashes: `'\\EFI\\Linux\\*'`. Ids of entries are the file's name without boot counter, with or \
         without `.conf`, in any case; the form of earlier releases with `bls-` in front is understood.",
        paths::POLICY,
        MAX_BYTES / 1024
    )
}

fn heading(section: &str) -> String {
    if section.is_empty() { "Top of the file".to_owned() } else { format!("[{section}]") }
}

fn row(key: &KeyInfo) -> Vec<String> {
    let mark = if key.protects() { " *" } else { "" };
    vec![code(key.name) + mark, key.form.to_owned(), key.default.to_owned(), key.meaning.to_owned()]
}
