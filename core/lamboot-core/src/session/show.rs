// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the menu is filled with.

use super::{MAX_NOTICES, Session, VERSION};
use crate::entry::{Entry, EntryKind};
use crate::facts::SecureBoot;
use crate::health::Verdict;
use crate::menu::{Badge, Countdown, Detail, Header, Item, Model};
use crate::policy::means;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// The most mistakes in files that the menu shows at once; all of them are in the log.
const SHOWN_MISTAKES: usize = 3;

impl Session<'_, '_> {
    pub(super) fn model(&mut self, selected: usize, countdown: Option<Countdown>) -> Model {
        let facts = &self.facts;
        let machine = format!("{}, {}", facts.secure_boot.sentence(), facts.architecture.name());
        let header = Header { version: VERSION.into(), machine };
        let items = self.found.entries.iter().map(|entry| self.item(entry)).collect();
        let mut model = Model::new(header, items, selected, countdown);
        model.rejected = self
            .found
            .rejected
            .iter()
            .map(|rejected| format!("{}: {}", rejected.path, rejected.reason))
            .collect();
        model.notices = self.all_notices();
        model.editing = self.editing();
        model.status = self.status();
        model
    }

    fn item(&self, entry: &Entry) -> Item {
        let failed_now = self.failures.iter().any(|failure| failure.id == entry.id);
        let failed_before = self.health.failed_entry().is_some_and(|id| entry.is_remembered_as(id));
        let tries = match &entry.counter {
            Some(counter) if counter.left == 0 => String::from("no tries left"),
            Some(counter) => format!("{} tries left", counter.left),
            None => String::new(),
        };
        let failed = if failed_now || failed_before { "failed" } else { "" };
        let words = [version(entry), tries.as_str(), failed];
        let remark = words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(", ");
        let is = |stored: Option<&String>| stored.is_some_and(|stored| means(stored, &entry.id));
        Item {
            title: entry.title.clone(),
            remark,
            options: entry.command_line().into(),
            // A stub takes no other line than the signed one then (UAPI.5).
            ignores_changes: entry.built_in.is_some() && self.facts.secure_boot == SecureBoot::On,
            failed: failed_now || failed_before || entry.is_bad(),
            badge: badge(entry.kind),
            is_default: is(self.requests.default.as_ref()),
            is_next: is(self.asked_next.as_ref()),
            never_default: entry.never_default,
            group: entry.group.clone(),
            details: self.verdicts(entry).into_iter().chain(details(entry)).collect(),
        }
    }

    /// Whether the entry may start, and why it did not.
    fn verdicts(&self, entry: &Entry) -> Vec<Detail> {
        let refused = self.policy.refusal(&entry.image, self.facts.secure_boot);
        let failure = self.failures.iter().rev().find(|failure| failure.id == entry.id);
        // What policy refuses is said below.
        let reason = failure.map(|failure| failure.reason.as_str()).filter(|reason| refused != Some(reason));
        let failed = reason.map(|reason| Detail::alert("Failed", reason));
        let (count, threshold) = (self.health.crash_count, self.health.threshold);
        let is_remembered = self.health.failed_entry().is_some_and(|id| entry.is_remembered_as(id));
        let before = format!("did not come up ({count} of {threshold})");
        let before = is_remembered.then(|| Detail::alert("Last boot", before));
        failed.into_iter().chain(before).chain(self.trust(entry, refused)).collect()
    }

    /// Who checks the image, or who refuses it.
    fn trust(&self, entry: &Entry, refused: Option<&str>) -> Option<Detail> {
        let secure_boot = self.facts.secure_boot;
        if matches!(entry.kind, EntryKind::Machine(_)) {
            return None;
        }
        if let Some(reason) = refused {
            return Some(Detail::alert("Trust", format!("refused: {reason}")));
        }
        let who = match secure_boot {
            SecureBoot::On => "the firmware checks the image",
            SecureBoot::Unknown => "the firmware may check the image",
            SecureBoot::Off | SecureBoot::Setup => "nobody checks the image",
        };
        Some(Detail::new("Trust", format!("{}: {who}", secure_boot.sentence())))
    }

