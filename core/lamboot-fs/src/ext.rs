// SPDX-License-Identifier: MIT OR Apache-2.0
//! ext2, ext3 and ext4.

use crate::device::Device;
use crate::shape::{common_methods, common_words, file_types, link_methods};
use crate::system::{FileSystem, Identity};
use crate::{Metadata, Result};
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use core::ops::Deref;
use ext_view as reader;
use ext_view::{Ext, LogPolicy, LogState, Options, Unsupported};

common_words!();
file_types!();

struct System {
    ext: Ext<Device>,
    name: &'static str,
}

impl Deref for System {
    type Target = Ext<Device>;

    fn deref(&self) -> &Ext<Device> {
        &self.ext
    }
}

/// Opens the volume; a journal that cannot be replayed is ignored, and the remark says so.
pub(crate) fn open(device: Device, name: &'static str) -> Result<Box<dyn FileSystem>> {
    let opened = match Ext::open(device.clone()) {
        Err(reader::Error::Unsupported(Unsupported::Log(_) | Unsupported::ExternalJournal)) => {
            Ext::open_with(device, Options { log: LogPolicy::Ignore, ..Options::default() })
        }
        opened => opened,
    };
    Ok(Box::new(System { ext: opened.map_err(error)?, name }))
}

impl FileSystem for System {
    fn name(&self) -> &'static str {
        self.name
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
            LogState::Replayed { transactions, fast_commits, .. } => {
                let rest = if fast_commits { "; what was written last is left out" } else { "" };
                Some(format!(
                    "it was not unmounted: its journal was replayed in memory ({transactions} transactions){rest}"
                ))
            }
            _ => Some("it was not unmounted, and its journal was not replayed: files may be old".into()),
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
