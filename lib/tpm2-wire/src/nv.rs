// SPDX-License-Identifier: MIT OR Apache-2.0
//! NV indexes: memory in a TPM (TPM 2.0 Library, part 3, 31).

use crate::bounded::Name;
use crate::bytes::{Reader, Writer};
use crate::capability::Property;
use crate::command_code::CommandCode;
use crate::error::Error;
use crate::handle::{Authorization, Handle};
use crate::nv_public::NvPublic;
use crate::pcr_selection::PcrSelection;
use crate::tpm::{Answer, Tpm};

/// How many bytes of an NV index one command reads or writes, where the TPM allows more.
pub const NV_CHUNK_MAX: u16 = 1024;

/// By what right an NV index is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NvAuthorizer {
    /// That of the owner hierarchy, which has no password.
    Owner,
    /// That of the index, which has no password.
    Index,
    /// The policy of the index, which asks for PCRs and nothing else. They are shown before each command.
    Pcrs {
        /// A policy session.
        session: Handle,
        /// The PCRs of the policy.
        selection: PcrSelection,
    },
}

impl NvAuthorizer {
    const fn handle(self, index: Handle) -> Handle {
        match self {
            Self::Owner => Handle::OWNER,
            Self::Index | Self::Pcrs { .. } => index,
        }
    }

    fn authorize(self, tpm: &mut Tpm<'_>) -> Result<Authorization, Error> {
        let Self::Pcrs { session, selection } = self else { return Ok(Authorization::Empty) };
        tpm.policy_pcr(session, selection, &[])?;
        Ok(Authorization::Policy(session))
    }
}

