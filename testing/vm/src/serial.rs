// SPDX-License-Identifier: MIT OR Apache-2.0
//! A guest's serial port over a pair of named pipes.
//!
//! Pipes, because QEMU's serial port on a socket stalls the guest after a few hundred unread bytes.
//! A thread drains the port all the time, so the guest never waits for the test.

use std::{
    fs::File,
    io::{self, ErrorKind, Read, Write},
    num::NonZero,
    path::{Path, PathBuf},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::{Mode, OFlags},
};

use crate::{Pattern, Result, VmError, console_text::ConsoleText, error::Doing};

/// How long a wait lasts unless it says otherwise.
const PATIENCE: Duration = Duration::from_secs(90);
/// Lines of the console that a failure message repeats.
const TAIL_LINES: usize = 25;
/// When this is in the environment, whatever a guest prints is shown as well.
const SHOW_CONSOLE: &str = "LAMBOOT_SHOW_CONSOLE";
/// Rows and columns of the terminal: as large as any text mode of the firmware.
const ROWS: NonZero<u16> = NonZero::new(50).unwrap();
const COLUMNS: NonZero<u16> = NonZero::new(160).unwrap();

/// The test's end of a guest's serial port.
#[derive(Debug)]
pub struct Serial {
    shared: Arc<Shared>,
    input: Mutex<Option<File>>,
    reader: Option<JoinHandle<()>>,
    deadline: Instant,
    input_path: PathBuf,
}

#[derive(Debug, Default)]
struct Shared {
    heard: Mutex<Heard>,
    more: Condvar,
}

#[derive(Default)]
struct Heard {
    bytes: Vec<u8>,
    text: ConsoleText,
    /// Bytes of the text that earlier waits have used up.
    used: usize,
    closed: bool,
}

impl std::fmt::Debug for Heard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Heard({} bytes)", self.bytes.len())
    }
}

impl Serial {
    /// Makes the pipes `serial.in` and `serial.out` in `folder` and starts to listen.
    ///
    /// # Errors
    /// When the pipes or the log file cannot be made.
    pub(crate) fn create(folder: &Path, deadline: Instant) -> Result<Self> {
        let [input_path, output] = ["serial.in", "serial.out"].map(|name| folder.join(name));
        for pipe in [&input_path, &output] {
            make_pipe(pipe).doing(|| format!("create the pipe {}", pipe.display()))?;
        }
        let output = open_pipe(&output, OFlags::RDONLY).doing(|| "open the serial output")?;
        let log = File::create(folder.join("serial.log")).doing(|| "create serial.log")?;
        let shared = Arc::new(Shared::default());
        let reader = thread::spawn({
            let shared = Arc::clone(&shared);
            move || shared.listen(output, log)
        });
        Ok(Self { shared, input: Mutex::new(None), reader: Some(reader), deadline, input_path })
    }

    /// Waits for `wanted` and returns the console's text from the previous wait's end up to and including it.
    ///
    /// # Errors
    /// [`VmError::Timeout`] after 90 s or at the scenario's deadline, [`VmError::Stopped`] when the machine ends first;
    /// both repeat the console's last lines.
    pub fn wait_for(&self, wanted: impl Into<Pattern>) -> Result<String> {
        self.wait_at_most(PATIENCE, wanted)
    }

