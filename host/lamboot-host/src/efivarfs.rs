// SPDX-License-Identifier: MIT OR Apache-2.0
//! UEFI variables on the kernel's efivarfs (Linux, `Documentation/filesystems/efivarfs.rst`).
//!
//! One file a variable, named `NAME-GUID`; it holds four bytes of attributes, little endian, and
//! the value. A write is one call with both. Most files are immutable until their flag is cleared.

use crate::efivars::{EfiVars, Stored, VarError};
use lamboot_schema::variables::VariableId;
use rustix::fs::{IFlags, ioctl_getflags, ioctl_setflags};
use rustix::io::Errno;
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

/// Where Linux mounts efivarfs.
pub const DEFAULT_DIRECTORY: &str = "/sys/firmware/efi/efivars";

/// The most bytes read of one variable; what LamBoot knows is far smaller.
const VALUE_MAX: u64 = 64 * 1024;
const ATTRIBUTES_SIZE: usize = 4;

/// Variables as files in a directory.
#[derive(Clone, Debug)]
pub struct Efivarfs {
    directory: PathBuf,
}

impl Efivarfs {
    /// Uses `directory`, which should exist.
    #[must_use]
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self { directory: directory.into() }
    }

    /// Whether there are variables at all: the directory exists and is not empty. Firmware other
    /// than UEFI leaves none, and so does a container.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.directory.read_dir().is_ok_and(|mut entries| entries.next().is_some())
    }

    fn path(&self, id: VariableId) -> PathBuf {
        self.directory.join(format!("{}-{}", id.name, id.vendor))
    }
}

impl EfiVars for Efivarfs {
    fn get(&self, id: VariableId) -> Result<Option<Stored>, VarError> {
        match read(&self.path(id)) {
            Ok(stored) => Ok(Some(stored)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(VarError::read(id, error)),
        }
    }

    fn set(&mut self, id: VariableId, bytes: &[u8]) -> Result<(), VarError> {
        let mut content = id.lifetime.attributes().to_le_bytes().to_vec();
        content.extend_from_slice(bytes);
        write(&self.path(id), &content).map_err(|error| VarError::write(id, error))
    }
}

fn read(path: &Path) -> io::Result<Stored> {
    let mut content = Vec::new();
    File::open(path)?.take(VALUE_MAX).read_to_end(&mut content)?;
    let Some((attributes, bytes)) = content.split_first_chunk::<ATTRIBUTES_SIZE>() else {
        return Err(io::Error::new(ErrorKind::InvalidData, "fewer than the four bytes of attributes"));
    };
    Ok(Stored { attributes: u32::from_le_bytes(*attributes), bytes: bytes.to_vec() })
}

/// One write call, because each one is a whole value to the firmware.
fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    let unlocked = Unlocked::new(path)?;
    let mut file = OpenOptions::new().write(true).create(true).truncate(false).open(path)?;
    let written = file.write(content)?;
    if written != content.len() {
        return Err(io::Error::new(ErrorKind::WriteZero, "only a part was taken"));
    }
    shorten(&file, content)?;
    drop(unlocked);
    Ok(())
}

/// On efivarfs the write has set the size; on any other file system the old end must go.
fn shorten(file: &File, content: &[u8]) -> io::Result<()> {
    let size = u64::try_from(content.len()).unwrap_or(u64::MAX);
    if file.metadata()?.len() > size { file.set_len(size) } else { Ok(()) }
}

/// A file whose immutable flag is cleared, and set again when this is dropped.
struct Unlocked(Option<(File, IFlags)>);

impl Unlocked {
    /// A file that does not exist, or whose file system has no flags, needs no unlocking.
    fn new(path: &Path) -> io::Result<Self> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Self(None)),
            Err(error) => return Err(error),
        };
        let flags = match ioctl_getflags(&file) {
            Ok(flags) => flags,
            Err(Errno::NOTTY | Errno::OPNOTSUPP | Errno::NOSYS) => return Ok(Self(None)),
            Err(error) => return Err(error.into()),
        };
        if !flags.contains(IFlags::IMMUTABLE) {
            return Ok(Self(None));
        }
        ioctl_setflags(&file, flags.difference(IFlags::IMMUTABLE))?;
        Ok(Self(Some((file, flags))))
    }
}

impl Drop for Unlocked {
    /// Best effort: the value is stored, and the kernel sets the flag again at the next boot.
    fn drop(&mut self) {
        if let Some((file, flags)) = &self.0 {
            let _ = ioctl_setflags(file, *flags);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lamboot_schema::variables::{HealthState, LOADER_INFO, STATE};

    fn store() -> (tempfile::TempDir, Efivarfs) {
        let directory = tempfile::tempdir().unwrap();
        let vars = Efivarfs::new(directory.path());
        (directory, vars)
    }

    #[test]
    fn a_variable_is_a_file_with_attributes_in_front() {
        let (directory, mut vars) = store();
        assert!(!vars.is_there());
        assert_eq!(vars.get(STATE.id).unwrap(), None);
        vars.set(STATE.id, &STATE.encode(&HealthState::BootedOk)).unwrap();
        let path = directory.path().join("LamBootState-4c414d42-4f4f-5400-0000-000000000001");
        assert_eq!(std::fs::read(path).unwrap(), [7, 0, 0, 0, 2]);
        assert_eq!(vars.get(STATE.id).unwrap(), Some(Stored { attributes: 7, bytes: vec![2] }));
        assert!(vars.is_there());
    }

    #[test]
    fn a_shorter_value_leaves_nothing_of_the_longer() {
        let (_directory, mut vars) = store();
        vars.set(LOADER_INFO.id, b"long value").unwrap();
        vars.set(LOADER_INFO.id, b"short").unwrap();
        let stored = vars.get(LOADER_INFO.id).unwrap().unwrap();
        assert_eq!(stored.bytes, b"short");
        assert!(stored.is_volatile());
    }

    #[test]
    fn a_file_without_attributes_is_an_error_with_the_name() {
        let (directory, vars) = store();
        std::fs::write(directory.path().join(format!("LamBootState-{}", STATE.id.vendor)), [7, 0]).unwrap();
        let error = vars.get(STATE.id).unwrap_err();
        assert!(error.to_string().starts_with("LamBootState cannot be read: "), "{error}");
    }

    #[test]
    fn a_directory_that_is_not_there_cannot_be_written_to() {
        let mut vars = Efivarfs::new("/nonexistent/efivars");
        assert!(!vars.is_there());
        assert!(vars.set(STATE.id, &[2]).is_err());
    }
}
