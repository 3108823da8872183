// SPDX-License-Identifier: MIT OR Apache-2.0
//! Reads the largest disk request by request, and with several requests under way, and reports how fast each
//! was (`EFI_BLOCK_IO_PROTOCOL` and `EFI_BLOCK_IO2_PROTOCOL`, UEFI 2.10, sections 13.9 and 13.10).

use alloc::vec::Vec;
use core::{ffi::c_void, ptr::NonNull, time::Duration};

use uefi::{
    Handle, Result, Status, StatusExt,
    boot::{self, AllocateType, EventType, Tpl},
    mem::memory_map::MemoryType,
    proto::{media::block::BlockIO, unsafe_protocol},
};
use uefi_raw::protocol::block::{BlockIo2Protocol, BlockIo2Token, BlockIoProtocol};

use crate::{clock, exit, protocols, say};

/// How much each way reads, from the start of the disk.
const TOTAL: usize = 64 << 20;
/// Bytes of a request.
const REQUESTS: [usize; 6] = [128 << 10, 1 << 20, 8 << 20, 16 << 20, 32 << 20, TOTAL];
/// How many requests are under way at a time.
const DEPTHS: [usize; 4] = [1, 2, 4, 8];
/// How long the counter is compared with the firmware's clock.
const CALIBRATION: Duration = Duration::from_millis(200);

/// Block I/O as the firmware has it.
#[repr(transparent)]
#[unsafe_protocol(BlockIoProtocol::GUID)]
struct RawBlockIo(BlockIoProtocol);

/// Block I/O 2 as the firmware has it.
#[repr(transparent)]
#[unsafe_protocol(BlockIo2Protocol::GUID)]
struct RawBlockIo2(BlockIo2Protocol);

/// Reads in every way, reports, and ends the machine.
pub fn run() -> Status {
    let _no_limit = boot::set_watchdog_timer(0, 0x10000, None);
    protocols::connect_everything();
    match measure() {
        Ok(()) => {
            say!("DISK: done");
            exit::machine(exit::DONE)
        }
        Err(error) => {
            say!("DISK: cannot measure: {:?}", error.status());
            exit::machine(exit::FAILED)
        }
    }
}

fn measure() -> Result {
    let disk = largest()?;
    let pages = boot::allocate_pages(AllocateType::AnyPages, MemoryType::LOADER_DATA, TOTAL / 4096)?;
    let ticks = ticks_a_second();
    for request in REQUESTS {
        let took = timed(|| one_by_one(disk, pages, request))?;
        report("block-io", request, 1, took, ticks);
    }
    let Ok(second) = protocols::open::<RawBlockIo2>(disk) else {
        say!("DISK: no block-io2");
        return Ok(());
    };
    drop(second);
    for request in REQUESTS {
        for depth in DEPTHS.into_iter().filter(|depth| depth * request <= TOTAL) {
            let took = timed(|| overlapped(disk, pages, request, depth))?;
            report("block-io2", request, depth, took, ticks);
        }
    }
    Ok(())
}

/// The largest disk that is no partition.
fn largest() -> Result<Handle> {
    let disks = boot::find_handles::<BlockIO>()?.into_iter().filter_map(|handle| {
        let disk = protocols::open::<BlockIO>(handle).ok()?;
        let media = disk.media();
        (media.is_media_present() && !media.is_logical_partition()).then(|| (media.last_block(), handle))
    });
    disks.max_by_key(|&(size, _)| size).map(|(_, handle)| handle).ok_or(Status::NO_MEDIA.into())
}

fn ticks_a_second() -> u64 {
    let start = clock::now();
    boot::stall(CALIBRATION);
    (clock::now() - start) * 1000 / CALIBRATION.as_millis() as u64
}

fn timed(read: impl FnOnce() -> Result) -> Result<u64> {
    let start = clock::now();
    read()?;
    Ok(clock::now() - start)
}

fn report(way: &str, request: usize, depth: usize, took: u64, ticks: u64) {
    let micros = u128::from(took) * 1_000_000 / u128::from(ticks);
    say!("DISK: {way} request {request} depth {depth} micros {micros}");
}

fn one_by_one(disk: Handle, to: NonNull<u8>, request: usize) -> Result {
    let disk = protocols::open::<RawBlockIo>(disk)?;
    // SAFETY: the protocol's media description lives as long as the protocol.
    let media = unsafe { *disk.0.media };
    for (number, place) in (0..TOTAL).step_by(request).enumerate() {
        let lba = (number * request / media.block_size as usize) as u64;
        // SAFETY: `place` is inside of the buffer, which has room for the request from there.
        let to = unsafe { to.add(place) };
        // SAFETY: section 13.9.3; the buffer is of whole sectors.
        unsafe { (disk.0.read_blocks)(&raw const disk.0, media.media_id, lba, request, to.as_ptr().cast()) }
            .to_result()?;
    }
    Ok(())
}

/// Keeps `depth` requests under way until all has been read.
fn overlapped(disk: Handle, to: NonNull<u8>, request: usize, depth: usize) -> Result {
    let disk = protocols::open::<RawBlockIo2>(disk)?;
    // SAFETY: the protocol's media description lives as long as the protocol.
    let media = unsafe { *disk.0.media };
    let mut tokens = (0..depth).map(|_| token()).collect::<Result<Vec<_>>>()?;
    let places: Vec<usize> = (0..TOTAL).step_by(request).collect();
    for (number, &place) in places.iter().enumerate() {
        let token = &mut tokens[number % depth];
        if number >= depth {
            wait(token)?;
        }
        let lba = (place / media.block_size as usize) as u64;
        // SAFETY: as in `one_by_one`.
        let to: *mut c_void = unsafe { to.add(place) }.as_ptr().cast();
        // SAFETY: section 13.10.3; buffer and token stay until the event was signalled.
        unsafe { (disk.0.read_blocks_ex)(&raw const disk.0, media.media_id, lba, token, request, to) }
            .to_result()?;
    }
    let open = depth.min(places.len());
    tokens.iter_mut().take(open).try_for_each(wait)?;
    tokens.into_iter().try_for_each(close)
}

fn token() -> Result<BlockIo2Token> {
    // SAFETY: an event without a notification.
    let event = unsafe { boot::create_event(EventType::empty(), Tpl::APPLICATION, None, None) }?;
    Ok(BlockIo2Token { event: event.as_ptr(), transaction_status: Status::NOT_READY })
}

/// Polls, as firmware's own wrappers do: waiting idly would measure the timer.
fn wait(token: &mut BlockIo2Token) -> Result {
    // SAFETY: the event was made by `token`.
    let event = unsafe { uefi::Event::from_ptr(token.event) }.ok_or(Status::INVALID_PARAMETER)?;
    while !boot::check_event(&event)? {}
    token.transaction_status.to_result()
}

fn close(token: BlockIo2Token) -> Result {
    // SAFETY: the event was made by `token`, and is used no more.
    let event = unsafe { uefi::Event::from_ptr(token.event) }.ok_or(Status::INVALID_PARAMETER)?;
    boot::close_event(event)
}
