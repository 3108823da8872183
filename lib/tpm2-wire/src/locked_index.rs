// SPDX-License-Identifier: MIT OR Apache-2.0
//! An NV index that one program uses once after each reset, and nobody else before the next.

use crate::algorithm::Algorithm;
use crate::bounded::Digest;
use crate::command_code::CommandCode;
use crate::error::Error;
use crate::finding::{Difference, Finding, Unusable};
use crate::handle::Handle;
use crate::nv::NvAuthorizer;
use crate::nv_public::{NvAttributes, NvPublic};
use crate::pcr_selection::PcrSelection;
use crate::policy::Policy;
use crate::response_code::ResponseCode;
use crate::session::Session;
use crate::tpm::Tpm;

/// An NV index for a secret that is renewed at every boot: who reads it writes the next one, and locks both.
///
/// It can be read and written where the PCRs of `pcrs` have the values that they had when it was defined. Locks
/// hold until the TPM is reset. Reading is not refused by the lock for writing, nor the other way round; the order
/// is: read, write, lock writing, lock reading. A boot takes thirteen commands.
///
/// It does not keep its secret from whoever can reach the same PCR values first after a reset, and whoever has the
/// owner hierarchy's right can delete it, and define another of the same number. The deleted secret is gone then,
/// which the owner of a copy notices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LockedIndex {
    /// Its number.
    pub handle: Handle,
    /// How many bytes it has. What one command writes is written whole or not at all, even in a power cut: keep it
    /// below the TPM's [`Property::NV_BUFFER_MAX`](crate::Property::NV_BUFFER_MAX).
    pub size: u16,
    /// The PCRs on whose values it depends.
    pub pcrs: PcrSelection,
}

impl LockedIndex {
    /// Its attributes, without the state.
    pub const ATTRIBUTES: NvAttributes = NvAttributes(
        NvAttributes::POLICY_READ.0
            | NvAttributes::POLICY_WRITE.0
            | NvAttributes::READ_STCLEAR.0
            | NvAttributes::WRITE_STCLEAR.0
            | NvAttributes::NO_DA.0,
    );

    /// What is there now. Changes nothing.
    ///
    /// # Errors
    /// When the TPM could not be asked, or does not have the PCRs.
    pub fn look(&self, tpm: &mut Tpm<'_>) -> Result<Finding, Error> {
        let found = match tpm.nv_read_public(self.handle) {
            Ok(found) => found,
            Err(error) if error.is(ResponseCode::HANDLE) => return Ok(Finding::Absent),
            Err(error) => return Err(error),
        };
        let wanted = self.public(tpm)?;
        Ok(judge(&found, &wanted))
    }

    /// Defines it for the values that the PCRs have now. It is not written by that.
    ///
    /// # Errors
    /// [`Finding::NoRoom`], [`Finding::OwnerAuthSet`], [`Finding::OwnerDisabled`], [`Finding::Lockout`]; when one of
    /// that number is there, what it is.
    pub fn define(&self, tpm: &mut Tpm<'_>) -> Result<(), Unusable> {
        let public = self.public(tpm)?;
        match tpm.nv_define_space(&public) {
            Err(error) if error.is(ResponseCode::NV_DEFINED) => Err(Unusable::Found(self.look(tpm)?)),
            done => done.map_err(Unusable::from),
        }
    }

    /// Deletes what is in its place, whatever it is.
    ///
    /// # Errors
    /// [`Finding::Absent`], [`Finding::OwnerAuthSet`], [`Finding::OwnerDisabled`].
    pub fn remove(&self, tpm: &mut Tpm<'_>) -> Result<(), Unusable> {
        tpm.nv_undefine_space(self.handle).map_err(|error| match error.number() {
            Some(ResponseCode::HANDLE) => Unusable::Found(Finding::Absent),
            _ => Unusable::from(error),
        })
    }

    /// Opens it, to be read once and written once. Whatever happens to what comes back, it ends locked.
    ///
    /// # Errors
    /// What is there, where that is neither [`Finding::Readable`] nor [`Finding::Unwritten`].
    pub fn open<'a, 't>(&self, tpm: &'a mut Tpm<'t>) -> Result<Opened<'a, 't>, Unusable> {
        let is_written = match self.look(tpm)? {
            Finding::Readable => true,
            Finding::Unwritten => false,
            other => return Err(Unusable::Found(other)),
        };
        Ok(Opened { session: Session::policy(tpm)?, index: *self, is_written, is_locked: false })
    }

