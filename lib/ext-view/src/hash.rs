// SPDX-License-Identifier: MIT OR Apache-2.0
//! Hashes of names, by which the index of a directory is sorted ("Hash Tree Directories"): a part of MD4
//! (RFC 1320) in 24 steps, the Tiny Encryption Algorithm (Wheeler and Needham) used as a hash, and an older
//! one.

/// What all hashes of a file system begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seed {
    /// All zeros stand for the first values of MD4.
    pub(crate) words: [u32; 4],
    /// Whether bytes above 127 count as negative numbers, as on the machine that made it; none if it does
    /// not say.
    pub(crate) signed: Option<bool>,
}

/// How a directory's names are hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    Legacy,
    HalfMd4,
    Tea,
}

/// First values of MD4 (RFC 1320, 3.3).
const INITIAL: [u32; 4] = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476];
/// The additions of rounds 2 and 3 (RFC 1320, 3.4).
const ROUND_2: u32 = 0x5A82_7999;
const ROUND_3: u32 = 0x6ED9_EBA1;
/// The addition of each round of the cipher.
const DELTA: u32 = 0x9E37_79B9;
/// The value that stands for the end of a directory, and is no hash.
const END: u32 = 0xFFFF_FFFE;

impl Version {
    /// By the number in the root of an index: the version, and whether bytes are signed where the number
    /// itself says so.
    pub(crate) fn of(number: u8) -> Option<(Self, Option<bool>)> {
        Some(match number {
            0 => (Self::Legacy, None),
            1 => (Self::HalfMd4, None),
            2 => (Self::Tea, None),
            3 => (Self::Legacy, Some(false)),
            4 => (Self::HalfMd4, Some(false)),
            5 => (Self::Tea, Some(false)),
            _ => return None,
        })
    }

    /// The hash of `name`, as an index has it: its lowest bit is 0.
    pub(crate) fn hash(self, name: &[u8], words: [u32; 4], signed: bool) -> u32 {
        let words = if words == [0; 4] { INITIAL } else { words };
        let hash = match self {
            Self::Legacy => legacy(name, signed),
            Self::HalfMd4 => {
                let [_, hash, ..] = fold::<8>(name, signed, words, half_md4);
                hash
            }
            Self::Tea => {
                let [hash, ..] = fold::<4>(name, signed, words, tea);
                hash
            }
        };
        match hash & !1 {
            END => END.wrapping_sub(2),
            hash => hash,
        }
    }
}

/// A byte as a number, negative or not.
fn number(byte: u8, signed: bool) -> u32 {
    if signed { i32::from(byte.cast_signed()).cast_unsigned() } else { byte.into() }
}

fn legacy(name: &[u8], signed: bool) -> u32 {
    let (mut last, mut before) = (0x12A3_FE2D_u32, 0x37AB_E8F9_u32);
    for &byte in name {
        let hash = before.wrapping_add(last ^ number(byte, signed).wrapping_mul(7_152_373));
        let hash = if hash & 0x8000_0000 == 0 { hash } else { hash.wrapping_sub(0x7FFF_FFFF) };
        (before, last) = (last, hash);
    }
    last << 1
}

/// Mixes the name into `state`, `N` words after another.
fn fold<const N: usize>(
    name: &[u8],
    signed: bool,
    state: [u32; 4],
    mix: impl Fn([u32; 4], [u32; N]) -> [u32; 4],
) -> [u32; 4] {
    let mut state = state;
    let mut rest = name;
    while !rest.is_empty() {
        state = mix(state, words(rest, signed));
        rest = rest.get(N.saturating_mul(4)..).unwrap_or_default();
    }
    state
}

/// The first `N` words of `rest`; what it is short of is filled with its length.
fn words<const N: usize>(rest: &[u8], signed: bool) -> [u32; N] {
    let [length, ..] = rest.len().to_le_bytes();
    let pad = u32::from_le_bytes([length; 4]);
    let mut words = [pad; N];
    for (word, bytes) in words.iter_mut().zip(rest.chunks(4)) {
        *word = bytes.iter().fold(pad, |word, &byte| number(byte, signed).wrapping_add(word << 8));
    }
    words
}

/// One step of MD4: `a` changed by a function of the others.
fn step(function: u32, a: u32, word: u32, shift: u32) -> u32 {
    a.wrapping_add(function).wrapping_add(word).rotate_left(shift)
}

