// SPDX-License-Identifier: MIT OR Apache-2.0
//! What one boot cost, read from the marks on the debug port.

use crate::{Case, Initrd, init_program};

/// What one boot cost. With counted instructions a nanosecond of waiting counts as one, too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measurement {
    /// What booted.
    pub case: Case,
    /// With which initrd.
    pub initrd: Initrd,
    /// Guest instructions from the moment before the loader is loaded to `ExitBootServices`.
    pub instructions_to_ebs: u64,
    /// Guest instructions from the same moment to the first one of `/init`.
    pub instructions_to_init: u64,
    /// Read requests that the firmware's drivers passed to the disk.
    pub read_requests: u64,
    /// Bytes in all of them.
    pub bytes_read: u64,
    /// Write requests that the firmware's drivers passed to the disk.
    pub write_requests: u64,
    /// Bytes in all of them.
    pub bytes_written: u64,
}

impl Measurement {
    /// Reads the marks of `bench-launcher` and of the first process; none where one is missing.
    pub(crate) fn parse(case: Case, initrd: Initrd, debug_port: &[u8]) -> Option<Self> {
        let start = numbers(debug_port, "BENCH: start ")?;
        let exit = numbers(debug_port, "BENCH: exit ")?;
        let [start] = start[..] else { return None };
        let [exit, read_requests, bytes_read, write_requests, bytes_written] = exit[..] else { return None };
        Some(Self {
            case,
            initrd,
            instructions_to_ebs: exit.checked_sub(start)?,
            instructions_to_init: init(debug_port)?.checked_sub(start)?,
            read_requests,
            bytes_read,
            write_requests,
            bytes_written,
        })
    }
}

/// The numbers in the line that begins so.
pub(crate) fn numbers(debug_port: &[u8], line: &str) -> Option<Vec<u64>> {
    let rest = after(debug_port, line.as_bytes())?;
    let line = rest.split(|&byte| byte == b'\n').next()?;
    let words = str::from_utf8(line).ok()?.split(' ');
    Some(words.filter_map(|word| word.parse().ok()).collect())
}

fn init(debug_port: &[u8]) -> Option<u64> {
    let rest = after(debug_port, init_program::MARK)?;
    rest.first_chunk().map(|&bytes| u64::from_le_bytes(bytes))
}

fn after<'a>(bytes: &'a [u8], mark: &[u8]) -> Option<&'a [u8]> {
    let start = bytes.windows(mark.len()).position(|window| window == mark)?;
    bytes.get(start + mark.len()..)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARKS: &[u8] =
        b"LAUNCHER: ready\nBENCH: start 1000\nBENCH: exit 1500 reads 13 17000 writes 2 1024\nINIT: \x01\x0a\0\0\0\0\0\0";

    #[test]
    fn marks_become_differences() {
        let found = Measurement::parse(Case::Floor, Initrd::Small, MARKS).unwrap();
        assert_eq!((found.instructions_to_ebs, found.instructions_to_init), (500, 0xa01 - 1000));
        assert_eq!((found.read_requests, found.bytes_read), (13, 17_000));
        assert_eq!((found.write_requests, found.bytes_written), (2, 1024));
    }

    #[test]
    fn a_missing_mark_is_no_measurement() {
        for cut in [10, 40, 80, MARKS.len() - 1] {
            assert_eq!(Measurement::parse(Case::Floor, Initrd::Small, &MARKS[..cut]), None, "{cut}");
        }
    }
}
