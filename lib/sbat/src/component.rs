// SPDX-License-Identifier: MIT OR Apache-2.0
//! The components of a program: what its section `.sbat` says.

use crate::refusal::Refusal;
use crate::rows::rows;
use alloc::vec::Vec;

/// A component of a program. Texts are as they are stored: show them with care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Component<'t> {
    /// `component_name`, by which it is revoked.
    pub name: &'t str,
    /// `component_generation`, which rises with each hole that is closed.
    pub generation: u32,
    /// `vendor_name`.
    pub vendor: &'t str,
    /// `vendor_package_name`.
    pub package: &'t str,
    /// `vendor_version`.
    pub version: &'t str,
    /// `vendor_url`.
    pub url: &'t str,
}

/// Reads the content of a section `.sbat`, up to a NUL or the end. Fields behind the sixth are left out.
///
/// # Errors
///
/// [`Refusal`]: the whole section must not be believed.
///
/// ```
/// let components = sbat::section(b"grub,4,Example,grub2,2.12,https://example.org\0\0")?;
/// assert_eq!((components[0].name, components[0].generation), ("grub", 4));
/// # Ok::<(), sbat::Refusal>(())
/// ```
pub fn section(bytes: &[u8]) -> Result<Vec<Component<'_>>, Refusal> {
    let mut components = Vec::new();
    for row in rows(bytes)? {
        let row = row?;
        let (name, generation, mut rest) = row.name_and_generation()?;
        let mut next = || rest.next().ok_or(Refusal::TooFewFields { line: row.line });
        let (vendor, package, version, url) = (next()?, next()?, next()?, next()?);
        components.push(Component { name, generation, vendor, package, version, url });
    }
    if components.is_empty() { Err(Refusal::Empty) } else { Ok(components) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::{BYTES_MAX, ROWS_MAX};
    use proptest::prelude::*;

    #[test]
    fn a_usual_section() {
        let text = b"sbat,1,SBAT Version,sbat,1,https://example.org\r\n\nshim.x,2,X,shim,15.8,u,more\n\0,,";
        let components = section(text).unwrap();
        let names: Vec<_> = components.iter().map(|one| (one.name, one.generation, one.url)).collect();
        assert_eq!(names, [("sbat", 1, "https://example.org"), ("shim.x", 2, "u")]);
    }

    #[test]
    fn what_is_not_believed() {
        let row = b"a,1,b,c,d,e\n";
        let cases = [
            (b"".to_vec(), Refusal::Empty),
            (b"\0a,1,b,c,d,e".to_vec(), Refusal::Empty),
            (b"\xFF".to_vec(), Refusal::NotText),
            (b"\n,1,b,c,d,e".to_vec(), Refusal::NoName { line: 2 }),
            (b"a".to_vec(), Refusal::NoGeneration { line: 1 }),
            (b"a,,b,c,d,e".to_vec(), Refusal::NoGeneration { line: 1 }),
            (b"a,+1,b,c,d,e".to_vec(), Refusal::NoGeneration { line: 1 }),
            (b"a,4294967296,b,c,d,e".to_vec(), Refusal::NoGeneration { line: 1 }),
            (b"a,1,b,c,d".to_vec(), Refusal::TooFewFields { line: 1 }),
            (row.repeat(ROWS_MAX + 1), Refusal::TooManyRows),
            (vec![b'a'; BYTES_MAX + 1], Refusal::TooLarge { bytes: BYTES_MAX + 1 }),
        ];
        for (bytes, refusal) in cases {
            assert_eq!(section(&bytes), Err(refusal), "{}", refusal.token());
        }
        assert_eq!(section(&row.repeat(ROWS_MAX)).unwrap().len(), ROWS_MAX);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = section(&bytes);
        }

        #[test]
        fn what_is_written_is_read(rows in proptest::collection::vec(("[a-z.]{1,9}", any::<u32>()), 1..20)) {
            let text: String = rows.iter().map(|(name, number)| format!("{name},{number},v,p,1,u\n")).collect();
            let read: Vec<_> = section(text.as_bytes()).unwrap().iter()
                .map(|one| (one.name.to_owned(), one.generation)).collect();
            prop_assert_eq!(read, rows);
        }
    }
}
