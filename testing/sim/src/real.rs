// SPDX-License-Identifier: MIT OR Apache-2.0
//! A volume with a real file system, which LamBoot's own readers read from its image.

use crate::reads::Reads;
use lamboot_core::error::{ErrorKind, PortResult};
use lamboot_core::own_reader::OwnReader;
use lamboot_core::ports::FileKind;
use lamboot_core::source::Source;
use lamboot_fs::Device;
use lamboot_packed::Image;
use read_at::{OutOfRange, ReadAt};
use std::rc::Rc;

/// The disk under the volume: each of its requests is a read of the machine.
struct Disk {
    image: Rc<Image>,
    reads: Rc<Reads>,
}

impl ReadAt for Disk {
    type Error = OutOfRange;

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> Result<(), OutOfRange> {
        let end = offset.checked_add(buffer.len() as u64);
        if !self.reads.next() || end.is_none_or(|end| end > self.image.size()) {
            return Err(OutOfRange);
        }
        buffer.copy_from_slice(&self.image.get(offset, buffer.len()));
        Ok(())
    }
}

/// The volume on this image, or why it cannot be read.
pub(crate) fn open(image: &Rc<Image>, reads: &Rc<Reads>) -> PortResult<OwnReader> {
    let disk = Disk { image: Rc::clone(image), reads: Rc::clone(reads) };
    let device = Device::new(disk, image.size()).map_err(|_| ErrorKind::Device)?;
    let volume = lamboot_fs::assemble(vec![device]).pop().ok_or(ErrorKind::Unsupported)?;
    OwnReader::of(volume.system)
}

/// At most `length` bytes of a file from `offset` on.
pub(crate) fn part(own: &OwnReader, path: &str, offset: u64, length: u64) -> PortResult<Vec<u8>> {
    let rest = size(own, path)?.saturating_sub(offset).min(length);
    let mut bytes = vec![0; rest as usize];
    own.fill(path, offset, &mut bytes)?;
    Ok(bytes)
}

/// A whole file of at most `limit` bytes.
pub(crate) fn whole(own: &OwnReader, path: &str, limit: usize) -> PortResult<Vec<u8>> {
    let size = size(own, path)?;
    if size > limit as u64 { Err(ErrorKind::TooLarge.into()) } else { part(own, path, 0, size) }
}

/// The bytes of an image or initrd.
pub(crate) fn content(own: &OwnReader, source: Source<'_>) -> PortResult<Vec<u8>> {
    let path = source.file_path();
    let (extents, _) = source.extents(size(own, path)?)?;
    let parts = extents.iter().map(|extent| part(own, path, extent.offset, extent.length));
    Ok(parts.collect::<PortResult<Vec<_>>>()?.concat())
}

fn size(own: &OwnReader, path: &str) -> PortResult<u64> {
    let metadata = own.metadata(path)?;
    if metadata.kind == FileKind::File { Ok(metadata.size) } else { Err(ErrorKind::IsDirectory.into()) }
}
