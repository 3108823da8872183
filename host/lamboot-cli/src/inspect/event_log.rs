// SPDX-License-Identifier: MIT OR Apache-2.0
//! `lamboot inspect event-log`: what was measured, and whether the TPM has it so.

mod document;
mod text;
mod tpm;

use crate::exit::Exit;
use document::Document;
use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use tcg_eventlog::LOG_BYTES_MAX;
use tpm::Tpm;

/// Where Linux has the log of this boot.
const DEFAULT_FILE: &str = "/sys/kernel/security/tpm0/binary_bios_measurements";
/// Where it has the TPM.
const DEFAULT_TPM: &str = "/sys/class/tpm/tpm0";

/// Say what firmware and boot loaders measured, and whether the TPM has it so.
///
/// Reads a TCG event log, says for each event whether its data are what was hashed, and computes the values
/// that PCRs have after all events. Those of this boot's log are compared with the TPM's. What the running
/// system measures afterwards is in no such log: PCRs that it extends may have moved on, and do not count.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit codes: 0 done, and what was compared is the same; 1 failed; 6 this machine has no \
                  event log; 13 a PCR has another value than the log leads to"
)]
pub(super) struct Arguments {
    /// Event log [default: this boot's]
    file: Option<PathBuf>,
    /// Compare with the PCRs in DIR/pcr-BANK [default: this machine's, for this boot's log]
    #[arg(long, value_name = "DIR")]
    tpm: Option<PathBuf>,
    /// Print a JSON document
    #[arg(long)]
    json: bool,
    /// Leave out the events
    #[arg(long)]
    pcrs_only: bool,
}

impl Arguments {
    fn file(&self) -> &Path {
        self.file.as_deref().unwrap_or(Path::new(DEFAULT_FILE))
    }

    /// Another machine's log has nothing to do with the TPM of this one.
    fn tpm(&self) -> Option<Tpm> {
        let of_this_boot = self.file.is_none().then(|| Path::new(DEFAULT_TPM));
        self.tpm.as_deref().or(of_this_boot).map(Tpm::new)
    }
}

/// Runs the command and tells how it ended.
pub(super) fn run(arguments: &Arguments) -> Exit {
    let file = arguments.file();
    let bytes = match read(file) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound && arguments.file.is_none() => {
            complain(
                file,
                &"no event log: there is no TPM, firmware keeps no log, or securityfs is not mounted",
            );
            return Exit::NotApplicable;
        }
        Err(error) => {
            complain(file, &error);
            return Exit::Failed;
        }
    };
    match inspect(arguments, &bytes) {
        Ok(exit) => exit,
        Err(reason) => {
            complain(file, &reason);
            Exit::Failed
        }
    }
}

fn complain(file: &Path, reason: &dyn std::fmt::Display) {
    eprintln!("lamboot inspect event-log: {}: {reason}", file.display());
}

/// Reads as much as can be a log, and a byte more.
fn read(file: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let most = u64::try_from(LOG_BYTES_MAX).unwrap_or(u64::MAX).saturating_add(1);
    File::open(file)?.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Prints what is in the log, as far as it can be read.
fn inspect(arguments: &Arguments, bytes: &[u8]) -> Result<Exit, String> {
    let mut found = Document::of(bytes, arguments.tpm().as_ref()).map_err(|error| error.to_string())?;
    if arguments.pcrs_only {
        found.events = None;
    }
    let text = if arguments.json { found.json()? } else { text::of(&found) };
    say(text.as_bytes()).map_err(|error| error.to_string())?;
    match found.error.take() {
        Some(error) => Err(error),
        None if found.differs() => Ok(Exit::DoesNotHold),
        None => Ok(Exit::Ok),
    }
}

/// Writes to standard output. A reader that has seen enough is no failure.
fn say(bytes: &[u8]) -> io::Result<()> {
    match io::stdout().lock().write_all(bytes) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}
