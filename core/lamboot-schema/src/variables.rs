// SPDX-License-Identifier: MIT OR Apache-2.0
//! UEFI variables: a variable's type fixes its name, vendor GUID, attributes and encoding.
//!
//! Monitors on the host read these out of a guest's variable store, so names and encodings never
//! change.
//!
//! ```
//! use lamboot_schema::variables::{self, HealthState};
//! let bytes = variables::STATE.encode(&HealthState::BootedOk);
//! assert_eq!(bytes, [2]);
//! assert_eq!(variables::STATE.decode(&bytes), Some(HealthState::BootedOk));
//! ```

mod catalogue;
mod trust;

pub use catalogue::{ALL, VariableInfo};
pub use trust::{TrustHead, TrustState};

use crate::time::WallTime;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use uguid::{Guid, guid};

/// LamBoot's own variables.
pub const LAMBOOT_VENDOR: Guid = guid!("4c414d42-4f4f-5400-0000-000000000001");
/// The Boot Loader Interface of systemd.
pub const LOADER_VENDOR: Guid = guid!("4a67b082-0a4c-41cf-b6c7-440b29bb8c4f");
/// systemd's own variables, beside the Boot Loader Interface.
pub const SYSTEMD_VENDOR: Guid = guid!("8cf2644b-4b0b-428f-9387-6d876050dc67");
/// Variables of the UEFI specification itself (UEFI 2.10, section 3.3).
pub const GLOBAL_VENDOR: Guid = guid!("8be4df61-93ca-11d2-aa0d-00e098032b8c");

/// How long a variable's value lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifetime {
    /// Until it is deleted: non-volatile, visible to boot services and to the running system.
    NonVolatile,
    /// Until the next reset; visible to boot services and to the running system.
    Volatile,
    /// Until it is deleted: non-volatile, visible to boot services alone. A variable of that name with other
    /// attributes is none.
    BootServices,
}

impl Lifetime {
    /// The attribute bits of UEFI 2.10, section 8.2: `NON_VOLATILE` 1, `BOOTSERVICE_ACCESS` 2, `RUNTIME_ACCESS` 4.
    #[must_use]
    pub const fn attributes(self) -> u32 {
        match self {
            Self::NonVolatile => 7,
            Self::Volatile => 6,
            Self::BootServices => 3,
        }
    }
}

/// A variable's name, vendor and lifetime, without the type of its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VariableId {
    /// The variable's name.
    pub name: &'static str,
    /// The GUID that the name belongs to.
    pub vendor: Guid,
    /// How long the value lives.
    pub lifetime: Lifetime,
}

/// A variable with the type of its value.
pub struct Variable<T> {
    /// Name, vendor and lifetime.
    pub id: VariableId,
    encode: fn(&T) -> Vec<u8>,
    decode: fn(&[u8]) -> Option<T>,
}

impl<T> Variable<T> {
    const fn new(
        vendor: Guid,
        name: &'static str,
        lifetime: Lifetime,
        encode: fn(&T) -> Vec<u8>,
        decode: fn(&[u8]) -> Option<T>,
    ) -> Self {
        Self { id: VariableId { name, vendor, lifetime }, encode, decode }
    }

    /// The bytes to store for `value`.
    #[must_use]
    pub fn encode(&self, value: &T) -> Vec<u8> {
        (self.encode)(value)
    }

    /// The value that `bytes` stand for, or `None` when they are not of this variable's form.
    #[must_use]
    pub fn decode(&self, bytes: &[u8]) -> Option<T> {
        (self.decode)(bytes)
    }
}

/// How the last boot ended, as far as is known (`LamBootState`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HealthState {
    /// Nothing is under way: a new machine, or the last attempt's failure has been counted.
    Fresh,
    /// An entry was handed control, and nobody has yet said that it came up.
    Booting,
    /// The running system said that it came up.
    BootedOk,
    /// The crash threshold was reached; a fallback is chosen until a boot succeeds.
    CrashLoop,
}

