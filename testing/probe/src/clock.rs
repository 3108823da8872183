// SPDX-License-Identifier: MIT OR Apache-2.0
//! The processor's own counter. With counted instructions (QEMU `-icount shift=0`) it counts them on x86.

/// The counter's value now.
#[must_use]
pub fn now() -> u64 {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: every x86-64 processor has the instruction, and firmware runs where it is allowed.
    unsafe {
        core::arch::x86_64::_rdtsc()
    }
    #[cfg(target_arch = "aarch64")]
    {
        let ticks: u64;
        // SAFETY: reading the virtual counter touches no memory and is allowed at every exception level here.
        unsafe { core::arch::asm!("mrs {}, cntvct_el0", out(reg) ticks, options(nomem, nostack)) };
        ticks
    }
}
