// SPDX-License-Identifier: MIT OR Apache-2.0
//! Describing a virtual machine, and starting it in one of three ways.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitStatus,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use uuid::Uuid;

use crate::{
    Acceleration, Arch, Disk, Firmware, Lab, Machine, Result, acceleration,
    command::{self, Console},
    error::Doing,
    process::{Mode, Process},
    saved_state, tpm,
};

/// How a disk is attached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DiskBus {
    /// A virtio block device.
    #[default]
    Virtio,
    /// An NVMe drive; not with [`MachineBuilder::resume`], since QEMU cannot save its state.
    Nvme,
    /// A drive on a port of the AHCI controller; not on aarch64's machine, which has none.
    Sata,
}

/// A device to point with, on USB; OVMF has a driver for neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PointingDevice {
    /// A tablet, which tells places.
    Tablet,
    /// A mouse, which tells ways.
    Mouse,
}

/// A graphics card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Vga {
    /// Width and height that its display prefers, in pixels; the firmware's own choice unless told.
    pub(crate) size: Option<(u32, u32)>,
}

/// What is on a disk.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    /// The bytes of this file.
    File(PathBuf),
    /// Zeros, each request after a wait.
    Zeros { latency: Duration },
}

/// A disk as a machine sees it.
#[derive(Clone, Debug)]
pub(crate) struct Drive {
    pub(crate) content: Content,
    pub(crate) size_bytes: u64,
    pub(crate) sector_bytes: u64,
    pub(crate) bus: DiskBus,
    pub(crate) read_only: bool,
    /// Whether what is written is forgotten when the machine ends.
    pub(crate) scratch: bool,
    /// Whether the firmware is told to look for something to boot on it.
    pub(crate) listed: bool,
}

/// Everything about a machine that its command line tells.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) arch: Arch,
    pub(crate) memory_mib: u64,
    pub(crate) processors: u8,
    pub(crate) drives: Vec<Drive>,
    pub(crate) tpm: bool,
    pub(crate) entropy: bool,
    pub(crate) generation_id: Option<Uuid>,
    pub(crate) vga: Option<Vga>,
    pub(crate) usb_keyboard: bool,
    pub(crate) pointing: Option<PointingDevice>,
    pub(crate) acceleration: Acceleration,
    pub(crate) window: bool,
    pub(crate) no_reboot: bool,
    pub(crate) secure_boot: bool,
}

/// A machine that is still being described.
#[derive(Clone, Debug)]
pub struct MachineBuilder<'lab> {
    lab: &'lab Lab,
    config: Config,
    bus: DiskBus,
    variables: Option<PathBuf>,
}

impl<'lab> MachineBuilder<'lab> {
    pub(crate) fn new(lab: &'lab Lab, arch: Arch) -> Self {
        let config = Config {
            arch,
            memory_mib: 512,
            processors: 1,
            drives: vec![],
            tpm: false,
            entropy: false,
            generation_id: None,
            vga: None,
            usb_keyboard: false,
            pointing: None,
            acceleration: Acceleration::Emulated,
            window: false,
            no_reboot: false,
            secure_boot: false,
        };
        Self { lab, config, bus: DiskBus::Virtio, variables: None }
    }

    /// Sets the memory's size; 512 MiB unless told.
    #[must_use]
    pub fn memory_mib(mut self, mib: u64) -> Self {
        self.config.memory_mib = mib;
        self
    }

    /// Chooses how the disks that follow are attached; virtio unless told.
    #[must_use]
    pub fn bus(mut self, bus: DiskBus) -> Self {
        self.bus = bus;
        self
    }

    /// Attaches a disk. The first one is the one the firmware boots from.
    #[must_use]
    pub fn disk(self, disk: &Disk) -> Self {
        self.drive(disk, false)
    }

    /// Attaches a disk that is not among those to boot from. As in a "fast boot", the firmware then leaves it
    /// without a driver. Not with [`MachineBuilder::resume`].
    #[must_use]
    pub fn unlisted_disk(self, disk: &Disk) -> Self {
        let mut machine = self.drive(disk, false);
        machine.config.drives.iter_mut().next_back().into_iter().for_each(|drive| drive.listed = false);
        machine
    }

