// SPDX-License-Identifier: MIT OR Apache-2.0
//! How distributions lay out their images: the numbers of real headers, and the plan for each.
//!
//! `objdump -x` shows them. The files themselves are larger than this tree, and most under other licences.

use pe_image::{Headers, LoadPlan, MACHINE_AA64, MACHINE_X64, NX_COMPAT, PlanRefusal};

/// Name, bytes in memory, where; bytes in the file, where; `Characteristics`.
type Section = (&'static str, [u32; 5]);

/// The numbers of one file's headers, all of them PE32+ and EFI applications.
struct Layout {
    file_size: u64,
    new_header: u32,
    machine: u16,
    characteristics: u16,
    entry: u32,
    image_base: u64,
    alignment: u32,
    size_of_image: u32,
    size_of_headers: u32,
    dll_characteristics: u16,
    /// Number, address and size of those that are not empty, of 16.
    directories: &'static [(usize, u32, u32)],
    sections: &'static [Section],
}

const CODE: u32 = 0x6000_0020;
const READ: u32 = 0x4000_0040;
const DISCARD: u32 = 0x4200_0040;
const DATA: u32 = 0xC000_0040;

/// Debian 12, linux-image-6.1.0-56-cloud-amd64.
const KERNEL_X64: Layout = Layout {
    file_size: 0xD8_77C0,
    new_header: 0x40,
    machine: MACHINE_X64,
    characteristics: 0x206,
    entry: 0xD7_D8B7,
    image_base: 0,
    alignment: 0x1000,
    size_of_image: 0xDC_C000,
    size_of_headers: 0x1000,
    dll_characteristics: NX_COMPAT,
    directories: &[(4, 0xD8_7200, 0x5C0)],
    sections: &[
        (".setup", [0x3000, 0x1000, 0x3000, 0x1000, DISCARD]),
        (".compat", [0x1000, 0x4000, 0x1000, 0x4000, DISCARD]),
        (".text", [0xD8_1000, 0x5000, 0xD8_1000, 0x5000, CODE]),
        (".data", [0x4_6000, 0xD8_6000, 0x1200, 0xD8_6000, DATA]),
    ],
};

/// Debian 12, linux-image-6.1.0-56-cloud-arm64.
const KERNEL_AA64: Layout = Layout {
    file_size: 0x1A0_9FC0,
    new_header: 0x40,
    machine: MACHINE_AA64,
    characteristics: 0x206,
    entry: 0x13E_C7F0,
    image_base: 0,
    alignment: 0x1_0000,
    size_of_image: 0x1AB_0000,
    size_of_headers: 0x1_0000,
    dll_characteristics: NX_COMPAT,
    directories: &[(4, 0x1A0_9A00, 0x5C0)],
    sections: &[
        (".text", [0x144_0000, 0x1_0000, 0x144_0000, 0x1_0000, CODE]),
        (".data", [0x66_0000, 0x145_0000, 0x5B_9A00, 0x145_0000, DATA]),
    ],
};

/// `ukify` 262 with the stub of systemd 262 and that kernel.
const UKI: Layout = Layout {
    file_size: 0x108_9400,
    new_header: 0x40,
    machine: MACHINE_X64,
    characteristics: 0x22E,
    entry: 0x1_33E0,
    image_base: 0x1_4DF9_0000,
    alignment: 0x1000,
    size_of_image: 0x109_1000,
    size_of_headers: 0x5000,
    dll_characteristics: 0x160,
    directories: &[(5, 0x2_8000, 0xB4)],
    sections: &[
        (".text", [0x1_832E, 0x5000, 0x1_8400, 0x5000, CODE]),
        (".rodata", [0x7000, 0x1_E000, 0x7000, 0x1_D400, READ]),
        (".data", [0xB8, 0x2_5000, 0x200, 0x2_4400, DATA]),
        (".sbat", [0x142, 0x2_6000, 0x400, 0x2_4600, READ]),
        (".sdmagic", [0x2A, 0x2_7000, 0x200, 0x2_4A00, READ]),
        (".reloc", [0xB4, 0x2_8000, 0x200, 0x2_4C00, DISCARD]),
        (".osrel", [0xA, 0x2_9000, 0x200, 0x2_4E00, READ]),
        (".cmdline", [0x13, 0x2_A000, 0x200, 0x2_5000, READ]),
        (".uname", [0x14, 0x2_B000, 0x200, 0x2_5200, READ]),
        (".linux", [0xD8_77C0, 0x2_C000, 0xD8_7800, 0x2_5400, 0x4000_0020]),
        (".initrd", [0x2D_C6C0, 0xDB_4000, 0x2D_C800, 0xDA_CC00, READ]),
    ],
};

/// Debian 12, systemd-boot 252: sections that share a page, and a size that is not whole pages.
const SYSTEMD_BOOT: Layout = Layout {
    file_size: 0x2_265B,
    new_header: 0x80,
    machine: MACHINE_X64,
    characteristics: 0x206,
    entry: 0x5000,
    image_base: 0,
    alignment: 0x200,
    size_of_image: 0x2_8340,
    size_of_headers: 0x400,
    dll_characteristics: 0,
    directories: &[(5, 0x1_B000, 0xC)],
    sections: &[
        (".text", [0x1_5AF0, 0x5000, 0x1_5C00, 0x400, CODE]),
        (".reloc", [0xC, 0x1_B000, 0x200, 0x1_6000, DISCARD]),
        (".data", [0x67B8, 0x1_C000, 0x6800, 0x1_6200, DATA]),
        (".dynamic", [0x100, 0x2_3000, 0x200, 0x1_CA00, DATA]),
        (".rela", [0x1038, 0x2_4000, 0x1200, 0x1_CC00, READ]),
        (".dynsym", [0x18, 0x2_6000, 0x200, 0x1_DE00, READ]),
        (".sdmagic", [0x34, 0x2_8000, 0x200, 0x1_E000, READ]),
        (".sbat", [0xE2, 0x2_8040, 0x200, 0x1_E200, READ]),
        (".osrel", [0x51, 0x2_8140, 0x200, 0x1_E400, READ]),
    ],
};

/// Debian's shim 16.1: a table of relocations of 10 bytes, and section names that are places in another table.
const SHIM: Layout = Layout {
    file_size: 0xF_FFB8,
    new_header: 0x80,
    machine: MACHINE_X64,
    characteristics: 0x206,
    entry: 0x2_5000,
    image_base: 0,
    alignment: 0x1000,
    size_of_image: 0xE_1000,
    size_of_headers: 0x1000,
    dll_characteristics: 0,
    directories: &[(4, 0xF_B410, 0x4BA8), (5, 0x8_B000, 0xA)],
    sections: &[
        ("/4", [0x1_F45C, 0x5000, 0x2_0000, 0x1000, READ]),
        (".text", [0x6_5122, 0x2_5000, 0x6_6000, 0x2_1000, CODE]),
        (".reloc", [0xA, 0x8_B000, 0x1000, 0x8_7000, DISCARD]),
        ("/14", [0x6B, 0x8_D000, 0x1000, 0x8_8000, DATA]),
        ("/26", [0x5D, 0x8_E000, 0x1000, 0x8_9000, READ]),
        (".data", [0x3_0A14, 0x8_F000, 0x3_1000, 0x8_A000, DATA]),
        ("/37", [0x258A, 0xC_0000, 0x3000, 0xB_B000, READ]),
        (".dynamic", [0x100, 0xC_3000, 0x1000, 0xB_E000, DATA]),
        (".rela", [0x1_BFF0, 0xC_4000, 0x1_C000, 0xB_F000, READ]),
        (".sbat", [0xC6, 0xE_0000, 0x1000, 0xD_B000, READ]),
    ],
};

impl Layout {
    /// Headers with these numbers.
    fn headers(&self) -> Vec<u8> {
        let mut file = vec![0; self.size_of_headers as usize];
        let mut put =
            |at: u32, bytes: &[u8]| file[at as usize..at as usize + bytes.len()].copy_from_slice(bytes);
        put(0, b"MZ");
        put(0x3C, &self.new_header.to_le_bytes());
        let (coff, optional) = (self.new_header, self.new_header + 24);
        put(coff, b"PE\0\0");
        put(coff + 4, &self.machine.to_le_bytes());
        put(coff + 6, &(self.sections.len() as u16).to_le_bytes());
        put(coff + 20, &240_u16.to_le_bytes());
        put(coff + 22, &self.characteristics.to_le_bytes());
        put(optional, &0x20B_u16.to_le_bytes());
        put(optional + 24, &self.image_base.to_le_bytes());
        put(optional + 68, &10_u16.to_le_bytes());
        put(optional + 70, &self.dll_characteristics.to_le_bytes());
        let numbers =
            [(16, self.entry), (32, self.alignment), (56, self.size_of_image), (60, self.size_of_headers)];
        for (at, number) in numbers.into_iter().chain([(108, 16)]) {
            put(optional + at, &number.to_le_bytes());
        }
        for (number, address, size) in self.directories {
            let at = optional + 112 + 8 * *number as u32;
            put(at, &[address.to_le_bytes(), size.to_le_bytes()].concat());
        }
        for (line, (name, [virtual_size, address, size, offset, flags])) in (0..).zip(self.sections) {
            let at = optional + 240 + 40 * line;
            put(at, name.as_bytes());
            put(at + 8, &[virtual_size, address, size, offset].map(|number| number.to_le_bytes()).concat());
            put(at + 36, &flags.to_le_bytes());
        }
        file
    }

    fn plan(&self) -> Result<LoadPlan, PlanRefusal> {
        Headers::parse(&self.headers(), self.file_size).unwrap().load_plan()
    }
}

/// Where regions begin, and what may be done with them.
fn regions(plan: &LoadPlan) -> Vec<(u32, String)> {
    let shown = |region: &pe_image::Region| {
        let permissions = region.permissions;
        let flags = [(permissions.read, 'r'), (permissions.write, 'w'), (permissions.execute, 'x')];
        (region.memory.start, flags.into_iter().filter_map(|(has, flag)| has.then_some(flag)).collect())
    };
    plan.regions().iter().map(shown).collect()
}

fn shown(regions: &[(u32, &str)]) -> Vec<(u32, String)> {
    regions.iter().map(|(start, flags)| (*start, (*flags).to_owned())).collect()
}

#[test]
fn a_kernel_has_no_relocations_and_may_be_anywhere() {
    let plan = KERNEL_X64.plan().unwrap();
    assert!(plan.is_movable() && plan.nx_compat() && plan.relocations().is_empty());
    assert_eq!((plan.memory_size(), plan.alignment(), plan.entry()), (0xDC_C000, 0x1000, 0xD7_D8B7));
    assert_eq!(regions(&plan), shown(&[(0, "r"), (0x5000, "rx"), (0xD8_6000, "rw")]));
    let last = plan.segments().last().unwrap();
    assert_eq!((last.memory.len(), last.file.clone()), (0x4_6000, 0xD8_6000..0xD8_7200));
}

#[test]
fn a_kernel_for_arm_is_on_64_kib() {
    let plan = KERNEL_AA64.plan().unwrap();
    assert_eq!((plan.machine(), plan.alignment(), plan.nx_compat()), (MACHINE_AA64, 0x1_0000, true));
    assert_eq!(regions(&plan), shown(&[(0, "r"), (0x1_0000, "rx"), (0x145_0000, "rw")]));
}

#[test]
fn a_unified_kernel_image_is_placed_with_all_sections() {
    let plan = UKI.plan().unwrap();
    assert_eq!(plan.segments().len(), 11);
    assert_eq!((plan.relocations(), plan.image_base()), (0x2_4C00..0x2_4CB4, 0x1_4DF9_0000));
    let expected = [(0, "r"), (0x5000, "rx"), (0x1_E000, "r"), (0x2_5000, "rw"), (0x2_6000, "r")];
    assert_eq!(regions(&plan), shown(&expected));
}

#[test]
fn older_programs_share_pages_and_say_nothing_about_data() {
    let plan = SYSTEMD_BOOT.plan().unwrap();
    assert_eq!((plan.memory_size(), plan.alignment(), plan.nx_compat()), (0x2_9000, 0x1000, false));
    let expected = [(0, "r"), (0x5000, "rx"), (0x1_B000, "r"), (0x1_C000, "rw"), (0x2_4000, "r")];
    assert_eq!(regions(&plan), shown(&expected));
    assert_eq!(SHIM.plan().unwrap().relocations(), 0x8_7000..0x8_700A);
}

#[test]
fn each_is_refused_when_its_entry_is_elsewhere() {
    for layout in [KERNEL_X64, KERNEL_AA64, UKI, SYSTEMD_BOOT, SHIM] {
        let entry = layout.sections.last().unwrap().1[1];
        let wrong = Layout { entry, ..layout };
        assert_eq!(wrong.plan(), Err(PlanRefusal::EntryNotCode { entry }));
    }
}
