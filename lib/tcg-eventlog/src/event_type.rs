// SPDX-License-Identifier: MIT OR Apache-2.0
//! Types of events, by the numbers that the TCG gave them.

use core::fmt;

/// The type of an event: what its data are, and what was hashed.
///
/// The constants are those of the TCG PC Client Platform Firmware Profile 1.06, section 10.4.1, under its own
/// names without `EV_`. Any other number is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventType(pub u32);

/// The constants, and their names from the same list.
macro_rules! event_types {
    ($($name:ident = $value:literal, $meaning:literal;)*) => {
        impl EventType {
            $(#[doc = $meaning] pub const $name: Self = Self($value);)*

            /// Those with a name here, in order of their numbers.
            pub const NAMED: &'static [Self] = &[$(Self::$name),*];

            /// The name in the specification: `EV_SEPARATOR`.
            ///
            /// ```
            /// use tcg_eventlog::EventType;
            ///
            /// assert_eq!(EventType::SEPARATOR.name(), Some("EV_SEPARATOR"));
            /// assert_eq!(EventType(0x1234).name(), None);
            /// ```
            #[must_use]
            pub const fn name(self) -> Option<&'static str> {
                match self {
                    $(Self::$name => Some(concat!("EV_", stringify!($name))),)*
                    _ => None,
                }
            }
        }
    };
}

event_types! {
    PREBOOT_CERT = 0x0000_0000, "Reserved; once for certificates.";
    POST_CODE = 0x0000_0001, "Code of the firmware; PCR 0.";
    UNUSED = 0x0000_0002, "Reserved.";
    NO_ACTION = 0x0000_0003, "Tells something; extends no PCR.";
    SEPARATOR = 0x0000_0004, "The end of the firmware's own part, or an error; PCRs 0 to 7.";
    ACTION = 0x0000_0005, "Something was done, in words.";
    EVENT_TAG = 0x0000_0006, "For systems and boot loaders: a number that tells what it is, and data.";
    S_CRTM_CONTENTS = 0x0000_0007, "The first code that measures; PCR 0.";
    S_CRTM_VERSION = 0x0000_0008, "Its version; PCR 0.";
    CPU_MICROCODE = 0x0000_0009, "Microcode; PCR 1.";
    PLATFORM_CONFIG_FLAGS = 0x0000_000A, "Settings of the platform; PCR 1.";
    TABLE_OF_DEVICES = 0x0000_000B, "A table of devices; PCR 1.";
    COMPACT_HASH = 0x0000_000C, "Whatever its maker says; not in PCRs 0 to 3.";
    IPL = 0x0000_000D, "Boot loaders; deprecated, and in use.";
    IPL_PARTITION_DATA = 0x0000_000E, "Partition tables; deprecated.";
    NONHOST_CODE = 0x0000_000F, "Code of another processor of the platform; PCRs 0 and 2.";
    NONHOST_CONFIG = 0x0000_0010, "Its settings; PCRs 1 and 3.";
    NONHOST_INFO = 0x0000_0011, "That there is such code; PCR 0.";
    OMIT_BOOT_DEVICE_EVENTS = 0x0000_0012, "Attempts to boot are not in the log; PCR 4.";
    POST_CODE2 = 0x0000_0013, "Code of the firmware, with words about it; PCR 0.";
    EFI_EVENT_BASE = 0x8000_0000, "Where the numbers of UEFI begin; not used itself.";
    EFI_VARIABLE_DRIVER_CONFIG = 0x8000_0001, "A variable that decides how things start; mostly PCR 7.";
    EFI_VARIABLE_BOOT = 0x8000_0002, "A variable of the boot order, by its data only; PCR 1.";
    EFI_BOOT_SERVICES_APPLICATION = 0x8000_0003, "An application that was loaded; PCRs 2 and 4.";
    EFI_BOOT_SERVICES_DRIVER = 0x8000_0004, "A driver that was loaded; PCRs 0 and 2.";
    EFI_RUNTIME_SERVICES_DRIVER = 0x8000_0005, "A runtime driver that was loaded; PCRs 0 and 2.";
    EFI_GPT_EVENT = 0x8000_0006, "A partition table; PCR 5.";
    EFI_ACTION = 0x8000_0007, "Something was done, in words.";
    EFI_PLATFORM_FIRMWARE_BLOB = 0x8000_0008, "Code of the firmware; PCRs 0, 2 and 4.";
    EFI_HANDOFF_TABLES = 0x8000_0009, "Tables such as SMBIOS; PCR 1.";
    EFI_PLATFORM_FIRMWARE_BLOB2 = 0x8000_000A, "Code of the firmware, with words about it.";
    EFI_HANDOFF_TABLES2 = 0x8000_000B, "Tables such as SMBIOS, with words about them.";
    EFI_VARIABLE_BOOT2 = 0x8000_000C, "A variable of the boot order, with its name; PCR 1.";
    EFI_GPT_EVENT2 = 0x8000_000D, "A partition table without what differs between equal machines; PCR 5.";
    EFI_HCRTM_EVENT = 0x8000_0010, "What was measured before the processor started; PCR 0.";
    EFI_VARIABLE_AUTHORITY = 0x8000_00E0, "The entry of a variable that let an image start; PCR 7.";
    EFI_SPDM_FIRMWARE_BLOB = 0x8000_00E1, "Firmware of a device, by SPDM; PCR 2.";
    EFI_SPDM_FIRMWARE_CONFIG = 0x8000_00E2, "Settings of a device, by SPDM; PCR 3.";
    EFI_SPDM_DEVICE_POLICY = 0x8000_00E3, "The variable that says which devices are believed; PCR 7.";
    EFI_SPDM_DEVICE_AUTHORITY = 0x8000_00E4, "The entry of it that let a device be believed; PCR 7.";
}

/// The name, or the number: `EV_IPL`, `event type 0x1234`.
impl fmt::Display for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "event type {:#x}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_has_one_name() {
        assert!(EventType::NAMED.is_sorted() && EventType::NAMED.len() == 40);
        assert_eq!(EventType(0x8000_00E0).to_string(), "EV_EFI_VARIABLE_AUTHORITY");
        assert_eq!(EventType(0x14).to_string(), "event type 0x14");
    }
}
