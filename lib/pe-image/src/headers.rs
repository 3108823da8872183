// SPDX-License-Identifier: MIT OR Apache-2.0
//! The headers of an image: for which machine it is, and which sections it has (PE Format, from the
//! MS-DOS stub to the section table).

use crate::authenticode::{AuthenticodeRanges, HashRefusal, Hashable};
use crate::bytes::{array, index, u16_at, u32_at};
use crate::loadable::Loadable;
use crate::refusal::Refusal;
use crate::section::{self, Room, SECTIONS_MAX, Section};
use alloc::vec::Vec;

/// The most bytes that headers may have. Arm kernels fill this.
pub const HEADERS_MAX: usize = 64 * 1024;

/// `IMAGE_FILE_MACHINE_I386`.
pub const MACHINE_IA32: u16 = 0x014C;
/// `IMAGE_FILE_MACHINE_AMD64`.
pub const MACHINE_X64: u16 = 0x8664;
/// `IMAGE_FILE_MACHINE_THUMB`: 32-bit Arm, as UEFI has it.
pub const MACHINE_ARM: u16 = 0x01C2;
/// `IMAGE_FILE_MACHINE_ARM64`.
pub const MACHINE_AA64: u16 = 0xAA64;
/// `IMAGE_FILE_MACHINE_RISCV64`.
pub const MACHINE_RISCV64: u16 = 0x5064;
/// `IMAGE_FILE_MACHINE_LOONGARCH64`.
pub const MACHINE_LOONGARCH64: u16 = 0x6264;
/// `IMAGE_SUBSYSTEM_EFI_APPLICATION`.
pub const SUBSYSTEM_EFI_APPLICATION: u16 = 10;
/// `IMAGE_SUBSYSTEM_EFI_BOOT_SERVICE_DRIVER`.
pub const SUBSYSTEM_EFI_BOOT_SERVICE_DRIVER: u16 = 11;
/// `IMAGE_SUBSYSTEM_EFI_RUNTIME_DRIVER`.
pub const SUBSYSTEM_EFI_RUNTIME_DRIVER: u16 = 12;
/// `IMAGE_DLLCHARACTERISTICS_NX_COMPAT`: the image never runs memory that can be written.
pub const NX_COMPAT: u16 = 0x0100;

const DOS_HEADER: usize = 64;
const DOS_NEW_HEADER: usize = 0x3C;
/// Signature and COFF header.
const COFF: usize = 24;
const PE32: u16 = 0x10B;
const PE32_PLUS: u16 = 0x20B;

/// The headers of one image. All that it says fits into the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Headers {
    machine: u16,
    optional: Optional,
    hashable: Hashable,
    loadable: Loadable,
    sections: Vec<Section>,
}

/// What is read of the COFF header.
#[derive(Clone, Copy, Debug)]
struct Coff {
    machine: u16,
    sections: usize,
    optional_size: usize,
    characteristics: u16,
}

/// What is read of the Optional Header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Optional {
    size_of_image: u32,
    size_of_headers: u32,
    subsystem: u16,
    dll_characteristics: u16,
}

/// The beginning of a file of a known size.
#[derive(Clone, Copy)]
struct Prefix<'b> {
    bytes: &'b [u8],
    file_size: u64,
}