/// `LamBootState`: one byte.
pub const STATE: Variable<HealthState> = Variable::new(
    LAMBOOT_VENDOR,
    "LamBootState",
    Lifetime::NonVolatile,
    |state| {
        alloc::vec![match state {
            HealthState::Fresh => 0,
            HealthState::Booting => 1,
            HealthState::BootedOk => 2,
            HealthState::CrashLoop => 3,
        }]
    },
    |bytes| match bytes {
        [0] => Some(HealthState::Fresh),
        [1] => Some(HealthState::Booting),
        [2] => Some(HealthState::BootedOk),
        [3] => Some(HealthState::CrashLoop),
        _ => None,
    },
);

/// `LamBootCrashCount`: attempts in a row that did not come up; one byte.
pub const CRASH_COUNT: Variable<u8> = Variable::new(
    LAMBOOT_VENDOR,
    "LamBootCrashCount",
    Lifetime::NonVolatile,
    |count| alloc::vec![*count],
    |bytes| match bytes {
        [count] => Some(*count),
        _ => None,
    },
);

/// The most bytes that [`LAST_ENTRY`] holds; a longer id is cut at a character border.
pub const LAST_ENTRY_MAX: usize = 128;

/// `LamBootLastEntry`: id of the entry handed control last; UTF-8 without terminator.
pub const LAST_ENTRY: Variable<String> =
    Variable::new(LAMBOOT_VENDOR, "LamBootLastEntry", Lifetime::NonVolatile, encode_id, decode_id);

/// `LamBootLastGood`: id of the entry that last came up; like [`LAST_ENTRY`].
pub const LAST_GOOD: Variable<String> =
    Variable::new(LAMBOOT_VENDOR, "LamBootLastGood", Lifetime::NonVolatile, encode_id, decode_id);

/// `LamBootTimestamp`: when control was last handed over, by the firmware's clock.
///
/// Eight bytes: year as 16 bits little endian, month, day, hour, minute, second, zero.
pub const TIMESTAMP: Variable<WallTime> = Variable::new(
    LAMBOOT_VENDOR,
    "LamBootTimestamp",
    Lifetime::NonVolatile,
    |time| {
        let [low, high] = time.year.to_le_bytes();
        alloc::vec![low, high, time.month, time.day, time.hour, time.minute, time.second, 0]
    },
    |bytes| match *bytes {
        [low, high, month, day, hour, minute, second, _] => Some(WallTime {
            year: u16::from_le_bytes([low, high]),
            month,
            day,
            hour,
            minute,
            second,
            utc_offset_minutes: None,
        }),
        _ => None,
    },
);

/// A release of LamBoot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Release {
    /// Major number.
    pub major: u16,
    /// Minor number.
    pub minor: u8,
    /// Patch number.
    pub patch: u8,
}

/// `LamBootVersion`: 32 bits little endian, major << 16 | minor << 8 | patch.
pub const VERSION: Variable<Release> = Variable::new(
    LAMBOOT_VENDOR,
    "LamBootVersion",
    Lifetime::NonVolatile,
    |release| {
        let [low, high] = release.major.to_le_bytes();
        alloc::vec![release.patch, release.minor, low, high]
    },
    |bytes| match *bytes {
        [patch, minor, low, high] => Some(Release { major: u16::from_le_bytes([low, high]), minor, patch }),
        _ => None,
    },
);

/// `LamBootVmGenId`: the virtual machine's generation id when control was last handed over; 16 bytes.
pub const VM_GENERATION_ID: Variable<[u8; 16]> = Variable::new(
    LAMBOOT_VENDOR,
    "LamBootVmGenId",
    Lifetime::NonVolatile,
    |id| id.to_vec(),
    |bytes| bytes.try_into().ok(),
);

/// `LamBootTrustState`: the key of the next epoch of the trust log, and where the log ends.
pub const TRUST_STATE: Variable<TrustState> = Variable::new(
    LAMBOOT_VENDOR,
    "LamBootTrustState",
    Lifetime::BootServices,
    TrustState::encode,
    TrustState::decode,
);

