// SPDX-License-Identifier: MIT OR Apache-2.0
//! Small forms of disk images, to be kept beside tests: their sectors that are not zero.
//!
//! A packed image is its size in bytes, then for each sector that is kept its number and its bytes. Numbers are of
//! 64 bits, little-endian.
#![forbid(unsafe_code)]

use read_at::{OutOfRange, ReadAt};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::rc::Rc;

/// Bytes of a sector.
pub const SECTOR: usize = 512;
/// Bytes that are read at once.
const CHUNK: usize = 1 << 20;

/// Writes those sectors of `image` to `packed` that are not zero and that `keep` keeps, which gets the first byte's
/// place and the bytes of each.
///
/// # Errors
/// A file cannot be read or written.
pub fn pack(image: &Path, packed: &Path, keep: impl Fn(u64, &[u8]) -> bool) -> io::Result<()> {
    let image = File::open(image)?;
    let size = image.metadata()?.len();
    let mut out = BufWriter::new(File::create(packed)?);
    out.write_all(&size.to_le_bytes())?;
    let mut chunk = vec![0; CHUNK];
    for start in (0..size).step_by(CHUNK) {
        let length = (size - start).min(CHUNK as u64) as usize;
        image.read_exact_at(&mut chunk[..length], start)?;
        for (at, sector) in (start..).step_by(SECTOR).zip(chunk[..length].chunks(SECTOR)) {
            if sector.iter().any(|&byte| byte != 0) && keep(at, sector) {
                out.write_all(&(at / SECTOR as u64).to_le_bytes())?;
                out.write_all(sector)?;
            }
        }
    }
    out.flush()
}

/// An image in memory by its sectors that are not zero, which may be damaged and counts what is asked of it.
#[derive(Clone, Debug, Default)]
pub struct Image {
    size: u64,
    sectors: BTreeMap<u64, [u8; SECTOR]>,
    /// Requests so far, of this and its clones.
    pub requests: Rc<Cell<u64>>,
}

impl Image {
    /// The image of this packed form.
    ///
    /// # Panics
    /// It is not whole.
    #[must_use]
    pub fn unpack(packed: &[u8]) -> Self {
        let (size, rest) = packed.split_first_chunk().expect("a size");
        let sector = |chunk: &[u8]| {
            let (number, bytes) = chunk.split_first_chunk().expect("a sector's number");
            (u64::from_le_bytes(*number), bytes.try_into().expect("a whole sector"))
        };
        let sectors = rest.chunks(8 + SECTOR).map(sector).collect();
        Self { size: u64::from_le_bytes(*size), sectors, requests: Rc::default() }
    }

    /// An image of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let sectors =
            (0..).zip(bytes.chunks(SECTOR)).filter(|(_, bytes)| bytes.iter().any(|&byte| byte != 0));
        let whole = |bytes: &[u8]| core::array::from_fn(|at| bytes.get(at).copied().unwrap_or(0));
        let sectors = sectors.map(|(number, bytes)| (number, whole(bytes))).collect();
        Self { size: bytes.len() as u64, sectors, requests: Rc::default() }
    }

    /// Bytes of the image.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Makes it one of `size` bytes. What lies behind is cut off.
    pub fn resize(&mut self, size: u64) {
        self.size = size;
        let _behind = self.sectors.split_off(&size.div_ceil(SECTOR as u64));
    }

    /// The sectors that are not zero by their places in bytes, in order.
    pub fn sectors(&self) -> impl Iterator<Item = (u64, &[u8; SECTOR])> {
        self.sectors.iter().map(|(number, bytes)| (number * SECTOR as u64, bytes))
    }

    /// The places of sectors that are in use, in bytes.
    #[must_use]
    pub fn places(&self) -> Vec<u64> {
        self.sectors().map(|(place, _)| place).collect()
    }

    /// Changes the byte at `at` by `change`, where the image has a sector.
    pub fn change(&mut self, at: u64, change: u8) {
        if let Some(sector) = self.sectors.get_mut(&(at / SECTOR as u64)) {
            sector[(at % SECTOR as u64) as usize] ^= change;
        }
    }

    /// Writes `bytes` at `at`.
    pub fn put(&mut self, at: u64, bytes: &[u8]) {
        for (at, byte) in (at..).zip(bytes) {
            let sector = self.sectors.entry(at / SECTOR as u64).or_insert([0; SECTOR]);
            sector[(at % SECTOR as u64) as usize] = *byte;
        }
    }

    /// The `length` bytes at `at`, zeros behind the end.
    #[must_use]
    pub fn get(&self, at: u64, length: usize) -> Vec<u8> {
        let (start, skip) = (at / SECTOR as u64, (at % SECTOR as u64) as usize);
        let mut bytes = vec![0; skip + length];
        let count = bytes.len().div_ceil(SECTOR) as u64;
        for (number, stored) in self.sectors.range(start..start + count) {
            let place = (number - start) as usize * SECTOR;
            let end = bytes.len().min(place + SECTOR);
            bytes[place..end].copy_from_slice(&stored[..end - place]);
        }
        bytes.split_off(skip)
    }

    /// The number of `length` bytes at `at`, little-endian.
    #[must_use]
    pub fn number(&self, at: u64, length: usize) -> u64 {
        self.get(at, length).iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
    }

    /// Writes it as a file.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        let file = File::create(path)?;
        file.set_len(self.size)?;
        self.sectors().try_for_each(|(place, bytes)| file.write_all_at(bytes, place))
    }
}

impl ReadAt for Image {
    type Error = OutOfRange;

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> Result<(), OutOfRange> {
        self.requests.set(self.requests.get() + 1);
        let end = offset.checked_add(buffer.len() as u64);
        end.filter(|&end| end <= self.size).ok_or(OutOfRange)?;
        buffer.copy_from_slice(&self.get(offset, buffer.len()));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn what_was_packed_is_unpacked() {
        let folder = std::env::temp_dir().join(format!("lamboot-packed-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let (image, packed) = (folder.join("image"), folder.join("packed"));
        let mut bytes = vec![0; CHUNK + 5 * SECTOR];
        for at in [0, 700, CHUNK - 1, CHUNK, CHUNK + 4 * SECTOR] {
            bytes[at] = 7;
        }
        fs::write(&image, &bytes).unwrap();
        pack(&image, &packed, |at, sector| at != 0 || sector[1] != 0).unwrap();
        let mut unpacked = Image::unpack(&fs::read(&packed).unwrap());
        unpacked.put(0, &[7]);
        assert_eq!(unpacked.get(0, bytes.len()), bytes);
        assert_eq!(unpacked.places(), [0, 512, 0xF_FE00, 0x10_0000, 0x10_0800]);
        assert_eq!(Image::of(&bytes).places(), unpacked.places());
        unpacked.write(&image).unwrap();
        assert_eq!(fs::read(&image).unwrap(), bytes);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn bytes_are_changed_counted_and_cut_off() {
        let mut image = Image { size: 1024, ..Image::default() };
        image.put(510, &[1, 2, 3, 4]);
        image.change(511, 0xF0);
        image.change(200, 0);
        assert_eq!((image.number(509, 3), image.number(511, 2)), (0xF2_0100, 0x03F2));
        let mut read = [9; 4];
        image.clone().read_at(510, &mut read).unwrap();
        assert_eq!((read, image.requests.get()), ([1, 0xF2, 3, 4], 1));
        assert!(image.read_at(1021, &mut read).is_err());
        image.resize(512);
        assert!(image.read_at(510, &mut read).is_err());
        assert_eq!((image.size(), image.get(510, 4)), (512, vec![1, 0xF2, 0, 0]));
    }
}
