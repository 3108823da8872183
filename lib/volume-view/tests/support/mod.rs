// SPDX-License-Identifier: MIT OR Apache-2.0
//! Physical volumes and members of arrays, made by their formats.

#![allow(dead_code)] // each test uses a part

use volume_view::{OutOfRange, ReadAt};

/// Where the metadata area begins, and its bytes; where the extents begin, and the bytes of one.
const AREA: (u64, u64) = (4096, 1 << 16);
const START: u64 = 1 << 17;
pub(crate) const EXTENT: u64 = 4096;
/// Extents of each physical volume.
pub(crate) const EXTENTS: u64 = 16;

/// A device in memory that counts requests.
#[derive(Clone, Debug)]
pub(crate) struct Device {
    pub(crate) bytes: Vec<u8>,
    pub(crate) requests: std::rc::Rc<std::cell::Cell<u64>>,
    pub(crate) bad: bool,
}

impl ReadAt for Device {
    type Error = OutOfRange;

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> Result<(), OutOfRange> {
        self.requests.set(self.requests.get() + 1);
        if self.bad { Err(OutOfRange) } else { self.bytes.as_slice().read_at(offset, buffer) }
    }
}

/// A UUID that ends in this digit.
pub(crate) fn uuid(digit: char) -> String {
    format!("AAAAAA-BBBB-CCCC-DDDD-EEEE-FFFF-GGGGG{digit}")
}

/// A physical volume whose extents say which they are; `text` begins at `offset` of the area's ring.
pub(crate) fn physical(digit: char, text: Option<&str>, offset: u64) -> Device {
    let mut bytes = vec![0; (START + EXTENTS * EXTENT) as usize];
    let mut header = uuid(digit).replace('-', "").into_bytes();
    for number in [bytes.len() as u64, START, 0, 0, 0, AREA.0, AREA.1, 0, 0] {
        header.extend(number.to_le_bytes());
    }
    let label = &mut bytes[512..1024];
    label[..8].copy_from_slice(b"LABELONE");
    label[8] = 1;
    label[20] = 32;
    label[24..32].copy_from_slice(b"LVM2 001");
    label[32..32 + header.len()].copy_from_slice(&header);
    let sum = checksum(&label[20..]);
    label[16..20].copy_from_slice(&sum.to_le_bytes());
    let mut area = b"\0\0\0\0 LVM2 x[5A%r0N*>\x01\0\0\0".to_vec();
    let text = text.map(|text| format!("{text}\0"));
    let length = text.as_ref().map_or(0, String::len) as u64;
    for number in [AREA.0, AREA.1, if text.is_some() { offset } else { 0 }, length] {
        area.extend(number.to_le_bytes());
    }
    area.extend(text.as_ref().map_or(0, |text| checksum(text.as_bytes())).to_le_bytes());
    area.resize(512, 0);
    let sum = checksum(&area[4..]);
    area[..4].copy_from_slice(&sum.to_le_bytes());
    bytes[AREA.0 as usize..][..512].copy_from_slice(&area);
    for (index, byte) in text.unwrap_or_default().bytes().enumerate() {
        let at = offset + index as u64;
        let at = if at < AREA.1 { at } else { at - AREA.1 + 512 };
        bytes[(AREA.0 + at) as usize] = byte;
    }
    for extent in 0..EXTENTS {
        for sector in 0..EXTENT / 512 {
            let at = (START + extent * EXTENT + sector * 512) as usize;
            bytes[at..at + 3].copy_from_slice(&[digit as u8, extent as u8, sector as u8]);
        }
    }
    Device { bytes, requests: std::rc::Rc::default(), bad: false }
}

/// The metadata of a group of physical volumes `0`, `1` ... with these logical volumes.
pub(crate) fn group(sequence: u32, members: &[&str], volumes: &str) -> String {
    let physical: String = ('0'..)
        .zip(members)
        .map(|(digit, status)| {
            let id = uuid(digit);
            format!(
                "pv{digit} {{ id = \"{id}\"\n device = \"/dev/x\"\n status = [{status}]\n pe_start = {}\n pe_count = {EXTENTS} }}\n",
                START / 512
            )
        })
        .collect();
    format!(
        "# a comment\ncontents = \"Text Format Volume Group\"\nversion = 1\nvg {{\n id = \"{}\"\n seqno = {sequence}\n extent_size = {}\n physical_volumes {{ {physical} }}\n logical_volumes {{ {volumes} }}\n}}\n",
        uuid('g'),
        EXTENT / 512
    )
}

/// A logical volume of one segment of `count` extents.
pub(crate) fn volume(name: &str, status: &str, count: u64, rest: &str) -> String {
    let id = uuid(name.chars().last().unwrap_or('x'));
    format!(
        "{name} {{ id = \"{id}\"\n status = [\"READ\", {status}]\n segment_count = 1\n segment1 {{ start_extent = 0\n extent_count = {count}\n {rest} }} }}\n"
    )
}

