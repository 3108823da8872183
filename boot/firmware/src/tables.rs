// SPDX-License-Identifier: MIT OR Apache-2.0
//! Tables that the system finds in memory (UEFI 2.10, section 4.6), and random numbers to fill them with.
//!
//! ```text
//! random seed   u32 size, then as many bytes (Linux, LINUX_EFI_RANDOM_SEED_TABLE_GUID)
//! device tree   big-endian u32 magic 0xd00dfeed, u32 totalsize, ... (Devicetree 0.4, section 5.2)
//! ```

use crate::bytes::u32_at;
use crate::entropy;
use crate::memory::physical;
use crate::services::{boot_services, check, configuration_table, locate};
use crate::status;
use alloc::vec::Vec;
use core::ffi::c_void;
use core::ptr::{self, NonNull};
use lamboot_core::error::{ErrorKind, PortResult};
use lamboot_core::ports::{Table, Tables};
use uefi::{Guid, Status, guid};
use uefi_raw::table::boot::MemoryType;

const RANDOM_SEED: Guid = guid!("1ce1e5bc-7ceb-42f2-81e5-8aadf180f57b");
const DEVICE_TREE: Guid = guid!("b1b621d5-f19c-41a5-830b-d9152c69aae0");
/// `EFI_DT_FIXUP_PROTOCOL` (EBBR 2.2, section 2.3.1.2 refers to its specification).
const DT_FIXUP: Guid = guid!("e617d64c-fe08-46da-f4dc-bbd5870c7300");

/// The largest table that is read.
const MAX_TABLE: usize = 1 << 20;
/// The most random bytes that are asked for.
const MAX_ENTROPY: usize = 1024;
/// The first bytes of a flattened device tree.
const FDT_MAGIC: [u8; 4] = [0xD0, 0x0D, 0xFE, 0xED];
/// The smallest header of a device tree.
const FDT_HEADER: usize = 40;

/// [`Tables`] on firmware.
#[derive(Default)]
pub(crate) struct FirmwareTables {
    /// The device tree that was in place before the first of ours.
    own_tree: Option<Option<NonNull<c_void>>>,
}

impl Tables for FirmwareTables {
    fn entropy(&mut self, length: usize) -> Option<Vec<u8>> {
        let mut bytes = alloc::vec![0; length.min(MAX_ENTROPY)];
        entropy::fill(&mut bytes)?;
        Some(bytes)
    }

    fn get(&mut self, table: Table) -> Option<Vec<u8>> {
        let address = configuration_table(guid_of(table))?;
        let header_size = match table {
            Table::RandomSeed => 4,
            Table::DeviceTree => 8,
        };
        // SAFETY: whoever installed a table with this GUID put a header of that size there.
        let header = unsafe { physical(address, header_size) }?;
        let (skipped, length) = extent(table, &header)?;
        // SAFETY: the header says that so many bytes follow; they are bounded.
        let mut bytes = unsafe { physical(address, skipped.checked_add(length)?) }?;
        Some(bytes.split_off(skipped))
    }

    fn install(&mut self, table: Table, bytes: &[u8]) -> PortResult<()> {
        let memory = match table {
            Table::RandomSeed => {
                let size = u32::try_from(bytes.len()).map_err(|_| ErrorKind::TooLarge)?;
                Pool::with(&[&size.to_le_bytes(), bytes])
            }
            Table::DeviceTree => {
                check_tree(bytes)?;
                if self.own_tree.is_none() {
                    self.own_tree = Some(current(&DEVICE_TREE));
                }
                fixed_up(bytes)
            }
        };
        let memory = memory.map_err(status::error)?;
        put(guid_of(table), memory.start).map_err(status::error)?;
        // The table now belongs to the system.
        core::mem::forget(memory);
        Ok(())
    }

    fn restore(&mut self) {
        if let Some(tree) = self.own_tree.take() {
            let address = tree.map_or(ptr::null_mut(), NonNull::as_ptr);
            let _ = set(&DEVICE_TREE, address);
        }
    }
}

const fn guid_of(table: Table) -> &'static Guid {
    match table {
        Table::RandomSeed => &RANDOM_SEED,
        Table::DeviceTree => &DEVICE_TREE,
    }
}

/// Where a table's bytes begin and how many they are, by its header.
fn extent(table: Table, header: &[u8]) -> Option<(usize, usize)> {
    let (skipped, length) = match table {
        Table::RandomSeed => (4, u32_at(header, 0)?),
        Table::DeviceTree if header.starts_with(&FDT_MAGIC) => (0, u32_at(header, 4)?.swap_bytes()),
        Table::DeviceTree => return None,
    };
    let length = usize::try_from(length).ok()?;
    (length <= MAX_TABLE).then_some((skipped, length))
}

/// Whether bytes can be a device tree at all; what is in it, the kernel judges.
fn check_tree(bytes: &[u8]) -> PortResult<()> {
    let (_, length) = extent(Table::DeviceTree, bytes).ok_or(ErrorKind::Damaged)?;
    if length < FDT_HEADER || length > bytes.len() { Err(ErrorKind::Damaged.into()) } else { Ok(()) }
}

