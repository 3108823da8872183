// SPDX-License-Identifier: MIT OR Apache-2.0
//! Signed UEFI programs, for machines with Secure Boot.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Lab, Result, VmError, error::Doing, tools::OSSLSIGNCODE};

/// The test key whose certificate [`crate::Firmware::find_secure`] trusts; it protects nothing.
const KEY: &str = "/usr/share/ovmf/PkKek-1-snakeoil.key";
const CERTIFICATE: &str = "/usr/share/ovmf/PkKek-1-snakeoil.pem";
/// The passphrase that the firmware's package tells everybody.
const PASSPHRASE: &str = "snakeoil";

impl Lab {
    /// A copy of a UEFI program in the scenario's folder, signed for [`crate::MachineBuilder::secure_boot`].
    ///
    /// # Errors
    /// When the tool or the key is missing, or the program cannot be signed.
    pub fn signed(&self, program: &Path) -> Result<PathBuf> {
        let name = program.file_name().unwrap_or(program.as_os_str());
        let signed = self.part_folder("signed")?.join(name);
        let output = Command::new(OSSLSIGNCODE.find()?)
            .args(["sign", "-pass", PASSPHRASE, "-certs", CERTIFICATE, "-key", KEY, "-in"])
            .arg(program)
            .arg("-out")
            .arg(&signed)
            .output()
            .doing(|| format!("sign {}", program.display()))?;
        if output.status.success() {
            return Ok(signed);
        }
        let tail = String::from_utf8_lossy(&output.stderr).into_owned();
        Err(VmError::Stopped { wanted: format!("{} to be signed", program.display()), tail })
    }
}
