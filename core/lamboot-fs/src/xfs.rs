// SPDX-License-Identifier: MIT OR Apache-2.0
//! XFS.

use crate::shape::{common_methods, common_words, file_types, link_methods};
use crate::system::{FileSystem, Identity};
use crate::{Metadata, ReadAt, Result};
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use core::fmt::Display;
use xfs_view as reader;
use xfs_view::{LogPolicy, LogState, Options, Unsupported, Xfs};

common_words!();
file_types!();

/// Opens the volume; a log that cannot be replayed is ignored, and the remark says so.
pub(crate) fn open<R>(mut device: R) -> Result<Box<dyn FileSystem>>
where
    R: ReadAt + 'static,
    R::Error: Display,
{
    let replayed = Xfs::open(&mut device).map(|_| ());
    let log = match replayed {
        Ok(()) => LogPolicy::Replay,
        Err(reader::Error::Unsupported(Unsupported::Log(_))) => LogPolicy::Ignore,
        Err(why) => return Err(error(why)),
    };
    Ok(Box::new(Xfs::open_with(device, Options { log, ..Options::default() }).map_err(error)?))
}

impl<R> FileSystem for Xfs<R>
where
    R: ReadAt,
    R::Error: Display,
{
    fn name(&self) -> &'static str {
        "xfs"
    }

    fn identity(&self) -> Identity {
        let label = self.superblock().label();
        Identity {
            uuid: Some(crate::system::uuid(self.superblock().uuid())),
            label: (!label.is_empty()).then(|| String::from_utf8_lossy(label).into_owned()),
        }
    }

    fn remark(&self) -> Option<String> {
        match self.log_state() {
            LogState::Clean => None,
            LogState::Replayed { transactions, .. } => Some(format!(
                "it was not unmounted: its log was replayed in memory ({transactions} transactions)"
            )),
            _ => Some("it was not unmounted, and its log was not replayed: files may be old".into()),
        }
    }

    common_methods!();
    link_methods!();
}

fn metadata(of: &reader::Metadata) -> Metadata {
    Metadata {
        file_type: file_type(of.file_type),
        size: of.size,
        permissions: Some(of.permissions),
        modified: Some(of.modified.seconds),
    }
}

fn entry_type<R>(entry: &reader::DirEntry<'_, R>) -> Result<crate::FileType>
where
    R: ReadAt,
    R::Error: Display,
{
    entry.file_type().map(file_type).map_err(error)
}