/// Memory that survives the loader (`EfiACPIReclaimMemory`); given back when dropped.
struct Pool {
    start: NonNull<u8>,
    size: usize,
}

impl Pool {
    fn allocate(size: usize) -> Result<Self, Status> {
        let services = boot_services().ok_or(Status::UNSUPPORTED)?;
        let mut start = ptr::null_mut();
        // SAFETY: UEFI 2.10, section 7.2.4: the result is valid for the call.
        let status = unsafe { (services.allocate_pool)(MemoryType::ACPI_RECLAIM, size, &mut start) };
        check(status)?;
        let start = NonNull::new(start).ok_or(Status::OUT_OF_RESOURCES)?;
        Ok(Self { start, size })
    }

    /// Memory with these parts one after another.
    fn with(parts: &[&[u8]]) -> Result<Self, Status> {
        let bytes = parts.concat();
        let pool = Self::allocate(bytes.len().max(1))?;
        // SAFETY: the pool is new and has room for all of them.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), pool.start.as_ptr(), bytes.len()) };
        Ok(pool)
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        let Some(services) = boot_services() else { return };
        // SAFETY: UEFI 2.10, section 7.2.5: the memory came from the pool, and nobody else has it.
        let _ = unsafe { (services.free_pool)(self.start.as_ptr()) };
    }
}

fn current(guid: &Guid) -> Option<NonNull<c_void>> {
    let address = usize::try_from(configuration_table(guid)?).ok()?;
    NonNull::new(ptr::with_exposed_provenance_mut(address))
}

fn put(guid: &Guid, memory: NonNull<u8>) -> Result<(), Status> {
    set(guid, memory.as_ptr().cast())
}

fn set(guid: &Guid, table: *mut c_void) -> Result<(), Status> {
    let services = boot_services().ok_or(Status::UNSUPPORTED)?;
    // SAFETY: UEFI 2.10, section 7.5.6: the table is of the GUID's form and stays in memory; null
    // removes the entry.
    check(unsafe { (services.install_configuration_table)(guid, table) })
}

/// `EFI_DT_FIXUP_PROTOCOL`.
#[repr(C)]
struct DtFixup {
    revision: u64,
    fixup: unsafe extern "efiapi" fn(
        this: *mut DtFixup,
        tree: *mut c_void,
        size: *mut usize,
        flags: u32,
    ) -> Status,
}

/// Apply what the board needs, and reserve the memory that the tree says is taken.
const APPLY_AND_RESERVE: u32 = 1 | 2;

/// A copy of the tree, with what the firmware adds to it where it does.
fn fixed_up(bytes: &[u8]) -> Result<Pool, Status> {
    let Ok(protocol) = locate(&DT_FIXUP) else { return Pool::with(&[bytes]) };
    let protocol: NonNull<DtFixup> = protocol.cast();
    let mut room = bytes.len();
    for _ in 0..2 {
        let pool = Pool::with(&[bytes, &alloc::vec![0; room.saturating_sub(bytes.len())]])?;
        let mut size = pool.size;
        // SAFETY: the interface was located by the protocol's GUID and stays installed.
        let fixup = unsafe { protocol.as_ref() }.fixup;
        // SAFETY: the tree is in a buffer of `size` bytes, and the size is valid for the call.
        let status =
            unsafe { fixup(protocol.as_ptr(), pool.start.as_ptr().cast(), &mut size, APPLY_AND_RESERVE) };
        match status {
            Status::BUFFER_TOO_SMALL if size > room && size <= MAX_TABLE => room = size,
            status => return check(status).map(|()| pool),
        }
    }
    Err(Status::BUFFER_TOO_SMALL)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(size: u32) -> Vec<u8> {
        let mut bytes = FDT_MAGIC.to_vec();
        bytes.extend(size.to_be_bytes());
        bytes.resize(64, 0);
        bytes
    }

    #[test]
    fn headers_bound_what_is_read() {
        assert_eq!(extent(Table::RandomSeed, &[32, 0, 0, 0]), Some((4, 32)));
        assert_eq!(extent(Table::RandomSeed, &[255, 255, 255, 255]), None);
        assert_eq!(extent(Table::RandomSeed, &[1]), None);
        assert_eq!(extent(Table::DeviceTree, &tree(64)), Some((0, 64)));
        assert_eq!(extent(Table::DeviceTree, &[0; 8]), None);
    }

    #[test]
    fn only_whole_trees_are_installed() {
        assert!(check_tree(&tree(64)).is_ok() && check_tree(&tree(40)).is_ok());
        for damaged in [tree(65), tree(39), tree(u32::MAX), vec![], b"\xd0\x0d\xfe\xed".to_vec()] {
            assert!(check_tree(&damaged).is_err(), "{damaged:?}");
        }
    }
}
