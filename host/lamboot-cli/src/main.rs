// SPDX-License-Identifier: MIT OR Apache-2.0
//! LamBoot's tools for the running system: one program, many names.
//!
//! `lamboot mark-success` is also reachable as `lamboot-mark-success`, through a link of that name, and
//! so are the others.
//!
//! # What this does not do
//!
//! It decides nothing about machines: such commands read through `lamboot-host`, ask it what to do, do
//! that, and say so. Hashes of passwords are made by `lamboot-core`, which checks them in the loader.
#![forbid(unsafe_code)]

mod exit;
mod fs;
mod inspect;
mod mark_success;
mod names;
mod password;
mod terminal;
mod verify;

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
    Fs(fs::Arguments),
    Inspect(inspect::Arguments),
    MarkSuccess(mark_success::Arguments),
    Password(password::Arguments),
    Verify(verify::Arguments),
}

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse_from(names::split(std::env::args_os())) {
        Ok(arguments) => arguments,
        Err(error) => return exit::of_usage(&error),
    };
    match arguments.command {
        Command::Fs(arguments) => fs::run(&arguments).into(),
        Command::Inspect(arguments) => inspect::run(&arguments),
        Command::MarkSuccess(arguments) => mark_success::run(&arguments).into(),
        Command::Password(arguments) => password::run(&arguments).into(),
        Command::Verify(arguments) => verify::run(&arguments).into(),
    }
}
