// SPDX-License-Identifier: MIT OR Apache-2.0
//! Policy sessions: showing a TPM that a policy is met (TPM 2.0 Library, part 3, 11.1 and 23).

use crate::algorithm::Algorithm;
use crate::command_code::CommandCode;
use crate::error::Error;
use crate::handle::Handle;
use crate::nv::NvAuthorizer;
use crate::pcr_selection::PcrSelection;
use crate::policy::Policy;
use crate::tpm::Tpm;

/// `TPM_SE_POLICY`.
const POLICY: u8 = 1;
/// `TPM_SE_TRIAL`.
const TRIAL: u8 = 3;
/// What a TPM is given in place of a random number. Nothing is derived from it: these sessions have no salt, are
/// bound to nothing, and no command here has an HMAC.
const NONCE: [u8; 16] = [0; 16];

/// A policy session with SHA-256. It is flushed when this is dropped, also on the way out of an error.
///
/// A command that uses it makes it forget what was shown; the next command needs that shown again, which
/// [`pcrs`](Self::pcrs) sees to.
#[derive(Debug)]
pub struct Session<'a, 't> {
    tpm: &'a mut Tpm<'t>,
    handle: Handle,
}

impl<'a, 't> Session<'a, 't> {
    /// A session that can authorize commands.
    ///
    /// # Errors
    /// When the TPM has no room for one, or could not be asked.
    pub fn policy(tpm: &'a mut Tpm<'t>) -> Result<Self, Error> {
        let handle = tpm.start_auth_session(POLICY)?;
        Ok(Self { tpm, handle })
    }

    /// A session that computes the digest of a policy, and believes everything.
    ///
    /// # Errors
    /// When the TPM has no room for one, or could not be asked.
    pub fn trial(tpm: &'a mut Tpm<'t>) -> Result<Self, Error> {
        let handle = tpm.start_auth_session(TRIAL)?;
        Ok(Self { tpm, handle })
    }

    /// The TPM, for the commands that the session is for.
    pub const fn tpm(&mut self) -> &mut Tpm<'t> {
        self.tpm
    }

    /// The right to use NV indexes whose policy asks for these PCRs.
    #[must_use]
    pub const fn pcrs(&self, selection: PcrSelection) -> NvAuthorizer {
        NvAuthorizer::Pcrs { session: self.handle, selection }
    }

    /// Shows the values that the PCRs of `selection` have now. With `digest`, the TPM refuses where they have not
    /// that one ([`PcrValues::digest`](crate::PcrValues::digest)).
    ///
    /// # Errors
    /// `TPM_RC_VALUE` when the PCRs have another digest.
    pub fn policy_pcr(&mut self, selection: PcrSelection, digest: Option<&[u8; 32]>) -> Result<(), Error> {
        self.tpm.policy_pcr(self.handle, selection, digest.map_or(&[], |digest| digest))
    }

    /// Shows that what was shown is one of `branches`.
    ///
    /// # Errors
    /// `TPM_RC_VALUE` when it is none of them.
    pub fn policy_or(&mut self, branches: &[Policy]) -> Result<(), Error> {
        let command = CommandCode::POLICY_OR;
        let count = u32::try_from(branches.len()).map_err(|_| Error::BadLength(command))?;
        let answer = self.tpm.run(command, &[self.handle], None, &|writer| {
            writer.u32(count);
            branches.iter().for_each(|branch| writer.sized(branch.as_bytes()));
        })?;
        answer.done()
    }

    /// The digest of what was shown.
    ///
    /// # Errors
    /// When the TPM could not be asked.
    pub fn policy_digest(&mut self) -> Result<Policy, Error> {
        let answer = self.tpm.run(CommandCode::POLICY_GET_DIGEST, &[self.handle], None, &|_| ())?;
        answer.parse(|reader| reader.sized()?.try_into().ok().map(Policy::from_bytes))
    }
}

impl Drop for Session<'_, '_> {
    fn drop(&mut self) {
        // Nobody is left to tell of an error, and the TPM forgets sessions when it is reset.
        let _ = self.tpm.flush_context(self.handle);
    }
}

impl Tpm<'_> {
    pub(crate) fn policy_pcr(
        &mut self,
        session: Handle,
        selection: PcrSelection,
        digest: &[u8],
    ) -> Result<(), Error> {
        let answer = self.run(CommandCode::POLICY_PCR, &[session], None, &|writer| {
            writer.sized(digest);
            selection.marshal(writer);
        })?;
        answer.done()
    }

    /// Makes a session forget what was shown.
    pub(crate) fn policy_restart(&mut self, session: Handle) -> Result<(), Error> {
        self.run(CommandCode::POLICY_RESTART, &[session], None, &|_| ())?.done()
    }

    fn start_auth_session(&mut self, kind: u8) -> Result<Handle, Error> {
        let handles = [Handle::NULL, Handle::NULL];
        let answer = self.run(CommandCode::START_AUTH_SESSION, &handles, None, &|writer| {
            writer.sized(&NONCE);
            writer.sized(&[]);
            writer.u8(kind);
            writer.u16(Algorithm::NULL.0);
            writer.u16(Algorithm::SHA256.0);
        })?;
        let handle = answer.handle;
        answer.parse(|reader| reader.sized().map(|_| handle))
    }
}
