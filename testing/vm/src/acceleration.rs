// SPDX-License-Identifier: MIT OR Apache-2.0
//! Emulation or the host's processor.

use std::{
    env::consts,
    fs::{self, OpenOptions},
    thread,
    time::Duration,
};

use serde_json::json;

use crate::{
    Firmware, Lab, Machine, Result,
    command::{self, Console},
    error::Doing,
    machine::Config,
};

/// How the guest's instructions are executed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Acceleration {
    /// By emulation: the same everywhere, so tests use it.
    #[default]
    Emulated,
    /// By the host's processor where that works, otherwise by emulation.
    HardwareIfAvailable,
    /// By emulation that counts: one guest instruction is one nanosecond.
    CountedInstructions,
}

/// A firmware that the processor cannot run fails within the first instructions.
const TRIAL: Duration = Duration::from_millis(500);

/// What `config` asks for, or emulation where the host's processor cannot do it.
pub(crate) fn resolve(lab: &Lab, config: &Config) -> Result<Acceleration> {
    let wanted = config.acceleration;
    if wanted == Acceleration::HardwareIfAvailable && !hardware_works(lab, config)? {
        return Ok(Acceleration::Emulated);
    }
    Ok(wanted)
}

/// Runs the firmware for a moment: an accessible `/dev/kvm` may still refuse, for instance in a nested machine.
fn hardware_works(lab: &Lab, config: &Config) -> Result<bool> {
    let accessible = OpenOptions::new().read(true).write(true).open("/dev/kvm").is_ok();
    if !accessible || config.arch.name() != consts::ARCH {
        return Ok(false);
    }
    let config = Config { drives: vec![], tpm: false, window: false, ..config.clone() };
    let folder = lab.machine_folder()?;
    let mut firmware = Firmware::find(config.arch)?;
    fs::copy(&firmware.variables, folder.join("variables.fd")).doing(|| "copy the variable store")?;
    firmware.variables = "variables.fd".into();
    let arguments = command::arguments(&config, &firmware, Console::Pipes);
    let Ok(mut trial) = Machine::start(config.arch, folder, &arguments, None, lab.deadline()) else {
        return Ok(false);
    };
    thread::sleep(TRIAL);
    Ok(trial.qmp().command("query-status", json!({})).is_ok_and(|status| status["status"] == "running"))
}
