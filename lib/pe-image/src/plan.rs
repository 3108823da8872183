// SPDX-License-Identifier: MIT OR Apache-2.0
//! How to load an image: where its bytes go, where it begins, and what may be done with its pages (UEFI 2.10,
//! section 2.1.1, UEFI Images; PE Format, Optional Header and Section Flags).
//!
//! Start with [`Headers::load_plan`]. The plan is made from headers alone and refuses what they cannot mean;
//! [`LoadPlan::place`] then does what it says.

use crate::headers::{Headers, NX_COMPAT};
use crate::loadable::{BaseField, Directory, Loadable};
use crate::pages::{self, PAGE, Permissions, Region};
use crate::plan_refusal::PlanRefusal;
use crate::segment::{Segment, in_file, segment_at, segments};
use alloc::vec::Vec;
use core::ops::Range;

/// The most bytes that an image may need in memory: 1 GiB. Unified kernel images with firmware in their initrd
/// have some hundred MiB, and this must be free in one piece, beside the file.
pub const IMAGE_MAX: u32 = 1024 * 1024 * 1024;

/// The largest `SectionAlignment`: 2 MiB, the next size of a page on x86-64 and Arm. Arm kernels want
/// 64 KiB. A loader must find so much more memory than the image needs.
pub const ALIGNMENT_MAX: u32 = 2 * 1024 * 1024;

/// `IMAGE_DIRECTORY_ENTRY_BASERELOC`.
const RELOCATIONS: usize = 5;
/// Import Table, TLS Table, Bound Import, Delay Import Descriptor, CLR Runtime Header: what they ask for, only
/// an operating system does.
const FOREIGN: [usize; 5] = [1, 9, 11, 13, 14];

/// How to load one image. All that it says fits into the file and the memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadPlan {
    pub(crate) machine: u16,
    pub(crate) subsystem: u16,
    pub(crate) nx_compat: bool,
    pub(crate) size_of_headers: u32,
    pub(crate) memory_size: u32,
    pub(crate) alignment: u32,
    pub(crate) entry: u32,
    pub(crate) image_base: u64,
    pub(crate) base_field: BaseField,
    pub(crate) movable: bool,
    pub(crate) relocations: Range<u32>,
    pub(crate) segments: Vec<Segment>,
    pub(crate) regions: Vec<Region>,
}

impl Headers {
    /// How to load this image.
    ///
    /// # Errors
    ///
    /// The headers cannot be true, or ask for what no firmware does; see [`PlanRefusal`].
    ///
    /// ```
    /// use pe_image::{Builder, Headers, MACHINE_X64, SECTION_CODE};
    ///
    /// // `ret`, in a section that may be run.
    /// let file = Builder::new(MACHINE_X64).section(".text", [0xC3]).flags(SECTION_CODE).entry(0x1000).build();
    /// let plan = Headers::parse(&file, file.len() as u64)?.load_plan()?;
    ///
    /// let mut memory = vec![0xFF; plan.memory_size() as usize];
    /// plan.place(&file, &mut memory, 0x7000_0000)?;
    /// assert_eq!(memory[plan.entry() as usize..][..2], [0xC3, 0]);
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    pub fn load_plan(&self) -> Result<LoadPlan, PlanRefusal> {
        LoadPlan::new(self, self.loadable())
    }
}

impl LoadPlan {
    fn new(headers: &Headers, image: &Loadable) -> Result<Self, PlanRefusal> {
        subsystem(headers.subsystem())?;
        let size = headers.size_of_image();
        if size > IMAGE_MAX {
            return Err(PlanRefusal::TooLarge { size });
        }
        let (memory_size, size_of_headers) = (pages::up(size), headers.size_of_headers());
        let segments = segments(headers.sections(), size_of_headers)?;
        let nx_compat = headers.dll_characteristics() & NX_COMPAT != 0;
        Ok(Self {
            machine: headers.machine(),
            subsystem: headers.subsystem(),
            nx_compat,
            size_of_headers,
            memory_size,
            alignment: alignment(image.alignment)?,
            entry: entry(image.entry, &segments)?,
            image_base: image.image_base,
            base_field: image.base_field,
            movable: !image.relocations_stripped,
            relocations: relocations(image, &segments)?,
            regions: regions(size_of_headers, &segments, memory_size, nx_compat)?,
            segments,
        })
    }

