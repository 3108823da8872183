// SPDX-License-Identifier: MIT OR Apache-2.0
//! Why a picture is not as it should be.

use std::{io, path::PathBuf};

/// Why a picture is not as it should be.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// A file cannot be opened or made.
    #[error("{}: {source}", path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file is no picture that is understood.
    #[error("{}: {source}", path.display())]
    Decoding {
        /// Which one.
        path: PathBuf,
        /// What the decoder says.
        source: png::DecodingError,
    },
    /// A picture cannot be written.
    #[error("{}: {source}", path.display())]
    Encoding {
        /// Where to.
        path: PathBuf,
        /// What the encoder says.
        source: png::EncodingError,
    },
    /// Its colours are neither red, green and blue of eight bits each nor from a palette.
    #[error("{}: {colours}", path.display())]
    Colours {
        /// Which file.
        path: PathBuf,
        /// What its colours are.
        colours: String,
    },
    /// It has another size than the one that is kept.
    #[error("{} is {wanted:?}, and what is shown is {found:?}", golden.display())]
    Size {
        /// The picture that is kept.
        golden: PathBuf,
        /// Its width and height.
        wanted: (u32, u32),
        /// Those of what is shown.
        found: (u32, u32),
    },
    /// It looks different from the one that is kept.
    #[error("{different} of {all} pixels differ from {}; what is shown is in {}", golden.display(), shown.display())]
    Different {
        /// How many pixels differ.
        different: usize,
        /// How many there are.
        all: usize,
        /// The picture that is kept.
        golden: PathBuf,
        /// What is shown.
        shown: PathBuf,
    },
}
