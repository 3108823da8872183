// SPDX-License-Identifier: MIT OR Apache-2.0
//! Single commands: a software TPM does what it is asked for, and is never left with a session or a key.

use anyhow::{Result, ensure};

use crate::swtpm::{Swtpm, asked};
use tpm2_wire::{
    Algorithm, Digest, Error, Handle, Key, NvAttributes, NvAuthorizer, NvPublic, PcrSelection, Policy,
    Property, ResponseCode, Session, Tpm,
};

const INDEX: Handle = Handle(0x01D1_0400);

fn sha256(numbers: &[u8]) -> PcrSelection {
    PcrSelection::new(Algorithm::SHA256, numbers).unwrap()
}

fn public(attributes: NvAttributes, policy: &[u8], size: u16) -> NvPublic {
    let policy = Digest::new(policy).unwrap();
    NvPublic { index: INDEX, name_algorithm: Algorithm::SHA256, attributes, policy, size }
}

/// What the TPM said.
fn refused<T>(result: Result<T, Error>) -> Option<ResponseCode> {
    result.err().and_then(|error| error.number())
}

#[test]
fn it_says_what_it_is() -> Result<()> {
    if !asked() {
        return Ok(());
    }
    let mut swtpm = Swtpm::new()?;
    let mut tpm = Tpm::new(&mut swtpm);
    assert_eq!(&tpm.manufacturer()?, b"IBM\0");
    let permanent = tpm.permanent()?;
    assert!(!permanent.owner_auth_set() && !permanent.endorsement_auth_set() && !permanent.in_lockout());
    let state = tpm.startup_clear()?;
    assert!(state.platform_enabled() && state.owner_enabled() && state.endorsement_enabled());
    assert_eq!(tpm.property(Property::LOCKOUT_COUNTER)?, Some(0));
    assert_eq!(tpm.property(Property(0x1FF))?, None);
    let banks = tpm.pcr_banks()?;
    assert!(banks.as_slice().contains(&sha256(&Vec::from_iter(0..24))), "{banks:?}");
    Ok(())
}

#[test]
fn random_numbers_fill_any_length() -> Result<()> {
    if !asked() {
        return Ok(());
    }
    let mut swtpm = Swtpm::new()?;
    let mut tpm = Tpm::new(&mut swtpm);
    for length in [0, 1, 32, 33, 64, 300] {
        let (mut one, mut other) = (vec![0; length], vec![0; length]);
        tpm.get_random(&mut one)?;
        tpm.get_random(&mut other)?;
        ensure!(length < 16 || one != other, "{length} bytes twice the same");
        ensure!(length < 16 || one[length - 8..] != [0; 8], "{length} bytes are not filled");
    }
    Ok(())
}

#[test]
fn clocks_count_resets() -> Result<()> {
    if !asked() {
        return Ok(());
    }
    let mut swtpm = Swtpm::new()?;
    let before = Tpm::new(&mut swtpm).read_clock()?;
    swtpm.reset()?;
    let after = Tpm::new(&mut swtpm).read_clock()?;
    assert_eq!(after.reset_count, before.reset_count + 1);
    Ok(())
}

#[test]
fn all_pcrs_are_read_and_one_is_extended() -> Result<()> {
    use sha2::Digest as _;
    if !asked() {
        return Ok(());
    }
    let mut swtpm = Swtpm::new()?;
    let mut tpm = Tpm::new(&mut swtpm);
    let all = sha256(&Vec::from_iter(0..24));
    let values = tpm.pcr_read(all)?;
    assert_eq!(values.selection(), all);
    assert_eq!(values.get(16).unwrap().as_bytes(), [0; 32]);
    assert_eq!(values.get(17).unwrap().as_bytes(), [0xFF; 32]);
    tpm.pcr_extend(5, Algorithm::SHA256, &[7; 32])?;
    let extended = sha2::Sha256::digest([[0; 32], [7; 32]].concat());
    let values = tpm.pcr_read(sha256(&[5, 6]))?;
    assert_eq!(values.get(5).unwrap().as_bytes(), &extended[..]);
    assert_eq!((values.get(6).unwrap().as_bytes(), values.get(7)), (&[0; 32][..], None));
    let sm3 = PcrSelection::new(Algorithm::SM3_256, &[0]).unwrap();
    assert_eq!(tpm.pcr_read(sm3), Err(Error::BankMissing(Algorithm::SM3_256)));
    Ok(())
}

