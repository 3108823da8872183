// SPDX-License-Identifier: MIT OR Apache-2.0
//! One boot on a machine that counts its instructions.

use std::time::Duration;

use lamboot_vm::{Acceleration, Arch, DiskImage, Ending, Lab};

use crate::{BenchError, Case, Initrd, Measurement};

/// The saved state takes a minute and a half when it is made, a boot a quarter of a minute; a busy host
/// takes several times as long.
pub(crate) const TIME_LIMIT: Duration = Duration::from_secs(1800);

/// GRUB needs room for the disk, the initrd and its own heap.
pub(crate) const MEMORY_MIB: u64 = 1024;

/// Boots every case with every initrd, one after the other; `next` is told which one begins.
///
/// # Errors
/// As [`measure`]; the first failure ends the series.
pub fn measure_all(mut next: impl FnMut(Case, Initrd)) -> Result<Vec<Measurement>, BenchError> {
    let cases = Initrd::ALL.into_iter().flat_map(|initrd| Case::ALL.map(|case| (case, initrd)));
    let measured = cases.map(|(case, initrd)| {
        next(case, initrd);
        measure(case, initrd)
    });
    measured.collect()
}

/// Boots once and reads what it cost.
///
/// # Errors
/// Something that has to be on the disk has not been built or fetched, the machine does not start, or the
/// first process does not run; the error then ends with the console's last lines.
pub fn measure(case: Case, initrd: Initrd) -> Result<Measurement, BenchError> {
    measure_entries(case, initrd, 1)
}

/// As [`measure`], with this many entries.
///
/// # Errors
/// As [`measure`].
pub fn measure_entries(case: Case, initrd: Initrd, entries: u32) -> Result<Measurement, BenchError> {
    let mut lab = Lab::new(&format!("bench-{}-{}-{entries}", case.name(), initrd.name()))?;
    lab.set_time_limit(TIME_LIMIT);
    let image = case.disk(&lab.artifacts()?, initrd, entries)?;
    boot(&lab, case, initrd, image, MEMORY_MIB)
}

/// Boots from this disk once and reads what it cost; where a boot leaves files, it is the second one.
pub(crate) fn boot(
    lab: &Lab,
    case: Case,
    initrd: Initrd,
    image: DiskImage,
    memory_mib: u64,
) -> Result<Measurement, BenchError> {
    let disk = lab.disk(image)?;
    let machine = lab.machine(Arch::X86_64).memory_mib(memory_mib).disk(&disk);
    if case.leaves_files() {
        machine.clone().resume()?.wait_end()?;
    }
    let mut vm = machine.acceleration(Acceleration::CountedInstructions).resume()?;
    let ending = vm.wait_end()?;
    let measurement = Measurement::parse(case, initrd, &vm.debug_port()?);
    match measurement {
        Some(measurement) if ending == Ending::ExitPort(DONE) => {
            lab.passed();
            Ok(measurement)
        }
        _ => Err(BenchError::NotBooted { case, initrd, ending, console: vm.serial().tail() }),
    }
}

/// What more entries cost: instructions to `ExitBootServices` beyond those of a boot with one entry, for
/// LamBoot and for systemd-boot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Growth {
    /// How many entries there were.
    pub entries: u32,
    /// LamBoot's growth, in instructions.
    pub lamboot: u64,
    /// systemd-boot's growth, in instructions.
    pub systemd_boot: u64,
}

/// Measures the growth for each number of entries; `next` is told what begins.
///
/// # Errors
/// As [`measure`]; the first failure ends the series.
pub fn measure_growth(counts: &[u32], mut next: impl FnMut(Case, u32)) -> Result<Vec<Growth>, BenchError> {
    let mut cost = |case, entries| -> Result<u64, BenchError> {
        next(case, entries);
        Ok(measure_entries(case, Initrd::Small, entries)?.instructions_to_ebs)
    };
    let base = (cost(Case::LamBoot, 1)?, cost(Case::SystemdBoot, 1)?);
    let growth = counts.iter().map(|&entries| {
        let lamboot = cost(Case::LamBoot, entries)?.saturating_sub(base.0);
        let systemd_boot = cost(Case::SystemdBoot, entries)?.saturating_sub(base.1);
        Ok(Growth { entries, lamboot, systemd_boot })
    });
    growth.collect()
}

/// What the first process writes to the exit port.
pub(crate) const DONE: u32 = 0x10;
