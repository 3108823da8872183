// SPDX-License-Identifier: MIT OR Apache-2.0
//! 128 bits that name this boot.

use crate::cpu;
use crate::services::{boot_services, locate, runtime_services};
use alloc::boxed::Box;
use core::ptr::NonNull;
use sha2::{Digest, Sha256};
use uefi::Identify;
use uefi::proto::rng::Rng;
use uefi_raw::time::Time;

/// A new name: random where firmware has a source of randomness, otherwise a hash over what
/// differs from boot to boot. It has to be unique, not secret.
pub(crate) fn boot_id() -> [u8; 16] {
    random().unwrap_or_else(gathered)
}

fn random() -> Option<[u8; 16]> {
    let mut id = [0; 16];
    fill(&mut id)?;
    Some(id)
}

/// Fills a buffer from firmware's source of randomness (UEFI 2.10, section 37.5); `None` where there is
/// none, or where it gives nothing but zeros.
pub(crate) fn fill(buffer: &mut [u8]) -> Option<()> {
    let mut generator: NonNull<Rng> = locate(&Rng::GUID).ok()?.cast();
    // SAFETY: the interface was located by the protocol's GUID and is used only here.
    let generator = unsafe { generator.as_mut() };
    generator.get_rng(None, buffer).ok()?;
    buffer.iter().any(|byte| *byte != 0).then_some(())
}

fn gathered() -> [u8; 16] {
    let mut hash = Sha256::new();
    hash.update(cpu::ticks().to_le_bytes());
    hash.update(monotonic_count().to_le_bytes());
    hash.update(wall_time_bytes());
    let on_stack = 0_u8;
    let on_heap = Box::new(0_u8);
    hash.update((&raw const on_stack).addr().to_le_bytes());
    hash.update((&raw const *on_heap).addr().to_le_bytes());
    hash.update(memory_map_key().to_le_bytes());
    hash.update(cpu::ticks().to_le_bytes());
    let digest: [u8; 32] = hash.finalize().into();
    digest.first_chunk().copied().unwrap_or_default()
}

/// The firmware's counter, which never gives a number twice (UEFI 2.10, section 7.5.2).
fn monotonic_count() -> u64 {
    let mut count = 0;
    if let Some(services) = boot_services() {
        // SAFETY: UEFI 2.10, section 7.5.2: the number is valid for the call.
        let _ = unsafe { (services.get_next_monotonic_count)(&mut count) };
    }
    count
}

/// The real-time clock, down to its nanoseconds where it has them.
fn wall_time_bytes() -> [u8; 12] {
    let mut time = Time::invalid();
    if let Some(services) = runtime_services() {
        // SAFETY: UEFI 2.10, section 8.3.1: the time is valid for the call.
        let _ = unsafe { (services.get_time)(&mut time, core::ptr::null_mut()) };
    }
    let mut bytes = [time.month, time.day, time.hour, time.minute, time.second, 0, 0, 0, 0, 0, 0, 0];
    let rest = [&time.nanosecond.to_le_bytes()[..], &time.year.to_le_bytes()].concat();
    bytes.iter_mut().skip(5).zip(rest).for_each(|(to, from)| *to = from);
    bytes
}

/// A number that changes with every allocation that firmware made so far (UEFI 2.10, section 7.2.3).
fn memory_map_key() -> usize {
    let Some(services) = boot_services() else { return 0 };
    let mut map = alloc::vec![0_u64; 2048];
    let (mut size, mut key, mut entry_size, mut version) = (size_of_val(&*map), 0, 0, 0);
    // SAFETY: section 7.2.3: the buffer has `size` bytes and its alignment, and the other results
    // are valid for the call. A map that does not fit leaves the key at 0.
    let _ = unsafe {
        let map = map.as_mut_ptr().cast();
        (services.get_memory_map)(&mut size, map, &mut key, &mut entry_size, &mut version)
    };
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_boots_have_two_names() {
        assert_ne!(boot_id(), boot_id());
    }
}
