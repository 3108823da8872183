// SPDX-License-Identifier: MIT OR Apache-2.0
//! The program itself, with a password from a pipe and from a terminal.

use lamboot_core::facts::SecureBoot;
use lamboot_core::password::PasswordHash;
use lamboot_core::policy;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, tcgetattr};
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// Fast enough for a test.
const FEW: &[&str] = &["password", "--iterations", "1000"];

fn program(arguments: &[&str]) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_lamboot"));
    program.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
    program
}

fn with_input(arguments: &[&str], input: &[u8]) -> (i32, String, String) {
    let mut child = program(arguments).stdin(Stdio::piped()).spawn().unwrap();
    // Wrong usage ends the program before it reads.
    let _may_be_broken = child.stdin.take().unwrap().write_all(input);
    said(child.wait_with_output().unwrap())
}

fn said(output: Output) -> (i32, String, String) {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// The hash in the line that was printed, which must be one for a policy.
fn hash_in(line: &str) -> PasswordHash {
    let reading = policy::read(format!("[security]\n{line}").as_bytes());
    assert_eq!((reading.findings, reading.stop), (vec![], None), "{line}");
    assert!(reading.policy.may_edit_command_line(SecureBoot::Off));
    let policy::EditorPassword::Hash(hash) = reading.policy.editor_password else { panic!("{line}") };
    hash
}

#[test]
fn a_line_from_a_pipe_becomes_a_line_for_the_policy() {
    for input in ["correct horse\n", "correct horse", "correct horse\r\nmore\n"] {
        let (code, line, _) = with_input(FEW, input.as_bytes());
        assert_eq!((code, line.lines().count()), (0, 1), "{line}");
        assert!(line.starts_with("editor_password = \"$pbkdf2-sha512$i=1000,l=64$"), "{line}");
        let hash = hash_in(&line);
        assert!(hash.is_of("correct horse") && !hash.is_of("correct horse "));
    }
}

#[test]
fn each_hash_has_its_own_salt() {
    let line = || with_input(FEW, b"x\n").1;
    assert_ne!(line(), line());
}

#[test]
fn what_cannot_be_a_password_is_refused_without_repeating_it() {
    let long = "q".repeat(200);
    for input in ["", "\n", "pa\u{df}q\n", &long, &"q".repeat(100_000)] {
        let (code, said, error) = with_input(FEW, input.as_bytes());
        assert_eq!((code, said.as_str()), (1, ""), "{error}");
        assert!(error.starts_with("lamboot password: ") && !error.contains('q'), "{error}");
    }
    let (code, _, error) = with_input(FEW, b"\xff\n");
    assert!(code == 1 && error.contains("not UTF-8"), "{error}");
}

#[test]
fn iterations_that_the_loader_refuses_are_wrong_usage() {
    for number in ["0", "999", "2000001", "many"] {
        let (code, said, error) = with_input(&["password", "--iterations", number], b"x\n");
        assert_eq!((code, said.as_str()), (1, ""), "{number}");
        assert!(error.contains("--iterations"), "{error}");
    }
}

/// A terminal with the program on its other side.
struct Terminal {
    ours: File,
    theirs: File,
    child: Child,
}

impl Terminal {
    fn new() -> Self {
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&ours).unwrap();
        unlockpt(&ours).unwrap();
        let path = ptsname(&ours, Vec::new()).unwrap().into_string().unwrap();
        let theirs = OpenOptions::new().read(true).write(true).open(path).unwrap();
        let child = program(FEW).stdin(theirs.try_clone().unwrap()).spawn().unwrap();
        Self { ours: File::from(ours), theirs, child }
    }

    /// Waits for a prompt, then types.
    fn answer(&mut self, prompt: &str, text: &str) {
        let mut said = vec![0; prompt.len()];
        self.child.stderr.as_mut().unwrap().read_exact(&mut said).unwrap();
        assert_eq!(String::from_utf8(said).unwrap().trim_start(), prompt.trim_start());
        // The prompt comes first: keys that are typed before the terminal is ready are dropped.
        let began = Instant::now();
        while self.echoes() {
            assert!(began.elapsed() < Duration::from_secs(20), "the terminal still shows what is typed");
            std::thread::yield_now();
        }
        self.ours.write_all(text.as_bytes()).unwrap();
    }

    fn echoes(&self) -> bool {
        tcgetattr(&self.theirs).unwrap().local_modes.contains(LocalModes::ECHO)
    }

    /// What the program said in the end, and what its terminal showed.
    fn end(mut self) -> ((i32, String, String), String) {
        let output = said(self.child.wait_with_output().unwrap());
        assert!(tcgetattr(&self.theirs).unwrap().local_modes.contains(LocalModes::ECHO | LocalModes::ISIG));
        self.theirs.write_all(b"end").unwrap();
        let mut shown = Vec::new();
        while !shown.ends_with(b"end") {
            let mut byte = [0];
            self.ours.read_exact(&mut byte).unwrap();
            shown.extend(byte);
        }
        (output, String::from_utf8(shown).unwrap())
    }
}

#[test]
fn a_terminal_is_asked_twice_and_shows_nothing() {
    let mut terminal = Terminal::new();
    terminal.answer("Password: ", "korrect\x7f\x7f\x7f\x7f\x7f\x7f\x7fcorrect horse\n");
    terminal.answer("\nOnce more: ", "correct horse\n");
    let ((code, line, _), shown) = terminal.end();
    assert_eq!((code, shown.as_str()), (0, "end"));
    assert!(hash_in(&line).is_of("correct horse"));
}

#[test]
fn two_passwords_that_differ_are_none() {
    let mut terminal = Terminal::new();
    terminal.answer("Password: ", "correct horse\n");
    terminal.answer("\nOnce more: ", "correct house\n");
    let ((code, line, error), shown) = terminal.end();
    assert_eq!((code, line.as_str(), shown.as_str()), (1, "", "end"));
    assert_eq!(error, "\nlamboot password: the two are not the same\n");
}

#[test]
fn who_gives_up_gets_the_terminal_back() {
    for key in ["\x03", "half of it\x03"] {
        let mut terminal = Terminal::new();
        terminal.answer("Password: ", key);
        let ((code, line, error), _) = terminal.end();
        assert_eq!((code, line.as_str()), (1, ""));
        assert_eq!(error, "\nlamboot password: the password cannot be read: given up\n");
    }
}
