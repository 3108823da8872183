// SPDX-License-Identifier: MIT OR Apache-2.0
//! Small images for tests: proper headers, sections and relocations, and no code of their own.
#![allow(clippy::arithmetic_side_effects, reason = "what tests give it is small")]

use crate::headers::SUBSYSTEM_EFI_APPLICATION;
use crate::relocations::{Relocation, Width};
use alloc::string::String;
use alloc::vec::Vec;

/// `Characteristics` of a section of code: `CNT_CODE`, `MEM_EXECUTE` and `MEM_READ`.
pub const SECTION_CODE: u32 = 0x6000_0020;
/// `Characteristics` of a section that is written: `CNT_INITIALIZED_DATA`, `MEM_READ` and `MEM_WRITE`.
pub const SECTION_DATA: u32 = 0xC000_0040;
/// `CNT_INITIALIZED_DATA` and `MEM_READ`.
const SECTION_READ: u32 = 0x4000_0040;

const FILE_ALIGNMENT: u32 = 0x200;
const SECTION_ALIGNMENT: u32 = 0x1000;
/// `IMAGE_DIRECTORY_ENTRY_SECURITY`.
const CERTIFICATE_TABLE: u32 = 4;
/// `IMAGE_DIRECTORY_ENTRY_BASERELOC`.
const RELOCATIONS: u32 = 5;
/// `IMAGE_FILE_EXECUTABLE_IMAGE` and `IMAGE_FILE_LARGE_ADDRESS_AWARE`.
const CHARACTERISTICS: u16 = 0x0022;

/// An image while its sections come in.
#[derive(Clone, Debug)]
pub struct Builder {
    machine: u16,
    pe32: bool,
    subsystem: u16,
    characteristics: u16,
    dll_characteristics: u16,
    new_header: u32,
    entry: u32,
    image_base: u64,
    alignment: u32,
    directories: Vec<(u32, u32)>,
    sections: Vec<Section>,
    trailing: Vec<u8>,
    certificates: Vec<u8>,
}

#[derive(Clone, Debug)]
struct Section {
    name: String,
    content: Vec<u8>,
    virtual_size: u32,
    flags: u32,
}

impl Builder {
    /// An EFI application for this machine, PE32+.
    #[must_use]
    pub fn new(machine: u16) -> Self {
        Self {
            machine,
            pe32: false,
            subsystem: SUBSYSTEM_EFI_APPLICATION,
            characteristics: CHARACTERISTICS,
            dll_characteristics: 0,
            new_header: 64,
            entry: 0,
            image_base: 0,
            alignment: SECTION_ALIGNMENT,
            directories: Vec::new(),
            sections: Vec::new(),
            trailing: Vec::new(),
            certificates: Vec::new(),
        }
    }

    /// PE32, whose `ImageBase` has 32 bits.
    #[must_use]
    pub fn pe32(mut self) -> Self {
        self.pe32 = true;
        self
    }

    /// Another subsystem.
    #[must_use]
    pub fn subsystem(mut self, subsystem: u16) -> Self {
        self.subsystem = subsystem;
        self
    }

    /// Another `Characteristics` of the whole image.
    #[must_use]
    pub fn characteristics(mut self, flags: u16) -> Self {
        self.characteristics = flags;
        self
    }

    /// Another `DllCharacteristics`, such as [`NX_COMPAT`](crate::NX_COMPAT).
    #[must_use]
    pub fn dll_characteristics(mut self, flags: u16) -> Self {
        self.dll_characteristics = flags;
        self
    }

    /// Where the PE header begins: behind an MS-DOS stub of any size, from 64.
    #[must_use]
    pub fn new_header(mut self, at: u32) -> Self {
        self.new_header = at;
        self
    }

    /// `AddressOfEntryPoint`. The first section is at 0x1000 when the headers are that small.
    #[must_use]
    pub fn entry(mut self, address: u32) -> Self {
        self.entry = address;
        self
    }

