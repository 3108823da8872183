// SPDX-License-Identifier: MIT OR Apache-2.0
//! Starts a boot loader from a disk in memory and reports what it cost until `ExitBootServices`.
//!
//! The disk is copied into memory first, and taken from its driver, so that no device is waited for in
//! the measured stretch and every loader finds exactly one disk. Lines on the debug port tell the result;
//! numbers are decimal, and without a picture its line is missing:
//!
//! ```text
//! BENCH: start <counter>
//! BENCH: image <counter>
//! BENCH: picture <counter> blocks <blocks> pixels <pixels>
//! BENCH: exit <counter> reads <requests> <bytes> writes <requests> <bytes>
//! ```

use core::{
    ffi::c_void,
    fmt::{self, Write},
    mem,
    ptr::NonNull,
    time::Duration,
};

use uefi::{
    CString16, Event, Handle, Result, ResultExt, Status, boot,
    boot::{EventType, TimerTrigger, Tpl},
    proto::{media::block::BlockIO, media::fs::SimpleFileSystem, unsafe_protocol},
};

use crate::{
    clock, console, drawing, exit,
    memory_disk::MemoryDisk,
    plan::{self, Step},
    port, program, protocols, say,
    volume::{self, REMOVABLE},
};

/// PCI I/O (UEFI 2.10, section 14.4): never called, only held.
#[repr(C)]
#[unsafe_protocol("4cf5b200-68b8-4ca5-9eec-b23e3f50029a")]
struct PciIo([u8; 0]);

/// Waits for a key, then measures the plan's program. It comes back only if the program does.
pub fn run() -> Status {
    let _no_limit = boot::set_watchdog_timer(0, 0x10000, None);
    say!("LAUNCHER: ready");
    let _any_key_will_do = console::wait_for_key();
    match measure() {
        Ok(status) => {
            say!("LAUNCHER: returned {status:?}");
            exit::machine(exit::RETURNED)
        }
        Err(error) => {
            say!("LAUNCHER: cannot measure: {:?}", error.status());
            exit::machine(exit::FAILED)
        }
    }
}

fn measure() -> Result<Status> {
    protocols::connect_everything();
    let disk = move_disk_into_memory()?;
    let device = disk.publish()?;
    boot::connect_controller(device, &[], None, true)?;
    let (_, plan) = volume::find().ok_or(Status::NOT_FOUND)?;
    // What reading the plan left in the file system driver's caches goes with the driver.
    boot::disconnect_controller(device, None, None)?;
    boot::connect_controller(device, &[], None, true)?;
    let volume = volume_on_disk().ok_or(Status::NOT_FOUND)?;
    report_at_exit(disk)?;
    wait_for_tick()?;
    start(disk, volume, &plan)
}

/// The largest disk, copied; no driver can take the real one afterwards.
fn move_disk_into_memory() -> Result<&'static MemoryDisk> {
    let disks = boot::find_handles::<BlockIO>()?;
    let whole = disks.into_iter().filter_map(|handle| {
        let disk = protocols::open::<BlockIO>(handle).ok()?;
        let media = disk.media();
        let usable = media.is_media_present() && !media.is_logical_partition();
        usable.then(|| (media.last_block(), handle))
    });
    let (_, handle) = whole.max_by_key(|&(size, _)| size).ok_or(Status::NO_MEDIA)?;
    let copy = MemoryDisk::copy_of(&mut *protocols::open::<BlockIO>(handle)?)?;
    boot::disconnect_controller(handle, None, None)?;
    mem::forget(boot::open_protocol_exclusive::<PciIo>(handle)?);
    Ok(copy)
}

/// The volume of the only disk. The one that the launcher itself came from has no blocks.
fn volume_on_disk() -> Option<Handle> {
    let volumes = boot::find_handles::<SimpleFileSystem>().ok()?;
    volumes.into_iter().find(|&volume| protocols::open::<BlockIO>(volume).is_ok())
}

/// Begins right after a tick of the firmware's timer: who waits for a later one waits the same in every run.
fn wait_for_tick() -> Result {
    // SAFETY: an event without a notification.
    let timer = unsafe { boot::create_event(EventType::TIMER, Tpl::APPLICATION, None, None) }?;
    boot::set_timer(&timer, TimerTrigger::Relative(Duration::from_millis(1)))?;
    boot::wait_for_event(&[timer]).discard_errdata().map(drop)
}

fn report_at_exit(disk: &'static MemoryDisk) -> Result {
    let context = NonNull::from(disk).cast();
    // SAFETY: the notification is called once, with the context that it expects.
    let event = unsafe {
        boot::create_event(EventType::SIGNAL_EXIT_BOOT_SERVICES, Tpl::NOTIFY, Some(at_exit), Some(context))
    };
    event.map(drop)
}

fn start(disk: &MemoryDisk, volume: Handle, plan: &str) -> Result<Status> {
    let (path, options) = program_of(plan);
    disk.reads.reset();
    disk.writes.reset();
    report(format_args!("start {}", clock::now()));
    let image = program::load(volume, path)?;
    if let Some(options) = &options {
        program::set_options(image, options)?;
    }
    drawing::watch();
    report(format_args!("image {}", clock::now()));
    Ok(boot::start_image(image).status())
}

fn program_of(plan: &str) -> (&str, Option<CString16>) {
    let mut program = (REMOVABLE, None);
    for step in plan::steps(plan) {
        match step {
            Step::Program(path) => program.0 = path,
            Step::Options(text) => program.1 = CString16::try_from(text).ok(),
            other => say!("LAUNCHER: the plan has a step that does not belong in a measurement: {other:?}"),
        }
    }
    program
}

unsafe extern "efiapi" fn at_exit(_event: Event, context: Option<NonNull<c_void>>) {
    let now = clock::now();
    let Some(disk) = context else { return };
    if let Some(drawing::Picture { complete, blocks, pixels }) = drawing::first_picture() {
        report(format_args!("picture {complete} blocks {blocks} pixels {pixels}"));
    }
    // SAFETY: the context is the disk that `report_at_exit` was given, which is never freed.
    let MemoryDisk { reads, writes, .. } = unsafe { disk.cast::<MemoryDisk>().as_ref() };
    let numbers = [&reads.requests, &reads.bytes, &writes.requests, &writes.bytes];
    let [read_requests, read_bytes, write_requests, write_bytes] = numbers.map(core::cell::Cell::get);
    report(format_args!(
        "exit {now} reads {read_requests} {read_bytes} writes {write_requests} {write_bytes}"
    ));
}

/// One line on the debug port alone: a console's cost would be measured too.
fn report(line: fmt::Arguments<'_>) {
    let _the_port_takes_everything = writeln!(DebugPort, "BENCH: {line}");
}

struct DebugPort;

impl Write for DebugPort {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.bytes().for_each(port::debug);
        Ok(())
    }
}
