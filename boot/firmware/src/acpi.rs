// SPDX-License-Identifier: MIT OR Apache-2.0
//! The port of the ACPI power management timer (ACPI 6.5, sections 4.8.3.3 and 5.2.9).
//!
//! The timer runs at a rate that the specification fixes, so comparing with it tells the rate of
//! the processor's own counter without waiting for anything.

use crate::bytes::{u16_at, u32_at, u64_at};
use crate::memory::physical;
use crate::services::configuration_table;
use alloc::vec::Vec;
use uefi::{Guid, guid};

const RSDP: Guid = guid!("8868e871-e4f1-11d3-bc22-0080c73c8881");
const HEADER: usize = 36;
const MAX_TABLE: usize = 4096;

/// The timer's I/O port; `None` when the machine does not tell one.
pub(crate) fn timer_port() -> Option<u16> {
    let rsdp = configuration_table(&RSDP)?;
    // SAFETY: the configuration table with this GUID points to an RSDP of revision 2 or later,
    // which has 36 bytes.
    let rsdp = unsafe { physical(rsdp, HEADER) }?;
    let xsdt = table(root_address(&rsdp)?, b"XSDT")?;
    let facp = addresses(&xsdt).find_map(|address| table(address, b"FACP"))?;
    port_in(&facp)
}

/// The bytes of the table at an address, if it is the one with this signature.
fn table(address: u64, signature: &[u8; 4]) -> Option<Vec<u8>> {
    // SAFETY: the address stands in the RSDP or in the XSDT, so an ACPI table with the common
    // header starts there.
    let header = unsafe { physical(address, HEADER) }?;
    header.starts_with(signature).then_some(())?;
    let length = usize::try_from(u32_at(&header, 4)?).ok()?.min(MAX_TABLE);
    // SAFETY: the header just read says that the table has this many bytes.
    unsafe { physical(address, length) }
}

fn root_address(rsdp: &[u8]) -> Option<u64> {
    let revision = *rsdp.get(15)?;
    (rsdp.starts_with(b"RSD PTR ") && revision >= 2).then(|| u64_at(rsdp, 24))?
}

fn addresses(xsdt: &[u8]) -> impl Iterator<Item = u64> {
    let (entries, _) = xsdt.get(HEADER..).unwrap_or_default().as_chunks::<8>();
    entries.iter().map(|entry| u64::from_le_bytes(*entry)).filter(|address| *address != 0)
}

/// The port in a FADT: the extended address if it names an I/O port, otherwise the old field.
fn port_in(facp: &[u8]) -> Option<u16> {
    const IO_SPACE: u8 = 1;
    let extended = (facp.get(208) == Some(&IO_SPACE)).then(|| u64_at(facp, 212)).flatten();
    let port = extended.filter(|port| *port != 0).or_else(|| u32_at(facp, 76).map(u64::from))?;
    // The timer's length in bytes is four or the timer does not exist.
    let exists = facp.get(91) == Some(&4) && u16_at(facp, 76).is_some();
    u16::try_from(port).ok().filter(|port| *port != 0 && exists)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facp(old: u32, space: u8, extended: u64, length: u8) -> Vec<u8> {
        let mut bytes = alloc::vec![0; 276];
        bytes[76..80].copy_from_slice(&old.to_le_bytes());
        bytes[91] = length;
        bytes[208] = space;
        bytes[212..220].copy_from_slice(&extended.to_le_bytes());
        bytes
    }

    #[test]
    fn the_port_is_where_the_machine_says() {
        assert_eq!(port_in(&facp(0x608, 1, 0, 4)), Some(0x608));
        assert_eq!(port_in(&facp(0x608, 1, 0xB008, 4)), Some(0xB008));
        assert_eq!(port_in(&facp(0x608, 0, 0xFED0_0000, 4)), Some(0x608), "memory space is not a port");
        assert_eq!(port_in(&facp(0, 0, 0, 4)), None);
        assert_eq!(port_in(&facp(0x608, 1, 0, 0)), None, "hardware-reduced");
        assert_eq!(port_in(&facp(0x608, 1, 0, 4)[..80]), None);
    }

    #[test]
    fn only_a_modern_root_pointer_counts() {
        let mut rsdp = b"RSD PTR \0BOCHS \x02".to_vec();
        rsdp.resize(36, 0);
        rsdp[24..32].copy_from_slice(&0x7F00_0000_u64.to_le_bytes());
        assert_eq!(root_address(&rsdp), Some(0x7F00_0000));
        rsdp[15] = 0;
        assert_eq!(root_address(&rsdp), None);
        assert_eq!(root_address(&rsdp[..10]), None);
    }
}
