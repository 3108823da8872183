// SPDX-License-Identifier: MIT OR Apache-2.0
//! Keys of epochs and records, each made from the one before.

use ctutils::CtEq as _;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

/// A key's bytes, overwritten when they are dropped.
type Secret = Zeroizing<[u8; 32]>;

/// Which epoch of which chain a key is for.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Context {
    chain: [u8; 16],
    epoch: u64,
}

impl Context {
    fn hmac(self, key: &[u8; 32], label: &str, message: &[u8]) -> [u8; 32] {
        // The key's length is right: HMAC takes any.
        let Ok(mut hmac) = Hmac::<Sha256>::new_from_slice(key) else { return [0; 32] };
        hmac.update(b"LamBoot trust log 1: ");
        hmac.update(label.as_bytes());
        hmac.update(&[0]);
        hmac.update(&self.chain);
        hmac.update(&self.epoch.to_le_bytes());
        hmac.update(message);
        hmac.finalize().into_bytes().into()
    }
}

/// The key of an epoch, from which those of its records and of all later epochs are made.
#[derive(Clone)]
pub struct EpochKey {
    context: Context,
    secret: Secret,
}

impl EpochKey {
    /// The key of epoch `epoch` of this chain.
    #[must_use]
    pub fn new(chain: [u8; 16], epoch: u64, secret: &[u8; 32]) -> Self {
        Self { context: Context { chain, epoch }, secret: Zeroizing::new(*secret) }
    }

    /// The epoch's number.
    #[must_use]
    pub const fn epoch(&self) -> u64 {
        self.context.epoch
    }

    /// The chain.
    #[must_use]
    pub const fn chain(&self) -> [u8; 16] {
        self.context.chain
    }

    /// The secret bytes, to be stored.
    #[must_use]
    pub fn secret(&self) -> &[u8; 32] {
        &self.secret
    }

    /// The key of the epoch after this one.
    #[must_use]
    pub fn next(&self) -> Self {
        let secret = Zeroizing::new(self.context.hmac(&self.secret, "next epoch", &[]));
        let context = Context { epoch: self.context.epoch.saturating_add(1), ..self.context };
        Self { context, secret }
    }

    /// The key of the epoch's first record.
    #[must_use]
    pub fn first_record(&self) -> RecordKey {
        let secret = Zeroizing::new(self.context.hmac(&self.secret, "first record", &[]));
        RecordKey { context: self.context, secret }
    }
}

/// The key of one record.
#[derive(Clone)]
pub struct RecordKey {
    context: Context,
    secret: Secret,
}

impl RecordKey {
    /// The message authentication code of a record.
    #[must_use]
    pub fn mac(&self, signed: &[u8]) -> [u8; 32] {
        self.context.hmac(&self.secret, "record", signed)
    }

    /// Whether this is the record's code; in constant time.
    #[must_use]
    pub fn is_right(&self, signed: &[u8], mac: &[u8; 32]) -> bool {
        self.mac(signed).ct_eq(mac).to_bool()
    }

    /// Becomes the key of the next record; the one of this record is gone.
    pub fn advance(&mut self) {
        let next = Zeroizing::new(self.context.hmac(&self.secret, "next record", &[]));
        self.secret.copy_from_slice(&*next);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_another_one() {
        let first = EpochKey::new([1; 16], 1, &[2; 32]);
        let mut record = first.first_record();
        let mut seen = alloc::vec![*first.secret(), *first.next().secret(), record.mac(b"x")];
        for _ in 0..3 {
            record.advance();
            seen.push(record.mac(b"x"));
        }
        seen.push(first.next().first_record().mac(b"x"));
        seen.push(EpochKey::new([9; 16], 1, &[2; 32]).first_record().mac(b"x"));
        seen.push(EpochKey::new([1; 16], 2, &[2; 32]).first_record().mac(b"x"));
        let count = seen.len();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), count);
    }

    #[test]
    fn a_code_is_of_its_bytes_alone() {
        let key = EpochKey::new([1; 16], 1, &[2; 32]).first_record();
        let mut mac = key.mac(b"record");
        assert!(key.is_right(b"record", &mac) && !key.is_right(b"recorD", &mac));
        mac[31] ^= 1;
        assert!(!key.is_right(b"record", &mac));
    }
}
