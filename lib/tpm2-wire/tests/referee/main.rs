// SPDX-License-Identifier: MIT OR Apache-2.0
//! Asks referees: a software TPM, `swtpm`, gets the commands, and `tpm2_checkquote` judges what it signs.
//!
//! Runs when `LAMBOOT_REFEREES=1`.

mod commands;
mod locked_index;
mod quote;
mod swtpm;
