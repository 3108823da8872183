// SPDX-License-Identifier: MIT OR Apache-2.0
//! Pictures of screens, beside those that are kept.
//!
//! A test makes a [`Picture`], and [`Golden`] says whether it looks like the one in the repository:
//!
//! ```no_run
//! # use lamboot_pictures::{Golden, Picture};
//! # fn main() -> Result<(), lamboot_pictures::PictureError> {
//! let shown = Picture::read("screenshot.png".as_ref())?;
//! Golden::new("goldens/menu.png").compare(&shown)?;
//! # Ok(())
//! # }
//! ```
//!
//! With `LAMBOOT_KEEP_PICTURES=1` in the environment what is shown becomes what is kept, in at most
//! [`MAX_COLOURS`] colours and thus small. Look at each before it is committed.
#![forbid(unsafe_code)]

mod error;
mod golden;
mod palette;
mod picture;

pub use crate::{
    error::PictureError,
    golden::Golden,
    palette::MAX_COLOURS,
    picture::{Picture, Rgb},
};
