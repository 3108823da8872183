// SPDX-License-Identifier: MIT OR Apache-2.0
//! The TPM (TCG EFI Protocol Specification, family 2.0, revision 00.13).

use crate::secret;
use crate::services::locate;
use crate::status;
use alloc::borrow::Cow;
use core::ptr::NonNull;
use lamboot_core::error::{ErrorKind, PortResult};
use lamboot_core::ports::{EventKind, Measurement, Secret, Tpm};
use uefi::proto::tcg::v2::{HashLogExtendEventFlags, PcrEventInputs, Tcg};
use uefi::proto::tcg::{EventType, PcrIndex};
use uefi::{Identify, Status};

/// [`Tpm`] on firmware. The protocol is looked for at the first use.
#[derive(Default)]
pub(crate) struct FirmwareTpm {
    found: Option<NonNull<Tcg>>,
}

impl FirmwareTpm {
    fn protocol(&mut self) -> Option<&mut Tcg> {
        if self.found.is_none() {
            self.found = locate(&Tcg::GUID).ok().map(NonNull::cast);
        }
        // SAFETY: the interface was located by the protocol's GUID; firmware never uninstalls the
        // TPM's protocol, and this is the only reference to it.
        self.found.map(|mut tpm| unsafe { tpm.as_mut() })
    }

    /// Whether there is a TPM 2.0 that works (section 6.4: `TPMPresentFlag`).
    pub(crate) fn present(&mut self) -> bool {
        let capability = self.protocol().and_then(|tpm| tpm.get_capability().ok());
        capability.is_some_and(|capability| capability.tpm_present())
    }
}

impl FirmwareTpm {
    fn tcg(&mut self) -> PortResult<&mut Tcg> {
        self.protocol().ok_or_else(|| ErrorKind::NotFound.into())
    }
}

impl Tpm for FirmwareTpm {
    fn secret(&mut self) -> PortResult<Secret> {
        secret::read(self.tcg()?)
    }

    fn define_secret(&mut self) -> PortResult<()> {
        secret::define(self.tcg()?)
    }

    fn store_secret(&mut self, bytes: &[u8]) -> PortResult<()> {
        secret::store(self.tcg()?, bytes)
    }

    fn lock_secret(&mut self) -> PortResult<()> {
        secret::lock(self.tcg()?)
    }

    fn remove_secret(&mut self) -> PortResult<()> {
        secret::remove(self.tcg()?)
    }

    fn measure(&mut self, measurement: &Measurement) -> PortResult<()> {
        let tpm = self.tcg()?;
        let pcr = PcrIndex(u32::from(measurement.pcr));
        let (event_type, bytes) = event(measurement)?;
        let event =
            PcrEventInputs::new_in_box(pcr, event_type, &bytes).map_err(|why| status::error(why.status()))?;
        let flags = HashLogExtendEventFlags::empty();
        match tpm.hash_log_extend_event(flags, &measurement.data, &event) {
            Ok(()) => Ok(()),
            // The log is full, but the PCR was extended (section 6.6): the measurement holds.
            Err(why) if why.status() == Status::VOLUME_FULL => Ok(()),
            Err(why) => Err(status::error(why.status())),
        }
    }

    fn active_banks(&mut self) -> Option<u32> {
        let capability = self.protocol()?.get_capability().ok()?;
        capability.tpm_present().then(|| capability.active_pcr_banks.bits())
    }
}

/// Type and data of the event. Those of a tagged one are the tag, the size of what follows, and that (TCG PC Client
/// Platform Firmware Profile 1.06, section 10.4.2.1).
fn event(measurement: &Measurement) -> PortResult<(EventType, Cow<'_, [u8]>)> {
    match measurement.kind {
        EventKind::Ipl => Ok((EventType::IPL, Cow::Borrowed(&measurement.event))),
        EventKind::Tag(tag) => {
            let size = u32::try_from(measurement.event.len()).map_err(|_| ErrorKind::TooLarge)?;
            let bytes = [&tag.to_le_bytes()[..], &size.to_le_bytes(), &measurement.event].concat();
            Ok((EventType::EVENT_TAG, Cow::Owned(bytes)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tagged_event_has_tag_and_size_before_its_words() {
        let measurement = |kind| Measurement { pcr: 5, kind, data: b"x".to_vec(), event: b"abc".to_vec() };
        let tagged = measurement(EventKind::Tag(0x0102_0304));
        let (event_type, bytes) = event(&tagged).unwrap();
        assert_eq!((event_type, &bytes[..]), (EventType::EVENT_TAG, &b"\x04\x03\x02\x01\x03\0\0\0abc"[..]));
        let plain = measurement(EventKind::Ipl);
        assert_eq!(event(&plain).unwrap(), (EventType::IPL, Cow::Borrowed(&b"abc"[..])));
    }
}
