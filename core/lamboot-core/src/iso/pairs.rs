// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which kernel of a folder is the newest, and which initrd belongs to it?

use alloc::string::String;
use alloc::vec::Vec;
use bootspec::version;
use core::cmp::Ordering;

/// Endings of files that go with a kernel or initrd and are none.
const COMPANIONS: [&str; 5] = [".sig", ".asc", ".hmac", ".sha256", ".md5"];
/// Endings that say how a file is packed.
const PACKING: [&str; 8] = [".img", ".efi", ".gz", ".lz", ".xz", ".lz4", ".zst", ".bz2"];

/// The newest kernel that has an initrd, with its initrd.
///
/// Kernels whose name has a version come first, the newest before all (UAPI.10); then the
/// shortest name. An initrd belongs to a kernel when what follows `vmlinuz` in one name follows
/// `initrd` in the other; else one without version belongs to all.
pub(super) fn newest<'n>(
    names: &'n [String],
    kernels: &[&str],
    initrds: &[&str],
) -> Option<(&'n str, &'n str)> {
    let kernels = named(names, kernels);
    let initrds = named(names, initrds);
    let initrd_of = |rest: &str| {
        let same = initrds.iter().find(|initrd| initrd.rest == rest);
        same.or_else(|| initrds.iter().find(|initrd| initrd.rest.is_empty()))
    };
    let whole = kernels.iter().filter_map(|kernel| Some((kernel, initrd_of(kernel.rest)?)));
    let best =
        whole.reduce(
            |best, other| {
                if compare(other.0.rest, best.0.rest) == Ordering::Greater { other } else { best }
            },
        );
    best.map(|(kernel, initrd)| (kernel.name, initrd.name))
}

/// The folder above; empty for the root's.
pub(super) fn parent(folder: &str) -> &str {
    folder.rsplit_once('/').map_or("", |(parent, _)| parent)
}

struct Named<'n> {
    name: &'n str,
    /// What tells it from others of its kind.
    rest: &'n str,
}

fn named<'n>(names: &'n [String], stems: &[&str]) -> Vec<Named<'n>> {
    let is_companion = |name: &str| COMPANIONS.iter().any(|end| name.ends_with(end));
    let read = |name: &'n String| {
        let rest = stems.iter().find_map(|stem| name.strip_prefix(stem))?;
        Some(Named { name, rest: without_packing(rest) })
    };
    names.iter().filter(|name| !is_companion(name)).filter_map(read).collect()
}

/// `.img-6.1` and `-6.1.img.gz` are both `-6.1`.
fn without_packing(rest: &str) -> &str {
    let mut rest = rest;
    while let Some(shorter) = PACKING.iter().find_map(|end| rest.strip_suffix(end)) {
        rest = shorter;
    }
    rest.strip_prefix(".img").unwrap_or(rest)
}

/// Greater is to be preferred.
fn compare(a: &str, b: &str) -> Ordering {
    let has_version = |rest: &str| rest.contains(|c: char| c.is_ascii_digit());
    match (has_version(a), has_version(b)) {
        (true, true) => version::compare(a, b).then_with(|| b.cmp(a)),
        (false, false) => b.len().cmp(&a.len()).then_with(|| b.cmp(a)),
        (a, b) => a.cmp(&b),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table() {
        for (names, expected) in [
            ("vmlinuz initrd", Some(("vmlinuz", "initrd"))),
            ("vmlinuz.efi initrd.lz", Some(("vmlinuz.efi", "initrd.lz"))),
            // Debian: 6.10 is newer than 6.9.
            (
                "initrd.img-6.10.3-amd64 initrd.img-6.9.7-amd64 vmlinuz-6.10.3-amd64 vmlinuz-6.9.7-amd64",
                Some(("vmlinuz-6.10.3-amd64", "initrd.img-6.10.3-amd64")),
            ),
            ("vmlinuz1 initrd1.img vmlinuz2 initrd2.img", Some(("vmlinuz2", "initrd2.img"))),
            // The newest that is whole.
            ("vmlinuz-7 vmlinuz-6 initrd.img-6", Some(("vmlinuz-6", "initrd.img-6"))),
            ("vmlinuz-7 vmlinuz-6 initrd.img", Some(("vmlinuz-7", "initrd.img"))),
            ("vmlinuz-7 initrd.img-6", None),
            ("vmlinuz vmlinuz-6.1 initrd.img initrd.img-6.1", Some(("vmlinuz-6.1", "initrd.img-6.1"))),
            // Arch
            (
                "initramfs-linux-lts.img initramfs-linux.img vmlinuz-linux vmlinuz-linux-lts vmlinuz-linux.ipxe.sig",
                Some(("vmlinuz-linux", "initramfs-linux.img")),
            ),
            ("vmlinuz initrd.sig", None),
            ("initrd", None),
            ("", None),
        ] {
            let names: Vec<String> = names.split_whitespace().map(String::from).collect();
            assert_eq!(newest(&names, &["vmlinuz"], &["initrd", "initramfs"]), expected, "{names:?}");
        }
    }

    #[test]
    fn folders_above() {
        assert_eq!(parent("/arch/boot/x86_64"), "/arch/boot");
        assert_eq!(parent("/casper"), "");
    }
}
