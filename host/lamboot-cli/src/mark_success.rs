// SPDX-License-Identifier: MIT OR Apache-2.0
//! `lamboot mark-success`: tell LamBoot that this boot came up.

use crate::exit::Exit;
use lamboot_host::efivarfs::{DEFAULT_DIRECTORY, Efivarfs};
use lamboot_host::efivars::VarError;
use lamboot_host::mark_success::{Decision, Loader, Observed, Write, perform};
use lamboot_schema::variables::HealthState;
use std::path::PathBuf;

/// Tell LamBoot that this boot came up.
///
/// Stores in UEFI variables that the system has come up and that no failures are counted any more,
/// where that is not stored already, and only when LamBoot started this boot. The service
/// lamboot-mark-success runs it at every boot.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit codes: 0 done, or it was so already; 1 failed; 6 LamBoot did not start this boot; \
                  7 no UEFI variables here"
)]
pub(crate) struct Arguments {
    /// Say what would be done, and do nothing
    #[arg(short = 'n', long)]
    dry_run: bool,
    /// Print only what went wrong
    #[arg(short, long)]
    quiet: bool,
    /// Where UEFI variables are
    #[arg(long, value_name = "DIR", default_value = DEFAULT_DIRECTORY)]
    efivars: PathBuf,
}

/// Runs the command, prints what it did, and tells how it ended.
pub(crate) fn run(arguments: &Arguments) -> Exit {
    let mut vars = Efivarfs::new(&arguments.efivars);
    if !vars.is_there() {
        eprintln!("{}", nothing_there(arguments));
        return Exit::MissingPrerequisite;
    }
    match mark(&mut vars, arguments.dry_run) {
        Ok((exit, message)) => {
            if !arguments.quiet {
                println!("{message}");
            }
            exit
        }
        Err(error) => {
            eprintln!("lamboot mark-success: {error}");
            Exit::Failed
        }
    }
}

fn mark(vars: &mut Efivarfs, dry_run: bool) -> Result<(Exit, String), VarError> {
    let observed = Observed::read(vars)?;
    Ok(match observed.decide() {
        Decision::NotOurs(loader) => (Exit::NotApplicable, not_ours(&loader)),
        Decision::AlreadyGood => (Exit::Ok, "This boot is marked as good already.".to_owned()),
        Decision::Mark(writes) => {
            if !dry_run {
                perform(&writes, vars)?;
            }
            (Exit::Ok, marked(&observed, &writes, dry_run))
        }
    })
}

fn nothing_there(arguments: &Arguments) -> String {
    format!(
        "lamboot mark-success: no UEFI variables in {}. Either this machine was not started by UEFI, or \
         efivarfs is not mounted: `mount -t efivarfs efivarfs {DEFAULT_DIRECTORY}`",
        arguments.efivars.display()
    )
}

fn not_ours(loader: &Loader) -> String {
    let reason = match loader {
        Loader::Other(name) => format!("{name} did"),
        Loader::LeftOver => {
            "LoaderInfo names it, but survives resets, so it may be from another boot".to_owned()
        }
        Loader::LamBoot(_) | Loader::Unknown => "no boot loader says that it did".to_owned(),
    };
    format!("Nothing to mark: LamBoot did not start this boot; {reason}.")
}

fn marked(observed: &Observed, writes: &[Write], dry_run: bool) -> String {
    let what = observed.selected.as_deref().unwrap_or("this boot");
    let verb = if dry_run { "Would mark" } else { "Marked" };
    let changes: Vec<String> = writes.iter().map(|write| change(observed, write)).collect();
    format!("{verb} {what} as good: {}.", changes.join(", "))
}

fn change(observed: &Observed, write: &Write) -> String {
    match write {
        Write::LastEntry(id) => {
            format!("LamBootLastEntry {} -> {id}", observed.last_entry.as_deref().unwrap_or("(none)"))
        }
        Write::BootedOk => format!("LamBootState {} -> BootedOK", state_name(observed.state)),
        Write::NoCrashes => match observed.crash_count {
            Some(count) => format!("LamBootCrashCount {count} -> 0"),
            None => "LamBootCrashCount (none) -> 0".to_owned(),
        },
    }
}

fn state_name(state: Option<HealthState>) -> &'static str {
    match state {
        None => "(none)",
        Some(HealthState::Fresh) => "Fresh",
        Some(HealthState::Booting) => "Booting",
        Some(HealthState::BootedOk) => "BootedOK",
        Some(HealthState::CrashLoop) => "CrashLoop",
    }
}
