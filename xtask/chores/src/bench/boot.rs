// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a boot costs, beside other boot loaders and the kernel alone.

use anyhow::Result;

use super::{Figure, Goal};
use crate::arch::Arch;
use crate::artifacts::{self, Age};
use crate::build;
use crate::setup;
use crate::tree::Tree;

/// Boots each loader with each initrd on a machine that counts instructions.
pub(super) fn measure(tree: &Tree) -> Result<Vec<Figure>> {
    prepare(tree)?;
    let measurements = lamboot_bench::measure_all(|case, initrd| {
        eprintln!("booting {} with the {} initrd", case.name(), initrd.name());
    })?;
    Ok(lamboot_bench::figures(&measurements).into_iter().map(figure).collect())
}

/// Has all ready that a boot is measured with.
pub(super) fn prepare(tree: &Tree) -> Result<()> {
    setup::ensure(setup::PC)?;
    build::uefi(tree, &[Arch::X86_64])?;
    artifacts::ensure_for(tree, &[Arch::X86_64], Age::Any)?;
    let peers = artifacts::ensure_peers(tree, Age::Any)?;
    eprintln!("beside LamBoot: {}", peers.join(", "));
    Ok(())
}

/// The same in the words of this table.
pub(super) fn figure(measured: lamboot_bench::Figure) -> Figure {
    let mut figure = Figure::new(&measured.name, measured.value, measured.unit);
    figure.goal = measured.at_most.map(Goal::AtMost);
    measured.peers.into_iter().fold(figure, |figure, (peer, value)| figure.with_peer(peer, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goal_and_peers_come_along() {
        let measured = lamboot_bench::Figure {
            name: "boot.small.init".into(),
            value: 126.0,
            unit: "Minstr",
            at_most: Some(120.0),
            peers: vec![("floor", 114.3), ("grub", 400.0)],
        };
        let expected = Figure::new("boot.small.init", 126.0, "Minstr").with_goal(Goal::AtMost(120.0));
        let expected = expected.with_peer("grub", 400.0).with_peer("floor", 114.3);
        assert_eq!(figure(measured), expected);
    }
}