/// `LamBootTrustHead`: which epoch of the trust log led to the running system, and where it ends.
pub const TRUST_HEAD: Variable<TrustHead> = Variable::new(
    LAMBOOT_VENDOR,
    "LamBootTrustHead",
    Lifetime::Volatile,
    TrustHead::encode,
    TrustHead::decode,
);

/// `LoaderInfo`: name and version of the boot loader that started this boot; UTF-16 with NUL.
pub const LOADER_INFO: Variable<String> =
    Variable::new(LOADER_VENDOR, "LoaderInfo", Lifetime::Volatile, encode_utf16, decode_utf16);

/// `LoaderEntrySelected`: id of the entry being booted, with its suffix; UTF-16 with NUL.
pub const LOADER_ENTRY_SELECTED: Variable<String> =
    Variable::new(LOADER_VENDOR, "LoaderEntrySelected", Lifetime::Volatile, encode_utf16, decode_utf16);

/// `LoaderBootCountPath`: backslash path of the counted entry file, under its new name; UTF-16 with NUL.
pub const LOADER_BOOT_COUNT_PATH: Variable<String> =
    Variable::new(LOADER_VENDOR, "LoaderBootCountPath", Lifetime::Volatile, encode_utf16, decode_utf16);

/// `LoaderDevicePartUUID`: partition GUID of the volume that LamBoot was started from; UTF-16 with NUL.
pub const LOADER_DEVICE_PART_UUID: Variable<String> =
    Variable::new(LOADER_VENDOR, "LoaderDevicePartUUID", Lifetime::Volatile, encode_utf16, decode_utf16);

/// `LoaderFeatures`: what the boot loader can do; [`features`] names the bits.
pub const LOADER_FEATURES: Variable<u64> =
    Variable::new(LOADER_VENDOR, "LoaderFeatures", Lifetime::Volatile, encode_u64, decode_u64);

/// Bits of [`LOADER_FEATURES`] (systemd, the Boot Loader Interface).
pub mod features {
    /// `LoaderConfigTimeout` is heeded.
    pub const CONFIG_TIMEOUT: u64 = 1 << 0;
    /// `LoaderConfigTimeoutOneShot` is heeded.
    pub const CONFIG_TIMEOUT_ONE_SHOT: u64 = 1 << 1;
    /// `LoaderEntryDefault` is heeded.
    pub const ENTRY_DEFAULT: u64 = 1 << 2;
    /// `LoaderEntryOneShot` is heeded.
    pub const ENTRY_ONESHOT: u64 = 1 << 3;
    /// Boot counters in file names are spent.
    pub const BOOT_COUNTING: u64 = 1 << 4;
    /// An extended boot loader partition is searched.
    pub const XBOOTLDR: u64 = 1 << 5;
    /// A random seed is handed over.
    pub const RANDOM_SEED: u64 = 1 << 6;
    /// Drivers are loaded.
    pub const LOAD_DRIVER: u64 = 1 << 7;
    /// `sort-key` is heeded.
    pub const SORT_KEY: u64 = 1 << 8;
    /// `@saved` is known.
    pub const SAVED_ENTRY: u64 = 1 << 9;
    /// `devicetree` is heeded.
    pub const DEVICETREE: u64 = 1 << 10;
    /// Secure Boot keys are enrolled.
    pub const SECUREBOOT_ENROLL: u64 = 1 << 11;
    /// The shim's protocol is kept.
    pub const RETAIN_SHIM: u64 = 1 << 12;
    /// `menu-disabled` is known.
    pub const MENU_DISABLE: u64 = 1 << 13;
    /// Images with several profiles are known.
    pub const MULTI_PROFILE_UKI: u64 = 1 << 14;
    /// The loader's origin is reported as a URL.
    pub const REPORT_URL: u64 = 1 << 15;
    /// `uki` in Type 1 entries is known.
    pub const TYPE1_UKI: u64 = 1 << 16;
    /// `uki-url` in Type 1 entries is known.
    pub const TYPE1_UKI_URL: u64 = 1 << 17;
    /// The active PCR banks are reported.
    pub const TPM2_ACTIVE_PCR_BANKS: u64 = 1 << 18;
    /// `LoaderEntryPreferred` is heeded.
    pub const ENTRY_PREFERRED: u64 = 1 << 19;
}

