// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a file in an image or an initramfs is made of.

use std::{
    fs::File,
    io::{self, Cursor, Read},
    path::PathBuf,
};

/// Contents of a file.
#[derive(Clone, Debug)]
pub enum Contents {
    /// These bytes.
    Bytes(Vec<u8>),
    /// A copy of a file of the host.
    HostFile(PathBuf),
    /// So many bytes that look random, and are the same in every run.
    Noise {
        /// How many bytes.
        len: u64,
        /// Which sequence.
        seed: u64,
    },
}

impl Contents {
    /// Opens the contents for reading from the start.
    ///
    /// # Errors
    /// When a file of the host cannot be opened.
    pub(crate) fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        Ok(match self {
            Contents::Bytes(bytes) => Box::new(Cursor::new(bytes)),
            Contents::HostFile(path) => Box::new(File::open(path)?),
            Contents::Noise { len, seed } => Box::new(Noise(*seed).take(*len)),
        })
    }

    /// The length in bytes.
    ///
    /// # Errors
    /// When a file of the host cannot be examined.
    pub(crate) fn len(&self) -> io::Result<u64> {
        match self {
            Contents::Bytes(bytes) => Ok(bytes.len() as u64),
            Contents::HostFile(path) => Ok(path.metadata()?.len()),
            Contents::Noise { len, .. } => Ok(*len),
        }
    }
}

/// A `SplitMix64` sequence as bytes (Steele, Lea, Flood: "Fast splittable pseudorandom number generators").
#[derive(Debug)]
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

impl Read for Noise {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        for chunk in buffer.chunks_mut(8) {
            let word = self.next().to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
        Ok(buffer.len())
    }
}

impl From<Vec<u8>> for Contents {
    fn from(bytes: Vec<u8>) -> Self {
        Contents::Bytes(bytes)
    }
}

impl From<&[u8]> for Contents {
    fn from(bytes: &[u8]) -> Self {
        Contents::Bytes(bytes.to_vec())
    }
}

impl From<&str> for Contents {
    fn from(text: &str) -> Self {
        Contents::Bytes(text.as_bytes().to_vec())
    }
}

impl From<String> for Contents {
    fn from(text: String) -> Self {
        Contents::Bytes(text.into_bytes())
    }
}

impl From<PathBuf> for Contents {
    fn from(path: PathBuf) -> Self {
        Contents::HostFile(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_repeats_by_seed_and_keeps_its_length() {
        let read = |seed| {
            let contents = Contents::Noise { len: 1001, seed };
            let mut bytes = Vec::new();
            contents.open().unwrap().read_to_end(&mut bytes).unwrap();
            bytes
        };
        assert_eq!((read(1).len(), read(1)), (1001, read(1)));
        assert_ne!(read(1), read(2));
    }
}