    /// What the owner should know, the most important first.
    fn all_notices(&self) -> Vec<String> {
        let mut notices: Vec<String> = self.notices.iter().take(MAX_NOTICES).cloned().collect();
        notices.extend(self.esp.as_ref().err().cloned());
        notices.extend(self.stop.as_ref().map(|reason| format!("Nothing starts by itself: {reason}.")));
        notices.extend(self.policy_notices.iter().take(SHOWN_MISTAKES).cloned());
        if self.esp.is_ok() && self.found.entries.is_empty() {
            notices.push(format!("No entry in {} can be started.", lamboot_schema::paths::ENTRIES));
        }
        notices.extend(self.health_notice());
        notices.extend(self.recorder.degraded.iter().cloned());
        notices
    }

    fn health_notice(&self) -> Option<String> {
        let last = self.health.failed_entry().unwrap_or("the last entry");
        let (count, threshold) = (self.health.crash_count, self.health.threshold);
        match self.health.verdict {
            Verdict::First | Verdict::Good | Verdict::Restored => None,
            Verdict::Failed => Some(format!("{last} did not come up ({count} of {threshold}).")),
            Verdict::CrashLoop => Some(format!("Crash loop: {last} did not come up {count} times in a row.")),
        }
    }

    /// What is known about machine and loader.
    fn status(&mut self) -> Vec<String> {
        let facts = &self.facts;
        let mut lines = alloc::vec![
            format!("LamBoot {VERSION} for {}", facts.architecture.name()),
            format!("Firmware: {}, {}", facts.firmware, facts.firmware_type),
            String::from(facts.secure_boot.sentence()),
            String::from(if facts.tpm { "TPM 2.0" } else { "No TPM" }),
        ];
        if let Ok(esp) = &self.esp {
            lines.extend(esp.loader_path.iter().map(|path| format!("Loader: {path}")));
            lines.extend(esp.partition_guid.iter().map(|guid| format!("Partition: {guid}")));
        }
        lines.extend(facts.hypervisor.iter().map(|name| format!("Hypervisor: {name}")));
        lines.extend(self.requests.default.iter().map(|id| format!("Default: {id}")));
        lines.extend(self.requests.preferred.iter().map(|id| format!("Preferred: {id}")));
        lines.push(format!("Last boot: {}", self.health.verdict.word()));
        let (modes, mode) = self.ports.screen.modes();
        lines.push(format!("Text mode: {mode} of {modes}"));
        lines
    }
}

/// What tells the entry from others of its title: its version, or the ISO file that it is in.
fn version(entry: &Entry) -> &str {
    match entry.kind {
        EntryKind::Iso => entry.file.rsplit('\\').next().unwrap_or_default(),
        _ => &entry.version,
    }
}

const fn badge(kind: EntryKind) -> Badge {
    match kind {
        EntryKind::Linux => Badge::Linux,
        EntryKind::Uki => Badge::Uki,
        EntryKind::Iso => Badge::Iso,
        EntryKind::Chainload => Badge::Program,
        EntryKind::Windows => Badge::Windows,
        EntryKind::Machine(_) => Badge::Machine,
    }
}

fn details(entry: &Entry) -> Vec<Detail> {
    let mut details = Vec::new();
    let mut add = |label, value: &str| {
        if !value.is_empty() {
            details.push(Detail::new(label, value));
        }
    };
    add("Id", &entry.id);
    add("Version", &entry.version);
    add("Snapshot", &entry.snapshot);
    add("Volume", &entry.volume_identity.name);
    add("File", &entry.file);
    add("Image", &entry.image);
    for initrd in &entry.initrds {
        add("Initrd", initrd);
    }
    add("Device tree", entry.devicetree.as_deref().unwrap_or(""));
    for extra in &entry.extra {
        add("Sidecar", extra);
    }
    add("Options", &entry.options);
    add("Built in", entry.built_in.as_deref().unwrap_or(""));
    if let Some(counter) = &entry.counter {
        add("Next name", &counter.spent_name);
    }
    add("Identity", &entry.volume_identity.to_string());
    details
}