#[test]
fn digests_of_policies_are_those_of_trial_sessions() -> Result<()> {
    if !asked() {
        return Ok(());
    }
    let mut swtpm = Swtpm::new()?;
    let mut tpm = Tpm::new(&mut swtpm);
    tpm.pcr_extend(7, Algorithm::SHA256, &[1; 32])?;
    tpm.pcr_extend(4, Algorithm::SHA384, &[2; 48])?;
    let banks = [(Algorithm::SHA1, &[0][..]), (Algorithm::SHA256, &[4, 7, 23]), (Algorithm::SHA384, &[4, 9])];
    let mut branches = Vec::new();
    for (bank, numbers) in banks {
        let selection = PcrSelection::new(bank, numbers).unwrap();
        let digest = tpm.pcr_read(selection)?.digest();
        let own = Policy::ANYBODY.pcr(selection, &digest);
        let mut trial = Session::trial(&mut tpm)?;
        trial.policy_pcr(selection, Some(&digest))?;
        assert_eq!(trial.policy_digest()?, own, "{bank}");
        branches.push(own);
    }
    let twice = branches[0].pcr(sha256(&[1]), &tpm.pcr_read(sha256(&[1]))?.digest());
    let mut session = Session::policy(&mut tpm)?;
    session.policy_pcr(PcrSelection::new(Algorithm::SHA1, &[0]).unwrap(), None)?;
    session.policy_pcr(sha256(&[1]), None)?;
    assert_eq!(session.policy_digest()?, twice);
    branches.push(twice);
    session.policy_or(&branches)?;
    assert_eq!(session.policy_digest()?, Policy::any_of(&branches).unwrap());
    assert_eq!(refused(session.policy_pcr(sha256(&[1]), Some(&[9; 32]))), Some(ResponseCode::VALUE));
    Ok(())
}

#[test]
fn indexes_of_any_size_are_written_and_read() -> Result<()> {
    if !asked() {
        return Ok(());
    }
    let mut swtpm = Swtpm::new()?;
    let mut tpm = Tpm::new(&mut swtpm);
    let attributes = NvAttributes::OWNER_READ | NvAttributes::OWNER_WRITE | NvAttributes::NO_DA;
    assert_eq!(refused(tpm.nv_read_public(INDEX)), Some(ResponseCode::HANDLE));
    for size in [1, 32, 1024, 1025, 2048] {
        let defined = public(attributes, &[], size);
        tpm.nv_define_space(&defined)?;
        assert_eq!(tpm.nv_read_public(INDEX)?, defined);
        assert_eq!(refused(tpm.nv_define_space(&defined)), Some(ResponseCode::NV_DEFINED));
        let by = NvAuthorizer::Owner;
        let content: Vec<u8> = (0..size).map(|at| u8::try_from(at % 251).unwrap()).collect();
        let mut read = vec![0; content.len()];
        let early = tpm.nv_read(by, INDEX, 0, &mut read);
        assert_eq!(refused(early), Some(ResponseCode::NV_UNINITIALIZED));
        tpm.nv_write(by, INDEX, 0, &content)?;
        tpm.nv_read(by, INDEX, 0, &mut read)?;
        assert!(read == content, "{size} bytes");
        let written = NvPublic { attributes: attributes | NvAttributes::WRITTEN, ..defined };
        assert_eq!(tpm.nv_read_public(INDEX)?, written);
        let beyond = tpm.nv_read(by, INDEX, 1, &mut read);
        assert_eq!(refused(beyond), Some(ResponseCode::NV_RANGE));
        let mut last = [0];
        tpm.nv_read(by, INDEX, size - 1, &mut last)?;
        assert_eq!(last[0], content[content.len() - 1]);
        let by_index = tpm.nv_read(NvAuthorizer::Index, INDEX, 0, &mut last);
        // It has no AUTH_READ.
        assert_eq!(refused(by_index), Some(ResponseCode::AUTH_UNAVAILABLE));
        tpm.nv_undefine_space(INDEX)?;
    }
    assert_eq!(refused(tpm.nv_undefine_space(INDEX)), Some(ResponseCode::HANDLE));
    Ok(())
}

