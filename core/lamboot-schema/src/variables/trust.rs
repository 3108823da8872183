// SPDX-License-Identifier: MIT OR Apache-2.0
//! What is known of the trust log outside of it.

use alloc::vec::Vec;
use core::fmt;
use zeroize::Zeroize as _;

/// The form of [`TrustState`]'s bytes.
const VERSION: u8 = 1;

/// Where the trust log ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrustHead {
    /// The chain of the epoch; zeros for an epoch without a key.
    pub chain: [u8; 16],
    /// The epoch's number in its chain; 0 for an epoch without a key.
    pub epoch: u64,
    /// How many records the epoch has.
    pub count: u32,
    /// SHA-256 of the last record's line.
    pub head: [u8; 32],
}

impl TrustHead {
    pub(super) fn encode(&self) -> Vec<u8> {
        [&self.chain[..], &self.epoch.to_le_bytes(), &self.count.to_le_bytes(), &self.head].concat()
    }

    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let (chain, rest) = bytes.split_first_chunk()?;
        let (epoch, rest) = rest.split_first_chunk()?;
        let (count, rest) = rest.split_first_chunk()?;
        let (head, []) = rest.split_first_chunk()? else { return None };
        Some(Self {
            chain: *chain,
            epoch: u64::from_le_bytes(*epoch),
            count: u32::from_le_bytes(*count),
            head: *head,
        })
    }
}

/// What the loader keeps of the trust log outside of it. The key is overwritten when it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct TrustState {
    /// Whether the epoch ended with a seal.
    pub sealed: bool,
    /// Whether the first key of the chain was shown to the owner.
    pub shown: bool,
    /// Where the log ends, as far as the loader wrote it.
    pub head: TrustHead,
    /// The key of the next epoch. A secret.
    pub next_key: [u8; 32],
}

impl Drop for TrustState {
    fn drop(&mut self) {
        self.next_key.zeroize();
    }
}

impl fmt::Debug for TrustState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TrustState")
            .field("sealed", &self.sealed)
            .field("shown", &self.shown)
            .field("head", &self.head)
            .finish_non_exhaustive()
    }
}

impl TrustState {
    /// Bytes of every state.
    pub const BYTES: u16 = 94;

    pub(super) fn encode(&self) -> Vec<u8> {
        [
            &[VERSION, u8::from(self.sealed) | u8::from(self.shown) << 1][..],
            &self.head.encode(),
            &self.next_key,
        ]
        .concat()
    }

    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let ([VERSION, flags @ 0..=3], rest) = bytes.split_first_chunk()? else { return None };
        let (head, next_key) = rest.split_last_chunk()?;
        Some(Self {
            sealed: flags & 1 == 1,
            shown: flags & 2 == 2,
            head: TrustHead::decode(head)?,
            next_key: *next_key,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn states_survive_the_way_there_and_back(
            sealed: bool, shown: bool, chain: [u8; 16], epoch: u64, count: u32, head: [u8; 32], next_key: [u8; 32]
        ) {
            let head = TrustHead { chain, epoch, count, head };
            let state = TrustState { sealed, shown, head, next_key };
            let bytes = state.encode();
            prop_assert_eq!(bytes.len(), usize::from(TrustState::BYTES));
            prop_assert_eq!(TrustState::decode(&bytes), Some(state));
            prop_assert_eq!(TrustHead::decode(&head.encode()), Some(head));
        }

        #[test]
        fn nothing_else_is_a_state(bytes: Vec<u8>) {
            let read = TrustState::decode(&bytes);
            prop_assert_eq!(read.map(|state| state.encode()).unwrap_or_else(|| bytes.clone()), bytes);
        }
    }

    #[test]
    fn a_key_is_not_shown() {
        let head = TrustHead { chain: [1; 16], epoch: 2, count: 3, head: [4; 32] };
        let shown = format!("{:?}", TrustState { sealed: true, shown: false, head, next_key: [99; 32] });
        assert!(!shown.contains("99"), "{shown}");
    }
}
