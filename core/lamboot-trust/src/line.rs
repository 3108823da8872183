// SPDX-License-Identifier: MIT OR Apache-2.0
//! The bytes of a line that its hash and its code are about.

use alloc::string::String;
use sha2::{Digest as _, Sha256};

/// What stands between a line's signed bytes and its code.
const MAC: &[u8] = b",\"mac\":\"";
/// What stands before the hash of the line before.
const PREV: &[u8] = b",\"prev\":\"";
/// What stands behind the code.
const END: &[u8] = b"\"}";

/// A line without its newline, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'l> {
    /// What hash and code are about: everything before `,"mac":`, or before the last brace.
    pub signed: &'l [u8],
    /// The code, where there is one.
    pub mac: Option<[u8; 32]>,
}

impl<'l> Line<'l> {
    /// Takes a line apart; none where it does not end as an object of JSON does.
    ///
    /// A text inside of the line cannot be taken for a code: its quotes have backslashes before them.
    #[must_use]
    pub fn split(line: &'l [u8]) -> Option<Self> {
        let body = line.strip_suffix(b"}")?;
        let coded = line.strip_suffix(END).and_then(|rest| rest.split_last_chunk::<64>());
        if let Some((rest, digits)) = coded
            && let Some(signed) = rest.strip_suffix(MAC)
            && let Some(mac) = unhex(digits)
        {
            return Some(Self { signed, mac: Some(mac) });
        }
        Some(Self { signed: body, mac: None })
    }

    /// What `prev` says: the last member of the signed bytes, as the loader writes it.
    ///
    /// A text inside of the line cannot be taken for it, for the same reason.
    #[must_use]
    pub fn prev(&self) -> Option<[u8; 32]> {
        let (rest, digits) = self.signed.strip_suffix(b"\"")?.split_last_chunk::<64>()?;
        rest.ends_with(PREV).then(|| unhex(digits)).flatten()
    }

    /// Whether the line opens an epoch that has no key.
    #[must_use]
    pub fn opens_without_key(&self) -> bool {
        let has = |text: &[u8]| self.signed.windows(text.len()).any(|bytes| bytes == text);
        has(b",\"event\":\"epoch_open\",") && has(b",\"key_store\":\"none\",")
    }

    /// What `prev` of the next line says.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        hash(self.signed)
    }
}

/// SHA-256.
#[must_use]
pub fn hash(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// Lower-case hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('?');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// The bytes of exactly so many lower-case hexadecimal digits.
#[must_use]
pub fn unhex<const BYTES: usize>(digits: &[u8]) -> Option<[u8; BYTES]> {
    let (pairs, []) = digits.as_chunks::<2>() else { return None };
    let mut bytes = [0; BYTES];
    if pairs.len() != BYTES {
        return None;
    }
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = nibble(*high)? << 4 | nibble(*low)?;
    }
    Some(bytes)
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::vec::Vec;
    use lamboot_schema::trust_log::{Event, Record, Status};
    use proptest::prelude::*;

    #[test]
    fn lines_are_taken_apart() {
        let mac = "0f".repeat(32);
        let line = format!("{{\"seq\":0,\"prev\":\"\",\"mac\":\"{mac}\"}}");
        let split = Line::split(line.as_bytes()).unwrap();
        assert_eq!((split.signed, split.mac), (&b"{\"seq\":0,\"prev\":\"\""[..], Some([15; 32])));
        let plain = Line::split(b"{\"seq\":0}").unwrap();
        assert_eq!((plain.signed, plain.mac), (&b"{\"seq\":0"[..], None));
        assert_eq!(Line::split(b"{\"seq\":0"), None);
    }

    #[test]
    fn no_text_is_taken_for_a_member() {
        let digits = "0f".repeat(32);
        let record = |note: String| {
            let mut record = Record::new(Event::EpochOpen, Status::Success);
            record.note = Some(note);
            record.to_line()
        };
        for note in [
            format!(",\"prev\":\"{digits}"),
            ",\"key_store\":\"none\",".into(),
            format!("\",\"mac\":\"{digits}"),
        ] {
            let line = record(note);
            let line = Line::split(line.trim_end().as_bytes()).unwrap();
            assert_eq!((line.mac, line.prev(), line.opens_without_key()), (None, None, false));
        }
    }

    #[test]
    fn only_lower_case_digits_are_a_code() {
        assert_eq!(unhex::<1>(b"0A"), None);
        assert_eq!(unhex::<2>(b"0a"), None);
        assert_eq!(unhex::<1>(b"0a0"), None);
        assert_eq!(unhex::<1>(b"fa"), Some([0xFA]));
    }

    proptest! {
        #[test]
        fn any_bytes_are_taken_apart_or_refused(line: Vec<u8>) {
            if let Some(split) = Line::split(&line) {
                prop_assert!(line.starts_with(split.signed));
            }
        }

        #[test]
        fn digits_lead_back(bytes: [u8; 32]) {
            prop_assert_eq!(unhex(hex(&bytes).as_bytes()), Some(bytes));
        }
    }
}
