// SPDX-License-Identifier: MIT OR Apache-2.0
//! Directories in their inode (XFS Algorithms & Data Structures, "Shortform Directories").

use super::{Entry, is_name};
use crate::bytes::{be32, be64, byte};
use crate::error::Fault;
use crate::metadata::FileType;

/// Count of names, and of inode numbers that need 64 bits.
const COUNTS: usize = 2;
/// Before a name: its length, and where it would be in a block.
const BEFORE_NAME: usize = 3;

/// The names of a short directory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Short<'b> {
    entries: &'b [u8],
    pub(crate) parent: u64,
    count: u8,
    wide: bool,
    ftype: bool,
}

impl<'b> Short<'b> {
    /// Reads a fork whose entries have a type where `ftype` says so.
    ///
    /// # Errors
    ///
    /// It is too short, or has not just the entries that it says.
    pub(crate) fn read(fork: &'b [u8], ftype: bool) -> Result<Self, Fault> {
        let short = Self::header(fork, ftype).ok_or(Fault::Value)?;
        short.is_whole().then_some(short).ok_or(Fault::Value)
    }

    fn header(fork: &'b [u8], ftype: bool) -> Option<Self> {
        let (wide, entries) = (byte(fork, 1)? > 0, fork.get(COUNTS..)?);
        let parent = number(entries, 0, wide)?;
        let entries = entries.get(if wide { 8 } else { 4 }..)?;
        Some(Self { entries, parent, count: byte(fork, 0)?, wide, ftype })
    }

    fn is_whole(self) -> bool {
        let (mut at, mut rest) = (0, self.count);
        while let Some(left) = rest.checked_sub(1) {
            let Some((_, next)) = self.entry(at) else { return false };
            (at, rest) = (next, left);
        }
        at == self.entries.len()
    }

    /// The entry at byte `at` of the entries, and where the next one is.
    fn entry(self, at: usize) -> Option<(Entry<'b>, usize)> {
        let length = usize::from(byte(self.entries, at)?);
        let start = at.checked_add(BEFORE_NAME)?;
        let end = start.checked_add(length)?;
        let name = self.entries.get(start..end).filter(|name| is_name(name))?;
        let file_type = if self.ftype { FileType::of_entry(byte(self.entries, end)?) } else { None };
        let place = end.checked_add(usize::from(self.ftype))?;
        let inode = number(self.entries, place, self.wide)?;
        let next = place.checked_add(if self.wide { 8 } else { 4 })?;
        Some((Entry { name, inode, file_type }, next))
    }

    /// The names in the order in which they are stored.
    pub(crate) fn entries(self) -> impl Iterator<Item = Entry<'b>> {
        let mut at = 0;
        core::iter::from_fn(move || {
            let (entry, next) = self.entry(at)?;
            at = next;
            Some(entry)
        })
    }

    /// The entry at byte `at`, counted from 0 by [`Short::after`].
    pub(crate) fn after(self, at: usize) -> Option<(Entry<'b>, usize)> {
        self.entry(at)
    }
}

fn number(bytes: &[u8], at: usize, wide: bool) -> Option<u64> {
    if wide { be64(bytes, at) } else { be32(bytes, at).map(u64::from) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn encode(parent: u64, entries: &[(Vec<u8>, u64, u8)], ftype: bool) -> Vec<u8> {
        let wide = entries.iter().map(|entry| entry.1).chain([parent]).any(|number| number > u32::MAX.into());
        let number = |number: u64| number.to_be_bytes()[if wide { 0 } else { 4 }..].to_vec();
        let mut fork = vec![entries.len() as u8, u8::from(wide)];
        fork.extend(number(parent));
        for (name, inode, code) in entries {
            fork.extend([name.len() as u8, 0, 96]);
            fork.extend(name);
            fork.extend(ftype.then_some(code));
            fork.extend(number(*inode));
        }
        fork
    }

    proptest! {
        #[test]
        fn names_are_read_as_they_were_stored(
            parent in 1..u64::MAX,
            entries in prop::collection::vec(("[a-z.\u{e4}]{1,20}", prop_oneof![1_u64..9, 1..u64::MAX], 0_u8..9), 0..9),
            ftype: bool,
        ) {
            let entries: Vec<_> = entries.into_iter().map(|(name, inode, code)| (name.into_bytes(), inode, code)).collect();
            let fork = encode(parent, &entries, ftype);
            let short = Short::read(&fork, ftype).unwrap();
            let read: Vec<_> = short.entries().collect();
            prop_assert_eq!((short.parent, read.len()), (parent, entries.len()));
            for (read, (name, inode, code)) in read.iter().zip(&entries) {
                let file_type = if ftype { FileType::of_entry(*code) } else { None };
                prop_assert_eq!(*read, Entry { name, inode: *inode, file_type });
            }
            prop_assert!(Short::read(&fork[..fork.len() - 1], ftype).is_err());
        }

        #[test]
        fn any_bytes_do_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..100), ftype: bool) {
            if let Ok(short) = Short::read(&bytes, ftype) {
                prop_assert!(short.entries().all(|entry| is_name(entry.name)));
            }
        }
    }
}
