// SPDX-License-Identifier: MIT OR Apache-2.0
//! Pictures of the screen, beside those that are kept in `goldens/`.

use lamboot_pictures::{Golden, Picture, PictureError};
use std::path::Path;

/// How much of a picture may differ from the one that is kept, in thousandths of its pixels.
const TOLERANCE: usize = 2;

/// Compares a screenshot with the golden picture of this name. With `LAMBOOT_KEEP_PICTURES=1` it becomes
/// the golden picture.
///
/// # Errors
/// When they differ in size or in too many pixels, or one cannot be read.
pub fn compare(screenshot: &Path, name: &str) -> Result<(), PictureError> {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("goldens").join(format!("{name}.png"));
    Golden::new(golden).tolerate(TOLERANCE).compare(&Picture::read(screenshot)?)
}
