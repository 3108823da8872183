// SPDX-License-Identifier: MIT OR Apache-2.0
//! The first process of the measured system: it tells the counter and ends the machine.
//!
//! Thirty instructions in an ELF file of one segment ("System V Application Binary Interface, AMD64",
//! and "Tool Interface Standard, ELF", version 1.2: a header, one program header, the code). A program
//! from a compiler would bring a start-up of its own into the measurement, and a build step.

/// Stands before the eight bytes of the counter, least significant first.
pub(crate) const MARK: &[u8; 6] = b"INIT: ";

/// Where the file is mapped.
const BASE: u64 = 0x40_0000;
const FILE_HEADER: u16 = 64;
const PROGRAM_HEADER: u16 = 56;
const CODE_START: u64 = FILE_HEADER as u64 + PROGRAM_HEADER as u64;

/// The instructions, which end where [`MARK`] begins.
#[rustfmt::skip]
const CODE: &[u8] = &[
    0x0f, 0x31,                               // rdtsc                   ; the counter, in edx:eax
    0x48, 0xc1, 0xe2, 0x20,                   // shl   rdx, 32
    0x48, 0x09, 0xc2,                         // or    rdx, rax
    0x49, 0x89, 0xd0,                         // mov   r8, rdx
    0xb8, 0xac, 0x00, 0x00, 0x00,             // mov   eax, 172          ; iopl(3): every I/O port
    0xbf, 0x03, 0x00, 0x00, 0x00,             // mov   edi, 3
    0x0f, 0x05,                               // syscall
    0x48, 0x8d, 0x35, 0x25, 0x00, 0x00, 0x00, // lea   rsi, [rip + mark]
    0xb9, 0x06, 0x00, 0x00, 0x00,             // mov   ecx, 6
    0x66, 0xba, 0xe9, 0x00,                   // mov   dx, 0xe9          ; the debug port
    0xf3, 0x6e,                               // rep outsb
    0xb9, 0x08, 0x00, 0x00, 0x00,             // mov   ecx, 8
    0x44, 0x88, 0xc0,                         // mov   al, r8b           ; eight times
    0xee,                                     // out   dx, al
    0x49, 0xc1, 0xe8, 0x08,                   // shr   r8, 8
    0xe2, 0xf6,                               // loop  -10
    0x66, 0xba, 0x01, 0x05,                   // mov   dx, 0x501         ; the exit port
    0x31, 0xc0,                               // xor   eax, eax
    0xb0, 0x10,                               // mov   al, 0x10          ; "done"
    0xef,                                     // out   dx, eax
    0xeb, 0xfe,                               // jmp   -2                ; the machine ends before
];

/// The program as a file.
pub(crate) fn elf() -> Vec<u8> {
    let len = CODE_START + (CODE.len() + MARK.len()) as u64;
    let mut file = file_header();
    file.extend(program_header(len));
    file.extend_from_slice(CODE);
    file.extend_from_slice(MARK);
    file
}

fn file_header() -> Vec<u8> {
    let mut header = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec(); // 64-bit, little-endian
    header.extend([2, 0, 62, 0, 1, 0, 0, 0]); // executable, x86-64, version 1
    header.extend((BASE + CODE_START).to_le_bytes()); // entry
    header.extend(u64::from(FILE_HEADER).to_le_bytes()); // program headers
    header.extend([0; 12]); // no sections, no flags
    for half in [FILE_HEADER, PROGRAM_HEADER, 1, 0, 0, 0] {
        header.extend(half.to_le_bytes());
    }
    header
}

fn program_header(len: u64) -> Vec<u8> {
    let mut header = vec![1, 0, 0, 0, 5, 0, 0, 0]; // to be loaded; readable and executable
    for word in [0, BASE, BASE, len, len, 0x1000] {
        header.extend(word.to_le_bytes()); // offset, addresses, sizes, alignment
    }
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_is_where_the_code_looks_for_it() {
        let lea = CODE.windows(3).position(|bytes| bytes == [0x48, 0x8d, 0x35]).unwrap();
        let displacement = i32::from_le_bytes(CODE[lea + 3..lea + 7].try_into().unwrap());
        assert_eq!(usize::try_from(displacement).unwrap(), CODE.len() - (lea + 7));
    }

    #[test]
    fn the_headers_have_the_lengths_they_tell() {
        assert_eq!(file_header().len(), usize::from(FILE_HEADER));
        assert_eq!(program_header(0).len(), usize::from(PROGRAM_HEADER));
        assert_eq!(elf().len(), CODE.len() + MARK.len() + usize::try_from(CODE_START).unwrap());
    }
}
