// SPDX-License-Identifier: MIT OR Apache-2.0
//! Images in memory, as pefile maps and relocates them: those of `efitools`, and small ones with relocations.
//!
//! Runs when `LAMBOOT_REFEREES=1`.

use pe_image::{
    Builder, Headers, LoadPlan, MACHINE_AA64, MACHINE_IA32, MACHINE_X64, Relocation, SECTION_CODE,
    SECTION_DATA, Width,
};
use std::error::Error;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::Command;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Writes what is in memory when the image is at an address.
const MAP: &str = "
import sys, pefile
image = pefile.PE(sys.argv[1])
memory = image.get_memory_mapped_image(max_virtual_address=1 << 31, ImageBase=int(sys.argv[2]))
open(sys.argv[3], 'wb').write(memory)
";
/// A package of EFI programs, made with `gnu-efi`.
const PROGRAMS: &str = "/usr/lib/efitools";

fn referees() -> bool {
    let asked = std::env::var_os("LAMBOOT_REFEREES").is_some_and(|value| value == "1");
    if !asked {
        eprintln!("referee not asked: LAMBOOT_REFEREES is not 1");
    }
    asked
}

fn mapped(file: &Path, base: u64) -> Result<Vec<u8>> {
    let folder = tempfile::tempdir()?;
    let to = folder.path().join("memory");
    let mut python = Command::new("/usr/bin/python3");
    let said = python.args(["-c", MAP]).arg(file).arg(base.to_string()).arg(&to).output()?;
    if !said.status.success() {
        return Err(format!("{}: {}", file.display(), String::from_utf8_lossy(&said.stderr)).into());
    }
    Ok(fs::read(to)?)
}

fn placed(file: &[u8], base: u64) -> Result<(LoadPlan, Vec<u8>)> {
    let plan = Headers::parse(file, file.len() as u64)?.load_plan()?;
    let mut memory = vec![0xEE; plan.memory_size() as usize];
    plan.place(file, &mut memory, base)?;
    Ok((plan, memory))
}

fn places(range: &Range<u32>) -> Range<usize> {
    range.start as usize..range.end as usize
}

/// pefile has the file's bytes between headers and sections, and none where the image ends in zeros.
fn compare(path: &Path, base: u64) -> Result<()> {
    let file = fs::read(path)?;
    let (plan, ours) = placed(&file, base)?;
    let theirs = mapped(path, base)?;
    assert_eq!(theirs[..64], ours[..64], "{}", path.display());
    for segment in plan.segments() {
        let bytes = places(&(segment.memory.start..segment.memory.start + (segment.file.len() as u32)));
        let differs = bytes.clone().find(|at| theirs.get(*at) != ours.get(*at));
        assert_eq!(differs, None, "{} at {base:#x}: {segment:x?}", path.display());
        let behind = bytes.end..places(&segment.memory).end;
        assert!(ours[behind].iter().all(|byte| *byte == 0), "{}: {segment:x?}", path.display());
    }
    Ok(())
}

fn programs(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            programs(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "efi") {
            found.push(path);
        }
    }
    Ok(())
}

#[test]
fn programs_of_a_distribution_are_placed_alike() -> Result<()> {
    if !referees() {
        return Ok(());
    }
    let mut found = Vec::new();
    programs(Path::new(PROGRAMS), &mut found)?;
    assert!(found.len() > 5, "{found:?}");
    for path in found {
        for base in [0, 0x7E40_0000, 0x12_3456_7000] {
            compare(&path, base)?;
        }
    }
    Ok(())
}

/// So many pages of code and data with an address in every 16 bytes.
fn with_addresses(builder: Builder, pages: u32, width: Width, home: u64) -> Vec<u8> {
    let content: Vec<u8> = (0..pages * 256)
        .flat_map(|number| [home + u64::from(number) * 16, 0])
        .flat_map(u64::to_le_bytes)
        .collect();
    let places: Vec<Relocation> =
        (0..2 * pages * 256).map(|number| Relocation { address: 0x1000 + number * 16, width }).collect();
    builder
        // pefile looks for no relocations where there are fewer.
        .directories(16)
        .entry(0x1000)
        .image_base(home)
        .section(".text", &content)
        .flags(SECTION_CODE)
        .section(".data", &content)
        .flags(SECTION_DATA)
        .relocations(&places)
        .build()
}

#[test]
fn addresses_are_moved_alike() -> Result<()> {
    if !referees() {
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("image.efi");
    let cases = [
        (Builder::new(MACHINE_X64), Width::Bits64, 0, 0x7E40_0000),
        (Builder::new(MACHINE_X64), Width::Bits64, 0x1_4000_0000, 0x10_0000),
        (Builder::new(MACHINE_AA64), Width::Bits64, 0, 0x40_0000_0000),
        (Builder::new(MACHINE_X64), Width::Bits32, 0x10_0000, 0x7E40_0000),
        (Builder::new(MACHINE_IA32).pe32(), Width::Bits32, 0x40_0000, 0x7E40_0000),
    ];
    for (builder, width, home, base) in cases {
        fs::write(&path, with_addresses(builder, 3, width, home))?;
        compare(&path, home)?;
        compare(&path, base)?;
    }
    Ok(())
}
