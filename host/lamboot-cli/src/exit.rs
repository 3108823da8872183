// SPDX-License-Identifier: MIT OR Apache-2.0
//! Exit codes that all commands share. Scripts rely on them; they never change.

use std::process::ExitCode;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done, or it was so already.
    Ok,
    /// Failed; also wrong usage.
    Failed,
    /// This machine, or this boot, is not one that the command is for.
    NotApplicable,
    /// Something that the command needs is missing.
    MissingPrerequisite,
    /// What was to be judged cannot be read, or is damaged.
    Unreadable,
    /// What was judged is not trusted.
    Refused,
    /// Done; something that was checked does not hold.
    DoesNotHold,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Ok => 0,
            Exit::Failed => 1,
            Exit::NotApplicable => 6,
            Exit::MissingPrerequisite => 7,
            Exit::Unreadable => 11,
            Exit::Refused => 12,
            Exit::DoesNotHold => 13,
        })
    }
}

/// How `lamboot inspect trust-log verify` ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LogExit {
    /// The log is what the loader wrote.
    Intact,
    /// So it is, and something is less than it could be; also wrong usage.
    Degraded,
    /// Somebody changed the log.
    Tampered,
    /// Hashes are right, and there is no key to check the codes with.
    CannotVerify,
    /// The log, or the key's file, cannot be read.
    Unreadable,
}

impl From<LogExit> for ExitCode {
    fn from(exit: LogExit) -> Self {
        Self::from(match exit {
            LogExit::Intact => 0,
            LogExit::Degraded => 1,
            LogExit::Tampered => 2,
            LogExit::CannotVerify => 3,
            LogExit::Unreadable => 4,
        })
    }
}

/// Prints what clap has to say. Its own code for wrong usage, 2, means something else here.
pub(crate) fn of_usage(error: &clap::Error) -> ExitCode {
    let printed = error.print();
    if error.use_stderr() || printed.is_err() { Exit::Failed.into() } else { Exit::Ok.into() }
}
