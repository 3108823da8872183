// SPDX-License-Identifier: MIT OR Apache-2.0
//! All devices of a file system as one space of logical addresses: nodes and bytes, from whichever copy is well.

use crate::bytes::narrow;
use crate::cache::Cache;
use crate::chunk::{self, COPIES_MAX, Chunk, Place};
use crate::devices::{Device, Found};
use crate::error::{Damage, Error, Fault, Structure, Unsupported};
use crate::node::{self, Key, Pointer, Stamp};
use crate::options::{Options, Verify};
use crate::superblock::Superblock;
use crate::tree::{self, Tree};
use crate::unpack::Unpacker;
use alloc::sync::Arc;
use alloc::vec::Vec;
use read_at::ReadAt;

/// The most bytes that one request to a device has.
pub const REQUEST_MAX: usize = 4 << 20;
/// Chunks that are remembered beside those of the system.
const CHUNKS_MAX: usize = 16;

/// The devices, and what was read of them last.
#[derive(Debug)]
pub(crate) struct Pool<R> {
    devices: Vec<Device<R>>,
    /// For each device, whether it lacks commits.
    stale: Vec<bool>,
    fsids: Vec<[u8; 16]>,
    pub(crate) shape: Shape,
    /// Chunks of the tree of chunks itself.
    system: Vec<Arc<Chunk>>,
    /// Chunks that were used last, the newest last.
    recent: Vec<Arc<Chunk>>,
    cache: Cache,
    pub(crate) unpacker: Unpacker,
}

/// How a file system is laid out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    pub(crate) sector: usize,
    node: usize,
    pub(crate) checksum: crate::ChecksumType,
    pub(crate) verify: Verify,
    chunks: Tree,
}

impl<R: ReadAt> Pool<R> {
    pub(crate) fn new(found: Found<R>, options: Options) -> Result<(Self, Superblock), Error<R::Error>> {
        let superblock = &found.superblock;
        let damaged = |fault| Structure::Chunk.damage(fault, 0);
        let system = Chunk::list(&superblock.system_chunks).map_err(damaged)?;
        let shape = Shape {
            sector: superblock.sector_size,
            node: superblock.node_size,
            checksum: superblock.checksum,
            verify: options.verify,
            chunks: Tree { id: tree::CHUNKS, root: superblock.chunk_root },
        };
        let stale = found.devices.iter().map(|device| found.is_stale(device)).collect();
        let pool = Self {
            devices: found.devices,
            stale,
            fsids: found.fsids,
            shape,
            system: system.into_iter().map(Arc::new).collect(),
            recent: Vec::new(),
            cache: Cache::default(),
            unpacker: Unpacker::default(),
        };
        Ok((pool, found.superblock))
    }

    pub(crate) fn into_readers(self) -> Vec<R> {
        self.devices.into_iter().map(|device| device.reader).collect()
    }

    /// The node that `pointer` leads to, in `tree`, from the first copy of it that is well.
    pub(crate) fn node(&mut self, tree: &Tree, pointer: &Pointer) -> Result<Arc<[u8]>, Error<R::Error>> {
        if let Some(node) = self.cache.get(pointer) {
            return Ok(node);
        }
        let chunk = self.chunk(pointer.logical, tree.id == tree::CHUNKS)?;
        let mut failed = None;
        for copy in self.order(&chunk, pointer.logical) {
            match self.copy_of_node(&chunk, pointer, copy) {
                Ok(node) => {
                    self.cache.put(*pointer, &node);
                    return Ok(node);
                }
                Err(error) => failed = Some(worse(failed, error)),
            }
        }
        Err(failed.unwrap_or(Structure::Node.damage(Fault::Bounds, pointer.logical).into()))
    }

    fn copy_of_node(
        &mut self,
        chunk: &Chunk,
        pointer: &Pointer,
        copy: usize,
    ) -> Result<Arc<[u8]>, Error<R::Error>> {
        let mut node: Arc<[u8]> = core::iter::repeat_n(0, self.shape.node).collect();
        let bytes = Arc::get_mut(&mut node).unwrap_or_default();
        self.read_copy(chunk, pointer.logical, copy, bytes)?;
        let stamp = Stamp { checksum: self.shape.checksum, fsids: &self.fsids };
        let stamp = Some(stamp).filter(|_| self.shape.verify != Verify::Structure);
        let checked = node::check(&node, pointer, stamp);
        checked.map_err(|fault| Structure::Node.damage(fault, pointer.logical))?;
        Ok(node)
    }

