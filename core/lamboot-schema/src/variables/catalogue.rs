// SPDX-License-Identifier: MIT OR Apache-2.0
//! Every variable in one table, for references and for tools that list them.

use super::{
    BOOT_NEXT, BOOT_ORDER, CRASH_COUNT, HIBERNATE_LOCATION, LAST_ENTRY, LAST_GOOD, LOADER_BOOT_COUNT_PATH,
    LOADER_CONFIG_CONSOLE_MODE, LOADER_CONFIG_TIMEOUT, LOADER_CONFIG_TIMEOUT_ONE_SHOT,
    LOADER_DEVICE_PART_UUID, LOADER_ENTRIES, LOADER_ENTRY_DEFAULT, LOADER_ENTRY_LAST_BOOTED,
    LOADER_ENTRY_ONE_SHOT, LOADER_ENTRY_PREFERRED, LOADER_ENTRY_SELECTED, LOADER_ENTRY_SYS_FAIL,
    LOADER_FEATURES, LOADER_FIRMWARE_INFO, LOADER_FIRMWARE_TYPE, LOADER_IMAGE_IDENTIFIER, LOADER_INFO,
    LOADER_SYS_FAIL_REASON, LOADER_SYSTEM_TOKEN, LOADER_TIME_EXEC, LOADER_TIME_INIT, LOADER_TIME_MENU,
    LOADER_TPM2_ACTIVE_PCR_BANKS, OS_INDICATIONS, OS_INDICATIONS_SUPPORTED, STATE, TIMESTAMP, TRUST_HEAD,
    TRUST_STATE, VERSION, VM_GENERATION_ID, VariableId,
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
const DECIMAL: &str = "decimal number, UTF-16 little endian, with NUL";
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
    info(
        TRUST_STATE.id,
        "1 byte: version, 1; 1 byte: 1 if the epoch was sealed, 2 if the chain's key was shown; 16 bytes: chain; 8 bytes little endian: epoch; 4 \
         bytes little endian: records; 32 bytes: SHA-256 of the last one; 32 bytes: key of the next epoch",
        "What the loader keeps of the trust log outside of it. The loader, when an epoch begins and when it ends. \
         The running system cannot read it.",
    ),
    info(
        TRUST_HEAD.id,
        "16 bytes: chain; 8 bytes little endian: epoch; 4 bytes little endian: records; 32 bytes: SHA-256 of the \
         last one",
        "Where the trust log ends, for `lamboot inspect trust-log verify`. The loader, at hand-over.",
    ),
    info(
        HIBERNATE_LOCATION.id,
        "JSON",
        "A hibernated system waits. systemd writes it; as long as it is there, the loader writes nothing to the ESP.",
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
        LOADER_FEATURES.id,
        BITS,
        "What this loader can do, as systemd's Boot Loader Interface numbers it. The loader, at hand-over.",
    ),
    info(
        LOADER_ENTRIES.id,
        "UTF-16 little endian, each id with NUL",
        "Ids of the menu's entries, in its order. The loader, at hand-over.",
    ),
    info(
        LOADER_IMAGE_IDENTIFIER.id,
        UTF16,
        "Backslash path of the loader on its volume. The loader, at hand-over.",
    ),
    info(LOADER_FIRMWARE_INFO.id, UTF16, "Vendor and revision of the firmware. The loader, at hand-over."),
    info(
        LOADER_FIRMWARE_TYPE.id,
        UTF16,
        "The UEFI revision that the firmware follows. The loader, at hand-over.",
    ),
    info(
        LOADER_TIME_INIT.id,
        DECIMAL,
        "When the loader started, in microseconds since reset. The loader, where that can be known.",
    ),
    info(LOADER_TIME_MENU.id, DECIMAL, "When the menu was first shown. The loader, if it was."),
    info(LOADER_TIME_EXEC.id, DECIMAL, "When the entry was started. The loader, just before it does."),
    info(
        LOADER_TPM2_ACTIVE_PCR_BANKS.id,
        "hexadecimal number, UTF-16 little endian, with NUL",
        "The TPM's PCR banks in use; 0 without a TPM. The loader, at hand-over.",
    ),
    info(
        LOADER_SYS_FAIL_REASON.id,
        UTF16,
        "Why the entry for failed firmware updates was taken. The loader, when it was.",
    ),
    info(
        LOADER_ENTRY_DEFAULT.id,
        UTF16,
        "Id or pattern of the default entry, or `@saved`. `bootctl set-default`, or the menu.",
    ),
    info(
        LOADER_ENTRY_PREFERRED.id,
        UTF16,
        "Like the default, and goes before it; entries without tries left are passed over.",
    ),
    info(LOADER_ENTRY_SYS_FAIL.id, UTF16, "Id of the entry to start after a failed update of the firmware."),
    info(
        LOADER_ENTRY_ONE_SHOT.id,
        UTF16,
        "Id of the entry to start once. `bootctl set-oneshot`, `systemctl reboot --boot-loader-entry=`; the loader deletes it when it reads it.",
    ),
    info(
        LOADER_ENTRY_LAST_BOOTED.id,
        UTF16,
        "Id of the entry started last. The loader, while the default is `@saved`.",
    ),
    info(
        LOADER_CONFIG_TIMEOUT.id,
        "seconds or a word, UTF-16 little endian, with NUL",
        "The menu's timeout: a number, `menu-hidden`, `menu-disabled` or `menu-force`. `bootctl set-timeout`, or the menu.",
    ),
    info(
        LOADER_CONFIG_TIMEOUT_ONE_SHOT.id,
        "seconds or a word, UTF-16 little endian, with NUL",
        "The same for one start; 0 shows the menu without a countdown. The loader deletes it when it reads it.",
    ),
    info(LOADER_CONFIG_CONSOLE_MODE.id, DECIMAL, "Number of the text mode. The menu."),
    info(
        LOADER_SYSTEM_TOKEN.id,
        "bytes",
        "Secret of this installation, mixed into the random seed. `bootctl install`, `bootctl random-seed`.",
    ),
    info(
        BOOT_NEXT.id,
        "16 bits, little endian",
        "The firmware's boot option for the next start. The loader, for Windows with BitLocker, if policy asks for it.",
    ),
    info(
        BOOT_ORDER.id,
        "16 bits each, little endian",
        "The firmware's boot options in their order. Read only.",
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
