// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a boot costs from each file system, beside GRUB on the same volume and systemd-boot on FAT.

use anyhow::{Context as _, Result, ensure};
use lamboot_bench::{Case, Measurement, Volume, measure_volume, volume_figures};
use lamboot_fixtures::xfs;

use super::{Figure, boot};
use crate::setup;
use crate::tree::Tree;

/// Boots from each volume on a machine that counts instructions.
pub(super) fn measure(tree: &Tree) -> Result<Vec<Figure>> {
    ensure!(xfs::is_root(), "{}", xfs::NEEDS_ROOT);
    [setup::XFS, setup::EXT, setup::BTRFS].into_iter().try_for_each(setup::ensure)?;
    boot::prepare(tree)?;
    let mut figures = Vec::new();
    let mut systemd_boot = None;
    for volume in Volume::ALL {
        let measured = volume.cases().iter().map(|&case| one(volume, case)).collect::<Result<Vec<_>>>()?;
        let peer = measured.iter().find(|found| found.case == Case::SystemdBoot).cloned();
        systemd_boot = systemd_boot.or(peer);
        let peer = systemd_boot.as_ref().context("systemd-boot is measured first")?;
        figures.extend(volume_figures(volume, &measured, peer).into_iter().map(boot::figure));
    }
    Ok(figures)
}

fn one(volume: Volume, case: Case) -> Result<Measurement> {
    eprintln!("booting {} from {}", case.name(), volume.name());
    Ok(measure_volume(volume, case)?)
}
