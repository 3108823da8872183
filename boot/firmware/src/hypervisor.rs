// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which hypervisor is below, by the signature that it gives.

use crate::cpu::hypervisor_signature;
use alloc::string::String;

/// Names by signature. The signatures are the vendors' own, padded to twelve bytes.
const KNOWN: [(&[u8; 12], &str); 10] = [
    (b"KVMKVMKVM\0\0\0", "KVM"),
    (b"TCGTCGTCGTCG", "TCG"),
    (b"Microsoft Hv", "Hyper-V"),
    (b"VMwareVMware", "VMware"),
    (b"XenVMMXenVMM", "Xen"),
    (b"prl hyperv  ", "Parallels"),
    (b" lrpepyh  vr", "Parallels"),
    (b"VBoxVBoxVBox", "VirtualBox"),
    (b"bhyve bhyve ", "bhyve"),
    (b"ACRNACRNACRN", "ACRN"),
];

/// The hypervisor's name; `None` on bare metal.
///
/// A hypervisor that pretends to be Hyper-V for Windows' sake gives its own signature 256 leaves
/// later.
pub(crate) fn name() -> Option<String> {
    let (_, first) = hypervisor_signature(0x4000_0000)?;
    let second = hypervisor_signature(0x4000_0100).map(|(_, signature)| signature);
    Some(judge(&first, second.as_ref()))
}

fn judge(first: &[u8; 12], second: Option<&[u8; 12]>) -> String {
    let known = |signature: &[u8; 12]| KNOWN.iter().find(|(known, _)| *known == signature);
    let disguised = second.filter(|_| first == b"Microsoft Hv").and_then(known);
    if let Some((_, name)) = disguised.or_else(|| known(first)) {
        return String::from(*name);
    }
    first
        .iter()
        .map(|byte| if byte.is_ascii_graphic() { char::from(*byte) } else { ' ' })
        .collect::<String>()
        .trim()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_have_names() {
        assert_eq!(judge(b"KVMKVMKVM\0\0\0", None), "KVM");
        assert_eq!(judge(b"Microsoft Hv", None), "Hyper-V");
        assert_eq!(judge(b"Microsoft Hv", Some(b"KVMKVMKVM\0\0\0")), "KVM");
        assert_eq!(judge(b"Microsoft Hv", Some(&[0; 12])), "Hyper-V");
        assert_eq!(judge(b"VMwareVMware", Some(b"KVMKVMKVM\0\0\0")), "VMware");
        assert_eq!(judge(b"New\x01Thing\0\0\0", None), "New Thing");
    }
}
