// SPDX-License-Identifier: MIT OR Apache-2.0
//! `lamboot inspect`: what a boot left behind, read and checked.

mod event_log;
mod trust_log;

use std::process::ExitCode;

/// Look at what a boot left behind.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    EventLog(event_log::Arguments),
    TrustLog(trust_log::Arguments),
}

/// Runs the command and tells how it ended.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    match &arguments.command {
        Command::EventLog(arguments) => event_log::run(arguments).into(),
        Command::TrustLog(arguments) => trust_log::run(arguments).into(),
    }
}