    /// Like [`Serial::wait_for`], with a time limit of its own.
    ///
    /// # Errors
    /// As [`Serial::wait_for`].
    pub fn wait_at_most(&self, limit: Duration, wanted: impl Into<Pattern>) -> Result<String> {
        let wanted = wanted.into();
        let started = Instant::now();
        let until = (started + limit).min(self.deadline);
        let mut heard = self.heard();
        loop {
            if let Some(text) = heard.take_through(&wanted) {
                return Ok(text);
            }
            if heard.closed {
                return Err(VmError::Stopped { wanted: wanted.to_string(), tail: heard.tail() });
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                let waited = started.elapsed();
                return Err(VmError::Timeout { wanted: wanted.to_string(), waited, tail: heard.tail() });
            }
            heard = self.shared.more.wait_timeout(heard, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Waits until the machine has closed the port, so that everything it wrote has been heard.
    ///
    /// # Errors
    /// [`VmError::Timeout`] at the scenario's deadline.
    pub fn wait_closed(&self) -> Result<()> {
        let started = Instant::now();
        let mut heard = self.heard();
        while !heard.closed {
            let left = self.deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                let (wanted, waited) = ("the end of the machine".into(), started.elapsed());
                return Err(VmError::Timeout { wanted, waited, tail: heard.tail() });
            }
            heard = self.shared.more.wait_timeout(heard, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        Ok(())
    }

    /// Types bytes at the serial console, for instance `b"\x1b[B"` for the arrow down.
    ///
    /// # Errors
    /// When the machine does not read them, because it has ended.
    pub fn send(&self, bytes: &[u8]) -> Result<()> {
        let mut input = self.input.lock().unwrap_or_else(PoisonError::into_inner);
        if input.is_none() {
            *input = Some(open_pipe(&self.input_path, OFlags::WRONLY).doing(|| "open the serial input")?);
        }
        let Some(pipe) = input.as_mut() else { return Ok(()) };
        pipe.write_all(bytes).doing(|| "write to the serial input")
    }

    /// Everything written so far, without terminal control sequences.
    #[must_use]
    pub fn text(&self) -> String {
        self.heard().text.text().to_owned()
    }

    /// Every byte written so far.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        self.heard().bytes.clone()
    }

    /// The screen as a large terminal shows it now.
    #[must_use]
    pub fn screen(&self) -> String {
        let mut terminal = vt100::Parser::new(ROWS, COLUMNS, 0);
        terminal.process(&self.heard().bytes);
        terminal.screen().contents()
    }

    /// The console's last lines, for a message.
    #[must_use]
    pub fn tail(&self) -> String {
        self.heard().tail()
    }

    fn heard(&self) -> MutexGuard<'_, Heard> {
        self.shared.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stops listening. The machine has to be gone already.
    pub(crate) fn close(&mut self) {
        self.heard().closed = true;
        if let Some(reader) = self.reader.take() {
            let _it_reported_already = reader.join();
        }
    }
}

impl Drop for Serial {
    fn drop(&mut self) {
        self.close();
    }
}

impl Shared {
    /// Copies the port into memory and the log until the machine closes it.
    fn listen(&self, mut output: File, mut log: File) {
        let mut buffer = [0; 4096];
        let show = std::env::var_os(SHOW_CONSOLE).is_some();
        while let Next::More(count) = self.next(&mut output, &mut buffer) {
            let bytes = &buffer[..count];
            let _log_is_best_effort = log.write_all(bytes);
            if show {
                let _somebody_may_watch = io::stderr().write_all(bytes);
            }
            let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
            heard.bytes.extend_from_slice(bytes);
            heard.text.push(bytes);
            self.more.notify_all();
        }
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).closed = true;
        self.more.notify_all();
    }

    fn next(&self, output: &mut File, buffer: &mut [u8]) -> Next {
        loop {
            let hung_up = wait_readable(output);
            match output.read(buffer) {
                Ok(count) if count > 0 => return Next::More(count),
                Ok(_) if hung_up => return Next::End,
                Err(error) if error.kind() != ErrorKind::WouldBlock => return Next::End,
                _ if self.heard.lock().unwrap_or_else(PoisonError::into_inner).closed => return Next::End,
                _ => {}
            }
        }
    }
}

enum Next {
    More(usize),
    End,
}

impl Heard {
    fn take_through(&mut self, wanted: &Pattern) -> Option<String> {
        let fresh = self.text.text().get(self.used..)?;
        let found = wanted.find(fresh)?;
        let text = fresh.get(..found.end)?.to_owned();
        self.used += found.end;
        Some(text)
    }

    fn tail(&self) -> String {
        let lines: Vec<_> = self.text.text().lines().collect();
        lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n")
    }
}

fn make_pipe(path: &Path) -> io::Result<()> {
    let kind = rustix::fs::FileType::Fifo;
    Ok(rustix::fs::mknodat(rustix::fs::CWD, path, kind, Mode::RUSR | Mode::WUSR, 0)?)
}

fn open_pipe(path: &Path, direction: OFlags) -> io::Result<File> {
    let flags = direction | OFlags::NONBLOCK | OFlags::CLOEXEC;
    Ok(File::from(rustix::fs::open(path, flags, Mode::empty())?))
}

/// Waits a little for data; true when the other side has closed the pipe.
fn wait_readable(output: &File) -> bool {
    let mut polled = [PollFd::new(output, PollFlags::IN)];
    let limit = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };
    let _interrupted_is_fine = poll(&mut polled, Some(&limit));
    polled[0].revents().contains(PollFlags::HUP)
}
