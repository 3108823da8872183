// SPDX-License-Identifier: MIT OR Apache-2.0
//! Machines that continue after firmware start, instead of spending seconds in it each time.
//!
//! QEMU starts the launcher directly (`-kernel`), before the firmware has touched a disk. While the
//! launcher waits for a key, the machine's state is written to a file. A scenario's machine reads that
//! file, gets its own disks of the same size, and the key.

use std::{
    fs::{self, File},
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::{
    Acceleration, Artifacts, Firmware, Lab, Machine, Result, VmError, checksum,
    command::{self, Console},
    error::Doing,
    machine::{Config, Content, PointingDevice, Vga},
    process::Process,
    tpm::{self, Startup},
    workspace,
};

/// The launcher's line when it is ready to continue.
const READY: &str = "LAUNCHER: ready";

/// A machine's saved state and the variable store it was running with.
#[derive(Clone, Debug)]
struct SavedState {
    state: PathBuf,
    variables: PathBuf,
}

/// Continues a machine of this kind from its saved state, which is made first when there is none.
pub(crate) fn resume(lab: &Lab, config: &Config) -> Result<Machine> {
    let launcher = launcher_of(config)?;
    let saved = of_kind(lab, config, &launcher)?;
    let folder = lab.machine_folder()?;
    let mut machine = continue_from(lab, config, &launcher, &saved, folder)?;
    wait_loaded(&mut machine, lab.deadline())?;
    machine.qmp().command("cont", json!({}))?;
    Ok(machine)
}

/// The program in the saved state: the measuring one when instructions are counted.
fn launcher_of(config: &Config) -> Result<PathBuf> {
    let name = match config.acceleration {
        Acceleration::CountedInstructions => "bench-launcher",
        Acceleration::Emulated | Acceleration::HardwareIfAvailable => "launcher",
    };
    Artifacts::locate()?.arch(config.arch).probe(name)
}

/// The state for this kind of machine; one process makes it while the others wait.
fn of_kind(lab: &Lab, config: &Config, launcher: &Path) -> Result<SavedState> {
    let all = workspace::target_dir().join("vm-state");
    fs::create_dir_all(&all).doing(|| format!("create {}", all.display()))?;
    let kind = kind_name(config);
    let lock = File::create(all.join(format!("{kind}.lock"))).doing(|| "create a lock file")?;
    lock.lock().doing(|| "wait for a saved state")?;
    let name = format!("{kind}-{:016x}", fingerprint(config, launcher)?);
    let saved =
        SavedState { state: all.join(format!("{name}.state")), variables: all.join(format!("{name}.fd")) };
    if !saved.state.exists() {
        remove_older(&all, &kind);
        make(lab, config, launcher, &saved)?;
    }
    Ok(saved)
}

/// What distinguishes kinds of machines, readable: `x86_64-512M-virtio98M-tpm`.
fn kind_name(config: &Config) -> String {
    let mut name = format!("{}-{}M", config.arch.name(), config.memory_mib);
    for drive in &config.drives {
        let access = if drive.read_only { "ro" } else { "" };
        let sectors = if drive.sector_bytes == 512 { "" } else { "4k" };
        name += &format!("-{:?}{}M{sectors}{access}", drive.bus, drive.size_bytes >> 20).to_lowercase();
    }
    name += &config.vga.map_or_else(String::new, vga_name);
    let traits = [
        (config.tpm, "-tpm"),
        (config.generation_id.is_some(), "-genid"),
        (config.usb_keyboard, "-usbkbd"),
        (config.pointing == Some(PointingDevice::Tablet), "-tablet"),
        (config.pointing == Some(PointingDevice::Mouse), "-mouse"),
        (config.no_reboot, "-noreboot"),
        (config.acceleration == Acceleration::CountedInstructions, "-icount"),
    ];
    traits.iter().filter(|(present, _)| *present).for_each(|(_, label)| name += label);
    name
}

/// Firmware sets the mode before the state is saved.
fn vga_name(vga: Vga) -> String {
    vga.size.map_or_else(|| "-vga".into(), |(width, height)| format!("-vga{width}x{height}"))
}

/// Changes when the emulator, the firmware or the launcher does.
fn fingerprint(config: &Config, launcher: &Path) -> Result<u64> {
    let version =
        Command::new(config.arch.qemu().find()?).arg("--version").output().doing(|| "ask QEMU's version")?;
    let firmware = Firmware::find(config.arch)?;
    let mut identity = version.stdout;
    identity.extend_from_slice(kind_name(config).as_bytes());
    for path in [&firmware.code, &firmware.variables, &launcher.to_path_buf()] {
        let bytes = fs::read(path).doing(|| format!("read {}", path.display()))?;
        identity.extend_from_slice(&checksum(&bytes).to_le_bytes());
    }
    Ok(checksum(&identity))
}

fn remove_older(all: &Path, kind: &str) {
    let Ok(files) = fs::read_dir(all) else { return };
    for file in files.flatten() {
        let name = file.file_name().to_string_lossy().into_owned();
        let of_this_kind = name.strip_prefix(kind).is_some_and(is_fingerprint);
        if of_this_kind {
            let _another_process_was_faster = fs::remove_file(file.path());
        }
    }
}

/// `-0123456789abcdef.state` or `.fd`.
fn is_fingerprint(rest: &str) -> bool {
    let digits = rest.strip_prefix('-').and_then(|rest| rest.split_once('.')).map(|(digits, _)| digits);
    digits.is_some_and(|digits| digits.len() == 16 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Starts the firmware with empty disks and saves the machine once the launcher waits.
fn make(lab: &Lab, config: &Config, launcher: &Path, saved: &SavedState) -> Result<()> {
    let folder = lab.machine_folder()?;
    let empty = with_empty_disks(config, &folder)?;
    let mut firmware = Firmware::find(config.arch)?;
    fs::copy(&firmware.variables, folder.join("variables.fd")).doing(|| "copy the variable store")?;
    firmware.variables = "variables.fd".into();
    let tpm = start_tpm(config, &folder, Startup::Clear, lab.deadline())?;
    let mut arguments = command::arguments(&empty, &firmware, Console::Pipes);
    arguments.extend(launcher_arguments(launcher));
    let mut machine = Machine::start(config.arch, folder.clone(), &arguments, tpm, lab.deadline())?;
    machine.serial().wait_at_most(FIRMWARE_START, READY)?;
    save(&mut machine, lab.deadline())?;
    machine.quit()?;
    publish(&folder.join("variables.fd"), &saved.variables)?;
    publish(&folder.join("state"), &saved.state)
}

/// Firmware start with counted instructions and a screen takes two minutes, and several on a busy host.
const FIRMWARE_START: Duration = Duration::from_secs(900);

fn with_empty_disks(config: &Config, folder: &Path) -> Result<Config> {
    let mut config = config.clone();
    for (number, drive) in config.drives.iter_mut().enumerate() {
        let path = folder.join(format!("empty{number}.img"));
        let file = File::create(&path).doing(|| "create an empty disk")?;
        drive.content = Content::File(path);
        file.set_len(drive.size_bytes).doing(|| "size an empty disk")?;
    }
    Ok(config)
}

fn launcher_arguments(launcher: &Path) -> [std::ffi::OsString; 4] {
    ["-kernel".into(), launcher.into(), "-append".into(), "wait;launch".into()]
}

fn save(machine: &mut Machine, deadline: Instant) -> Result<()> {
    let qmp = machine.qmp();
    qmp.command("stop", json!({}))?;
    // Unlimited bandwidth: the default of older versions is far below what a disk takes.
    qmp.command("migrate-set-parameters", json!({ "max-bandwidth": 1_u64 << 40 }))?;
    qmp.command("migrate", json!({ "uri": "exec:cat > state" }))?;
    loop {
        let status = qmp.command("query-migrate", json!({}))?;
        match status["status"].as_str() {
            Some("completed") => return Ok(()),
            Some("failed" | "cancelled") => {
                return Err(VmError::Qmp { command: "migrate".into(), message: status.to_string() });
            }
            _ if Instant::now() > deadline => {
                return Err(VmError::Qmp { command: "migrate".into(), message: "takes too long".into() });
            }
            _ => thread::sleep(Duration::from_millis(20)),
        }
    }
}

/// Moves a file to its final name in one step, so that a half-written one is never seen.
fn publish(from: &Path, to: &Path) -> Result<()> {
    let partial = to.with_extension("partial");
    let copied = fs::rename(from, &partial).or_else(|_| fs::copy(from, &partial).map(drop));
    copied.and_then(|()| fs::rename(&partial, to)).doing(|| format!("write {}", to.display()))
}

fn continue_from(
    lab: &Lab,
    config: &Config,
    launcher: &Path,
    saved: &SavedState,
    folder: PathBuf,
) -> Result<Machine> {
    fs::copy(&saved.variables, folder.join("variables.fd")).doing(|| "copy the variable store")?;
    symlink(&saved.state, folder.join("state")).doing(|| "link the saved state")?;
    let mut firmware = Firmware::find(config.arch)?;
    firmware.variables = "variables.fd".into();
    let tpm = start_tpm(config, &folder, Startup::FromSavedState, lab.deadline())?;
    let mut arguments = command::arguments(config, &firmware, Console::Pipes);
    arguments.extend(launcher_arguments(launcher));
    arguments.extend(["-incoming".into(), "exec:cat state".into()]);
    Machine::start(config.arch, folder, &arguments, tpm, lab.deadline())
}

fn start_tpm(config: &Config, folder: &Path, startup: Startup, until: Instant) -> Result<Option<Process>> {
    config.tpm.then(|| tpm::start(folder, startup, until)).transpose()
}

fn wait_loaded(machine: &mut Machine, deadline: Instant) -> Result<()> {
    while machine.qmp().command("query-status", json!({}))?["status"] == "inmigrate" {
        if Instant::now() > deadline {
            return Err(VmError::Qmp { command: "incoming".into(), message: "takes too long".into() });
        }
        thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_fingerprinted_files_of_a_kind_are_replaced() {
        assert!(is_fingerprint("-0123456789abcdef.state"));
        assert!(!is_fingerprint("-tpm-0123456789abcdef.state"));
        assert!(!is_fingerprint(".lock"));
    }

    #[test]
    fn screens_of_different_sizes_have_states_of_their_own() {
        let names = [None, Some((1024, 768)), Some((1920, 1080))].map(|size| vga_name(Vga { size }));
        assert_eq!(names, ["-vga", "-vga1024x768", "-vga1920x1080"]);
    }
}
