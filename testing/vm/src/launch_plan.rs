// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the launcher program inside the machine does: a few lines in a file on the disk.

use std::fmt::Write;

use uuid::Uuid;

/// Variables to set, the program to start with its options, and variables to report afterwards.
///
/// The launcher (`testing/probe`) reads this as `\lamboot-test\plan.txt`. Without one it starts the
/// removable path without options.
#[derive(Clone, Debug, Default)]
pub struct LaunchPlan {
    text: String,
}

impl LaunchPlan {
    /// Where the launcher looks for it.
    pub const PATH: &str = "/lamboot-test/plan.txt";

    /// An empty plan.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Starts this program of the same disk.
    #[must_use]
    pub fn program(self, path: &str) -> Self {
        self.line(format_args!("program {}", path.replace('/', "\\")))
    }

    /// Gives the program these load options.
    #[must_use]
    pub fn options(self, options: &str) -> Self {
        self.line(format_args!("options {options}"))
    }

    /// Sets a variable before the program starts; non-volatile, for boot and run time.
    #[must_use]
    pub fn set_variable(self, vendor: Uuid, name: &str, value: &[u8]) -> Self {
        let hex = value.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
        self.line(format_args!("set {vendor} {name} {hex}"))
    }

    /// Reports a variable on the serial port after the program has returned:
    /// `LAUNCHER: variable NAME = hex`, or `LAUNCHER: variable NAME is not set`.
    #[must_use]
    pub fn report_variable(self, vendor: Uuid, name: &str) -> Self {
        self.line(format_args!("get {vendor} {name}"))
    }

    /// The file's text.
    #[must_use]
    pub fn text(&self) -> String {
        self.text.clone()
    }

    fn line(mut self, line: std::fmt::Arguments<'_>) -> Self {
        let _a_string_takes_everything = writeln!(self.text, "{line}");
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_is_one_line_a_step() {
        let plan = LaunchPlan::new()
            .set_variable(Uuid::nil(), "State", &[1, 0xab])
            .program("/EFI/Linux/a.efi")
            .options("quiet")
            .report_variable(Uuid::nil(), "State");
        let expected = "set 00000000-0000-0000-0000-000000000000 State 01ab\nprogram \\EFI\\Linux\\a.efi\noptions quiet\n\
                        get 00000000-0000-0000-0000-000000000000 State\n";
        assert_eq!(plan.text(), expected);
    }
}
