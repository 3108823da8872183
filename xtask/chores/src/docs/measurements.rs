// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the loader measures.

use lamboot_schema::measurements::{COMMAND_LINE_PCR, CONFIGURATION_PCR, TaggedFile};

use super::markdown::{code, head, section};

/// The page.
pub(super) fn page() -> String {
    let rows: Vec<_> = TaggedFile::ALL.iter().map(row).collect();
    head("Measurements", &introduction())
        + &section("Tagged events", &["PCR", "tag", "words of the event", "what is hashed"], &rows)
}

fn row((file, what): &(TaggedFile, &str)) -> Vec<String> {
    vec![
        CONFIGURATION_PCR.to_string(),
        code(&format!("{:#010x}", file.tag)),
        code(file.words),
        (*what).to_owned(),
    ]
}

fn introduction() -> String {
    format!(
        "What LamBoot extends PCRs by, where there is a TPM 2.0, in the order of a boot. With H the hash of a bank, a \\
         measurement of bytes D makes a PCR's value V the new value H(V || H(D)). The log's event says what it was \\
         about; only D is hashed.\\n\\n\\
         | PCR | D | event |\\n\\
         | --- | --- | --- |\\n\\
         | {CONFIGURATION_PCR} | the bytes of `policy.toml` and then of `loader.conf`, each where the file is there | \\
         tagged, see below |\\n\\
         | 4 | an image's Authenticode hash; not by LamBoot: who places the image measures it | \\
         `EV_EFI_BOOT_SERVICES_APPLICATION` |\\n\\
         | {COMMAND_LINE_PCR} | the command line as UTF-16, little-endian, without terminator, if it is not empty | `EV_IPL` \\
         with the same text and a terminator |\\n\\
         | {COMMAND_LINE_PCR} | the archive made of an image's credentials; that of its configuration extensions | `EV_IPL`: \\
         `Credentials initrd`, `Configuration extension initrd` |\\n\\
         | 13 | the archive made of an image's system extensions | `EV_IPL`: `System extension initrd` |\\n\\
         | 9 | every initrd; not by LamBoot: the kernel's stub measures what it loads | `EV_EVENT_TAG` |\\n\\n\\
         `security.measured_boot = false` in [`policy.toml`](policy.md) leaves out all but PCR {CONFIGURATION_PCR}, which is \\
         extended before anybody reads what the file says; a command line that was changed by hand under Secure Boot \\
         is always measured. PCRs are those of the Linux community's registry (UAPI.7). A measurement that fails is \\
         in the [trust log](trust-log.md) and stops nothing.\\n\\n\\
         How to see all of it: [See what was measured](../how-to/see-what-was-measured.md)."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tag_is_on_the_page_once() {
        let page = page();
        for (file, _) in TaggedFile::ALL {
            assert_eq!(page.matches(&format!("{:#010x}", file.tag)).count(), 1, "{page}");
        }
    }
}
