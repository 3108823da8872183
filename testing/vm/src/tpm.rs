// SPDX-License-Identifier: MIT OR Apache-2.0
//! A software TPM 2.0 beside a machine.

use std::{ffi::OsString, fs, path::Path, thread, time::Duration, time::Instant};

use crate::{
    Result, VmError,
    error::Doing,
    process::{Mode, Process},
    tools::SWTPM,
};

/// The control socket, relative to the machine's folder.
pub(crate) const SOCKET: &str = "tpm/socket";

/// Whether the TPM begins with a fresh start or gets its state from a saved machine.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Startup {
    /// Power-on.
    Clear,
    /// The state arrives with the machine's saved state.
    FromSavedState,
}

/// Starts a software TPM whose state lives in `folder/tpm`.
///
/// # Errors
/// When `swtpm` is missing or does not offer its socket before `until`.
pub(crate) fn start(folder: &Path, startup: Startup, until: Instant) -> Result<Process> {
    fs::create_dir_all(folder.join("tpm")).doing(|| "create the TPM's folder")?;
    let mut arguments =
        ["socket", "--tpm2", "--tpmstate", "dir=tpm", "--ctrl", "type=unixio,path=tpm/socket"]
            .map(OsString::from)
            .to_vec();
    if startup == Startup::Clear {
        arguments.extend(["--flags".into(), "startup-clear".into()]);
    }
    let errors = folder.join("swtpm.stderr");
    let mut process = Process::start(SWTPM, &arguments, folder, Mode::Background(&errors))?;
    while !folder.join(SOCKET).exists() {
        if process.ended()?.is_some() || Instant::now() > until {
            let tail = fs::read_to_string(&errors).unwrap_or_default();
            return Err(VmError::Stopped { wanted: "the TPM's socket".into(), tail });
        }
        thread::sleep(Duration::from_millis(2));
    }
    Ok(process)
}