    /// The chunk that has `logical`; where the tree of chunks is read, those that the superblock lists only.
    pub(crate) fn chunk(&mut self, logical: u64, system: bool) -> Result<Arc<Chunk>, Error<R::Error>> {
        let recent = self.recent.iter().filter(|_| !system);
        if let Some(chunk) = self.system.iter().chain(recent).find(|chunk| chunk.holds(logical)) {
            return Ok(Arc::clone(chunk));
        }
        let missing = Structure::Chunk.damage(Fault::Missing, logical);
        if system {
            return Err(missing.into());
        }
        let key = Key::new(chunk::OBJECT, chunk::KIND, logical);
        let chunks = self.shape.chunks;
        let found = self.at_or_before(&chunks, key)?.filter(|found| found.is_of(key));
        let found = found.ok_or(missing)?;
        let decoded = Chunk::decode(found.key.offset, found.data());
        let chunk = Arc::new(decoded.map_err(|fault| Structure::Chunk.damage(fault, logical))?);
        if !chunk.holds(logical) {
            return Err(missing.into());
        }
        if self.recent.len() >= CHUNKS_MAX {
            self.recent.remove(0);
        }
        self.recent.push(Arc::clone(&chunk));
        Ok(chunk)
    }

    /// The copies of what is at `logical`, those on devices that lack commits last, and without those on devices
    /// that are missing, unless it is the only one.
    fn order(&self, chunk: &Chunk, logical: u64) -> Copies {
        let mut copies = Copies { order: [0; COPIES_MAX], length: 0, next: 0 };
        let state = |copy| {
            let place = chunk.place(logical, copy)?;
            let index = self.device(&place)?;
            self.stale.get(index).copied()
        };
        for wanted in [Some(false), Some(true), None] {
            (0..chunk.copies()).filter(|&copy| state(copy) == wanted).for_each(|copy| copies.push(copy));
        }
        copies
    }

    /// Where a device of a place is among those that were given.
    pub(crate) fn device(&self, place: &Place) -> Option<usize> {
        self.devices.iter().position(|device| device.id == place.device)
    }

    /// Where the bytes from `logical` on lie together: on the first device that is there.
    pub(crate) fn place(&mut self, logical: u64) -> Result<(usize, Place), Error<R::Error>> {
        let chunk = self.chunk(logical, false)?;
        let mut missing = Structure::Chunk.damage(Fault::Bounds, logical).into();
        for copy in self.order(&chunk, logical) {
            let Some(place) = chunk.place(logical, copy) else { continue };
            match self.device(&place) {
                Some(device) => return Ok((device, place)),
                None => missing = absent(&chunk, &place).into(),
            }
        }
        Err(missing)
    }

    /// Fills `buffer` with the `copy`th copy of the bytes from `logical` on, which are all in `chunk`.
    fn read_copy(
        &mut self,
        chunk: &Chunk,
        logical: u64,
        copy: usize,
        buffer: &mut [u8],
    ) -> Result<(), Error<R::Error>> {
        let (mut at, mut rest) = (logical, buffer);
        while !rest.is_empty() {
            let outside = Structure::Chunk.damage(Fault::Bounds, at);
            let place = chunk.place(at, copy).ok_or(outside)?;
            let index = self.device(&place);
            let device = index.and_then(|index| self.devices.get_mut(index));
            let device = device.ok_or(absent(chunk, &place))?;
            let (part, later) = rest.split_at_mut(narrow(place.length).min(rest.len()));
            device.reader.read_at(place.offset, part).map_err(Error::Device)?;
            at = at.saturating_add(crate::bytes::wide(part.len()));
            rest = later;
        }
        Ok(())
    }

