// SPDX-License-Identifier: MIT OR Apache-2.0
//! An ISO file, read in windows and within limits.
//!
//! Folders of an image are read block by block, and mostly stand together: each request to the
//! volume fetches some blocks more, and the last few windows are kept. What an image can have read
//! is bounded, and so is what it can have looked at again and again.

use super::{IsoFile, Unusable};
use crate::error::PortError;
use crate::iso::IsoFiles;
use crate::ports::{VolumeId, Volumes};
use crate::source::Extent;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use iso_view::{Family, Iso, Kind, Node, ReadAt};

/// How many bytes the volume is asked for at once.
const WINDOW: u64 = 16 * 1024;
/// The most windows that are kept.
const WINDOWS_KEPT: usize = 16;
/// The most bytes of one image that are read from the volume.
const READ_MAX: usize = 4 << 20;
/// The most bytes of one image that are looked at, read again or not.
const LOOKED_AT_MAX: usize = 16 << 20;

/// Why an image could not be read at some place.
#[derive(Debug)]
pub(super) enum Failed {
    /// The volume said no.
    Port(PortError),
    /// The file ends before this place.
    Ends,
    /// Enough of it was read.
    TooMuch,
}

/// An ISO file that is being read.
pub(super) struct Reader<'v> {
    volumes: &'v mut dyn Volumes,
    /// Bytes that may still be read of all files.
    budget: &'v mut usize,
    volume: VolumeId,
    path: String,
    /// Windows by their numbers, the latest last.
    windows: Vec<(u64, Vec<u8>)>,
    to_read: usize,
    to_look_at: usize,
}

impl<'v> Reader<'v> {
    pub(super) fn new(volumes: &'v mut dyn Volumes, budget: &'v mut usize, file: &IsoFile<'_>) -> Self {
        Self {
            volumes,
            budget,
            volume: file.volume.id,
            path: file.path.into(),
            windows: Vec::new(),
            to_read: READ_MAX,
            to_look_at: LOOKED_AT_MAX,
        }
    }

    fn window(&mut self, number: u64) -> Result<&[u8], Failed> {
        if !self.windows.iter().any(|(known, _)| *known == number) {
            let bytes = self.fetch(number)?;
            if self.windows.len() >= WINDOWS_KEPT {
                self.windows.remove(0);
            }
            self.windows.push((number, bytes));
        }
        let window = self.windows.iter().find(|(known, _)| *known == number);
        Ok(window.map_or(&[], |(_, bytes)| bytes))
    }

    fn fetch(&mut self, number: u64) -> Result<Vec<u8>, Failed> {
        let length = usize::try_from(WINDOW).unwrap_or(usize::MAX);
        spend(&mut self.to_read, length)?;
        spend(self.budget, length)?;
        let offset = number.checked_mul(WINDOW).ok_or(Failed::Ends)?;
        self.volumes.read_at(self.volume, &self.path, offset, length).map_err(Failed::Port)
    }
}

fn spend(left: &mut usize, bytes: usize) -> Result<(), Failed> {
    *left = left.checked_sub(bytes).ok_or(Failed::TooMuch)?;
    Ok(())
}

impl ReadAt for Reader<'_> {
    type Error = Failed;

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> Result<(), Failed> {
        spend(&mut self.to_look_at, buffer.len())?;
        let mut place = offset;
        let mut rest = buffer;
        while !rest.is_empty() {
            let window = self.window(place / WINDOW)?;
            let start = usize::try_from(place % WINDOW).unwrap_or(usize::MAX);
            let bytes = window.get(start..).filter(|bytes| !bytes.is_empty()).ok_or(Failed::Ends)?;
            let length = bytes.len().min(rest.len());
            let (part, later) = rest.split_at_mut(length);
            part.copy_from_slice(bytes.get(..length).unwrap_or_default());
            place = place.saturating_add(u64::try_from(length).unwrap_or(u64::MAX));
            rest = later;
        }
        Ok(())
    }
}

/// What went wrong in an image.
pub(super) struct Trouble(pub(super) iso_view::Error<Failed>);

impl Trouble {
    /// Whether the volume failed, rather than that the image is odd.
    pub(super) const fn is_device(&self) -> bool {
        matches!(self.0, iso_view::Error::Device(Failed::Port(_)))
    }

    /// The trouble with one of the image's files.
    pub(super) fn about(&self, path: &str) -> Unusable {
        self.unusable(format!("{path}: {self}"))
    }

    const fn unusable(&self, reason: String) -> Unusable {
        if self.is_device() { Unusable::Unreadable(reason) } else { Unusable::Rejected(reason) }
    }
}

impl From<Trouble> for Unusable {
    fn from(trouble: Trouble) -> Self {
        trouble.unusable(trouble.to_string())
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            iso_view::Error::Damaged(_) => write!(f, "the image is damaged: {}", self.0),
            error => error.fmt(f),
        }
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Port(error) => error.fmt(f),
            Self::Ends => f.write_str("the ISO file ends too early; it was not copied whole"),
            Self::TooMuch => f.write_str("too much would have to be read to look through it"),
        }
    }
}

/// The files of an image. The first trouble that is not merely a missing file is kept; after one with
/// the volume or with limits, no file is there any more.
pub(super) struct Files<'v> {
    iso: Iso<Reader<'v>>,
    trouble: Option<Trouble>,
}

impl<'v> Files<'v> {
    pub(super) const fn new(iso: Iso<Reader<'v>>) -> Self {
        Self { iso, trouble: None }
    }

    /// The first trouble.
    pub(super) fn trouble(&mut self) -> Option<Trouble> {
        self.trouble.take()
    }

    /// Where a file lies in the image.
    pub(super) fn extents(&mut self, path: &str) -> Result<Vec<Extent>, Trouble> {
        let node = self.iso.lookup(path).map_err(Trouble)?;
        if node.kind != Kind::File {
            return Err(Trouble(iso_view::NotFound::NotAFile.into()));
        }
        let extent = |extent: &iso_view::Extent| Extent { offset: extent.offset, length: extent.length };
        Ok(node.extents.iter().map(extent).collect())
    }

    /// The answer, if there is one.
    fn ask<T>(
        &mut self,
        question: impl FnOnce(&mut Iso<Reader<'v>>) -> Result<T, iso_view::Error<Failed>>,
    ) -> Option<T> {
        if matches!(self.trouble, Some(Trouble(iso_view::Error::Device(_)))) {
            return None;
        }
        match question(&mut self.iso) {
            Ok(answer) => return Some(answer),
            // Later than another one, and worse.
            Err(error) if error.family() == Family::Device => self.trouble = Some(Trouble(error)),
            Err(error) if error.family() == Family::Damaged => {
                self.trouble.get_or_insert(Trouble(error));
            }
            Err(_) => {}
        }
        None
    }

    fn lookup(&mut self, path: &str) -> Option<Node> {
        self.ask(|iso| iso.lookup(path))
    }
}

impl IsoFiles for Files<'_> {
    fn exists(&mut self, path: &str) -> bool {
        self.lookup(path).is_some()
    }

    fn read(&mut self, path: &str, limit: usize) -> Option<Vec<u8>> {
        let node = self.lookup(path)?;
        self.ask(|iso| iso.read(&node, limit))
    }

    fn names(&mut self, path: &str, limit: usize) -> Vec<String> {
        let entries = self.ask(|iso| iso.read_dir(path, limit)).unwrap_or_default();
        entries.into_iter().map(|entry| entry.name).collect()
    }

    fn label(&self) -> &str {
        self.iso.label()
    }
}
