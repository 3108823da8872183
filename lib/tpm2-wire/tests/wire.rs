// SPDX-License-Identifier: MIT OR Apache-2.0
//! Commands byte for byte, and what is made of responses: good ones, cut ones, any bytes.
//!
//! The layouts are those of the tables of TPM 2.0 Library, part 3, written down by hand.

use proptest::prelude::*;
use tpm2_wire::{
    Algorithm, Attest, Digest, Error, Handle, Key, LockedIndex, NV_CHUNK_MAX, NvAttributes, NvAuthorizer,
    NvPublic, PcrSelection, Policy, Property, Public, RETRIES_MAX, ResponseCode, Session, Tpm, Transport,
    TransportError, Unusable,
};

const INDEX: Handle = Handle(0x01D1_0400);

/// Answers with what it was told, in order, and keeps what it was sent. At the end it cannot be reached.
#[derive(Default)]
struct Script {
    responses: Vec<Vec<u8>>,
    commands: Vec<Vec<u8>>,
    pauses: u8,
}

impl Script {
    fn of(responses: &[Vec<u8>]) -> Self {
        Self { responses: responses.to_vec(), ..Self::default() }
    }
}

impl Transport for Script {
    fn submit(&mut self, command: &[u8], response: &mut [u8]) -> Result<(), TransportError> {
        let answer = self.responses.get(self.commands.len()).ok_or(TransportError { status: 7 })?;
        self.commands.push(command.to_vec());
        let length = answer.len().min(response.len());
        response[..length].copy_from_slice(&answer[..length]);
        Ok(())
    }

    fn pause(&mut self) {
        self.pauses += 1;
    }
}

