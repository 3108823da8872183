// SPDX-License-Identifier: MIT OR Apache-2.0
//! Unified kernel images: any bytes, and proper images with any texts and any bytes changed, are
//! judged with few and bounded reads; what is offered can be shown.
#![no_main]

use bootspec::uki::{self, PROFILES_MAX, TEXTS_MAX, UkiError};
use bootspec::{Architecture, UkiName};
use libfuzzer_sys::fuzz_target;
use pe_image::{Builder, HEADERS_MAX, MACHINE_X64, SECTIONS_MAX};

const NAMES: [&str; 8] =
    [".osrel", ".cmdline", ".profile", ".linux", ".uname", ".dtbauto", ".initrd", ".osrel\0x"];

/// Whether there is to be an image, its sections, what is changed, and what follows.
type Input<'i> = (bool, Vec<(u8, &'i [u8])>, Vec<(u16, u8)>, &'i [u8]);

fn file(input: Input<'_>) -> Vec<u8> {
    let (build, sections, changes, rest) = input;
    if !build {
        return rest.to_vec();
    }
    let base = Builder::new(MACHINE_X64).section(".linux", [0; 9]).section(".osrel", "NAME=x\nID=y\n");
    let add =
        |image: Builder, (name, content): (u8, &[u8])| image.section(NAMES[usize::from(name % 8)], content);
    let mut file = sections.into_iter().fold(base, add).build();
    for (at, byte) in changes {
        let place = usize::from(at) % file.len();
        file[place] = byte;
    }
    file.extend(rest);
    file
}

fuzz_target!(|input: Input<'_>| {
    let file = file(input);
    let size = file.len() as u64;
    if let Ok(headers) = pe_image::Headers::parse(&file, size) {
        assert!(headers.sections().len() <= SECTIONS_MAX);
        for section in headers.sections().iter().filter(|section| section.file_size > 0) {
            assert!(u64::from(section.file_offset) + u64::from(section.file_size) <= size);
        }
    }
    let mut asked = 0;
    let mut read_at = |offset: u64, length: usize| -> Result<Vec<u8>, ()> {
        asked += length;
        let from = usize::try_from(offset).unwrap();
        Ok(file[from..from + length].to_vec())
    };
    let name = UkiName::parse("a+3-0.efi").unwrap();
    let answer = uki::read(&name, size, Architecture::X64, &mut read_at);
    assert!(asked <= TEXTS_MAX + HEADERS_MAX);
    match answer {
        Ok(image) => {
            assert!((1..=PROFILES_MAX).contains(&image.entries.len()));
            for entry in image.entries {
                assert!(
                    [entry.id, entry.title, entry.options.unwrap_or_default()]
                        .iter()
                        .all(|text| !text.contains(char::is_control))
                );
            }
        }
        Err(UkiError::Refused(refusal)) => assert!(!refusal.to_string().contains(char::is_control)),
        Err(UkiError::Read(())) => unreachable!("memory can be read"),
    }
});
