// SPDX-License-Identifier: MIT OR Apache-2.0
//! Records of where a part of a file is (`btrfs_file_extent_item`).

use crate::bytes::{byte, le16, le64, wide};
use crate::error::{Fault, Flaw, Structure, Unsupported};
use crate::unpack::UNPACKED_MAX;

/// The kind of keys of extents.
pub(crate) const KIND: u8 = 108;
/// The bytes before those of an inline extent.
pub(crate) const INLINE: usize = 21;

/// What a file's bytes may be compressed by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Compression {
    /// Deflate in a zlib stream.
    Zlib,
    /// LZO1X, a sector at a time.
    Lzo,
    /// Zstandard.
    Zstd,
}

impl Compression {
    /// Its name, as the mount option `compress` has it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Zlib => "zlib",
            Self::Lzo => "lzo",
            Self::Zstd => "zstd",
        }
    }

    /// Whether this build has it.
    pub(crate) fn is_built(self) -> bool {
        match self {
            Self::Zlib => cfg!(feature = "zlib"),
            Self::Lzo => cfg!(feature = "lzo"),
            Self::Zstd => cfg!(feature = "zstd"),
        }
    }

    fn of(code: u8) -> Result<Option<Self>, Unsupported> {
        let kind = match code {
            0 => return Ok(None),
            1 => Self::Zlib,
            2 => Self::Lzo,
            3 => Self::Zstd,
            _ => return Err(Unsupported::CompressionType(code)),
        };
        if kind.is_built() { Ok(Some(kind)) } else { Err(Unsupported::CompressionNotBuilt(kind)) }
    }
}

/// Compressed bytes that are read as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Packed {
    pub(crate) logical: u64,
    /// Their bytes on the device, and without compression.
    pub(crate) length: usize,
    pub(crate) unpacked: usize,
    pub(crate) compression: Compression,
}

/// Where bytes of a file are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// Nowhere: they are zeros.
    Zeros,
    /// In the record itself, perhaps compressed: by what, and how many bytes they unpack to.
    Inline(Option<(Compression, usize)>),
    /// At this logical address.
    Plain(u64),
    /// In the compressed bytes, from this byte of what they unpack to on.
    Packed(Packed, usize),
}

/// A record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) length: u64,
    pub(crate) source: Source,
}

impl Record {
    /// From the data of a leaf's record, in a file system of these sectors; `place` is where it says what is wrong.
    pub(crate) fn decode(data: &[u8], sector: usize, place: u64) -> Result<Self, Flaw> {
        let damaged = |fault| Flaw::from(Structure::Extent.damage(fault, place));
        let short = damaged(Fault::Missing);
        if byte(data, 17).ok_or(short)? != 0 {
            return Err(Unsupported::Encrypted.into());
        }
        match le16(data, 18).ok_or(short)? {
            0 => {}
            encoding => return Err(Unsupported::Encoding(encoding).into()),
        }
        let compression = Compression::of(byte(data, 16).ok_or(short)?)?;
        let unpacked = le64(data, 8).ok_or(short)?;
        let record = match byte(data, 20).ok_or(short)? {
            0 => Self::inline(data, unpacked, compression),
            1 => Self::regular(data, unpacked, compression, sector),
            2 => Self::regular(data, unpacked, None, sector)
                .map(|record| Self { source: Source::Zeros, ..record }),
            _ => Err(Fault::Value),
        };
        record.map_err(damaged)
    }

    fn inline(data: &[u8], unpacked: u64, compression: Option<Compression>) -> Result<Self, Fault> {
        let stored = wide(data.len().saturating_sub(INLINE));
        let length = if compression.is_some() { unpacked } else { stored };
        let unpacked = usize::try_from(length).ok().filter(|&length| length <= UNPACKED_MAX);
        let unpacked = unpacked.ok_or(Fault::Value)?;
        let compression = compression.map(|compression| (compression, unpacked));
        Ok(Self { length, source: Source::Inline(compression) })
    }

