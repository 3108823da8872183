// SPDX-License-Identifier: MIT OR Apache-2.0
//! The ports of a boot on UEFI firmware: everything that `lamboot-core` asks of a machine, and
//! nothing that decides.
//!
//! Start reading at [`Firmware::new`]; each port then has its own file:
//!
//! | port | file | what it stands on |
//! |---|---|---|
//! | `Machine` | `machine` | `smbios`, `hypervisor`, `fw_cfg`, `entropy` |
//! | `Variables` | `variables` | UEFI 2.10, section 8.2 |
//! | `Volumes` | `volumes`, `volume` | `driven`, `native`; `file`, `path`, `medium`, `block`, `fat` |
//! | `EspStore` | `store` | `file`, `path` |
//! | `Tpm` | `tpm` | TCG EFI Protocol |
//! | `Screen` | `screen` | `console` |
//! | `Canvas` | `canvas` | UEFI 2.10, section 12.9 |
//! | `Keys` | `keys` | UEFI 2.10, sections 12.2 and 12.3; `pointers`, `event` |
//! | `Clock` | `clock` | `cpu`, `acpi` |
//! | `Launcher` | `launcher` | `memory`, `content`, `initrd` |
//! | `Tables` | `tables` | UEFI 2.10, section 4.6 |
//!
//! This is the only crate of the loader with unsafe code: each operation stands alone, below the
//! rule that it relies on. Parsers of what firmware or a hypervisor wrote are safe code on byte
//! slices, and their tests run on any host.
//!
//! # What this does not do
//!
//! It takes no decision, knows no policy, draws nothing before it is told to, opens no device
//! exclusively, and disconnects no driver. Storage that firmware left without drivers is connected, and nothing
//! else but USB mice and tablets that no driver manages, while a menu is shown.
#![cfg_attr(not(test), no_std)]

extern crate alloc;

#[cfg(target_arch = "x86_64")]
mod acpi;
mod bitlocker;
mod block;
mod bytes;
mod canvas;
mod clock;
mod console;
mod content;
mod cpu;
mod driven;
mod entropy;
mod esrt;
mod event;
#[cfg(test)]
mod fake_file;
mod fat;
mod file;
mod file_info;
#[cfg(target_arch = "x86_64")]
mod fw_cfg;
#[cfg(target_arch = "x86_64")]
mod hypervisor;
mod initrd;
mod keys;
mod launcher;
mod machine;
mod medium;
mod memory;
mod own_volumes;
mod path;
mod pointers;
pub mod power;
mod screen;
mod secret;
mod services;
mod smbios;
pub mod status;
mod storage;
mod store;
mod tables;
mod tpm;
mod variables;
mod volume;
mod volumes;

use alloc::rc::Rc;
use lamboot_core::ports::Ports;

/// All ports on this machine's firmware.
pub struct Firmware {
    machine: machine::FirmwareMachine,
    variables: variables::FirmwareVariables,
    volumes: volumes::FirmwareVolumes,
    store: store::FirmwareStore,
    tpm: tpm::FirmwareTpm,
    screen: screen::FirmwareScreen,
    canvas: canvas::FirmwareCanvas,
    keys: keys::FirmwareKeys,
    clock: clock::FirmwareClock,
    launcher: launcher::FirmwareLauncher,
    tables: tables::FirmwareTables,
}

impl Firmware {
    /// Opens the ESP and starts the clock; the first thing that the loader does.
    ///
    /// A machine on which something of this fails still gets its ports: they say so when they are
    /// asked.
    #[must_use]
    #[allow(clippy::new_without_default, reason = "this has effects, and there is one firmware")]
    pub fn new() -> Self {
        let entry = cpu::ticks();
        let clock = Rc::new(clock::TimeBase::start(entry));
        let volumes = volumes::VolumeTable::open();
        let canvas_open = canvas::Shared::default();
        Self {
            machine: machine::FirmwareMachine { clock: clock.clone() },
            variables: variables::FirmwareVariables,
            volumes: volumes::FirmwareVolumes { volumes: volumes.clone() },
            store: store::FirmwareStore { volumes: volumes.clone() },
            tpm: tpm::FirmwareTpm::default(),
            screen: screen::FirmwareScreen::new(canvas_open.clone()),
            canvas: canvas::FirmwareCanvas::new(canvas_open.clone()),
            keys: keys::FirmwareKeys::new(clock.clone(), canvas_open.clone()),
            clock: clock::FirmwareClock { base: clock },
            launcher: launcher::FirmwareLauncher::new(volumes),
            tables: tables::FirmwareTables::default(),
        }
    }

    /// The ports, for one session.
    pub fn ports(&mut self) -> Ports<'_> {
        Ports {
            machine: &mut self.machine,
            variables: &mut self.variables,
            volumes: &mut self.volumes,
            store: &mut self.store,
            tpm: &mut self.tpm,
            screen: &mut self.screen,
            canvas: &mut self.canvas,
            keys: &mut self.keys,
            clock: &mut self.clock,
            launcher: &mut self.launcher,
            tables: &mut self.tables,
        }
    }
}
