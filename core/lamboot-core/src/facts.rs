// SPDX-License-Identifier: MIT OR Apache-2.0
//! What machine is this? One value, read once, that nothing changes afterwards.

use alloc::string::String;

/// Processor architecture of the loader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Architecture {
    /// 64-bit x86.
    X86_64,
    /// 64-bit Arm.
    Aarch64,
}

impl Architecture {
    /// The name that `boot.json` uses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64",
            Self::Aarch64 => "aarch64",
        }
    }
}

/// Secure Boot as the firmware reports it (UEFI 2.10, section 32.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecureBoot {
    /// `SecureBoot` is 1: the firmware refuses images that nobody vouches for.
    On,
    /// `SecureBoot` is 0 or absent.
    Off,
    /// Off, and the platform key is not enrolled yet.
    Setup,
    /// The variable cannot be read. Treated as on wherever that is the careful choice.
    Unknown,
}

impl SecureBoot {
    /// The word that records use.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Off => "off",
            Self::Setup => "setup",
            Self::Unknown => "unknown",
        }
    }

    /// The word for the owner.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::On => "Secure Boot on",
            Self::Off => "Secure Boot off",
            Self::Setup => "Secure Boot off (setup mode)",
            Self::Unknown => "Secure Boot unknown",
        }
    }

    /// Whether images must be assumed to be checked: anything unclear counts as on.
    #[must_use]
    pub const fn restricts(self) -> bool {
        matches!(self, Self::On | Self::Unknown)
    }
}

/// Where monotonic time comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockSource {
    /// `tsc` or `generic_timer`.
    pub name: &'static str,
    /// Ticks a second.
    pub hz: u64,
    /// Whether the processor told the rate (`exact`), or it was measured (`calibrated`).
    pub exact: bool,
}

/// What machine this is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Processor architecture.
    pub architecture: Architecture,
    /// Secure Boot as the firmware reports it.
    pub secure_boot: SecureBoot,
    /// Whether a TPM 2.0 is usable.
    pub tpm: bool,
    /// Firmware vendor and revision, for instance `EDK II 1.00`.
    pub firmware: String,
    /// The UEFI revision that the firmware follows, for instance `UEFI 2.70`.
    pub firmware_type: String,
    /// Microseconds between the machine's reset and the loader's start; `None` where that cannot be
    /// known.
    pub start_us: Option<u64>,
    /// What the firmware says of its own last update, when that failed (ESRT, UEFI 2.10, section 23.4).
    pub firmware_update_failed: Option<String>,
    /// SMBIOS type 1 manufacturer.
    pub manufacturer: Option<String>,
    /// SMBIOS type 1 product name.
    pub product: Option<String>,
    /// SMBIOS type 11 string `lamboot.fleet-id=`.
    pub fleet_id: Option<String>,
    /// SMBIOS type 11 string `lamboot.vmid=`.
    pub vmid: Option<String>,
    /// Name of the hypervisor; `None` on bare metal.
    pub hypervisor: Option<String>,
    /// The virtual machine's generation id; changes when a snapshot is restored or a clone is made.
    pub vm_generation_id: Option<[u8; 16]>,
    /// 128 random bits that name this boot.
    pub boot_id: [u8; 16],
    /// Where monotonic time comes from.
    pub clock: ClockSource,
}