    /// Fills `buffer`, which begins and ends at sectors' borders, with the bytes of a file from `logical` on:
    /// one request for what lies together, up to [`REQUEST_MAX`].
    pub(crate) fn read_data(
        &mut self,
        logical: u64,
        buffer: &mut [u8],
        sums: Option<&Tree>,
    ) -> Result<(), Error<R::Error>> {
        let sums = sums.filter(|_| self.shape.verify == Verify::Everything);
        let (mut at, mut rest) = (logical, buffer);
        while !rest.is_empty() {
            let chunk = self.chunk(at, false)?;
            let outside = Structure::Chunk.damage(Fault::Bounds, at);
            let length = narrow(chunk.place(at, 0).ok_or(outside)?.length);
            let (part, later) = rest.split_at_mut(length.min(REQUEST_MAX).min(rest.len()));
            self.read_part(&chunk, at, part, sums)?;
            at = at.saturating_add(crate::bytes::wide(part.len()));
            rest = later;
        }
        Ok(())
    }

    /// Fills `part`, of which each copy lies together.
    fn read_part(
        &mut self,
        chunk: &Chunk,
        logical: u64,
        part: &mut [u8],
        sums: Option<&Tree>,
    ) -> Result<(), Error<R::Error>> {
        let mut failed = None;
        let mut copies = self.order(chunk, logical);
        while let Some(copy) = copies.next() {
            match self.read_copy(chunk, logical, copy, part) {
                Ok(()) => {
                    let Some(sums) = sums else { return Ok(()) };
                    return self.verify(chunk, logical, part, sums, copies);
                }
                Err(error) => failed = Some(worse(failed, error)),
            }
        }
        Err(failed.unwrap_or(Structure::Data.damage(Fault::Bounds, logical).into()))
    }

    /// Checks each sector of `part`, and reads those that are not well from the copies that are `left`.
    fn verify(
        &mut self,
        chunk: &Chunk,
        logical: u64,
        part: &mut [u8],
        sums: &Tree,
        left: Copies,
    ) -> Result<(), Error<R::Error>> {
        let (mut at, mut rest) = (logical, part);
        while !rest.is_empty() {
            let run = self.checksums(sums, at)?;
            let length = run.len().saturating_mul(self.shape.sector).min(rest.len());
            let (covered, later) = rest.split_at_mut(length);
            for (number, sector) in covered.chunks_mut(self.shape.sector).enumerate() {
                let stored = run.get(number);
                if !self.shape.checksum.holds(sector, stored) {
                    let offset = crate::bytes::wide(number.saturating_mul(self.shape.sector));
                    self.mend(chunk, at.saturating_add(offset), sector, stored, left)?;
                }
            }
            at = at.saturating_add(crate::bytes::wide(length));
            rest = later;
        }
        Ok(())
    }

    /// Reads a sector from the first of `copies` that has the checksum `stored`.
    fn mend(
        &mut self,
        chunk: &Chunk,
        logical: u64,
        sector: &mut [u8],
        stored: &[u8],
        copies: Copies,
    ) -> Result<(), Error<R::Error>> {
        for copy in copies {
            let read = self.read_copy(chunk, logical, copy, sector);
            if read.is_ok() && self.shape.checksum.holds(sector, stored) {
                return Ok(());
            }
        }
        let damage: Damage = Structure::Data.damage(Fault::Checksum, logical);
        Err(damage.into())
    }
}

/// Copies in the order in which they are tried.
#[derive(Clone, Copy, Debug)]
struct Copies {
    order: [usize; COPIES_MAX],
    length: usize,
    next: usize,
}

impl Copies {
    fn push(&mut self, copy: usize) {
        if let Some(slot) = self.order.get_mut(self.length) {
            *slot = copy;
            self.length = self.length.saturating_add(1);
        }
    }
}

impl Iterator for Copies {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        let copy = self.order.get(self.next..self.length)?.first().copied()?;
        self.next = self.next.saturating_add(1);
        Some(copy)
    }
}

/// Why nothing can be read where no device is.
fn absent(chunk: &Chunk, place: &Place) -> Unsupported {
    let number = place.device.number;
    if chunk.profile.has_parity() { Unsupported::Parity(number) } else { Unsupported::MissingDevice(number) }
}

/// Of two copies' errors the one that says more: that a device is missing is known before.
fn worse<E>(before: Option<Error<E>>, error: Error<E>) -> Error<E> {
    match before {
        Some(before) if !matches!(before, Error::Unsupported(Unsupported::MissingDevice(_))) => before,
        _ => error,
    }
}
