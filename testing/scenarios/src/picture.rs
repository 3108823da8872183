// SPDX-License-Identifier: MIT OR Apache-2.0
//! Pictures of the screen, beside those that are kept in `goldens/`.

use anyhow::{Context as _, ensure};
use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};

/// How far a channel of a pixel may be off, of 255.
const CHANNEL: u8 = 24;

/// Compares a screenshot with the golden picture of this name: at most so many thousandths of the pixels
/// may differ. With `LAMBOOT_KEEP_PICTURES=1` it becomes the golden picture.
///
/// # Errors
/// When they differ in size or in too many pixels, or one cannot be read.
pub fn compare(screenshot: &Path, name: &str, permille: usize) -> anyhow::Result<()> {
    let golden = goldens().join(format!("{name}.png"));
    if std::env::var_os("LAMBOOT_KEEP_PICTURES").is_some_and(|value| value == "1") {
        fs::create_dir_all(goldens())?;
        fs::copy(screenshot, &golden)?;
        return Ok(());
    }
    let (wanted, found) = (read(&golden)?, read(screenshot)?);
    ensure!(wanted.size == found.size, "{} is {:?} and not {:?}", name, found.size, wanted.size);
    let pairs = wanted.pixels.chunks(3).zip(found.pixels.chunks(3));
    let different = pairs.filter(|(a, b)| a.iter().zip(*b).any(|(a, b)| a.abs_diff(*b) > CHANNEL)).count();
    let all = wanted.pixels.len() / 3;
    ensure!(
        different * 1000 <= all * permille,
        "{different} of {all} pixels of {} differ from {}",
        screenshot.display(),
        golden.display()
    );
    Ok(())
}

fn goldens() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("goldens")
}

struct Picture {
    size: (u32, u32),
    /// Red, green, blue, row by row.
    pixels: Vec<u8>,
}

fn read(path: &Path) -> anyhow::Result<Picture> {
    let file = File::open(path).with_context(|| path.display().to_string())?;
    let mut reader = png::Decoder::new(BufReader::new(file)).read_info()?;
    let mut pixels = vec![0; reader.output_buffer_size().context("a picture that fits into memory")?];
    let info = reader.next_frame(&mut pixels)?;
    ensure!(info.color_type == png::ColorType::Rgb && info.bit_depth == png::BitDepth::Eight, "{info:?}");
    pixels.truncate(info.buffer_size());
    Ok(Picture { size: (info.width, info.height), pixels })
}