impl Headers {
    /// Reads the headers of an image from `prefix`, the first bytes of a file of `file_size`.
    ///
    /// # Errors
    ///
    /// [`Refusal::NeedsMore`] when the headers go on behind `prefix`: call again with as many bytes
    /// as it says. It never says more than [`HEADERS_MAX`] or `file_size`, and always more than
    /// `prefix` has, so that this ends. Any other [`Refusal`] is final.
    pub fn parse(prefix: &[u8], file_size: u64) -> Result<Self, Refusal> {
        let prefix = Prefix { bytes: prefix, file_size };
        let dos = prefix.take(0, DOS_HEADER)?;
        if !dos.starts_with(b"MZ") {
            return Err(Refusal::NotPe);
        }
        let at = index(u32_at(dos, DOS_NEW_HEADER).ok_or(Refusal::NotPe)?);
        if at < DOS_HEADER {
            return Err(Refusal::NotPe);
        }
        let coff = prefix.take(at, COFF)?;
        if array(coff, 0) != Some(*b"PE\0\0") {
            return Err(Refusal::NotPe);
        }
        // It is whole, so that this does not fail.
        let coff = Coff::read(coff).ok_or(Refusal::Truncated)?;
        if coff.sections > SECTIONS_MAX {
            return Err(Refusal::TooManySections { count: coff.sections });
        }
        Self::behind_coff(prefix, at.saturating_add(COFF), coff)
    }

    fn behind_coff(prefix: Prefix<'_>, at: usize, coff: Coff) -> Result<Self, Refusal> {
        let table_at = at.saturating_add(coff.optional_size);
        let table_size = coff.sections.saturating_mul(section::LINE);
        // Asks for all that is left at once: every read is a call of the firmware.
        let rest = prefix.take(at, coff.optional_size.saturating_add(table_size))?;
        let (header, table) = rest.split_at_checked(coff.optional_size).ok_or(Refusal::Truncated)?;
        let hashable = Hashable::read(header, at, prefix.file_size);
        let optional = Optional::read(header).ok_or(Refusal::BadOptionalHeader)?;
        let loadable = Loadable::read(header, at, coff.characteristics).ok_or(Refusal::BadOptionalHeader)?;
        optional.check(table_at.saturating_add(table_size), prefix.file_size)?;
        let room = Room {
            file_size: prefix.file_size,
            size_of_headers: optional.size_of_headers,
            size_of_image: optional.size_of_image,
        };
        let sections = section::table(table, &room)?;
        Ok(Self { machine: coff.machine, optional, hashable, loadable, sections })
    }

    /// `Machine`: the processor that it is for, such as [`MACHINE_X64`].
    #[must_use]
    pub fn machine(&self) -> u16 {
        self.machine
    }

    /// `Subsystem`: [`SUBSYSTEM_EFI_APPLICATION`] for boot loaders and kernels.
    #[must_use]
    pub fn subsystem(&self) -> u16 {
        self.optional.subsystem
    }

    /// `SizeOfHeaders`: bytes of all headers, at most [`HEADERS_MAX`] and within the file.
    #[must_use]
    pub fn size_of_headers(&self) -> u32 {
        self.optional.size_of_headers
    }

    /// `SizeOfImage`: bytes that it needs in memory.
    #[must_use]
    pub fn size_of_image(&self) -> u32 {
        self.optional.size_of_image
    }

    /// `DllCharacteristics`: flags, such as [`NX_COMPAT`].
    #[must_use]
    pub fn dll_characteristics(&self) -> u16 {
        self.optional.dll_characteristics
    }

    /// The sections, in the order of the table, at most [`SECTIONS_MAX`]. None shares a byte with
    /// another, in the file or in memory.
    #[must_use]
    pub fn sections(&self) -> &[Section] {
        &self.sections
    }

    /// What [`load_plan`](Self::load_plan) is made from.
    pub(crate) fn loadable(&self) -> &Loadable {
        &self.loadable
    }

    /// Which bytes of the file a signature is for, and where its signatures are ("Windows Authenticode
    /// Portable Executable Signature Format", Calculating the PE Image Hash).
    ///
    /// # Errors
    ///
    /// Bytes of the file would be hashed twice, never, or differently by others; see [`HashRefusal`].
    ///
    /// ```
    /// use pe_image::{Builder, Headers, MACHINE_X64};
    ///
    /// let file = Builder::new(MACHINE_X64).section(".text", [1; 600]).build();
    /// let ranges = Headers::parse(&file, file.len() as u64)?.authenticode_ranges()?;
    /// // All but the four bytes of `CheckSum`; this image has no data directories.
    /// let hashed: u64 = ranges.hashed().iter().map(|range| range.end - range.start).sum();
    /// assert_eq!(hashed, file.len() as u64 - 4);
    /// assert_eq!(ranges.certificates(), None);
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    pub fn authenticode_ranges(&self) -> Result<AuthenticodeRanges, HashRefusal> {
        AuthenticodeRanges::new(&self.hashable, u64::from(self.size_of_headers()), &self.sections)
    }

