// SPDX-License-Identifier: MIT OR Apache-2.0
//! Windows by way of the firmware: where `BitLocker` seals its key to what was measured on the way, a
//! boot loader in between makes it ask for the recovery key.

use super::{Session, Start};
use crate::entry::EntryKind;
use crate::load_option::LoadOption;
use crate::variables;
use alloc::format;
use alloc::string::String;
use lamboot_schema::trust_log::{Event, Status};
use lamboot_schema::variables as schema;

/// What Windows calls its boot option.
const DESCRIPTION: &str = "Windows Boot Manager";
/// The most boot options that are looked at.
const MAX_OPTIONS: usize = 128;

impl Session<'_, '_> {
    /// Whether this start is to go through the firmware, which then has been told so.
    pub(super) fn goes_through_firmware(&mut self, start: &Start) -> bool {
        if start.entry.kind != EntryKind::Windows
            || !self.settings.reboot_for_bitlocker
            || !self.facts.tpm
            || !self.ports.machine.has_bitlocker()
        {
            return false;
        }
        let asked = self.ask_for_windows();
        let (status, note) = match &asked {
            Ok(number) => (Status::Success, format!("Boot{number:04X}")),
            Err(reason) => (Status::Skipped, reason.clone()),
        };
        self.note(Event::BootNextSet, status, note);
        asked.is_ok()
    }

    fn ask_for_windows(&mut self) -> Result<u16, String> {
        let order = variables::get(self.ports.variables, &schema::BOOT_ORDER).unwrap_or_default();
        let mut is_windows = |number: &u16| {
            let bytes = self.ports.variables.boot_option(*number).ok().flatten();
            let option = bytes.and_then(|bytes| LoadOption::parse(&bytes));
            option.is_some_and(|option| option.description.eq_ignore_ascii_case(DESCRIPTION))
        };
        let number = order.into_iter().take(MAX_OPTIONS).find(&mut is_windows);
        let number = number.ok_or_else(|| format!("no boot option is called {DESCRIPTION}"))?;
        variables::set(self.ports.variables, &schema::BOOT_NEXT, &number)
            .map_err(|error| format!("BootNext cannot be set: {error}"))?;
        Ok(number)
    }
}
