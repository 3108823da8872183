// SPDX-License-Identifier: MIT OR Apache-2.0
//! Compressed bytes (btrfs documentation, "Compression").

#[cfg(feature = "lzo")]
mod lzo;
#[cfg(feature = "zlib")]
mod zlib;
#[cfg(feature = "zstd")]
mod zstd;

use crate::extent::{Compression, Packed};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

/// The most bytes that are compressed together, and the most that they take.
pub(crate) const UNPACKED_MAX: usize = 128 << 10;

/// Unpacks, and keeps what was unpacked last: it is often read in several steps.
#[derive(Default)]
pub(crate) struct Unpacker {
    last: Option<(Packed, Arc<Vec<u8>>)>,
    #[cfg(feature = "zstd")]
    zstd: zstd::Decoder,
}

impl fmt::Debug for Unpacker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let last = self.last.as_ref().map(|(packed, _)| packed);
        f.debug_struct("Unpacker").field("last", &last).finish_non_exhaustive()
    }
}

impl Unpacker {
    /// What `packed` unpacks to, if it was the last.
    pub(crate) fn kept(&self, packed: &Packed) -> Option<Arc<Vec<u8>>> {
        self.last.as_ref().filter(|(last, _)| last == packed).map(|(_, bytes)| Arc::clone(bytes))
    }

    pub(crate) fn keep(&mut self, packed: Packed, bytes: Arc<Vec<u8>>) {
        self.last = Some((packed, bytes));
    }

    /// Forgets what was unpacked last.
    pub(crate) fn forget(&mut self) {
        self.last = None;
    }

    /// Fills `bytes` with what `packed` unpacks to; none where it is damaged or has fewer. What a stream lacks
    /// of its last sector are zeros: a file's end may be in it, and nothing is stored of what comes after that.
    pub(crate) fn unpack(
        &mut self,
        compression: Compression,
        packed: &[u8],
        bytes: &mut [u8],
        sector: usize,
    ) -> Option<()> {
        let done: Option<usize> = match compression {
            #[cfg(feature = "zlib")]
            Compression::Zlib => zlib::unpack(packed, bytes),
            #[cfg(feature = "lzo")]
            Compression::Lzo => lzo::unpack(packed, bytes, sector),
            #[cfg(feature = "zstd")]
            Compression::Zstd => self.zstd.unpack(packed, bytes),
            // An extent of such a kind is refused before.
            #[cfg(not(all(feature = "zlib", feature = "lzo", feature = "zstd")))]
            _ => {
                let _ = packed;
                None
            }
        };
        let enough = bytes.len().saturating_sub(sector);
        let done = done.filter(|&done| done > enough || bytes.is_empty())?;
        bytes.get_mut(done..).unwrap_or_default().fill(0);
        Some(())
    }
}
