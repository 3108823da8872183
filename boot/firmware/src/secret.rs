// SPDX-License-Identifier: MIT OR Apache-2.0
//! The loader's secret in the TPM: an NV index for the value that PCR 7 has, locked from the hand-over to the next
//! reset (TPM 2.0 Library, part 3, chapter 31).

use lamboot_core::error::{ErrorKind, PortError, PortResult};
use lamboot_core::ports::Secret;
use lamboot_schema::variables::TrustState;
use tpm2_wire::{
    Algorithm, Finding, Handle, LockedIndex, PcrSelection, Session, Transport, TransportError, Unusable,
};
use uefi::proto::tcg::v2::Tcg;

/// The index, in the range that the TCG's registry gives to the Linux community, behind what systemd uses
/// (UAPI.19).
const INDEX: Handle = Handle(0x01D1_0280);
/// How Secure Boot is set up, and who vouched for this program.
const PCR: u8 = 7;

/// The way to the TPM through firmware (TCG EFI Protocol Specification, section 6.7).
struct Tcg2<'t>(&'t mut Tcg);

impl Transport for Tcg2<'_> {
    fn submit(&mut self, command: &[u8], response: &mut [u8]) -> Result<(), TransportError> {
        let submitted = self.0.submit_command(command, response);
        submitted.map_err(|why| TransportError { status: u64::try_from(why.status().0).unwrap_or(u64::MAX) })
    }
}

fn index() -> PortResult<LockedIndex> {
    let pcrs = PcrSelection::new(Algorithm::SHA256, &[PCR]).ok_or(ErrorKind::Unsupported)?;
    Ok(LockedIndex { handle: INDEX, size: TrustState::BYTES, pcrs })
}

/// Does something with the index.
fn with<T>(
    tcg: &mut Tcg,
    act: impl FnOnce(&LockedIndex, &mut tpm2_wire::Tpm<'_>) -> Result<T, Unusable>,
) -> PortResult<T> {
    let mut transport = Tcg2(tcg);
    let mut tpm = tpm2_wire::Tpm::new(&mut transport);
    act(&index()?, &mut tpm).map_err(error)
}

fn error(why: Unusable) -> PortError {
    let kind = match why {
        Unusable::Found(Finding::NoRoom) => ErrorKind::Full,
        Unusable::Found(Finding::Absent | Finding::Unwritten) => ErrorKind::NotFound,
        Unusable::Found(_) => ErrorKind::AccessDenied,
        Unusable::Tpm(_) => ErrorKind::Device,
    };
    PortError { kind, detail: alloc::format!("{why}") }
}

pub(crate) fn read(tcg: &mut Tcg) -> PortResult<Secret> {
    with(tcg, |index, tpm| match index.look(tpm)? {
        Finding::Readable => {
            let mut bytes = alloc::vec![0; usize::from(index.size)];
            let mut session = Session::policy(tpm)?;
            let by = session.pcrs(index.pcrs);
            session.tpm().nv_read(by, index.handle, 0, &mut bytes)?;
            Ok(Secret::Stored(bytes))
        }
        Finding::Absent | Finding::Unwritten => Ok(Secret::Absent),
        Finding::Locked => Ok(Secret::Locked),
        Finding::PolicyMismatch => Ok(Secret::OtherPolicy),
        Finding::Foreign(_) => Ok(Secret::Foreign),
        other => Err(Unusable::Found(other)),
    })
}

pub(crate) fn define(tcg: &mut Tcg) -> PortResult<()> {
    with(tcg, |index, tpm| match index.look(tpm)? {
        // Of its own kind, and empty.
        Finding::Unwritten => Ok(()),
        Finding::Absent => index.define(tpm),
        _ => index.remove(tpm).and_then(|()| index.define(tpm)),
    })
}

pub(crate) fn store(tcg: &mut Tcg, bytes: &[u8]) -> PortResult<()> {
    with(tcg, |index, tpm| {
        let mut session = Session::policy(tpm)?;
        let by = session.pcrs(index.pcrs);
        Ok(session.tpm().nv_write(by, index.handle, 0, bytes)?)
    })
}

pub(crate) fn lock(tcg: &mut Tcg) -> PortResult<()> {
    with(tcg, LockedIndex::lock)
}

pub(crate) fn remove(tcg: &mut Tcg) -> PortResult<()> {
    with(tcg, LockedIndex::remove)
}
