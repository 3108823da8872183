// SPDX-License-Identifier: MIT OR Apache-2.0
//! A machine that is running.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::ExitStatus,
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    Arch, Key, Qmp, Result, Serial, VmError,
    error::Doing,
    process::{Mode, Process},
};

/// How a machine ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The guest powered it off, or reset it where a reset ends it.
    PoweredOff,
    /// The guest wrote this value to the exit port (x86 only).
    ExitPort(u32),
    /// QEMU failed with this status.
    Failed(i32),
}

/// A running machine; ended when dropped.
#[derive(Debug)]
pub struct Machine {
    // Fields are dropped in this order: the machine ends before its console is closed.
    qemu: Process,
    tpm: Option<Process>,
    qmp: Qmp,
    serial: Serial,
    folder: PathBuf,
    deadline: Instant,
}

impl Machine {
    /// Starts QEMU in `folder` with these arguments.
    ///
    /// # Errors
    /// When QEMU is missing, or does not offer its control socket.
    pub(crate) fn start(
        arch: Arch,
        folder: PathBuf,
        arguments: &[OsString],
        tpm: Option<Process>,
        deadline: Instant,
    ) -> Result<Self> {
        write_command(&folder, arch, arguments)?;
        let serial = Serial::create(&folder, deadline)?;
        let errors = folder.join("qemu.stderr");
        let mut qemu = Process::start(arch.qemu(), arguments, &folder, Mode::Background(&errors))?;
        let soon = deadline.min(Instant::now() + Duration::from_secs(30));
        let qmp = connect(&folder, &mut qemu, soon)?;
        Ok(Self { qemu, tpm, qmp, serial, folder, deadline })
    }

    /// The serial console.
    #[must_use]
    pub fn serial(&self) -> &Serial {
        &self.serial
    }

    /// QEMU's control protocol.
    pub fn qmp(&mut self) -> &mut Qmp {
        &mut self.qmp
    }

    /// The folder with this machine's logs.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Presses a key of the PC keyboard.
    ///
    /// # Errors
    /// When the machine has ended.
    pub fn press(&mut self, key: Key) -> Result<()> {
        self.qmp.command("send-key", key.qmp()).map(drop)
    }

    /// Presses a key of the keyboard and does not let go. It repeats only where the firmware has it repeat.
    ///
    /// # Errors
    /// When the machine has ended.
    pub fn hold(&mut self, key: Key) -> Result<()> {
        self.qmp.command("input-send-event", key.qmp_down()).map(drop)
    }

    /// Waits until the guest reads its USB pointing device; before that, QEMU gives what a mouse does to
    /// the PC's own one.
    ///
    /// # Errors
    /// [`VmError::Timeout`] at the scenario's deadline.
    pub fn wait_pointing(&mut self) -> Result<()> {
        let started = Instant::now();
        while Instant::now() < self.deadline {
            let mice = self.qmp.command("query-mice", json!({}))?;
            let mut mice = mice.as_array().into_iter().flatten();
            let is_read = |mouse: &Value| {
                mouse["current"] == true && mouse["name"].as_str().is_some_and(|name| name.contains("HID"))
            };
            if mice.any(is_read) {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(20));
        }
        let wanted = "the guest to read its pointing device".into();
        Err(VmError::Timeout { wanted, waited: started.elapsed(), tail: self.serial.tail() })
    }

    /// Moves the pointer of a tablet: 0.0 is the left or upper edge of the screen, 1.0 the right or
    /// lower one.
    ///
    /// # Errors
    /// When the machine has ended.
    pub fn point_at(&mut self, x: f64, y: f64) -> Result<()> {
        // QEMU's own range of an absolute axis.
        let value = |part: f64| (part.clamp(0.0, 1.0) * 32767.0).round() as i64;
        let axis = |name, part| json!({ "type": "abs", "data": { "axis": name, "value": value(part) } });
        self.send_input(json!([axis("x", x), axis("y", y)]))
    }

