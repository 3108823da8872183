// SPDX-License-Identifier: MIT OR Apache-2.0
//! FAT12, FAT16 and FAT32.

use crate::shape::{common_methods, common_words};
use crate::system::{FileSystem, FileType, Follow, Identity, Metadata};
use crate::{Error, Kind, ReadAt, Result};
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Display;
use fat_view as reader;
use fat_view::{Fat, Timestamp};

common_words!();

/// Opens the volume.
pub(crate) fn open<R>(device: R) -> Result<Box<dyn FileSystem>>
where
    R: ReadAt + 'static,
    R::Error: Display,
{
    Ok(Box::new(Fat::open(device).map_err(error)?))
}

impl<R> FileSystem for Fat<R>
where
    R: ReadAt,
    R::Error: Display,
{
    fn name(&self) -> &'static str {
        "vfat"
    }

    fn identity(&self) -> Identity {
        let uuid = self.boot_sector().volume_id().map(|id| {
            let (high, low) = (id.wrapping_shr(16), id & 0xFFFF);
            format!("{high:04X}-{low:04X}")
        });
        let label = self.label().ok().flatten().map(|label| String::from_utf8_lossy(&label).into_owned());
        Identity { uuid, label: label.filter(|label| !label.is_empty()) }
    }

    fn remark(&self) -> Option<String> {
        let state = self.state().ok()?;
        let said = "it was not unmounted: files that were written last may be old or missing";
        state.dirty.then(|| String::from(said))
    }

    fn metadata(&self, path: &[u8], _follow: Follow) -> Result<Metadata> {
        let found = *self.lookup(path).map_err(error)?.metadata();
        Ok(Metadata {
            file_type: file_type(found.file_type),
            size: found.size,
            permissions: None,
            modified: found.modified.map(seconds),
        })
    }

    fn read_link(&self, path: &[u8]) -> Result<Vec<u8>> {
        self.lookup(path).map_err(error)?;
        let message = String::from("there are no symbolic links on FAT");
        Err(Error { kind: Kind::NotASymlink, token: "not_a_symlink", message })
    }

    common_methods!();
}

#[allow(clippy::unnecessary_wraps, reason = "other readers ask the disk")]
fn entry_type<R: ReadAt>(entry: &reader::DirEntry<'_, R>) -> Result<FileType> {
    Ok(file_type(entry.file_type()))
}

fn file_type(what: reader::FileType) -> FileType {
    match what {
        reader::FileType::File => FileType::File,
        reader::FileType::Directory => FileType::Directory,
    }
}

/// Seconds since 1970, as if the clock that wrote it showed UTC.
fn seconds(at: Timestamp) -> i64 {
    let (year, month) = (i64::from(at.year), i64::from(at.month));
    // Years that begin in March have their leap day at the end.
    let year = if month <= 2 { year.saturating_sub(1) } else { year };
    let months = month.saturating_add(9) % 12;
    let before_month = months.saturating_mul(153).saturating_add(2) / 5;
    let leap_days = (year / 4).saturating_sub(year / 100).saturating_add(year / 400);
    let days = year.saturating_mul(365).saturating_add(leap_days).saturating_add(before_month);
    let days = days.saturating_add(i64::from(at.day)).saturating_sub(1).saturating_sub(DAYS_BEFORE_1970);
    let time = [(at.hour, 3600), (at.minute, 60), (at.second, 1)];
    let time = time.iter().map(|(count, unit)| i64::from(*count).saturating_mul(*unit)).sum();
    days.saturating_mul(86_400).saturating_add(time)
}

/// From 1 March of the year 0 to 1 January 1970.
const DAYS_BEFORE_1970: i64 = 719_468;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_in_seconds() {
        let at = |year, month, day| Timestamp {
            year,
            month,
            day,
            hour: 23,
            minute: 59,
            second: 58,
            hundredths: 0,
        };
        // As `date -u +%s` says.
        assert_eq!(seconds(at(1980, 1, 1)), 315_619_198);
        assert_eq!(seconds(at(2024, 2, 29)), 1_709_251_198);
        assert_eq!(seconds(at(2000, 3, 1)), 951_955_198);
        assert_eq!(seconds(at(2107, 12, 31)), 4_354_819_198);
    }
}
