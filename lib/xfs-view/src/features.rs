// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which features a file system has, and which of them stand in a reader's way (XFS Algorithms &
//! Data Structures, "Superblocks"; the kernel's descriptions of the features since).

use crate::error::Unsupported;

/// Bits of `sb_versionnum` beside the version.
const VERSION_MASK: u16 = 0x000F;
const V4_DIRECTORIES_V2: u16 = 0x2000;
const V4_ASCII_CI: u16 = 0x4000;
const V4_MORE_BITS: u16 = 0x8000;
/// Bits of `sb_features2` (version 4).
const V4_FTYPE: u32 = 0x0200;
/// The bits of `sb_features2` that exist: lazy counters, second attributes, 32-bit project
/// identifiers, CRC (which version 5 sets), types of files in directories, and three that were kept
/// for other uses.
const V4_KNOWN: u32 = 0x039F;

/// Incompatible features of version 5 (`sb_features_incompat`), and why one is refused.
struct Incompatible {
    bit: u32,
    name: &'static str,
    refused: Option<Unsupported>,
}

const fn known(bit: u32, name: &'static str) -> Incompatible {
    Incompatible { bit, name, refused: None }
}

const fn refused(bit: u32, name: &'static str, why: Unsupported) -> Incompatible {
    Incompatible { bit, name, refused: Some(why) }
}

const FTYPE: u32 = 1 << 0;
const SPARSE_INODES: u32 = 1 << 1;
const META_UUID: u32 = 1 << 2;
const BIG_TIME: u32 = 1 << 3;
const NREXT64: u32 = 1 << 5;
const METADIR: u32 = 1 << 8;

const INCOMPATIBLE: &[Incompatible] = &[
    known(FTYPE, "ftype"),
    known(SPARSE_INODES, "spinodes"),
    known(META_UUID, "meta_uuid"),
    known(BIG_TIME, "bigtime"),
    refused(1 << 4, "needsrepair", Unsupported::NeedsRepair),
    known(NREXT64, "nrext64"),
    known(1 << 6, "exchrange"),
    known(1 << 7, "parent"),
    known(METADIR, "metadir"),
    refused(1 << 9, "zoned", Unsupported::Zoned),
    refused(1 << 10, "zone_gaps", Unsupported::Zoned),
];

/// Features with which an older kernel may still read; none of them concerns a reader.
const READ_ONLY_COMPATIBLE: &[(u32, &str)] =
    &[(1, "finobt"), (2, "rmapbt"), (4, "reflink"), (8, "inobtcount")];

/// The features of a file system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Features {
    version: u16,
    v4: u16,
    v4_more: u32,
    incompatible: u32,
    read_only_compatible: u32,
}

/// The fields of a superblock that say which features there are.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Fields {
    pub(crate) versionnum: u16,
    pub(crate) features2: u32,
    pub(crate) incompatible: u32,
    pub(crate) read_only_compatible: u32,
}

impl Features {
    /// Judges the features that `fields` name.
    ///
    /// # Errors
    ///
    /// One of them stands in a reader's way.
    pub(crate) fn judge(fields: Fields) -> Result<Self, Unsupported> {
        let version = fields.versionnum & VERSION_MASK;
        let v5 = match version {
            4 => false,
            5 => true,
            _ => return Err(Unsupported::Version(version)),
        };
        let more = fields.versionnum & V4_MORE_BITS != 0;
        let features = Self {
            version,
            v4: fields.versionnum,
            v4_more: if more { fields.features2 } else { 0 },
            incompatible: if v5 { fields.incompatible } else { 0 },
            read_only_compatible: if v5 { fields.read_only_compatible } else { 0 },
        };
        features.refusal().map_or(Ok(features), Err)
    }

    fn refusal(&self) -> Option<Unsupported> {
        if self.v4 & V4_DIRECTORIES_V2 == 0 {
            return Some(Unsupported::DirectoriesV1);
        }
        if self.v4 & V4_ASCII_CI != 0 {
            return Some(Unsupported::AsciiCi);
        }
        let unknown = if self.is_v5() { 0 } else { self.v4_more & !V4_KNOWN };
        let known = INCOMPATIBLE.iter().fold(0, |bits, feature| bits | feature.bit);
        let unknown = unknown | (self.incompatible & !known);
        if unknown != 0 {
            return Some(Unsupported::UnknownIncompatible(unknown));
        }
        INCOMPATIBLE.iter().filter(|feature| self.incompatible & feature.bit != 0).find_map(|it| it.refused)
    }

    /// Whether blocks of metadata have checksums and say what they are.
    #[must_use]
    pub fn is_v5(&self) -> bool {
        self.version == 5
    }

    /// Whether directories say which type a file is of.
    #[must_use]
    pub fn has_ftype(&self) -> bool {
        if self.is_v5() { self.incompatible & FTYPE != 0 } else { self.v4_more & V4_FTYPE != 0 }
    }

    /// Whether blocks have another UUID than the one that users see.
    pub(crate) fn has_meta_uuid(&self) -> bool {
        self.incompatible & META_UUID != 0
    }

    /// The names of the features, as `xfs_info` and `mkfs.xfs` have them.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        let (incompatible, compatible) = (self.incompatible, self.read_only_compatible);
        let crc = self.is_v5().then_some("crc");
        let ftype = (!self.is_v5() && self.has_ftype()).then_some("ftype");
        let names = INCOMPATIBLE.iter().filter(move |it| incompatible & it.bit != 0).map(|it| it.name);
        let others = READ_ONLY_COMPATIBLE.iter().filter(move |(bit, _)| compatible & bit != 0);
        crc.into_iter().chain(ftype).chain(names).chain(others.map(|(_, name)| *name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    fn v5(incompatible: u32) -> Fields {
        Fields { versionnum: 0xB4A5, features2: 0x18A, incompatible, read_only_compatible: 0xF }
    }

    #[test]
    fn known_features_are_named() {
        let features = Features::judge(v5(0x1EF)).unwrap();
        let names: Vec<_> = features.names().collect();
        assert_eq!(names[..4], ["crc", "ftype", "spinodes", "meta_uuid"]);
        assert_eq!(names.last(), Some(&"inobtcount"));
        assert!(features.is_v5() && features.has_ftype() && features.has_meta_uuid());
    }

    #[test]
    fn what_stands_in_the_way_is_refused_by_name() {
        let v4 = Fields { versionnum: 0xB4A4, features2: 0x8A, ..Fields::default() };
        for (fields, why) in [
            (v5(0x10), Unsupported::NeedsRepair),
            (v5(0x200), Unsupported::Zoned),
            (v5(0x8000_0001), Unsupported::UnknownIncompatible(0x8000_0000)),
            (Fields { versionnum: 0xB4A3, ..v4 }, Unsupported::Version(3)),
            (Fields { versionnum: 0xF4A4, ..v4 }, Unsupported::AsciiCi),
            (Fields { versionnum: 0x94A4, ..v4 }, Unsupported::DirectoriesV1),
            (Fields { features2: 0x1000, ..v4 }, Unsupported::UnknownIncompatible(0x1000)),
        ] {
            assert_eq!(Features::judge(fields), Err(why));
        }
        assert!(!Features::judge(v4).unwrap().has_ftype());
        assert!(Features::judge(Fields { features2: 0x28A, ..v4 }).unwrap().has_ftype());
    }

    #[test]
    fn version_4_does_not_look_at_the_fields_of_version_5() {
        let fields =
            Fields { versionnum: 0xB4A4, features2: 0x8A, incompatible: u32::MAX, read_only_compatible: 9 };
        assert!(Features::judge(fields).unwrap().names().next().is_none());
    }
}
