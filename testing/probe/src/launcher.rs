// SPDX-License-Identifier: MIT OR Apache-2.0
//! Starts the loader under test as firmware would, and reports what came back.

use alloc::{string::String, vec::Vec};
use core::str::FromStr;

use uefi::{
    CString16, Guid, Handle, ResultExt, Status, boot,
    proto::loaded_image::LoadedImage,
    runtime::{self, VariableAttributes, VariableVendor},
};

use crate::{
    console, exit,
    plan::{self, Step},
    program, protocols, say,
    volume::{self, REMOVABLE},
};

/// Waits for a key if the options say `wait`, then starts the plan's program and ends the machine.
pub fn run() -> Status {
    let _five_minutes_are_not_enough_for_a_debugger = boot::set_watchdog_timer(0, 0x10000, None);
    if options_say_wait() {
        say!("LAUNCHER: ready");
        let _any_key_will_do = console::wait_for_key();
    }
    protocols::connect_everything();
    let Some((volume, plan)) = volume::find() else {
        say!("LAUNCHER: no volume has a plan or {REMOVABLE}");
        exit::machine(exit::FAILED)
    };
    match launch(volume, &plan) {
        Ok(status) => {
            say!("LAUNCHER: returned {status:?}");
            report(&plan);
            exit::machine(exit::RETURNED)
        }
        Err(error) => {
            say!("LAUNCHER: cannot start the program: {:?}", error.status());
            exit::machine(exit::FAILED)
        }
    }
}

fn options_say_wait() -> bool {
    let image = boot::open_protocol_exclusive::<LoadedImage>(boot::image_handle());
    image.is_ok_and(|image| {
        image.load_options_as_cstr16().is_ok_and(|options| String::from(options).starts_with("wait"))
    })
}

/// Follows the plan up to the program's return, and tells the status that came back.
fn launch(volume: Handle, plan: &str) -> uefi::Result<Status> {
    let (mut program, mut options) = (REMOVABLE, None);
    for step in plan::steps(plan) {
        match step {
            Step::Set { vendor, name, hex } => set_variable(vendor, name, hex),
            Step::Program(path) => program = path,
            Step::Options(text) => options = CString16::try_from(text).ok(),
            Step::Get { .. } => {}
            Step::Unknown(line) => say!("LAUNCHER: the plan has an unknown line: {line}"),
        }
    }
    let image = program::load(volume, program)?;
    if let Some(options) = &options {
        program::set_options(image, options)?;
    }
    Ok(boot::start_image(image).status())
}

fn key(vendor: &str, name: &str) -> Option<(VariableVendor, CString16)> {
    let vendor = Guid::from_str(vendor).ok()?;
    Some((VariableVendor(vendor), CString16::try_from(name).ok()?))
}

fn set_variable(vendor: &str, name: &str, hex: &str) {
    let Some((vendor, wide)) = key(vendor, name) else {
        return say!("LAUNCHER: {vendor} {name} is no variable");
    };
    let value: Vec<u8> = plan::bytes(hex).collect();
    let attributes = VariableAttributes::NON_VOLATILE
        | VariableAttributes::BOOTSERVICE_ACCESS
        | VariableAttributes::RUNTIME_ACCESS;
    if let Err(error) = runtime::set_variable(&wide, &vendor, attributes, &value) {
        say!("LAUNCHER: cannot set {name}: {:?}", error.status());
    }
}

fn report(plan: &str) {
    for step in plan::steps(plan) {
        let Step::Get { vendor, name } = step else { continue };
        match key(vendor, name).map(|(vendor, name)| runtime::get_variable_boxed(&name, &vendor)) {
            Some(Ok((value, _))) => say!("LAUNCHER: variable {name} = {}", hex(&value)),
            Some(Err(error)) if error.status() == Status::NOT_FOUND => {
                say!("LAUNCHER: variable {name} is not set");
            }
            Some(Err(error)) => say!("LAUNCHER: cannot read {name}: {:?}", error.status()),
            None => say!("LAUNCHER: {vendor} {name} is no variable"),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| alloc::format!("{byte:02x}")).collect()
}
