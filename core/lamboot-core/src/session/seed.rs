// SPDX-License-Identifier: MIT OR Apache-2.0
//! A seed for the system's random numbers, from the file of the boot before, this machine's secret
//! token and what the firmware gives (systemd, "Random Seeds").
//!
//! The file gets its new content before the seed is handed over: no seed is ever handed over twice,
//! whenever the power fails. Where the file cannot be written, nothing is handed over. A seed needs
//! either random numbers of the firmware or the token: a file alone could be every clone's.

use super::{Session, esp_record};
use crate::error::PortError;
use crate::ports::Table;
use crate::variables;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use lamboot_schema::paths;
use lamboot_schema::trust_log::{Event, Status};
use lamboot_schema::variables as schema;
use sha2::{Digest, Sha256};

/// The smallest file that counts as a seed, in bytes.
const MIN_FILE: usize = 32;
/// The largest.
const MAX_FILE: usize = 4096;
/// Random bytes that the firmware is asked for.
const ENTROPY: usize = 32;
/// What keeps these hashes apart from all others.
const LABEL: &[u8] = b"LamBoot random seed v1";

/// Everything that the seeds are made from.
struct Sources {
    file: Vec<u8>,
    /// The table of firmware or an earlier loader.
    table: Vec<u8>,
    entropy: Vec<u8>,
    token: Vec<u8>,
    /// What is different in every boot, if nothing else is.
    moment: Vec<u8>,
}

impl Session<'_, '_> {
    /// Hands a seed over, where there is a file to make one from.
    pub(super) fn hand_over_seed(&mut self) {
        let esp = self.esp.as_ref().ok();
        let mut record = esp_record(esp, Event::RandomSeed, Status::Success, paths::RANDOM_SEED);
        match self.refresh_seed() {
            Ok(None) => return,
            Ok(Some(note)) => record.note = Some(note.into()),
            Err(reason) => {
                record.status = Status::Skipped;
                record.note = Some(reason);
            }
        }
        self.record(record);
    }

    fn refresh_seed(&mut self) -> Result<Option<&'static str>, String> {
        let Some(esp) = self.esp.as_ref().ok().filter(|esp| !esp.read_only) else { return Ok(None) };
        let Ok(file) = self.ports.volumes.read(esp.volume, paths::RANDOM_SEED, MAX_FILE) else {
            return Ok(None);
        };
        if file.len() < MIN_FILE {
            return Err(format!("the file has fewer than {MIN_FILE} bytes"));
        }
        let sources = self.sources(file);
        if sources.entropy.is_empty() && sources.token.is_empty() {
            return Err("the firmware has no random numbers, and there is no LoaderSystemToken".into());
        }
        let key = sources.key();
        let told = |error: PortError| format!("{error}");
        self.ports.store.replace(paths::RANDOM_SEED, &stretched(&key, sources.file.len())).map_err(told)?;
        self.ports.tables.install(Table::RandomSeed, &derived(&key, b"system", 0)).map_err(told)?;
        Ok(Some(if sources.entropy.is_empty() { "file and token" } else { "file and firmware" }))
    }

    fn sources(&mut self, file: Vec<u8>) -> Sources {
        Sources {
            file,
            table: self.ports.tables.get(Table::RandomSeed).unwrap_or_default(),
            entropy: self.ports.tables.entropy(ENTROPY).unwrap_or_default(),
            token: variables::get(self.ports.variables, &schema::LOADER_SYSTEM_TOKEN).unwrap_or_default(),
            moment: self.moment(),
        }
    }

    /// This boot's random id, the clock on the wall, and the processor's counter.
    fn moment(&mut self) -> Vec<u8> {
        let mut moment = self.facts.boot_id.to_vec();
        if let Some(wall) = self.ports.clock.wall() {
            moment.extend(schema::TIMESTAMP.encode(&wall));
        }
        moment.extend(self.ports.clock.now().0.to_le_bytes());
        moment
    }
}

impl Sources {
    /// One hash over all, each with its length in front, so that no byte can move from one to another.
    fn key(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(LABEL);
        let parts: [&[u8]; 5] = [&self.file, &self.table, &self.entropy, &self.token, &self.moment];
        for part in parts {
            hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
            hash.update(part);
        }
        hash.finalize().into()
    }
}

fn derived(key: &[u8; 32], purpose: &[u8], number: u8) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(LABEL);
    hash.update(key);
    hash.update(purpose);
    hash.update([number]);
    hash.finalize().into()
}

/// As many bytes for the file as it has: its size never changes.
fn stretched(key: &[u8; 32], length: usize) -> Vec<u8> {
    let blocks = (0..=u8::MAX).flat_map(|number| derived(key, b"file", number));
    blocks.take(length).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources() -> Sources {
        Sources {
            file: vec![1; 32],
            table: Vec::new(),
            entropy: vec![2; 32],
            token: vec![3; 32],
            moment: b"now".into(),
        }
    }

    #[test]
    fn every_source_changes_the_key() {
        let key = sources().key();
        let others = [
            Sources { file: vec![9; 32], ..sources() },
            Sources { table: vec![9], ..sources() },
            Sources { entropy: vec![9; 32], ..sources() },
            Sources { token: vec![9; 32], ..sources() },
            Sources { moment: b"then".into(), ..sources() },
            Sources { entropy: vec![2; 31], token: [vec![2], vec![3; 32]].concat(), ..sources() },
        ];
        for other in others {
            assert_ne!(other.key(), key);
        }
    }

    #[test]
    fn the_file_tells_nothing_of_what_was_handed_over() {
        let key = sources().key();
        let file = stretched(&key, MAX_FILE);
        assert_eq!(file.len(), MAX_FILE);
        let handed_over = derived(&key, b"system", 0);
        assert!(file.windows(32).all(|part| part != handed_over));
        assert_eq!(stretched(&key, 33).len(), 33);
    }
}
