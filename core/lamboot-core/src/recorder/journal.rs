// SPDX-License-Identifier: MIT OR Apache-2.0
//! A text file on the ESP that grows by whole lines, up to a limit.
//!
//! At the limit its content becomes the older file and it starts anew, so that two files of about
//! the limit each are all that there ever is. The older file is written before the newer one is
//! emptied: a power cut in between leaves lines twice, never none.

use crate::error::{ErrorKind, PortError};
use crate::ports::{Esp, EspStore, Volumes};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// Size from which the trust log is rotated, in bytes.
pub const TRUST_LOG_LIMIT: usize = 256 * 1024;
/// Size from which the boot log is rotated, in bytes.
pub const BOOT_LOG_LIMIT: usize = 64 * 1024;
/// The most that is kept in memory between two writes, in bytes.
const MAX_PENDING: usize = 32 * 1024;
/// The most that one boot writes, in bytes.
const MAX_BOOT: usize = 128 * 1024;

/// A text file on the ESP that grows by whole lines.
pub(super) struct Journal {
    path: &'static str,
    old_path: &'static str,
    limit: usize,
    pending: Vec<u8>,
    /// Bytes taken in this boot.
    taken: usize,
    rotated: bool,
    closed: bool,
    /// Lines that were lost.
    pub(super) lost: u32,
}

impl Journal {
    pub(super) const fn new(path: &'static str, old_path: &'static str, limit: usize) -> Self {
        Self { path, old_path, limit, pending: Vec::new(), taken: 0, rotated: false, closed: false, lost: 0 }
    }

    /// Takes a line, if `room` bytes are free behind it; otherwise it is lost and counted. Whether it was taken.
    pub(super) fn add(&mut self, line: &[u8], room: usize) -> bool {
        let pending = self.pending.len().saturating_add(line.len());
        let taken = self.taken.saturating_add(line.len());
        let fits = pending.saturating_add(room) <= MAX_PENDING && taken.saturating_add(room) <= MAX_BOOT;
        if self.closed || !fits {
            self.lose();
            return false;
        }
        self.taken = taken;
        self.pending.extend_from_slice(line);
        true
    }

    /// Counts a line that was lost.
    pub(super) const fn lose(&mut self) {
        self.lost = self.lost.saturating_add(1);
    }

    /// Whether nothing can be written any more in this boot.
    pub(super) const fn is_closed(&self) -> bool {
        self.closed
    }

    /// Writes what was taken. After a failure nothing more is tried in this boot.
    pub(super) fn write(
        &mut self,
        esp: &Esp,
        volumes: &mut dyn Volumes,
        store: &mut dyn EspStore,
    ) -> Result<(), String> {
        if self.closed || self.pending.is_empty() {
            return Ok(());
        }
        let result =
            if esp.read_only { Err(ErrorKind::ReadOnly.into()) } else { self.try_write(esp, volumes, store) };
        let pending = core::mem::take(&mut self.pending);
        result.map_err(|error: PortError| {
            self.closed = true;
            let lines = pending.iter().filter(|byte| **byte == b'\n').count();
            self.lost = self.lost.saturating_add(lines.try_into().unwrap_or(u32::MAX));
            format!("{} cannot be written: {error}", self.path)
        })
    }

    fn try_write(
        &mut self,
        esp: &Esp,
        volumes: &mut dyn Volumes,
        store: &mut dyn EspStore,
    ) -> Result<(), PortError> {
        if !self.rotated {
            self.rotate(esp, volumes, store)?;
            self.rotated = true;
        }
        store.append(self.path, &self.pending).map(|_| ())
    }

    fn rotate(
        &self,
        esp: &Esp,
        volumes: &mut dyn Volumes,
        store: &mut dyn EspStore,
    ) -> Result<(), PortError> {
        let size = match volumes.metadata(esp.volume, self.path) {
            Ok(metadata) => metadata.size,
            Err(PortError { kind: ErrorKind::NotFound, .. }) => return Ok(()),
            Err(error) => return Err(error),
        };
        if usize::try_from(size).is_ok_and(|size| size < self.limit) {
            return Ok(());
        }
        match volumes.read(esp.volume, self.path, self.limit.saturating_mul(2)) {
            Ok(content) => {
                store.replace(self.old_path, &content)?;
                store.replace(self.path, &[])
            }
            // A log that earlier releases let grow without bound: kept whole, under another name.
            Err(PortError { kind: ErrorKind::TooLarge, .. }) => {
                store.rename(esp.volume, self.path, &self.unbounded_name())
            }
            Err(error) => Err(error),
        }
    }

    fn unbounded_name(&self) -> String {
        let name = self.path.rsplit('\\').next().unwrap_or(self.path);
        format!("{name}.unbounded")
    }
}
