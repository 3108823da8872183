// SPDX-License-Identifier: MIT OR Apache-2.0
//! Giving the owner the key of the trust log, once, on the screen.
//!
//! The chain begins anew, so that nobody has seen the key before; and nothing starts before the machine was restarted,
//! so that no system finds it in memory.

use super::Session;
use super::epoch::LAST_RECORD_BYTES;
use crate::entry::EntryKind;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use lamboot_schema::paths;
use lamboot_schema::trust_log::{Event, Status};
use lamboot_trust::{EpochKey, first_key, hex, open};
use zeroize::Zeroize as _;

/// Digits that stand together, as people copy them.
const GROUP: usize = 8;

impl Session<'_, '_> {
    /// Shows a new key where the owner asks for one and that of this chain was not shown.
    pub(super) fn enrol(&mut self) {
        let shown = self.state.as_ref().is_some_and(|state| state.shown);
        // Stored with all else when the epoch ends.
        if let Some(state) = self.state.as_mut().filter(|_| !self.policy.show_trust_key) {
            state.shown = false;
        }
        if self.policy.show_trust_key && !shown {
            match self.new_chain() {
                Some(key) => self.show_key(&key),
                None => {
                    let why = "The trust log has no key that could be shown: this firmware makes no random numbers, or \
                               stores nothing.";
                    self.policy_notices.push(why.into());
                }
            }
        }
    }

    /// Ends the epoch and begins the first one of a new chain; its key, if the machine keeps one.
    fn new_chain(&mut self) -> Option<EpochKey> {
        let mut random = self.random()?;
        self.close_epoch();
        let end = self.end_of_log(paths::TRUST_LOG, LAST_RECORD_BYTES);
        let mut opening = open(None, end.tail(), Some(random), self.surroundings());
        if let Some(state) = &mut opening.state {
            state.shown = true;
        }
        let key = first_key(random);
        random.zeroize();
        self.begin_epoch(opening).then_some(key)
    }

    fn show_key(&mut self, key: &EpochKey) {
        self.note(Event::TrustKeyShown, Status::Success, format!("of chain {}", hex(&key.chain())));
        self.shows_key = true;
        self.stop = Some("policy.toml asks for the key of the trust log, which no system may see".into());
        let lines = [
            "Write these three lines down, then restart:".into(),
            format!("chain: {}", grouped(&key.chain())),
            format!("epoch: {}", key.epoch()),
            format!("key: {}", grouped(key.secret())),
        ];
        self.notices.extend(lines);
    }

    /// While the key is shown, the machine can only be restarted or switched off.
    pub(super) fn hold_back_entries(&mut self) {
        if self.shows_key {
            self.found.entries.retain(|entry| matches!(entry.kind, EntryKind::Machine(_)));
        }
    }
}

fn grouped(bytes: &[u8]) -> String {
    let digits: Vec<char> = hex(bytes).chars().collect();
    let groups: Vec<String> = digits.chunks(GROUP).map(|group| group.iter().collect()).collect();
    groups.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_stand_in_groups_of_eight() {
        assert_eq!(grouped(&[0x01, 0x23, 0x45, 0x67, 0x89]), "01234567 89");
    }
}
