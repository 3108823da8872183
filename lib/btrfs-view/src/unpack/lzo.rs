// SPDX-License-Identifier: MIT OR Apache-2.0
//! LZO1X, in the container of btrfs.
//!
//! The stream's instructions are those of the kernel's documentation, "LZO stream format as understood by
//! Linux's LZO decompressor", version 0. The container has the length of all of it, itself included, then
//! segments, each with its length and of one sector without compression; a length never lies across the
//! border of two sectors (btrfs documentation, "Compression").

use crate::bytes::{byte, index, le32, part};

const LENGTH: usize = 4;
/// How far a copy of the kind 16 to 31 looks back at least. The one that would look back no further ends the stream.
const FAR: usize = 16384;

/// Unpacks `packed` into `bytes`, and says how many they are.
pub(super) fn unpack(packed: &[u8], bytes: &mut [u8], sector: usize) -> Option<usize> {
    let total = index(le32(packed, 0)?);
    let packed = packed.get(..total)?;
    let (mut at, mut done) = (LENGTH, 0_usize);
    while done < bytes.len() && at < total {
        // What is left of a sector is skipped where a length does not fit.
        let left = sector.saturating_sub(at.checked_rem(sector)?);
        if left < LENGTH {
            at = at.checked_add(left)?;
        }
        let length = index(le32(packed, at)?);
        at = at.checked_add(LENGTH)?;
        let rest = bytes.get_mut(done..)?;
        let room = sector.min(rest.len());
        let segment = part(packed, at, length)?;
        let written = Stream { packed: segment, at: 0, bytes: rest.get_mut(..room)?, done: 0 }.run()?;
        at = at.checked_add(length)?;
        done = done.checked_add(written)?;
        if written < sector {
            break;
        }
    }
    Some(done)
}

/// A stream on the way to its end.
struct Stream<'p, 'b> {
    packed: &'p [u8],
    at: usize,
    bytes: &'b mut [u8],
    done: usize,
}

/// Literals before an instruction, as far as it matters: 0 to 3, or more.
type Literals = usize;
const MANY: Literals = 4;

impl Stream<'_, '_> {
    /// All of it; says how many bytes it is.
    fn run(mut self) -> Option<usize> {
        let mut literals = self.first()?;
        while let Some(next) = self.instruction(literals)? {
            literals = next;
        }
        Some(self.done)
    }

    /// The first byte may be literals only, by a rule of its own.
    fn first(&mut self) -> Option<Literals> {
        let first = usize::from(byte(self.packed, 0)?);
        let Some(count) = first.checked_sub(17).filter(|&count| count > 0) else { return Some(0) };
        self.at = 1;
        self.literals(count)?;
        Some(count.min(MANY))
    }

    /// One instruction after `literals`; none in the inner place at the stream's end.
    fn instruction(&mut self, literals: Literals) -> Option<Option<Literals>> {
        let code = usize::from(self.take()?);
        let (distance, length, after) = match code {
            0..16 if literals == 0 => {
                let count = self.length(code, 15)?.checked_add(3)?;
                self.literals(count)?;
                return Some(Some(MANY));
            }
            0..16 => {
                let (base, length) = if literals == MANY { (2049, 3) } else { (1, 2) };
                let high = usize::from(self.take()?);
                ((high << 2).checked_add(code >> 2)?.checked_add(base)?, length, code)
            }
            16..32 => {
                let length = self.length(code & 7, 7)?.checked_add(2)?;
                let low = self.take_two()?;
                let distance = ((code & 8) << 11).checked_add(low >> 2)?.checked_add(FAR)?;
                if distance == FAR {
                    return Some(None);
                }
                (distance, length, low)
            }
            32..64 => {
                let length = self.length(code & 31, 31)?.checked_add(2)?;
                let low = self.take_two()?;
                ((low >> 2).checked_add(1)?, length, low)
            }
            _ => {
                let length = if code < 128 {
                    3_usize.checked_add(code >> 5 & 1)?
                } else {
                    5_usize.checked_add(code >> 5 & 3)?
                };
                let high = usize::from(self.take()?);
                ((high << 3).checked_add(code >> 2 & 7)?.checked_add(1)?, length, code)
            }
        };
        self.copy(distance, length)?;
        self.literals(after & 3)?;
        Some(Some(after & 3))
    }

    /// `bits` of an instruction, or where they are zero, `all` and what further bytes add.
    fn length(&mut self, bits: usize, all: usize) -> Option<usize> {
        if bits > 0 {
            return Some(bits);
        }
        let mut length = all;
        loop {
            match self.take()? {
                0 => length = length.checked_add(255)?,
                last => return length.checked_add(last.into()),
            }
        }
    }

    fn take(&mut self) -> Option<u8> {
        let taken = byte(self.packed, self.at)?;
        self.at = self.at.checked_add(1)?;
        Some(taken)
    }

    fn take_two(&mut self) -> Option<usize> {
        let low = usize::from(self.take()?);
        Some(usize::from(self.take()?) << 8 | low)
    }

    /// Copies bytes of the stream.
    fn literals(&mut self, count: usize) -> Option<()> {
        let from = part(self.packed, self.at, count)?;
        let end = self.done.checked_add(count)?;
        self.bytes.get_mut(self.done..end)?.copy_from_slice(from);
        self.at = self.at.checked_add(count)?;
        self.done = end;
        Some(())
    }