#[test]
fn counters_go_on_after_they_were_deleted() -> Result<()> {
    if !asked() {
        return Ok(());
    }
    let mut swtpm = Swtpm::new()?;
    let mut tpm = Tpm::new(&mut swtpm);
    let attributes = NvAttributes::COUNTER | NvAttributes::AUTH_READ | NvAttributes::AUTH_WRITE;
    let counter = public(attributes | NvAttributes::NO_DA, &[], 8);
    let by = NvAuthorizer::Index;
    tpm.nv_define_space(&counter)?;
    assert_eq!(refused(tpm.nv_read_counter(by, INDEX)), Some(ResponseCode::NV_UNINITIALIZED));
    tpm.nv_increment(by, INDEX)?;
    let first = tpm.nv_read_counter(by, INDEX)?;
    tpm.nv_increment(by, INDEX)?;
    assert_eq!(tpm.nv_read_counter(by, INDEX)?, first + 1);
    assert_eq!(refused(tpm.nv_write(by, INDEX, 0, &[0; 8])), Some(ResponseCode::ATTRIBUTES));
    tpm.nv_undefine_space(INDEX)?;
    tpm.nv_define_space(&counter)?;
    tpm.nv_increment(by, INDEX)?;
    assert_eq!(tpm.nv_read_counter(by, INDEX)?, first + 2);
    Ok(())
}

#[test]
fn policies_ask_for_pcrs_before_each_command() -> Result<()> {
    if !asked() {
        return Ok(());
    }
    let mut swtpm = Swtpm::new()?;
    let mut tpm = Tpm::new(&mut swtpm);
    let pcrs = sha256(&[7]);
    let policy = Policy::ANYBODY.pcr(pcrs, &tpm.pcr_read(pcrs)?.digest());
    let attributes = NvAttributes::POLICY_READ | NvAttributes::POLICY_WRITE;
    // Larger than one command takes.
    tpm.nv_define_space(&public(attributes, policy.as_bytes(), 2000))?;
    let mut session = Session::policy(&mut tpm)?;
    let by = session.pcrs(pcrs);
    session.tpm().nv_write(by, INDEX, 0, &[5; 2000])?;
    let mut read = [0; 2000];
    session.tpm().nv_read(by, INDEX, 0, &mut read)?;
    assert_eq!(read, [5; 2000]);
    let beyond = session.tpm().nv_read(by, INDEX, 1999, &mut [0; 2]);
    assert_eq!(refused(beyond), Some(ResponseCode::NV_RANGE));
    session.tpm().nv_read(by, INDEX, 1999, &mut [0; 1])?;
    session.tpm().pcr_extend(7, Algorithm::SHA256, &[1; 32])?;
    let late = session.tpm().nv_read(by, INDEX, 0, &mut read);
    assert_eq!(refused(late), Some(ResponseCode::POLICY_FAIL));
    let by_owner = session.tpm().nv_read(NvAuthorizer::Owner, INDEX, 0, &mut read);
    assert_eq!(refused(by_owner), Some(ResponseCode::NV_AUTHORIZATION));
    Ok(())
}

#[test]
fn nothing_is_left_in_the_tpm() -> Result<()> {
    if !asked() {
        return Ok(());
    }
    let mut swtpm = Swtpm::new()?;
    let mut tpm = Tpm::new(&mut swtpm);
    // It has room for three keys and three sessions.
    for _ in 0..5 {
        let mut key = Key::restricted_signing(&mut tpm)?;
        let mut session = Session::policy(key.tpm())?;
        let wrong = session.policy_pcr(sha256(&[7]), Some(&[1; 32]));
        assert_eq!(refused(wrong), Some(ResponseCode::VALUE));
        let by = session.pcrs(sha256(&[7]));
        let absent = session.tpm().nv_read(by, INDEX, 0, &mut [0; 4]);
        assert_eq!(refused(absent), Some(ResponseCode::HANDLE));
    }
    Ok(())
}

#[test]
fn what_is_not_flushed_is_told_by_name() -> Result<()> {
    if !asked() {
        return Ok(());
    }
    let mut swtpm = Swtpm::new()?;
    let mut tpm = Tpm::new(&mut swtpm);
    let mut last = None;
    for _ in 0..10 {
        match Key::restricted_signing(&mut tpm) {
            Ok(key) => std::mem::forget(key),
            Err(error) => last = Some(error),
        }
    }
    let error = last.unwrap();
    assert_eq!(error.number(), Some(ResponseCode::OBJECT_MEMORY));
    assert_eq!(error.token(), "object_memory");
    Ok(())
}

#[test]
fn keys_are_the_same_after_a_reset() -> Result<()> {
    if !asked() {
        return Ok(());
    }
    let mut swtpm = Swtpm::new()?;
    let first = *Key::restricted_signing(&mut Tpm::new(&mut swtpm))?.name();
    swtpm.reset()?;
    let mut tpm = Tpm::new(&mut swtpm);
    let mut key = Key::restricted_signing(&mut tpm)?;
    assert_eq!(*key.name(), first);
    let (handle, public) = (key.handle(), *key.public());
    assert_eq!(key.tpm().read_public(handle)?, (public, first));
    Ok(())
}