/// `LoaderEntries`: ids of the menu's entries, in its order; UTF-16, each with NUL.
pub const LOADER_ENTRIES: Variable<Vec<String>> =
    Variable::new(LOADER_VENDOR, "LoaderEntries", Lifetime::Volatile, encode_strings, decode_strings);

/// `LoaderImageIdentifier`: backslash path of the loader; UTF-16 with NUL.
pub const LOADER_IMAGE_IDENTIFIER: Variable<String> =
    Variable::new(LOADER_VENDOR, "LoaderImageIdentifier", Lifetime::Volatile, encode_utf16, decode_utf16);

/// `LoaderFirmwareInfo`: vendor and revision of the firmware; UTF-16 with NUL.
pub const LOADER_FIRMWARE_INFO: Variable<String> =
    Variable::new(LOADER_VENDOR, "LoaderFirmwareInfo", Lifetime::Volatile, encode_utf16, decode_utf16);

/// `LoaderFirmwareType`: the specification that the firmware follows; UTF-16 with NUL.
pub const LOADER_FIRMWARE_TYPE: Variable<String> =
    Variable::new(LOADER_VENDOR, "LoaderFirmwareType", Lifetime::Volatile, encode_utf16, decode_utf16);

/// `LoaderTimeInitUSec`: when the loader started, in microseconds since the machine's reset;
/// decimal digits, UTF-16 with NUL.
pub const LOADER_TIME_INIT: Variable<u64> =
    Variable::new(LOADER_VENDOR, "LoaderTimeInitUSec", Lifetime::Volatile, encode_decimal, decode_decimal);

/// `LoaderTimeMenuUSec`: when the menu was first shown; like [`LOADER_TIME_INIT`].
pub const LOADER_TIME_MENU: Variable<u64> =
    Variable::new(LOADER_VENDOR, "LoaderTimeMenuUSec", Lifetime::Volatile, encode_decimal, decode_decimal);

/// `LoaderTimeExecUSec`: when the entry was started; like [`LOADER_TIME_INIT`].
pub const LOADER_TIME_EXEC: Variable<u64> =
    Variable::new(LOADER_VENDOR, "LoaderTimeExecUSec", Lifetime::Volatile, encode_decimal, decode_decimal);

/// `LoaderTpm2ActivePcrBanks`: the TPM's PCR banks in use, as hexadecimal bits; UTF-16 with NUL.
pub const LOADER_TPM2_ACTIVE_PCR_BANKS: Variable<u32> =
    Variable::new(LOADER_VENDOR, "LoaderTpm2ActivePcrBanks", Lifetime::Volatile, encode_hex, decode_hex);

/// `LoaderSysFailReason`: why the entry for failed firmware updates was taken; UTF-16 with NUL.
pub const LOADER_SYS_FAIL_REASON: Variable<String> =
    Variable::new(LOADER_VENDOR, "LoaderSysFailReason", Lifetime::Volatile, encode_utf16, decode_utf16);

/// `LoaderEntryDefault`: id or pattern of the default entry, or `@saved`; UTF-16 with NUL.
pub const LOADER_ENTRY_DEFAULT: Variable<String> =
    Variable::new(LOADER_VENDOR, "LoaderEntryDefault", Lifetime::NonVolatile, encode_utf16, decode_utf16);

/// `LoaderEntryPreferred`: like the default, but entries without tries left are passed over.
pub const LOADER_ENTRY_PREFERRED: Variable<String> =
    Variable::new(LOADER_VENDOR, "LoaderEntryPreferred", Lifetime::NonVolatile, encode_utf16, decode_utf16);

