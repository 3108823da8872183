// SPDX-License-Identifier: MIT OR Apache-2.0
//! The border: every way in which a session touches the machine.
//!
//! Each port has three implementations: firmware, simulator, and a fault layer that wraps the
//! simulator. No port decides anything. Paths are absolute, with backslashes, from the root of the
//! volume they belong to. Errors are [`crate::error::PortError`]s; no method panics or waits without bound.

use crate::error::PortResult;
use crate::facts::Facts;
use crate::frame::{Frame, Size};
use crate::source::Source;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
pub use lamboot_canvas::Rect;
use lamboot_schema::time::WallTime;
use lamboot_schema::variables::VariableId;
use lamboot_schema::volume::VolumeIdentity;

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
    /// Text consoles.
    pub screen: &'p mut dyn Screen,
    /// The graphical screen.
    pub canvas: &'p mut dyn Canvas,
    /// Where the owner answers.
    pub keys: &'p mut dyn Keys,
    /// Time.
    pub clock: &'p mut dyn Clock,
    /// Starting images.
    pub launcher: &'p mut dyn Launcher,
    /// What the system finds in memory.
    pub tables: &'p mut dyn Tables,
}

/// The machine as a whole.
pub trait Machine {
    /// What machine this is. Called once.
    fn facts(&mut self) -> Facts;

    /// Resets the machine unless this is called again within `seconds`; `None` disarms.
    ///
    /// Best effort: firmware without a watchdog is not an error.
    fn watchdog(&mut self, seconds: Option<u16>);

    /// Whether a partition of this machine is encrypted by `BitLocker`. Looks at the first sector of
    /// each; partitions that cannot be read are not.
    fn has_bitlocker(&mut self) -> bool;
}

/// UEFI variables, as bytes. [`crate::variables`] puts types on top.
pub trait Variables {
    /// The variable's bytes, `None` when it does not exist. Values over 4 KiB are refused. One whose id says that
    /// only boot services see it is none if it has other attributes: somebody else made it.
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

    /// The bytes of `Boot####` (`EFI_LOAD_OPTION`, UEFI 2.10, section 3.1.3) with this number,
    /// `None` when it does not exist.
    ///
    /// # Errors
    ///
    /// As [`Self::get`].
    fn boot_option(&mut self, number: u16) -> PortResult<Option<Vec<u8>>>;
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

/// What a volume is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VolumeRole {
    /// The volume that LamBoot was loaded from.
    Boot,
    /// An extended boot loader partition (`bc13c2ff-59e6-4262-a352-b275fd6f7172`, UAPI.2).
    Xbootldr,
    /// Another EFI System Partition.
    Esp,
    /// Anything else that can be read.
    Other,
}

/// The state that a file system was found in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Nothing is wrong with it, as far as can be told.
    Good,
    /// It was not left as it should be, and can be read; what was done about it.
    Recovered(String),
    /// It is there, and cannot be read; why.
    Closed(String),
}

/// A volume that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VolumeInfo {
    /// The number to read it by.
    pub id: VolumeId,
    /// What it is for.
    pub role: VolumeRole,
    /// How it is told from others, as far as that is known without asking the device.
    pub identity: Rc<VolumeIdentity>,
    /// The state that the file system was found in.
    pub condition: Condition,
    /// Whether it is on the disk that LamBoot was loaded from.
    pub same_disk: bool,
    /// Whether its medium can be taken out.
    pub removable: bool,
    /// Whether it cannot be written: the medium says so, or nothing here writes to such a file system.
    pub read_only: bool,
}

/// How Linux tells a volume's file system from others (`/dev/disk/by-uuid`, `/dev/disk/by-label`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// What it is called, as `mount` says; `None` where nobody knows.
    pub file_system: Option<String>,
    /// Its UUID as Linux writes it, for instance `1234-ABCD` of FAT; `None` where it is not known.
    pub uuid: Option<String>,
    /// Its label; `None` where it has none.
    pub label: Option<String>,
}

