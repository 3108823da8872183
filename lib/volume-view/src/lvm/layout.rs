// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the metadata of a group says: its physical volumes, and where its logical volumes lie.

use super::config::{Section, Value};
use super::label::Uuid;
use crate::error::{Damage, Fault, Structure};
use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec::Vec;
use view_parts::sorted_by_key;

/// The bytes in which metadata counts.
const SECTOR: u64 = 512;

/// A group's metadata.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) name: String,
    pub(super) uuid: Uuid,
    /// Which of several texts is the newest.
    pub(super) sequence: u64,
    pub(super) extent_size: u64,
    pub(super) members: Vec<Member>,
    pub(super) volumes: Vec<Described>,
}

/// A physical volume of the group.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Member {
    /// What the metadata calls it.
    name: String,
    pub(super) uuid: Uuid,
    /// Where its extents begin, in bytes, and how many there are.
    pub(super) start: u64,
    pub(super) extents: u64,
    /// It was missing when something was written: what it has is old.
    pub(super) is_stale: bool,
}

/// A logical volume, by its segments.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Described {
    pub(super) name: String,
    pub(super) uuid: Uuid,
    pub(super) is_visible: bool,
    /// In order, each beginning where the one before ends.
    pub(super) segments: Vec<Segment>,
}

/// A run of extents of a volume.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Segment {
    /// In extents.
    pub(super) start: u64,
    pub(super) count: u64,
    pub(super) kind: Kind,
}

/// How a segment lies.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// In turns of this many bytes on each of these.
    Striped(u64, Vec<Area>),
    /// The same on each of these.
    Mirrored(Vec<Area>),
    /// In a way that is not read.
    Other(String),
}

/// A run of extents of something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Area {
    pub(super) of: Of,
    /// The extent that it begins with.
    pub(super) extent: u64,
}

/// What has extents, by its place in the metadata.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    Member(usize),
    Volume(usize),
}

/// Names of physical and logical volumes, sorted.
struct Names<'t>(Vec<(&'t str, Of)>);

fn damaged(fault: Fault) -> Damage {
    Structure::Metadata.damage(fault, 0)
}

impl Layout {
    /// What `text` says. The section that has a `seqno` is the group, and its name the group's.
    pub(super) fn parse(text: &[u8]) -> Result<Self, Damage> {
        let whole = Section::parse(text)?;
        let group = whole.sections().find(|(_, section)| section.number("seqno").is_some());
        let (name, group) = group.ok_or(damaged(Fault::Missing))?;
        let extent = group.number("extent_size").filter(|size| *size > 0).ok_or(damaged(Fault::Value))?;
        let (empty, none) = (Section::default(), Section::default());
        let physical = group.section("physical_volumes").unwrap_or(&empty);
        let logical = group.section("logical_volumes").unwrap_or(&none);
        let names = Names::of(physical, logical);
        let volumes = logical.sections().map(|(name, section)| Described::parse(name, section, &names));
        Ok(Self {
            name: name.to_owned(),
            uuid: uuid(group)?,
            sequence: group.number("seqno").unwrap_or(0),
            extent_size: extent.checked_mul(SECTOR).ok_or(damaged(Fault::Value))?,
            members: physical
                .sections()
                .map(|(name, section)| Member::parse(name, section))
                .collect::<Result<_, _>>()?,
            volumes: volumes.collect::<Result<_, _>>()?,
        })
    }
}

fn uuid(section: &Section<'_>) -> Result<Uuid, Damage> {
    section.text("id").and_then(|text| Uuid::parse(&text)).ok_or(damaged(Fault::Value))
}

impl Member {
    fn parse(name: &str, section: &Section<'_>) -> Result<Self, Damage> {
        let start = section.number("pe_start").and_then(|start| start.checked_mul(SECTOR));
        Ok(Self {
            name: name.to_owned(),
            uuid: uuid(section)?,
            start: start.ok_or(damaged(Fault::Value))?,
            extents: section.number("pe_count").ok_or(damaged(Fault::Value))?,
            is_stale: section.has_word("status", "MISSING") || section.has_word("flags", "MISSING"),
        })
    }
}

