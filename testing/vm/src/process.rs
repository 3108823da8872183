// SPDX-License-Identifier: MIT OR Apache-2.0
//! Child processes that never outlive the test.

use std::{
    ffi::OsString,
    fs::File,
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

use crate::{
    Result,
    error::Doing,
    tools::{SETPRIV, Tool},
};

/// How a child is started and how it is told to end.
pub(crate) enum Mode<'a> {
    /// Silent; standard error goes to this file; ended at once.
    Background(&'a Path),
    /// Owns the terminal, and gets a moment to restore it.
    Terminal,
}

/// A child process, ended when this value is dropped and when this process dies.
///
/// The kernel ends it when the *thread* that started it ends (`PR_SET_PDEATHSIG`), so keep it
/// on the thread that made it.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    grace: Duration,
}

impl Process {
    /// Starts `tool` in the folder `directory`.
    ///
    /// # Errors
    /// When the tool is missing or the system refuses to start it.
    pub(crate) fn start(
        tool: Tool,
        arguments: &[OsString],
        directory: &Path,
        mode: Mode<'_>,
    ) -> Result<Self> {
        let program = tool.find()?;
        let mut command = Command::new(SETPRIV.find()?);
        let signal = if matches!(mode, Mode::Terminal) { "TERM" } else { "KILL" };
        command.args(["--pdeathsig", signal, "--"]).arg(program).args(arguments).current_dir(directory);
        let grace = match mode {
            Mode::Background(errors) => {
                let errors = File::create(errors).doing(|| format!("create {}", errors.display()))?;
                command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(errors);
                Duration::ZERO
            }
            Mode::Terminal => Duration::from_secs(3),
        };
        let child = command.spawn().doing(|| format!("start {}", tool.name()))?;
        Ok(Self { child, grace })
    }

    /// The exit status, if the process has ended.
    ///
    /// # Errors
    /// When the system cannot tell.
    pub(crate) fn ended(&mut self) -> Result<Option<ExitStatus>> {
        self.child.try_wait().doing(|| "wait for a child process")
    }

    /// Waits until the process ends by itself, at most until `deadline`.
    ///
    /// # Errors
    /// When the system cannot tell.
    pub(crate) fn wait_until(&mut self, deadline: Instant) -> Result<Option<ExitStatus>> {
        loop {
            let status = self.ended()?;
            if status.is_some() || Instant::now() >= deadline {
                return Ok(status);
            }
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits without a limit, until the process ends or `interrupted` says so; then it is ended.
    ///
    /// # Errors
    /// When the system cannot tell.
    pub(crate) fn wait_unless(&mut self, interrupted: impl Fn() -> bool) -> Result<ExitStatus> {
        while !interrupted() {
            if let Some(status) = self.wait_until(Instant::now() + Duration::from_millis(50))? {
                return Ok(status);
            }
        }
        self.ask_to_end();
        self.child.wait().doing(|| "wait for a child process")
    }

    fn ask_to_end(&mut self) {
        if let Ok(Ok(pid)) = i32::try_from(self.child.id()).map(|id| Pid::from_raw(id).ok_or(())) {
            let _gone_already = kill_process(pid, Signal::TERM);
            let _ended = self.wait_until(Instant::now() + self.grace);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if matches!(self.ended(), Ok(Some(_))) {
            return;
        }
        if !self.grace.is_zero() {
            self.ask_to_end();
        }
        let _gone_already = self.child.kill();
        let _reaped = self.child.wait();
    }
}
