// SPDX-License-Identifier: MIT OR Apache-2.0
//! A group of physical volumes.

use super::label::{PhysicalVolume, Uuid};
use super::layout::{Area, Described, Kind, Layout, Of};
use super::volume::{LogicalVolume, Volume};
use super::{DEPTH_MAX, PARTS_MAX};
use crate::bytes::wide;
use crate::error::{Error, Fault, Flaw, Misuse, Structure, Unsupported};
use alloc::string::ToString as _;
use alloc::vec::Vec;
use core::cell::RefCell;
use read_at::ReadAt;

/// A group, with those of its physical volumes that are there.
#[derive(Debug)]
pub struct Group<R> {
    pub(super) layout: Layout,
    /// By the place in the metadata; none where it is missing or old.
    pub(super) devices: RefCell<Vec<Option<R>>>,
    present: Vec<bool>,
}

/// The groups that `volumes` make, each by the newest of its texts. Physical volumes of no group are not
/// in any.
///
/// # Errors
///
/// The newest text of a group is damaged: then that group's place has the error.
pub fn assemble<R: ReadAt>(volumes: Vec<PhysicalVolume<R>>) -> Vec<Result<Group<R>, Error<R::Error>>> {
    let mut layouts: Vec<Layout> = Vec::new();
    let mut failed = Vec::new();
    for text in volumes.iter().filter_map(|volume| volume.text.as_deref()) {
        match Layout::parse(text) {
            Err(damage) => failed.push(Err(damage.into())),
            Ok(new) => match layouts.iter_mut().find(|known| known.uuid == new.uuid) {
                Some(known) if known.sequence < new.sequence => *known = new,
                Some(_) => {}
                None => layouts.push(new),
            },
        }
    }
    let mut volumes: Vec<Option<PhysicalVolume<R>>> = volumes.into_iter().map(Some).collect();
    let mut groups: Vec<_> = layouts.into_iter().map(|layout| Ok(Group::new(layout, &mut volumes))).collect();
    // A text that cannot be parsed is of no consequence where another physical volume has the same.
    if groups.is_empty() {
        groups.append(&mut failed);
    }
    groups
}

impl<R: ReadAt> Group<R> {
    fn new(layout: Layout, volumes: &mut [Option<PhysicalVolume<R>>]) -> Self {
        let mut take = |uuid: &Uuid| {
            let found = volumes.iter_mut().find(|volume| volume.as_ref().is_some_and(|pv| pv.uuid() == uuid));
            found.and_then(Option::take).map(|volume| volume.reader)
        };
        let members = layout.members.iter();
        let devices: Vec<Option<R>> =
            members.map(|member| take(&member.uuid).filter(|_| !member.is_stale)).collect();
        let present = devices.iter().map(Option::is_some).collect();
        Self { layout, devices: RefCell::new(devices), present }
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.layout.name
    }

    /// Which it is.
    #[must_use]
    pub fn uuid(&self) -> &Uuid {
        &self.layout.uuid
    }

    /// The physical volumes that are missing, or were when something was written.
    pub fn missing(&self) -> impl Iterator<Item = &Uuid> {
        let members = self.layout.members.iter().zip(&self.present);
        members.filter(|(_, is_present)| !**is_present).map(|(member, _)| &member.uuid)
    }

    /// The logical volumes that people use, in the order of the metadata.
    pub fn volumes(&self) -> impl Iterator<Item = Volume<'_, R>> {
        let described = self.layout.volumes.iter().enumerate();
        described.filter(|(_, volume)| volume.is_visible).map(|(index, _)| Volume { group: self, index })
    }

    /// Opens the logical volume called `name`, whether people use it or other volumes are made of it.
    ///
    /// # Errors
    ///
    /// There is none, a physical volume that it needs is missing, or it is of a type that is not read.
    pub fn open(&self, name: &str) -> Result<LogicalVolume<'_, R>, Error<R::Error>> {
        let index = self.layout.volumes.iter().position(|volume| volume.name == name);
        let volume = Volume { group: self, index: index.ok_or(Misuse::NoSuchVolume)? };
        volume.open()
    }

    /// The physical volumes that can be read again.
    #[must_use]
    pub fn into_readers(self) -> Vec<R> {
        self.devices.into_inner().into_iter().flatten().collect()
    }

    pub(super) fn described(&self, index: usize) -> Option<&Described> {
        self.layout.volumes.get(index)
    }

    /// Whether all of a volume can be read.
    pub(super) fn check(&self, index: usize) -> Result<(), Flaw> {
        let mut parts = 0;
        self.check_volume(index, 0, &mut parts)
    }

    fn check_volume(&self, index: usize, depth: u32, parts: &mut u32) -> Result<(), Flaw> {
        let damaged = |fault| Flaw::from(Structure::Volume.damage(fault, wide(index)));
        let volume = self.described(index).ok_or(damaged(Fault::Missing))?;
        if depth >= DEPTH_MAX {
            return Err(damaged(Fault::Depth));
        }
        let size = volume.extents().checked_mul(self.layout.extent_size);
        size.ok_or(damaged(Fault::Value))?;
        for segment in &volume.segments {
            *parts = parts.saturating_add(1);
            if *parts > PARTS_MAX {
                return Err(damaged(Fault::Depth));
            }
            match &segment.kind {
                Kind::Other(name) => return Err(Unsupported::SegmentType(name.clone()).into()),
                Kind::Striped(_, areas) => {
                    let each = segment.count.checked_div(wide(areas.len())).unwrap_or(0);
                    for area in areas {
                        self.check_area(*area, each, depth, parts)?;
                    }
                }
                // One copy is enough.
                Kind::Mirrored(areas) => {
                    let mut copies =
                        areas.iter().map(|area| self.check_area(*area, segment.count, depth, parts));
                    let first = copies.next().unwrap_or(Err(damaged(Fault::Missing)));
                    if first.is_err() && !copies.any(|copy| copy.is_ok()) {
                        return first;
                    }
                }
            }
        }
        Ok(())
    }

    fn check_area(&self, area: Area, count: u64, depth: u32, parts: &mut u32) -> Result<(), Flaw> {
        *parts = parts.saturating_add(1);
        let extents = match area.of {
            Of::Volume(index) => {
                self.check_volume(index, depth.saturating_add(1), parts)?;
                self.described(index).map_or(0, Described::extents)
            }
            Of::Member(index) => {
                let member = self.layout.members.get(index);
                if let Some(member) = member.filter(|_| self.present.get(index) != Some(&true)) {
                    return Err(Unsupported::MissingPv(member.uuid.to_string()).into());
                }
                member.map_or(0, |member| member.extents)
            }
        };
        let bounds = Structure::Volume.damage(Fault::Bounds, area.extent);
        let end = area.extent.checked_add(count).filter(|end| *end <= extents);
        end.map(|_| ()).ok_or(bounds.into())
    }
}