/// A part of a volume that Linux mounts by itself: a subvolume or a snapshot of btrfs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subvolume {
    /// The number to read it by, as a volume of its own: paths begin in it, and no link leads out of it.
    pub volume: VolumeId,
    /// Its path from the top level on, as `subvol=` has it: slashes between names and none in front; empty for
    /// the top level.
    pub path: String,
    /// Whether nobody may write to it.
    pub read_only: bool,
    /// Whether paths of the volume itself begin in it: the default subvolume.
    pub is_root: bool,
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

    /// Every volume with a file system that is known, that of LamBoot first, at most 32. Copies that have the same
    /// UUID are all there. Without the ESP, the list has no volume of role [`VolumeRole::Boot`].
    fn list(&mut self) -> Vec<VolumeInfo>;

    /// How Linux will call the volume's file system; what cannot be read is not known. Costs requests
    /// to the device.
    fn identity(&mut self, volume: VolumeId) -> Identity;

    /// The subvolumes of a volume that has some: the `limit` newest, the newest first, and the top level.
    ///
    /// # Errors
    ///
    /// **Device**, **Damaged**: the volume cannot be read.
    fn subvolumes(&mut self, volume: VolumeId, limit: usize) -> PortResult<Vec<Subvolume>>;

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

    /// At most `length` bytes of a file from `offset` on; fewer at its end, none beyond it.
    ///
    /// # Errors
    ///
    /// **Misuse**: not found, or a directory. **Device**, **Damaged**: as above.
    fn read_at(&mut self, volume: VolumeId, path: &str, offset: u64, length: usize) -> PortResult<Vec<u8>>;
}

/// The only way to write files: to the ESP, but for names of boot counters on other boot volumes.
/// Missing directories are made.
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
    /// **Unsupported**: a volume that is only ever read.
    fn rename(&mut self, volume: VolumeId, path: &str, new_name: &str) -> PortResult<()>;
}

/// What kind of event a measurement is in the log (TCG PC Client Platform Firmware Profile 1.06, section 10.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// `EV_IPL`, for what boot loaders have always measured.
    Ipl,
    /// `EV_EVENT_TAG` with this tag, for anything newer.
    Tag(u32),
}

/// One measurement (TCG PC Client Platform Firmware Profile 1.06, chapter 10).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measurement {
    /// The PCR that is extended.
    pub pcr: u8,
    /// What kind of event it is.
    pub kind: EventKind,
    /// The bytes that are hashed.
    pub data: Vec<u8>,
    /// The event's own data in the log; of a tagged event, what follows on tag and size.
    pub event: Vec<u8>,
}

impl Measurement {
    /// The data of an event that says words: UTF-16, little-endian, with NUL (UAPI.7).
    #[must_use]
    pub fn words(words: &str) -> Vec<u8> {
        words.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect()
    }
}

/// What is in the TPM's index that keeps a secret of the loader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Secret {
    /// Nothing: there is no index, or it was never written.
    Absent,
    /// These bytes.
    Stored(Vec<u8>),
    /// It is locked until the next reset.
    Locked,
    /// It is for another value of PCR 7 than this boot has.
    OtherPolicy,
    /// It is somebody else's.
    Foreign,
}

/// The TPM.
pub trait Tpm {
    /// Looks into the index of the loader's secret (TPM 2.0 Library, part 3, chapter 31): one that can be read and
    /// written with the value that PCR 7 had when it was defined, and not once it is locked.
    ///
    /// # Errors
    ///
    /// **Misuse**: there is no TPM. **Device**: it failed.
    fn secret(&mut self) -> PortResult<Secret>;

    /// Defines the index for the value that PCR 7 has now, in place of what was there.
    ///
    /// # Errors
    ///
    /// **Refused**: the TPM's owner has a password, or it is locked out. **Device**: no room, or it failed.
    fn define_secret(&mut self) -> PortResult<()>;

    /// Writes the secret, whole or not at all.
    ///
    /// # Errors
    ///
    /// As [`Self::define_secret`].
    fn store_secret(&mut self, bytes: &[u8]) -> PortResult<()>;

    /// Locks the index for reading and writing until the TPM is reset.
    ///
    /// # Errors
    ///
    /// As [`Self::define_secret`].
    fn lock_secret(&mut self) -> PortResult<()>;

    /// Deletes the index, and with it the secret.
    ///
    /// # Errors
    ///
    /// As [`Self::define_secret`].
    fn remove_secret(&mut self) -> PortResult<()>;

    /// Extends the PCR with the hash of the data and logs it as an event of its kind.
    ///
    /// # Errors
    ///
    /// **Misuse**: there is no TPM. **Device**: it failed.
    fn measure(&mut self, measurement: &Measurement) -> PortResult<()>;

    /// The PCR banks in use, as bits of `EFI_TCG2_EVENT_ALGORITHM_BITMAP`; `None` without a TPM.
    fn active_banks(&mut self) -> Option<u32>;
}

/// Where the owner reads text. While a [`Canvas`] is open, the consoles that share its screen are
/// left out, and the others (serial lines) show the same menu.
pub trait Screen {
    /// The size of the text screen.
    fn size(&mut self) -> Size;

    /// Shows the frame in place of the one before. Consoles that fail are ignored.
    fn draw(&mut self, frame: &Frame);

    /// How many text modes there are, and the one in use; modes are counted from 0.
    fn modes(&mut self) -> (u32, u32);

