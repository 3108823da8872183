// SPDX-License-Identifier: MIT OR Apache-2.0
//! Other boot loaders, as the distribution builds them, for comparison.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

use super::archive::Archive;

/// A boot loader in the archive.
pub(super) struct Peer {
    /// Its package.
    pub(super) package: &'static str,
    /// Where the package has it.
    place: &'static str,
    /// What it is called among the artifacts.
    file: &'static str,
}

/// Those that LamBoot is compared with, for `x86_64`.
pub(super) const PEERS: [Peer; 3] = [
    Peer {
        package: "systemd-boot-efi",
        place: "usr/lib/systemd/boot/efi/systemd-bootx64.efi",
        file: "systemd-bootx64.efi",
    },
    // The image that nearly every machine with Secure Boot starts; it runs without, too.
    Peer {
        package: "grub-efi-amd64-signed",
        place: "usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed",
        file: "grubx64.efi",
    },
    Peer { package: "refind", place: "usr/share/refind/refind/refind_x64.efi", file: "refind_x64.efi" },
];

/// Puts the loader into the empty `folder`.
pub(super) fn fetch(archive: &Archive, peer: &Peer, folder: &Path) -> Result<()> {
    let unpacked = archive.unpack(peer.package, &folder.join("unpacked"))?;
    let Peer { package, place, file } = peer;
    fs::copy(unpacked.join(place), folder.join(file)).with_context(|| format!("{package} has no {place}"))?;
    Ok(fs::remove_dir_all(unpacked)?)
}
