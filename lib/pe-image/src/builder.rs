// SPDX-License-Identifier: MIT OR Apache-2.0
//! Small images for tests: proper headers and sections, and no code that could run.
#![allow(clippy::arithmetic_side_effects, reason = "what tests give it is small")]

use crate::headers::SUBSYSTEM_EFI_APPLICATION;
use alloc::string::String;
use alloc::vec::Vec;

const FILE_ALIGNMENT: u32 = 0x200;
const SECTION_ALIGNMENT: u32 = 0x1000;
const OPTIONAL_SIZE: u16 = 112;
/// `IMAGE_DIRECTORY_ENTRY_SECURITY`.
const CERTIFICATE_TABLE: u32 = 4;

/// An image while its sections come in.
#[derive(Clone, Debug)]
pub struct Builder {
    machine: u16,
    subsystem: u16,
    new_header: u32,
    directories: u32,
    sections: Vec<(String, Vec<u8>, Option<u32>)>,
    trailing: Vec<u8>,
    certificates: Vec<u8>,
}

impl Builder {
    /// An EFI application for this machine.
    #[must_use]
    pub fn new(machine: u16) -> Self {
        Self {
            machine,
            subsystem: SUBSYSTEM_EFI_APPLICATION,
            new_header: 64,
            directories: 0,
            sections: Vec::new(),
            trailing: Vec::new(),
            certificates: Vec::new(),
        }
    }

    /// Another subsystem.
    #[must_use]
    pub fn subsystem(mut self, subsystem: u16) -> Self {
        self.subsystem = subsystem;
        self
    }

    /// Where the PE header begins: behind an MS-DOS stub of any size, from 64.
    #[must_use]
    pub fn new_header(mut self, at: u32) -> Self {
        self.new_header = at;
        self
    }

    /// So many data directories, all empty. Programs that sign want 16.
    #[must_use]
    pub fn directories(mut self, count: u32) -> Self {
        self.directories = count;
        self
    }

    /// Bytes behind the last section.
    #[must_use]
    pub fn trailing(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.trailing = bytes.as_ref().to_vec();
        self
    }

    /// A certificate table, which comes last, on 8 bytes. Needs at least 5 data directories.
    #[must_use]
    pub fn certificates(mut self, table: impl AsRef<[u8]>) -> Self {
        self.certificates = table.as_ref().to_vec();
        self
    }

    /// One more section. Only the first 8 bytes of its name are kept.
    #[must_use]
    pub fn section(mut self, name: &str, content: impl AsRef<[u8]>) -> Self {
        self.sections.push((name.into(), content.as_ref().to_vec(), None));
        self
    }

    /// One more section whose size in memory is another than its content's.
    #[must_use]
    pub fn section_sized(mut self, name: &str, content: impl AsRef<[u8]>, virtual_size: u32) -> Self {
        self.sections.push((name.into(), content.as_ref().to_vec(), Some(virtual_size)));
        self
    }

    /// The whole file.
    #[must_use]
    pub fn build(&self) -> Vec<u8> {
        let table = self.new_header + 24 + u32::from(self.optional_size());
        let headers = align(table + 40 * number(self.sections.len()), FILE_ALIGNMENT);
        let (mut lines, mut content) = (Vec::new(), Vec::new());
        let mut address = align(headers, SECTION_ALIGNMENT);
        for (name, bytes, virtual_size) in &self.sections {
            let size = align(number(bytes.len()), FILE_ALIGNMENT);
            let in_memory = virtual_size.unwrap_or(number(bytes.len()));
            lines.extend(name.bytes().chain([0; 8]).take(8));
            for field in [in_memory, address, size, headers + number(content.len()), 0, 0, 0, 0x4000_0040] {
                lines.extend(field.to_le_bytes());
            }
            content.extend(bytes);
            content.resize(usize::try_from(align(number(content.len()), FILE_ALIGNMENT)).unwrap_or(0), 0);
            address = align(address + in_memory.max(1), SECTION_ALIGNMENT);
        }
        let mut file = self.headers(headers, address);
        file.extend(lines);
        file.resize(usize::try_from(headers).unwrap_or(0), 0);
        file.extend(content);
        file.extend(&self.trailing);
        self.sign(&mut file);
        file
    }

    /// Puts the certificate table behind everything, and its place into the headers.
    fn sign(&self, file: &mut Vec<u8>) {
        if self.certificates.is_empty() {
            return;
        }
        file.resize(file.len().next_multiple_of(8), 0);
        let line = [number(file.len()).to_le_bytes(), number(self.certificates.len()).to_le_bytes()].concat();
        let directories = self.new_header + 24 + u32::from(OPTIONAL_SIZE);
        let at = usize::try_from(directories + CERTIFICATE_TABLE * 8).unwrap_or(0);
        if let Some(entry) = file.get_mut(at..at + 8) {
            entry.copy_from_slice(&line);
        }
        file.extend(&self.certificates);
    }

    fn optional_size(&self) -> u16 {
        OPTIONAL_SIZE + u16::try_from(self.directories * 8).unwrap_or(0)
    }

    /// Everything before the section table.
    fn headers(&self, size_of_headers: u32, size_of_image: u32) -> Vec<u8> {
        let mut file = b"MZ".to_vec();
        file.resize(0x3C, 0);
        file.extend(self.new_header.to_le_bytes());
        file.resize(usize::try_from(self.new_header).unwrap_or(0), 0);
        file.extend(b"PE\0\0");
        file.extend(self.machine.to_le_bytes());
        file.extend(u16::try_from(self.sections.len()).unwrap_or(u16::MAX).to_le_bytes());
        file.extend([0; 12]);
        file.extend(self.optional_size().to_le_bytes());
        file.extend(0x0022_u16.to_le_bytes());
        file.extend(self.optional(size_of_headers, size_of_image));
        file
    }

    /// The Optional Header, PE32+, with empty data directories.
    fn optional(&self, size_of_headers: u32, size_of_image: u32) -> Vec<u8> {
        let mut optional = 0x20B_u16.to_le_bytes().to_vec();
        optional.resize(32, 0);
        for field in [SECTION_ALIGNMENT, FILE_ALIGNMENT, 0, 0, 0, 0, size_of_image, size_of_headers, 0] {
            optional.extend(field.to_le_bytes());
        }
        optional.extend(self.subsystem.to_le_bytes());
        optional.resize(usize::from(OPTIONAL_SIZE) - 4, 0);
        optional.extend(self.directories.to_le_bytes());
        optional.resize(usize::from(self.optional_size()), 0);
        optional
    }
}

fn align(value: u32, to: u32) -> u32 {
    value.next_multiple_of(to)
}

fn number(size: usize) -> u32 {
    u32::try_from(size).unwrap_or(u32::MAX)
}
