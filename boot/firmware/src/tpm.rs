// SPDX-License-Identifier: MIT OR Apache-2.0
//! The TPM (TCG EFI Protocol Specification, family 2.0, revision 00.13).

use crate::services::locate;
use crate::status;
use core::ptr::NonNull;
use lamboot_core::error::{ErrorKind, PortResult};
use lamboot_core::ports::{Measurement, Tpm};
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

impl Tpm for FirmwareTpm {
    fn measure(&mut self, measurement: &Measurement) -> PortResult<()> {
        let tpm = self.protocol().ok_or(ErrorKind::NotFound)?;
        let pcr = PcrIndex(u32::from(measurement.pcr));
        let event = PcrEventInputs::new_in_box(pcr, EventType::IPL, &measurement.event)
            .map_err(|why| status::error(why.status()))?;
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
