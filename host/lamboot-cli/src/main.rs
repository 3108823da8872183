// SPDX-License-Identifier: MIT OR Apache-2.0
//! LamBoot's tools for the running system: one program, many names.
//!
//! `lamboot mark-success` is also reachable as `lamboot-mark-success`, through a link of that name.
//!
//! # What this does not do
//!
//! It decides nothing: each command reads through `lamboot-host`, asks it what to do, does that,
//! and says so.
#![forbid(unsafe_code)]

mod exit;
mod mark_success;
mod names;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Tools for machines that LamBoot starts.
#[derive(Debug, Parser)]
#[command(name = "lamboot", version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    MarkSuccess(mark_success::Arguments),
}

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse_from(names::split(std::env::args_os())) {
        Ok(arguments) => arguments,
        Err(error) => return exit::of_usage(&error),
    };
    match arguments.command {
        Command::MarkSuccess(arguments) => mark_success::run(&arguments).into(),
    }
}
