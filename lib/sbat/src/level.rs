// SPDX-License-Identifier: MIT OR Apache-2.0
//! The revocation level of a machine: what shim keeps in `SbatLevel` and shows as `SbatLevelRT`.

use crate::component::Component;
use crate::refusal::Refusal;
use crate::rows::rows;
use alloc::vec::Vec;

/// The component that the level itself is.
const SELF: &str = "sbat";

/// The least generations that are not revoked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Level<'t> {
    least: Vec<(&'t str, u32)>,
    date: Option<&'t str>,
}

/// A component that is revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revoked<'c, 't> {
    /// As the program has it.
    pub component: &'c Component<'t>,
    /// The least generation that is not revoked.
    pub least: u32,
}

impl<'t> Level<'t> {
    /// Reads a level, up to a NUL or the end.
    ///
    /// # Errors
    ///
    /// [`Refusal`]: the level must not be taken for one that revokes nothing.
    pub fn read(bytes: &'t [u8]) -> Result<Self, Refusal> {
        let mut level = Self { least: Vec::new(), date: None };
        for row in rows(bytes)? {
            let (name, generation, mut rest) = row?.name_and_generation()?;
            if name == SELF && level.date.is_none() {
                level.date = rest.next();
            }
            level.least.push((name, generation));
        }
        if level.least.is_empty() { Err(Refusal::Empty) } else { Ok(level) }
    }

    /// When the level was made, as the row `sbat` says: `2024010900`.
    #[must_use]
    pub fn date(&self) -> Option<&'t str> {
        self.date
    }

    /// Names and the least generations that are not revoked, in order.
    #[must_use]
    pub fn least(&self) -> &[(&'t str, u32)] {
        &self.least
    }

    /// The least generation of a component that is not revoked; `None` where the level does not have it. Of
    /// several rows the largest counts.
    #[must_use]
    pub fn least_of(&self, name: &str) -> Option<u32> {
        self.least.iter().filter(|(known, _)| *known == name).map(|(_, least)| *least).max()
    }

    /// The first component that is revoked: its generation is below the level's.
    #[must_use]
    pub fn first_revoked<'c, 'i>(&self, components: &'c [Component<'i>]) -> Option<Revoked<'c, 'i>> {
        components.iter().find_map(|component| {
            let least = self.least_of(component.name).filter(|least| component.generation < *least)?;
            Some(Revoked { component, least })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::section;
    use proptest::prelude::*;

    #[test]
    fn generations_below_the_level_are_revoked() {
        let level = Level::read(b"sbat,1,2023012900\nshim,2\ngrub,3\ngrub.debian,4\n").unwrap();
        assert_eq!((level.date(), level.least().len()), (Some("2023012900"), 4));
        let cases = [
            ("shim,1,v,p,1,u", Some(("shim", 2))),
            ("shim,2,v,p,1,u", None),
            ("shim,3,v,p,1,u", None),
            ("lamp,0,v,p,1,u", None),
            ("grub,3,v,p,1,u\ngrub.debian,1,v,p,1,u", Some(("grub.debian", 4))),
            ("Shim,1,v,p,1,u", None),
        ];
        for (text, expected) in cases {
            let components = section(text.as_bytes()).unwrap();
            let revoked = level.first_revoked(&components).map(|one| (one.component.name, one.least));
            assert_eq!(revoked, expected, "{text}");
        }
    }

    #[test]
    fn the_largest_of_several_rows_counts() {
        let level = Level::read(b"a,2\na,5\na,3\nsbat,1,x\nsbat,1,y\0").unwrap();
        assert_eq!((level.least_of("a"), level.least_of("b"), level.date()), (Some(5), None, Some("x")));
    }

    #[test]
    fn what_is_not_believed() {
        assert_eq!(Level::read(b""), Err(Refusal::Empty));
        assert_eq!(Level::read(b"sbat"), Err(Refusal::NoGeneration { line: 1 }));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = Level::read(&bytes);
        }
    }
}
