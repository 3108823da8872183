// SPDX-License-Identifier: MIT OR Apache-2.0
//! Images with any bytes changed, and any bytes: which are hashed is true of the file, and what is left out is
//! as much as the format says.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pe_image::{Builder, CERTIFICATES_MAX, Certificates, Headers, MACHINE_X64};

/// Whether there is to be an image, its sections, what is changed, and what follows or is the certificate table.
type Input<'i> = (bool, Vec<(u8, &'i [u8])>, Vec<(u16, u8)>, &'i [u8]);

fn file(input: Input<'_>) -> Vec<u8> {
    let (build, sections, changes, rest) = input;
    if !build {
        return rest.to_vec();
    }
    let base = Builder::new(MACHINE_X64).directories(16).certificates(rest);
    let add = |image: Builder, (name, content): (u8, &[u8])| image.section(&format!(".{name}"), content);
    let mut file = sections.into_iter().fold(base, add).build();
    for (at, byte) in changes {
        let place = usize::from(at) % file.len();
        file[place] = byte;
    }
    file
}

fuzz_target!(|input: Input<'_>| {
    let file = file(input);
    let size = file.len() as u64;
    let Ok(headers) = Headers::parse(&file, size) else { return };
    let _ = headers.sbat();
    let ranges = match headers.authenticode_ranges() {
        Ok(ranges) => ranges,
        Err(refusal) => {
            assert!(!refusal.to_string().contains(char::is_control) && !refusal.token().is_empty());
            return;
        }
    };
    let (mut reached, mut left_out) = (0, 0);
    for range in ranges.hashed() {
        assert!(range.start >= reached && range.start < range.end && range.end <= size);
        left_out += range.start - reached;
        reached = range.end;
    }
    let table = ranges.certificates().unwrap_or(size..size);
    assert!(left_out == 4 || left_out == 12);
    assert!(reached == table.start && table.end == size);
    let table = &file[usize::try_from(table.start).unwrap()..];
    assert!(Certificates::new(table).count() <= CERTIFICATES_MAX + 1);
});