/// `LoaderEntrySysFail`: id of the entry to start after a failed update of the firmware.
pub const LOADER_ENTRY_SYS_FAIL: Variable<String> =
    Variable::new(LOADER_VENDOR, "LoaderEntrySysFail", Lifetime::NonVolatile, encode_utf16, decode_utf16);

/// `LoaderEntryOneShot`: id of the entry to start once; deleted when it is read.
pub const LOADER_ENTRY_ONE_SHOT: Variable<String> =
    Variable::new(LOADER_VENDOR, "LoaderEntryOneShot", Lifetime::NonVolatile, encode_utf16, decode_utf16);

/// `LoaderEntryLastBooted`: id of the entry started last, kept while the default is `@saved`.
pub const LOADER_ENTRY_LAST_BOOTED: Variable<String> =
    Variable::new(LOADER_VENDOR, "LoaderEntryLastBooted", Lifetime::NonVolatile, encode_utf16, decode_utf16);

/// `LoaderConfigTimeout`: the menu's timeout, seconds or a word; UTF-16 with NUL.
pub const LOADER_CONFIG_TIMEOUT: Variable<String> =
    Variable::new(LOADER_VENDOR, "LoaderConfigTimeout", Lifetime::NonVolatile, encode_utf16, decode_utf16);

/// `LoaderConfigTimeoutOneShot`: the same for one start; deleted when it is read.
pub const LOADER_CONFIG_TIMEOUT_ONE_SHOT: Variable<String> = Variable::new(
    LOADER_VENDOR,
    "LoaderConfigTimeoutOneShot",
    Lifetime::NonVolatile,
    encode_utf16,
    decode_utf16,
);

/// `LoaderConfigConsoleMode`: number of the text mode; decimal digits, UTF-16 with NUL.
pub const LOADER_CONFIG_CONSOLE_MODE: Variable<u64> = Variable::new(
    LOADER_VENDOR,
    "LoaderConfigConsoleMode",
    Lifetime::NonVolatile,
    encode_decimal,
    decode_decimal,
);

/// `LoaderSystemToken`: secret bytes of this installation, mixed into the random seed.
pub const LOADER_SYSTEM_TOKEN: Variable<Vec<u8>> =
    Variable::new(LOADER_VENDOR, "LoaderSystemToken", Lifetime::NonVolatile, Clone::clone, |bytes| {
        (!bytes.is_empty()).then(|| bytes.to_vec())
    });

/// `HibernateLocation`: where a hibernated system left its memory; JSON, of which only that it is there counts.
pub const HIBERNATE_LOCATION: Variable<Vec<u8>> =
    Variable::new(SYSTEMD_VENDOR, "HibernateLocation", Lifetime::NonVolatile, Clone::clone, |bytes| {
        Some(bytes.to_vec())
    });

/// `BootNext`: number of the firmware's boot option for the next start (UEFI 2.10, section 3.1.1).
pub const BOOT_NEXT: Variable<u16> = Variable::new(
    GLOBAL_VENDOR,
    "BootNext",
    Lifetime::NonVolatile,
    |number| number.to_le_bytes().to_vec(),
    |bytes| bytes.try_into().ok().map(u16::from_le_bytes),
);

/// `BootOrder`: numbers of the firmware's boot options, the first to be tried first.
pub const BOOT_ORDER: Variable<Vec<u16>> = Variable::new(
    GLOBAL_VENDOR,
    "BootOrder",
    Lifetime::NonVolatile,
    |numbers| numbers.iter().flat_map(|number| number.to_le_bytes()).collect(),
    |bytes| {
        let (pairs, []) = bytes.as_chunks::<2>() else { return None };
        Some(pairs.iter().map(|pair| u16::from_le_bytes(*pair)).collect())
    },
);

/// `OsIndications`: what the firmware shall do at the next start; 64 bits little endian (UEFI 2.10, section 8.5.4).
pub const OS_INDICATIONS: Variable<u64> =
    Variable::new(GLOBAL_VENDOR, "OsIndications", Lifetime::NonVolatile, encode_u64, decode_u64);