    fn regular(
        data: &[u8],
        unpacked: u64,
        compression: Option<Compression>,
        sector: usize,
    ) -> Result<Self, Fault> {
        let field = |at| le64(data, at).ok_or(Fault::Missing);
        let (logical, stored, offset, length) = (field(21)?, field(29)?, field(37)?, field(45)?);
        let whole = [logical, stored, offset, length].iter().all(|field| field.is_multiple_of(wide(sector)));
        if length == 0 || !whole {
            return Err(Fault::Value);
        }
        if logical == 0 {
            return Ok(Self { length, source: Source::Zeros });
        }
        let end = offset.checked_add(length).ok_or(Fault::Bounds)?;
        let limit = if compression.is_some() { unpacked } else { stored };
        logical.checked_add(stored).filter(|_| end <= limit).ok_or(Fault::Bounds)?;
        let Some(compression) = compression else {
            return Ok(Self { length, source: Source::Plain(logical.saturating_add(offset)) });
        };
        let small = |length: u64| usize::try_from(length).ok().filter(|&length| length <= UNPACKED_MAX);
        let (Some(stored), Some(unpacked), Some(skip)) = (small(stored), small(unpacked), small(offset))
        else {
            return Err(Fault::Value);
        };
        let packed = Packed { logical, length: stored, unpacked, compression };
        Ok(Self { length, source: Source::Packed(packed, skip) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    struct Fields {
        unpacked: u64,
        compression: u8,
        kind: u8,
        numbers: [u64; 4],
    }

    fn item(fields: &Fields) -> Vec<u8> {
        let mut item = vec![0; 8];
        item.extend(fields.unpacked.to_le_bytes());
        item.extend([fields.compression, 0, 0, 0, fields.kind]);
        item.extend(fields.numbers.iter().flat_map(|number| number.to_le_bytes()));
        item
    }

    fn decode(unpacked: u64, compression: u8, kind: u8, numbers: [u64; 4]) -> Result<Record, Flaw> {
        Record::decode(&item(&Fields { unpacked, compression, kind, numbers }), 4096, 0)
    }

    #[test]
    fn each_kind_of_record() {
        let source = |unpacked, compression, kind, numbers| {
            decode(unpacked, compression, kind, numbers).map(|record| (record.length, record.source))
        };
        let at = 1 << 20;
        let plain = source(65536, 0, 1, [at, 65536, 4096, 8192]);
        assert_eq!(plain, Ok((8192, Source::Plain(at + 4096))));
        assert_eq!(source(8192, 0, 1, [0, 0, 0, 8192]), Ok((8192, Source::Zeros)));
        assert_eq!(source(65536, 0, 2, [at, 65536, 0, 8192]), Ok((8192, Source::Zeros)));
        let packed = Packed { logical: at, length: 4096, unpacked: 131_072, compression: Compression::Zstd };
        #[cfg(feature = "zstd")]
        assert_eq!(source(131_072, 3, 1, [at, 4096, 8192, 4096]), Ok((4096, Source::Packed(packed, 8192))));
        let _ = packed;
        assert_eq!(source(32, 0, 0, [1; 4]), Ok((32, Source::Inline(None))));
    }

    #[test]
    fn what_is_impossible_or_not_read() {
        let damaged = |fault| Err(Flaw::from(Structure::Extent.damage(fault, 0)));
        let at = 1 << 20;
        assert_eq!(decode(65536, 0, 1, [at, 65536, 0, 0]), damaged(Fault::Value));
        assert_eq!(decode(65536, 0, 1, [at + 1, 65536, 0, 4096]), damaged(Fault::Value));
        assert_eq!(decode(65536, 0, 1, [at, 4096, 4096, 4096]), damaged(Fault::Bounds));
        assert_eq!(decode(65536, 0, 1, [u64::MAX - 4095, 8192, 0, 4096]), damaged(Fault::Bounds));
        assert_eq!(decode(1 << 30, 1, 1, [at, 4096, 0, 4096]), damaged(Fault::Value));
        assert_eq!(decode(65536, 0, 3, [at, 65536, 0, 4096]), damaged(Fault::Value));
        assert_eq!(decode(65536, 4, 1, [at, 65536, 0, 4096]), Err(Unsupported::CompressionType(4).into()));
        let mut encrypted = item(&Fields { unpacked: 0, compression: 0, kind: 1, numbers: [0; 4] });
        encrypted[17] = 1;
        assert_eq!(Record::decode(&encrypted, 4096, 0), Err(Unsupported::Encrypted.into()));
        encrypted[17..20].copy_from_slice(&[0, 5, 0]);
        assert_eq!(Record::decode(&encrypted, 4096, 0), Err(Unsupported::Encoding(5).into()));
        assert_eq!(Record::decode(&encrypted[..20], 4096, 0), Err(Unsupported::Encoding(5).into()));
        assert_eq!(Record::decode(&[0; 20], 4096, 0), damaged(Fault::Missing));
    }

    proptest! {
        #[test]
        fn a_compressed_extent_is_bounded(unpacked in 0_u64..1 << 20, numbers in prop::array::uniform4(0_u64..64)) {
            let numbers = numbers.map(|number| number * 4096);
            if let Ok(Record { length, source: Source::Packed(packed, skip) }) = decode(unpacked, 1, 1, numbers) {
                prop_assert!(packed.length <= UNPACKED_MAX && packed.unpacked <= UNPACKED_MAX);
                prop_assert!(skip as u64 + length <= packed.unpacked as u64);
            }
        }
    }
}
