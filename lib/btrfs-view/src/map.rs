// SPDX-License-Identifier: MIT OR Apache-2.0
//! From a file's bytes to the record that says where they are.

use crate::bytes::{align_down, narrow, wide};
use crate::error::{Error, Fault, Structure};
use crate::extent::{self, INLINE, Packed, Record, Source};
use crate::extents::{Extent, Place};
use crate::file::File;
use crate::node::Key;
use crate::pool::Pool;
use crate::tree::{Item, Span};
use alloc::sync::Arc;
use alloc::vec::Vec;
use read_at::ReadAt;

/// The leaf that was looked at last: the next record is mostly in it.
#[derive(Debug, Default)]
pub(crate) struct Position(Option<Span>);

/// Bytes of a file that have one source.
#[derive(Clone, Debug)]
pub(crate) struct Stretch {
    /// The file's byte after the last one, not after the file's end.
    pub(crate) end: u64,
    /// Where they are: zeros, or from the file's byte that was asked for on.
    pub(crate) source: Source,
    /// The record, for what is in it.
    item: Option<Item>,
    /// How many bytes of an inline extent come before those that were asked for.
    skip: usize,
}

impl Stretch {
    /// The bytes in an inline record.
    fn inline(&self) -> &[u8] {
        self.item.as_ref().and_then(|item| item.data().get(INLINE..)).unwrap_or_default()
    }
}

