// SPDX-License-Identifier: MIT OR Apache-2.0
//! Pixels, and the files that they come from and go to.

use std::{
    fs::{self, File},
    io::{BufReader, BufWriter},
    path::Path,
};

use crate::{PictureError, palette::Palette};

/// Red, green, blue.
pub type Rgb = [u8; 3];

/// A picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Width and height, in pixels.
    pub size: (u32, u32),
    /// Row by row; as many as the size says.
    pub pixels: Vec<Rgb>,
}

impl Picture {
    /// Reads a PNG file.
    ///
    /// # Errors
    /// It cannot be read, or its colours are neither eight bits of red, green and blue nor from a palette.
    pub fn read(path: &Path) -> Result<Self, PictureError> {
        let file = File::open(path).map_err(|source| PictureError::File { path: path.into(), source })?;
        let (info, bytes) =
            decode(file).map_err(|source| PictureError::Decoding { path: path.into(), source })?;
        if (info.color_type, info.bit_depth) != (png::ColorType::Rgb, png::BitDepth::Eight) {
            return Err(PictureError::Colours { path: path.into(), colours: format!("{info:?}") });
        }
        let (pixels, _) = bytes.as_chunks();
        Ok(Self { size: (info.width, info.height), pixels: pixels.to_vec() })
    }

    /// The picture with each square of so many pixels across and down as one: their average. What is left
    /// over at the right and below is left out.
    #[must_use]
    pub fn shrunk(&self, times: u32) -> Self {
        let times = times.max(1);
        let size = (self.size.0 / times, self.size.1 / times);
        let square = |x: u32, y: u32| {
            let rows = (y * times..(y + 1) * times).map(|row| row as usize * self.size.0 as usize);
            rows.flat_map(move |row| {
                let start = row + (x * times) as usize;
                self.pixels.get(start..start + times as usize).into_iter().flatten()
            })
        };
        let places = (0..size.1).flat_map(|y| (0..size.0).map(move |x| (x, y)));
        Self { size, pixels: places.map(|(x, y)| average(square(x, y))).collect() }
    }

    /// Writes a PNG file of at most [`crate::MAX_COLOURS`] colours: the most frequent ones as they are,
    /// every other one as the nearest of them.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), PictureError> {
        let folder = path.parent().map_or(Ok(()), fs::create_dir_all);
        let file = folder
            .and_then(|()| File::create(path))
            .map_err(|source| PictureError::File { path: path.into(), source })?;
        self.encode(file).map_err(|source| PictureError::Encoding { path: path.into(), source })
    }

    fn encode(&self, file: File) -> Result<(), png::EncodingError> {
        let palette = Palette::of(&self.pixels);
        let mut encoder = png::Encoder::new(BufWriter::new(file), self.size.0, self.size.1);
        encoder.set_color(png::ColorType::Indexed);
        encoder.set_palette(palette.colours().as_flattened().to_vec());
        encoder.set_compression(png::Compression::High);
        // Rows that repeat are smaller as they are.
        encoder.set_filter(png::Filter::NoFilter);
        encoder.write_header()?.write_image_data(&palette.indices(&self.pixels))
    }
}

fn average<'p>(pixels: impl Iterator<Item = &'p Rgb>) -> Rgb {
    let (mut sums, mut count) = ([0_u32; 3], 0);
    for pixel in pixels {
        sums.iter_mut().zip(pixel).for_each(|(sum, channel)| *sum += u32::from(*channel));
        count += 1;
    }
    sums.map(|sum| u8::try_from(sum / count.max(1)).unwrap_or(u8::MAX))
}

fn decode(file: File) -> Result<(png::OutputInfo, Vec<u8>), png::DecodingError> {
    let mut decoder = png::Decoder::new(BufReader::new(file));
    decoder.set_transformations(png::Transformations::EXPAND);
    let mut reader = decoder.read_info()?;
    let size = reader.output_buffer_size().ok_or(png::DecodingError::LimitsExceeded)?;
    let mut bytes = vec![0; size];
    let info = reader.next_frame(&mut bytes)?;
    bytes.truncate(info.buffer_size());
    Ok((info, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shrunk_picture_has_the_average_of_each_square() {
        let pixels = [0, 10, 90, 200, 20, 30, 110, 7, 1, 2, 3, 4].map(|level| [level, level, 255]);
        let picture = Picture { size: (4, 3), pixels: pixels.to_vec() };
        let shrunk = picture.shrunk(2);
        assert_eq!(shrunk.size, (2, 1));
        assert_eq!(shrunk.pixels, [[15, 15, 255], [101, 101, 255]]);
        assert_eq!(picture.shrunk(1), picture);
    }
}
