// SPDX-License-Identifier: MIT OR Apache-2.0
//! Digests of policies, without a TPM (TPM 2.0 Library, part 1, 19.7).

use crate::bytes::Writer;
use crate::command_code::CommandCode;
use crate::pcr_selection::PcrSelection;
use sha2::{Digest as _, Sha256};

/// `TPM2_PolicyOR` takes no fewer branches than this.
pub const BRANCHES_MIN: usize = 2;
/// `TPM2_PolicyOR` takes no more branches than this.
pub const BRANCHES_MAX: usize = 8;

/// The bytes of a selection of one bank: a count, an algorithm, a size, three bytes.
const SELECTION_BYTES: usize = 10;

/// The digest of a policy with SHA-256: what an NV index or a key keeps of it.
///
/// ```
/// use tpm2_wire::{Algorithm, Digest, PcrSelection, PcrValues, Policy};
///
/// let pcr_7 = PcrSelection::new(Algorithm::SHA256, &[7]).unwrap();
/// let values = PcrValues::new(pcr_7, &[Digest::new(&[0; 32]).unwrap()]).unwrap();
/// let policy = Policy::ANYBODY.pcr(pcr_7, &values.digest());
/// assert_ne!(policy, Policy::ANYBODY);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy([u8; 32]);

impl Policy {
    /// The digest of a session in which nothing was shown yet.
    pub const ANYBODY: Self = Self([0; 32]);

    /// The same policy, which in addition asks that the PCRs of `selection` have this digest: what
    /// `TPM2_PolicyPCR` adds (part 3, 23.7). [`PcrValues::digest`](crate::PcrValues::digest) makes it.
    #[must_use]
    pub fn pcr(self, selection: PcrSelection, digest: &[u8; 32]) -> Self {
        let mut place = [0; SELECTION_BYTES];
        selection.marshal(&mut Writer::new(&mut place));
        self.extended(CommandCode::POLICY_PCR, &[&place, digest])
    }

    /// A policy that is met by meeting any of `branches`: what `TPM2_PolicyOR` makes of them (part 3, 23.6).
    /// `None` unless there are [`BRANCHES_MIN`] to [`BRANCHES_MAX`].
    #[must_use]
    pub fn any_of(branches: &[Self]) -> Option<Self> {
        let mut parts = [&[][..]; BRANCHES_MAX];
        let used = parts.get_mut(..branches.len())?;
        used.iter_mut().zip(branches).for_each(|(part, branch)| *part = &branch.0);
        let policy = Self::ANYBODY.extended(CommandCode::POLICY_OR, used);
        (branches.len() >= BRANCHES_MIN).then_some(policy)
    }

    fn extended(self, command: CommandCode, parts: &[&[u8]]) -> Self {
        let hash = Sha256::new().chain_update(self.0).chain_update(command.0.to_be_bytes());
        Self(parts.iter().fold(hash, |hash, part| hash.chain_update(part)).finalize().into())
    }

    /// The digest.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    pub(crate) const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}
