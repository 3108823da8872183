// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the system use area of a record says: names, modes and links (SUSP 1.12; RRIP 1.12).

use crate::BLOCK;
use crate::bytes::{byte, index, u32_le, wide};
use crate::error::Damage;
use alloc::vec::Vec;

/// The most bytes of a name; more is no name of a file.
const NAME_MAX: usize = 255;
/// The most bytes of a link's target.
const TARGET_MAX: usize = 1024;
/// The most continuation areas of one record.
pub(crate) const AREAS_MAX: usize = 32;

/// Flags of a name, of a link and of its components (RRIP, 4.1.3 and 4.1.4).
const CONTINUE: u8 = 1;
const CURRENT: u8 = 1 << 1;
const PARENT: u8 = 1 << 2;
const ROOT: u8 = 1 << 3;

/// Where an area goes on (SUSP, 5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Continuation {
    pub(crate) block: u32,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// What the areas of one record say together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SystemUse {
    /// Empty where there is no name.
    pub(crate) name: Vec<u8>,
    /// The name is `.` or `..`.
    pub(crate) is_dot: bool,
    /// The file's mode, as in POSIX.
    pub(crate) mode: Option<u32>,
    /// Where a symbolic link leads.
    pub(crate) target: Option<Vec<u8>>,
    /// The block of the folder that this record stands in for (RRIP, 4.1.5.1).
    pub(crate) child: Option<u32>,
    /// The folder's proper place is elsewhere (RRIP, 4.1.5.3).
    pub(crate) is_relocated: bool,
    /// The file is compressed (zisofs).
    pub(crate) is_compressed: bool,
    /// Where the next area is.
    pub(crate) continuation: Option<Continuation>,
    /// There is something that only Rock Ridge has.
    pub(crate) has_rock_ridge: bool,
    component_continues: bool,
}

/// The bytes to skip in each area, if the area of the root's first record says that the image has
/// system use entries (SUSP, 5.3).
pub(crate) fn skip(area: &[u8]) -> Option<usize> {
    let entry = area.get(..7)?;
    let (head, skip) = entry.split_at_checked(6)?;
    (head == b"SP\x07\x01\xBE\xEF").then_some(usize::from(*skip.first()?))
}

impl SystemUse {
    /// Takes in all entries of one area.
    ///
    /// # Errors
    ///
    /// An entry is cut off, a name or a link is too long, or the area goes on outside of a block.
    pub(crate) fn take(&mut self, area: &[u8]) -> Result<(), Damage> {
        let mut rest = area;
        while let Some((signature, length)) = entry_head(rest) {
            let entry = rest.get(..length).filter(|entry| entry.len() >= 4).ok_or(Damage::SystemUse)?;
            if signature == *b"ST" {
                return Ok(());
            }
            self.entry(signature, entry)?;
            rest = rest.get(length..).unwrap_or_default();
        }
        Ok(())
    }

    fn entry(&mut self, signature: [u8; 2], entry: &[u8]) -> Result<(), Damage> {
        let damaged = Damage::SystemUse;
        self.has_rock_ridge |= matches!(&signature, b"PX" | b"NM" | b"RR");
        match &signature {
            b"CE" => self.continuation = Some(continuation(entry).ok_or(damaged)?),
            b"NM" => self.name(entry)?,
            b"PX" => self.mode = Some(u32_le(entry, 4).ok_or(damaged)?),
            b"SL" => self.link(entry)?,
            b"CL" => self.child = Some(u32_le(entry, 4).ok_or(damaged)?),
            b"RE" => self.is_relocated = true,
            b"ZF" => self.is_compressed = true,
            _ => {}
        }
        Ok(())
    }

    fn name(&mut self, entry: &[u8]) -> Result<(), Damage> {
        let flags = byte(entry, 4).ok_or(Damage::SystemUse)?;
        self.is_dot |= flags & (CURRENT | PARENT) != 0;
        extend(&mut self.name, entry.get(5..).unwrap_or_default(), NAME_MAX)
    }

    fn link(&mut self, entry: &[u8]) -> Result<(), Damage> {
        let mut rest = entry.get(5..).ok_or(Damage::SystemUse)?;
        while let Some((head, tail)) = rest.split_at_checked(2) {
            let length = usize::from(byte(head, 1).unwrap_or_default());
            let (content, tail) = tail.split_at_checked(length).ok_or(Damage::SystemUse)?;
            self.component(byte(head, 0).unwrap_or_default(), content)?;
            rest = tail;
        }
        Ok(())
    }

    /// Adds one component of a link, with a slash before it where one belongs.
    fn component(&mut self, flags: u8, content: &[u8]) -> Result<(), Damage> {
        let target = self.target.get_or_insert_default();
        let is_first = target.is_empty();
        let content = match flags {
            _ if flags & ROOT != 0 => b"/".as_slice(),
            _ if flags & PARENT != 0 => b"..",
            _ if flags & CURRENT != 0 => b".",
            _ => content,
        };
        if !is_first && !self.component_continues && !target.ends_with(b"/") {
            extend(target, b"/", TARGET_MAX)?;
        }
        self.component_continues = flags & CONTINUE != 0;
        extend(target, content, TARGET_MAX)
    }
}