    /// Changes the text mode, and with it the resolution that a [`Canvas`] opens with.
    ///
    /// # Errors
    ///
    /// **Unsupported**: there is no such mode. **Device**.
    fn set_mode(&mut self, mode: u32) -> PortResult<()>;

    /// Leaves the console in the state in which an operating system expects it.
    fn release(&mut self);
}

/// Pixels across and down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resolution {
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

/// A graphical screen (UEFI 2.10, section 12.9). Colours are `0x00RRGGBB`. What lies outside of the
/// screen is cut off; screens that fail are ignored.
pub trait Canvas {
    /// Takes the screen, in the mode that it is in; `None` when there is none that can be drawn on.
    fn open(&mut self) -> Option<Resolution>;

    /// Fills a rectangle with one colour.
    fn fill(&mut self, rect: Rect, colour: u32);

    /// Draws a rectangle from its pixels, row by row; `pixels` has as many as the rectangle.
    fn blit(&mut self, rect: Rect, pixels: &[u32]);

    /// Gives the screen back to the text console.
    fn close(&mut self);
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

/// A pointer that was moved, clicked or scrolled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pointer {
    /// Place across the screen: 0 is the left edge, 65535 the right one.
    pub x: u16,
    /// Place down the screen: 0 is the upper edge, 65535 the lower one.
    pub y: u16,
    /// Whether the main button was pressed since the last event.
    pub clicked: bool,
    /// Steps of the wheel since the last event, positive towards the owner (down).
    pub scrolled: i8,
}

/// What the owner did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// A key was pressed.
    Key(Key),
    /// The pointer did something.
    Pointer(Pointer),
}

/// Where the owner answers.
pub trait Keys {
    /// What the owner does next, or `None` when `until` comes first. `None` for `until` waits for
    /// ever; a time in the past only looks whether something happened already. Pointers are looked
    /// for from the first call with `pointers` on. Movements without a click or a turn of the wheel
    /// between them may come as one.
    fn next(&mut self, until: Option<Micros>, pointers: bool) -> Option<Input>;

    /// Whether a key that changes others (Shift, Ctrl, Alt) is held down now, as far as firmware tells.
    /// Does not wait; a key that was pressed and has not been taken by [`Self::next`] is lost, and
    /// counts as one that is held.
    fn held(&mut self) -> bool;

    /// Lets go of pointers, as it must be before an image is started. The next call with `pointers`
    /// looks for them again.
    fn release(&mut self);
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

/// An image that was read whole.
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
    /// Reads an image whole, in requests as large as the device takes.
    ///
    /// # Errors
    ///
    /// **Misuse**: not found or a directory. **Damaged**: the file that it lies in ends before it does.
    /// **Device**: not readable, or not enough memory.
    fn read(&mut self, source: Source<'_>) -> PortResult<ImageFile>;

    /// SHA-256 of an image that was read and not placed yet, from the memory that it was read into; `None` for any
    /// other.
    fn sha256(&mut self, image: ImageId) -> Option<[u8; 32]>;

    /// Opens an initrd and tells its size, without reading it: the kernel reads it into its own
    /// memory when it asks for it.
    ///
    /// # Errors
    ///
    /// As [`Self::read`].
    fn open_initrd(&mut self, source: Source<'_>) -> PortResult<(InitrdId, u64)>;

    /// An initrd whose bytes were made here.
    fn made_initrd(&mut self, bytes: Vec<u8>) -> InitrdId;

    /// Has the firmware check and place an image, from the memory it was read into and with the
    /// device path of its source: the device, and the path that the source is called by.
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

/// A table that the system finds through firmware's configuration tables (UEFI 2.10, section 4.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// A seed for Linux' random numbers (`LINUX_EFI_RANDOM_SEED_TABLE_GUID`), bytes without a header.
    RandomSeed,
    /// A flattened device tree (`EFI_DTB_TABLE_GUID`).
    DeviceTree,
}

/// What the system finds in memory.
pub trait Tables {
    /// So many random bytes from firmware (`EFI_RNG_PROTOCOL`); `None` when it has none.
    fn entropy(&mut self, length: usize) -> Option<Vec<u8>>;

    /// The table's bytes as firmware or an earlier loader left them, at most 1 MiB; `None` when
    /// there is none.
    fn get(&mut self, table: Table) -> Option<Vec<u8>>;

    /// Puts a table in place of the one before. A device tree passes through firmware's own fix-ups
    /// (`EFI_DT_FIXUP_PROTOCOL`) where it has some.
    ///
    /// # Errors
    ///
    /// **Device**: not enough memory, or firmware refused.
    fn install(&mut self, table: Table, bytes: &[u8]) -> PortResult<()>;

    /// Puts firmware's own device tree back, after an image that was started with another one
    /// returned or was never started.
    fn restore(&mut self);
}
