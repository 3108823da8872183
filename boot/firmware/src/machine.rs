// SPDX-License-Identifier: MIT OR Apache-2.0
//! What machine this is, and its watchdog.

use crate::clock::TimeBase;
use crate::services::{boot_services, system_table};
use crate::smbios::{self, Smbios};
use crate::tpm::FirmwareTpm;
use crate::{bitlocker, entropy, esrt, variables};
use alloc::format;
use alloc::rc::Rc;
use alloc::string::String;
use core::ptr::NonNull;
use lamboot_core::facts::{Architecture, Facts, SecureBoot};
use lamboot_core::ports::Machine;
use lamboot_schema::variables::GLOBAL_VENDOR;
use uefi::{CStr16, Status, cstr16};

/// The code that a watchdog reset is logged with. UEFI 2.10, section 7.5.1, leaves codes up to
/// 0xFFFF to firmware.
const WATCHDOG_CODE: u64 = 0x10000;
/// The longest vendor name that is taken over, in UTF-16 units.
const MAX_VENDOR: usize = 64;

/// [`Machine`] on firmware.
pub(crate) struct FirmwareMachine {
    pub(crate) clock: Rc<TimeBase>,
}

impl Machine for FirmwareMachine {
    fn facts(&mut self) -> Facts {
        let smbios = smbios::read();
        let virtualisation = virtualisation(&smbios);
        Facts {
            architecture: ARCHITECTURE,
            secure_boot: secure_boot(),
            tpm: FirmwareTpm::default().present(),
            firmware: firmware_name(),
            firmware_type: firmware_type(),
            firmware_update_failed: esrt::failed_update(),
            start_us: self.clock.since_reset(virtualisation.hypervisor.is_some()),
            hypervisor: virtualisation.hypervisor,
            manufacturer: smbios.manufacturer,
            product: smbios.product,
            fleet_id: smbios.fleet_id,
            vmid: smbios.vmid,
            vm_generation_id: virtualisation.generation_id,
            boot_id: entropy::boot_id(),
            // Last: the clock's rate is measured while the rest is gathered.
            clock: self.clock.source(),
        }
    }

    fn watchdog(&mut self, seconds: Option<u16>) {
        let Some(services) = boot_services() else { return };
        let timeout = usize::from(seconds.unwrap_or(0));
        // SAFETY: UEFI 2.10, section 7.5.1: the code is outside of firmware's own range, and there
        // is no further data. Zero seconds disarm.
        let _ = unsafe { (services.set_watchdog_timer)(timeout, WATCHDOG_CODE, 0, core::ptr::null()) };
    }

    fn has_bitlocker(&mut self) -> bool {
        bitlocker::present()
    }
}

/// What a virtual machine knows of itself.
struct Virtualisation {
    hypervisor: Option<String>,
    generation_id: Option<[u8; 16]>,
}

#[cfg(target_arch = "x86_64")]
fn virtualisation(_: &Smbios) -> Virtualisation {
    let hypervisor = crate::hypervisor::name();
    Virtualisation { hypervisor, generation_id: crate::fw_cfg::vm_generation_id() }
}

/// Without CPUID and I/O ports, only the manufacturer's name tells. QEMU's generation id would
/// have to come from an ACPI table, which is not read yet.
#[cfg(not(target_arch = "x86_64"))]
fn virtualisation(smbios: &Smbios) -> Virtualisation {
    let hypervisor = smbios.manufacturer.clone().filter(|name| name == "QEMU");
    Virtualisation { hypervisor, generation_id: None }
}

#[cfg(target_arch = "x86_64")]
const ARCHITECTURE: Architecture = Architecture::X86_64;
#[cfg(target_arch = "aarch64")]
const ARCHITECTURE: Architecture = Architecture::Aarch64;

/// A variable of one byte that is 0 or 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flag {
    Set,
    Clear,
    /// It could not be read, or it is something else than a flag.
    Unclear,
}

/// Reads a flag, once more if the first answer is none.
fn flag(name: &CStr16) -> Flag {
    let read = || {
        let mut buffer = [0; 8];
        judge_flag(variables::read(name, &GLOBAL_VENDOR, &mut buffer))
    };
    match read() {
        Flag::Unclear => read(),
        flag => flag,
    }
}

fn judge_flag(value: Result<&[u8], Status>) -> Flag {
    match value {
        Ok([1]) => Flag::Set,
        Ok([0]) | Err(Status::NOT_FOUND) => Flag::Clear,
        _ => Flag::Unclear,
    }
}

/// Secure Boot as `SecureBoot` and `SetupMode` have it (UEFI 2.10, section 3.3).
fn secure_boot() -> SecureBoot {
    match flag(cstr16!("SecureBoot")) {
        Flag::Set => SecureBoot::On,
        Flag::Unclear => SecureBoot::Unknown,
        Flag::Clear if flag(cstr16!("SetupMode")) == Flag::Set => SecureBoot::Setup,
        Flag::Clear => SecureBoot::Off,
    }
}

/// Vendor and revision, for instance `EDK II 1.00`.
fn firmware_name() -> String {
    let Some(table) = system_table() else { return String::new() };
    let vendor = vendor_text(table.firmware_vendor);
    let (major, minor) = (table.firmware_revision >> 16, table.firmware_revision & 0xFFFF);
    format!("{vendor} {major}.{minor:02}")
}

/// The revision of the specification, for instance `UEFI 2.70` (UEFI 2.10, section 4.2).
fn firmware_type() -> String {
    let Some(table) = system_table() else { return String::new() };
    let revision = table.header.revision;
    format!("UEFI {}.{:02}", revision.major(), revision.minor())
}

/// Text up to its NUL, bounded.
fn vendor_text(start: *const u16) -> String {
    let Some(start) = NonNull::new(start.cast_mut()) else { return String::from("unknown") };
    let mut units = [0_u16; MAX_VENDOR];
    for (index, unit) in units.iter_mut().enumerate() {
        // SAFETY: UEFI 2.10, section 4.3: FirmwareVendor is NUL-terminated, and the loop stops there.
        let at = unsafe { start.add(index) };
        // SAFETY: as above; the string may lie at an odd address.
        *unit = unsafe { at.read_unaligned() };
        if *unit == 0 {
            break;
        }
    }
    let units = units.into_iter().take_while(|unit| *unit != 0);
    char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn only_clear_answers_count() {
        assert_eq!(judge_flag(Ok(&[1])), Flag::Set);
        assert_eq!(judge_flag(Ok(&[0])), Flag::Clear);
        assert_eq!(judge_flag(Err(Status::NOT_FOUND)), Flag::Clear);
        for odd in [&[][..], &[2], &[1, 0], &[0, 0, 0, 0]] {
            assert_eq!(judge_flag(Ok(odd)), Flag::Unclear, "{odd:?}");
        }
        for status in [Status::DEVICE_ERROR, Status::BUFFER_TOO_SMALL, Status::SECURITY_VIOLATION] {
            assert_eq!(judge_flag(Err(status)), Flag::Unclear, "{status:?}");
        }
    }

    #[test]
    fn the_vendor_ends_at_its_nul() {
        let text: Vec<u16> = "EDK II\0junk".encode_utf16().collect();
        assert_eq!(vendor_text(text.as_ptr()), "EDK II");
        assert_eq!(vendor_text(core::ptr::null()), "unknown");
        let endless = [u16::from(b'x'); 200];
        assert_eq!(vendor_text(endless.as_ptr()).len(), MAX_VENDOR);
    }
}
