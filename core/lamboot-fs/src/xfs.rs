// SPDX-License-Identifier: MIT OR Apache-2.0
//! XFS.

use crate::device::Device;
use crate::shape::{common_methods, common_words, file_types, link_methods};
use crate::system::{FileSystem, Identity};
use crate::{Metadata, Result};
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use xfs_view as reader;
use xfs_view::{LogPolicy, LogState, Options, Unsupported, Xfs};

common_words!();
file_types!();

/// Opens the volume; a log that cannot be replayed is ignored, and the remark says so.
pub(crate) fn open(device: Device) -> Result<Box<dyn FileSystem>> {
    let opened = match Xfs::open(device.clone()) {
        Err(reader::Error::Unsupported(Unsupported::Log(_))) => {
            Xfs::open_with(device, Options { log: LogPolicy::Ignore, ..Options::default() })
        }
        opened => opened,
    };
    Ok(Box::new(opened.map_err(error)?))
}

impl FileSystem for Xfs<Device> {
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

    common_methods!(crate::shape::place);
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

fn entry_type(entry: &reader::DirEntry<'_, Device>) -> Result<crate::FileType> {
    entry.file_type().map(file_type).map_err(error)
}
