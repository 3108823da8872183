// SPDX-License-Identifier: MIT OR Apache-2.0
//! What was found, in words.

use super::{Report, Sbat};
use authenticode::{CertificateName, DigestAlgorithm, Examined, How, Verdict};
use std::fmt::Write as _;

/// The whole answer.
pub(super) fn print(report: &Report<'_>) -> String {
    let mut text = String::new();
    line(&mut text, format_args!("{}", report.file));
    line(&mut text, format_args!("  SHA-256 (Authenticode): {}", digest(report)));
    for (number, signature) in (1..).zip(&report.judgement.signatures) {
        line(&mut text, format_args!("  signature {number}: {}", examined(signature)));
    }
    if report.judgement.signatures.is_empty() {
        line(&mut text, format_args!("  signatures: none"));
    }
    sbat(&mut text, &report.sbat);
    let lists = if report.lists.is_empty() { "none".into() } else { report.lists.join(", ") };
    line(&mut text, format_args!("  lists: {lists}"));
    line(&mut text, format_args!("{}", verdict(report)));
    text
}

fn line(text: &mut String, words: std::fmt::Arguments<'_>) {
    // Writing to a String does not fail.
    let _ = writeln!(text, "{words}");
}

/// The image's SHA-256 in hexadecimal.
pub(super) fn digest(report: &Report<'_>) -> String {
    hexadecimal(report.image.digests.get(DigestAlgorithm::Sha256).unwrap_or_default())
}

/// Bytes in hexadecimal.
pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn examined(signature: &Examined) -> String {
    let by = |name: &CertificateName| format!("{} ({})", name.subject, hexadecimal(&name.sha256));
    let signer = signature.signer.as_ref().map_or("(unknown signer)".into(), by);
    let outcome = match &signature.outcome {
        Ok(trust) => match &trust.how {
            How::Signature { signer, authority } if signer != authority => {
                format!("trusted through {} in {}", by(authority), trust.list)
            }
            _ => format!("trusted, in {}", trust.list),
        },
        Err(refusal) => format!("does not count: {refusal}"),
    };
    match signature.digest {
        Some(digest) => format!("{digest}, by {signer}: {outcome}"),
        None => outcome,
    }
}

fn sbat(text: &mut String, sbat: &Sbat<'_>) {
    match &sbat.components {
        None => line(
            text,
            format_args!("  SBAT: no section; a loader that shim starts needs one, a kernel does not"),
        ),
        Some(Err(refusal)) => line(text, format_args!("  SBAT: {refusal}")),
        Some(Ok(components)) => {
            for one in components {
                let least = sbat.level.as_ref().and_then(|level| level.least_of(one.name));
                let (name, version) = (harmless(one.name), harmless(one.version));
                let level = least.map(|least| format!(", at least {least} needed")).unwrap_or_default();
                line(text, format_args!("  SBAT: {name}, generation {}{level} ({version})", one.generation));
            }
        }
    }
    if let Some(date) = sbat.level.as_ref().and_then(sbat::Level::date) {
        line(text, format_args!("  SBAT level: {}", harmless(date)));
    }
}

/// The sentence at the end.
pub(super) fn verdict(report: &Report<'_>) -> String {
    if let (Verdict::Trusted(_), true) = (&report.judgement.verdict, report.sbat.refuses()) {
        return match report.sbat.revoked() {
            Some(revoked) => {
                let (name, generation) = (harmless(revoked.component.name), revoked.component.generation);
                format!(
                    "refused: SBAT revokes {name} below generation {}; this is {generation}",
                    revoked.least
                )
            }
            None => "refused: its SBAT cannot be read".into(),
        };
    }
    report.judgement.verdict.to_string()
}

/// A text of the file without anything that a terminal might take amiss.
fn harmless(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '?' } else { c }).collect()
}
