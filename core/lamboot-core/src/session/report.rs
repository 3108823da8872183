// SPDX-License-Identifier: MIT OR Apache-2.0
//! What `boot.json` says about this boot.

use super::{Session, Start, VERSION};
use crate::facts::ClockSource;
use crate::image::Ready;
use alloc::string::{String, ToString};
use lamboot_schema::boot_report::{self as schema, BootReport, BootTiming, Clock, Metrics, Rejected};
use lamboot_schema::volume::VolumeIdentity;

/// How the attempt ended, as far as the loader can know.
#[derive(Clone, Copy)]
pub(super) enum Outcome<'o> {
    /// The image was given the machine.
    HandedOver,
    /// The image gave it back, with this status.
    Returned(&'o str),
}

impl Session<'_, '_> {
    pub(super) fn write_report(&mut self, start: &Start, ready: Option<&Ready>, outcome: Outcome<'_>) {
        let now = self.now();
        let mut report = self.report(start, now.0);
        if let Some(ready) = ready {
            report.verified_via = ready.via.token().into();
            fill_figures(&mut report.metrics, ready, self.measured);
        }
        (report.outcome, report.outcome_detail) = match outcome {
            Outcome::HandedOver => ("handed_over".into(), None),
            Outcome::Returned(status) => ("returned".into(), Some(status.into())),
        };
        if let Ok(esp) = &self.esp {
            self.recorder.report(now, esp, self.ports.store, report);
        }
    }

    fn report(&self, start: &Start, total_us: u64) -> BootReport {
        let facts = &self.facts;
        BootReport {
            schema: schema::SCHEMA.into(),
            boot_id: self.recorder.boot_id().into(),
            lamboot_version: VERSION.into(),
            lamboot_arch: facts.architecture.name().into(),
            timestamp: self.recorder.wall().map(String::from),
            entry_id: start.entry.id.clone(),
            entry_name: start.entry.title.clone(),
            entry_type: start.entry.kind.word().into(),
            path: start.entry.image.clone(),
            volume: VolumeIdentity::clone(&start.entry.volume_identity),
            verified_via: String::new(),
            loader: "firmware".into(),
            system_manufacturer: facts.manufacturer.clone(),
            system_product: facts.product.clone(),
            fleet_id: facts.fleet_id.clone(),
            vmid: facts.vmid.clone(),
            hypervisor: facts.hypervisor.clone(),
            boot_timing_ms: BootTiming {
                health: self.times.health / 1000,
                discovery: self.times.discovery / 1000,
                total: total_us / 1000,
            },
            secure_boot: facts.secure_boot.word().into(),
            command_line: start.options.clone(),
            chosen_by: start.by.word().into(),
            outcome: String::new(),
            outcome_detail: None,
            health: self.health_report(),
            metrics: self.metrics(total_us),
            clock: clock(&facts.clock),
            rejected: self.found.rejected.iter().take(crate::discover::MAX_RECORDED).map(rejected).collect(),
            degraded: self.recorder.degraded.clone(),
        }
    }

    fn health_report(&self) -> schema::Health {
        schema::Health {
            verdict: self.health.verdict.word().into(),
            crash_count: self.health.crash_count,
            crash_threshold: self.health.threshold,
            last_entry: self.health.last_entry.clone(),
            last_good: self.health.last_good.clone(),
        }
    }

    fn metrics(&self, total_us: u64) -> Metrics {
        let (trust_events, trust_dropped) = self.recorder.counts();
        let count = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        Metrics {
            boot_total_us: total_us,
            menu_wait_us: self.times.menu,
            boot_work_us: total_us.saturating_sub(self.times.menu),
            bls_scan_us: self.times.discovery,
            bls_found: count(self.found.entries.len()),
            bls_rejected: count(self.found.rejected.len()),
            crash_counter: self.health.crash_count,
            trust_events,
            trust_dropped,
            ..Metrics::default()
        }
    }
}

/// `files` were measured before the image, and could not be.
fn fill_figures(metrics: &mut Metrics, ready: &Ready, files: (u32, u32)) {
    let figures = &ready.figures;
    metrics.kernel_bytes = Some(figures.image_bytes);
    metrics.kernel_read_us = Some(figures.read_us);
    metrics.image_load_us = Some(figures.load_us);
    metrics.initrd_bytes = figures.initrd_bytes;
    metrics.initrd_count = u32::try_from(ready.initrds.len()).unwrap_or(u32::MAX);
    metrics.tpm_extends = figures.measured.map(|(made, _)| made.saturating_add(files.0));
    metrics.tpm_failed = figures.measured.map(|(_, failed)| failed.saturating_add(files.1));
}

fn rejected(rejected: &crate::discover::Rejected) -> Rejected {
    Rejected {
        path: rejected.path.clone(),
        volume: rejected.volume.to_string(),
        reason: rejected.reason.clone(),
    }
}

fn clock(source: &ClockSource) -> Clock {
    let quality = if source.exact { "exact" } else { "calibrated" };
    Clock { source: source.name.into(), hz: source.hz, quality: quality.into() }
}
