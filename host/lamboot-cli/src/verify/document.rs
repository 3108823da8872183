// SPDX-License-Identifier: MIT OR Apache-2.0
//! What was found, as `--json` prints it. Members are added to, never renamed.

use super::{Report, text};
use authenticode::{CertificateName, Examined, How, Verdict};
use serde::Serialize;

/// The name of the format.
const FORMAT: &str = "lamboot-verify/1";

/// The answer.
#[derive(Debug, Serialize)]
struct Document {
    format: &'static str,
    file: String,
    /// In bytes.
    size: u64,
    /// Authenticode's, in hexadecimal.
    sha256: String,
    trusted: bool,
    /// In words.
    verdict: String,
    /// Why it is refused, by a name that stays the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    /// The list that trusts it.
    #[serde(skip_serializing_if = "Option::is_none")]
    list: Option<String>,
    /// The lists that were asked.
    lists: Vec<String>,
    signatures: Vec<Signature>,
    sbat: Sbat,
}

#[derive(Debug, Serialize)]
struct Signature {
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    signer: Option<Certificate>,
    /// What in a list trusts it.
    #[serde(skip_serializing_if = "Option::is_none")]
    authority: Option<Certificate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    list: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

#[derive(Debug, Serialize)]
struct Certificate {
    subject: String,
    sha256: String,
}

#[derive(Debug, Serialize)]
struct Sbat {
    /// Whether there is a section.
    section: bool,
    components: Vec<Component>,
    #[serde(skip_serializing_if = "Option::is_none")]
    level: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

#[derive(Debug, Serialize)]
struct Component {
    name: String,
    generation: u32,
    version: String,
    /// The least generation that is not revoked.
    #[serde(skip_serializing_if = "Option::is_none")]
    least: Option<u32>,
}

/// The whole answer.
pub(super) fn print(report: &Report<'_>) -> String {
    let document = Document {
        format: FORMAT,
        file: report.file.clone(),
        size: report.image.size,
        sha256: text::digest(report),
        trusted: report.is_trusted(),
        verdict: text::verdict(report),
        reason: reason(report),
        list: match &report.judgement.verdict {
            Verdict::Trusted(trust) => Some(trust.list.clone()),
            Verdict::Refused(_) => None,
        },
        lists: report.lists.clone(),
        signatures: report.judgement.signatures.iter().map(signature).collect(),
        sbat: sbat(&report.sbat),
    };
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

fn reason(report: &Report<'_>) -> Option<&'static str> {
    match &report.judgement.verdict {
        Verdict::Refused(refusal) => Some(refusal.token()),
        Verdict::Trusted(_) if report.sbat.revoked().is_some() => Some("sbat_revoked"),
        Verdict::Trusted(_) => match &report.sbat.components {
            Some(Err(refusal)) if report.sbat.refuses() => Some(refusal.token()),
            _ => None,
        },
    }
}

fn signature(examined: &Examined) -> Signature {
    let trust = examined.outcome.as_ref().ok();
    let refusal = examined.outcome.as_ref().err();
    Signature {
        digest: examined.digest.map(|digest| digest.to_string()),
        signer: examined.signer.as_ref().map(certificate),
        authority: trust.and_then(|trust| match &trust.how {
            How::Signature { authority, .. } => Some(certificate(authority)),
            How::ImageDigest(_) => None,
        }),
        list: trust.map(|trust| trust.list.clone()),
        reason: refusal.map(authenticode::Refusal::token),
        message: refusal.map(ToString::to_string),
    }
}

fn certificate(name: &CertificateName) -> Certificate {
    Certificate { subject: name.subject.clone(), sha256: text::hexadecimal(&name.sha256) }
}

fn sbat(found: &super::Sbat<'_>) -> Sbat {
    let least = |name: &str| found.level.as_ref().and_then(|level| level.least_of(name));
    let components = found.components.iter().flatten().flatten().map(|one| Component {
        name: one.name.to_owned(),
        generation: one.generation,
        version: one.version.to_owned(),
        least: least(one.name),
    });
    Sbat {
        section: found.components.is_some(),
        components: components.collect(),
        level: found.level.as_ref().and_then(sbat::Level::date).map(str::to_owned),
        message: found.components.as_ref().and_then(|read| read.as_ref().err()).map(ToString::to_string),
    }
}
