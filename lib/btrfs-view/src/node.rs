// SPDX-License-Identifier: MIT OR Apache-2.0
//! Nodes and leaves of trees: a header, then keys in order (btrfs documentation, "On-disk format", Btree).

use crate::bytes::{array, byte, index, le32, le64, part, partition};
use crate::checksum::ChecksumType;
use crate::error::Fault;

/// Trees have fewer levels than this.
pub(crate) const LEVELS: u8 = 8;
/// The bytes before the records of a node.
pub(crate) const HEADER: usize = 0x65;
/// The bytes before those that the checksum is of.
const CHECKSUM: usize = 32;
const KEY: usize = 17;
/// A key, and where its data is in the leaf.
const ITEM: usize = 25;
/// A key, and where the node that begins with it is.
const CHILD: usize = 33;

/// What a record is of, and how records are ordered (`btrfs_key`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Key {
    pub(crate) object: u64,
    pub(crate) kind: u8,
    pub(crate) offset: u64,
}

impl Key {
    pub(crate) const fn new(object: u64, kind: u8, offset: u64) -> Self {
        Self { object, kind, offset }
    }

    pub(crate) fn decode(bytes: &[u8], at: usize) -> Option<Self> {
        let kind = byte(bytes, at.checked_add(8)?)?;
        Some(Self { object: le64(bytes, at)?, kind, offset: le64(bytes, at.checked_add(9)?)? })
    }
}

/// What leads to a node, and what must be true of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pointer {
    /// Its logical address.
    pub(crate) logical: u64,
    pub(crate) generation: u64,
    pub(crate) level: u8,
    /// Its first key, where it is known.
    pub(crate) first: Option<Key>,
}

/// What must be true of all nodes of a file system.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stamp<'s> {
    pub(crate) checksum: ChecksumType,
    /// The file system, and those that it grew from.
    pub(crate) fsids: &'s [[u8; 16]],
}

/// Whether `bytes` are what `pointer` leads to; without a stamp, whether they can be read at all.
pub(crate) fn check(bytes: &[u8], pointer: &Pointer, stamp: Option<Stamp<'_>>) -> Result<(), Fault> {
    if let Some(stamp) = stamp {
        check_stamp(bytes, pointer, stamp)?;
    }
    if byte(bytes, 0x64) != Some(pointer.level) {
        return Err(Fault::Level);
    }
    let node = Node(bytes);
    check_records(node)?;
    let first = node.key(0);
    match pointer.first {
        Some(expected) if first != Some(expected) => Err(Fault::Order),
        None if first.is_none() && pointer.level > 0 => Err(Fault::Missing),
        _ => Ok(()),
    }
}

fn check_stamp(bytes: &[u8], pointer: &Pointer, stamp: Stamp<'_>) -> Result<(), Fault> {
    let rest = bytes.get(CHECKSUM..).unwrap_or_default();
    let fsid: Option<[u8; 16]> = array(bytes, 32);
    match () {
        () if !stamp.checksum.holds(rest, bytes) => Err(Fault::Checksum),
        () if !fsid.is_some_and(|fsid| stamp.fsids.contains(&fsid)) => Err(Fault::Uuid),
        () if le64(bytes, 0x30) != Some(pointer.logical) => Err(Fault::Place),
        () if le64(bytes, 0x50) != Some(pointer.generation) => Err(Fault::Generation),
        () => Ok(()),
    }
}

fn check_records(node: Node<'_>) -> Result<(), Fault> {
    let room = node.0.len().saturating_sub(HEADER).checked_div(node.record()).unwrap_or(0);
    if node.len() > room {
        return Err(Fault::Bounds);
    }
    let mut before = None;
    for at in 0..node.len() {
        let key = node.key(at);
        if key <= before {
            return Err(Fault::Order);
        }
        before = key;
        if node.is_leaf() && node.data(at).is_none() {
            return Err(Fault::Bounds);
        }
    }
    Ok(())
}

/// A node or a leaf that was [checked](check).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node<'b>(pub(crate) &'b [u8]);

impl<'b> Node<'b> {
    fn is_leaf(self) -> bool {
        byte(self.0, 0x64) == Some(0)
    }

    fn record(self) -> usize {
        if self.is_leaf() { ITEM } else { CHILD }
    }

    /// How many keys it has.
    pub(crate) fn len(self) -> usize {
        le32(self.0, 0x60).map_or(0, index)
    }

    fn place(self, at: usize) -> Option<usize> {
        let place = at.checked_mul(self.record())?.checked_add(HEADER)?;
        (at < self.len()).then_some(place)
    }

    pub(crate) fn key(self, at: usize) -> Option<Key> {
        Key::decode(self.0, self.place(at)?)
    }

    /// How many keys come before `key` or are it.
    pub(crate) fn up_to(self, key: Key) -> usize {
        partition(self.len(), |at| self.key(at).is_some_and(|found| found <= key))
    }

    /// How many keys come before `key`.
    pub(crate) fn before(self, key: Key) -> usize {
        partition(self.len(), |at| self.key(at).is_some_and(|found| found < key))
    }

