// SPDX-License-Identifier: MIT OR Apache-2.0
//! The only writer: files on the ESP.
//!
//! Nothing is given up before its replacement fits: a file grows before its content changes, and
//! shrinks afterwards, so a full volume leaves the old content alone.

use crate::driven::Driven;
use crate::file::File;
use crate::path::{firmware_path, parents, sibling};
use crate::status;
use crate::volumes::SharedVolumes;
use alloc::vec::Vec;
use lamboot_core::error::{ErrorKind, PortError, PortResult};
use lamboot_core::ports::{EspStore, FileKind, Metadata, VolumeId};
use uefi::{CString16, Status};

/// [`EspStore`] on firmware.
pub(crate) struct FirmwareStore {
    pub(crate) volumes: SharedVolumes,
}

impl FirmwareStore {
    fn esp(&self) -> PortResult<&Driven> {
        self.volumes.esp()?.driver()
    }
}

impl EspStore for FirmwareStore {
    fn replace(&mut self, path: &str, bytes: &[u8]) -> PortResult<()> {
        let esp = self.esp()?;
        let Some((file, size)) = open_existing(esp, path)? else {
            return write_new(esp, path, bytes).map(drop);
        };
        overwrite(&file, size, bytes).map_err(write_error)?;
        file.flush().map_err(write_error)
    }

    fn append(&mut self, path: &str, lines: &[u8]) -> PortResult<u64> {
        let esp = self.esp()?;
        let Some((file, size)) = open_existing(esp, path)? else {
            return write_new(esp, path, lines);
        };
        let mut addition = Vec::with_capacity(lines.len().saturating_add(1));
        if ends_within_a_line(&file, size).map_err(status::error)? {
            addition.push(b'\n');
        }
        addition.extend_from_slice(lines);
        let written = file.seek(u64::MAX).and_then(|()| file.write_all(&addition));
        if let Err(why) = written {
            // A half-written record helps nobody; if it cannot be removed, readers skip it.
            let _ = resize(&file, size);
            return Err(write_error(why));
        }
        file.flush().map_err(write_error)?;
        Ok(size.saturating_add(addition.len() as u64))
    }

    fn rename(&mut self, id: VolumeId, path: &str, new_name: &str) -> PortResult<()> {
        let volume = self.volumes.volume(id)?;
        let esp = volume.driver()?;
        if let Ok(other) = esp.open_path(&sibling(path, new_name)) {
            drop(other);
            return Err(ErrorKind::AlreadyExists.into());
        }
        let Some((file, _)) = open_existing(esp, path)? else {
            return Err(ErrorKind::NotFound.into());
        };
        let mut info = file.info().map_err(status::error)?;
        info.set_name(new_name).ok_or(ErrorKind::TooLarge)?;
        file.set_info(&info).map_err(write_error)?;
        file.flush().map_err(write_error)
    }
}

/// Opens a file to write to it, and tells its size; `None` when there is no such file.
fn open_existing(esp: &Driven, path: &str) -> PortResult<Option<(File, u64)>> {
    let name = firmware_path(path).map_err(status::open_error)?;
    match esp.root().open_writable(&name) {
        Ok(file) => {
            let Metadata { kind, size, .. } = file.metadata().map_err(status::error)?;
            match kind {
                FileKind::File => Ok(Some((file, size))),
                FileKind::Directory => Err(ErrorKind::IsDirectory.into()),
            }
        }
        Err(Status::NOT_FOUND) => Ok(None),
        Err(why) => Err(why_not_writable(esp, path, why)),
    }
}

/// Firmware refuses to open a protected file for writing with the same status as a directory.
fn why_not_writable(esp: &Driven, path: &str, why: Status) -> PortError {
    let metadata = esp.open_path(path).ok().and_then(|file| file.info().ok());
    match metadata.map(|info| info.metadata()) {
        Some(Metadata { kind: FileKind::Directory, .. }) => ErrorKind::IsDirectory.into(),
        Some(Metadata { read_only: true, .. }) => status::error_as(ErrorKind::ReadOnly, why),
        _ => write_error(why),
    }
}

/// Whether a power cut tore the last line of a file of `size` bytes.
fn ends_within_a_line(file: &File, size: u64) -> Result<bool, Status> {
    let Some(last) = size.checked_sub(1) else { return Ok(false) };
    let mut byte = [0];
    file.read_exact(last, &mut byte)?;
    Ok(byte != [b'\n'])
}

/// Firmware without access to a volume says `ACCESS_DENIED` where it means write protection.
fn write_error(why: Status) -> PortError {
    match why {
        Status::ACCESS_DENIED => status::error_as(ErrorKind::ReadOnly, why),
        Status::OUT_OF_RESOURCES => status::error_as(ErrorKind::Full, why),
        _ => status::open_error(why),
    }
}

/// Makes the content of an open file of `size` bytes exactly `bytes`.
fn overwrite(file: &File, size: u64, bytes: &[u8]) -> Result<(), Status> {
    let wanted = bytes.len() as u64;
    if wanted > size {
        grow(file, wanted)?;
    }
    file.seek(0)?;
    file.write_all(bytes)?;
    if wanted < size { resize(file, wanted) } else { Ok(()) }
}

/// Reserves the room. Firmware that cannot do so by itself reserves it while writing.
fn grow(file: &File, size: u64) -> Result<(), Status> {
    match resize(file, size) {
        Err(Status::UNSUPPORTED | Status::INVALID_PARAMETER) => Ok(()),
        result => result,
    }
}

fn resize(file: &File, size: u64) -> Result<(), Status> {
    let mut info = file.info()?;
    info.set_size(size);
    file.set_info(&info)
}

/// Writes a new file with its directories; its size. What does not fit leaves no file behind.
fn write_new(esp: &Driven, path: &str, bytes: &[u8]) -> PortResult<u64> {
    let name = firmware_path(path).map_err(status::open_error)?;
    let file = create(esp, path, &name).map_err(write_error)?;
    if let Err(why) = file.write_all(bytes).and_then(|()| file.flush()) {
        let _ = file.delete();
        return Err(write_error(why));
    }
    Ok(bytes.len() as u64)
}

fn create(esp: &Driven, path: &str, name: &CString16) -> Result<File, Status> {
    match esp.root().create(name) {
        Err(Status::NOT_FOUND) => {
            for directory in parents(path) {
                esp.root().create_directory(&firmware_path(directory)?)?;
            }
            esp.root().create(name)
        }
        result => result,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake_file;

    #[test]
    fn a_torn_line_is_noticed() {
        for (content, torn) in [(&b""[..], false), (b"\n", false), (b"whole\n", false), (b"a\nto", true)] {
            let file = fake_file::with(content);
            assert_eq!(ends_within_a_line(&file, content.len() as u64), Ok(torn), "{content:?}");
        }
    }
}