    /// The processor that it is for, such as [`MACHINE_X64`](crate::MACHINE_X64). The plan is made for every
    /// processor; whether this one can run it is the caller's question.
    #[must_use]
    pub fn machine(&self) -> u16 {
        self.machine
    }

    /// The kind of program, one of three: [`SUBSYSTEM_EFI_APPLICATION`](crate::SUBSYSTEM_EFI_APPLICATION),
    /// [`SUBSYSTEM_EFI_BOOT_SERVICE_DRIVER`](crate::SUBSYSTEM_EFI_BOOT_SERVICE_DRIVER) or
    /// [`SUBSYSTEM_EFI_RUNTIME_DRIVER`](crate::SUBSYSTEM_EFI_RUNTIME_DRIVER). Each wants another type of
    /// memory (UEFI 2.10, section 7.2, table 7.6).
    #[must_use]
    pub fn subsystem(&self) -> u16 {
        self.subsystem
    }

    /// Whether the image says that it never runs memory that can be written
    /// (`IMAGE_DLLCHARACTERISTICS_NX_COMPAT`). Only then [`regions`](Self::regions) may be enforced: other
    /// images are known to run their data.
    #[must_use]
    pub fn nx_compat(&self) -> bool {
        self.nx_compat
    }

    /// Bytes that it needs in memory: `SizeOfImage` rounded up to whole pages, at most [`IMAGE_MAX`].
    #[must_use]
    pub fn memory_size(&self) -> u32 {
        self.memory_size
    }

    /// Its memory must begin on a multiple of so many bytes: a power of two from [`PAGE`] to
    /// [`ALIGNMENT_MAX`].
    #[must_use]
    pub fn alignment(&self) -> u32 {
        self.alignment
    }

    /// Where it begins to run, from the beginning of the image: a byte of the file in a section that may be
    /// run.
    #[must_use]
    pub fn entry(&self) -> u32 {
        self.entry
    }

    /// `ImageBase`: the address for which its own addresses are right.
    #[must_use]
    pub fn image_base(&self) -> u64 {
        self.image_base
    }

    /// Whether it may be anywhere, and not only at [`image_base`](Self::image_base). An image without
    /// relocations that does not say that they were taken away has no addresses of its own: kernels do.
    #[must_use]
    pub fn is_movable(&self) -> bool {
        self.movable
    }

    /// Where the table of base relocations is in the file, for [`Relocations`](crate::Relocations); empty
    /// when there is none.
    #[must_use]
    pub fn relocations(&self) -> Range<u32> {
        self.relocations.clone()
    }

    /// The sections that have memory, by their addresses.
    #[must_use]
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// What may be done with each page of the image, without gaps. With [`nx_compat`](Self::nx_compat) no
    /// page may be both written and run.
    #[must_use]
    pub fn regions(&self) -> &[Region] {
        &self.regions
    }

    /// The segment that has all of these bytes.
    pub(crate) fn segment_at(&self, address: u32, size: u32) -> Option<&Segment> {
        segment_at(&self.segments, address, size)
    }
}

fn subsystem(subsystem: u16) -> Result<(), PlanRefusal> {
    use crate::headers::{
        SUBSYSTEM_EFI_APPLICATION, SUBSYSTEM_EFI_BOOT_SERVICE_DRIVER, SUBSYSTEM_EFI_RUNTIME_DRIVER,
    };
    match subsystem {
        SUBSYSTEM_EFI_APPLICATION | SUBSYSTEM_EFI_BOOT_SERVICE_DRIVER | SUBSYSTEM_EFI_RUNTIME_DRIVER => {
            Ok(())
        }
        _ => Err(PlanRefusal::NotEfi { subsystem }),
    }
}

/// At least a page: memory comes in pages. Older kernels say 32 bytes.
fn alignment(alignment: u32) -> Result<u32, PlanRefusal> {
    if !alignment.is_power_of_two() || alignment > ALIGNMENT_MAX {
        return Err(PlanRefusal::BadAlignment { alignment });
    }
    Ok(alignment.max(PAGE))
}

