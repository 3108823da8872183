// SPDX-License-Identifier: MIT OR Apache-2.0
//! An index that is read and renewed once a boot, on a software TPM: what is found, what is refused, and that it
//! ends locked whatever happens.

use anyhow::{Result, ensure};

use crate::swtpm::{Swtpm, asked};
use tpm2_wire::{
    Algorithm, Difference, Digest, Finding, Handle, LockedIndex, NvAttributes, NvAuthorizer, NvPublic,
    PcrSelection, ResponseCode, Session, Tpm, Unusable,
};

const HANDLE: Handle = Handle(0x01D1_0401);
/// `TPM2_NV_DefineSpace`.
const NV_DEFINE_SPACE: u32 = 0x12A;
/// `TPM2_HierarchyControl`.
const HIERARCHY_CONTROL: u32 = 0x121;
/// `TPM2_HierarchyChangeAuth`.
const HIERARCHY_CHANGE_AUTH: u32 = 0x129;

fn index() -> LockedIndex {
    LockedIndex { handle: HANDLE, size: 32, pcrs: PcrSelection::new(Algorithm::SHA256, &[4, 7]).unwrap() }
}

fn found<T>(result: Result<T, Unusable>) -> Option<Finding> {
    match result {
        Err(Unusable::Found(finding)) => Some(finding),
        _ => None,
    }
}

/// A command by the owner with an empty password, that this crate does not have.
fn by_owner(swtpm: &mut Swtpm, command: u32, parameters: &[u8]) -> Result<()> {
    let size = u32::try_from(27 + parameters.len())?;
    let mut bytes = [&[0x80, 2][..], &size.to_be_bytes(), &command.to_be_bytes()].concat();
    bytes.extend([0x40, 0, 0, 1, 0, 0, 0, 9, 0x40, 0, 0, 9, 0, 0, 0, 0, 0]);
    bytes.extend(parameters);
    let response = swtpm.send(&bytes)?;
    ensure!(response[6..10] == [0; 4], "{response:x?}");
    Ok(())
}

/// Reads it as a program would that is started later: by its policy.
fn read_later(tpm: &mut Tpm<'_>) -> Option<ResponseCode> {
    let mut session = Session::policy(tpm).unwrap();
    let by = session.pcrs(index().pcrs);
    session.tpm().nv_read(by, HANDLE, 0, &mut [0; 32]).err().and_then(|error| error.number())
}

fn write_later(tpm: &mut Tpm<'_>) -> Option<ResponseCode> {
    let mut session = Session::policy(tpm).unwrap();
    let by = session.pcrs(index().pcrs);
    session.tpm().nv_write(by, HANDLE, 0, &[0; 32]).err().and_then(|error| error.number())
}

#[test]
fn a_secret_goes_from_boot_to_boot() -> Result<()> {
    if !asked() {
        return Ok(());
    }
    let mut swtpm = Swtpm::new()?;
    let mut tpm = Tpm::new(&mut swtpm);
    assert_eq!(index().look(&mut tpm)?, Finding::Absent);
    assert_eq!(found(index().open(&mut tpm)), Some(Finding::Absent));
    index().define(&mut tpm)?;
    assert_eq!(index().look(&mut tpm)?, Finding::Unwritten);
    assert_eq!(found(index().define(&mut tpm)), Some(Finding::Unwritten));
    let mut opened = index().open(&mut tpm)?;
    assert!(!opened.is_written());
    assert_eq!(found(opened.read(&mut [0; 32])), Some(Finding::Unwritten));
    drop(opened);
    assert_eq!(index().look(&mut tpm)?, Finding::Locked);
    drop(tpm);
    for boot in 0..3 {
        swtpm.reset()?;
        let mut tpm = Tpm::new(&mut swtpm);
        let mut opened = index().open(&mut tpm)?;
        assert_eq!(opened.is_written(), boot > 0);
        if boot > 0 {
            let mut old = [0; 32];
            opened.read(&mut old)?;
            assert_eq!(old, [boot - 1; 32]);
        }
        assert_eq!(opened.read(&mut [0; 32]).is_ok(), boot > 0);
        opened.write_and_lock(&[boot; 32])?;
        assert_eq!(index().look(&mut tpm)?, Finding::Locked);
        assert_eq!(found(index().open(&mut tpm)), Some(Finding::Locked));
        assert_eq!(read_later(&mut tpm), Some(ResponseCode::NV_LOCKED));
        assert_eq!(write_later(&mut tpm), Some(ResponseCode::NV_LOCKED));
        index().lock(&mut tpm)?;
    }
    Ok(())
}

