// SPDX-License-Identifier: MIT OR Apache-2.0
//! Images with any bytes changed, any tables of relocations, and any bytes: a plan is true of the file, and what
//! is placed by it is headers, sections and zeros, changed only where relocations are.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pe_image::{
    Builder, Headers, LoadPlan, MACHINE_AA64, MACHINE_IA32, MACHINE_X64, PAGE, Permissions, Relocations,
    SECTION_CODE, SECTION_DATA,
};
use std::ops::Range;

/// What is tried in memory: more takes time and shows nothing else.
const MEMORY_MAX: u32 = 4 * 1024 * 1024;

/// Which image there is to be, what is changed, where it goes, and its relocations or the whole file.
type Input<'i> = (u8, Vec<(u16, u8)>, u64, &'i [u8]);

fn file(choice: u8, changes: Vec<(u16, u8)>, rest: &[u8]) -> Vec<u8> {
    let base = match choice % 4 {
        0 => return rest.to_vec(),
        1 => Builder::new(MACHINE_X64).image_base(0x1_4000_0000),
        2 => Builder::new(MACHINE_AA64).dll_characteristics(u16::from(choice) << 2),
        _ => Builder::new(MACHINE_IA32).pe32().image_base(0x40_0000),
    };
    let size = u32::try_from(rest.len()).unwrap();
    let mut file = base
        .entry(0x1000)
        .directory(5, 0x4000, size)
        .section(".text", [0xC3; 600])
        .flags(SECTION_CODE)
        .section_sized(".data", [0x11; 100], 0x1801)
        .flags(SECTION_DATA)
        .section(".reloc", rest)
        .build();
    for (at, byte) in changes {
        // Most that matters is in the first bytes.
        let place = usize::from(at) % file.len().min(0x400);
        file[place] = byte;
    }
    file
}

fn places(range: &Range<u32>) -> Range<usize> {
    usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()
}

/// The plan is true of the file, and nothing in it is twice.
fn is_true(plan: &LoadPlan, headers: &Headers, size: u64) {
    let mut reached = headers.size_of_headers();
    for segment in plan.segments() {
        assert!(segment.memory.start >= reached && segment.memory.start < segment.memory.end);
        assert!(segment.file.len() <= segment.memory.len() && u64::from(segment.file.end) <= size);
        reached = segment.memory.end;
    }
    assert!(reached <= plan.memory_size() && plan.alignment().is_power_of_two());
    let code = plan.segments().iter().find(|segment| segment.memory.contains(&plan.entry())).unwrap();
    assert!(code.permissions.execute);
    let mut page = 0;
    for region in plan.regions() {
        assert!(region.memory.start == page && region.memory.end % PAGE == 0 && !region.memory.is_empty());
        let Permissions { write, execute, .. } = region.permissions;
        assert!(!(plan.nx_compat() && write && execute));
        page = region.memory.end;
    }
    assert_eq!(page, plan.memory_size());
}

/// What is in memory but for what relocations change.
fn is_placed(plan: &LoadPlan, headers: &Headers, file: &[u8], memory: &mut [u8]) {
    for relocation in Relocations::new(&file[places(&plan.relocations())]) {
        let relocation = relocation.unwrap();
        let field = relocation.address..relocation.address + relocation.width.bytes();
        let segment = plan.segments().iter().find(|segment| segment.memory.contains(&field.start)).unwrap();
        assert!(field.end <= segment.memory.end);
        // As it was before.
        for at in field {
            let from = at - segment.memory.start + segment.file.start;
            let byte = if from < segment.file.end { file[usize::try_from(from).unwrap()] } else { 0 };
            memory[usize::try_from(at).unwrap()] = byte;
        }
    }
    let mut reached = usize::try_from(headers.size_of_headers()).unwrap();
    let differing = memory[..reached].iter().zip(file).filter(|(ours, theirs)| ours != theirs).count();
    assert!(differing <= 8, "more than ImageBase");
    for segment in plan.segments() {
        let (to, bytes) = (places(&segment.memory), &file[places(&segment.file)]);
        assert!(memory[reached..to.start].iter().all(|byte| *byte == 0));
        assert!(memory[to.clone()].starts_with(bytes));
        assert!(memory[to.start + bytes.len()..to.end].iter().all(|byte| *byte == 0));
        reached = to.end;
    }
    assert!(memory[reached..].iter().all(|byte| *byte == 0));
}

fuzz_target!(|input: Input<'_>| {
    let (choice, changes, base, rest) = input;
    let file = file(choice, changes, rest);
    let size = file.len() as u64;
    let Ok(headers) = Headers::parse(&file, size) else { return };
    let plan = match headers.load_plan() {
        Ok(plan) => plan,
        Err(refusal) => {
            assert!(!refusal.to_string().contains(char::is_control) && !refusal.token().is_empty());
            return;
        }
    };
    is_true(&plan, &headers, size);
    if plan.memory_size() > MEMORY_MAX {
        return;
    }
    let mut memory = vec![0xEE; usize::try_from(plan.memory_size()).unwrap()];
    let base = if plan.is_movable() { base & !(u64::from(plan.alignment()) - 1) } else { plan.image_base() };
    match plan.place(&file, &mut memory, base) {
        Ok(()) => is_placed(&plan, &headers, &file, &mut memory),
        Err(refusal) => {
            assert!(!refusal.to_string().contains(char::is_control) && !refusal.token().is_empty());
        }
    }
});
