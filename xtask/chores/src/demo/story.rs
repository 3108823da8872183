// SPDX-License-Identifier: MIT OR Apache-2.0
//! What LamBoot recorded about the boot, told from the files that it left on the disk.

use std::fmt::Write as _;

use anyhow::{Context as _, Result, bail};
use lamboot_schema::boot_report::BootReport;
use lamboot_schema::paths;
use lamboot_vm::Esp;
use serde_json::Value;

/// The story of the last boot.
///
/// # Errors
/// LamBoot left no report, for instance because the machine was ended in the menu.
pub(super) fn tell(esp: &Esp) -> Result<String> {
    if !esp.exists(paths::BOOT_REPORT)? {
        bail!("the machine ended before LamBoot handed over to a kernel, so no boot was recorded");
    }
    let report = esp.read(paths::BOOT_REPORT)?;
    let report = BootReport::from_slot(&report).context("the report is damaged")?;
    let trust = esp.text(paths::TRUST_LOG).unwrap_or_default();
    Ok(format!("{}\n{}", of_report(&report), of_trust_log(&trust)))
}

fn of_report(report: &BootReport) -> String {
    let mut text =
        format!("What LamBoot {} recorded\n\n{}\n", report.lamboot_version, slashes(paths::BOOT_REPORT));
    let mut line = |name: &str, value: &str| {
        let _ = writeln!(text, "  {name:<13} {value}");
    };
    line("entry", &format!("{} ({})", report.entry_name, report.entry_id));
    line("image", &format!("{} ({})", report.path, report.verified_via));
    line("command line", &report.command_line);
    line("chosen by", &report.chosen_by);
    line("outcome", &report.outcome);
    line("secure boot", &report.secure_boot);
    line("time", &times(report));
    line("health", &health(report));
    for reason in &report.degraded {
        line("degraded", reason);
    }
    text
}

fn times(report: &BootReport) -> String {
    let metrics = &report.metrics;
    let milliseconds = |us: u64| us / 1000;
    format!(
        "{} ms in LamBoot, {} of them waiting in the menu",
        milliseconds(metrics.boot_total_us),
        milliseconds(metrics.menu_wait_us)
    )
}

fn health(report: &BootReport) -> String {
    let health = &report.health;
    format!(
        "{}; {} failed attempts in a row of {} allowed",
        health.verdict, health.crash_count, health.crash_threshold
    )
}

/// The trust log: a line of JSON for each decision.
fn of_trust_log(log: &str) -> String {
    let mut text = format!("{}\n", slashes(paths::TRUST_LOG));
    for record in log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
        let _ = writeln!(text, "  {}", of_record(&record).trim_end());
    }
    text
}

fn of_record(record: &Value) -> String {
    let word = |key: &str| record[key].as_str().unwrap_or_default().to_owned();
    let sequence = record["seq"].as_u64().unwrap_or_default();
    let milliseconds = record["t_us"].as_u64().unwrap_or_default() / 1000;
    let detail = [word("path"), word("status"), word("note")].into_iter().filter(|word| !word.is_empty());
    let detail = detail.collect::<Vec<_>>().join("  ");
    format!("{sequence:>3} {milliseconds:>6} ms  {:<18} {detail}", word("event"))
}

fn slashes(path: &str) -> String {
    path.replace('\\', "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_one_readable_line() {
        let log = "{\"seq\":2,\"t_us\":5400,\"event\":\"image_read\",\"path\":\"/demo/linux\",\"status\":\"ok\"}\nhalf a li";
        assert_eq!(
            of_trust_log(log),
            "/loader/boot-trust.log\n    2      5 ms  image_read         /demo/linux  ok\n"
        );
    }

    #[test]
    fn the_report_is_told_in_words() {
        let report = BootReport {
            entry_name: "Linux".into(),
            entry_id: "demo.conf".into(),
            degraded: vec!["the log is full".into()],
            ..BootReport::default()
        };
        let text = of_report(&report);
        assert!(text.contains("entry         Linux (demo.conf)\n"), "{text}");
        assert!(text.contains("degraded      the log is full\n"), "{text}");
    }
}