    /// Attaches a disk that refuses every write.
    #[must_use]
    pub fn read_only_disk(self, disk: &Disk) -> Self {
        self.drive(disk, true)
    }

    /// Attaches the image at `path` as it is, in any form; what the machine writes to it outlives resets,
    /// and is forgotten when the machine ends.
    ///
    /// # Errors
    /// When there is no such file.
    pub fn scratch_disk(mut self, path: &Path) -> Result<Self> {
        let size_bytes = fs::metadata(path).doing(|| format!("look at {}", path.display()))?.len();
        let content = Content::File(path.to_path_buf());
        let bus = self.bus;
        let drive = Drive {
            content,
            size_bytes,
            sector_bytes: 512,
            bus,
            read_only: false,
            scratch: true,
            listed: true,
        };
        self.config.drives.push(drive);
        Ok(self)
    }

    /// Attaches a disk of zeros that waits before it answers a request, as one with slow media does; QEMU's own
    /// timers make each wait a millisecond or more. Not with [`MachineBuilder::resume`].
    #[must_use]
    pub fn slow_disk(mut self, size_bytes: u64, latency: Duration) -> Self {
        let (content, bus) = (Content::Zeros { latency }, self.bus);
        let drive = Drive {
            content,
            size_bytes,
            sector_bytes: 512,
            bus,
            read_only: false,
            scratch: false,
            listed: true,
        };
        self.config.drives.push(drive);
        self
    }

    /// Sets the number of processors; 1 unless told. Not with [`MachineBuilder::resume`].
    #[must_use]
    pub fn processors(mut self, count: u8) -> Self {
        self.config.processors = count;
        self
    }

    fn drive(mut self, disk: &Disk, read_only: bool) -> Self {
        let (content, size_bytes) = (Content::File(disk.path().to_path_buf()), disk.size_bytes());
        let (sector_bytes, bus) = (disk.sector_bytes(), self.bus);
        let drive = Drive { content, size_bytes, sector_bytes, bus, read_only, scratch: false, listed: true };
        self.config.drives.push(drive);
        self
    }

    /// Adds a TPM 2.0.
    #[must_use]
    pub fn tpm(mut self) -> Self {
        self.config.tpm = true;
        self
    }

    /// Adds a source of random numbers, which the firmware then offers as well. Not with
    /// [`MachineBuilder::resume`].
    #[must_use]
    pub fn entropy(mut self) -> Self {
        self.config.entropy = true;
        self
    }

    /// Adds a VM generation id device with this id.
    #[must_use]
    pub fn generation_id(mut self, id: Uuid) -> Self {
        self.config.generation_id = Some(id);
        self
    }

    /// Adds a graphics card, so that there is a screen beside the serial console.
    #[must_use]
    pub fn vga(mut self) -> Self {
        self.config.vga = Some(Vga { size: None });
        self
    }

    /// As [`MachineBuilder::vga`], with a display that prefers so many pixels across and down; the firmware
    /// follows where it has a mode of that size. On x86-64 only: elsewhere the firmware asks no display.
    #[must_use]
    pub fn vga_of_size(mut self, width: u32, height: u32) -> Self {
        self.config.vga = Some(Vga { size: Some((width, height)) });
        self
    }

    /// Adds a USB keyboard, which then has the keys that are pressed.
    #[must_use]
    pub fn usb_keyboard(mut self) -> Self {
        self.config.usb_keyboard = true;
        self
    }

    /// Adds a device to point with.
    #[must_use]
    pub fn pointing(mut self, device: PointingDevice) -> Self {
        self.config.pointing = Some(device);
        self
    }

    /// Adds a graphics card and shows it in a window of the host.
    #[must_use]
    pub fn window(mut self) -> Self {
        self.config.window = true;
        self.vga()
    }

    /// Chooses how instructions are executed; emulated unless told.
    #[must_use]
    pub fn acceleration(mut self, acceleration: Acceleration) -> Self {
        self.config.acceleration = acceleration;
        self
    }

