// SPDX-License-Identifier: MIT OR Apache-2.0
//! Images of discs, as a distribution would make them: by `xorriso`, with Rock Ridge and Joliet.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Command,
};

use super::Contents;
use crate::{Lab, Result, VmError, error::Doing, tools::XORRISO};

/// An image that is still being described.
#[derive(Clone, Debug)]
pub struct IsoImage {
    label: String,
    files: Vec<(String, Contents)>,
}

impl IsoImage {
    /// An empty image with this volume label.
    #[must_use]
    pub fn new(label: &str) -> Self {
        Self { label: label.into(), files: Vec::new() }
    }

    /// Puts a file there; its folders are made as needed.
    #[must_use]
    pub fn file(mut self, path: &str, contents: impl Into<Contents>) -> Self {
        self.files.push((path.trim_start_matches('/').into(), contents.into()));
        self
    }

    /// Has the image made in the scenario's folder.
    ///
    /// # Errors
    /// [`VmError::MissingTool`] without `xorriso`; else when it fails or a file cannot be copied.
    pub fn build(&self, lab: &Lab) -> Result<PathBuf> {
        let folder = lab.part_folder("iso")?;
        let (tree, image) = (folder.join("tree"), folder.join("image.iso"));
        for (path, contents) in &self.files {
            copy(contents, &tree.join(path)).doing(|| format!("copy {path}"))?;
        }
        let mut command = Command::new(XORRISO.find()?);
        command.args(["-as", "mkisofs", "-quiet", "-R", "-J", "-joliet-long", "-V", &self.label, "-o"]);
        let output = command.arg(&image).arg(&tree).output().doing(|| "start xorriso")?;
        if output.status.success() {
            return Ok(image);
        }
        let reason = String::from_utf8_lossy(&output.stderr).into_owned();
        Err(VmError::Image { image: image.display().to_string(), reason })
    }
}

fn copy(contents: &Contents, to: &Path) -> io::Result<()> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    io::copy(&mut contents.open()?, &mut fs::File::create(to)?).map(drop)
}
