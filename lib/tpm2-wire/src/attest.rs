// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a TPM signs of its PCRs (TPM 2.0 Library, part 2, 10.12).

use crate::bounded::{Digest, Name};
use crate::bytes::Reader;
use crate::capability::ClockInfo;
use crate::pcr_selection::PcrSelections;

/// `TPM_GENERATED_VALUE`: a restricted key signs nothing from outside that begins with this.
const MAGIC: u32 = 0xFF54_4347;
/// `TPM_ST_ATTEST_QUOTE`.
const QUOTE: u16 = 0x8018;
/// What a quote says (`TPMS_ATTEST` with `TPMS_QUOTE_INFO`). It says nothing before its signature was checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attest {
    /// The qualified name of the key: its name, and those of its parents.
    pub qualified_signer: Name,
    /// The bytes that whoever asked for the quote gave.
    pub qualifying_data: Digest,
    /// The TPM's clock and counters.
    pub clock: ClockInfo,
    /// The TPM's firmware, as its maker counts.
    pub firmware_version: u64,
    /// Which PCRs were quoted.
    pub pcrs: PcrSelections,
    /// The hash of their values, by the algorithm of the signature. For SHA-256 it is
    /// [`PcrValues::digest`](crate::PcrValues::digest).
    pub pcr_digest: Digest,
}

impl Attest {
    /// From exactly the bytes that were signed. `None` when they are not a quote.
    ///
    /// ```
    /// assert!(tpm2_wire::Attest::parse(b"\xFFTCG\x80\x17").is_none());
    /// ```
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        if (reader.u32()?, reader.u16()?) != (MAGIC, QUOTE) {
            return None;
        }
        let own = Self {
            qualified_signer: Name::unmarshal(&mut reader)?,
            qualifying_data: Digest::unmarshal(&mut reader)?,
            clock: ClockInfo::unmarshal(&mut reader)?,
            firmware_version: reader.u64()?,
            pcrs: PcrSelections::unmarshal(&mut reader)?,
            pcr_digest: Digest::unmarshal(&mut reader)?,
        };
        reader.rest().is_empty().then_some(own)
    }
}
