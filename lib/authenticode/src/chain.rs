// SPDX-License-Identifier: MIT OR Apache-2.0
//! From a signer's certificate up: which authorities signed it (RFC 5280, section 6.1).
//!
//! Each certificate of a signature is reached at most once, on the shortest way, so circles end. Dates are not
//! looked at, as firmware does not (EDK II verifies with `X509_V_FLAG_NO_CHECK_TIME`): its clock can be set by
//! anybody, and machines must start when a certificate is older than they thought. Revocation is by lists.

use crate::certificate::Certificate;
use crate::refusal::Refusal;
use alloc::vec::Vec;

/// The most certificates from the signer's to one that a list has. Usual are one to three.
pub const CHAIN_MAX: usize = 8;
/// The most signatures of certificates and images that are computed for one image, so that a hostile one
/// costs no more time than many good ones.
pub const VERIFICATIONS_MAX: usize = 128;

/// What may still be computed.
#[derive(Debug)]
pub(crate) struct Work(usize);

impl Work {
    pub(crate) const fn new() -> Self {
        Self(VERIFICATIONS_MAX)
    }

    /// Before each verification.
    pub(crate) fn spend(&mut self) -> Result<(), Refusal> {
        self.0 = self.0.checked_sub(1).ok_or(Refusal::TooMuchWork)?;
        Ok(())
    }
}

/// A certificate that a signature leads to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Link<'c, 'b> {
    pub(crate) certificate: &'c Certificate<'b>,
    /// Certificates before it: 0 for the signer's.
    pub(crate) depth: usize,
}

/// All that the signer's certificate leads to, itself first.
#[derive(Debug)]
pub(crate) struct Chain<'c, 'b> {
    pub(crate) links: Vec<Link<'c, 'b>>,
    /// Why some way ends: the first reason that is not just that nobody is there.
    pub(crate) problem: Option<Refusal>,
}

impl<'c, 'b> Chain<'c, 'b> {
    /// Climbs from the certificate at `signer`.
    ///
    /// # Errors
    ///
    /// [`Refusal::TooMuchWork`] only.
    pub(crate) fn climb(
        certificates: &'c [Certificate<'b>],
        signer: &'c Certificate<'b>,
        work: &mut Work,
    ) -> Result<Self, Refusal> {
        let mut chain = Self { links: Vec::from([Link { certificate: signer, depth: 0 }]), problem: None };
        let mut next = 0;
        while let Some(link) = chain.links.get(next).copied() {
            next = next.saturating_add(1);
            for candidate in certificates {
                if chain.has(candidate) {
                    continue;
                }
                chain.try_add(link, candidate, work)?;
            }
        }
        Ok(chain)
    }

    fn has(&self, certificate: &Certificate<'_>) -> bool {
        self.links.iter().any(|link| link.certificate.whole == certificate.whole)
    }

    fn try_add(
        &mut self,
        below: Link<'c, 'b>,
        candidate: &'c Certificate<'b>,
        work: &mut Work,
    ) -> Result<(), Refusal> {
        let depth = below.depth.saturating_add(1);
        match issued(below, candidate, work) {
            Ok(false) => {}
            Ok(true) if depth >= CHAIN_MAX => self.note(Refusal::ChainTooLong),
            Ok(true) => self.links.push(Link { certificate: candidate, depth }),
            Err(Refusal::TooMuchWork) => return Err(Refusal::TooMuchWork),
            Err(problem) => self.note(problem),
        }
        Ok(())
    }

    pub(crate) fn note(&mut self, problem: Refusal) {
        self.problem.get_or_insert(problem);
    }
}

/// Whether `issuer` signed the certificate, and may sign it.
///
/// # Errors
///
/// It has the issuer's name, and is of an algorithm or size that is not trusted, or the issuer may not.
pub(crate) fn issued(link: Link<'_, '_>, issuer: &Certificate<'_>, work: &mut Work) -> Result<bool, Refusal> {
    if link.certificate.issuer != issuer.subject.bytes() {
        return Ok(false);
    }
    work.spend()?;
    if !link.certificate.is_signed_by(&issuer.key()?)? {
        return Ok(false);
    }
    issuer.extensions.may_issue(link.depth)?;
    Ok(true)
}
