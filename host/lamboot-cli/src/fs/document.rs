// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the commands found, as `--json` prints it. Members are added to, never renamed.

use super::Failure;
use lamboot_fs::{FileType, Follow, Metadata};
use serde::Serialize;

/// The name of the format, of every document.
const FORMAT: &str = "lamboot-fs/1";
/// The most runs of bytes that are shown of a file.
const EXTENTS_MAX: usize = 100_000;

/// The answer of `probe`.
#[derive(Debug, Serialize)]
pub(super) struct Probe {
    format: &'static str,
    /// Where the whole image is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) file_system: Option<FileSystem>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) partitions: Option<Vec<Partition>>,
    /// What is wrong with the partition table.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) findings: Vec<String>,
}

impl Probe {
    pub(super) fn whole(file_system: FileSystem) -> Self {
        Self { format: FORMAT, file_system: Some(file_system), partitions: None, findings: Vec::new() }
    }

    pub(super) fn divided(partitions: Vec<Partition>, findings: Vec<String>) -> Self {
        Self { format: FORMAT, file_system: None, partitions: Some(partitions), findings }
    }
}

/// A partition.
#[derive(Debug, Serialize)]
pub(super) struct Partition {
    pub(super) number: u32,
    /// In bytes.
    pub(super) offset: u64,
    /// In bytes.
    pub(super) size: u64,
    /// Type GUID, or the type byte of an MBR.
    #[serde(rename = "type")]
    pub(super) kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) guid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    /// `None` where nothing that is known is on it.
    pub(super) file_system: Option<FileSystem>,
}

/// A file system.
#[derive(Debug, Serialize)]
pub(super) struct FileSystem {
    format: &'static str,
    #[serde(rename = "type")]
    pub(super) name: Option<&'static str>,
    pub(super) uuid: Option<String>,
    pub(super) label: Option<String>,
    /// What its owner should know of its state.
    pub(super) remark: Option<String>,
    /// Why it cannot be read.
    pub(super) error: Option<String>,
}

impl FileSystem {
    pub(super) fn of(system: &dyn lamboot_fs::FileSystem) -> Self {
        let identity = system.identity();
        Self {
            format: FORMAT,
            name: Some(system.name()),
            uuid: identity.uuid,
            label: identity.label,
            remark: system.remark(),
            error: None,
        }
    }

    pub(super) fn unreadable(why: &lamboot_fs::Error) -> Self {
        let error = Some(why.to_string());
        Self { format: FORMAT, name: None, uuid: None, label: None, remark: None, error }
    }
}

/// The answer of `ls`.
#[derive(Debug, Serialize)]
pub(super) struct Listing {
    format: &'static str,
    pub(super) files: Vec<File>,
}

impl Listing {
    pub(super) const fn new(files: Vec<File>) -> Self {
        Self { format: FORMAT, files }
    }
}

/// A file in a listing.
#[derive(Debug, Serialize)]
pub(super) struct File {
    /// From the listed directory; what is not UTF-8 is replaced.
    pub(super) path: String,
    /// The path's bytes in hexadecimal, where they are not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    path_bytes: Option<String>,
    #[serde(flatten)]
    pub(super) about: About,
}

/// What is known of a file.
#[derive(Debug, Serialize)]
pub(super) struct About {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) size: u64,
    /// As `chmod` takes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) mode: Option<String>,
    /// Seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) modified: Option<i64>,
    /// Where a symbolic link leads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) target: Option<String>,
}

impl File {
    pub(super) fn new(path: &[u8], about: About) -> Self {
        let hex = || path.iter().map(|byte| format!("{byte:02x}")).collect();
        let path_bytes = std::str::from_utf8(path).is_err().then(hex);
        Self { path: String::from_utf8_lossy(path).into_owned(), path_bytes, about }
    }
}

impl About {
    pub(super) fn of(
        system: &dyn lamboot_fs::FileSystem,
        path: &[u8],
        metadata: Metadata,
    ) -> Result<Self, Failure> {
        let target = match metadata.file_type {
            FileType::Symlink => Some(String::from_utf8_lossy(&system.read_link(path)?).into_owned()),
            _ => None,
        };
        Ok(Self {
            kind: match metadata.file_type {
                FileType::File => "file",
                FileType::Directory => "directory",
                FileType::Symlink => "symlink",
                FileType::Other => "other",
            },
            size: metadata.size,
            mode: metadata.permissions.map(|bits| format!("{bits:04o}")),
            modified: metadata.modified,
            target,
        })
    }
}

/// The answer of `info` about a file.
#[derive(Debug, Serialize)]
pub(super) struct FileInfo {
    format: &'static str,
    #[serde(flatten)]
    pub(super) about: About,
    /// Where its bytes lie.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) extents: Option<Vec<Extent>>,
}

/// A run of bytes.
#[derive(Debug, Serialize)]
pub(super) struct Extent {
    /// In the file.
    pub(super) offset: u64,
    pub(super) length: u64,
    /// On the volume; `None` for zeros that are not stored.
    pub(super) place: Option<u64>,
}

impl FileInfo {
    pub(super) fn of(system: &dyn lamboot_fs::FileSystem, path: &str) -> Result<Self, Failure> {
        let path = path.as_bytes();
        let metadata = system.metadata(path, Follow::AllButLast)?;
        let extents = (metadata.file_type == FileType::File).then(|| system.extents(path, EXTENTS_MAX));
        let extents = extents.transpose()?.map(|runs| {
            let run =
                |run: lamboot_fs::Extent| Extent { offset: run.offset, length: run.length, place: run.place };
            runs.into_iter().map(run).collect()
        });
        Ok(Self { format: FORMAT, about: About::of(system, path, metadata)?, extents })
    }
}

/// A document as text, with a newline.
pub(super) fn print(document: &impl Serialize) -> Result<String, Failure> {
    let text = serde_json::to_string_pretty(document).map_err(|error| Failure::Failed(error.to_string()))?;
    Ok(text + "\n")
}
