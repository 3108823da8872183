// SPDX-License-Identifier: MIT OR Apache-2.0
//! A software TPM of its own for a test, that can be reset.

use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use tempfile::TempDir;
use tpm2_wire::{Transport, TransportError};

const PATIENCE: Duration = Duration::from_secs(30);

/// Whether referees are to be asked.
pub(crate) fn asked() -> bool {
    let asked = std::env::var_os("LAMBOOT_REFEREES").is_some_and(|value| value == "1");
    if !asked {
        eprintln!("referee not asked: LAMBOOT_REFEREES is not 1");
    }
    asked
}

/// A TPM whose state lives in a folder.
pub(crate) struct Swtpm {
    folder: TempDir,
    process: Child,
    stream: Option<UnixStream>,
    /// How many commands it got.
    pub(crate) commands: usize,
}

impl Swtpm {
    /// A TPM that was never used.
    pub(crate) fn new() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let (process, stream) = start(folder.path())?;
        Ok(Self { folder, process, stream: Some(stream), commands: 0 })
    }

    /// Power off and on.
    pub(crate) fn reset(&mut self) -> Result<()> {
        self.stop()?;
        let (process, stream) = start(self.folder.path())?;
        (self.process, self.stream) = (process, Some(stream));
        Ok(())
    }

    /// It ends when its only client leaves.
    fn stop(&mut self) -> Result<()> {
        self.stream = None;
        let until = Instant::now() + PATIENCE;
        while self.process.try_wait()?.is_none() {
            if Instant::now() > until {
                bail!("swtpm did not end");
            }
            sleep(Duration::from_millis(2));
        }
        Ok(())
    }

    /// Sends bytes as they are, and gives the response.
    pub(crate) fn send(&mut self, command: &[u8]) -> Result<Vec<u8>> {
        self.commands += 1;
        let stream = self.stream.as_mut().context("it is off")?;
        stream.write_all(command)?;
        let mut response = vec![0; 10];
        stream.read_exact(&mut response)?;
        let size = u32::from_be_bytes(response[2..6].try_into()?);
        response.resize(usize::try_from(size)?, 0);
        stream.read_exact(&mut response[10..])?;
        Ok(response)
    }
}

impl Drop for Swtpm {
    fn drop(&mut self) {
        if self.stop().is_err() {
            let _ = self.process.kill();
            let _ = self.process.wait();
        }
    }
}

impl Transport for Swtpm {
    fn submit(&mut self, command: &[u8], response: &mut [u8]) -> Result<(), TransportError> {
        let bytes = self.send(command).map_err(|_| TransportError { status: 1 })?;
        let place = response.get_mut(..bytes.len()).ok_or(TransportError { status: 2 })?;
        place.copy_from_slice(&bytes);
        // What the firmware's buffer holds behind it is anything.
        response[bytes.len()..].fill(0xA5);
        Ok(())
    }
}

fn start(folder: &Path) -> Result<(Child, UnixStream)> {
    let socket = folder.join("socket");
    let errors = folder.join("errors");
    let _ = fs::remove_file(&socket);
    let mut process = Command::new("swtpm")
        .args(["socket", "--tpm2", "--terminate", "--flags", "not-need-init,startup-clear"])
        .arg("--tpmstate")
        .arg(format!("dir={}", folder.display()))
        .arg("--server")
        .arg(format!("type=unixio,path={}", socket.display()))
        .stdin(Stdio::null())
        .stderr(fs::File::create(&errors)?)
        .spawn()
        .context("swtpm")?;
    let until = Instant::now() + PATIENCE;
    loop {
        if let Ok(stream) = UnixStream::connect(&socket) {
            stream.set_read_timeout(Some(PATIENCE))?;
            return Ok((process, stream));
        }
        if process.try_wait()?.is_some() || Instant::now() > until {
            bail!("swtpm did not offer its socket: {}", fs::read_to_string(&errors)?);
        }
        sleep(Duration::from_millis(2));
    }
}