    /// Makes a reset end the machine.
    #[must_use]
    pub fn no_reboot(mut self) -> Self {
        self.config.no_reboot = true;
        self
    }

    /// Turns Secure Boot on, with keys for what [`Lab::signed`] has signed. A PC only, and not with
    /// [`MachineBuilder::resume`].
    #[must_use]
    pub fn secure_boot(mut self) -> Self {
        self.config.secure_boot = true;
        self
    }

    /// Uses this variable store in place, so that variables outlive the machine.
    ///
    /// Only for [`MachineBuilder::cold`]: a saved state brings its own variables.
    #[must_use]
    pub fn variable_store(mut self, path: &Path) -> Self {
        self.variables = Some(path.to_path_buf());
        self
    }

    /// Powers the machine on: firmware start, boot order, removable path. Some seconds under emulation.
    ///
    /// # Errors
    /// When a tool or the firmware is missing or QEMU does not start.
    pub fn cold(mut self) -> Result<Machine> {
        self.config.acceleration = acceleration::resolve(self.lab, &self.config)?;
        let folder = self.lab.machine_folder()?;
        let firmware = self.prepare_variables(&folder)?;
        let tpm = self.start_tpm(&folder)?;
        let arguments = command::arguments(&self.config, &firmware, Console::Pipes);
        Machine::start(self.config.arch, folder, &arguments, tpm, self.lab.deadline())
    }

    /// Continues from the state after firmware start, with this machine's own disks; well under a second.
    ///
    /// The state is made when it is first needed for this kind of machine, and kept in
    /// `target/vm-state`. The launcher in it connects all devices and follows the disk's
    /// [`crate::LaunchPlan`]. Variables are the firmware's defaults; `BootCurrent` is not set.
    ///
    /// # Errors
    /// As [`MachineBuilder::cold`], and when the launcher has not been built.
    pub fn resume(self) -> Result<Machine> {
        let machine = self.resume_at_launcher()?;
        machine.serial().send(b"g")?;
        Ok(machine)
    }

    /// As [`MachineBuilder::resume`], and the launcher waits for a key on any console. Keys that are pressed
    /// after that one wait for the program that it starts.
    ///
    /// # Errors
    /// As [`MachineBuilder::resume`].
    pub fn resume_at_launcher(self) -> Result<Machine> {
        saved_state::resume(self.lab, &self.config)
    }

    /// Powers the machine on for a person: the serial console is the terminal, Ctrl-C ends it.
    ///
    /// # Errors
    /// As [`MachineBuilder::cold`].
    pub fn interactive(mut self) -> Result<ExitStatus> {
        self.config.acceleration = acceleration::resolve(self.lab, &self.config)?;
        let interrupted = Arc::new(AtomicBool::new(false));
        for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
            signal_hook::flag::register(signal, Arc::clone(&interrupted)).doing(|| "handle Ctrl-C")?;
        }
        let folder = self.lab.machine_folder()?;
        let firmware = self.prepare_variables(&folder)?;
        let _tpm = self.start_tpm(&folder)?;
        let arguments = command::arguments(&self.config, &firmware, Console::Terminal);
        let mut qemu = Process::start(self.config.arch.qemu(), &arguments, &folder, Mode::Terminal)?;
        qemu.wait_unless(|| interrupted.load(Ordering::Relaxed))
    }

    fn prepare_variables(&self, folder: &Path) -> Result<Firmware> {
        let mut firmware = if self.config.secure_boot {
            Firmware::find_secure()?
        } else {
            Firmware::find(self.config.arch)?
        };
        firmware.variables = match &self.variables {
            Some(store) => store.clone(),
            None => {
                let copy = folder.join("variables.fd");
                fs::copy(&firmware.variables, &copy).doing(|| "copy the variable store")?;
                copy
            }
        };
        Ok(firmware)
    }

    fn start_tpm(&self, folder: &Path) -> Result<Option<Process>> {
        let startup = tpm::Startup::Clear;
        self.config.tpm.then(|| tpm::start(folder, startup, self.lab.deadline())).transpose()
    }
}
