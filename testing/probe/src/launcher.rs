// SPDX-License-Identifier: MIT OR Apache-2.0
//! Starts the loader under test as firmware would, and reports what came back.

use alloc::{string::String, vec::Vec};
use core::str::FromStr;

use uefi::{
    CStr16, CString16, Guid, Handle, ResultExt, Status, boot,
    boot::LoadImageSource,
    cstr16,
    proto::{
        BootPolicy,
        device_path::{DevicePath, build},
        loaded_image::LoadedImage,
        media::{
            file::{File, FileAttribute, FileMode, RegularFile},
            fs::SimpleFileSystem,
        },
    },
    runtime::{self, VariableAttributes, VariableVendor},
};

use crate::{
    console, exit,
    plan::{self, Step},
    protocols, say,
};

const PLAN: &CStr16 = cstr16!(r"\lamboot-test\plan.txt");
#[cfg(target_arch = "x86_64")]
const REMOVABLE: &str = r"\EFI\BOOT\BOOTX64.EFI";
#[cfg(target_arch = "aarch64")]
const REMOVABLE: &str = r"\EFI\BOOT\BOOTAA64.EFI";

/// Waits for a key if the options say `wait`, then starts the plan's program and ends the machine.
pub fn run() -> Status {
    let _five_minutes_are_not_enough_for_a_debugger = boot::set_watchdog_timer(0, 0x10000, None);
    if options_say_wait() {
        say!("LAUNCHER: ready");
        let _any_key_will_do = console::wait_for_key();
    }
    protocols::connect_everything();
    let Some((volume, plan)) = find_volume() else {
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

/// The volume with a plan, or else the first one with a program at the removable path.
fn find_volume() -> Option<(Handle, String)> {
    let volumes = boot::find_handles::<SimpleFileSystem>().ok()?;
    let planned = volumes.iter().find_map(|&volume| {
        let plan = read_file(volume, PLAN)?;
        Some((volume, String::from_utf8_lossy(&plan).into_owned()))
    });
    let removable = CString16::try_from(REMOVABLE).ok()?;
    planned.or_else(|| {
        let volume = volumes.iter().copied().find(|&volume| open_file(volume, &removable).is_some())?;
        Some((volume, String::new()))
    })
}

fn open_file(volume: Handle, path: &CStr16) -> Option<RegularFile> {
    let mut volume = protocols::open::<SimpleFileSystem>(volume).ok()?;
    let mut root = volume.open_volume().ok()?;
    root.open(path, FileMode::Read, FileAttribute::empty()).ok()?.into_regular_file()
}

fn read_file(volume: Handle, path: &CStr16) -> Option<Vec<u8>> {
    let mut file = open_file(volume, path)?;
    let mut bytes = Vec::new();
    let mut piece = [0; 512];
    loop {
        let count = file.read(&mut piece).ok()?;
        if count == 0 {
            return Some(bytes);
        }
        bytes.extend_from_slice(piece.get(..count)?);
    }
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
    let image = load(volume, program)?;
    if let Some(options) = &options {
        set_options(image, options)?;
    }
    Ok(boot::start_image(image).status())
}

fn load(volume: Handle, program: &str) -> uefi::Result<Handle> {
    let name = CString16::try_from(program).map_err(|_| Status::INVALID_PARAMETER)?;
    let mut node = Vec::new();
    let file = build::DevicePathBuilder::with_vec(&mut node)
        .push(&build::media::FilePath { path_name: &name })
        .and_then(build::DevicePathBuilder::finalize)
        .map_err(|_| Status::OUT_OF_RESOURCES)?;
    let whole =
        protocols::open::<DevicePath>(volume)?.append_path(file).map_err(|_| Status::OUT_OF_RESOURCES)?;
    let source = LoadImageSource::FromDevicePath { device_path: &whole, boot_policy: BootPolicy::ExactMatch };
    boot::load_image(boot::image_handle(), source)
}

fn set_options(image: Handle, options: &CString16) -> uefi::Result {
    let mut loaded = protocols::open::<LoadedImage>(image)?;
    let size = u32::try_from(options.num_bytes()).map_err(|_| Status::INVALID_PARAMETER)?;
    // SAFETY: `options` lives until the program has returned, and `size` is its length in bytes.
    unsafe { loaded.set_load_options(options.as_ptr().cast(), size) };
    Ok(())
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