impl Tpm<'_> {
    /// What everybody may know of an NV index (31.6).
    ///
    /// # Errors
    /// `TPM_RC_HANDLE` when there is none; [`Error::Malformed`] also when its name is not that of what the TPM says
    /// of it.
    pub fn nv_read_public(&mut self, index: Handle) -> Result<NvPublic, Error> {
        let answer = self.run(CommandCode::NV_READ_PUBLIC, &[index], None, &|_| ())?;
        answer.parse(|reader| {
            let public = NvPublic::unmarshal(reader.sized()?)?;
            let name = Name::unmarshal(reader)?;
            let is_named = public.name().is_none_or(|own| own == name);
            (is_named && public.index == index).then_some(public)
        })
    }

    /// Makes an NV index without a password, by the right of the owner hierarchy, which has none (31.3).
    ///
    /// # Errors
    /// `TPM_RC_NV_DEFINED` when there is one of that number, `TPM_RC_NV_SPACE` when there is no room,
    /// `TPM_RC_BAD_AUTH` when the owner hierarchy has a password.
    pub fn nv_define_space(&mut self, public: &NvPublic) -> Result<(), Error> {
        let (handles, owner) = ([Handle::OWNER], Some(Authorization::Empty));
        let answer = self.run(CommandCode::NV_DEFINE_SPACE, &handles, owner, &|writer| {
            writer.sized(&[]);
            writer.sized_structure(&|writer| public.marshal(writer));
        })?;
        answer.done()
    }

    /// Deletes an NV index, by the right of the owner hierarchy, which has no password (31.4).
    ///
    /// # Errors
    /// `TPM_RC_HANDLE` when there is none, `TPM_RC_BAD_AUTH` when the owner hierarchy has a password.
    pub fn nv_undefine_space(&mut self, index: Handle) -> Result<(), Error> {
        let (handles, owner) = ([Handle::OWNER, index], Some(Authorization::Empty));
        self.run(CommandCode::NV_UNDEFINE_SPACE, &handles, owner, &|_| ())?.done()
    }

    /// Reads the bytes of an NV index from `offset` on, by as many commands as the TPM needs (31.13).
    ///
    /// # Errors
    /// `TPM_RC_NV_UNINITIALIZED` before it was written, `TPM_RC_NV_LOCKED`, `TPM_RC_POLICY_FAIL`, `TPM_RC_NV_RANGE`
    /// for bytes that it does not have. `bytes` may then hold some of those asked for.
    pub fn nv_read(
        &mut self,
        by: NvAuthorizer,
        index: Handle,
        offset: u16,
        bytes: &mut [u8],
    ) -> Result<(), Error> {
        let chunk = self.nv_chunk()?;
        let mut offset = offset;
        for part in bytes.chunks_mut(chunk) {
            offset = self.nv_read_chunk(by, index, offset, part)?;
        }
        Ok(())
    }

    /// Where the bytes after these begin.
    fn nv_read_chunk(
        &mut self,
        by: NvAuthorizer,
        index: Handle,
        offset: u16,
        bytes: &mut [u8],
    ) -> Result<u16, Error> {
        let command = CommandCode::NV_READ;
        let (size, next) = extent(command, offset, bytes)?;
        let answer = self.nv_run(command, by, index, &|writer| {
            writer.u16(size);
            writer.u16(offset);
        })?;
        let read = answer.parse(Reader::sized)?;
        if read.len() != bytes.len() {
            return Err(Error::Malformed(command));
        }
        bytes.copy_from_slice(read);
        Ok(next)
    }

    /// Writes `bytes` into an NV index from `offset` on, by as many commands as the TPM needs (31.7).
    ///
    /// # Errors
    /// As for [`nv_read`](Self::nv_read). Some of the bytes may be written when a later command is refused.
    pub fn nv_write(
        &mut self,
        by: NvAuthorizer,
        index: Handle,
        offset: u16,
        bytes: &[u8],
    ) -> Result<(), Error> {
        let command = CommandCode::NV_WRITE;
        let chunk = self.nv_chunk()?;
        let mut offset = offset;
        for part in bytes.chunks(chunk) {
            let (_, next) = extent(command, offset, part)?;
            let answer = self.nv_run(command, by, index, &|writer| {
                writer.sized(part);
                writer.u16(offset);
            })?;
            answer.done()?;
            offset = next;
        }
        Ok(())
    }

    /// Adds one to a counter (31.8). The first time makes it one more than any counter of this TPM ever had.
    ///
    /// # Errors
    /// `TPM_RC_ATTRIBUTES` when the index is none.
    pub fn nv_increment(&mut self, by: NvAuthorizer, index: Handle) -> Result<(), Error> {
        self.nv_run(CommandCode::NV_INCREMENT, by, index, &|_| ())?.done()
    }

    /// The value of a counter.
    ///
    /// # Errors
    /// As for [`nv_read`](Self::nv_read).
    pub fn nv_read_counter(&mut self, by: NvAuthorizer, index: Handle) -> Result<u64, Error> {
        let mut bytes = [0; 8];
        self.nv_read(by, index, 0, &mut bytes)?;
        Ok(u64::from_be_bytes(bytes))
    }

    /// Locks an NV index for reading until the TPM is reset or restarted (31.14). Again does no harm. It can still
    /// be written.
    ///
    /// # Errors
    /// `TPM_RC_ATTRIBUTES` when it cannot be locked.
    pub fn nv_read_lock(&mut self, by: NvAuthorizer, index: Handle) -> Result<(), Error> {
        self.nv_run(CommandCode::NV_READ_LOCK, by, index, &|_| ())?.done()
    }

    /// Locks an NV index for writing until the TPM is reset or restarted (31.11). Again does no harm. It can still
    /// be read.
    ///
    /// # Errors
    /// `TPM_RC_ATTRIBUTES` when it cannot be locked.
    pub fn nv_write_lock(&mut self, by: NvAuthorizer, index: Handle) -> Result<(), Error> {
        self.nv_run(CommandCode::NV_WRITE_LOCK, by, index, &|_| ())?.done()
    }

    fn nv_run(
        &mut self,
        command: CommandCode,
        by: NvAuthorizer,
        index: Handle,
        parameters: &dyn Fn(&mut Writer<'_>),
    ) -> Result<Answer<'_>, Error> {
        let authorization = by.authorize(self)?;
        let done = self.exchange(command, &[by.handle(index), index], Some(authorization), parameters);
        if let (Err(_), NvAuthorizer::Pcrs { session, .. }) = (done, by) {
            // It would still hold what was shown, and the next showing would come on top. Whoever asked gets the
            // first error.
            let _ = self.policy_restart(session);
        }
        done?;
        self.answer(command, true)
    }

    /// How many bytes go into one command; at least one. Asked for once.
    fn nv_chunk(&mut self) -> Result<usize, Error> {
        let chunk = match self.nv_chunk {
            Some(chunk) => chunk,
            None => {
                let most = self.number(Property::NV_BUFFER_MAX)?.clamp(1, NV_CHUNK_MAX.into());
                u16::try_from(most).unwrap_or(NV_CHUNK_MAX)
            }
        };
        self.nv_chunk = Some(chunk);
        Ok(chunk.into())
    }
}

/// The size of `bytes` at `offset`, and the offset behind them.
fn extent(command: CommandCode, offset: u16, bytes: &[u8]) -> Result<(u16, u16), Error> {
    let size = u16::try_from(bytes.len()).ok();
    let both = size.and_then(|size| Some((size, offset.checked_add(size)?)));
    both.ok_or(Error::BadLength(command))
}