    /// Copies bytes that were unpacked before; they may be those that it writes itself.
    fn copy(&mut self, distance: usize, length: usize) -> Option<()> {
        let from = self.done.checked_sub(distance)?;
        let end = self.done.checked_add(length).filter(|&end| end <= self.bytes.len())?;
        if distance >= length {
            self.bytes.copy_within(from..from.checked_add(length)?, self.done);
        } else {
            for at in self.done..end {
                let copied = byte(self.bytes, at.checked_sub(distance)?)?;
                *self.bytes.get_mut(at)? = copied;
            }
        }
        self.done = end;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn stream(packed: &[u8], room: usize) -> Option<Vec<u8>> {
        let mut bytes = vec![0; room];
        let done = Stream { packed, at: 0, bytes: &mut bytes, done: 0 }.run()?;
        bytes.truncate(done);
        Some(bytes)
    }

    const END: [u8; 3] = [17, 0, 0];

    #[test]
    fn each_instruction_by_the_documentation() {
        let run = |codes: &[u8]| {
            stream(&[codes, &END].concat(), 40_000).map(|bytes| bytes.escape_ascii().to_string())
        };
        assert_eq!(run(&[17 + 5, b'a', b'b', b'c', b'd', b'e']).unwrap(), "abcde");
        // 1 L D D D S S: five bytes at distance 1, and two literals.
        assert_eq!(
            run(&[18 + 3, b'a', b'b', b'c', b'd', 0b1000_0010, 0, b'x', b'y']).unwrap(),
            "abcddddddxy"
        );
        // 0 1 L D D D S S: four bytes at distance 2.
        assert_eq!(run(&[17 + 4, b'a', b'b', b'c', b'd', 0b0110_0100, 0]).unwrap(), "abcdcdcd");
        // 0 0 1 L L L L L: 3 bytes at distance 4.
        assert_eq!(run(&[17 + 4, b'a', b'b', b'c', b'd', 0b0010_0001, 3 << 2, 0]).unwrap(), "abcdabc");
        // 0 0 0 0 D D S S after one to three literals: two bytes at distance 1.
        assert_eq!(run(&[17 + 2, b'a', b'b', 0b0000_0001, 0, b'x']).unwrap(), "abbbx");
        // 0 0 0 0 L L L L with no literal before it: a long string, here of 3 + 15 + 2.
        let long = [&[17 + 4][..], b"abcd", &[0b0110_0000, 0, 0, 2], &[b'z'; 20]].concat();
        assert_eq!(run(&long).unwrap(), format!("abcddddd{}", "z".repeat(20)));
        // After many literals the same byte is a copy of three from further away than 2 KiB.
        let far = [&[0, 0, 0, 0, 0, 0, 0, 0, 0, 255 - 18 + 2][..], &[b'f'; 2297], &[0, 0]].concat();
        assert_eq!(run(&far).unwrap(), "f".repeat(2300));
        // 0 0 0 1 H L L L: 4 bytes at distance 16384 + 1.
        let literals = [&[0; 66][..], &[255 - 3], &[b'g'; 16_845], &[0b0001_0010, 4, 0]].concat();
        assert_eq!(run(&literals).map(|text| text.len()), Some(16_845 + 4));
    }

    #[test]
    fn what_leads_out_of_its_bounds() {
        assert_eq!(stream(&[17 + 4, b'a', b'b', b'c', b'd', 0b0010_0001, 4 << 2, 0, 17, 0, 0], 100), None);
        assert_eq!(stream(&[17 + 4, b'a', b'b', b'c', b'd', 17, 0, 0], 3), None);
        assert_eq!(stream(&[17 + 4, b'a', b'b', b'c', b'd'], 100), None);
        assert_eq!(stream(&[0; 100], 100), None);
        assert_eq!(stream(&[], 100), None);
    }

    #[test]
    fn segments_in_their_container() {
        let segment = |letter: u8| [&[17 + 16][..], &[letter; 16], &END].concat();
        let mut packed = vec![0; 4];
        for letter in [b'a', b'b', b'c'] {
            let segment = segment(letter);
            // Sectors of 16 bytes: a length that does not fit moves to the next one.
            let left = 16 - packed.len() % 16;
            packed.resize(packed.len() + if left < 4 { left } else { 0 }, 0);
            packed.extend((segment.len() as u32).to_le_bytes());
            packed.extend(segment);
        }
        let total = packed.len() as u32;
        packed[..4].copy_from_slice(&total.to_le_bytes());
        packed.extend([0; 10]);
        let mut bytes = vec![0; 48];
        assert_eq!(unpack(&packed, &mut bytes, 16), Some(48));
        assert_eq!(bytes, [[b'a'; 16], [b'b'; 16], [b'c'; 16]].concat());
        assert_eq!(unpack(&packed[..40], &mut bytes, 16), None);
    }

    proptest! {
        #[test]
        fn noise_does_no_harm(packed in prop::collection::vec(any::<u8>(), 0..400)) {
            let length = (packed.len() as u32 + 8).to_le_bytes();
            let segment = (packed.len() as u32).to_le_bytes();
            unpack(&[&length[..], &segment, &packed].concat(), &mut [0; 4096], 4096);
        }
    }
}