/// `OsIndicationsSupported`: which bits of [`OS_INDICATIONS`] the firmware understands.
pub const OS_INDICATIONS_SUPPORTED: Variable<u64> =
    Variable::new(GLOBAL_VENDOR, "OsIndicationsSupported", Lifetime::Volatile, encode_u64, decode_u64);

/// Bit of [`OS_INDICATIONS`] that asks for the firmware's own set-up screen.
pub const BOOT_TO_FW_UI: u64 = 1;

fn encode_u64(value: &u64) -> Vec<u8> {
    value.to_le_bytes().to_vec()
}

fn decode_u64(bytes: &[u8]) -> Option<u64> {
    bytes.try_into().ok().map(u64::from_le_bytes)
}

/// The longest start of `text` that is at most `max_bytes` long and ends at a character border.
#[must_use]
pub fn cut_at_char(text: &str, max_bytes: usize) -> &str {
    let end = (0..=max_bytes.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    text.get(..end).unwrap_or("")
}

/// The form in which an entry id is remembered: what [`LAST_ENTRY`] gives back after storing `id`.
#[must_use]
pub fn stored_id(id: &str) -> &str {
    cut_at_char(id, LAST_ENTRY_MAX)
}

#[allow(clippy::ptr_arg, reason = "the codec's signature is that of every variable of a string")]
fn encode_id(id: &String) -> Vec<u8> {
    stored_id(id).as_bytes().to_vec()
}

fn decode_id(bytes: &[u8]) -> Option<String> {
    if bytes.is_empty() || bytes.len() > LAST_ENTRY_MAX {
        return None;
    }
    core::str::from_utf8(bytes).ok().map(String::from)
}

#[allow(clippy::ptr_arg, reason = "the codec's signature is that of every variable of a string")]
fn encode_utf16(text: &String) -> Vec<u8> {
    let mut bytes = Vec::new();
    push_utf16(&mut bytes, text);
    bytes
}

#[allow(clippy::ptr_arg, reason = "the codec's signature is that of every variable of a list")]
fn encode_strings(texts: &Vec<String>) -> Vec<u8> {
    let mut bytes = Vec::new();
    texts.iter().for_each(|text| push_utf16(&mut bytes, text));
    bytes
}

/// Adds a text and its terminator.
fn push_utf16(bytes: &mut Vec<u8>, text: &str) {
    // A text has no more UTF-16 units than bytes.
    bytes.reserve(text.len().saturating_add(1).saturating_mul(2));
    for unit in text.encode_utf16().chain([0]) {
        bytes.extend_from_slice(&unit.to_le_bytes());
    }
}

/// Accepts a missing last terminator, refuses what [`decode_utf16`] refuses.
fn decode_strings(bytes: &[u8]) -> Option<Vec<String>> {
    let (pairs, []) = bytes.as_chunks::<2>() else { return None };
    let units: Vec<u16> = pairs.iter().map(|pair| u16::from_le_bytes(*pair)).collect();
    let text = |units: &[u16]| char::decode_utf16(units.iter().copied()).collect::<Result<String, _>>().ok();
    units.split(|unit| *unit == 0).filter(|units| !units.is_empty()).map(text).collect()
}

fn encode_decimal(value: &u64) -> Vec<u8> {
    encode_utf16(&value.to_string())
}

fn decode_decimal(bytes: &[u8]) -> Option<u64> {
    decode_utf16(bytes)?.parse().ok()
}

fn encode_hex(value: &u32) -> Vec<u8> {
    encode_utf16(&format!("0x{value:x}"))
}

fn decode_hex(bytes: &[u8]) -> Option<u32> {
    let text = decode_utf16(bytes)?;
    u32::from_str_radix(text.strip_prefix("0x").unwrap_or(&text), 16).ok()
}

/// Accepts a missing terminator, refuses an odd length and unpaired surrogates.
fn decode_utf16(bytes: &[u8]) -> Option<String> {
    let (pairs, []) = bytes.as_chunks::<2>() else { return None };
    let units = pairs.iter().map(|pair| u16::from_le_bytes(*pair)).take_while(|unit| *unit != 0);
    char::decode_utf16(units).collect::<Result<String, _>>().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn encodings_are_those_that_monitors_know() {
        assert_eq!(STATE.encode(&HealthState::CrashLoop), [3]);
        assert_eq!(VERSION.encode(&Release { major: 1, minor: 2, patch: 3 }), [3, 2, 1, 0]);
        let time = WallTime {
            year: 2026,
            month: 11,
            day: 23,
            hour: 1,
            minute: 2,
            second: 3,
            utc_offset_minutes: None,
        };
        assert_eq!(TIMESTAMP.encode(&time), [0xEA, 0x07, 11, 23, 1, 2, 3, 0]);
        assert_eq!(TIMESTAMP.decode(&[0xEA, 0x07, 11, 23, 1, 2, 3, 0]), Some(time));
        assert_eq!(LOADER_INFO.encode(&String::from("Lä")), [b'L', 0, 0xE4, 0, 0, 0]);
        assert_eq!(Lifetime::NonVolatile.attributes(), 7);
    }

    #[test]
    fn odd_lengths_and_unknown_values_are_no_values() {
        assert_eq!(STATE.decode(&[]), None);
        assert_eq!(STATE.decode(&[4]), None);
        assert_eq!(STATE.decode(&[1, 0]), None);
        assert_eq!(CRASH_COUNT.decode(&[1, 2]), None);
        assert_eq!(LOADER_INFO.decode(&[b'L', 0, b'a']), None);
        assert_eq!(LOADER_INFO.decode(&[0x00, 0xD8, 0, 0]), None);
        assert_eq!(LAST_ENTRY.decode(&[0xFF]), None);
        assert_eq!(LAST_ENTRY.decode(&[]), None);
    }

    #[test]
    fn a_long_id_is_cut_at_a_character_border() {
        let id = "ä".repeat(100);
        let bytes = LAST_ENTRY.encode(&id);
        assert_eq!(bytes.len(), 128);
        assert_eq!(LAST_ENTRY.decode(&bytes).as_deref(), Some(stored_id(&id)));
    }

    #[test]
    fn the_interface_has_the_forms_that_systemd_writes() {
        let ids = vec![String::from("a.conf"), String::from("ä.efi")];
        let bytes = LOADER_ENTRIES.encode(&ids);
        assert_eq!(bytes.len(), 2 * (7 + 6));
        assert_eq!(LOADER_ENTRIES.decode(&bytes), Some(ids));
        assert_eq!(LOADER_TIME_INIT.encode(&12), [b'1', 0, b'2', 0, 0, 0]);
        assert_eq!(LOADER_TIME_INIT.decode(&[b'1', 0, b'x', 0]), None);
        assert_eq!(
            LOADER_TPM2_ACTIVE_PCR_BANKS.decode(&LOADER_TPM2_ACTIVE_PCR_BANKS.encode(&0x16)),
            Some(0x16)
        );
        assert_eq!(BOOT_ORDER.decode(&[1, 0, 2]), None);
        assert_eq!(BOOT_ORDER.decode(&[1, 0, 2, 1]), Some(vec![1, 0x102]));
        assert_eq!(LOADER_ENTRY_ONE_SHOT.decode(&[b'a', 0, 0x00, 0xD8, 0, 0]), None);
    }

    proptest! {
        #[test]
        fn strings_survive_the_way_there_and_back(text in "[^\\x00]{0,60}") {
            prop_assert_eq!(LOADER_INFO.decode(&LOADER_INFO.encode(&text)), Some(text));
        }

        #[test]
        fn decoding_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = (STATE.decode(&bytes), LAST_ENTRY.decode(&bytes), LOADER_INFO.decode(&bytes));
            let _ = (LOADER_ENTRIES.decode(&bytes), LOADER_TIME_INIT.decode(&bytes), BOOT_ORDER.decode(&bytes));
            let _ = (TIMESTAMP.decode(&bytes), VERSION.decode(&bytes), VM_GENERATION_ID.decode(&bytes));
        }
    }
}
