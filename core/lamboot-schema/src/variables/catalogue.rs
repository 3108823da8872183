// SPDX-License-Identifier: MIT OR Apache-2.0
//! Every variable in one table, for references and for tools that list them.

use super::{
    CRASH_COUNT, LAST_ENTRY, LAST_GOOD, LOADER_BOOT_COUNT_PATH, LOADER_DEVICE_PART_UUID,
    LOADER_ENTRY_SELECTED, LOADER_INFO, OS_INDICATIONS, OS_INDICATIONS_SUPPORTED, STATE, TIMESTAMP, VERSION,
    VM_GENERATION_ID, VariableId,
};

/// A variable as people are told about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VariableInfo {
    /// Name, vendor and lifetime.
    pub id: VariableId,
    /// The form of its bytes.
    pub encoding: &'static str,
    /// What it tells, and who writes it when.
    pub meaning: &'static str,
}

const ID: &str = "UTF-8, at most 128 bytes, no terminator";
const UTF16: &str = "UTF-16 little endian, with NUL";
const BITS: &str = "64 bits, little endian";

/// Every variable that LamBoot reads or writes.
pub const ALL: &[VariableInfo] = &[
    info(
        STATE.id,
        "1 byte: 0 Fresh, 1 Booting, 2 BootedOK, 3 CrashLoop",
        "How the last boot ended. The loader writes Booting at hand-over, Fresh or CrashLoop when it counts \
         a failure; `lamboot mark-success` writes BootedOK.",
    ),
    info(
        CRASH_COUNT.id,
        "1 byte, unsigned",
        "Attempts in a row that did not come up. The loader counts; `lamboot mark-success` clears.",
    ),
    info(LAST_ENTRY.id, ID, "Id of the entry that was handed control last. The loader, at hand-over."),
    info(
        LAST_GOOD.id,
        ID,
        "Id of the entry that last came up. The loader, at the start after a boot that was marked good.",
    ),
    info(
        TIMESTAMP.id,
        "8 bytes: year as 16 bits little endian, month, day, hour, minute, second, 0",
        "When control was last handed over, by the firmware's clock. The loader, where there is a clock.",
    ),
    info(
        VERSION.id,
        "32 bits little endian: major << 16, minor << 8, patch",
        "The release that handed over last. The loader, at hand-over.",
    ),
    info(
        VM_GENERATION_ID.id,
        "16 bytes, as the hypervisor gives them",
        "The virtual machine's generation id that was seen last. The loader, when it changed.",
    ),
    info(LOADER_INFO.id, UTF16, "Name and version of the loader of this boot. The loader, at hand-over."),
    info(LOADER_ENTRY_SELECTED.id, UTF16, "Id of the entry of this boot. The loader, at hand-over."),
    info(
        LOADER_BOOT_COUNT_PATH.id,
        UTF16,
        "Backslash path of the entry file under its new name, for `systemd-bless-boot`. The loader, after \
         it spent a try and only then.",
    ),
    info(
        LOADER_DEVICE_PART_UUID.id,
        UTF16,
        "Partition GUID of the ESP that the loader came from. The loader, on disks with GPT.",
    ),
    info(
        OS_INDICATIONS.id,
        BITS,
        "What the firmware shall do at the next start. The loader sets bit 0 (set-up screen) for F2.",
    ),
    info(OS_INDICATIONS_SUPPORTED.id, BITS, "Which of those the firmware can do. Only read."),
];

const fn info(id: VariableId, encoding: &'static str, meaning: &'static str) -> VariableInfo {
    VariableInfo { id, encoding, meaning }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_variable_is_in_the_table() {
        let source = include_str!("../variables.rs");
        let defined =
            source.lines().filter(|line| line.starts_with("pub const") && line.contains(": Variable<"));
        assert_eq!(ALL.len(), defined.count());
        for (place, one) in ALL.iter().enumerate() {
            assert!(ALL.iter().skip(place + 1).all(|other| other.id != one.id), "{} twice", one.id.name);
        }
    }
}
