// SPDX-License-Identifier: MIT OR Apache-2.0
//! The VM generation id, from QEMU's firmware configuration device.
//!
//! QEMU, `docs/specs/fw_cfg.rst` and `docs/specs/vmgenid.rst`: a key is written to port 0x510, the
//! item's bytes come out of port 0x511. The file `etc/vmgenid_guid` holds the id 40 bytes in.

/// Bytes of a directory entry: size, key, reserved, name.
const ENTRY: usize = 64;
/// The most entries that are looked at; QEMU has a few dozen.
const MAX_ENTRIES: usize = 512;
/// Where the id lies in its file.
const ID_OFFSET: usize = 40;

/// A file's key and size, found by its name in the directory's entries.
fn find(entries: &[u8], wanted: &str) -> Option<(u16, u32)> {
    let (entries, _) = entries.as_chunks::<ENTRY>();
    entries.iter().find_map(|entry| {
        let (size, rest) = entry.split_first_chunk::<4>()?;
        let (key, rest) = rest.split_first_chunk::<2>()?;
        let name = rest.get(2..)?.split(|byte| *byte == 0).next()?;
        (name == wanted.as_bytes()).then(|| (u16::from_be_bytes(*key), u32::from_be_bytes(*size)))
    })
}

/// The VM generation id; `None` without QEMU, or when the machine has none.
pub(crate) fn vm_generation_id() -> Option<[u8; 16]> {
    device::present().then_some(())?;
    let (key, size) = find(&device::directory(), "etc/vmgenid_guid")?;
    let mut blob = [0; ID_OFFSET + 16];
    (usize::try_from(size).ok()? >= blob.len()).then_some(())?;
    device::read(key, &mut blob);
    blob.last_chunk().copied().filter(|id| *id != [0; 16])
}

mod device {
    use super::{ENTRY, MAX_ENTRIES};
    use crate::cpu::{hypervisor_signature, port_out, port_read};
    use alloc::vec::Vec;

    const SELECTOR: u16 = 0x510;
    const DATA: u16 = 0x511;
    const SIGNATURE: u16 = 0;
    const DIRECTORY: u16 = 0x19;

    /// Whether QEMU answers. Asked only below a hypervisor: on real hardware anything may live at
    /// these ports.
    pub(super) fn present() -> bool {
        if hypervisor_signature(0x4000_0000).is_none() {
            return false;
        }
        let mut signature = [0; 4];
        read(SIGNATURE, &mut signature);
        signature == *b"QEMU"
    }

    /// The first bytes of an item. Only called below a hypervisor.
    pub(super) fn read(key: u16, buffer: &mut [u8]) {
        // SAFETY: fw_cfg.rst: writing a key selects an item. Hypervisors without the device
        // ignore writes to unassigned ports.
        unsafe { port_out(SELECTOR, key) };
        // SAFETY: fw_cfg.rst: the data port gives the selected item's next bytes, and zeros after
        // its end.
        unsafe { port_read(DATA, buffer) };
    }

    /// The directory's entries, at most [`MAX_ENTRIES`].
    pub(super) fn directory() -> Vec<u8> {
        let mut count = [0; 4];
        read(DIRECTORY, &mut count);
        let count = usize::try_from(u32::from_be_bytes(count)).unwrap_or(0).min(MAX_ENTRIES);
        let mut bytes = alloc::vec![0; 4 + count * ENTRY];
        read(DIRECTORY, &mut bytes);
        bytes.split_off(4)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    fn entry(size: u32, key: u16, name: &str) -> Vec<u8> {
        let mut bytes = [&size.to_be_bytes()[..], &key.to_be_bytes(), &[0, 0], name.as_bytes()].concat();
        bytes.resize(ENTRY, 0);
        bytes
    }

    #[test]
    fn a_file_is_found_by_its_whole_name() {
        let entries = [entry(9, 0x20, "etc/vmgenid_addr"), entry(4096, 0x2A, "etc/vmgenid_guid")].concat();
        assert_eq!(find(&entries, "etc/vmgenid_guid"), Some((0x2A, 4096)));
        assert_eq!(find(&entries, "etc/vmgenid"), None);
        assert_eq!(find(&entries[..100], "etc/vmgenid_guid"), None);
        assert_eq!(find(&[], "etc/vmgenid_guid"), None);
    }
}
