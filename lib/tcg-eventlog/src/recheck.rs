// SPDX-License-Identifier: MIT OR Apache-2.0
//! Whether the data of an event are what was hashed.
//!
//! | type | what is hashed | by |
//! |---|---|---|
//! | `EV_SEPARATOR`, `EV_ACTION`, `EV_EFI_ACTION`, `EV_S_CRTM_VERSION`, `EV_OMIT_BOOT_DEVICE_EVENTS`, `EV_EFI_GPT_EVENT` | the data | TCG PC Client Platform Firmware Profile 1.06, section 10.4.1 |
//! | `EV_EFI_VARIABLE_DRIVER_CONFIG`, `EV_EFI_VARIABLE_AUTHORITY`, `EV_EFI_VARIABLE_BOOT2`, `EV_EFI_SPDM_DEVICE_POLICY`, `EV_EFI_SPDM_DEVICE_AUTHORITY` | the data, with the variable's name | the same |
//! | `EV_EFI_VARIABLE_BOOT` | what is in the variable; on some machines the data | the same |
//! | `EV_EVENT_TAG` | the data, what follows number and size in them, or something else | whoever measured |
//! | `EV_IPL` | the text without terminator, what follows `: ` in it, or something else | whoever measured: GRUB, systemd, shim |
//! | any other | something else, mostly | |

use crate::algorithm::Algorithm;
use crate::describe::{Tagged, Variable};
use crate::digest::Digest;
use crate::event::Event;
use crate::event_type::EventType;

/// Whether the data of an event are what was hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Recheck {
    /// The event extends nothing, so nothing was hashed.
    NotExtended,
    /// This much of the data hashes to every digest that can be made here.
    Matches(Hashed),
    /// The data of this type determine the digest, and do not hash to it; or they hash to one digest of the
    /// event and not to another.
    Differs,
    /// The data do not determine the digest, or no digest of the event can be made here. They are a claim, and
    /// nothing vouches for it.
    Undetermined,
}

/// Which part of an event's data was hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Hashed {
    /// All.
    All,
    /// All but the zero that ends a text.
    WithoutTerminator,
    /// What follows the first `: `, without the zero that ends a text.
    AfterPrefix,
    /// What is in a variable, without its name.
    VariableContent,
    /// What follows the number and the size of a tagged event.
    TaggedContent,
}

impl Event<'_> {
    /// Says whether the data are what was hashed, by every digest that can be made here.
    ///
    /// Digests of a log are only as good as their replay: compare [`Replay`](crate::Replay) with the TPM, too.
    ///
    /// ```
    /// use tcg_eventlog::{Algorithm, Builder, EventLog, EventType, Hashed, Recheck};
    ///
    /// let bytes = Builder::agile(&[Algorithm::SHA256])
    ///     .event(4, EventType::SEPARATOR, &[0; 4])
    ///     .event_of(8, EventType::IPL, b"set x=1", b"grub_cmd: set x=1\0")
    ///     .event_of(9, EventType::IPL, b"a file's bytes", b"/vmlinuz\0")
    ///     .build();
    /// let log = EventLog::parse(&bytes)?;
    /// let verdicts: Result<Vec<_>, _> = log.events().map(|event| Ok(event?.recheck())).collect();
    /// assert_eq!(
    ///     verdicts?,
    ///     [
    ///         Recheck::NotExtended,
    ///         Recheck::Matches(Hashed::All),
    ///         Recheck::Matches(Hashed::AfterPrefix),
    ///         Recheck::Undetermined,
    ///     ]
    /// );
    /// # Ok::<(), tcg_eventlog::Error>(())
    /// ```
    #[must_use]
    pub fn recheck(&self) -> Recheck {
        if !self.extends() {
            return Recheck::NotExtended;
        }
        let verdicts = self.digests.iter().filter_map(|(algorithm, digest)| self.judge(algorithm, digest));
        let found = verdicts.reduce(|one, other| if one == other { one } else { None });
        match (found, is_determined(self.event_type)) {
            (Some(Some(hashed)), _) => Recheck::Matches(hashed),
            (None, _) => Recheck::Undetermined,
            (Some(None), true) => Recheck::Differs,
            (Some(None), false) if self.some_match() => Recheck::Differs,
            (Some(None), false) => Recheck::Undetermined,
        }
    }

    /// Which part of the data hashes to this digest, if any does; `None` when that cannot be said.
    fn judge(&self, algorithm: Algorithm, digest: &[u8]) -> Option<Option<Hashed>> {
        Digest::of(algorithm, &[])?;
        let is_it = |part: &[u8]| Digest::of(algorithm, &[part]).is_some_and(|own| own.as_bytes() == digest);
        Some(self.candidates().into_iter().flatten().find(|(_, part)| is_it(part)).map(|(hashed, _)| hashed))
    }

    fn some_match(&self) -> bool {
        let mut verdicts =
            self.digests.iter().filter_map(|(algorithm, digest)| self.judge(algorithm, digest));
        verdicts.any(|found| found.is_some())
    }

    /// The parts of the data that may have been hashed, the most likely first.
    fn candidates(&self) -> [Option<(Hashed, &[u8])>; 3] {
        let all = Some((Hashed::All, self.data));
        match self.event_type {
            EventType::EFI_VARIABLE_BOOT => {
                let content = Variable::parse(self.data).map(|variable| variable.content);
                [content.map(|content| (Hashed::VariableContent, content)), all, None]
            }
            EventType::EVENT_TAG => {
                let content = Tagged::parse(self.data).map(|tagged| tagged.content);
                [all, content.map(|content| (Hashed::TaggedContent, content)), None]
            }
            EventType::IPL => {
                let text = without_terminator(self.data);
                let rest = text.windows(2).position(|two| two == b": ");
                let rest = rest.and_then(|at| text.get(at.saturating_add(2)..));
                let rest = rest.map(|rest| (Hashed::AfterPrefix, rest));
                [all, Some((Hashed::WithoutTerminator, text)), rest]
            }
            _ => [all, None, None],
        }
    }
}

/// Whether the data of this type determine the digest.
const fn is_determined(event_type: EventType) -> bool {
    matches!(
        event_type,
        EventType::SEPARATOR
            | EventType::ACTION
            | EventType::S_CRTM_VERSION
            | EventType::OMIT_BOOT_DEVICE_EVENTS
            | EventType::EFI_ACTION
            | EventType::EFI_GPT_EVENT
            | EventType::EFI_VARIABLE_DRIVER_CONFIG
            | EventType::EFI_VARIABLE_BOOT
            | EventType::EFI_VARIABLE_BOOT2
            | EventType::EFI_VARIABLE_AUTHORITY
            | EventType::EFI_SPDM_DEVICE_POLICY
            | EventType::EFI_SPDM_DEVICE_AUTHORITY
    )
}

/// A text without the zero at its end: one byte, or two where it is UTF-16.
fn without_terminator(text: &[u8]) -> &[u8] {
    let is_utf16 = text.len().is_multiple_of(2) && text.get(1) == Some(&0);
    let terminator: &[u8] = if is_utf16 { &[0, 0] } else { &[0] };
    text.strip_suffix(terminator).unwrap_or(text)
}
