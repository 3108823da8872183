// SPDX-License-Identifier: MIT OR Apache-2.0
//! The border: every way in which a session touches the machine.
//!
//! Each port has three implementations: firmware, simulator, and a fault layer that wraps the
//! simulator. No port decides anything. Paths are absolute, with backslashes, from the root of the
//! volume they belong to. Errors are [`crate::error::PortError`]s; no method panics or waits without bound.

use crate::error::PortResult;
use crate::facts::Facts;
use crate::frame::{Frame, Size};
use alloc::string::String;
use alloc::vec::Vec;
use lamboot_schema::time::WallTime;
use lamboot_schema::variables::VariableId;

/// All ports of a session.
pub struct Ports<'p> {
    /// The machine as a whole.
    pub machine: &'p mut dyn Machine,
    /// UEFI variables.
    pub variables: &'p mut dyn Variables,
    /// Files to read.
    pub volumes: &'p mut dyn Volumes,
    /// Files to write.
    pub store: &'p mut dyn EspStore,
    /// The TPM.
    pub tpm: &'p mut dyn Tpm,
    /// Where the owner reads.
    pub screen: &'p mut dyn Screen,
    /// Where the owner answers.
    pub keys: &'p mut dyn Keys,
    /// Time.
    pub clock: &'p mut dyn Clock,
    /// Starting images.
    pub launcher: &'p mut dyn Launcher,
}

/// The machine as a whole.
pub trait Machine {
    /// What machine this is. Called once.
    fn facts(&mut self) -> Facts;

    /// Resets the machine unless this is called again within `seconds`; `None` disarms.
    ///
    /// Best effort: firmware without a watchdog is not an error.
    fn watchdog(&mut self, seconds: Option<u16>);
}

/// UEFI variables, as bytes. [`crate::variables`] puts types on top.
pub trait Variables {
    /// The variable's bytes, `None` when it does not exist. Values over 4 KiB are refused.
    ///
    /// # Errors
    ///
    /// **Device**: the variable store failed.
    fn get(&mut self, id: VariableId) -> PortResult<Option<Vec<u8>>>;

    /// Creates or overwrites the variable with its id's attributes. A variable that exists with
    /// other attributes is deleted first.
    ///
    /// # Errors
    ///
    /// **Device**: the store is full or failed. **Refused**: it is write-protected.
    fn set(&mut self, id: VariableId, bytes: &[u8]) -> PortResult<()>;

    /// Deletes the variable; one that does not exist is not an error.
    ///
    /// # Errors
    ///
    /// As [`Self::set`].
    fn remove(&mut self, id: VariableId) -> PortResult<()>;
}

/// A volume that was opened. Only its port gives the number a meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct VolumeId(pub u32);

/// The EFI System Partition: the volume that LamBoot was loaded from.
///
/// A type of its own, so that nothing else can be taken for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Esp {
    /// The volume to read it as.
    pub volume: VolumeId,
    /// Its partition GUID, lower case; `None` on a disk without GPT.
    pub partition_guid: Option<String>,
    /// The loader's own path on it; `None` when firmware did not say.
    pub loader_path: Option<String>,
    /// Whether the medium says that it cannot be written.
    pub read_only: bool,
}

/// What a directory entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
}

/// A file's or directory's metadata.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metadata {
    /// File or directory.
    pub kind: FileKind,
    /// Size in bytes; 0 for a directory.
    pub size: u64,
    /// Whether the file's own attributes forbid writing.
    pub read_only: bool,
}

/// One name in a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirEntry {
    /// The name, as stored.
    pub name: String,
    /// Its metadata.
    pub metadata: Metadata,
}

/// A directory's names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// The names in the directory's own order, without `.` and `..`.
    pub entries: Vec<DirEntry>,
    /// Whether there were more names than the limit.
    pub truncated: bool,
}

/// Files to read.
pub trait Volumes {
    /// The EFI System Partition, by the device that LamBoot was loaded from.
    ///
    /// # Errors
    ///
    /// **Device**, **Unsupported**: LamBoot was not loaded from a volume that firmware can read.
    fn esp(&mut self) -> PortResult<Esp>;

    /// Metadata of a file or directory.
    ///
    /// # Errors
    ///
    /// **Misuse**: not found. **Device**, **Damaged**: the volume cannot be read.
    fn metadata(&mut self, volume: VolumeId, path: &str) -> PortResult<Metadata>;

    /// The first `limit` names of a directory. Names that are not valid Unicode are shown with
    /// replacement characters.
    ///
    /// # Errors
    ///
    /// **Misuse**: not found, or not a directory. **Device**, **Damaged**: as above.
    fn read_dir(&mut self, volume: VolumeId, path: &str, limit: usize) -> PortResult<Listing>;

    /// A whole file of at most `limit` bytes.
    ///
    /// # Errors
    ///
    /// **Misuse**: not found, a directory, or too large. **Device**, **Damaged**: as above.
    fn read(&mut self, volume: VolumeId, path: &str, limit: usize) -> PortResult<Vec<u8>>;
}

