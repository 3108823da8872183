// SPDX-License-Identifier: MIT OR Apache-2.0
//! A key of the endorsement hierarchy that signs quotes (TPM 2.0 Library, part 3, 24.1 and 18.4).

use crate::algorithm::Algorithm;
use crate::attest::Attest;
use crate::bounded::{AttestBytes, Name};
use crate::bytes::{Reader, Writer};
use crate::command_code::CommandCode;
use crate::error::Error;
use crate::handle::{Authorization, Handle};
use crate::pcr_selection::PcrSelection;
use crate::public::{P256Point, Public, coordinate, put_restricted_signing_template};
use crate::tpm::Tpm;

/// The most bytes of qualifying data that every TPM takes: it has SHA-256.
pub const QUALIFYING_BYTES_MAX: usize = 34;

/// How many bytes a [`Signature`] has as a `TPMT_SIGNATURE`.
pub const SIGNATURE_BYTES: usize = 72;

/// A key in the TPM. It is flushed when this is dropped, also on the way out of an error.
#[derive(Debug)]
pub struct Key<'a, 't> {
    tpm: &'a mut Tpm<'t>,
    handle: Handle,
    public: Public,
    name: Name,
}

/// A signature by ECDSA on P-256 with SHA-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Its first number, big-endian.
    pub r: [u8; 32],
    /// Its second number, big-endian.
    pub s: [u8; 32],
}

/// PCRs, signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quote {
    /// The bytes that were signed; [`Attest::parse`] takes them apart.
    pub attest: AttestBytes,
    /// The signature.
    pub signature: Signature,
}

impl<'a, 't> Key<'a, 't> {
    /// Makes a restricted signing key in the endorsement hierarchy, which has no password: ECDSA on P-256 with SHA-256.
    ///
    /// The hierarchy's seed and the template decide it: it is the same key after every reset, and whoever may use
    /// the hierarchy has the same. It signs only what the TPM made itself. Takes up to half a second on a chip.
    ///
    /// # Errors
    /// `TPM_RC_BAD_AUTH` when the hierarchy has a password, `TPM_RC_HIERARCHY` when it is switched off,
    /// `TPM_RC_OBJECT_MEMORY` when there is no room.
    pub fn restricted_signing(tpm: &'a mut Tpm<'t>) -> Result<Self, Error> {
        let (handle, made) = tpm.create_restricted_signing()?;
        // A guard from here on: what the TPM made is flushed, whatever it says about it.
        let mut own = Self { tpm, handle, public: Public::EMPTY, name: Name::EMPTY };
        (own.public, own.name) = made.ok_or(Error::Malformed(CommandCode::CREATE_PRIMARY))?;
        Ok(own)
    }

    /// Its number in the TPM, for as long as it is there.
    #[must_use]
    pub const fn handle(&self) -> Handle {
        self.handle
    }

    /// Its public area.
    #[must_use]
    pub const fn public(&self) -> &Public {
        &self.public
    }

    /// Its name, which is that of its public area.
    #[must_use]
    pub const fn name(&self) -> &Name {
        &self.name
    }

    /// Its public part. The TPM said that it is on the curve; nobody checked.
    #[must_use]
    pub fn point(&self) -> Option<P256Point> {
        self.public.restricted_signing_point()
    }

    /// The TPM, for commands while the key is there.
    pub const fn tpm(&mut self) -> &mut Tpm<'t> {
        self.tpm
    }

    /// Has the TPM sign the values of the PCRs of `selection`, together with `qualifying` data of at most
    /// [`QUALIFYING_BYTES_MAX`] bytes, such as a hash of what is to be vouched for.
    ///
    /// What comes back was taken apart: it is a quote of these PCRs with these data. Its signature was not checked.
    ///
    /// # Errors
    /// When the TPM does not do it, or its answer is not about what it was asked.
    pub fn quote(&mut self, selection: PcrSelection, qualifying: &[u8]) -> Result<Quote, Error> {
        let command = CommandCode::QUOTE;
        if qualifying.len() > QUALIFYING_BYTES_MAX {
            return Err(Error::BadLength(command));
        }
        let authorization = Some(Authorization::Empty);
        let answer = self.tpm.run(command, &[self.handle], authorization, &|writer| {
            writer.sized(qualifying);
            // The scheme that the key has.
            writer.u16(Algorithm::NULL.0);
            selection.marshal(writer);
        })?;
        let read = |reader: &mut Reader<'_>| {
            let attest = AttestBytes::unmarshal(reader)?;
            Some(Quote { attest, signature: Signature::unmarshal(reader)? })
        };
        answer.parse(|reader| read(reader).filter(|quote| quote.is_about(selection, qualifying)))
    }
}

impl Drop for Key<'_, '_> {
    fn drop(&mut self) {
        // Nobody is left to tell of an error, and the TPM forgets such keys when it is reset.
        let _ = self.tpm.flush_context(self.handle);
    }
}

impl Quote {
    fn is_about(&self, selection: PcrSelection, qualifying: &[u8]) -> bool {
        Attest::parse(self.attest.as_bytes()).is_some_and(|attest| {
            attest.qualifying_data.as_bytes() == qualifying && attest.pcrs.as_slice() == [selection]
        })
    }
}

impl Signature {
    /// As a `TPMT_SIGNATURE`, which tpm2-tools take.
    #[must_use]
    pub fn to_tpmt(&self) -> [u8; SIGNATURE_BYTES] {
        let mut bytes = [0; SIGNATURE_BYTES];
        let mut writer = Writer::new(&mut bytes);
        writer.u16(Algorithm::ECDSA.0);
        writer.u16(Algorithm::SHA256.0);
        writer.sized(&self.r);
        writer.sized(&self.s);
        bytes
    }

    fn unmarshal(reader: &mut Reader<'_>) -> Option<Self> {
        let scheme = (Algorithm(reader.u16()?), Algorithm(reader.u16()?));
        let own = Self { r: coordinate(reader)?, s: coordinate(reader)? };
        (scheme == (Algorithm::ECDSA, Algorithm::SHA256)).then_some(own)
    }
}

impl Tpm<'_> {
    /// The handle of a new key, and, where the rest of the response makes sense, its public area and name.
    fn create_restricted_signing(&mut self) -> Result<(Handle, Option<(Public, Name)>), Error> {
        let (handles, authorization) = ([Handle::ENDORSEMENT], Some(Authorization::Empty));
        let answer = self.run(CommandCode::CREATE_PRIMARY, &handles, authorization, &|writer| {
            // No password, no data.
            writer.sized_structure(&|writer| {
                writer.sized(&[]);
                writer.sized(&[]);
            });
            writer.sized_structure(&put_restricted_signing_template);
            // Nothing from outside and no PCRs in the creation data.
            writer.sized(&[]);
            writer.u32(0);
        })?;
        Ok((answer.handle, answer.parse(created).ok()))
    }
}

/// Public area and name among what a TPM says of a new key.
fn created(reader: &mut Reader<'_>) -> Option<(Public, Name)> {
    let public = Public::unmarshal(reader)?;
    let _creation_data = reader.sized()?;
    let _creation_hash = reader.sized()?;
    // The ticket: tag, hierarchy, digest.
    let _tag = reader.u16()?;
    let _hierarchy = reader.u32()?;
    let _digest = reader.sized()?;
    let name = Name::unmarshal(reader)?;
    let is_as_asked = public.restricted_signing_point().is_some() && public.name() == Some(name);
    is_as_asked.then_some((public, name))
}
