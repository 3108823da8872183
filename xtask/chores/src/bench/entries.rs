// SPDX-License-Identifier: MIT OR Apache-2.0
//! What many entries cost, beside systemd-boot.

use anyhow::Result;
use lamboot_bench::Growth;

use super::{Figure, Goal, boot};
use crate::tree::Tree;

/// How many entries are measured beside one.
const COUNTS: [u32; 2] = [100, 1000];

/// Boots with one entry and with many, on a machine that counts instructions.
pub(super) fn measure(tree: &Tree) -> Result<Vec<Figure>> {
    boot::prepare(tree)?;
    let growth = lamboot_bench::measure_growth(&COUNTS, |case, entries| {
        eprintln!("booting {} with {entries} entries", case.name());
    })?;
    Ok(growth.into_iter().map(figure).collect())
}

/// The goal: at most half of what they cost systemd-boot.
fn figure(growth: Growth) -> Figure {
    let millions = |instructions: u64| instructions as f64 / 1e6;
    let peer = millions(growth.systemd_boot);
    Figure::new(&format!("entries.{}.growth", growth.entries), millions(growth.lamboot), "Minstr")
        .with_goal(Goal::AtMost(peer / 2.0))
        .with_peer("systemd-boot", peer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_goal_is_half_of_the_peers_growth() {
        let growth = |lamboot| Growth { entries: 100, lamboot, systemd_boot: 10_000_000 };
        assert_eq!(figure(growth(5_000_000)).met(), Some(true));
        assert_eq!(figure(growth(5_100_000)).met(), Some(false));
    }
}
