// SPDX-License-Identifier: MIT OR Apache-2.0
//! Whether an image may be started (UEFI 2.10, section 32.5.3.3, Authorization Process).
//!
//! It may when one of its signatures leads to a certificate that is allowed, or its hash is allowed, so long
//! as neither its hash nor any of its signatures is forbidden. What is forbidden is asked first, and of every
//! signature, also of one that is damaged.

use crate::algorithm::{DigestAlgorithm, Hash};
use crate::certificate::Certificate;
use crate::chain::{Chain, Link, Work, issued};
use crate::digest::ImageDigests;
use crate::refusal::Refusal;
use crate::signature_list::{Entry, SignatureDatabase};
use crate::signed_data::SignedData;
use crate::verdict::{CertificateName, Examined, How, Judgement, Trust, Verdict};
use alloc::string::ToString as _;
use alloc::vec::Vec;

/// Whose rules hold for a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeper {
    /// Firmware's.
    Firmware,
    /// shim's: a certificate whose extended key usage names kernel modules does not count for programs.
    Shim,
}

/// A signature database with a name.
#[derive(Clone, Copy, Debug)]
pub struct List<'l> {
    /// What owners call it: `db`, `MokListRT`.
    pub name: &'l str,
    /// Whose rules hold.
    pub keeper: Keeper,
    /// What is in it.
    pub database: &'l SignatureDatabase<'l>,
}

/// All that an image is judged by.
#[derive(Clone, Copy, Debug)]
pub struct Lists<'l> {
    /// What may be started: `db`, shim's own certificate, `MokListRT`.
    pub allowed: &'l [List<'l>],
    /// What may not, whatever else is said: `dbx`, `MokListXRT`.
    pub forbidden: &'l [List<'l>],
}

/// A certificate of a list.
struct Anchor<'l> {
    list: &'l List<'l>,
    whole: &'l [u8],
    certificate: Result<Certificate<'l>, Refusal>,
}

/// Judges an image by its signatures, as [`SignedData::read`] read them from its certificate table, and by
/// its hashes.
///
/// Time is bounded by [`VERIFICATIONS_MAX`](crate::VERIFICATIONS_MAX) signatures, and memory by the sizes of
/// what is given.
#[must_use]
pub fn judge<'s>(
    signatures: &[Result<SignedData<'s>, Refusal>],
    digests: &ImageDigests,
    lists: &Lists<'_>,
) -> Judgement {
    let mut judge = Judge {
        digests,
        lists,
        allowed: anchors(lists.allowed),
        forbidden: anchors(lists.forbidden),
        work: Work::new(),
    };
    let examined: Vec<Examined> = signatures.iter().map(|signature| judge.examine(signature)).collect();
    Judgement { verdict: judge.decide(&examined), signatures: examined }
}

fn anchors<'l>(lists: &'l [List<'l>]) -> Vec<Anchor<'l>> {
    let of = |list: &'l List<'l>| {
        list.database.entries().iter().filter_map(move |entry| match entry {
            Entry::X509(whole) => Some(Anchor { list, whole, certificate: Certificate::read(whole) }),
            _ => None,
        })
    };
    lists.iter().flat_map(of).collect()
}

struct Judge<'l> {
    digests: &'l ImageDigests,
    lists: &'l Lists<'l>,
    allowed: Vec<Anchor<'l>>,
    forbidden: Vec<Anchor<'l>>,
    work: Work,
}

impl<'l> Judge<'l> {
    fn decide(&self, examined: &[Examined]) -> Verdict {
        if let Some((list, _)) = self.listed(self.lists.forbidden) {
            return Verdict::Refused(Refusal::ForbiddenImage { list: list.name.to_string() });
        }
        let refusals = || examined.iter().filter_map(|one| one.outcome.as_ref().err());
        if let Some(refusal) = refusals().find(|refusal| refusal.forbids()) {
            return Verdict::Refused(refusal.clone());
        }
        if let Some((list, digest)) = self.listed(self.lists.allowed) {
            return Verdict::Trusted(Trust { list: list.name.to_string(), how: How::ImageDigest(digest) });
        }
        let trusted = examined.iter().find_map(|one| one.outcome.as_ref().ok());
        match (trusted, refusals().next()) {
            (Some(trust), _) => Verdict::Trusted(trust.clone()),
            (None, Some(refusal)) => Verdict::Refused(refusal.clone()),
            (None, None) => Verdict::Refused(Refusal::NotSigned),
        }
    }

