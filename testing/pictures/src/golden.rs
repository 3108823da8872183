// SPDX-License-Identifier: MIT OR Apache-2.0
//! A picture that is kept, and what may differ from it.

use std::{
    env,
    path::{Path, PathBuf},
};

use crate::{Picture, PictureError, palette::difference};

/// How far a channel of a pixel may be off, of 255: compilers round floating point differently, and few
/// colours stand for many.
const CHANNEL: u8 = 28;
/// How many pixels may be further off, in thousandths.
const PERMILLE: usize = 1;

/// A picture that is kept.
#[derive(Clone, Debug)]
pub struct Golden {
    path: PathBuf,
    permille: usize,
}

impl Golden {
    /// The picture in this file.
    #[must_use]
    pub fn new(path: impl AsRef<Path>) -> Self {
        Self { path: path.as_ref().into(), permille: PERMILLE }
    }

    /// The same, with so many thousandths of the pixels that may differ; one unless told.
    #[must_use]
    pub fn tolerate(self, permille: usize) -> Self {
        Self { permille, ..self }
    }

    /// Whether what is shown looks like this; what does not is kept beside the system's temporary files.
    ///
    /// # Errors
    /// When they differ in size or in too many pixels, or the file cannot be read.
    pub fn compare(&self, shown: &Picture) -> Result<(), PictureError> {
        if env::var_os("LAMBOOT_KEEP_PICTURES").is_some_and(|value| value == "1") {
            shown.write(&self.path)?;
        }
        self.check(shown)
    }

    fn check(&self, shown: &Picture) -> Result<(), PictureError> {
        let kept = Picture::read(&self.path)?;
        let golden = self.path.clone();
        if kept.size != shown.size {
            return Err(PictureError::Size { golden, wanted: kept.size, found: shown.size });
        }
        let pairs = kept.pixels.iter().zip(&shown.pixels);
        let different = pairs.filter(|(kept, shown)| difference(**kept, **shown) > CHANNEL).count();
        let all = kept.pixels.len();
        if different * 1000 <= all * self.permille {
            return Ok(());
        }
        let name = self.path.file_name().unwrap_or_default().display();
        let copy = env::temp_dir().join(format!("lamboot-{name}"));
        shown.write(&copy)?;
        Err(PictureError::Different { different, all, golden, shown: copy })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An area with a dot, beside a gradient.
    fn picture(dot: u8) -> Picture {
        let shade = |x: u32| u8::try_from(x % 251).unwrap_or(0);
        let gradient = (0..1000).map(|x| [shade(x), shade(x) / 2, 9]);
        let mut pixels: Vec<_> = [[30, 30, 30]; 4000].into_iter().chain(gradient).collect();
        pixels[7] = [dot, dot, dot];
        Picture { size: (100, 50), pixels }
    }

    fn kept(shown: &Picture) -> (tempfile::TempDir, Golden) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new").join("kept.png");
        shown.write(&path).unwrap();
        (folder, Golden::new(path))
    }

    #[test]
    fn what_is_kept_looks_like_what_was_shown() {
        let (_folder, golden) = kept(&picture(3));
        golden.clone().tolerate(0).check(&picture(3)).unwrap();
        golden.check(&picture(250)).unwrap();
    }

    #[test]
    fn one_pixel_too_many_is_told() {
        let (_folder, golden) = kept(&picture(3));
        let error = golden.tolerate(0).check(&picture(250)).unwrap_err();
        assert!(matches!(error, PictureError::Different { different: 1, all: 5000, .. }), "{error}");
    }

    #[test]
    fn another_size_is_told() {
        let (_folder, golden) = kept(&picture(3));
        let turned = Picture { size: (50, 100), ..picture(3) };
        assert!(matches!(golden.check(&turned), Err(PictureError::Size { .. })));
    }

    #[test]
    fn a_missing_file_is_told_by_its_name() {
        let error = Golden::new("no/such.png").check(&picture(0)).unwrap_err();
        assert!(error.to_string().contains("no/such.png"), "{error}");
    }
}