    /// The section `.sbat`, with which versions of a program are revoked (shim, SBAT.md).
    ///
    /// # Errors
    ///
    /// How many sections have that name, where it is more than one: programs differ in which counts.
    pub fn sbat(&self) -> Result<Option<&Section>, usize> {
        let mut named = self.sections.iter().filter(|section| section.is(".sbat"));
        let first = named.next();
        match named.count() {
            0 => Ok(first),
            more => Err(more.saturating_add(1)),
        }
    }
}

impl Coff {
    /// Signature and COFF header. `None` when they are not whole.
    fn read(bytes: &[u8]) -> Option<Self> {
        Some(Self {
            machine: u16_at(bytes, 4)?,
            sections: usize::from(u16_at(bytes, 6)?),
            optional_size: usize::from(u16_at(bytes, 20)?),
            characteristics: u16_at(bytes, 22)?,
        })
    }
}

impl Optional {
    /// `None` when it is too short or neither PE32 nor PE32+. What is read is in the same place in
    /// both.
    fn read(bytes: &[u8]) -> Option<Self> {
        let least = match u16_at(bytes, 0)? {
            PE32 => 96,
            PE32_PLUS => 112,
            _ => return None,
        };
        (bytes.len() >= least).then_some(())?;
        Some(Self {
            size_of_image: u32_at(bytes, 56)?,
            size_of_headers: u32_at(bytes, 60)?,
            subsystem: u16_at(bytes, 68)?,
            dll_characteristics: u16_at(bytes, 70)?,
        })
    }

    /// Whether the headers that end at `end` fit into their own size, the file and the image.
    fn check(&self, end: usize, file_size: u64) -> Result<(), Refusal> {
        if index(self.size_of_headers) > HEADERS_MAX {
            return Err(Refusal::HeadersTooLarge);
        }
        if u64::from(self.size_of_headers) > file_size {
            return Err(Refusal::Truncated);
        }
        if index(self.size_of_headers) < end || self.size_of_headers > self.size_of_image {
            return Err(Refusal::BadSizes);
        }
        Ok(())
    }
}