    /// The first list that has the image's hash.
    fn listed(&self, lists: &'l [List<'l>]) -> Option<(&'l List<'l>, DigestAlgorithm)> {
        lists.iter().find_map(|list| {
            list.database.entries().iter().find_map(|entry| match entry {
                Entry::Image(digest, hash) if self.digests.get(*digest) == Some(*hash) => {
                    Some((list, *digest))
                }
                _ => None,
            })
        })
    }

    fn examine(&mut self, signature: &Result<SignedData<'_>, Refusal>) -> Examined {
        let signature = match signature {
            Ok(signature) => signature,
            Err(refusal) => return Examined { digest: None, signer: None, outcome: Err(refusal.clone()) },
        };
        let digest = Some(signature.digest_algorithm());
        let signer = signature.signer().and_then(|place| signature.certificates().get(place));
        let Some(signer) = signer else {
            return Examined { digest, signer: None, outcome: Err(Refusal::SignerNotThere) };
        };
        let outcome = self.follow(signature, signer);
        Examined { digest, signer: Some(CertificateName::of(signer)), outcome }
    }

    /// What a signature is worth.
    fn follow(&mut self, signature: &SignedData<'_>, signer: &Certificate<'_>) -> Result<Trust, Refusal> {
        let mut chain = Chain::climb(signature.certificates(), signer, &mut self.work)?;
        for link in &chain.links {
            self.not_forbidden(*link)?;
        }
        if self.digests.get(signature.digest_algorithm()) != Some(signature.image_digest()) {
            return Err(Refusal::ImageChanged);
        }
        signer.extensions.may_sign()?;
        self.work.spend()?;
        signature.verify(&signer.key()?)?;
        match self.anchor(&mut chain)? {
            Some(place) => self.trust(place, signer),
            None => Err(chain.problem.unwrap_or_else(|| nobody(&chain.links))),
        }
    }

    /// The allowed certificate that the chain leads to, by its place in the lists.
    fn anchor(&mut self, chain: &mut Chain<'_, '_>) -> Result<Option<usize>, Refusal> {
        for link in chain.links.clone() {
            for (place, anchor) in self.allowed.iter().enumerate() {
                match anchor.allows(link, &mut self.work) {
                    Ok(true) => return Ok(Some(place)),
                    Ok(false) => {}
                    Err(Refusal::TooMuchWork) => return Err(Refusal::TooMuchWork),
                    Err(problem) => chain.note(problem),
                }
            }
        }
        Ok(None)
    }

    fn trust(&mut self, place: usize, signer: &Certificate<'_>) -> Result<Trust, Refusal> {
        let anchor = self.allowed.get(place).ok_or(Refusal::NotSigned)?;
        let authority = anchor.certificate.clone()?;
        // It need not have come with the signature, so it was not asked yet whether it is forbidden.
        not_listed(&authority, self.lists.forbidden)?;
        let how = How::Signature {
            signer: CertificateName::of(signer),
            authority: CertificateName::of(&authority),
        };
        Ok(Trust { list: anchor.list.name.to_string(), how })
    }

    /// That no list forbids a certificate, or one that issued it.
    fn not_forbidden(&mut self, link: Link<'_, '_>) -> Result<(), Refusal> {
        not_listed(link.certificate, self.lists.forbidden)?;
        for anchor in &self.forbidden {
            let Ok(forbidden) = &anchor.certificate else { continue };
            match issued(link, forbidden, &mut self.work) {
                Ok(true) => return Err(Refusal::revoked(anchor.list.name, forbidden.subject, None)),
                Err(Refusal::TooMuchWork) => return Err(Refusal::TooMuchWork),
                // One that may not issue certificates, or whose key is too small, forbids itself only.
                Ok(false) | Err(_) => {}
            }
        }
        Ok(())
    }
}

impl Anchor<'_> {
    /// Whether the certificate is this one, or was issued by it.
    fn allows(&self, link: Link<'_, '_>, work: &mut Work) -> Result<bool, Refusal> {
        let Ok(certificate) = &self.certificate else { return Ok(false) };
        if self.whole != link.certificate.whole && !issued(link, certificate, work)? {
            return Ok(false);
        }
        if self.list.keeper == Keeper::Shim && certificate.extensions.kernel_modules {
            let (list, subject) = (self.list.name.to_string(), certificate.subject.to_string());
            return Err(Refusal::KernelModulesOnly { list, subject });
        }
        Ok(true)
    }
}

/// That no list has the certificate, or the hash of what is signed in it.
fn not_listed(certificate: &Certificate<'_>, lists: &[List<'_>]) -> Result<(), Refusal> {
    let mut hashes = Hashes::default();
    for list in lists {
        for entry in list.database.entries() {
            let since = match entry {
                Entry::X509(whole) if *whole == certificate.whole => None,
                Entry::Certificate(digest, hash, time) if hashes.of(certificate, *digest) == *hash => {
                    Some(*time)
                }
                _ => continue,
            };
            return Err(Refusal::revoked(list.name, certificate.subject, since));
        }
    }
    Ok(())
}

/// The hashes of a certificate, each computed once however many entries a list has.
#[derive(Default)]
struct Hashes(Vec<(DigestAlgorithm, Hash)>);

impl Hashes {
    fn of(&mut self, certificate: &Certificate<'_>, digest: DigestAlgorithm) -> &[u8] {
        let known = self.0.iter().position(|(known, _)| *known == digest);
        let place = known.unwrap_or_else(|| {
            self.0.push((digest, digest.hash(certificate.signed)));
            self.0.len().saturating_sub(1)
        });
        self.0.get(place).map(|(_, hash)| hash.bytes()).unwrap_or_default()
    }
}

/// No list has what the chain leads to.
fn nobody(links: &[Link<'_, '_>]) -> Refusal {
    let top = links.last().map(|link| crate::subject::Subject::new(link.certificate.issuer));
    Refusal::NotInLists { issuer: top.map(|name| name.to_string()).unwrap_or_default() }
}