/// The only way to write files: to the ESP. Missing directories are made.
///
/// Every method returns after the data was flushed to the device.
pub trait EspStore {
    /// Makes the file's content exactly `bytes`. A file of the same size is overwritten in place,
    /// and no directory or allocation changes. Not atomic: a power cut may leave any mixture of
    /// old and new, so callers keep two files and write them in turn.
    ///
    /// # Errors
    ///
    /// **Device**: no room, or the device failed. **Refused**: read-only. **Misuse**: a directory.
    fn replace(&mut self, path: &str, bytes: &[u8]) -> PortResult<()>;

    /// Adds whole lines at the file's end, making the file if there is none; the file's new size.
    /// A file whose last byte is no newline gets one first, so that a line that a power cut tore
    /// spoils no other. A power cut may leave any beginning of `lines` behind.
    ///
    /// # Errors
    ///
    /// As [`Self::replace`].
    fn append(&mut self, path: &str, lines: &[u8]) -> PortResult<u64>;

    /// Gives the file another name in its directory. The content does not change.
    ///
    /// # Errors
    ///
    /// **Refused**: read-only. **Misuse**: not found, or the new name exists. **Device**.
    fn rename(&mut self, path: &str, new_name: &str) -> PortResult<()>;
}

/// One measurement (TCG PC Client Platform Firmware Profile 1.06, chapter 10).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measurement {
    /// The PCR that is extended.
    pub pcr: u8,
    /// The bytes that are hashed.
    pub data: Vec<u8>,
    /// The event's own data in the log.
    pub event: Vec<u8>,
}

/// The TPM.
pub trait Tpm {
    /// Extends the PCR with the hash of the data and logs it as `EV_IPL`.
    ///
    /// # Errors
    ///
    /// **Misuse**: there is no TPM. **Device**: it failed.
    fn measure(&mut self, measurement: &Measurement) -> PortResult<()>;
}

/// Where the owner reads.
pub trait Screen {
    /// The size of the text screen.
    fn size(&mut self) -> Size;

    /// Shows the frame in place of the one before. Consoles that fail are ignored.
    fn draw(&mut self, frame: &Frame);

    /// Leaves the console in the state in which an operating system expects it.
    fn release(&mut self);
}

/// A key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// A printable character.
    Char(char),
    /// Enter.
    Enter,
    /// Escape.
    Escape,
    /// Backspace.
    Backspace,
    /// Delete.
    Delete,
    /// Tabulator.
    Tab,
    /// Up arrow.
    Up,
    /// Down arrow.
    Down,
    /// Left arrow.
    Left,
    /// Right arrow.
    Right,
    /// Home.
    Home,
    /// End.
    End,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// A function key, from 1.
    Function(u8),
}

/// Where the owner answers.
pub trait Keys {
    /// The next key, or `None` when `until` comes first. `None` for `until` waits for ever;
    /// a time in the past only looks whether a key was pressed already.
    fn next(&mut self, until: Option<Micros>) -> Option<Key>;
}

/// Microseconds since the loader started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Micros(pub u64);

impl Micros {
    /// This long after `earlier`; zero when it is not after.
    #[must_use]
    pub const fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The time `milliseconds` later.
    #[must_use]
    pub const fn plus_millis(self, milliseconds: u64) -> Self {
        Self(self.0.saturating_add(milliseconds.saturating_mul(1000)))
    }
}

/// Time.
pub trait Clock {
    /// Monotonic time.
    fn now(&mut self) -> Micros;

    /// Wall time, where the machine has a clock.
    fn wall(&mut self) -> Option<WallTime>;
}

/// An image file in memory. Only its port gives the number a meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImageId(pub u32);

/// An image file that was read whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageFile {
    /// The file in memory.
    pub id: ImageId,
    /// Its size in bytes.
    pub size: u64,
    /// Its first bytes, at most 4096.
    pub head: Vec<u8>,
}

/// An initrd that was opened, not yet read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InitrdId(pub u32);

/// What an image did after it was started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Departure {
    /// It took the machine and never came back. Only the simulator can tell this.
    Gone,
    /// It gave control back, with this status, for instance `EFI_ABORTED`.
    Returned(String),
}

/// Starting images.
pub trait Launcher {
    /// Reads an image file whole, in requests as large as the device takes.
    ///
    /// # Errors
    ///
    /// **Misuse**: not found or a directory. **Device**: not readable, or not enough memory.
    fn read(&mut self, volume: VolumeId, path: &str) -> PortResult<ImageFile>;

    /// Opens an initrd and tells its size, without reading it: the kernel reads it into its own
    /// memory when it asks for it.
    ///
    /// # Errors
    ///
    /// As [`Self::read`].
    fn open_initrd(&mut self, volume: VolumeId, path: &str) -> PortResult<(InitrdId, u64)>;

    /// Has the firmware check and place an image, from the memory it was read into and with the
    /// device path of the file it came from.
    ///
    /// # Errors
    ///
    /// **Refused**: Secure Boot says no. **Unsupported**: not an image for this machine.
    /// **Device**: not enough memory.
    fn load(&mut self, image: ImageId) -> PortResult<()>;

    /// Starts a placed image with its load options and initrds. The initrds are offered in this
    /// order as one, each but the last filled with zeros to a multiple of four bytes.
    fn start(&mut self, image: ImageId, options: &str, initrds: &[InitrdId]) -> Departure;

    /// Gives back all memory and files of images and initrds that are not running.
    fn release(&mut self);
}
