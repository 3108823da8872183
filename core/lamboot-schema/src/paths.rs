// SPDX-License-Identifier: MIT OR Apache-2.0
//! Where LamBoot's files live on the EFI System Partition.
//!
//! Scripts and monitors of machines in the field know these paths; they never change.

/// The owner's configuration.
pub const POLICY: &str = r"\EFI\LamBoot\policy.toml";
/// What the last boot did, one JSON document.
pub const BOOT_REPORT: &str = r"\EFI\LamBoot\reports\boot.json";
/// The second copy of [`BOOT_REPORT`], written first, so that one of the two is always whole.
pub const BOOT_REPORT_BACKUP: &str = r"\EFI\LamBoot\reports\boot.bak.json";
/// What the last boots said, one line a message.
pub const BOOT_LOG: &str = r"\EFI\LamBoot\reports\boot.log";
/// The older part of [`BOOT_LOG`].
pub const BOOT_LOG_OLD: &str = r"\EFI\LamBoot\reports\boot.1.log";
/// The trust log, JSON Lines.
pub const TRUST_LOG: &str = r"\loader\boot-trust.log";
/// The older part of [`TRUST_LOG`].
pub const TRUST_LOG_OLD: &str = r"\loader\lamboot\history\boot-trust.1.log";
/// Boot Loader Specification Type 1 entries (UAPI.1).
pub const ENTRIES: &str = r"\loader\entries";
/// The system's boot folder, on the volume of its root.
pub const BOOT: &str = r"\boot";
/// Type 1 entries where [`BOOT`] is no volume of its own.
pub const ENTRIES_OF_ROOT: &str = r"\boot\loader\entries";
/// Unified kernel images (UAPI.1, Type #2).
pub const UKIS: &str = r"\EFI\Linux";
/// ISO files, on any volume.
pub const ISOS: &str = r"\isos";
/// ISO files where `/boot` is a folder of the volume.
pub const BOOT_ISOS: &str = r"\boot\isos";
/// systemd-boot's configuration, which LamBoot heeds where `policy.toml` is silent.
pub const LOADER_CONF: &str = r"\loader\loader.conf";
/// The random seed of the boot before (systemd, "Random Seeds").
pub const RANDOM_SEED: &str = r"\loader\random-seed";
