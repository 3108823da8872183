// SPDX-License-Identifier: MIT OR Apache-2.0
//! The key of an epoch, in a file as an owner writes it down: chain, epoch and key, with spaces or lines between.

use lamboot_trust::{EpochKey, unhex};
use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use zeroize::Zeroizing;

/// More than a key with comments needs.
const FILE_MAX: u64 = 4096;

/// Reads the file.
pub(super) fn read(path: &Path) -> Result<EpochKey, String> {
    let mut text = Zeroizing::new(String::new());
    let file = File::open(path).and_then(|file| file.take(FILE_MAX).read_to_string(&mut text));
    file.map_err(|error| format!("{}: {error}", path.display()))?;
    parse(&text).map_err(|reason| format!("{}: {reason}", path.display()))
}

/// Digits of chain and key may stand in groups.
fn parse(text: &str) -> Result<EpochKey, &'static str> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let words: Vec<&str> =
        lines.filter_map(|line| line.split_once(':')).map(|(_, value)| value.trim()).collect();
    let [chain, epoch, key] = words[..] else {
        return Err("three lines are needed: `chain: ...`, `epoch: ...` and `key: ...`");
    };
    let digits =
        |text: &str| Zeroizing::new(text.split_whitespace().collect::<String>().to_ascii_lowercase());
    let chain = unhex::<16>(digits(chain).as_bytes()).ok_or("the chain is 32 hexadecimal digits")?;
    let epoch = epoch.parse().map_err(|_| "the epoch is a number")?;
    let secret =
        Zeroizing::new(unhex::<32>(digits(key).as_bytes()).ok_or("the key is 64 hexadecimal digits")?);
    Ok(EpochKey::new(chain, epoch, &secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_of_digits_are_read() {
        let chain = "0001 0203 0405 0607 0809 0A0B 0C0D 0E0F";
        let text = format!("# of my server\nchain: {chain}\nepoch: 7\nkey: {}\n", "ffff ".repeat(16));
        let key = parse(&text).unwrap();
        assert_eq!((key.chain()[15], key.epoch(), *key.secret()), (15, 7, [255; 32]));
    }

    #[test]
    fn what_is_no_key_is_refused_with_words() {
        let refused = |text: &str| parse(text).err().unwrap();
        assert!(refused("").contains("three lines"));
        let key = "f".repeat(64);
        assert!(refused(&format!("chain: 00\nepoch: 1\nkey: {key}")).contains("32 hexadecimal"));
        assert!(refused(&format!("chain: {}\nepoch: x\nkey: {key}", "0".repeat(32))).contains("number"));
        assert!(
            refused(&format!("chain: {}\nepoch: 1\nkey: {key}f", "0".repeat(32))).contains("64 hexadecimal")
        );
    }
}
