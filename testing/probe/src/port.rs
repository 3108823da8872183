// SPDX-License-Identifier: MIT OR Apache-2.0
//! QEMU's debug and exit ports on x86; silently absent elsewhere.

/// Writes a byte to the debug port 0xe9, which QEMU appends to a file.
pub fn debug(byte: u8) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: `out` to port 0xe9 touches no memory; the port is QEMU's debug console or unassigned.
    unsafe {
        core::arch::asm!("out dx, al", in("dx") 0xe9_u16, in("al") byte, options(nomem, nostack, preserves_flags));
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _no_such_port = byte;
}

/// Writes to the exit port 0x501, which ends QEMU with the status `2 * value + 1`.
pub fn exit(value: u32) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: `out` to port 0x501 touches no memory; the port is QEMU's exit device or unassigned.
    unsafe {
        core::arch::asm!("out dx, eax", in("dx") 0x501_u16, in("eax") value, options(nomem, nostack, preserves_flags));
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _no_such_port = value;
}