#[test]
fn a_boot_takes_thirteen_commands() -> Result<()> {
    if !asked() {
        return Ok(());
    }
    let mut swtpm = Swtpm::new()?;
    index().define(&mut Tpm::new(&mut swtpm))?;
    index().open(&mut Tpm::new(&mut swtpm))?.write_and_lock(&[1; 32])?;
    swtpm.reset()?;
    let before = swtpm.commands;
    let mut tpm = Tpm::new(&mut swtpm);
    let mut opened = index().open(&mut tpm)?;
    opened.read(&mut [0; 32])?;
    opened.write_and_lock(&[2; 32])?;
    drop(tpm);
    assert_eq!(swtpm.commands - before, 13);
    Ok(())
}

#[test]
fn it_ends_locked_whatever_happens() -> Result<()> {
    if !asked() {
        return Ok(());
    }
    let mut swtpm = Swtpm::new()?;
    let mut tpm = Tpm::new(&mut swtpm);
    index().define(&mut tpm)?;
    index().open(&mut tpm)?.write_and_lock(&[1; 32])?;
    drop(tpm);
    for way in 0..4 {
        swtpm.reset()?;
        let mut tpm = Tpm::new(&mut swtpm);
        let mut opened = index().open(&mut tpm)?;
        match way {
            0 => drop(opened),
            1 => opened.lock()?,
            2 => {
                assert!(opened.read(&mut [0; 31]).is_err());
                assert!(opened.write_and_lock(&[0; 33]).is_err());
            }
            _ => {
                // Somebody else locks writing: refused after the policy was shown.
                let mut session = Session::policy(opened.tpm())?;
                let by = session.pcrs(index().pcrs);
                session.tpm().nv_write_lock(by, HANDLE)?;
                drop(session);
                assert_eq!(found(opened.write_and_lock(&[0; 32])), Some(Finding::Locked));
            }
        }
        assert_eq!(read_later(&mut tpm), Some(ResponseCode::NV_LOCKED), "way {way}");
        assert_eq!(write_later(&mut tpm), Some(ResponseCode::NV_LOCKED), "way {way}");
    }
    Ok(())
}

#[test]
fn other_pcrs_keep_it_shut() -> Result<()> {
    if !asked() {
        return Ok(());
    }
    let mut swtpm = Swtpm::new()?;
    let mut tpm = Tpm::new(&mut swtpm);
    index().define(&mut tpm)?;
    index().open(&mut tpm)?.write_and_lock(&[1; 32])?;
    drop(tpm);
    swtpm.reset()?;
    let mut tpm = Tpm::new(&mut swtpm);
    tpm.pcr_extend(7, Algorithm::SHA256, &[1; 32])?;
    assert_eq!(index().look(&mut tpm)?, Finding::PolicyMismatch);
    assert_eq!(found(index().open(&mut tpm)), Some(Finding::PolicyMismatch));
    assert_eq!(read_later(&mut tpm), Some(ResponseCode::POLICY_FAIL));
    assert_eq!(found(index().lock(&mut tpm)), Some(Finding::PolicyMismatch));
    // A new one, for the values that there are now.
    index().remove(&mut tpm)?;
    assert_eq!(found(index().remove(&mut tpm)), Some(Finding::Absent));
    index().define(&mut tpm)?;
    index().open(&mut tpm)?.write_and_lock(&[2; 32])?;
    assert_eq!(read_later(&mut tpm), Some(ResponseCode::NV_LOCKED));
    Ok(())
}

#[test]
fn a_pcr_that_changes_after_it_was_opened_shuts_it() -> Result<()> {
    if !asked() {
        return Ok(());
    }
    let mut swtpm = Swtpm::new()?;
    let mut tpm = Tpm::new(&mut swtpm);
    index().define(&mut tpm)?;
    let mut opened = index().open(&mut tpm)?;
    opened.tpm().pcr_extend(4, Algorithm::SHA256, &[1; 32])?;
    assert_eq!(found(opened.write_and_lock(&[1; 32])), Some(Finding::PolicyMismatch));
    Ok(())
}

