// SPDX-License-Identifier: MIT OR Apache-2.0
//! A logical volume, as something that can be read from.

use super::DEPTH_MAX;
use super::group::Group;
use super::label::Uuid;
use super::layout::{Area, Described, Kind, Of};
use crate::bytes::{narrow, wide};
use crate::error::{Error, Fault, Misuse, Structure};
use read_at::ReadAt;

/// A logical volume that the metadata describes. [`Volume::open`] says whether it can be read.
#[derive(Debug)]
pub struct Volume<'g, R> {
    pub(super) group: &'g Group<R>,
    pub(super) index: usize,
}

/// A logical volume that can be read.
#[derive(Debug)]
pub struct LogicalVolume<'g, R> {
    group: &'g Group<R>,
    index: usize,
    size: u64,
}

impl<'g, R: ReadAt> Volume<'g, R> {
    fn described(&self) -> Option<&'g Described> {
        self.group.described(self.index)
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &'g str {
        self.described().map_or("", |volume| &volume.name)
    }

    /// Which it is.
    #[must_use]
    pub fn uuid(&self) -> Option<&'g Uuid> {
        self.described().map(|volume| &volume.uuid)
    }

    /// In bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        let extents = self.described().map_or(0, Described::extents);
        extents.saturating_mul(self.group.layout.extent_size)
    }

    /// Opens it.
    ///
    /// # Errors
    ///
    /// A physical volume that it needs is missing, or it is of a type that is not read.
    pub fn open(&self) -> Result<LogicalVolume<'g, R>, Error<R::Error>> {
        self.group.check(self.index)?;
        Ok(LogicalVolume { group: self.group, index: self.index, size: self.size() })
    }
}

impl<R> LogicalVolume<'_, R> {
    /// In bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }
}

/// A run of bytes goes to the physical volume in one request, as long as it lies together there.
impl<R: ReadAt> ReadAt for LogicalVolume<'_, R> {
    type Error = Error<R::Error>;

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> Result<(), Self::Error> {
        let end = offset.checked_add(wide(buffer.len()));
        if end.is_none_or(|end| end > self.size) {
            return Err(Misuse::OutOfRange.into());
        }
        self.group.read_volume(self.index, offset, buffer, 0)
    }
}

impl<R: ReadAt> Group<R> {
    fn read_volume(
        &self,
        index: usize,
        offset: u64,
        buffer: &mut [u8],
        depth: u32,
    ) -> Result<(), Error<R::Error>> {
        let damaged = |fault| Error::from(Structure::Volume.damage(fault, wide(index)));
        let extent_size = self.layout.extent_size.max(1);
        let volume = self.described(index).filter(|_| depth < DEPTH_MAX).ok_or(damaged(Fault::Depth))?;
        let (mut at, mut rest) = (offset, buffer);
        while !rest.is_empty() {
            let extent = at.checked_div(extent_size).unwrap_or(0);
            let segment = volume.segment(extent).ok_or(damaged(Fault::Bounds))?;
            let within = at.saturating_sub(segment.start.saturating_mul(extent_size));
            let left = segment.count.saturating_mul(extent_size).saturating_sub(within);
            let (most, areas, place) = match &segment.kind {
                Kind::Striped(_, areas) if areas.len() == 1 => (left, &areas[..], within),
                Kind::Striped(turn, areas) => {
                    let turn = Turn::of(within, *turn, wide(areas.len()));
                    let area = areas.get(turn.area..).and_then(|areas| areas.get(..1));
                    (turn.left.min(left), area.unwrap_or_default(), turn.place)
                }
                Kind::Mirrored(areas) => (left, &areas[..], within),
                Kind::Other(_) => return Err(damaged(Fault::Value)),
            };
            let (part, later) = rest.split_at_mut(narrow(most).min(rest.len()));
            self.read_copies(areas, place, part, depth)?;
            at = at.saturating_add(wide(part.len()));
            rest = later;
        }
        Ok(())
    }

    /// Reads from the first of `areas` that can be read.
    fn read_copies(
        &self,
        areas: &[Area],
        at: u64,
        buffer: &mut [u8],
        depth: u32,
    ) -> Result<(), Error<R::Error>> {
        let mut result = Err(Structure::Volume.damage(Fault::Missing, at).into());
        for area in areas {
            let start = area.extent.saturating_mul(self.layout.extent_size).saturating_add(at);
            let again = match area.of {
                Of::Volume(index) => self.read_volume(index, start, buffer, depth.saturating_add(1)),
                Of::Member(index) => self.read_member(index, start, buffer),
            };
            match again {
                Ok(()) => return Ok(()),
                // The first failure says most.
                Err(error) if matches!(result, Err(Error::Damaged(_))) => result = Err(error),
                Err(_) => {}
            }
        }
        result
    }

    fn read_member(&self, index: usize, at: u64, buffer: &mut [u8]) -> Result<(), Error<R::Error>> {
        let missing = Structure::Volume.damage(Fault::Missing, at);
        let member = self.layout.members.get(index).ok_or(missing)?;
        let mut devices = self.devices.try_borrow_mut().map_err(|_| Misuse::Reentered)?;
        let device = devices.get_mut(index).and_then(Option::as_mut).ok_or(missing)?;
        device.read_at(member.start.saturating_add(at), buffer).map_err(Error::Device)
    }
}

/// Where a byte of a striped segment lies.
#[derive(Debug, PartialEq, Eq)]
struct Turn {
    area: usize,
    /// In the area.
    place: u64,
    /// The bytes that follow there.
    left: u64,
}

impl Turn {
    /// Of the byte `at`, where `width` areas take turns of `size` bytes.
    fn of(at: u64, size: u64, width: u64) -> Self {
        let (turn, skip) = (at.checked_div(size).unwrap_or(0), at.checked_rem(size).unwrap_or(0));
        let (row, area) = (turn.checked_div(width).unwrap_or(0), turn.checked_rem(width).unwrap_or(0));
        let place = row.saturating_mul(size).saturating_add(skip);
        Self { area: narrow(area), place, left: size.saturating_sub(skip) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stripes_take_turns() {
        assert_eq!(Turn::of(0, 64, 3), Turn { area: 0, place: 0, left: 64 });
        assert_eq!(Turn::of(63, 64, 3), Turn { area: 0, place: 63, left: 1 });
        assert_eq!(Turn::of(64, 64, 3), Turn { area: 1, place: 0, left: 64 });
        assert_eq!(Turn::of(3 * 64 + 130, 64, 3), Turn { area: 2, place: 66, left: 62 });
    }
}