impl<R: ReadAt> File<'_, R> {
    /// From the file's byte `at` on, which is before its end, the bytes of one source.
    pub(crate) fn stretch(&self, position: &mut Position, at: u64) -> Result<Stretch, Error<R::Error>> {
        let key = Key::new(self.metadata().inode, extent::KIND, at);
        let span = match position.0.take().filter(|span| span.holds(key)) {
            Some(span) => span,
            None => self.volume().with_pool(|pool| pool.descend(&self.tree, key))?,
        };
        let after = span.node().up_to(key);
        let before = after.checked_sub(1).and_then(|index| span.item(index));
        let next = span.node().key(after).or(span.next);
        position.0 = Some(span);
        let found = before.filter(|item| item.is_of(key)).map(|item| self.in_record(item, at)).transpose()?;
        if let Some(stretch) = found.flatten() {
            return Ok(stretch);
        }
        // Between two records is a hole, as is what comes after the last.
        let next = next.filter(|next| (next.object, next.kind) == (key.object, key.kind));
        let end = next.map_or(u64::MAX, |next| next.offset).min(self.metadata().size);
        Ok(Stretch { end, source: Source::Zeros, item: None, skip: 0 })
    }

    /// The bytes from `at` on, if they are in the record.
    fn in_record(&self, item: Item, at: u64) -> Result<Option<Stretch>, Error<R::Error>> {
        let sector = self.volume().sector();
        let record = Record::decode(item.data(), sector, self.tree.root.logical)?;
        let skip = at.saturating_sub(item.key.offset);
        let end = item.key.offset.saturating_add(record.length).min(self.metadata().size);
        if at >= end {
            return Ok(None);
        }
        let source = match record.source {
            Source::Plain(logical) => Source::Plain(logical.saturating_add(skip)),
            Source::Packed(packed, before) => Source::Packed(packed, before.saturating_add(narrow(skip))),
            same => same,
        };
        Ok(Some(Stretch { end, source, item: Some(item), skip: narrow(skip) }))
    }

    /// A run of bytes from the file's byte `at` on, and where it lies.
    pub(crate) fn extent_at(&self, position: &mut Position, at: u64) -> Result<Extent, Error<R::Error>> {
        let stretch = self.stretch(position, at)?;
        let length = stretch.end.saturating_sub(at);
        let whole = |place| Extent { offset: at, length, place };
        match stretch.source {
            Source::Zeros => Ok(whole(Place::Zeros)),
            Source::Inline(_) | Source::Packed(..) => Ok(whole(Place::Encoded)),
            Source::Plain(logical) => {
                let (device, place) = self.volume().with_pool(|pool| pool.place(logical))?;
                let length = length.min(place.length);
                Ok(Extent { offset: at, length, place: Place::Device(device, place.offset) })
            }
        }
    }

    /// Reads from the file's byte `offset` on as many bytes as there are.
    pub(crate) fn read_bytes(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, Error<R::Error>> {
        let length = narrow(self.metadata().size.saturating_sub(offset)).min(buffer.len());
        let mut at = offset;
        let mut position = Position::default();
        let mut rest = buffer.get_mut(..length).unwrap_or_default();
        while !rest.is_empty() {
            let stretch = self.joined(&mut position, at, rest.len())?;
            let (part, later) = rest.split_at_mut(narrow(stretch.end.saturating_sub(at)).min(rest.len()));
            self.fill(&stretch, part)?;
            at = at.saturating_add(wide(part.len()));
            rest = later;
        }
        Ok(length)
    }

    /// As [`File::stretch`], with those that follow on the devices, too, up to `wanted` bytes.
    fn joined(&self, position: &mut Position, at: u64, wanted: usize) -> Result<Stretch, Error<R::Error>> {
        let mut stretch = self.stretch(position, at)?;
        let Source::Plain(logical) = stretch.source else { return Ok(stretch) };
        let enough = at.saturating_add(wide(wanted)).min(self.metadata().size);
        while stretch.end < enough {
            let next = self.stretch(position, stretch.end)?;
            if next.source != Source::Plain(logical.saturating_add(stretch.end.saturating_sub(at))) {
                break;
            }
            stretch.end = next.end;
        }
        Ok(stretch)
    }

    /// Fills `part` with the first bytes of `stretch`.
    fn fill(&self, stretch: &Stretch, part: &mut [u8]) -> Result<(), Error<R::Error>> {
        let outside = self.damaged(Structure::Extent, Fault::Bounds);
        match stretch.source {
            Source::Zeros => part.fill(0),
            Source::Plain(logical) => self.read_plain(logical, part)?,
            // All of it goes straight to where it is wanted.
            Source::Packed(packed, 0) if packed.unpacked == part.len() => self.unpack(&packed, part)?,
            Source::Packed(packed, skip) => copy(part, &self.unpacked(&packed)?, skip).ok_or(outside)?,
            Source::Inline(None) => copy(part, stretch.inline(), stretch.skip).ok_or(outside)?,
            Source::Inline(Some((compression, length))) => {
                let sector = self.volume().sector();
                let mut unpacked = alloc::vec![0; length];
                let unpack = |pool: &mut Pool<R>| {
                    Ok(pool.unpacker.unpack(compression, stretch.inline(), &mut unpacked, sector))
                };
                let done = self.volume().with_pool(unpack)?;
                done.ok_or(self.damaged(Structure::Compressed, Fault::Value))?;
                copy(part, &unpacked, stretch.skip).ok_or(outside)?;
            }
        }
        Ok(())
    }

    /// Fills `part` with the bytes from `logical` on. Whole sectors go straight into it; of one that is wanted
    /// in part, all is read and checked.
    fn read_plain(&self, logical: u64, part: &mut [u8]) -> Result<(), Error<R::Error>> {
        let sector = self.volume().sector();
        let skip = narrow(logical.saturating_sub(align_down(logical, sector)));
        let head = if skip == 0 { 0 } else { sector.saturating_sub(skip).min(part.len()) };
        let (head, rest) = part.split_at_mut(head);
        let whole = narrow(align_down(wide(rest.len()), sector));
        let (middle, tail) = rest.split_at_mut(whole);
        let after_head = logical.saturating_add(wide(head.len()));
        let after_middle = after_head.saturating_add(wide(middle.len()));
        self.read_partly(logical, skip, head)?;
        self.read_sectors(after_head, middle)?;
        self.read_partly(after_middle, 0, tail)
    }

    /// Fills `part` with bytes of one sector, from the `skip`th on; `logical` is where they are.
    fn read_partly(&self, logical: u64, skip: usize, part: &mut [u8]) -> Result<(), Error<R::Error>> {
        if part.is_empty() {
            return Ok(());
        }
        let sector = self.volume().sector();
        let mut bytes = alloc::vec![0; sector];
        self.read_sectors(align_down(logical, sector), &mut bytes)?;
        copy(part, &bytes, skip).ok_or(self.damaged(Structure::Data, Fault::Bounds).into())
    }

    fn read_sectors(&self, logical: u64, sectors: &mut [u8]) -> Result<(), Error<R::Error>> {
        if sectors.is_empty() {
            return Ok(());
        }
        let sums = if self.inode.has_checksums { self.volume().checksum_tree() } else { None };
        self.volume().with_pool(|pool| pool.read_data(logical, sectors, sums.as_ref()))
    }

    /// What `packed` unpacks to.
    fn unpacked(&self, packed: &Packed) -> Result<Arc<Vec<u8>>, Error<R::Error>> {
        let kept = self.volume().with_pool(|pool| Ok(pool.unpacker.kept(packed)))?;
        if let Some(bytes) = kept {
            return Ok(bytes);
        }
        self.volume().with_pool(|pool| {
            pool.unpacker.forget();
            Ok(())
        })?;
        let mut bytes = alloc::vec![0; packed.unpacked];
        self.unpack(packed, &mut bytes)?;
        let bytes = Arc::new(bytes);
        self.volume().with_pool(|pool| {
            pool.unpacker.keep(*packed, Arc::clone(&bytes));
            Ok(())
        })?;
        Ok(bytes)
    }

    /// Fills `bytes` with all that `packed` unpacks to.
    fn unpack(&self, packed: &Packed, bytes: &mut [u8]) -> Result<(), Error<R::Error>> {
        let mut stored: Vec<u8> = alloc::vec![0; packed.length];
        self.read_sectors(packed.logical, &mut stored)?;
        let damage = Structure::Compressed.damage(Fault::Value, packed.logical);
        self.volume().with_pool(|pool| {
            let sector = pool.shape.sector;
            let unpacked = pool.unpacker.unpack(packed.compression, &stored, bytes, sector);
            unpacked.ok_or(damage.into())
        })
    }
}

/// Copies all of `to` from `from`, from its byte `skip` on.
fn copy(to: &mut [u8], from: &[u8], skip: usize) -> Option<()> {
    to.copy_from_slice(crate::bytes::part(from, skip, to.len())?);
    Some(())
}
