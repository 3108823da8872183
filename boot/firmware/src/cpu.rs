// SPDX-License-Identifier: MIT OR Apache-2.0
//! What only the processor itself can tell: its counter, its vendor's leaves, its I/O ports.

pub(crate) use arch::*;

#[cfg(target_arch = "x86_64")]
mod arch {
    use core::arch::{asm, x86_64};

    /// The name of the counter that [`ticks`] reads.
    pub(crate) const COUNTER: &str = "tsc";

    /// The processor's counter.
    #[allow(unused_unsafe, reason = "newer compilers know that reading the counter is safe")]
    pub(crate) fn ticks() -> u64 {
        // SAFETY: every 64-bit x86 processor has RDTSC (Intel SDM, volume 2B), and before
        // ExitBootServices this program runs in ring 0, where nothing forbids it.
        unsafe { x86_64::_rdtsc() }
    }

    /// EAX, EBX, ECX, EDX of a CPUID leaf.
    #[allow(unused_unsafe, reason = "newer compilers know that CPUID is safe")]
    fn leaf(number: u32) -> [u32; 4] {
        // SAFETY: every 64-bit x86 processor has CPUID; unknown leaves give unspecified numbers.
        let result = unsafe { x86_64::__cpuid(number) };
        [result.eax, result.ebx, result.ecx, result.edx]
    }

    /// The largest leaf among the ordinary ones.
    fn max_leaf() -> u32 {
        let [max, ..] = leaf(0);
        max
    }

    /// Largest hypervisor leaf and signature at `base`; `None` on bare metal (bit 31 of ECX of leaf 1).
    pub(crate) fn hypervisor_signature(base: u32) -> Option<(u32, [u8; 12])> {
        let [_, _, features, _] = leaf(1);
        (features >> 31 == 1).then_some(())?;
        let [max, first, second, third] = leaf(base);
        let mut signature = [0; 12];
        let words = [first, second, third].map(u32::to_le_bytes);
        for (to, from) in signature.iter_mut().zip(words.as_flattened()) {
            *to = *from;
        }
        Some((max, signature))
    }

    /// Ticks a second, if processor or hypervisor know the number exactly.
    pub(crate) fn exact_hz() -> Option<u64> {
        if let Some(hz) = hypervisor_hz() {
            return Some(hz);
        }
        // Intel SDM, volume 2A, CPUID leaf 15H: TSC = crystal * EBX / EAX.
        if max_leaf() < 0x15 {
            return None;
        }
        let [divisor, factor, crystal, _] = leaf(0x15).map(u64::from);
        let hz = crystal.checked_mul(factor)?.checked_div(divisor)?;
        (hz > 0).then_some(hz)
    }

    /// Ticks a second from the hypervisors' timing leaf, which KVM took over.
    fn hypervisor_hz() -> Option<u64> {
        const TIMING: u32 = 0x4000_0010;
        let (max, signature) = hypervisor_signature(0x4000_0000)?;
        let has_timing = max >= TIMING && matches!(&signature, b"KVMKVMKVM\0\0\0" | b"VMwareVMware");
        has_timing.then_some(())?;
        let [khz, ..] = leaf(TIMING);
        (khz > 0).then(|| u64::from(khz).saturating_mul(1000))
    }

    /// Reads four bytes from a port.
    ///
    /// # Safety
    ///
    /// A device that is read without side effects must answer there.
    pub(crate) unsafe fn port_in(port: u16) -> u32 {
        let value: u32;
        // SAFETY: the caller promises a harmless device; the instruction touches no memory.
        unsafe { asm!("in eax, dx", in("dx") port, out("eax") value, options(nomem, nostack)) };
        value
    }

    /// Writes two bytes to a port.
    ///
    /// # Safety
    ///
    /// The device behind the port must be known to take such a value.
    pub(crate) unsafe fn port_out(port: u16, value: u16) {
        // SAFETY: the caller knows the device; the instruction touches no memory.
        unsafe { asm!("out dx, ax", in("dx") port, in("ax") value, options(nomem, nostack)) };
    }

    /// Fills a buffer with bytes from a port, in one instruction: one exit of a virtual machine
    /// instead of one for each byte.
    ///
    /// # Safety
    ///
    /// The device behind the port must be known to give bytes.
    pub(crate) unsafe fn port_read(port: u16, buffer: &mut [u8]) {
        let (to, count) = (buffer.as_mut_ptr(), buffer.len());
        // SAFETY: the caller knows the device; REP INSB writes exactly `count` bytes from `to` on
        // with the direction flag clear, as the ABI has it.
        unsafe {
            asm!(
                "rep insb",
                in("dx") port,
                inout("rcx") count => _,
                inout("rdi") to => _,
                options(nostack, preserves_flags)
            );
        };
    }
}

#[cfg(target_arch = "aarch64")]
mod arch {
    use core::arch::asm;

    /// The name of the counter that [`ticks`] reads.
    pub(crate) const COUNTER: &str = "generic_timer";

    /// The processor's counter.
    pub(crate) fn ticks() -> u64 {
        let value: u64;
        // SAFETY: Arm ARM, D13.8: the virtual count can be read wherever UEFI applications run;
        // the barrier keeps the read in its place.
        unsafe { asm!("isb", "mrs {}, cntvct_el0", out(reg) value, options(nomem, nostack)) };
        value
    }

    /// Ticks a second: the firmware has to put the number there.
    pub(crate) fn exact_hz() -> Option<u64> {
        let value: u64;
        // SAFETY: Arm ARM, D13.8: the frequency register can be read at every exception level.
        unsafe { asm!("mrs {}, cntfrq_el0", out(reg) value, options(nomem, nostack)) };
        (value > 0).then_some(value)
    }
}