impl<'t> Names<'t> {
    fn of(physical: &Section<'t>, logical: &Section<'t>) -> Self {
        let members = physical.sections().enumerate().map(|(index, (name, _))| (name, Of::Member(index)));
        let volumes = logical.sections().enumerate().map(|(index, (name, _))| (name, Of::Volume(index)));
        Self(sorted_by_key(members.chain(volumes).collect(), |(name, _)| *name))
    }

    fn find(&self, name: &Value<'_>) -> Result<Of, Damage> {
        let name = name.text().ok_or(damaged(Fault::Value))?;
        let index = self.0.binary_search_by_key(&name.as_str(), |(name, _)| name).ok();
        index.and_then(|index| self.0.get(index)).map(|(_, of)| *of).ok_or(damaged(Fault::Missing))
    }

    /// Names and extents by turns.
    fn areas(&self, list: &[Value<'_>]) -> Result<Vec<Area>, Damage> {
        let area = |pair: &[Value<'_>]| {
            let [name, extent] = pair else { return Err(damaged(Fault::Value)) };
            Ok(Area { of: self.find(name)?, extent: extent.number().ok_or(damaged(Fault::Value))? })
        };
        list.chunks(2).map(area).collect()
    }

    /// Names by turns of what describes a copy, and of the copy, which is all of a volume.
    fn copies(&self, list: &[Value<'_>]) -> Result<Vec<Area>, Damage> {
        let copies = list.chunks(2).map(|pair| pair.last().ok_or(damaged(Fault::Value)));
        copies.map(|name| Ok(Area { of: self.find(name?)?, extent: 0 })).collect()
    }
}

impl Described {
    fn parse(name: &str, section: &Section<'_>, names: &Names<'_>) -> Result<Self, Damage> {
        let segments = section.sections().filter(|(name, _)| name.starts_with("segment"));
        let segments = segments.map(|(_, section)| Segment::parse(section, names));
        let segments = sorted_by_key(segments.collect::<Result<_, _>>()?, |segment: &Segment| segment.start);
        let mut end = 0_u64;
        for segment in &segments {
            if segment.start != end || segment.count == 0 {
                return Err(damaged(Fault::Value));
            }
            end = end.checked_add(segment.count).ok_or(damaged(Fault::Value))?;
        }
        Ok(Self {
            name: name.to_owned(),
            uuid: uuid(section)?,
            is_visible: section.has_word("status", "VISIBLE"),
            segments,
        })
    }

    /// How many extents it has.
    pub(super) fn extents(&self) -> u64 {
        self.segments.last().map_or(0, |last| last.start.saturating_add(last.count))
    }

    /// The segment that has this extent.
    pub(super) fn segment(&self, extent: u64) -> Option<&Segment> {
        let after = self.segments.partition_point(|segment| segment.start <= extent);
        let segment = self.segments.get(after.checked_sub(1)?)?;
        (extent < segment.start.saturating_add(segment.count)).then_some(segment)
    }
}

impl Segment {
    fn parse(section: &Section<'_>, names: &Names<'_>) -> Result<Self, Damage> {
        let number = |name| section.number(name).ok_or(damaged(Fault::Value));
        let count = number("extent_count")?;
        let kind = match section.text("type").ok_or(damaged(Fault::Missing))?.as_str() {
            "striped" | "linear" => {
                let areas = names.areas(section.list("stripes"))?;
                let turns = if areas.len() == 1 { Some(1) } else { section.number("stripe_size") };
                let turns = turns.filter(|turns| *turns > 0).and_then(|turns| turns.checked_mul(SECTOR));
                Kind::Striped(turns.ok_or(damaged(Fault::Value))?, areas)
            }
            "mirror" => Kind::Mirrored(names.areas(section.list("mirrors"))?),
            "raid1" => Kind::Mirrored(names.copies(section.list("raids"))?),
            other => Kind::Other(other.to_owned()),
        };
        let is_possible = match &kind {
            Kind::Striped(_, areas) => {
                let width = crate::bytes::wide(areas.len());
                width > 0 && count.checked_rem(width) == Some(0)
            }
            Kind::Mirrored(areas) => !areas.is_empty(),
            Kind::Other(_) => true,
        };
        let segment = Self { start: number("start_extent")?, count, kind };
        if is_possible { Ok(segment) } else { Err(damaged(Fault::Value)) }
    }
}