    /// Another `ImageBase` than 0.
    #[must_use]
    pub fn image_base(mut self, base: u64) -> Self {
        self.image_base = base;
        self
    }

    /// Another `SectionAlignment` than 4096. Sections stay on 4096.
    #[must_use]
    pub fn alignment(mut self, alignment: u32) -> Self {
        self.alignment = alignment;
        self
    }

    /// So many data directories; those that are new are empty. Programs that sign want 16.
    #[must_use]
    pub fn directories(mut self, count: u32) -> Self {
        self.directories.resize(size(count), (0, 0));
        self
    }

    /// A data directory: an address in memory, and how many bytes are there.
    #[must_use]
    pub fn directory(self, number: u32, address: u32, bytes: u32) -> Self {
        let count = self::number(self.directories.len()).max(number + 1);
        let mut image = self.directories(count);
        if let Some(directory) = image.directories.get_mut(size(number)) {
            *directory = (address, bytes);
        }
        image
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

    /// One more section, to be read only. Only the first 8 bytes of its name are kept.
    #[must_use]
    pub fn section(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        let size = number(content.as_ref().len());
        self.section_sized(name, content, size)
    }

    /// One more section whose size in memory is another than its content's.
    #[must_use]
    pub fn section_sized(mut self, name: &str, content: impl AsRef<[u8]>, virtual_size: u32) -> Self {
        let content = content.as_ref().to_vec();
        self.sections.push(Section { name: name.into(), content, virtual_size, flags: SECTION_READ });
        self
    }

    /// Other `Characteristics` of the last section, such as [`SECTION_CODE`].
    #[must_use]
    pub fn flags(mut self, flags: u32) -> Self {
        if let Some(section) = self.sections.last_mut() {
            section.flags = flags;
        }
        self
    }

    /// One more section, `.reloc`, with these relocations, and the data directory for it.
    #[must_use]
    pub fn relocations(self, places: &[Relocation]) -> Self {
        let table: Vec<u8> =
            places.chunk_by(|one, other| one.address >> 12 == other.address >> 12).flat_map(block).collect();
        let (address, bytes) = (self.lay_out(), number(table.len()));
        self.section(".reloc", table).directory(RELOCATIONS, address, bytes)
    }

    /// The whole file.
    #[must_use]
    pub fn build(&self) -> Vec<u8> {
        let headers = self.size_of_headers();
        let (mut lines, mut content) = (Vec::new(), Vec::new());
        let mut address = align(headers, SECTION_ALIGNMENT);
        for Section { name, content: bytes, virtual_size, flags } in &self.sections {
            let in_file = align(number(bytes.len()), FILE_ALIGNMENT);
            lines.extend(name.bytes().chain([0; 8]).take(8));
            for field in [*virtual_size, address, in_file, headers + number(content.len()), 0, 0, 0, *flags] {
                lines.extend(field.to_le_bytes());
            }
            content.extend(bytes);
            content.resize(size(align(number(content.len()), FILE_ALIGNMENT)), 0);
            address = behind(address, *virtual_size);
        }
        let mut file = self.headers(headers, address);
        file.extend(lines);
        file.resize(size(headers), 0);
        file.extend(content);
        file.extend(&self.trailing);
        self.sign(&mut file);
        file
    }

    /// Where the next section will be in memory. More directories may still move it, in large headers.
    fn lay_out(&self) -> u32 {
        let first = align(self.size_of_headers(), SECTION_ALIGNMENT);
        self.sections.iter().fold(first, |address, section| behind(address, section.virtual_size))
    }

    fn size_of_headers(&self) -> u32 {
        let table = self.new_header + 24 + u32::from(self.optional_size());
        align(table + 40 * number(self.sections.len()), FILE_ALIGNMENT)
    }

    /// Puts the certificate table behind everything, and its place into the headers.
    fn sign(&self, file: &mut Vec<u8>) {
        if self.certificates.is_empty() {
            return;
        }
        file.resize(file.len().next_multiple_of(8), 0);
        let line = [number(file.len()).to_le_bytes(), number(self.certificates.len()).to_le_bytes()].concat();
        let directories = self.new_header + 24 + u32::from(self.fields());
        let at = size(directories + CERTIFICATE_TABLE * 8);
        if let Some(entry) = file.get_mut(at..at + 8) {
            entry.copy_from_slice(&line);
        }
        file.extend(&self.certificates);
    }

    /// Bytes of the Optional Header before the data directories.
    fn fields(&self) -> u16 {
        if self.pe32 { 96 } else { 112 }
    }

    fn optional_size(&self) -> u16 {
        self.fields() + u16::try_from(self.directories.len() * 8).unwrap_or(0)
    }

    /// Everything before the section table.
    fn headers(&self, size_of_headers: u32, size_of_image: u32) -> Vec<u8> {
        let mut file = b"MZ".to_vec();
        file.resize(0x3C, 0);
        file.extend(self.new_header.to_le_bytes());
        file.resize(size(self.new_header), 0);
        file.extend(b"PE\0\0");
        file.extend(self.machine.to_le_bytes());
        file.extend(u16::try_from(self.sections.len()).unwrap_or(u16::MAX).to_le_bytes());
        file.extend([0; 12]);
        file.extend(self.optional_size().to_le_bytes());
        file.extend(self.characteristics.to_le_bytes());
        file.extend(self.optional(size_of_headers, size_of_image));
        file
    }

    /// The Optional Header with its data directories.
    fn optional(&self, size_of_headers: u32, size_of_image: u32) -> Vec<u8> {
        let magic: u16 = if self.pe32 { 0x10B } else { 0x20B };
        let mut optional = magic.to_le_bytes().to_vec();
        optional.resize(16, 0);
        optional.extend(self.entry.to_le_bytes());
        optional.resize(if self.pe32 { 28 } else { 24 }, 0);
        optional.extend(self.image_base.to_le_bytes());
        optional.truncate(32);
        for field in [self.alignment, FILE_ALIGNMENT, 0, 0, 0, 0, size_of_image, size_of_headers, 0] {
            optional.extend(field.to_le_bytes());
        }
        optional.extend(self.subsystem.to_le_bytes());
        optional.extend(self.dll_characteristics.to_le_bytes());
        optional.resize(usize::from(self.fields()) - 4, 0);
        optional.extend(number(self.directories.len()).to_le_bytes());
        for (address, bytes) in &self.directories {
            optional.extend([address.to_le_bytes(), bytes.to_le_bytes()].concat());
        }
        optional
    }
}

/// The relocations of one page, filled up to a multiple of 4 bytes.
fn block(places: &[Relocation]) -> Vec<u8> {
    let page = places.first().map_or(0, |first| first.address & !0xFFF);
    let entry = |place: &Relocation| {
        let kind = match place.width {
            Width::Bits32 => 3 << 12,
            Width::Bits64 => 10 << 12,
        };
        u16::try_from(kind | place.address & 0xFFF).unwrap_or(0)
    };
    let mut entries: Vec<u8> = places.iter().flat_map(|place| entry(place).to_le_bytes()).collect();
    entries.resize(entries.len().next_multiple_of(4), 0);
    let head = [page, number(entries.len()) + 8].map(u32::to_le_bytes).concat();
    [head, entries].concat()
}

/// Where a section may be behind another.
fn behind(address: u32, virtual_size: u32) -> u32 {
    align(address + virtual_size.max(1), SECTION_ALIGNMENT)
}

fn align(value: u32, to: u32) -> u32 {
    value.next_multiple_of(to)
}

fn number(size: usize) -> u32 {
    u32::try_from(size).unwrap_or(u32::MAX)
}

fn size(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
