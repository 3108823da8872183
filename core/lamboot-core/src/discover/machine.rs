// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the machine does by itself, as entries (systemd, the Boot Loader Interface: `auto-` ids).

use super::Search;
use super::candidate::{Candidate, Part};
use crate::entry::{Entry, EntryKind, MachineAction};
use crate::ports::{VolumeInfo, VolumeRole};
use alloc::rc::Rc;

impl Search<'_> {
    pub(super) fn machine(&mut self) {
        let actions = [
            (self.scope.firmware_setup, MachineAction::FirmwareSetup),
            (self.scope.reboot, MachineAction::Reboot),
            (self.scope.power_off, MachineAction::PowerOff),
        ];
        let nowhere = nowhere(self.esp.volume);
        for (_, action) in actions.into_iter().filter(|(wanted, _)| *wanted) {
            let (id, title) = describe(action);
            let (kind, identity) = (EntryKind::Machine(action), Rc::clone(&nowhere.identity));
            let entry = Entry::new(id.into(), title.into(), kind, nowhere.id, identity);
            let entry = Entry { unattended: false, ..entry };
            self.found.push(Candidate::plain(Part::Machine, entry, &nowhere));
        }
    }
}

const fn describe(action: MachineAction) -> (&'static str, &'static str) {
    match action {
        MachineAction::FirmwareSetup => ("auto-reboot-to-firmware-setup", "Firmware set-up"),
        MachineAction::Reboot => ("auto-reboot", "Restart"),
        MachineAction::PowerOff => ("auto-poweroff", "Power off"),
    }
}

/// No volume: what the machine does needs none.
fn nowhere(id: crate::ports::VolumeId) -> VolumeInfo {
    VolumeInfo {
        id,
        role: VolumeRole::Boot,
        identity: Rc::default(),
        condition: crate::ports::Condition::Good,
        same_disk: true,
        removable: false,
        read_only: false,
    }
}