    /// The data of a leaf's record.
    pub(crate) fn data(self, at: usize) -> Option<&'b [u8]> {
        let place = self.place(at)?.checked_add(KEY)?;
        let offset = index(le32(self.0, place)?).checked_add(HEADER)?;
        part(self.0, offset, index(le32(self.0, place.checked_add(4)?)?))
    }

    /// The node that a node's record leads to.
    pub(crate) fn child(self, at: usize) -> Option<Pointer> {
        let place = self.place(at)?;
        let level = byte(self.0, 0x64)?.checked_sub(1)?;
        let logical = le64(self.0, place.checked_add(KEY)?)?;
        let generation = le64(self.0, place.checked_add(KEY)?.checked_add(8)?)?;
        Some(Pointer { logical, generation, level, first: Some(Key::decode(self.0, place)?) })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    pub(crate) fn encode(key: Key) -> Vec<u8> {
        [&key.object.to_le_bytes()[..], &[key.kind], &key.offset.to_le_bytes()].concat()
    }

    /// A leaf of `size` bytes with these records.
    pub(crate) fn leaf(size: usize, records: &BTreeMap<Key, Vec<u8>>) -> Vec<u8> {
        let mut bytes = vec![0; size];
        bytes[0x60..0x64].copy_from_slice(&(records.len() as u32).to_le_bytes());
        let mut end = size;
        for (at, (key, data)) in records.iter().enumerate() {
            end -= data.len();
            bytes[end..end + data.len()].copy_from_slice(data);
            let place = ((end - HEADER) as u32).to_le_bytes();
            let item = [&encode(*key)[..], &place, &(data.len() as u32).to_le_bytes()].concat();
            bytes[HEADER + at * ITEM..HEADER + (at + 1) * ITEM].copy_from_slice(&item);
        }
        bytes
    }

    fn pointer(first: Option<Key>) -> Pointer {
        Pointer { logical: 0, generation: 0, level: 0, first }
    }

    fn records() -> impl Strategy<Value = BTreeMap<Key, Vec<u8>>> {
        let key =
            (0_u64..5, 0_u8..4, 0_u64..9).prop_map(|(object, kind, offset)| Key::new(object, kind, offset));
        prop::collection::btree_map(key, prop::collection::vec(any::<u8>(), 0..40), 0..40)
    }

    proptest! {
        #[test]
        fn records_are_found_as_they_were_put(records in records(), object in 0_u64..6, offset in 0_u64..9) {
            let bytes = leaf(4096, &records);
            let first = records.keys().next().copied();
            prop_assert_eq!(check(&bytes, &pointer(first), None), Ok(()));
            let node = Node(&bytes);
            let key = Key::new(object, 2, offset);
            prop_assert_eq!(node.up_to(key), records.range(..=key).count());
            prop_assert_eq!(node.before(key), records.range(..key).count());
            for (at, (key, data)) in records.iter().enumerate() {
                prop_assert_eq!((node.key(at), node.data(at)), (Some(*key), Some(&data[..])));
            }
        }

        #[test]
        fn noise_is_refused_or_stays_within_its_bounds(mut bytes in prop::collection::vec(any::<u8>(), 0..600), count in 0_u8..9, level in 0_u8..2) {
            if bytes.len() > 0x64 {
                bytes[0x60..0x65].copy_from_slice(&[count, 0, 0, 0, level]);
            }
            if check(&bytes, &Pointer { level, ..pointer(None) }, None).is_ok() {
                let node = Node(&bytes);
                prop_assert!((0..node.len()).all(|at| node.key(at).is_some()));
            }
        }
    }

    #[test]
    fn a_node_that_is_not_what_leads_to_it() {
        let key = Key::new(256, 1, 0);
        let records = BTreeMap::from([(key, vec![1, 2, 3]), (Key { offset: 1, ..key }, vec![])]);
        let mut bytes = leaf(4096, &records);
        bytes[0x50] = 7;
        bytes[0x30..0x34].copy_from_slice(&[0, 0, 1, 0]);
        let sum = ChecksumType::Crc32c.of_bytes(&bytes[32..]);
        bytes[..32].copy_from_slice(&sum);
        let good = Pointer { logical: 65536, generation: 7, level: 0, first: Some(key) };
        let stamp = Stamp { checksum: ChecksumType::Crc32c, fsids: &[[0; 16]] };
        let check = |bytes: &[u8], pointer: Pointer| check(bytes, &pointer, Some(stamp));
        assert_eq!(check(&bytes, good), Ok(()));
        assert_eq!(check(&bytes, Pointer { generation: 8, ..good }), Err(Fault::Generation));
        assert_eq!(check(&bytes, Pointer { logical: 0, ..good }), Err(Fault::Place));
        assert_eq!(check(&bytes, Pointer { level: 1, ..good }), Err(Fault::Level));
        assert_eq!(check(&bytes, Pointer { first: Some(Key::default()), ..good }), Err(Fault::Order));
        let other = Stamp { fsids: &[[1; 16]], ..stamp };
        assert_eq!(super::check(&bytes, &good, Some(other)), Err(Fault::Uuid));
        bytes[4000] ^= 1;
        assert_eq!(check(&bytes, good), Err(Fault::Checksum));
    }
}