/// The signature and length of the next entry. Fewer than four bytes, or zeros, end an area.
fn entry_head(rest: &[u8]) -> Option<([u8; 2], usize)> {
    let head = rest.first_chunk::<4>()?;
    let [a, b, length, _] = *head;
    (a != 0).then_some(([a, b], usize::from(length)))
}

fn continuation(entry: &[u8]) -> Option<Continuation> {
    let (block, start) = (u32_le(entry, 4)?, index(u32_le(entry, 12)?));
    let end = start.checked_add(index(u32_le(entry, 20)?))?;
    // An area may begin anywhere but lies in one block, as every program writes it.
    (wide(end) <= wide(BLOCK)).then_some(Continuation { block, start, end })
}

fn extend(text: &mut Vec<u8>, more: &[u8], most: usize) -> Result<(), Damage> {
    if text.len().saturating_add(more.len()) > most {
        return Err(Damage::SystemUse);
    }
    text.extend_from_slice(more);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn entry(signature: &[u8; 2], data: &[u8]) -> Vec<u8> {
        [signature, [data.len() as u8 + 4, 1].as_slice(), data].concat()
    }

    fn both(number: u32) -> Vec<u8> {
        [number.to_le_bytes(), number.to_be_bytes()].concat()
    }

    fn taken(areas: &[Vec<u8>]) -> Result<SystemUse, Damage> {
        let mut found = SystemUse::default();
        areas.iter().try_for_each(|area| found.take(area)).map(|()| found)
    }

    fn link(components: &[(u8, &str)]) -> Vec<u8> {
        let mut data = vec![0];
        for (flags, text) in components {
            data.extend([*flags, text.len() as u8]);
            data.extend(text.as_bytes());
        }
        entry(b"SL", &data)
    }

    #[test]
    fn names_go_on_in_other_entries_and_areas() {
        let first = [entry(b"PX", &both(0o100_644)), entry(b"NM", b"\x01a long ")].concat();
        let found = taken(&[first, entry(b"NM", b"\0name")]).unwrap();
        assert_eq!(found.name, b"a long name");
        assert_eq!(found.mode, Some(0o100_644));
        assert!(found.has_rock_ridge && !found.is_dot);
        assert!(taken(&[entry(b"NM", b"\x02")]).unwrap().is_dot);
    }

    #[test]
    fn targets_of_links() {
        for (components, target) in [
            (&[(8, ""), (0, "boot"), (0, "vmlinuz")][..], "/boot/vmlinuz"),
            (&[(4, ""), (2, ""), (0, "a")][..], ".././a"),
            (&[(1, "vm"), (0, "linuz")][..], "vmlinuz"),
            (&[(8, "")][..], "/"),
        ] {
            let found = taken(&[link(components)]).unwrap();
            assert_eq!(found.target.unwrap(), target.as_bytes());
        }
        let two = taken(&[link(&[(0, "a"), (1, "b")]), link(&[(0, "c")])]).unwrap();
        assert_eq!(two.target.unwrap(), b"a/bc");
    }

    #[test]
    fn an_area_ends_at_its_terminator_at_zeros_or_where_no_entry_fits() {
        let (a, b) = (entry(b"NM", b"\0a"), entry(b"NM", b"\0b"));
        for end in [entry(b"ST", b""), vec![0; 8]] {
            assert_eq!(taken(&[[a.clone(), end, b.clone()].concat()]).unwrap().name, b"a");
        }
        assert_eq!(taken(&[[a, b, vec![1, 2, 3]].concat()]).unwrap().name, b"ab");
    }

    #[test]
    fn damage() {
        let long = vec![b'x'; 200];
        let named = entry(b"NM", &[b"\x01", long.as_slice()].concat());
        for area in [
            vec![b'N', b'M', 9, 1, 0],
            vec![b'N', b'M', 3, 1, 0],
            entry(b"NM", b""),
            entry(b"PX", b"abc"),
            [named.clone(), named].concat(),
            entry(b"SL", b"\0\0\x09a"),
            entry(b"CE", &[both(1), both(2000), both(49)].concat()),
        ] {
            assert_eq!(taken(&[area]), Err(Damage::SystemUse));
        }
    }

    #[test]
    fn where_an_area_goes_on() {
        let found = taken(&[entry(b"CE", &[both(9), both(48), both(2000)].concat())]).unwrap();
        assert_eq!(found.continuation, Some(Continuation { block: 9, start: 48, end: 2048 }));
        assert_eq!(skip(b"SP\x07\x01\xBE\xEF\x02..."), Some(2));
        assert_eq!(skip(b"SP\x07\x01\xBE\xEE\x02"), None);
        assert_eq!(skip(b"SP\x07\x01\xBE\xEF"), None);
    }

    proptest! {
        #[test]
        fn any_area_is_taken_or_refused(
            areas in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..300), 0..6)
        ) {
            if let Ok(found) = taken(&areas) {
                prop_assert!(found.name.len() <= NAME_MAX);
                prop_assert!(found.target.unwrap_or_default().len() <= TARGET_MAX);
            }
        }
    }
}
