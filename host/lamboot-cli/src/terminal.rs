// SPDX-License-Identifier: MIT OR Apache-2.0
//! Reading a line from a terminal that does not show it.

use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};
use std::io::{self, BufRead, Read, StdinLock, Write};
use zeroize::Zeroizing;

/// The longest line that is read, in bytes.
const MAX_LINE: usize = 4096;
/// What Ctrl-C sends.
const CTRL_C: u8 = 3;

/// A terminal that shows nothing of what is typed; shows it again when dropped.
struct Hidden<'t> {
    stdin: &'t StdinLock<'static>,
    before: Termios,
}

impl<'t> Hidden<'t> {
    fn new(stdin: &'t StdinLock<'static>) -> io::Result<Self> {
        let before = tcgetattr(stdin)?;
        let mut hidden = before.clone();
        // Ctrl-C ends the line in place of the program, which would leave the terminal as it is now.
        hidden.local_modes.remove(LocalModes::ECHO | LocalModes::ISIG);
        hidden.special_codes[SpecialCodeIndex::VEOL] = CTRL_C;
        tcsetattr(stdin, OptionalActions::Flush, &hidden)?;
        Ok(Self { stdin, before })
    }
}

impl Drop for Hidden<'_> {
    fn drop(&mut self) {
        let _the_terminal_is_gone = tcsetattr(self.stdin, OptionalActions::Now, &self.before);
    }
}

/// Asks for a line that nobody else is to see.
///
/// # Errors
/// Standard input failed, ended, is not UTF-8, or the person at the terminal gave up.
pub(crate) fn ask(prompt: &str) -> io::Result<Zeroizing<String>> {
    let stdin = io::stdin().lock();
    let mut stderr = io::stderr();
    write!(stderr, "{prompt}")?;
    stderr.flush()?;
    let hidden = Hidden::new(&stdin)?;
    // Past the buffer of standard input, which nobody wipes.
    let mut typed = Zeroizing::new(vec![0; MAX_LINE]);
    let read = rustix::io::retry_on_intr(|| rustix::io::read(&stdin, typed.as_mut_slice()));
    drop(hidden);
    writeln!(stderr)?;
    typed.truncate(read?);
    if typed.ends_with(&[CTRL_C]) {
        return Err(io::Error::new(io::ErrorKind::Interrupted, "given up"));
    }
    line(&typed)
}

/// The first line of standard input.
///
/// # Errors
/// As [`ask`].
pub(crate) fn first_line() -> io::Result<Zeroizing<String>> {
    let mut typed = Zeroizing::new(Vec::with_capacity(MAX_LINE));
    let limit = u64::try_from(MAX_LINE).unwrap_or(u64::MAX);
    io::stdin().lock().take(limit).read_until(b'\n', &mut typed)?;
    line(&typed)
}

/// The text without its line end.
fn line(bytes: &[u8]) -> io::Result<Zeroizing<String>> {
    let text = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let text = text.strip_suffix(b"\r").unwrap_or(text);
    match str::from_utf8(text) {
        _ if bytes.is_empty() => Err(io::ErrorKind::UnexpectedEof.into()),
        Ok(text) => Ok(Zeroizing::new(text.to_owned())),
        Err(_) => Err(io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8 text")),
    }
}