fn half_md4(state: [u32; 4], words: [u32; 8]) -> [u32; 4] {
    let [w0, w1, w2, w3, w4, w5, w6, w7] = words;
    let choose = |b, c, d| d ^ (b & (c ^ d));
    let majority = |b: u32, c: u32, d: u32| (b & c).wrapping_add((b ^ c) & d);
    let parity = |b, c, d| b ^ c ^ d;
    let mixed = round(state, [w0, w1, w2, w3, w4, w5, w6, w7], [3, 7, 11, 19], 0, choose);
    let mixed = round(mixed, [w1, w3, w5, w7, w0, w2, w4, w6], [3, 5, 9, 13], ROUND_2, majority);
    let mixed = round(mixed, [w3, w7, w2, w6, w1, w5, w0, w4], [3, 9, 11, 15], ROUND_3, parity);
    let [[a, b, c, d], [p, q, r, s]] = [state, mixed];
    [a.wrapping_add(p), b.wrapping_add(q), c.wrapping_add(r), d.wrapping_add(s)]
}

/// Eight steps, each of which turns the state by one place.
fn round(
    state: [u32; 4],
    words: [u32; 8],
    shifts: [u32; 4],
    add: u32,
    function: impl Fn(u32, u32, u32) -> u32,
) -> [u32; 4] {
    let [mut a, mut b, mut c, mut d] = state;
    for (word, shift) in words.into_iter().zip(shifts.into_iter().cycle()) {
        let changed = step(function(b, c, d), a, word.wrapping_add(add), shift);
        (a, b, c, d) = (d, changed, b, c);
    }
    [a, b, c, d]
}

fn tea(state: [u32; 4], key: [u32; 4]) -> [u32; 4] {
    let ([first, second, third, fourth], [a, b, c, d]) = (state, key);
    let half = |other: u32, sum: u32, left: u32, right: u32| {
        (other << 4).wrapping_add(left) ^ other.wrapping_add(sum) ^ (other >> 5).wrapping_add(right)
    };
    let (mut x, mut y, mut sum) = (first, second, 0_u32);
    for _ in 0..16 {
        sum = sum.wrapping_add(DELTA);
        x = x.wrapping_add(half(y, sum, a, b));
        y = y.wrapping_add(half(x, sum, c, d));
    }
    [first.wrapping_add(x), second.wrapping_add(y), third, fourth]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The words of the UUID 01020304-0506-0708-090a-0b0c0d0e0f10.
    const SEED: [u32; 4] = [0x0403_0201, 0x0807_0605, 0x0C0B_0A09, 0x100F_0E0D];
    const LONG: &[u8] = b"this-is-a-name-that-is-longer-than-thirty-two-bytes.conf";

    #[test]
    fn hashes_as_debugfs_has_them() {
        let names: [&[u8]; 4] = [b"a", b"hello", b"a-name-with-a-number-12345", LONG];
        for (version, expected) in [
            (Version::Legacy, [0xE74B_53E2, 0x3225_2546, 0x9A89_18A8, 0xB433_B51C]),
            (Version::HalfMd4, [0x8D08_EC4C, 0xE2DD_F968, 0x452D_DC62, 0x9823_C59C]),
            (Version::Tea, [0xF535_28F0, 0x1A56_92B6, 0xA16C_F554, 0x7A45_FE0C]),
        ] {
            assert_eq!(names.map(|name| version.hash(name, SEED, true)), expected, "{version:?}");
        }
        // Without a seed.
        assert_eq!(Version::HalfMd4.hash(b"hello", [0; 4], true), 0x1746_DA32);
        assert_eq!(Version::Tea.hash(b"hello", [0; 4], true), 0x6F5B_B1A8);
    }

    #[test]
    fn bytes_above_127_count_in_two_ways() {
        for version in [Version::Legacy, Version::HalfMd4, Version::Tea] {
            let hash = |signed| version.hash("größe".as_bytes(), SEED, signed);
            assert_ne!(hash(true), hash(false), "{version:?}");
        }
    }

    proptest! {
        #[test]
        fn no_hash_is_the_mark_of_the_end(name in prop::collection::vec(any::<u8>(), 1..256), signed in any::<bool>()) {
            for version in [Version::Legacy, Version::HalfMd4, Version::Tea] {
                let hash = version.hash(&name, SEED, signed);
                prop_assert!(hash & 1 == 0 && hash < END);
            }
        }
    }
}
