// SPDX-License-Identifier: MIT OR Apache-2.0
//! From which locality the TPM was started (TCG PC Client Platform Firmware Profile 1.06, section 10.4.5.3).

use crate::event::Event;
use crate::event_type::EventType;

/// The signature of the event's data, with its terminator.
const SIGNATURE: &[u8; 16] = b"StartupLocality\0";

/// The locality that an event tells; `None` for any other event.
pub(crate) fn of(event: &Event<'_>) -> Option<u8> {
    if event.pcr != 0 || event.event_type != EventType::NO_ACTION {
        return None;
    }
    event.data.strip_prefix(SIGNATURE)?.first().copied()
}

/// Whether a TPM can be started from it: 0 and 3 by a command, 4 by a measurement before that.
pub(crate) fn is_possible(locality: u8) -> bool {
    matches!(locality, 0 | 3 | 4)
}