    /// Locks it for writing and reading, where it is of this kind. Harmless where it is locked already.
    ///
    /// # Errors
    /// What came between. The lock for reading is tried, too, when that for writing fails.
    pub fn lock(&self, tpm: &mut Tpm<'_>) -> Result<(), Unusable> {
        let mut session = Session::policy(tpm)?;
        self.lock_by(&mut session).map_err(Unusable::from)
    }

    fn lock_by(&self, session: &mut Session<'_, '_>) -> Result<(), Error> {
        let by = session.pcrs(self.pcrs);
        let writing = session.tpm().nv_write_lock(by, self.handle);
        let reading = session.tpm().nv_read_lock(by, self.handle);
        writing.and(reading)
    }

    /// What it should be, with the values that the PCRs have now.
    fn public(&self, tpm: &mut Tpm<'_>) -> Result<NvPublic, Error> {
        let values = tpm.pcr_read(self.pcrs)?;
        let policy = Policy::ANYBODY.pcr(self.pcrs, &values.digest());
        Ok(NvPublic {
            index: self.handle,
            name_algorithm: Algorithm::SHA256,
            attributes: Self::ATTRIBUTES,
            policy: Digest::new(policy.as_bytes()).unwrap_or_default(),
            size: self.size,
        })
    }
}

fn judge(found: &NvPublic, wanted: &NvPublic) -> Finding {
    let is_locked = found.attributes.contains(NvAttributes::READ_LOCKED)
        || found.attributes.contains(NvAttributes::WRITE_LOCKED);
    if found.name_algorithm != wanted.name_algorithm {
        Finding::Foreign(Difference::Algorithm(found.name_algorithm))
    } else if found.attributes.chosen() != wanted.attributes {
        Finding::Foreign(Difference::Attributes(found.attributes.chosen()))
    } else if found.size != wanted.size {
        Finding::Foreign(Difference::Size(found.size))
    } else if found.policy != wanted.policy {
        Finding::PolicyMismatch
    } else if is_locked {
        Finding::Locked
    } else if !found.attributes.contains(NvAttributes::WRITTEN) {
        Finding::Unwritten
    } else {
        Finding::Readable
    }
}

/// A [`LockedIndex`] that can be read and written. It is locked when this is dropped, also on the way out of an
/// error, as far as the TPM lets it.
#[derive(Debug)]
pub struct Opened<'a, 't> {
    session: Session<'a, 't>,
    index: LockedIndex,
    is_written: bool,
    is_locked: bool,
}

impl<'t> Opened<'_, 't> {
    /// The TPM, for other commands before it is locked.
    pub const fn tpm(&mut self) -> &mut Tpm<'t> {
        self.session.tpm()
    }

    /// Whether there is something to be read.
    #[must_use]
    pub const fn is_written(&self) -> bool {
        self.is_written
    }

    /// Reads all its bytes.
    ///
    /// # Errors
    /// [`Finding::Unwritten`] when it was never written; [`Error::BadLength`] when `content` has not as many bytes.
    pub fn read(&mut self, content: &mut [u8]) -> Result<(), Unusable> {
        self.check_length(CommandCode::NV_READ, content)?;
        if !self.is_written {
            return Err(Unusable::Found(Finding::Unwritten));
        }
        let by = self.authorizer();
        Ok(self.session.tpm().nv_read(by, self.index.handle, 0, content)?)
    }

    /// Writes all its bytes, and locks it for writing and reading.
    ///
    /// # Errors
    /// [`Error::BadLength`] when `content` has not as many bytes; anything else when it could not be written or
    /// locked. It is then not known to be locked: what is started next may be able to read it.
    pub fn write_and_lock(mut self, content: &[u8]) -> Result<(), Unusable> {
        self.check_length(CommandCode::NV_WRITE, content)?;
        let by = self.authorizer();
        self.session.tpm().nv_write(by, self.index.handle, 0, content)?;
        self.lock()
    }

    /// Locks it as it is.
    ///
    /// # Errors
    /// As for [`write_and_lock`](Self::write_and_lock).
    pub fn lock(mut self) -> Result<(), Unusable> {
        self.index.lock_by(&mut self.session)?;
        self.is_locked = true;
        Ok(())
    }

    fn check_length(&self, command: CommandCode, content: &[u8]) -> Result<(), Error> {
        let fits = content.len() == usize::from(self.index.size);
        if fits { Ok(()) } else { Err(Error::BadLength(command)) }
    }

    const fn authorizer(&self) -> NvAuthorizer {
        self.session.pcrs(self.index.pcrs)
    }
}

impl Drop for Opened<'_, '_> {
    fn drop(&mut self) {
        if !self.is_locked {
            // What failed before may fail again; whoever asked has that error already.
            let _ = self.index.lock_by(&mut self.session);
        }
    }
}
