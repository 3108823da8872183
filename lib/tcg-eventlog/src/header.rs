// SPDX-License-Identifier: MIT OR Apache-2.0
//! The header of a crypto agile log: which algorithms its events have digests of (TCG PC Client Platform
//! Firmware Profile 1.06, section 10.4.5).

use crate::algorithm::Algorithm;
use crate::bytes::Reader;
use crate::error::Fault;
use crate::log::ALGORITHMS_MAX;

/// The signature of the header's data, with its terminator.
pub(crate) const SIGNATURE: &[u8; 16] = b"Spec ID Event03\0";

/// What the first event of a crypto agile log says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// 0 for clients, 1 for servers.
    pub platform_class: u32,
    /// Major and minor version of the specification that the log follows, and its errata: 2, 0, 2.
    pub version: (u8, u8, u8),
    /// The size of pointers in the log's structures: 1 for 32 bits, 2 for 64.
    pub uintn_size: u8,
    pub(crate) sizes: Sizes,
}

impl Header {
    /// The header in an event's data; `None` when the signature is another.
    pub(crate) fn parse(data: &[u8]) -> Option<Result<Self, Fault>> {
        let fields = data.strip_prefix(SIGNATURE)?;
        Some(Self::parse_fields(&mut Reader::new(fields)))
    }

    fn parse_fields(reader: &mut Reader<'_>) -> Result<Self, Fault> {
        let platform_class = reader.u32().ok_or(Fault::Truncated)?;
        let [minor, major, errata, uintn_size] = *reader.array().ok_or(Fault::Truncated)?;
        let sizes = Sizes::parse(reader)?;
        // The vendor's own bytes follow; nothing here needs them, so nothing is asked of them.
        Ok(Self { platform_class, version: (major, minor, errata), uintn_size, sizes })
    }

    /// The algorithms that events have digests of, in the header's order.
    pub fn algorithms(&self) -> impl Iterator<Item = Algorithm> + use<> {
        self.sizes.iter().map(|(algorithm, _)| algorithm)
    }
}

/// How many bytes the digests of each algorithm have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sizes([Option<(Algorithm, u16)>; ALGORITHMS_MAX]);

impl Sizes {
    /// Those of a log that has only SHA-1 digests.
    pub(crate) const fn sha1() -> Self {
        let mut sizes = [None; ALGORITHMS_MAX];
        if let Some(first) = sizes.first_mut() {
            *first = Some((Algorithm::SHA1, 20));
        }
        Self(sizes)
    }

    fn parse(reader: &mut Reader<'_>) -> Result<Self, Fault> {
        let count = reader.u32().ok_or(Fault::Truncated)?;
        let wanted = usize::try_from(count).unwrap_or(usize::MAX);
        let mut sizes = Self([None; ALGORITHMS_MAX]);
        let places = sizes.0.get_mut(..wanted).filter(|places| !places.is_empty());
        for at in 0..places.ok_or(Fault::AlgorithmCount(count))?.len() {
            let algorithm = Algorithm(reader.u16().ok_or(Fault::Truncated)?);
            let size = reader.u16().ok_or(Fault::Truncated)?;
            if sizes.get(algorithm).is_some() {
                return Err(Fault::AlgorithmTwice(algorithm));
            }
            if algorithm.digest_size().is_some_and(|known| known != size) {
                return Err(Fault::DigestSize(algorithm, size));
            }
            if let Some(place) = sizes.0.get_mut(at) {
                *place = Some((algorithm, size));
            }
        }
        Ok(sizes)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (Algorithm, u16)> + use<> {
        self.0.into_iter().flatten()
    }

    pub(crate) fn get(&self, algorithm: Algorithm) -> Option<u16> {
        self.iter().find(|(own, _)| *own == algorithm).map(|(_, size)| size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(algorithms: &[(u16, u16)]) -> Result<Header, Fault> {
        let mut data = SIGNATURE.to_vec();
        data.extend([0, 0, 0, 0, 0, 2, 2, 2]);
        data.extend(u32::try_from(algorithms.len()).unwrap().to_le_bytes());
        for (algorithm, size) in algorithms {
            data.extend([algorithm.to_le_bytes(), size.to_le_bytes()].concat());
        }
        Header::parse(&data).unwrap()
    }

    #[test]
    fn algorithms_are_those_that_are_named() {
        let found = header(&[(0x0B, 32), (0x27, 64)]).unwrap();
        assert_eq!(found.algorithms().collect::<Vec<_>>(), [Algorithm::SHA256, Algorithm(0x27)]);
        assert_eq!((found.version, found.uintn_size), ((2, 0, 2), 2));
        assert_eq!(found.sizes.get(Algorithm(0x27)), Some(64));
    }

    #[test]
    fn what_no_header_can_say() {
        assert_eq!(header(&[]), Err(Fault::AlgorithmCount(0)));
        assert_eq!(header(&[(0x0B, 32); 9]), Err(Fault::AlgorithmCount(9)));
        assert_eq!(header(&[(0x0B, 32); 2]), Err(Fault::AlgorithmTwice(Algorithm::SHA256)));
        assert_eq!(header(&[(0x0B, 20)]), Err(Fault::DigestSize(Algorithm::SHA256, 20)));
        assert_eq!(Header::parse(SIGNATURE), Some(Err(Fault::Truncated)));
        assert_eq!(Header::parse(b"Spec ID Event02\0"), None);
    }
}