/// The checksum of LVM, by its definition.
pub(crate) fn checksum(bytes: &[u8]) -> u32 {
    let mut state = 0xF597_A6CF_u32;
    for byte in bytes {
        state ^= u32::from(*byte);
        for _ in 0..8 {
            state = if state & 1 == 1 { (state >> 1) ^ 0xEDB8_8320 } else { state >> 1 };
        }
    }
    state
}

/// What is stored of a member of an array.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Md {
    /// 0 for 0.90; else 10, 11, 12.
    pub(crate) version: u32,
    pub(crate) level: i32,
    pub(crate) features: u32,
    pub(crate) role: u16,
}

/// The bytes of a member.
const MEMBER: u64 = (3 << 20) + 8192;

/// Where the superblock of a member is.
pub(crate) fn superblock(version: u32) -> u64 {
    match version {
        0 => (MEMBER & !0xFFFF) - 0x1_0000,
        10 => MEMBER / 4096 * 4096 - 8192,
        11 => 0,
        _ => 4096,
    }
}

/// The bytes of a member: 3 MiB and some, with a name where there can be one.
pub(crate) fn member(md: Md) -> Vec<u8> {
    let mut bytes = vec![0; MEMBER as usize];
    let place = superblock(md.version);
    let block = &mut bytes[place as usize..place as usize + 4096];
    if md.version == 0 {
        version_0(block, md);
    } else {
        version_1(block, md, place);
    }
    bytes
}

fn put<const N: usize>(block: &mut [u8], at: usize, bytes: [u8; N]) {
    block[at..at + N].copy_from_slice(&bytes);
}

fn version_0(block: &mut [u8], md: Md) {
    let words = [0xA92B_4EFC_u32, 0, 90, 0, 0, 0x0403_0201, 1_700_000_000, md.level as u32, 1 << 10, 2, 2];
    for (index, word) in words.into_iter().chain([0, 0, 0x0807_0605, 0x0C0B_0A09, 0x100F_0E0D]).enumerate() {
        put(block, index * 4, word.to_le_bytes());
    }
    for (index, word) in
        [(32, 1_700_000_001_u32), (33, 1), (34, 2), (35, 2), (39, 17), (42, 17), (44, u32::MAX)]
    {
        put(block, index * 4, word.to_le_bytes());
    }
    // This disk: number, major, minor, place in the array, state.
    let state = if md.role == 0xFFFF { 0 } else { 6 };
    for (index, word) in
        [(992, 0_u32), (995, 0), (996, state), (128, 0), (131, 0), (132, 6), (160, 1), (163, 1), (164, 6)]
    {
        put(block, index * 4, word.to_le_bytes());
    }
    let sum = folded(block);
    put(block, 38 * 4, sum.to_le_bytes());
}

fn version_1(block: &mut [u8], md: Md, place: u64) {
    put(block, 0, 0xA92B_4EFC_u32.to_le_bytes());
    put(block, 4, 1_u32.to_le_bytes());
    put(block, 8, md.features.to_le_bytes());
    put(block, 16, core::array::from_fn::<u8, 16, _>(|index| index as u8 + 1));
    put(block, 32, *b"host:a name");
    put(block, 64, 1_700_000_000_u64.to_le_bytes());
    put(block, 72, md.level.to_le_bytes());
    put(block, 80, 2048_u64.to_le_bytes());
    put(block, 92, 2_u32.to_le_bytes());
    let data = if md.version == 10 { 0_u64 } else { 2048 };
    put(block, 128, data.to_le_bytes());
    put(block, 136, 2048_u64.to_le_bytes());
    put(block, 144, (place / 512).to_le_bytes());
    put(block, 152, 5_u64.to_le_bytes());
    put(block, 168, [7; 16]);
    put(block, 192, 1_700_000_001_u64.to_le_bytes());
    put(block, 200, 17_u64.to_le_bytes());
    put(block, 208, u64::MAX.to_le_bytes());
    put(block, 220, 128_u32.to_le_bytes());
    put(block, 256, md.role.to_le_bytes());
    put(block, 258, 1_u16.to_le_bytes());
    block[260..512].fill(0xFF);
    let sum = folded(&block[..512]);
    put(block, 216, sum.to_le_bytes());
}

/// The sum of all words, with what is above 32 bits added.
fn folded(bytes: &[u8]) -> u32 {
    let sum: u64 = bytes.chunks(4).map(|word| u64::from(u32::from_le_bytes(word.try_into().unwrap()))).sum();
    ((sum & 0xFFFF_FFFF) + (sum >> 32)) as u32
}
