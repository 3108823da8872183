// SPDX-License-Identifier: MIT OR Apache-2.0
//! What can go wrong around a virtual machine, worded for the person who runs the test.

use std::{io, path::PathBuf, time::Duration};

/// A failure of the harness or of the machine under test.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VmError {
    /// A program that the harness starts is not installed.
    #[error("`{tool}` is not installed: install the package {packages}")]
    MissingTool {
        /// The program, as it would be typed.
        tool: String,
        /// Where distributions keep it.
        packages: &'static str,
    },
    /// None of the distributions' places holds UEFI firmware for this architecture.
    #[error("no UEFI firmware for {arch}: install the package {packages}; looked at {}", list(looked_at))]
    MissingFirmware {
        /// Architecture as QEMU spells it.
        arch: &'static str,
        /// Where distributions keep it.
        packages: &'static str,
        /// Every file that was tried.
        looked_at: Vec<PathBuf>,
    },
    /// Files that a scenario needs have not been built.
    #[error("{} is missing: run `cargo xtask build`", list(missing))]
    MissingArtifact {
        /// The files, in the order in which they were asked for.
        missing: Vec<PathBuf>,
    },
    /// Nothing like the expected text arrived in time.
    #[error("waited {} s for {wanted}; the last lines were:\n{tail}", waited.as_secs())]
    Timeout {
        /// What was awaited.
        wanted: String,
        /// How long.
        waited: Duration,
        /// The end of the console.
        tail: String,
    },
    /// The machine stopped before the expected thing happened.
    #[error("the machine stopped before {wanted}; the last lines were:\n{tail}")]
    Stopped {
        /// What was awaited.
        wanted: String,
        /// The end of the console and of QEMU's messages.
        tail: String,
    },
    /// QEMU refused a command of its control protocol.
    #[error("QEMU refused `{command}`: {message}")]
    Qmp {
        /// The command.
        command: String,
        /// QEMU's words.
        message: String,
    },
    /// A disk image could not be made or read.
    #[error("{image}: {reason}")]
    Image {
        /// The image, or the file within it.
        image: String,
        /// What is wrong.
        reason: String,
    },
    /// The host's operating system failed.
    #[error("{doing}: {source}")]
    Io {
        /// What was attempted.
        doing: String,
        /// The system's reason.
        source: io::Error,
    },
}

/// The harness's result type.
pub type Result<T, E = VmError> = std::result::Result<T, E>;

/// Adds what was being attempted to an operating system error.
pub(crate) trait Doing<T> {
    /// Names the attempt; evaluated only on failure.
    fn doing<D: Into<String>>(self, what: impl FnOnce() -> D) -> Result<T>;
}

impl<T, E: Into<io::Error>> Doing<T> for std::result::Result<T, E> {
    fn doing<D: Into<String>>(self, what: impl FnOnce() -> D) -> Result<T> {
        self.map_err(|source| VmError::Io { doing: what().into(), source: source.into() })
    }
}

fn list(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
}