/// Bytes from hexadecimal, with spaces and words in parentheses between.
fn hex(text: &str) -> Vec<u8> {
    let mut depth = 0;
    let kept = text.chars().filter(|letter| match letter {
        '(' => {
            depth += 1;
            false
        }
        ')' => {
            depth -= 1;
            false
        }
        _ => depth == 0 && !letter.is_whitespace(),
    });
    let digits: Vec<u8> = kept.map(|digit| u8::try_from(digit.to_digit(16).unwrap()).unwrap()).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

fn response(tag: u16, code: u32, body: &[u8]) -> Vec<u8> {
    let size = u32::try_from(10 + body.len()).unwrap();
    [&tag.to_be_bytes()[..], &size.to_be_bytes(), &code.to_be_bytes(), body].concat()
}

fn plain(body: &str) -> Vec<u8> {
    response(0x8001, 0, &hex(body))
}

/// The response of a command with one authorization.
fn authorized(parameters: &str) -> Vec<u8> {
    let parameters = hex(parameters);
    let size = u32::try_from(parameters.len()).unwrap().to_be_bytes();
    response(0x8002, 0, &[&size[..], &parameters, &hex("0000 01 0000")].concat())
}

fn refusal(code: u32) -> Vec<u8> {
    response(0x8001, code, &[])
}

fn pcrs(numbers: &[u8]) -> PcrSelection {
    PcrSelection::new(Algorithm::SHA256, numbers).unwrap()
}

/// What is sent when these are the responses.
fn sent<T>(responses: &[Vec<u8>], ask: impl FnOnce(&mut Tpm<'_>) -> T) -> (T, Vec<Vec<u8>>) {
    let mut script = Script::of(responses);
    let value = ask(&mut Tpm::new(&mut script));
    (value, script.commands)
}

#[test]
fn get_random_goes_on_until_all_is_there() {
    let (random, commands) = sent(&[plain("0002 0102"), plain("0001 03")], |tpm| {
        let mut random = [0; 3];
        tpm.get_random(&mut random).map(|()| random)
    });
    assert_eq!(random, Ok([1, 2, 3]));
    assert_eq!(commands[0], hex("8001 (size) 0000000C (command) 0000017B (bytes) 0003"));
    assert_eq!(commands[1], hex("8001 0000000C 0000017B 0001"));
    for wrong in ["0000", "0004 01020304", "0003 0102", "0003 010203 00"] {
        let (random, _) = sent(&[plain(wrong)], |tpm| tpm.get_random(&mut [0; 3]));
        assert!(matches!(random, Err(Error::Malformed(_))), "{wrong}");
    }
}

#[test]
fn get_capability_asks_for_one_property() {
    let answer = plain("01 (properties) 00000006 (count) 00000001 00000105 49424D00");
    let (maker, commands) = sent(std::slice::from_ref(&answer), |tpm| tpm.manufacturer());
    assert_eq!(maker, Ok(*b"IBM\0"));
    assert_eq!(commands[0], hex("8001 00000016 0000017A 00000006 00000105 00000001"));
    // The next that it has.
    let (none, _) = sent(&[answer], |tpm| tpm.property(Property(0x104)));
    assert_eq!(none, Ok(None));
    let (none, _) = sent(&[plain("00 00000006 00000000")], |tpm| tpm.property(Property(0x104)));
    assert_eq!(none, Ok(None));
}

#[test]
fn pcr_read_asks_again_for_what_is_missing() {
    let one = "(counter) 00000014 (selection) 00000001 000B 03 800000 (digests) 00000001 0020";
    let other = "(counter) 00000014 (selection) 00000001 000B 03 000200 (digests) 00000001 0020";
    let responses =
        [plain(&format!("{one}{}", "07".repeat(32))), plain(&format!("{other}{}", "09".repeat(32)))];
    let (values, commands) = sent(&responses, |tpm| tpm.pcr_read(pcrs(&[7, 9])));
    // The first answer is about PCR 7, whose bit is the highest of the first byte.
    assert_eq!(values.unwrap().get(7).unwrap().as_bytes(), [7; 32]);
    assert_eq!(values.unwrap().get(9).unwrap().as_bytes(), [9; 32]);
    assert_eq!(commands[0], hex("8001 00000014 0000017E 00000001 000B 03 800200"));
    assert_eq!(commands[1], hex("8001 00000014 0000017E 00000001 000B 03 000200"));
}

#[test]
fn pcrs_that_change_are_read_again_and_not_for_ever() {
    let answer = |counter: u8, mask: &str| {
        let digest = "07".repeat(32);
        plain(&format!("000000{counter:02x} 00000001 000B 03 {mask} 00000001 0020 {digest}"))
    };
    let changing: Vec<_> = (0..20).map(|at| answer(at, ["010000", "020000"][usize::from(at) % 2])).collect();
    let (values, commands) = sent(&changing, |tpm| tpm.pcr_read(pcrs(&[0, 1])));
    assert_eq!((values, commands.len()), (Err(Error::PcrsChange), 8));
    let settled = [answer(1, "010000"), answer(2, "020000"), answer(2, "010000"), answer(2, "020000")];
    let (values, commands) = sent(&settled, |tpm| tpm.pcr_read(pcrs(&[0, 1])));
    assert_eq!((values.is_ok(), commands.len()), (true, 4));
}

#[test]
fn pcrs_that_were_not_asked_for_are_not_taken() {
    let digest = "07".repeat(32);
    let good = format!("00000001 00000001 000B 03 010000 00000001 0020 {digest}");
    let read = |body: &str| sent(&[plain(body)], |tpm| tpm.pcr_read(pcrs(&[0]))).0;
    assert!(read(&good).is_ok());
    let cases = [
        ("another PCR", good.replace("010000", "020000")),
        ("another bank", good.replace("000B", "000C")),
        ("more digests than PCRs", good.replace("010000 00000001", "010000 00000002")),
        ("a PCR that cannot be", good.replace("03 010000", "04 01000001")),
        ("a digest of another size", good.replace("0020", "001F")),
    ];
    for (case, body) in cases {
        assert!(matches!(read(&body), Err(Error::Malformed(_))), "{case}");
    }
    let none = read("00000001 00000001 000B 03 000000 00000000");
    assert_eq!(none, Err(Error::BankMissing(Algorithm::SHA256)));
    assert_eq!(
        sent(&[refusal(0x1C3)], |tpm| tpm.pcr_read(pcrs(&[0]))).0,
        Err(Error::BankMissing(Algorithm::SHA256))
    );
}

#[test]
fn nv_define_space_has_an_empty_password_and_a_public_area() {
    let public = NvPublic {
        index: INDEX,
        name_algorithm: Algorithm::SHA256,
        attributes: LockedIndex::ATTRIBUTES,
        policy: Digest::new(&[0xAB; 32]).unwrap(),
        size: 32,
    };
    let (done, commands) = sent(&[authorized("")], |tpm| tpm.nv_define_space(&public));
    assert_eq!(done, Ok(()));
    let expected = format!(
        "8002 0000004D 0000012A (owner) 40000001 (authorization) 00000009 40000009 0000 01 0000
         (password) 0000 (public) 002E 01D10400 000B 82084008 0020 {} 0020",
        "ab".repeat(32)
    );
    let expected = hex(&expected);
    assert_eq!((commands[0].len(), &commands[0]), (0x4D, &expected));
}

#[test]
fn nv_commands_name_who_may_and_the_index() {
    let chunk = plain("00 00000006 00000001 0000012C 00000004");
    let by = NvAuthorizer::Owner;
    let responses =
        [chunk, authorized("0004 01020304"), authorized("0002 0506"), authorized(""), authorized("")];
    let (read, commands) = sent(&responses, |tpm| {
        let mut bytes = [0; 6];
        tpm.nv_read(by, INDEX, 3, &mut bytes)?;
        tpm.nv_write(NvAuthorizer::Index, INDEX, 1, &bytes[..2])?;
        tpm.nv_increment(by, INDEX)?;
        Ok::<_, Error>(bytes)
    });
    assert_eq!(read, Ok([1, 2, 3, 4, 5, 6]));
    let authorization = "00000009 40000009 0000 01 0000";
    let expected = [
        "8001 00000016 0000017A 00000006 0000012C 00000001".into(),
        format!("8002 00000023 0000014E 40000001 01D10400 {authorization} (size) 0004 (offset) 0003"),
        format!("8002 00000023 0000014E 40000001 01D10400 {authorization} (size) 0002 (offset) 0007"),
        format!("8002 00000025 00000137 01D10400 01D10400 {authorization} (data) 0002 0102 (offset) 0001"),
        format!("8002 0000001F 00000134 40000001 01D10400 {authorization}"),
    ];
    assert_eq!(commands, expected.map(|command: String| hex(&command)));
}

#[test]
fn policies_are_shown_before_each_command_and_sessions_flushed() {
    let session = plain("(session) 03000000 (nonce) 0010 00112233445566778899AABBCCDDEEFF");
    let responses = [session, plain(""), authorized(""), plain(""), authorized(""), plain("")];
    let (done, commands) = sent(&responses, |tpm| {
        let mut session = Session::policy(tpm)?;
        let by = session.pcrs(pcrs(&[7]));
        session.tpm().nv_write_lock(by, INDEX)?;
        session.tpm().nv_read_lock(by, INDEX)
    });
    assert_eq!(done, Ok(()));
    let zeros = "00".repeat(16);
    let shown = "8001 0000001A 0000017F 03000000 (no digest) 0000 00000001 000B 03 800000";
    let authorization = "00000009 03000000 0000 01 0000";
    let expected = [
        format!("8001 0000002B 00000176 40000007 40000007 0010 {zeros} 0000 (policy) 01 0010 000B"),
        shown.into(),
        format!("8002 0000001F 00000138 01D10400 01D10400 {authorization}"),
        shown.into(),
        format!("8002 0000001F 0000014F 01D10400 01D10400 {authorization}"),
        "8001 0000000E 00000165 03000000".into(),
    ];
    assert_eq!(commands, expected.map(|command: String| hex(&command)));
}

#[test]
fn create_primary_has_the_template_that_is_known() {
    // Made, but of another kind: it is flushed all the same.
    let made = response(0x8002, 0, &hex("(key) 80000000 (parameters) 00000002 0000 0000 01 0000"));
    let (key, commands) = sent(&[made, plain("")], |tpm| Key::restricted_signing(tpm).err());
    assert!(matches!(key, Some(Error::Malformed(_))));
    let expected = "8002 00000041 00000131 (endorsement) 4000000B 00000009 40000009 0000 01 0000
        (sensitive) 0004 0000 0000
        (public) 0018 (ECC) 0023 (SHA-256) 000B 00050472 (policy) 0000 (symmetric) 0010 (ECDSA) 0018 000B
                      (P-256) 0003 (derivation) 0010 (point) 0000 0000
        (outside) 0000 (PCRs) 00000000";
    assert_eq!(commands, [hex(expected), hex("8001 0000000E 00000165 80000000")]);
}

#[test]
fn a_busy_tpm_is_asked_again_and_not_for_ever() {
    let busy = |times| vec![refusal(0x922); times];
    let mut script = Script::of(&[&busy(3)[..], &[plain("0001 09")]].concat());
    let mut random = [0];
    assert_eq!(Tpm::new(&mut script).get_random(&mut random), Ok(()));
    assert_eq!((random, script.commands.len(), script.pauses), ([9], 4, 3));
    let mut script = Script::of(&busy(50));
    let refused = Tpm::new(&mut script).get_random(&mut random).unwrap_err();
    assert!(refused.is(ResponseCode::RETRY));
    assert_eq!(script.commands.len(), 1 + usize::from(RETRIES_MAX));
}

#[test]
fn headers_that_cannot_be_are_malformed() {
    let good = plain("0001 09");
    let cases = [
        ("none", Vec::new()),
        ("a size below the header", [&good[..2], &[0, 0, 0, 9], &good[6..]].concat()),
        ("a size beyond the room", [&good[..2], &[0, 0, 0x10, 0], &good[6..]].concat()),
        ("the tag of authorizations", [&[0x80, 2], &good[2..]].concat()),
        ("no tag", [&[0, 0], &good[2..]].concat()),
    ];
    for (case, bytes) in cases {
        let (random, _) = sent(&[bytes], |tpm| tpm.get_random(&mut [0]));
        assert!(matches!(random, Err(Error::Malformed(_))), "{case}");
    }
    let (random, _) = sent(&[], |tpm| tpm.get_random(&mut [0]));
    assert!(matches!(random, Err(Error::Transport(_, TransportError { status: 7 }))));
}

#[test]
fn a_name_that_is_not_that_of_the_public_area_is_not_believed() {
    let public = NvPublic {
        index: INDEX,
        name_algorithm: Algorithm::SHA256,
        attributes: NvAttributes::OWNER_READ,
        policy: Digest::default(),
        size: 8,
    };
    let body = "000E 01D10400 000B 00020000 0000 0008 0022";
    let name = public.name().unwrap().to_string();
    let read = |body: &str| sent(&[plain(body)], |tpm| tpm.nv_read_public(INDEX)).0;
    assert_eq!(read(&format!("{body}{name}")), Ok(public));
    let other = name.replace(&name[60..], &"0".repeat(8));
    assert!(matches!(read(&format!("{body}{other}")), Err(Error::Malformed(_))));
    let another = NvPublic { index: Handle(INDEX.0 + 1), ..public }.name().unwrap();
    let another_index = format!("{body}{another}").replace("01D10400", "01D10401");
    assert!(matches!(read(&another_index), Err(Error::Malformed(_))));
}

#[test]
fn errors_have_words_tokens_and_families() {
    let (refused, _) = sent(&[refusal(0x921)], |tpm| tpm.nv_undefine_space(INDEX));
    let error = refused.unwrap_err();
    assert_eq!(error.token(), "lockout");
    assert_eq!(error.family(), tpm2_wire::Family::Refused);
    let words =
        "TPM2_NV_UndefineSpace: the TPM is locked out after wrong passwords, and waits (TPM response 0x921)";
    assert_eq!(error.to_string(), words);
}

#[test]
fn a_lock_that_fails_does_not_keep_the_other_from_being_tried() {
    let session = plain(&format!("03000000 0010 {}", "00".repeat(16)));
    let (lock, commands) =
        sent(&[session, plain(""), refusal(0x923), plain(""), plain(""), authorized(""), plain("")], |tpm| {
            locked_index().lock(tpm)
        });
    let unavailable = ResponseCode::NV_UNAVAILABLE;
    assert!(matches!(lock, Err(Unusable::Tpm(error)) if error.is(unavailable)), "{lock:?}");
    let codes: Vec<_> = commands.iter().map(|command| [command[8], command[9]]).collect();
    // Start, show, lock writing; restart, show, lock reading; flush.
    assert_eq!(codes, [0x176, 0x17F, 0x138, 0x180, 0x17F, 0x14F, 0x165_u16].map(u16::to_be_bytes));
}

#[test]
fn chunks_are_as_large_as_both_sides_can() {
    for (most, chunk) in [(0_u32, 1_u8), (1, 1), (2, 2)] {
        let answer = plain(&format!("00 00000006 00000001 0000012C {most:08x}"));
        let (_, commands) = sent(&[answer, authorized("0002 0102")], |tpm| {
            tpm.nv_read(NvAuthorizer::Owner, INDEX, 0, &mut [0; 2])
        });
        assert_eq!(commands[1][31..33], [0, chunk]);
    }
    let answer = plain("00 00000006 00000001 0000012C FFFFFFFF");
    let (_, commands) = sent(&[answer], |tpm| tpm.nv_write(NvAuthorizer::Owner, INDEX, 0, &[0; 2000]));
    assert_eq!(commands.len(), 1, "the script ends");
    let answer = plain("00 00000006 00000001 0000012C FFFFFFFF");
    let (_, commands) =
        sent(&[answer, authorized("")], |tpm| tpm.nv_write(NvAuthorizer::Owner, INDEX, 0, &[0; 2000]));
    assert_eq!(commands[1].len(), 31 + 2 + usize::from(NV_CHUNK_MAX) + 2);
}

#[test]
fn banks_with_pcrs_that_cannot_be_are_not_taken() {
    let read = |body: &str| sent(&[plain(body)], |tpm| tpm.pcr_banks()).0;
    let good = "00 00000005 00000002 0004 03 000000 000B 04 FFFFFF00";
    assert_eq!(read(good).unwrap().as_slice()[1], pcrs(&Vec::from_iter(0..24)));
    assert!(read(&good.replace("FFFFFF00", "FFFFFF01")).is_err());
    assert!(read(&good.replace("00000005", "00000006")).is_err());
    assert!(read(&good.replace("00000002", "00000011")).is_err());
}

/// The response by which a TPM gives a restricted signing key, that of no TPM.
fn made_key() -> Vec<u8> {
    let public = format!(
        "0023 000B 00050472 0000 0010 0018 000B 0003 0010 0020 {} 0020 {}",
        "01".repeat(32),
        "02".repeat(32)
    );
    let name = Public::new(&hex(&public)).unwrap().name().unwrap();
    let parameters =
        hex(&format!("0058 {public} (creation) 0001 00 0002 0000 8021 4000000B 0000 0022 {name}"));
    let size = u32::try_from(parameters.len()).unwrap().to_be_bytes();
    let handle = hex("80000000");
    response(0x8002, 0, &[&handle[..], &size, &parameters, &hex("0000 01 0000")].concat())
}

#[test]
fn a_quote_is_of_what_was_asked_for() {
    let attest = format!(
        "FF544347 8018 0000 (data) 0002 0A0B (clock) 0000000000000001 00000002 00000003 01
         (firmware) 0000000000000004 00000001 000B 03 800000 0020 {}",
        "07".repeat(32)
    );
    let signature = format!("0018 000B 0020 {} 001F {}", "03".repeat(32), "04".repeat(31));
    let quote = |attest: &str, signature: &str| {
        let size = hex(attest).len();
        let answer = authorized(&format!("{size:04x} {attest} {signature}"));
        let script = [made_key(), answer, plain("")];
        sent(&script, |tpm| Key::restricted_signing(tpm)?.quote(pcrs(&[7]), &[10, 11]))
    };
    let (good, commands) = quote(&attest, &signature);
    let good = good.unwrap();
    assert_eq!((good.signature.r, good.signature.s[..2].to_vec()), ([3; 32], vec![0, 4]));
    assert_eq!(Attest::parse(good.attest.as_bytes()).unwrap().clock.restart_count, 3);
    let expected = "8002 0000002B 00000158 80000000 00000009 40000009 0000 01 0000
        (data) 0002 0A0B (scheme) 0010 00000001 000B 03 800000";
    assert_eq!(commands[1..], [hex(expected), hex("8001 0000000E 00000165 80000000")]);
    let cases = [
        ("other data", attest.replace("0A0B", "0A0C"), signature.clone()),
        ("other PCRs", attest.replace("800000", "010000"), signature.clone()),
        ("not made by the TPM", attest.replace("FF544347", "FF544348"), signature.clone()),
        ("no quote", attest.replace("8018", "8017"), signature.clone()),
        ("a flag that is none", attest.replace("00000003 01", "00000003 02"), signature.clone()),
        ("another scheme", attest.clone(), signature.replace("0018 000B", "001A 000B")),
        ("another hash", attest.clone(), signature.replace("0018 000B", "0018 000C")),
        ("a number that is too long", attest.clone(), signature.replace("001F", "0021 0404")),
    ];
    for (case, attest, signature) in cases {
        let (bad, commands) = quote(&attest, &signature);
        assert!(matches!(bad, Err(Error::Malformed(_))), "{case}: {bad:?}");
        assert_eq!(commands.len(), 3, "{case}: it is flushed");
    }
}

/// Everything that is sent and read from here, each with the same responses.
const EVERYTHING: [fn(&mut Tpm<'_>) -> bool; 12] = [
    |tpm| tpm.manufacturer().is_ok(),
    |tpm| tpm.pcr_banks().is_ok(),
    |tpm| tpm.read_clock().is_ok(),
    |tpm| tpm.get_random(&mut [0; 40]).is_ok(),
    |tpm| tpm.pcr_read(pcrs(&[0, 1, 2, 3, 4, 5, 6, 7, 23])).is_ok(),
    |tpm| tpm.nv_read_public(INDEX).is_ok(),
    |tpm| tpm.nv_read(NvAuthorizer::Owner, INDEX, 0, &mut [0; 40]).is_ok(),
    |tpm| tpm.read_public(Handle(0x8000_0000)).is_ok(),
    |tpm| Session::trial(tpm).and_then(|mut session| session.policy_digest()).is_ok(),
    |tpm| Key::restricted_signing(tpm).and_then(|mut key| key.quote(pcrs(&[7]), &[1; 32])).is_ok(),
    |tpm| locked_index().look(tpm).is_ok(),
    |tpm| locked_index().open(tpm).and_then(|mut opened| opened.read(&mut [0; 32])).is_ok(),
];

fn locked_index() -> LockedIndex {
    LockedIndex { handle: INDEX, size: 32, pcrs: pcrs(&[7]) }
}

/// Bytes with a header that fits, so that what is behind it is looked at.
fn well_headed() -> impl Strategy<Value = Vec<u8>> {
    let tag = prop_oneof![Just(0x8001_u16), Just(0x8002)];
    (tag, proptest::collection::vec(prop_oneof![Just(0), Just(1), Just(11), any::<u8>()], 0..200))
        .prop_map(|(tag, body)| response(tag, 0, &body))
}

proptest! {
    #[test]
    fn any_responses_are_taken(responses in proptest::collection::vec(
        prop_oneof![proptest::collection::vec(any::<u8>(), 0..64), well_headed()], 0..12
    )) {
        for one in EVERYTHING {
            let mut script = Script::of(&responses);
            one(&mut Tpm::new(&mut script));
            prop_assert!(script.commands.len() <= responses.len());
        }
    }

    #[test]
    fn a_response_that_ends_early_is_not_taken_for_a_whole_one(size in 0..62_u8) {
        let digest = "07".repeat(32);
        let whole = plain(&format!("00000001 00000001 000B 03 010000 00000001 0020 {digest}"));
        prop_assert_eq!(whole.len(), 62);
        let mut early = whole;
        early[5] = size;
        let (values, _) = sent(&[early], |tpm| tpm.pcr_read(pcrs(&[0])));
        prop_assert!(matches!(values, Err(Error::Malformed(_))));
    }

    #[test]
    fn policies_depend_on_everything(one in 0_u8..24, other in 0_u8..24, a: [u8; 32], b: [u8; 32]) {
        let of = |number, digest| Policy::ANYBODY.pcr(pcrs(&[number]), digest);
        prop_assert_eq!(of(one, &a) == of(other, &b), (one, a) == (other, b));
    }
}
