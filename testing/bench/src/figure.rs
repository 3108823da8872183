// SPDX-License-Identifier: MIT OR Apache-2.0
//! Measurements as numbers with a name, a goal, and the others' numbers.

use crate::{Case, Initrd, Measurement};

/// LamBoot may cost this many times what the kernel alone does.
const TIMES_THE_FLOOR: f64 = 1.05;
/// Requests that LamBoot may make with the small initrd.
const SMALL_READ_REQUESTS: f64 = 30.0;

/// LamBoot's number, or the floor's where LamBoot was not measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// What was measured: `boot.small.exit_boot_services`.
    pub name: String,
    /// How much it is.
    pub value: f64,
    /// Of what: `Minstr` (millions of guest instructions), `requests`, `MB` (10^6 bytes).
    pub unit: &'static str,
    /// LamBoot should stay at or below this.
    pub at_most: Option<f64>,
    /// The same number of others, by name, in the order of [`Case::ALL`].
    pub peers: Vec<(&'static str, f64)>,
}

impl Figure {
    /// Whether the goal is reached; none where there is no goal.
    #[must_use]
    pub fn met(&self) -> Option<bool> {
        self.at_most.map(|limit| self.value <= limit)
    }
}

/// One kind of number that every measurement has.
struct Quantity {
    name: &'static str,
    unit: &'static str,
    of: fn(&Measurement) -> f64,
    goal: fn(Initrd, floor: Option<f64>) -> Option<f64>,
}

const QUANTITIES: [Quantity; 5] = [
    Quantity {
        name: "exit_boot_services",
        unit: "Minstr",
        of: |measurement| millions(measurement.instructions_to_ebs),
        goal: |_, floor| floor.map(|floor| floor * TIMES_THE_FLOOR),
    },
    Quantity {
        name: "init",
        unit: "Minstr",
        of: |measurement| millions(measurement.instructions_to_init),
        goal: |_, _| None,
    },
    Quantity {
        name: "read_requests",
        unit: "requests",
        of: |measurement| measurement.read_requests as f64,
        goal: |initrd, _| (initrd == Initrd::Small).then_some(SMALL_READ_REQUESTS),
    },
    Quantity {
        name: "read",
        unit: "MB",
        of: |measurement| millions(measurement.bytes_read),
        goal: |_, _| None,
    },
    Quantity {
        name: "write_requests",
        unit: "requests",
        of: |measurement| measurement.write_requests as f64,
        goal: |_, _| None,
    },
];

fn millions(count: u64) -> f64 {
    count as f64 / 1e6
}

/// The figures of LamBoot with everything else that was measured as its peers, by size of the initrd.
///
/// Where LamBoot is missing, there is nothing to tell of that initrd.
#[must_use]
pub fn figures(measurements: &[Measurement]) -> Vec<Figure> {
    let each = Initrd::ALL.into_iter().flat_map(|initrd| QUANTITIES.iter().map(move |of| (initrd, of)));
    each.filter_map(|(initrd, quantity)| figure(measurements, initrd, quantity)).collect()
}

fn figure(measurements: &[Measurement], initrd: Initrd, quantity: &Quantity) -> Option<Figure> {
    let value_of = |case: Case| {
        let found = measurements.iter().find(|found| found.case == case && found.initrd == initrd);
        found.map(quantity.of)
    };
    let peers = Case::ALL.into_iter().filter(|&case| case != Case::LamBoot);
    Some(Figure {
        name: format!("boot.{}.{}", initrd.name(), quantity.name),
        value: value_of(Case::LamBoot)?,
        unit: quantity.unit,
        at_most: (quantity.goal)(initrd, value_of(Case::Floor)),
        peers: peers.filter_map(|case| Some((case.name(), value_of(case)?))).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measurement(case: Case, initrd: Initrd, instructions_to_ebs: u64) -> Measurement {
        Measurement {
            case,
            initrd,
            instructions_to_ebs,
            instructions_to_init: 10 * instructions_to_ebs,
            read_requests: 30,
            bytes_read: 17_200_000,
            write_requests: 4,
            bytes_written: 2048,
        }
    }

    #[test]
    fn the_goal_is_a_little_more_than_the_floor() {
        let measured = [
            measurement(Case::Floor, Initrd::Small, 100_000_000),
            measurement(Case::LamBoot, Initrd::Small, 105_000_001),
            measurement(Case::Grub, Initrd::Small, 200_000_000),
        ];
        let figures = figures(&measured);
        let [exit, init, requests, read, writes] = &figures[..] else { panic!("{figures:?}") };
        assert_eq!(
            (exit.name.as_str(), exit.at_most, exit.met()),
            ("boot.small.exit_boot_services", Some(105.0), Some(false))
        );
        assert_eq!(exit.peers, [("floor", 100.0), ("grub", 200.0)]);
        assert_eq!((init.value, init.met()), (1050.00001, None));
        assert_eq!((requests.at_most, requests.met()), (Some(30.0), Some(true)));
        assert_eq!((read.value, read.unit, writes.value), (17.2, "MB", 4.0));
    }

    #[test]
    fn requests_are_limited_with_the_small_initrd_only() {
        let figures = figures(&[measurement(Case::LamBoot, Initrd::Large, 1)]);
        assert!(figures.iter().all(|figure| figure.at_most.is_none()), "{figures:?}");
    }

    #[test]
    fn without_lamboot_there_is_no_figure() {
        assert!(figures(&[measurement(Case::Floor, Initrd::Small, 1)]).is_empty());
    }
}