fn entry(entry: u32, segments: &[Segment]) -> Result<u32, PlanRefusal> {
    match in_file(segments, entry, 1) {
        Some((segment, _)) if segment.permissions.execute => Ok(entry),
        _ => Err(PlanRefusal::EntryNotCode { entry }),
    }
}

/// Where the table of base relocations is in the file.
fn relocations(image: &Loadable, segments: &[Segment]) -> Result<Range<u32>, PlanRefusal> {
    let directories = image.directories.as_ref().ok_or(PlanRefusal::DirectoriesOutsideHeader)?;
    let size_of = |number: usize| directories.get(number).map_or(0, |directory| directory.size);
    if let Some(directory) = FOREIGN.into_iter().find(|number| size_of(*number) != 0) {
        return Err(PlanRefusal::NeedsLinking { directory });
    }
    match directories.get(RELOCATIONS) {
        None | Some(Directory { size: 0, .. }) => Ok(0..0),
        Some(Directory { address, size }) => {
            let found = in_file(segments, *address, *size).map(|(_, file)| file);
            found.ok_or(PlanRefusal::RelocationsOutside { address: *address })
        }
    }
}

fn regions(
    size_of_headers: u32,
    segments: &[Segment],
    memory_size: u32,
    nx_compat: bool,
) -> Result<Vec<Region>, PlanRefusal> {
    let headers = core::iter::once((0..size_of_headers, Permissions::READ));
    let parts = segments.iter().map(|segment| (segment.memory.clone(), segment.permissions));
    let regions = pages::regions(headers.chain(parts), memory_size);
    let bad = |region: &&Region| region.permissions.write && region.permissions.execute;
    match regions.iter().find(bad) {
        Some(region) if nx_compat => Err(PlanRefusal::WritableAndExecutable { address: region.memory.start }),
        _ => Ok(regions),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Builder, MACHINE_X64, SECTION_CODE, SECTION_DATA};

    const WRITE: Permissions = Permissions { read: true, write: true, execute: false };
    const EXECUTE: Permissions = Permissions { read: true, write: false, execute: true };

    fn builder() -> Builder {
        Builder::new(MACHINE_X64)
            .entry(0x1010)
            .dll_characteristics(NX_COMPAT)
            .section(".text", [1; 700])
            .flags(SECTION_CODE)
            .section_sized(".data", [2; 10], 0x1800)
            .flags(SECTION_DATA)
            .section(".sbat", [3; 20])
    }

    fn plan(file: &[u8]) -> Result<LoadPlan, PlanRefusal> {
        Headers::parse(file, file.len() as u64).unwrap().load_plan()
    }

    /// `file` with this number at a place.
    fn with(mut file: Vec<u8>, at: usize, number: u32) -> Vec<u8> {
        file[at..at + 4].copy_from_slice(&number.to_le_bytes());
        file
    }

    const OPTIONAL: usize = 64 + 24;
    const TABLE: usize = OPTIONAL + 112;

    #[test]
    fn a_proper_image() {
        let plan = plan(&builder().build()).unwrap();
        assert_eq!((plan.machine(), plan.subsystem(), plan.nx_compat()), (MACHINE_X64, 10, true));
        assert_eq!((plan.entry(), plan.memory_size(), plan.alignment()), (0x1010, 0x5000, 0x1000));
        assert_eq!((plan.image_base(), plan.is_movable(), plan.relocations()), (0, true, 0..0));
        let segments: Vec<_> = plan
            .segments()
            .iter()
            .map(|segment| (segment.memory.clone(), segment.file.clone(), segment.permissions))
            .collect();
        assert_eq!(
            segments,
            [
                (0x1000..0x12BC, 0x200..0x4BC, EXECUTE),
                (0x2000..0x3800, 0x600..0x800, WRITE),
                (0x4000..0x4014, 0x800..0x814, Permissions::READ),
            ]
        );
        let regions: Vec<_> =
            plan.regions().iter().map(|region| (region.memory.clone(), region.permissions)).collect();
        assert_eq!(
            regions,
            [
                (0..0x1000, Permissions::READ),
                (0x1000..0x2000, EXECUTE),
                (0x2000..0x4000, WRITE),
                (0x4000..0x5000, Permissions::READ),
            ]
        );
    }

    #[test]
    fn segments_ascend_in_memory_whatever_the_table_says() {
        let file = builder().build();
        // The first and the last section change places in memory.
        let swapped = with(with(file, TABLE + 12, 0x4000), TABLE + 92, 0x1000);
        let plan = plan(&with(swapped, OPTIONAL + 16, 0x4000)).unwrap();
        let names: Vec<_> = plan.segments().iter().map(|segment| &segment.name[..5]).collect();
        assert_eq!(names, [b".sbat", b".data", b".text"]);
    }

    #[test]
    fn an_image_that_cannot_move_says_so() {
        let stripped = builder().image_base(0x40_0000).characteristics(0x23).build();
        let plan = plan(&stripped).unwrap();
        assert_eq!((plan.image_base(), plan.is_movable()), (0x40_0000, false));
    }

    #[test]
    fn what_cannot_be_loaded() {
        let file = || builder().build();
        let text = *b".text\0\0\0";
        let entry = |entry| (with(file(), OPTIONAL + 16, entry), PlanRefusal::EntryNotCode { entry });
        let alignment =
            |alignment| (builder().alignment(alignment).build(), PlanRefusal::BadAlignment { alignment });
        let foreign = |number: u32| {
            (builder().directory(number, 1, 1).build(), PlanRefusal::NeedsLinking { directory: size(number) })
        };
        let outside = |address, bytes| {
            (builder().directory(5, address, bytes).build(), PlanRefusal::RelocationsOutside { address })
        };
        let cases = [
            (builder().subsystem(3).build(), PlanRefusal::NotEfi { subsystem: 3 }),
            (builder().subsystem(13).build(), PlanRefusal::NotEfi { subsystem: 13 }),
            (with(file(), OPTIONAL + 56, IMAGE_MAX + 1), PlanRefusal::TooLarge { size: IMAGE_MAX + 1 }),
            alignment(0),
            alignment(0x1800),
            alignment(ALIGNMENT_MAX * 2),
            (with(file(), TABLE + 8, 0), PlanRefusal::NoMemory { section: text }),
            (with(file(), TABLE + 12, 0x1FF), PlanRefusal::OverHeaders { section: text }),
            // Headers, behind the last byte of code, in data, in no section, and far away.
            entry(0),
            entry(0x12BC),
            entry(0x2000),
            entry(0x3800),
            entry(u32::MAX),
            (with(file(), OPTIONAL + 108, 16), PlanRefusal::DirectoriesOutsideHeader),
            (with(file(), OPTIONAL + 108, u32::MAX), PlanRefusal::DirectoriesOutsideHeader),
            foreign(1),
            foreign(9),
            foreign(14),
            // In the headers, in zeros, over the end, in no section, and too large.
            outside(0x100, 12),
            outside(0x2200, 1),
            outside(0x4008, 13),
            outside(0x4018, 1),
            outside(0x4000, u32::MAX),
            (
                builder().section(".rwx", [0; 9]).flags(SECTION_CODE | SECTION_DATA).build(),
                PlanRefusal::WritableAndExecutable { address: 0x5000 },
            ),
            // The code goes on into the page where data begins.
            (
                with(with(file(), TABLE + 8, 0x1010), TABLE + 52, 0x2010),
                PlanRefusal::WritableAndExecutable { address: 0x2000 },
            ),
        ];
        for (file, refusal) in cases {
            assert_eq!(plan(&file).map(|_| ()), Err(refusal), "{}", refusal.token());
            assert!(!refusal.to_string().contains(char::is_control));
        }
    }

    fn size(number: u32) -> usize {
        crate::bytes::index(number)
    }

    #[test]
    fn older_images_are_loaded() {
        // Code that is written, sections on 32 bytes, and no word about NX_COMPAT.
        let old = builder().dll_characteristics(0).alignment(32).flags(SECTION_CODE | SECTION_DATA).build();
        let old = plan(&old).unwrap();
        assert_eq!((old.nx_compat(), old.alignment()), (false, PAGE));
        assert!(old.regions().iter().any(|region| region.permissions.write && region.permissions.execute));
        // More directories than there are, all empty.
        assert!(plan(&builder().directories(20).build()).is_ok());
        assert_eq!(plan(&builder().directory(5, 0x4000, 12).build()).unwrap().relocations(), 0x800..0x80C);
    }
}
