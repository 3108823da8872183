// SPDX-License-Identifier: MIT OR Apache-2.0
//! Any bytes are what a TPM answers: every function gives a value or an error, asks no more often than it promises,
//! and what it gives is of what was asked for.
//!
//! The first byte chooses the function. Each response begins with its size in 16 bits, little-endian; the first bit
//! of the size asks for a header that fits, so that what is behind it is looked at.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tpm2_wire::{
    Algorithm, Attest, Error, Finding, Handle, Key, LockedIndex, NvAuthorizer, PcrSelection, RETRIES_MAX,
    Session, Tpm, Transport, TransportError,
};

const INDEX: Handle = Handle(0x01D1_0400);
/// The tag of a response with authorizations.
const SESSIONS: &[u8] = &[0x80, 0x02];
const ROUNDS_MAX: u32 = 4 * 24;

/// Answers with one piece of the bytes after the other.
struct Pieces<'a> {
    rest: &'a [u8],
    commands: u32,
}

impl Transport for Pieces<'_> {
    fn submit(&mut self, command: &[u8], response: &mut [u8]) -> Result<(), TransportError> {
        assert_eq!(usize::try_from(u32::from_be_bytes(command[2..6].try_into().unwrap())), Ok(command.len()));
        assert!(response.iter().all(|byte| *byte == 0));
        self.commands += 1;
        let (size, rest) = self.rest.split_first_chunk().ok_or(TransportError { status: 1 })?;
        let size = u16::from_le_bytes(*size);
        let (piece, rest) = rest.split_at(usize::from(size >> 1).min(rest.len()));
        self.rest = rest;
        let body = if size & 1 == 1 { head(command, piece.len(), response) } else { response };
        let length = piece.len().min(body.len());
        body[..length].copy_from_slice(&piece[..length]);
        Ok(())
    }
}

/// A header of success for this command, and the place behind it.
fn head<'a>(command: &[u8], length: usize, response: &'a mut [u8]) -> &'a mut [u8] {
    let (head, body) = response.split_at_mut(10);
    let size = u32::try_from(10 + length.min(body.len())).unwrap();
    head[..2].copy_from_slice(if &command[..2] == SESSIONS { SESSIONS } else { &[0x80, 0x01] });
    head[2..6].copy_from_slice(&size.to_be_bytes());
    body
}

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, rest)) = bytes.split_first() else { return };
    let mut pieces = Pieces { rest, commands: 0 };
    let result = ask(*choice, &mut Tpm::new(&mut pieces));
    assert!(pieces.commands <= ROUNDS_MAX * (1 + u32::from(RETRIES_MAX)), "{}", pieces.commands);
    if let Err(error) = result {
        assert!(!error.to_string().is_empty() && !error.token().is_empty());
    }
    if let Some(attest) = Attest::parse(bytes) {
        assert!(attest.pcrs.as_slice().len() <= tpm2_wire::BANKS_MAX);
    }
});

fn ask(choice: u8, tpm: &mut Tpm<'_>) -> Result<(), Error> {
    let pcrs = PcrSelection::new(Algorithm::SHA256, &Vec::from_iter(0..24)).unwrap();
    let index = LockedIndex { handle: INDEX, size: 32, pcrs };
    match choice % 10 {
        0 => tpm.manufacturer().map(drop),
        1 => tpm.pcr_banks().map(|banks| assert!(banks.as_slice().len() <= tpm2_wire::BANKS_MAX)),
        2 => tpm.read_clock().map(drop),
        3 => tpm.get_random(&mut [0; 90]),
        4 => tpm.pcr_read(pcrs).map(|values| assert_eq!(values.selection(), pcrs)),
        5 => tpm.nv_read_public(INDEX).map(|public| assert_eq!(public.index, INDEX)),
        6 => tpm.nv_read(NvAuthorizer::Owner, INDEX, 0, &mut [0; 60]),
        7 => tpm.read_public(Handle(0x8000_0000)).map(drop),
        8 => Session::trial(tpm)?.policy_digest().map(drop),
        _ if choice < 128 => quote(tpm, pcrs),
        _ if choice >= 192 => {
            renew(index, tpm);
            Ok(())
        }
        _ => index.look(tpm).map(|finding| assert!(!matches!(finding, Finding::NoRoom | Finding::Lockout))),
    }
}

/// A whole boot with a locked index.
fn renew(index: LockedIndex, tpm: &mut Tpm<'_>) {
    let Ok(mut opened) = index.open(tpm) else { return };
    let read = opened.read(&mut [0; 32]);
    assert!(opened.is_written() || read.is_err());
    if let Err(unusable) = opened.write_and_lock(&[1; 32]) {
        assert!(!unusable.to_string().is_empty());
    }
}

fn quote(tpm: &mut Tpm<'_>, pcrs: PcrSelection) -> Result<(), Error> {
    let mut key = Key::restricted_signing(tpm)?;
    assert!(key.point().is_some() && key.public().name() == Some(*key.name()));
    let quote = key.quote(pcrs, &[1; 32])?;
    let attest = Attest::parse(quote.attest.as_bytes()).unwrap();
    assert_eq!((attest.qualifying_data.as_bytes(), attest.pcrs.as_slice()), (&[1; 32][..], &[pcrs][..]));
    Ok(())
}
