// SPDX-License-Identifier: MIT OR Apache-2.0
//! Reads files from FAT12, FAT16 and FAT32, for boot loaders and tools.
//!
//! Start with [`Fat::open`] on anything that can [`ReadAt`]; then [`Fat::lookup`] a path.
//!
//! | module | noun | Microsoft FAT specification |
//! |---|---|---|
//! | `volume` | an opened volume: [`Fat`] | |
//! | `file` | a file or directory: [`File`] | |
//! | `extents` | where its bytes lie: [`Extents`] | |
//! | [`error`] | what can go wrong, sorted by who can act | |
//! | `boot_sector` | how the volume is laid out | 3, Boot Sector and BPB |
//! | `table` | chains of clusters | 4, FAT |
//! | `dir`, `record`, `metadata` | names, and what stands with them | 6, Directory Structure |
//! | `long_name` | long names, and names that are equal | 7, Long File Name Implementation |
//! | `options` | code pages | |
//! | `disk` | the device, and what was read of it last | |
//!
//! Everything takes any image. [`CACHE_MAX`] bytes of tables and directories are kept; a path has at most
//! [`PATH_MAX`] bytes, a directory [`RECORDS_MAX`] records, and a chain that leads in a circle is found after
//! at most four times its length.
//!
//! ```no_run
//! use fat_view::Fat;
//!
//! # #[cfg(feature = "std")] {
//! let fat = Fat::open(std::fs::File::open("/dev/vda1")?)?;
//! for entry in fat.read_dir("/EFI/Linux")? {
//!     println!("{}", entry?.name().escape_ascii());
//! }
//! let kernel = fat.lookup("/EFI/BOOT/BOOTX64.EFI")?;
//! let mut first = [0; 64];
//! let length = kernel.read_at(0, &mut first)?;
//! println!("{} bytes, beginning with {:x?}", kernel.metadata().size, &first[..length]);
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What this does not do
//!
//! It writes nothing. It does not read exFAT, volumes without a BIOS parameter block (DOS 1), nor the copy
//! of FAT32's first sector. It does not know in which time zone times are, and has one code page.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    warn(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::as_conversions
    )
)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod boot_sector;
mod bytes;
mod dir;
mod disk;
pub mod error;
mod extents;
mod file;
mod long_name;
mod metadata;
mod options;
mod record;
#[cfg(feature = "std")]
mod stream;
mod table;
mod volume;

pub use boot_sector::{BootSector, FatType};
pub use dir::{DirEntry, NAME_MAX, RECORDS_MAX, ReadDir};
pub use disk::CACHE_MAX;
pub use error::{Damage, Error, Family, Fault, Misuse, Structure, Unsupported};
pub use extents::{Extent, Extents};
pub use file::File;
pub use metadata::{Attributes, FileType, Metadata, Timestamp};
pub use options::{CodePage, Options};
pub use read_at::{OutOfRange, ReadAt, ReadSectors, Sectors};
#[cfg(feature = "std")]
pub use stream::Stream;
pub use volume::{Fat, PATH_MAX, State};

/// The example of the README is a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