    /// Moves the pointer of a mouse by so many counts to the right and down.
    ///
    /// # Errors
    /// When the machine has ended.
    pub fn move_by(&mut self, right: i32, down: i32) -> Result<()> {
        let axis = |name, counts| json!({ "type": "rel", "data": { "axis": name, "value": counts } });
        self.send_input(json!([axis("x", right), axis("y", down)]))
    }

    /// Presses the pointer's left button and lets it go.
    ///
    /// # Errors
    /// When the machine has ended.
    pub fn click(&mut self) -> Result<()> {
        for down in [true, false] {
            self.send_input(json!([{ "type": "btn", "data": { "button": "left", "down": down } }]))?;
        }
        Ok(())
    }

    fn send_input(&mut self, events: Value) -> Result<()> {
        self.qmp.command("input-send-event", json!({ "events": events })).map(drop)
    }

    /// Writes a picture of the screen as `name.png` into the machine's folder and returns its path.
    ///
    /// # Errors
    /// When the machine has no graphics card or has ended.
    pub fn screenshot(&mut self, name: &str) -> Result<PathBuf> {
        let path = self.folder.join(format!("{name}.png"));
        self.qmp.command("screendump", json!({ "filename": path, "format": "png" }))?;
        Ok(path)
    }

    /// Pulls the reset line.
    ///
    /// # Errors
    /// When the machine has ended.
    pub fn reset(&mut self) -> Result<()> {
        self.qmp.command("system_reset", json!({})).map(drop)
    }

    /// What the guest wrote to the debug port (x86 only).
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn debug_port(&self) -> Result<Vec<u8>> {
        fs::read(self.folder.join("debugcon.log")).doing(|| "read the debug port's file")
    }

    /// Waits for the guest to end the machine, and for the last byte of its console.
    ///
    /// # Errors
    /// [`VmError::Timeout`] at the scenario's deadline.
    pub fn wait_end(&mut self) -> Result<Ending> {
        let started = Instant::now();
        let Some(status) = self.qemu.wait_until(self.deadline)? else {
            let wanted = "the end of the machine".into();
            return Err(VmError::Timeout { wanted, waited: started.elapsed(), tail: self.serial.tail() });
        };
        self.serial.wait_closed()?;
        Ok(ending(status))
    }

    /// Ends the machine at once, as a power cut does, so that its disks can be read.
    pub fn power_cut(self) {
        drop(self);
    }

    /// Ends QEMU in an orderly way: the guest is not asked.
    ///
    /// # Errors
    /// When QEMU does not end in time.
    pub(crate) fn quit(&mut self) -> Result<()> {
        let _the_answer_may_be_lost = self.qmp.command("quit", json!({}));
        self.qemu.wait_until(self.deadline)?;
        self.tpm = None;
        Ok(())
    }
}

fn connect(folder: &Path, qemu: &mut Process, until: Instant) -> Result<Qmp> {
    loop {
        let step = until.min(Instant::now() + Duration::from_millis(100));
        match Qmp::connect(folder, "qmp.socket", step) {
            Ok(qmp) => return Ok(qmp),
            Err(_) if qemu.ended()?.is_some() => {
                let tail = fs::read_to_string(folder.join("qemu.stderr")).unwrap_or_default();
                return Err(VmError::Stopped { wanted: "QEMU's control socket".into(), tail });
            }
            Err(error) if Instant::now() >= until => return Err(error),
            Err(_) => {}
        }
    }
}

/// Keeps the command, so that a failed scenario can be repeated by hand.
fn write_command(folder: &Path, arch: Arch, arguments: &[OsString]) -> Result<()> {
    let quoted = |argument: &OsString| format!("'{}'", argument.to_string_lossy().replace('\'', r"'\''"));
    let line = arguments.iter().map(quoted).collect::<Vec<_>>().join(" ");
    fs::write(folder.join("command"), format!("{} {line}\n", arch.qemu().name()))
        .doing(|| "write the command")
}

fn ending(status: ExitStatus) -> Ending {
    match status.code() {
        Some(0) => Ending::PoweredOff,
        Some(code) if code % 2 == 1 && code > 1 => Ending::ExitPort(code.unsigned_abs() / 2),
        Some(code) => Ending::Failed(code),
        None => Ending::Failed(-1),
    }
}
