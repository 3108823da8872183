// SPDX-License-Identifier: MIT OR Apache-2.0
//! How many simulated boots a second, in the build that the tests run in.

use std::time::{Duration, Instant};

use anyhow::Result;
use lamboot_sim::{Fault, Machine, Tear};

use super::{Figure, Goal};
use crate::tree::Tree;

/// Sessions a second that let every scenario be run again with a failure at each effect.
const GOAL: f64 = 200.0;
/// How long is measured.
const TIME: Duration = Duration::from_secs(3);

/// Boots simulated machines: with the menu, with a boot counter, and with a power cut.
pub(super) fn measure(_: &Tree) -> Result<Vec<Figure>> {
    let began = Instant::now();
    let mut sessions = 0_u32;
    while began.elapsed() < TIME {
        for mut machine in machines() {
            machine.boot();
            sessions += 1;
        }
    }
    let rate = f64::from(sessions) / began.elapsed().as_secs_f64();
    Ok(vec![Figure::new("sim.sessions", rate.floor(), "sessions/s").with_goal(Goal::AtLeast(GOAL))])
}

fn machines() -> [Machine; 3] {
    let mut counted = Machine::with_debian();
    counted.add_linux("debian-7.0+3-0.conf", "Debian", "7.0");
    let mut cut = Machine::with_debian();
    cut.fault = Some(Fault::PowerLoss(3, Tear::Half));
    [Machine::with_debian(), counted, cut]
}
