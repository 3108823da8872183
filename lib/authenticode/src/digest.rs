// SPDX-License-Identifier: MIT OR Apache-2.0
//! The hash of an image ("Windows Authenticode Portable Executable Signature Format", Calculating the PE
//! Image Hash), over the bytes that [`pe_image::AuthenticodeRanges`] names.

use crate::algorithm::DigestAlgorithm;
use crate::judge::Lists;
use crate::signature_list::Entry;
use crate::signed_data::SignedData;
use core::fmt;
use pe_image::AuthenticodeRanges;
use sha2::{Digest as _, Sha256, Sha384, Sha512};

/// Which hashes of an image are needed. SHA-256 always is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    sha384: bool,
    sha512: bool,
}

impl Wanted {
    /// SHA-256, and what these signatures and lists compare.
    #[must_use]
    pub fn by<'s>(signatures: impl IntoIterator<Item = &'s SignedData<'s>>, lists: &Lists<'_>) -> Self {
        let mut wanted = Self::default();
        signatures.into_iter().for_each(|signature| wanted.add(signature.digest_algorithm()));
        for list in lists.allowed.iter().chain(lists.forbidden) {
            for entry in list.database.entries() {
                if let Entry::Image(digest, _) = entry {
                    wanted.add(*digest);
                }
            }
        }
        wanted
    }

    fn add(&mut self, digest: DigestAlgorithm) {
        match digest {
            DigestAlgorithm::Sha256 => {}
            DigestAlgorithm::Sha384 => self.sha384 = true,
            DigestAlgorithm::Sha512 => self.sha512 = true,
        }
    }
}

/// Hashes an image, in as many parts as its reader likes.
#[derive(Clone)]
pub struct ImageHasher {
    sha256: Sha256,
    sha384: Option<Sha384>,
    sha512: Option<Sha512>,
}

impl ImageHasher {
    /// Nothing is hashed yet.
    #[must_use]
    pub fn new(wanted: Wanted) -> Self {
        Self {
            sha256: Sha256::new(),
            sha384: wanted.sha384.then(Sha384::new),
            sha512: wanted.sha512.then(Sha512::new),
        }
    }

    /// Hashes the next bytes of [`AuthenticodeRanges::hashed`].
    pub fn update(&mut self, bytes: &[u8]) {
        self.sha256.update(bytes);
        if let Some(hash) = &mut self.sha384 {
            hash.update(bytes);
        }
        if let Some(hash) = &mut self.sha512 {
            hash.update(bytes);
        }
    }

    /// The hashes of all that was hashed.
    #[must_use]
    pub fn finish(self) -> ImageDigests {
        ImageDigests {
            sha256: self.sha256.finalize().into(),
            sha384: self.sha384.map(|hash| hash.finalize().into()),
            sha512: self.sha512.map(|hash| hash.finalize().into()),
        }
    }
}

impl fmt::Debug for ImageHasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ImageHasher").finish_non_exhaustive()
    }
}

/// The hashes of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImageDigests {
    sha256: [u8; 32],
    sha384: Option<[u8; 48]>,
    sha512: Option<[u8; 64]>,
}

impl ImageDigests {
    /// Hashes a file that is in memory; `None` when it is shorter than the one that the ranges are of.
    #[must_use]
    pub fn of(file: &[u8], ranges: &AuthenticodeRanges, wanted: Wanted) -> Option<Self> {
        let mut hasher = ImageHasher::new(wanted);
        for range in ranges.hashed() {
            hasher.update(file.get(usize::try_from(range.start).ok()?..usize::try_from(range.end).ok()?)?);
        }
        Some(hasher.finish())
    }

    /// The hash by this function, if it was wanted.
    #[must_use]
    pub fn get(&self, digest: DigestAlgorithm) -> Option<&[u8]> {
        match digest {
            DigestAlgorithm::Sha256 => Some(&self.sha256),
            DigestAlgorithm::Sha384 => self.sha384.as_ref().map(<[u8; 48]>::as_slice),
            DigestAlgorithm::Sha512 => self.sha512.as_ref().map(<[u8; 64]>::as_slice),
        }
    }
}
