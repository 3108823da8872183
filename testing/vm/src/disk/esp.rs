// SPDX-License-Identifier: MIT OR Apache-2.0
//! Reading the EFI system partition after a machine has run.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use fatfs::{FileAttributes, FileSystem, FsOptions};

use super::{
    ESP_START,
    partition::{head_len, normal},
    region::Region,
};
use crate::{Result, VmError, error::Doing};

/// An EFI system partition, open for reading.
pub struct Esp {
    volume: FileSystem<Region>,
}

impl std::fmt::Debug for Esp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Esp")
    }
}

impl Esp {
    /// # Errors
    /// When the image cannot be opened or holds no FAT file system.
    pub(super) fn open(image: &Path, esp_bytes: u64) -> Result<Self> {
        let file = File::open(image).doing(|| format!("open {}", image.display()))?;
        let region =
            Region::open(file, ESP_START, esp_bytes, head_len(esp_bytes)).doing(|| "read the image")?;
        let volume =
            FileSystem::new(region, FsOptions::new()).doing(|| format!("mount {}", image.display()))?;
        Ok(Self { volume })
    }

    /// A file's bytes.
    ///
    /// # Errors
    /// When there is no such file, or the volume is damaged.
    pub fn read(&self, path: &str) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut file = self.volume.root_dir().open_file(&normal(path)).doing(|| format!("open {path}"))?;
        file.read_to_end(&mut bytes).doing(|| format!("read {path}"))?;
        Ok(bytes)
    }

    /// A file's text.
    ///
    /// # Errors
    /// When there is no such file, or it is not UTF-8.
    pub fn text(&self, path: &str) -> Result<String> {
        let not_text = |_| VmError::Image { image: path.into(), reason: "is not UTF-8".into() };
        String::from_utf8(self.read(path)?).map_err(not_text)
    }

    /// Whether there is a file or folder of this name.
    ///
    /// # Errors
    /// When the volume is damaged.
    pub fn exists(&self, path: &str) -> Result<bool> {
        Ok(self.attributes(path)?.is_some())
    }

    /// Whether the file has the read-only attribute.
    ///
    /// # Errors
    /// When there is no such file, or the volume is damaged.
    pub fn is_read_only(&self, path: &str) -> Result<bool> {
        let missing = || VmError::Image { image: path.into(), reason: "does not exist".into() };
        Ok(self.attributes(path)?.ok_or_else(missing)?.contains(FileAttributes::READ_ONLY))
    }

    /// The names in a folder, sorted, without `.` and `..`.
    ///
    /// # Errors
    /// When there is no such folder, or the volume is damaged.
    pub fn list(&self, path: &str) -> Result<Vec<String>> {
        let names = self.names(&normal(path)).doing(|| format!("list {path}"))?;
        Ok(names.into_iter().map(|(name, _)| name).collect())
    }

    /// Bytes in free clusters.
    ///
    /// # Errors
    /// When the volume is damaged.
    pub fn free_bytes(&self) -> Result<u64> {
        let stats = self.volume.stats().doing(|| "count the free clusters")?;
        Ok(u64::from(stats.free_clusters()) * u64::from(stats.cluster_size()))
    }

    fn attributes(&self, path: &str) -> Result<Option<FileAttributes>> {
        let path = normal(path);
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", &path));
        let names = match self.names(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            names => names.doing(|| format!("list {folder}"))?,
        };
        Ok(names
            .into_iter()
            .find(|(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, attributes)| attributes))
    }

    fn names(&self, folder: &str) -> io::Result<Vec<(String, FileAttributes)>> {
        let root = self.volume.root_dir();
        let folder = if folder.is_empty() { root } else { root.open_dir(folder)? };
        let mut names = Vec::new();
        for entry in folder.iter() {
            let entry = entry?;
            names.push((entry.file_name(), entry.attributes()));
        }
        names.retain(|(name, _)| name != "." && name != "..");
        names.sort_by(|(left, _), (right, _)| left.cmp(right));
        Ok(names)
    }
}
