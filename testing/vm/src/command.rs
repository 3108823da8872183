// SPDX-License-Identifier: MIT OR Apache-2.0
//! QEMU's command line.

use std::{ffi::OsString, path::Path};

use crate::{
    Acceleration, Arch, Firmware,
    machine::{Config, Content, DiskBus, Drive, PointingDevice, Vga},
    tpm,
};

/// The I/O port whose writes end QEMU with `2 * value + 1`.
const EXIT_PORT: &str = "isa-debug-exit,iobase=0x501,iosize=4";

/// Where the serial port leads.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Console {
    /// The pipes `serial.in` and `serial.out` in the machine's folder.
    Pipes,
    /// The terminal of the person at the keyboard.
    Terminal,
}

/// All arguments; file names are relative to the machine's folder where that is possible.
pub(crate) fn arguments(config: &Config, firmware: &Firmware, console: Console) -> Vec<OsString> {
    let mut line = Line::default();
    line.add("-nodefaults -no-user-config -nic none");
    line.add(machine_type(config));
    if config.secure_boot {
        // Only system management mode may write variables; the firmware demands it.
        line.add("-machine smm=on -global driver=cfi.pflash01,property=secure,value=on");
    }
    line.add(&format!("-m {}", config.memory_mib));
    line.add(&format!("-smp {}", config.processors));
    // Named, because without its window QEMU would quietly open a VNC server instead.
    line.add(if config.window { "-display gtk" } else { "-display none" });
    line.option(
        "-drive",
        &format!("if=pflash,unit=0,format=raw,readonly=on,file={}", escaped(&firmware.code)),
    );
    line.option("-drive", &format!("if=pflash,unit=1,format=raw,file={}", escaped(&firmware.variables)));
    config.drives.iter().enumerate().for_each(|(number, drive)| add_drive(&mut line, number, drive));
    add_devices(&mut line, config);
    add_consoles(&mut line, config, console);
    line.arguments
}

fn machine_type(config: &Config) -> &'static str {
    match (config.arch, config.acceleration) {
        (Arch::X86_64, Acceleration::Emulated) => "-machine q35 -accel tcg",
        (Arch::X86_64, Acceleration::HardwareIfAvailable) => "-machine q35 -accel kvm -cpu host",
        (Arch::X86_64, Acceleration::CountedInstructions) => {
            "-machine q35 -accel tcg -icount shift=0,sleep=off"
        }
        (Arch::Aarch64, Acceleration::Emulated) => "-machine virt -accel tcg -cpu cortex-a57",
        (Arch::Aarch64, Acceleration::HardwareIfAvailable) => "-machine virt -accel kvm -cpu host",
        (Arch::Aarch64, Acceleration::CountedInstructions) => {
            "-machine virt -accel tcg -cpu cortex-a57 -icount shift=0,sleep=off"
        }
    }
}

fn add_drive(line: &mut Line, number: usize, drive: &Drive) {
    let Drive { content, bus, sector_bytes, read_only, scratch, listed, .. } = drive;
    let access = match (read_only, scratch) {
        (true, _) => ",readonly=on",
        (false, true) => ",snapshot=on",
        (false, false) => "",
    };
    let source = match content {
        Content::File(path) => format!("format=raw,cache=unsafe{access},file={}", escaped(path)),
        Content::Zeros { latency } => {
            let (size, latency) = (drive.size_bytes, latency.as_nanos());
            format!("driver=null-co,size={size},latency-ns={latency},read-zeroes=on")
        }
    };
    line.option("-drive", &format!("if=none,id=disk{number},{source}"));
    let device = match bus {
        DiskBus::Virtio => "virtio-blk-pci",
        DiskBus::Nvme => "nvme",
        DiskBus::Sata => "ide-hd",
    };
    let serial = if *bus == DiskBus::Nvme { format!(",serial=LAMBOOT{number}") } else { String::new() };
    // Index 0 belongs to the launcher of a saved state.
    let index = if *listed { format!(",bootindex={}", number + 1) } else { String::new() };
    let sectors = match sector_bytes {
        512 => String::new(),
        bytes => format!(",logical_block_size={bytes},physical_block_size={bytes}"),
    };
    line.option("-device", &format!("{device},drive=disk{number}{index}{serial}{sectors}"));
}

fn add_devices(line: &mut Line, config: &Config) {
    if config.arch == Arch::X86_64 {
        line.option("-device", EXIT_PORT);
        line.option("-debugcon", "file:debugcon.log");
    }
    if config.arch == Arch::Aarch64 {
        line.add("-boot menu=on,splash-time=0");
    }
    if config.tpm {
        let device = if config.arch == Arch::X86_64 { "tpm-crb" } else { "tpm-tis-device" };
        line.option("-chardev", &format!("socket,id=tpm,path={}", tpm::SOCKET));
        line.add(&format!("-tpmdev emulator,id=tpm0,chardev=tpm -device {device},tpmdev=tpm0"));
    }
    if config.entropy {
        line.add("-device virtio-rng-pci");
    }
    if let Some(id) = config.generation_id {
        line.option("-device", &format!("vmgenid,guid={id}"));
    }
    if let Some(vga) = config.vga {
        line.option("-device", &graphics_card(config.arch, vga));
    }
    add_usb(line, config);
    if config.no_reboot {
        line.add("-no-reboot");
    }
}

/// `virt` has a frame buffer alone, whose size the firmware chooses.
fn graphics_card(arch: Arch, vga: Vga) -> String {
    match (arch, vga.size) {
        (Arch::X86_64, Some((width, height))) => format!("VGA,edid=on,xres={width},yres={height}"),
        (Arch::X86_64, None) => "VGA".into(),
        (Arch::Aarch64, _) => "ramfb".into(),
    }
}

/// A controller with what is plugged into it; `virt` has no keyboard of its own.
fn add_usb(line: &mut Line, config: &Config) {
    let keyboard = config.usb_keyboard || (config.vga.is_some() && config.arch == Arch::Aarch64);
    let keyboard = keyboard.then_some("usb-kbd");
    let pointing = config.pointing.map(|device| match device {
        PointingDevice::Tablet => "usb-tablet",
        PointingDevice::Mouse => "usb-mouse",
    });
    let devices = [keyboard, pointing];
    if devices.iter().any(Option::is_some) {
        line.add("-device qemu-xhci");
    }
    devices.into_iter().flatten().for_each(|device| line.option("-device", device));
}

fn add_consoles(line: &mut Line, _config: &Config, console: Console) {
    match console {
        Console::Pipes => line.add("-chardev pipe,id=serial,path=serial"),
        Console::Terminal => line.add("-chardev stdio,id=serial,signal=on"),
    }
    line.add("-serial chardev:serial");
    line.add("-qmp unix:qmp.socket,server=on,wait=off");
}

/// A file name within an option: QEMU takes a comma for the option's end unless it is doubled.
pub(crate) fn escaped(path: &Path) -> String {
    path.display().to_string().replace(',', ",,")
}

/// Arguments in the making.
#[derive(Default)]
struct Line {
    arguments: Vec<OsString>,
}

impl Line {
    /// Adds arguments that are separated by spaces.
    fn add(&mut self, words: &str) {
        self.arguments.extend(words.split(' ').map(OsString::from));
    }

    /// Adds an option whose value may hold spaces.
    fn option(&mut self, name: &str, value: &str) {
        self.arguments.extend([name.into(), value.into()]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comma_in_a_path_is_doubled() {
        assert_eq!(escaped(Path::new("/tmp/a,b")), "/tmp/a,,b");
    }
}