#[test]
fn indexes_of_another_kind_are_told_apart() -> Result<()> {
    if !asked() {
        return Ok(());
    }
    let mut swtpm = Swtpm::new()?;
    let mut tpm = Tpm::new(&mut swtpm);
    index().define(&mut tpm)?;
    let own = tpm.nv_read_public(HANDLE)?;
    let readable = NvAttributes(own.attributes.0 | NvAttributes::OWNER_READ.0);
    let unlockable = NvAttributes(own.attributes.0 & !NvAttributes::READ_STCLEAR.0);
    let none = Digest::default();
    let cases = [
        (NvPublic { attributes: readable, ..own }, Finding::Foreign(Difference::Attributes(readable))),
        (NvPublic { attributes: unlockable, ..own }, Finding::Foreign(Difference::Attributes(unlockable))),
        (NvPublic { size: 31, ..own }, Finding::Foreign(Difference::Size(31))),
        (
            NvPublic { name_algorithm: Algorithm::SHA384, policy: Digest::new(&[1; 48]).unwrap(), ..own },
            Finding::Foreign(Difference::Algorithm(Algorithm::SHA384)),
        ),
        (NvPublic { policy: Digest::new(&[1; 32]).unwrap(), ..own }, Finding::PolicyMismatch),
        (NvPublic { policy: none, ..own }, Finding::PolicyMismatch),
    ];
    for (planted, finding) in cases {
        tpm.nv_undefine_space(HANDLE)?;
        tpm.nv_define_space(&planted)?;
        assert_eq!(index().look(&mut tpm)?, finding);
        assert_eq!(found(index().open(&mut tpm)), Some(finding));
        assert_eq!(found(index().define(&mut tpm)), Some(finding));
    }
    Ok(())
}

#[test]
fn a_full_tpm_has_no_room() -> Result<()> {
    if !asked() {
        return Ok(());
    }
    let mut swtpm = Swtpm::new()?;
    let mut tpm = Tpm::new(&mut swtpm);
    let policy = Digest::default();
    let attributes = NvAttributes::OWNER_READ | NvAttributes::OWNER_WRITE;
    let filler = NvPublic { index: HANDLE, name_algorithm: Algorithm::SHA256, attributes, policy, size: 0 };
    for (first, size) in [(0x0180_0000, 2048), (0x0181_0000, 64), (0x0182_0000, 1)] {
        let number = |at: u32| Handle(first + at);
        let full = (0..5000).map(number).find_map(|index| {
            let public = NvPublic { index, size, ..filler };
            tpm.nv_define_space(&public).err()
        });
        assert_eq!(full.and_then(|error| error.number()), Some(ResponseCode::NV_SPACE));
    }
    assert_eq!(found(index().define(&mut tpm)), Some(Finding::NoRoom));
    Ok(())
}

#[test]
fn a_password_of_the_owner_is_told() -> Result<()> {
    if !asked() {
        return Ok(());
    }
    let mut swtpm = Swtpm::new()?;
    by_owner(&mut swtpm, HIERARCHY_CHANGE_AUTH, b"\0\x04word")?;
    let mut tpm = Tpm::new(&mut swtpm);
    assert!(tpm.permanent()?.owner_auth_set());
    assert_eq!(found(index().define(&mut tpm)), Some(Finding::OwnerAuthSet));
    assert_eq!(found(index().remove(&mut tpm)), Some(Finding::Absent));
    Ok(())
}

#[test]
fn an_owner_hierarchy_that_is_off_is_told() -> Result<()> {
    if !asked() {
        return Ok(());
    }
    let mut swtpm = Swtpm::new()?;
    by_owner(&mut swtpm, HIERARCHY_CONTROL, &[0x40, 0, 0, 1, 0])?;
    let mut tpm = Tpm::new(&mut swtpm);
    assert!(!tpm.startup_clear()?.owner_enabled());
    assert_eq!(found(index().define(&mut tpm)), Some(Finding::OwnerDisabled));
    Ok(())
}

/// An index with a password, whose wrong uses count.
#[test]
fn a_lockout_is_told_and_does_not_matter_to_policies() -> Result<()> {
    if !asked() {
        return Ok(());
    }
    let mut swtpm = Swtpm::new()?;
    let other = Handle(0x0180_0001);
    let attributes = (NvAttributes::AUTH_READ | NvAttributes::AUTH_WRITE).0.to_be_bytes();
    let mut parameters = [&b"\0\x04word\0\x0E"[..], &other.0.to_be_bytes(), &[0, 0x0B]].concat();
    parameters.extend([&attributes[..], &[0, 0, 0, 8]].concat());
    by_owner(&mut swtpm, NV_DEFINE_SPACE, &parameters)?;
    let mut tpm = Tpm::new(&mut swtpm);
    index().define(&mut tpm)?;
    let mut wrong = || tpm.nv_write(NvAuthorizer::Index, other, 0, &[1]).unwrap_err();
    assert_eq!(wrong().number(), Some(ResponseCode::AUTH_FAIL));
    let error = (0..40).map(|_| wrong()).find(|error| error.number() == Some(ResponseCode::LOCKOUT)).unwrap();
    assert_eq!(found::<()>(Err(error.into())), Some(Finding::Lockout));
    assert!(tpm.permanent()?.in_lockout());
    index().open(&mut tpm)?.write_and_lock(&[1; 32])?;
    Ok(())
}
