// SPDX-License-Identifier: MIT OR Apache-2.0
//! What GRUB would fill in: the variables of its environment block (GNU GRUB manual, "The GRUB environment
//! block"), which RHEL 8 and its kin keep kernel options in.

use super::Search;
use super::program::join;
use crate::ports::{FileKind, VolumeId, VolumeInfo};
use alloc::string::String;
use alloc::vec::Vec;

/// The first line of a block.
const SIGNATURE: &str = "# GRUB Environment Block\n";
/// The most bytes of a block; GRUB makes them of 1024.
const MAX_BYTES: usize = 64 * 1024;
/// Where it is on a volume of its own for `/boot`, and on one where that is a folder.
const PLACES: [&str; 4] =
    [r"\grub2\grubenv", r"\grub\grubenv", r"\boot\grub2\grubenv", r"\boot\grub\grubenv"];
/// The most folders of vendors that are looked into.
const MAX_VENDORS: usize = 32;

/// The variables of a block.
#[derive(Debug, Default)]
pub(super) struct Environment(Vec<(String, String)>);

impl Environment {
    /// Reads a block; what is none has no variables. A backslash takes the character behind it as it is.
    pub(super) fn parse(bytes: &[u8]) -> Self {
        let text = core::str::from_utf8(bytes).ok().and_then(|text| text.strip_prefix(SIGNATURE));
        let mut variables = Vec::new();
        let mut line = String::new();
        let mut chars = text.unwrap_or_default().chars();
        while let Some(c) = chars.next() {
            match c {
                '\\' => line.extend(chars.next()),
                '\n' => variables.extend(variable(&core::mem::take(&mut line))),
                _ => line.push(c),
            }
        }
        Self(variables)
    }

    /// What stands for a word that begins with a dollar sign.
    pub(super) fn fill(&self, word: &str) -> Option<String> {
        let name = word.strip_prefix('$')?;
        let name = name.strip_prefix('{').and_then(|name| name.strip_suffix('}')).unwrap_or(name);
        let value = self.0.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.trim());
        value.filter(|value| !value.is_empty()).map(String::from)
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Lines with a `#` in front are not used.
fn variable(line: &str) -> Option<(String, String)> {
    let (name, value) = line.split_once('=').filter(|_| !line.starts_with('#'))?;
    Some((name.into(), value.into()))
}

impl Search<'_> {
    /// What GRUB would put in place of `word` in entries of this volume. Blocks are read once.
    pub(super) fn fill(&mut self, volume: &VolumeInfo, word: &str) -> Option<String> {
        let known = self.environments.iter().position(|(id, _)| *id == volume.id);
        let place = known.unwrap_or_else(|| {
            let environment = self.environment(volume);
            self.environments.push((volume.id, environment));
            self.environments.len().saturating_sub(1)
        });
        self.environments.get(place)?.1.fill(word)
    }

    fn environment(&mut self, volume: &VolumeInfo) -> Environment {
        let own =
            PLACES.iter().map(|path| self.environment_at(volume.id, path)).find(|found| !found.is_empty());
        own.unwrap_or_else(|| self.environment_of_esp())
    }

    /// With UEFI, RHEL 8 keeps the block beside GRUB on the ESP, and a link to it that leads out of the
    /// volume. Of several vendors nobody can say which is meant.
    fn environment_of_esp(&mut self) -> Environment {
        let esp = self.esp.volume;
        let vendors = self.volumes.read_dir(esp, r"\EFI", MAX_VENDORS).map(|listing| listing.entries);
        let folders = vendors.unwrap_or_default();
        let folders = folders.into_iter().filter(|entry| entry.metadata.kind == FileKind::Directory);
        let path = |name: &str| join(&join(r"\EFI", name), "grubenv");
        let found = folders.map(|folder| self.environment_at(esp, &path(&folder.name)));
        let found: Vec<Environment> = found.filter(|found| !found.is_empty()).collect();
        <[Environment; 1]>::try_from(found).map(|[one]| one).unwrap_or_default()
    }

    fn environment_at(&mut self, volume: VolumeId, path: &str) -> Environment {
        let bytes = self.volumes.read(volume, path, MAX_BYTES).unwrap_or_default();
        Environment::parse(&bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_block_in_variables() {
        let block = "# GRUB Environment Block\n# a=1\nsaved_entry=x\nkernelopts=root=/dev/a ro \nq=a\\\\b\\\nc\n######";
        let found = Environment::parse(block.as_bytes());
        assert_eq!(found.fill("$kernelopts").as_deref(), Some("root=/dev/a ro"));
        assert_eq!(found.fill("${saved_entry}").as_deref(), Some("x"));
        assert_eq!(found.fill("$q").as_deref(), Some("a\\b\nc"));
        assert_eq!(
            (found.fill("$a"), found.fill("$tuned_params"), found.fill("kernelopts")),
            (None, None, None)
        );
        assert!(Environment::parse(b"kernelopts=x\n").is_empty());
        assert!(Environment::parse(b"\xff").is_empty());
    }

    proptest! {
        #[test]
        fn any_bytes_are_taken(bytes in prop::collection::vec(any::<u8>(), 0..200), name in ".{0,9}") {
            let block = [SIGNATURE.as_bytes(), &bytes].concat();
            let _ = Environment::parse(&block).fill(&name);
        }

        #[test]
        fn what_is_written_is_read(name in "[a-z_]{1,9}", value in "[!-~][ -~]{0,30}[!-~]") {
            let escaped = value.replace('\\', r"\\");
            let block = format!("{SIGNATURE}{name}={escaped}\n#####");
            prop_assert_eq!(Environment::parse(block.as_bytes()).fill(&format!("${name}")), Some(value));
        }
    }
}
