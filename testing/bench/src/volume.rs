// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a boot costs whose kernel, large initrd and entry are on a volume of Linux, beside GRUB, which reads
//! the same volume, and systemd-boot, which reads the same files from FAT.

use std::fs;
use std::path::{Path, PathBuf};

use lamboot_fixtures::{btrfs, ext, xfs};
use lamboot_vm::{Arch, Artifacts, Lab};

use crate::case::entry;
use crate::run::{MEMORY_MIB, TIME_LIMIT, boot};
use crate::{BenchError, Case, Figure, Initrd, Measurement, measure};

/// What the files are on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Volume {
    /// The EFI system partition, by the firmware's driver.
    Fat,
    /// XFS with the defaults of `mkfs.xfs`.
    Xfs,
    /// ext4 with the defaults of `mke2fs`.
    Ext4,
    /// btrfs with the defaults of `mkfs.btrfs`.
    Btrfs,
    /// The same, compressed with zstd by the kernel.
    BtrfsZstd,
}

/// Of every volume, in MiB: `mkfs.xfs` makes none below 300.
const SIZE_MIB: u64 = 320;
/// The disk is in the guest's memory, beside all that the loaders need.
const MEMORY_WITH_VOLUME_MIB: u64 = MEMORY_MIB + 512;
/// LamBoot may cost this many times what GRUB does, reading the same volume.
const TIMES_GRUB: f64 = 0.5;
/// LamBoot may cost this many times what systemd-boot does, from FAT.
const TIMES_SYSTEMD_BOOT: f64 = 1.15;

impl Volume {
    /// All, in the order in which they are measured.
    pub const ALL: [Self; 5] = [Self::Fat, Self::Xfs, Self::Ext4, Self::Btrfs, Self::BtrfsZstd];

    /// The name in figures.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Fat => "fat",
            Self::Xfs => "xfs",
            Self::Ext4 => "ext4",
            Self::Btrfs => "btrfs",
            Self::BtrfsZstd => "btrfs-zstd",
        }
    }

    /// Who boots from it.
    #[must_use]
    pub fn cases(self) -> &'static [Case] {
        match self {
            Self::Fat => &[Case::LamBoot, Case::Grub, Case::SystemdBoot],
            _ => &[Case::LamBoot, Case::Grub],
        }
    }

    fn make(self, folder: &Path, image: &Path) -> anyhow::Result<()> {
        match self {
            Self::Fat => anyhow::bail!("files on FAT are on the EFI system partition"),
            Self::Xfs => xfs::make_with_files("", SIZE_MIB, folder, image),
            Self::Ext4 => ext::make_with_files("-t ext4 -b 4096", SIZE_MIB, folder, image),
            Self::Btrfs => btrfs::make_with_files("", SIZE_MIB, folder, image),
            Self::BtrfsZstd => btrfs::make_compressed("zstd", SIZE_MIB, folder, image),
        }
    }
}

/// Boots the kernel and the large initrd from a volume once, and reads what it cost.
///
/// # Errors
/// As [`measure`], and when the volume cannot be made: a compressed one needs root.
pub fn measure_volume(volume: Volume, case: Case) -> Result<Measurement, BenchError> {
    let initrd = Initrd::Large;
    if volume == Volume::Fat {
        return measure(case, initrd);
    }
    let mut lab = Lab::new(&format!("bench-{}-{}", volume.name(), case.name()))?;
    lab.set_time_limit(TIME_LIMIT);
    let built = lab.artifacts()?;
    let image = image(&lab, &built, volume).map_err(BenchError::Volume)?;
    let disk = case.disk_with_volume(&built, &image)?;
    boot(&lab, case, initrd, disk, MEMORY_WITH_VOLUME_MIB)
}

/// The volume with its files: as an owner has them who keeps `/boot` on it.
fn image(lab: &Lab, built: &Artifacts, volume: Volume) -> anyhow::Result<PathBuf> {
    let folder = lab.folder().join("boot");
    fs::create_dir_all(folder.join("loader/entries"))?;
    fs::copy(built.arch(Arch::X86_64).kernel()?, folder.join("vmlinuz"))?;
    fs::write(folder.join("initrd.img"), Initrd::compressible()?)?;
    fs::write(folder.join("loader/entries/linux.conf"), entry())?;
    let image = lab.folder().join("boot.img");
    volume.make(&folder, &image)?;
    fs::remove_dir_all(folder)?;
    Ok(image)
}

/// LamBoot's figures of one volume, from what was measured of it and what `systemd_boot` took from FAT.
#[must_use]
pub fn volume_figures(volume: Volume, measured: &[Measurement], systemd_boot: &Measurement) -> Vec<Figure> {
    let Some(ours) = measured.iter().find(|found| found.case == Case::LamBoot) else { return Vec::new() };
    let grub = measured.iter().find(|found| found.case == Case::Grub);
    let figure = |name: &str, unit, of: fn(&Measurement) -> f64| Figure {
        name: format!("volumes.{}.{name}", volume.name()),
        value: of(ours),
        unit,
        at_most: None,
        peers: grub
            .map(|grub| ("grub", of(grub)))
            .into_iter()
            .chain([("systemd-boot on FAT", of(systemd_boot))])
            .collect(),
    };
    let instructions: fn(&Measurement) -> f64 = |found| found.instructions_to_ebs as f64 / 1e6;
    let at_most = match volume {
        Volume::Fat => Some(instructions(systemd_boot) * TIMES_SYSTEMD_BOOT),
        _ => grub.map(|grub| instructions(grub) * TIMES_GRUB),
    };
    vec![
        Figure { at_most, ..figure("exit_boot_services", "Minstr", instructions) },
        figure("read_requests", "requests", |of| of.read_requests as f64),
        figure("read", "MB", |of| of.bytes_read as f64 / 1e6),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measurement(case: Case, instructions_to_ebs: u64) -> Measurement {
        Measurement {
            case,
            initrd: Initrd::Large,
            instructions_to_ebs,
            instructions_to_init: 2 * instructions_to_ebs,
            read_requests: 40,
            bytes_read: 71_000_000,
            write_requests: 0,
            bytes_written: 0,
        }
    }

    #[test]
    fn the_goal_is_by_grub_on_the_same_volume_and_by_systemd_boot_on_fat() {
        let measured = [measurement(Case::LamBoot, 459_000_000), measurement(Case::Grub, 900_000_000)];
        let systemd_boot = measurement(Case::SystemdBoot, 400_000_000);
        let figures = volume_figures(Volume::Xfs, &measured, &systemd_boot);
        let [exit, requests, read] = &figures[..] else { panic!("{figures:?}") };
        assert_eq!((exit.at_most, exit.met()), (Some(450.0), Some(false)));
        assert_eq!(exit.peers, [("grub", 900.0), ("systemd-boot on FAT", 400.0)]);
        assert_eq!((requests.met(), read.value), (None, 71.0));
        let figures = volume_figures(Volume::Fat, &measured, &systemd_boot);
        assert_eq!(
            (figures[0].name.as_str(), figures[0].met()),
            ("volumes.fat.exit_boot_services", Some(true))
        );
        assert!(volume_figures(Volume::Fat, &measured[1..], &systemd_boot).is_empty());
    }
}