impl<'b> Prefix<'b> {
    /// `size` bytes at `at`.
    ///
    /// # Errors
    ///
    /// The file ends before them, they are beyond [`HEADERS_MAX`], or more of the file is needed.
    fn take(self, at: usize, size: usize) -> Result<&'b [u8], Refusal> {
        let end = at.saturating_add(size);
        if !u64::try_from(end).is_ok_and(|end| end <= self.file_size) {
            return Err(Refusal::Truncated);
        }
        if end > HEADERS_MAX {
            return Err(Refusal::HeadersTooLarge);
        }
        self.bytes.get(at..end).ok_or(Refusal::NeedsMore(end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Builder;
    use proptest::prelude::*;

    fn uki() -> Vec<u8> {
        Builder::new(MACHINE_X64).section(".osrel", b"ID=a\n").section(".linux", [7; 600]).build()
    }

    fn parse(file: &[u8]) -> Result<Headers, Refusal> {
        Headers::parse(file, file.len() as u64)
    }

    /// `file` with these bytes at a place.
    fn with(mut file: Vec<u8>, at: usize, bytes: &[u8]) -> Vec<u8> {
        file[at..at + bytes.len()].copy_from_slice(bytes);
        file
    }

    const OPTIONAL: usize = 64 + 24;
    const TABLE: usize = OPTIONAL + 112;

    /// Reads as a loader does: as little as it can.
    fn in_steps(file: &[u8]) -> (Result<Headers, Refusal>, usize) {
        let mut length = 0;
        for calls in 1.. {
            match Headers::parse(&file[..length], file.len() as u64) {
                Err(Refusal::NeedsMore(bytes)) => {
                    assert!(bytes > length && bytes <= file.len() && bytes <= HEADERS_MAX);
                    length = bytes;
                }
                answer => return (answer, calls),
            }
        }
        unreachable!()
    }

    #[test]
    fn a_proper_image() {
        let headers = parse(&uki()).unwrap();
        assert_eq!((headers.machine(), headers.subsystem()), (MACHINE_X64, SUBSYSTEM_EFI_APPLICATION));
        assert_eq!((headers.size_of_headers(), headers.size_of_image()), (0x200, 0x3000));
        assert_eq!(headers.dll_characteristics(), 0);
        let [osrel, linux] = headers.sections() else { panic!() };
        assert!(osrel.is(".osrel") && linux.is(".linux") && !linux.is(".lin"));
        assert_eq!((osrel.content_size(), osrel.file_size, osrel.file_offset), (5, 0x200, 0x200));
        assert_eq!((linux.virtual_size, linux.virtual_address), (600, 0x2000));
    }

    #[test]
    fn a_file_is_read_in_few_steps_wherever_its_headers_are() {
        let (answer, calls) = in_steps(&uki());
        assert_eq!((answer, calls), (parse(&uki()), 4));
        let far = Builder::new(MACHINE_AA64).new_header(60_000).section(".text", [1]).build();
        assert_eq!(Headers::parse(&far[..4096], far.len() as u64), Err(Refusal::NeedsMore(60_024)));
        assert_eq!(in_steps(&far).0.unwrap().machine(), MACHINE_AA64);
    }

    #[test]
    fn what_cannot_be_true() {
        let number = |value: u32| value.to_le_bytes();
        let file = uki();
        let many = |count: u16| with(uki(), 64 + 6, &count.to_le_bytes());
        let second = TABLE + 40;
        let osrel = *b".osrel\0\0";
        let linux = *b".linux\0\0";
        let cases = [
            (b"ELF".to_vec(), Refusal::Truncated),
            (vec![0; 100], Refusal::NotPe),
            (with(file.clone(), 0x3C, &number(0)), Refusal::NotPe),
            (with(file.clone(), 0x3C, &number(u32::MAX)), Refusal::Truncated),
            (
                with(vec![0; 0x20_0000], 0, &[&b"MZ"[..], &[0; 58], &number(0x10_0000)].concat()),
                Refusal::HeadersTooLarge,
            ),
            (with(file.clone(), 64, b"NE"), Refusal::NotPe),
            (many(513), Refusal::TooManySections { count: 513 }),
            (many(u16::MAX), Refusal::TooManySections { count: 65_535 }),
            (many(500), Refusal::Truncated),
            (with(file.clone(), 64 + 20, &[16, 0]), Refusal::BadOptionalHeader),
            (with(file.clone(), OPTIONAL, &[7, 1]), Refusal::BadOptionalHeader),
            (with(file.clone(), OPTIONAL + 60, &number(100)), Refusal::BadSizes),
            (with(file.clone(), OPTIONAL + 60, &number(0x1_0001)), Refusal::HeadersTooLarge),
            (with(file.clone(), OPTIONAL + 60, &number(0x1_0000)), Refusal::Truncated),
            (with(file.clone(), OPTIONAL + 56, &number(0x100)), Refusal::BadSizes),
            (with(file.clone(), OPTIONAL + 56, &number(0x2000)), Refusal::OutsideImage { section: linux }),
            (with(file.clone(), TABLE + 12, &number(0xFFFF_F000)), Refusal::OutsideImage { section: osrel }),
            (with(file.clone(), TABLE + 8, &number(u32::MAX)), Refusal::OutsideImage { section: osrel }),
            (with(file.clone(), TABLE + 16, &number(u32::MAX)), Refusal::OutsideFile { section: osrel }),
            (with(file.clone(), TABLE + 20, &number(u32::MAX)), Refusal::OutsideFile { section: osrel }),
            (with(file.clone(), TABLE + 20, &number(0x1FF)), Refusal::InHeaders { section: osrel }),
            (with(file.clone(), second + 20, &number(0x200)), Refusal::OverlapInFile),
            (with(file.clone(), TABLE + 12, &number(0x1FFC)), Refusal::OverlapInMemory),
            (file[..file.len() - 1].to_vec(), Refusal::OutsideFile { section: linux }),
        ];
        for (file, refusal) in cases {
            assert_eq!(parse(&file), Err(refusal), "{}", refusal.token());
            assert!(!refusal.to_string().contains(char::is_control));
        }
    }

    #[test]
    fn sections_without_bytes_are_nowhere() {
        let empty = Builder::new(MACHINE_X64).section(".a", []).section_sized(".bss", [], 9).build();
        let file = with(empty, TABLE + 20, &[0xFF; 4]);
        let headers = parse(&file).unwrap();
        assert_eq!(headers.sections()[0].content_size(), 0);
        assert_eq!((headers.sections()[1].virtual_size, headers.sections()[1].content_size()), (9, 0));
    }

    #[test]
    fn only_one_section_counts_as_sbat() {
        let image = Builder::new(MACHINE_X64).section(".text", [1]);
        let count = |image: &Builder| {
            parse(&image.build()).unwrap().sbat().map(|found| found.map(|section| section.content_size()))
        };
        assert_eq!(count(&image), Ok(None));
        let image = image.section(".sbat", b"sbat");
        assert_eq!(count(&image), Ok(Some(4)));
        assert_eq!(count(&image.section(".sbat", b"other")), Err(2));
    }

    #[test]
    fn a_hostile_name_is_shown_harmlessly() {
        let refusal = Refusal::InHeaders { section: *b"\x1b[2J\0\xFFxx" };
        assert_eq!(refusal.to_string(), r"section `\x1b[2J` is in the headers");
    }

    proptest! {
        #[test]
        fn any_bytes_are_judged(bytes in proptest::collection::vec(any::<u8>(), 0..400), size: u64) {
            let _ = Headers::parse(&bytes, size);
        }

        #[test]
        fn a_damaged_image_is_judged(at in 0_usize..320, byte: u8, cut in 0_usize..2000) {
            let mut file = uki();
            file[at] = byte;
            file.truncate(cut.max(at + 1));
            if let Ok(headers) = in_steps(&file).0 {
                for section in headers.sections().iter().filter(|section| section.file_size > 0) {
                    let end = section.file_offset as usize + section.file_size as usize;
                    prop_assert!(file.get(section.file_offset as usize..end).is_some());
                }
            }
        }

        #[test]
        fn what_is_built_is_read(
            sections in proptest::collection::vec(("[.a-z]{1,8}", proptest::collection::vec(any::<u8>(), 0..1500)), 0..20),
            at in 64_u32..9000,
        ) {
            let new = Builder::new(MACHINE_X64).new_header(at);
            let file = sections.iter().fold(new, |image, (name, bytes)| image.section(name, bytes)).build();
            let headers = in_steps(&file).0.unwrap();
            prop_assert_eq!(headers.sections().len(), sections.len());
            for (section, (name, bytes)) in headers.sections().iter().zip(&sections) {
                prop_assert!(section.is(name));
                let from = section.file_offset as usize;
                prop_assert_eq!(&file[from..from + section.content_size() as usize], &bytes[..]);
            }
        }
    }
}
