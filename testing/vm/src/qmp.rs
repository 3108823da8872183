// SPDX-License-Identifier: MIT OR Apache-2.0
//! QEMU's machine protocol: one JSON object a line, over a socket (QEMU, "QMP protocol specification").

use std::{
    fs::File,
    io::{self, BufRead, BufReader, ErrorKind, Write},
    os::{fd::AsRawFd, unix::net::UnixStream},
    path::Path,
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{Result, VmError, error::Doing};

/// How long QEMU may take to answer a command.
const ANSWER_TIME: Duration = Duration::from_secs(60);

/// A connection to a running QEMU.
#[derive(Debug)]
pub struct Qmp {
    lines: BufReader<UnixStream>,
    partial: String,
    events: Vec<Value>,
}

impl Qmp {
    /// Connects to the socket `name` in `folder`, which QEMU may yet have to create.
    ///
    /// The path goes through `/proc/self/fd`, because a socket's own path is limited to 108 bytes.
    ///
    /// # Errors
    /// When QEMU does not offer the protocol before `until`.
    pub(crate) fn connect(folder: &Path, name: &str, until: Instant) -> Result<Self> {
        let directory = File::open(folder).doing(|| format!("open {}", folder.display()))?;
        let path = format!("/proc/self/fd/{}/{name}", directory.as_raw_fd());
        let stream = loop {
            match UnixStream::connect(&path) {
                Ok(stream) => break stream,
                Err(_) if Instant::now() < until => thread::sleep(Duration::from_millis(3)),
                Err(source) => return Err(VmError::Io { doing: "connect to QEMU".into(), source }),
            }
        };
        let mut qmp = Self { lines: BufReader::new(stream), partial: String::new(), events: Vec::new() };
        let _greeting = qmp.next_message(until)?;
        qmp.command("qmp_capabilities", json!({}))?;
        Ok(qmp)
    }

    /// Runs a command and returns QEMU's answer.
    ///
    /// # Errors
    /// [`VmError::Qmp`] with QEMU's reason, or an input/output error when QEMU has ended.
    pub fn command(&mut self, command: &str, arguments: Value) -> Result<Value> {
        let mut line = json!({ "execute": command, "arguments": arguments }).to_string();
        line.push('\n');
        self.lines.get_mut().write_all(line.as_bytes()).doing(|| format!("send `{command}` to QEMU"))?;
        let until = Instant::now() + ANSWER_TIME;
        loop {
            let mut message = self.next_message(until)?;
            if let Some(answer) = message.get_mut("return") {
                return Ok(answer.take());
            }
            if let Some(error) = message.get("error") {
                let message = error["desc"].as_str().unwrap_or("no reason given").to_owned();
                return Err(VmError::Qmp { command: command.into(), message });
            }
            self.events.push(message);
        }
    }

    /// Waits for an event, for instance `RESET` or `SHUTDOWN`; each event is seen once.
    ///
    /// # Errors
    /// When it does not happen within `limit`.
    pub fn wait_event(&mut self, event: &str, limit: Duration) -> Result<Value> {
        let until = Instant::now() + limit;
        loop {
            if let Some(position) = self.events.iter().position(|seen| seen["event"] == event) {
                return Ok(self.events.remove(position));
            }
            let message = self.next_message(until)?;
            self.events.push(message);
        }
    }

    fn next_message(&mut self, until: Instant) -> Result<Value> {
        loop {
            let left = until.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
            self.lines.get_ref().set_read_timeout(Some(left)).doing(|| "set a socket time limit")?;
            match self.lines.read_line(&mut self.partial) {
                Ok(0) => return ended(),
                Ok(_) => {
                    let line = std::mem::take(&mut self.partial);
                    return serde_json::from_str(&line)
                        .map_err(io::Error::from)
                        .doing(|| "read QEMU's answer");
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(source) => return Err(VmError::Io { doing: "wait for QEMU's answer".into(), source }),
            }
        }
    }
}

fn ended() -> Result<Value> {
    let source = io::Error::from(ErrorKind::UnexpectedEof);
    Err(VmError::Io { doing: "wait for QEMU's answer".into(), source })
}
