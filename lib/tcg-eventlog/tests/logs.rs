// SPDX-License-Identifier: MIT OR Apache-2.0
//! Logs as they should be, a real one, and what can be wrong with them.

use std::collections::BTreeMap;

use proptest::prelude::*;
use sha2::{Digest as _, Sha256};
use tcg_eventlog::{
    Algorithm, Builder, DATA_BYTES_MAX, Description, Digest, EVENTS_MAX, Error, EventLog, EventType, Family,
    Fault, FinalEvents, Hashed, LOG_BYTES_MAX, Overlap, Recheck, Replay, ReplayError,
};

/// The log of a boot of Debian by OVMF under Secure Boot, and what the TPM said then. The recipe is the machine
/// scenario `pcr-replay-matches`, with `LAMBOOT_KEEP_EVENT_LOG=FOLDER`.
const LINUX: &[u8] = include_bytes!("logs/linux.eventlog");
const LINUX_PCRS: &str = include_str!("logs/linux.pcrs");
/// Where the boot's kernel began to measure for itself; not in the log.
const IMA: u32 = 10;
const BANKS: [Algorithm; 2] = [Algorithm::SHA1, Algorithm::SHA256];

fn replay(bytes: &[u8], algorithm: Algorithm) -> Replay {
    Replay::of(algorithm, EventLog::parse(bytes).unwrap().events()).unwrap()
}

/// The first thing that is wrong.
fn refused(bytes: &[u8]) -> Error {
    let all = |log: EventLog<'_>| log.events().find_map(Result::err);
    match EventLog::parse(bytes) {
        Ok(log) => all(log).expect("nothing is wrong"),
        Err(error) => error,
    }
}

#[test]
fn a_real_log_leads_to_what_its_tpm_had() {
    let log = EventLog::parse(LINUX).unwrap();
    let mut compared = 0;
    for line in LINUX_PCRS.lines() {
        let [bank, index, value] = line.split(' ').collect::<Vec<_>>().try_into().unwrap();
        let bank = Algorithm::NAMED.into_iter().find(|own| own.name() == Some(bank)).unwrap();
        let index = index.parse().unwrap();
        let replay = Replay::of(bank, log.events()).unwrap();
        if index != IMA {
            assert_eq!(replay.pcr(index).unwrap().value.to_string(), value, "{bank} {index}");
            compared += 1;
        }
    }
    assert_eq!(compared, 4 * 23);
}

#[test]
fn a_real_log_says_what_was_measured() {
    let log = EventLog::parse(LINUX).unwrap();
    let events: Vec<_> = log.events().collect::<Result<_, _>>().unwrap();
    assert_eq!(events.len(), 31);
    let words = |number: usize| (events[number].describe().to_string(), events[number].recheck());
    let all = Recheck::Matches(Hashed::All);
    assert_eq!(words(4), ("SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c = 01".into(), all));
    assert_eq!(words(9), ("separator".into(), all));
    assert_eq!(words(10).1, Recheck::Matches(Hashed::VariableContent));
    assert!(
        words(22).0.starts_with("db-d719b2cb-3d3a-4596-a3bc-dad00e67656f = a3a8baa0") && words(22).1 == all
    );
    assert_eq!(
        words(23),
        ("partition table of disk 5f0d7c9a-1e2b-4c3d-8a9b-0c1d2e3f4a5b with 1 partitions".into(), all)
    );
    let Description::Image(image) = events[24].describe() else { panic!() };
    let path: Vec<_> = image.device_path.files().map(|file| file.to_string()).collect();
    assert_eq!(path, [r#""\\EFI\\BOOT\\BOOTX64.EFI""#]);
    assert!(words(24).0.ends_with(r"HD(1,GPT,a0c1e5d2-3b47-4f86-9c1e-5d2f60718293)/\EFI\BOOT\BOOTX64.EFI"));
    assert_eq!(words(24).1, Recheck::Undetermined);
    let line = ("\"console=ttyS0 quiet nokaslr\"".into(), Recheck::Matches(Hashed::WithoutTerminator));
    assert_eq!(words(26), line);
    assert_eq!(words(28), ("tag 0x8f3b22ec: \"Linux initrd\"".into(), Recheck::Undetermined));
    assert!(events.iter().all(|event| event.recheck() != Recheck::Differs));
}

#[test]
fn a_log_that_is_cut_anywhere_says_where() {
    let whole: Vec<_> = EventLog::parse(LINUX).unwrap().events().map(|event| event.unwrap().offset).collect();
    for cut in 1..LINUX.len() {
        let bytes = &LINUX[..cut];
        // Where the cut part ends in zeros or ones, these are taken for filling.
        if whole.contains(&cut) || matches!(bytes[cut - 1], 0 | 0xFF) {
            continue;
        }
        let error = refused(bytes);
        assert_eq!((error.fault, error.token()), (Fault::Truncated, "truncated"), "{cut}");
        let event = usize::try_from(error.event).unwrap();
        assert!(error.offset == whole[event] && whole.get(event + 1).is_none_or(|next| *next > cut));
        assert!(error.to_string().starts_with(&format!("event {event} at byte {}: ", whole[event])));
    }
}

#[test]
fn filling_is_no_event() {
    for filling in [0, 0xFF] {
        let bytes = [LINUX, &vec![filling; 5000]].concat();
        let events = EventLog::parse(&bytes).unwrap().events();
        assert_eq!(events.map(Result::unwrap).count(), 31);
    }
    let zeros = Builder::sha1().event(4, EventType::SEPARATOR, &[0; 4]).build();
    assert_eq!(EventLog::parse(&zeros).unwrap().events().count(), 1);
    assert_eq!(refused(&[0; 100]).fault, Fault::Empty);
    assert_eq!(refused(&[]).fault, Fault::Empty);
}

#[test]
fn the_older_form() {
    let builder = Builder::sha1().event(4, EventType::SEPARATOR, &[0; 4]).event(8, EventType::IPL, b"x");
    let bytes = builder.build();
    let log = EventLog::parse(&bytes).unwrap();
    assert!(log.header().is_none() && log.algorithms().eq([Algorithm::SHA1]));
    let places: Vec<_> = log.events().map(|event| event.unwrap().offset).collect();
    assert_eq!(places, [0, 36]);
    // SHA-1 of 20 zeros and of the digest of four zeros.
    assert_eq!(
        replay(&bytes, Algorithm::SHA1).pcr(4).unwrap().value.to_string(),
        "b2a83b0ebf2f8374299a5b2bdfc31ea955ad7236"
    );
    let missing = replay(&bytes, Algorithm::SHA256);
    assert_eq!((missing.pcr(4).unwrap().missing, missing.pcr(5).unwrap().missing), (1, 0));
    // A first event with another signature is one of the older form.
    let old = Builder::sha1().event(0, EventType::NO_ACTION, b"Spec ID Event02\0rest").build();
    assert!(EventLog::parse(&old).unwrap().header().is_none());
}

#[test]
fn what_no_event_can_be() {
    let digest = |algorithm: Algorithm| (algorithm, vec![7; algorithm.digest_size().unwrap_or(32).into()]);
    let with = |digests: &[(Algorithm, Vec<u8>)]| {
        Builder::agile(&BANKS).event_with(4, EventType::IPL, digests, b"x").build()
    };
    let sha512 = Algorithm::SHA512;
    assert_eq!(refused(&with(&[digest(sha512)])).fault, Fault::UnknownAlgorithm(sha512));
    let twice = [digest(Algorithm::SHA256), digest(Algorithm::SHA256)];
    assert_eq!(refused(&with(&twice)).fault, Fault::DigestTwice(Algorithm::SHA256));
    let many = [digest(Algorithm::SHA1), digest(Algorithm::SHA256), digest(Algorithm::SHA1)];
    assert_eq!(refused(&with(&many)).fault, Fault::DigestCount(3));
    let long = Builder::agile(&BANKS).event(4, EventType::IPL, &vec![1; DATA_BYTES_MAX + 1]).build();
    let error = refused(&long);
    assert_eq!((error.token(), error.family(), error.event), ("data_too_long", Family::Unsupported, 1));
    let longest = Builder::agile(&BANKS).event(4, EventType::IPL, &vec![1; DATA_BYTES_MAX]).build();
    assert_eq!(EventLog::parse(&longest).unwrap().events().filter(Result::is_ok).count(), 2);
    // A length beyond the log, and beyond every memory.
    let mut lying = Builder::agile(&BANKS).event(4, EventType::IPL, b"x").build();
    let length = lying.len();
    lying[length - 5..length - 1].copy_from_slice(&[0xFF; 4]);
    assert_eq!(refused(&lying).fault, Fault::Truncated);
}

#[test]
fn limits_are_limits() {
    assert_eq!(refused(&vec![1; LOG_BYTES_MAX + 1]).fault, Fault::TooLarge);
    let event = |builder: Builder| builder.event(4, EventType::IPL, b"x");
    let full = (1..EVENTS_MAX).fold(Builder::agile(&[Algorithm::SHA256]), |builder, _| event(builder));
    let bytes = full.build();
    assert_eq!(EventLog::parse(&bytes).unwrap().events().filter(Result::is_ok).count(), 16_384);
    let more = event(full).build();
    let error = refused(&more);
    assert_eq!((error.fault, error.event), (Fault::TooManyEvents, EVENTS_MAX));
    let log = EventLog::parse(&more).unwrap();
    assert_eq!(Replay::of(Algorithm::SHA256, log.events()), Err(ReplayError::Log(error)));
}

fn locality(pcr: u32, value: u8) -> impl Fn(Builder) -> Builder {
    let data = [&b"StartupLocality\0"[..], &[value]].concat();
    move |builder| builder.event(pcr, EventType::NO_ACTION, &data)
}

#[test]
fn a_startup_locality_is_the_first_thing_about_pcr_0() {
    let separator = |builder: Builder| builder.event(0, EventType::SEPARATOR, &[0; 4]);
    let start = || Builder::agile(&BANKS);
    let first = |last: u8| {
        let mut value = vec![0; 32];
        value[31] = last;
        Sha256::digest([value, Sha256::digest([0; 4]).to_vec()].concat()).to_vec()
    };
    let cases = [
        (separator(locality(0, 3)(start())), Some(3), 3, 0),
        (separator(locality(0, 4)(start())), Some(4), 4, 0),
        (separator(locality(0, 0)(start())), Some(0), 0, 0),
        (separator(start()), None, 0, 0),
        (separator(locality(0, 2)(start())), None, 0, 1),
        (separator(locality(1, 3)(start())), None, 0, 0),
        (locality(0, 3)(separator(start())), None, 0, 1),
        (separator(locality(0, 4)(locality(0, 3)(start()))), Some(3), 3, 1),
    ];
    for (at, (builder, told, last, late)) in cases.into_iter().enumerate() {
        let found = replay(&builder.build(), Algorithm::SHA256);
        assert_eq!((found.startup_locality, found.late_localities), (told, late), "{at}");
        assert_eq!(found.pcr(0).unwrap().value.as_bytes(), first(last), "{at}");
    }
}

#[test]
fn pcrs_that_nothing_touched_are_as_a_tpm_has_them() {
    let builder = Builder::agile(&BANKS).event(99, EventType::IPL, b"x").event(18, EventType::IPL, b"x");
    let found = replay(&builder.build(), Algorithm::SHA256);
    assert_eq!(found.out_of_range, 1);
    let values: Vec<_> = found.pcrs().map(|(_, pcr)| pcr.value.as_bytes().to_vec()).collect();
    for (index, value) in values.iter().enumerate().filter(|(index, _)| *index != 18) {
        let byte = if (17..=22).contains(&index) { 0xFF } else { 0 };
        assert_eq!(*value, [byte; 32], "{index}");
    }
    let launched = Sha256::digest([vec![0; 32], Sha256::digest(b"x").to_vec()].concat());
    assert_eq!(values[18], launched[..]);
    assert_eq!(found.pcr(24), None);
}

#[test]
fn a_bank_that_cannot_be_computed_is_said() {
    let bytes = Builder::agile(&[Algorithm::SM3_256]).build();
    let log = EventLog::parse(&bytes).unwrap();
    let refused = Replay::of(Algorithm::SM3_256, log.events()).unwrap_err();
    assert_eq!(refused, ReplayError::Algorithm(Algorithm::SM3_256));
    assert_eq!(refused.to_string(), "no digests of sm3_256 can be made here");
}

/// A variable as events have it.
fn variable(name: &str, content: &[u8]) -> Vec<u8> {
    let name: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let sizes = [name.len() / 2, content.len()].map(|size| u64::try_from(size).unwrap().to_le_bytes());
    [&[7; 16], &sizes[0][..], &sizes[1], &name, content].concat()
}

/// What `recheck` says of an event with these data, when `hashed` was hashed.
fn recheck(event_type: EventType, hashed: &[u8], data: &[u8]) -> Recheck {
    let bytes = Builder::agile(&BANKS).event_of(8, event_type, hashed, data).build();
    EventLog::parse(&bytes).unwrap().events().nth(1).unwrap().unwrap().recheck()
}

#[test]
fn data_are_what_was_hashed_or_not() {
    let whole = variable("Boot0001", b"content");
    let tagged = [&1_u32.to_le_bytes()[..], &3_u32.to_le_bytes(), b"tag"].concat();
    let (all, content) = (Recheck::Matches(Hashed::All), Recheck::Matches(Hashed::VariableContent));
    let cases: [(EventType, &[u8], &[u8], Recheck); 16] = [
        (EventType::EFI_VARIABLE_BOOT, b"content", &whole, content),
        (EventType::EFI_VARIABLE_BOOT, &whole, &whole, all),
        (EventType::EFI_VARIABLE_BOOT, b"other", &whole, Recheck::Differs),
        (EventType::EFI_VARIABLE_AUTHORITY, &whole, &whole, all),
        (EventType::EFI_VARIABLE_AUTHORITY, b"content", &whole, Recheck::Differs),
        (EventType::S_CRTM_VERSION, b"1.0", b"1.0", all),
        (EventType::EFI_ACTION, b"one", b"other", Recheck::Differs),
        (EventType::SEPARATOR, &[0; 4], &[1, 0, 0, 0], Recheck::Differs),
        (EventType::IPL, b"ls", b"grub_cmd: ls\0", Recheck::Matches(Hashed::AfterPrefix)),
        (EventType::IPL, b"ls\0", b"grub_cmd: ls\0", Recheck::Undetermined),
        (EventType::IPL, b"q\0", b"q\0\0\0", Recheck::Matches(Hashed::WithoutTerminator)),
        (EventType::IPL, b"file", b"/vmlinuz", Recheck::Undetermined),
        (EventType::EVENT_TAG, b"tag", &tagged, Recheck::Matches(Hashed::TaggedContent)),
        (EventType::EVENT_TAG, &tagged, &tagged, all),
        (EventType::EVENT_TAG, b"file", &tagged, Recheck::Undetermined),
        (EventType::EFI_BOOT_SERVICES_APPLICATION, b"image", b"path", Recheck::Undetermined),
    ];
    for (event_type, hashed, data, expected) in cases {
        assert_eq!(recheck(event_type, hashed, data), expected, "{event_type} {hashed:?} {data:?}");
    }
}

#[test]
fn banks_that_contradict_each_other_are_said() {
    let right = (Algorithm::SHA256, Sha256::digest(b"x").to_vec());
    for other in [vec![7; 20], vec![0; 20]] {
        let digests = [right.clone(), (Algorithm::SHA1, other)];
        let bytes = Builder::agile(&BANKS).event_with(9, EventType::COMPACT_HASH, &digests, b"x").build();
        let event = EventLog::parse(&bytes).unwrap().events().nth(1).unwrap().unwrap();
        assert_eq!(event.recheck(), Recheck::Differs);
    }
    // A bank that cannot be computed contradicts nothing.
    let banks = [Algorithm::SHA256, Algorithm::SM3_256];
    let digests = [right, (Algorithm::SM3_256, vec![7; 32])];
    let bytes = Builder::agile(&banks).event_with(9, EventType::COMPACT_HASH, &digests, b"x").build();
    let event = EventLog::parse(&bytes).unwrap().events().nth(1).unwrap().unwrap();
    assert_eq!(event.recheck(), Recheck::Matches(Hashed::All));
}

/// The data in words.
fn described(event_type: EventType, data: &[u8]) -> String {
    let bytes = Builder::agile(&BANKS).event(0, event_type, data).build();
    EventLog::parse(&bytes).unwrap().events().nth(1).unwrap().unwrap().describe().to_string()
}

#[test]
fn data_in_words() {
    let numbers =
        |numbers: &[u64]| numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<_>>();
    let blob = numbers(&[0xFF00_0000, 4096]);
    let named = [&[4], &b"BIOS"[..], &blob].concat();
    let firmware_file = [&[4, 6, 20, 0][..], &[1; 16], &[0x7F, 0xFF, 4, 0]].concat();
    let image = [numbers(&[1, 2, 3, 24]), firmware_file].concat();
    let cases = [
        (EventType::EFI_PLATFORM_FIRMWARE_BLOB, blob.clone(), "4096 bytes of firmware at 0xff000000"),
        (EventType::POST_CODE, b"ACPI DATA".to_vec(), "\"ACPI DATA\""),
        (
            EventType::EFI_PLATFORM_FIRMWARE_BLOB2,
            named.clone(),
            "\"BIOS\": 4096 bytes of firmware at 0xff000000",
        ),
        (EventType::EFI_HANDOFF_TABLES2, named, "\"BIOS\""),
        (EventType::EFI_BOOT_SERVICES_DRIVER, image, "FvFile(01010101-0101-0101-0101-010101010101)"),
        (EventType::EFI_BOOT_SERVICES_DRIVER, numbers(&[1, 2, 3, 0]), "2 bytes from nowhere that is told"),
        (EventType::SEPARATOR, vec![0xFF; 4], "separator"),
        (EventType::SEPARATOR, vec![1, 0, 0, 0], "separator after an error"),
        (EventType::SEPARATOR, b"WBCL".to_vec(), "\"WBCL\""),
        (EventType::NO_ACTION, b"SP800-155 Event\0....".to_vec(), "\"SP800-155 Event\""),
        (EventType::NO_ACTION, b"StartupLocality\0\x03".to_vec(), "the TPM was started from locality 3"),
        (EventType::CPU_MICROCODE, vec![], "nothing"),
        (EventType::EVENT_TAG, [1, 0, 0, 0, 9].to_vec(), "0100000009"),
        (
            EventType::EFI_VARIABLE_DRIVER_CONFIG,
            variable("a\x1bb", &[1]),
            r"a\u{1b}b-07070707-0707-0707-0707-070707070707 = 01",
        ),
        (EventType::EFI_VARIABLE_DRIVER_CONFIG, vec![7; 40], "07".repeat(32).as_str().to_owned().leak()),
    ];
    for (event_type, data, words) in cases {
        let found = described(event_type, &data);
        assert!(found.starts_with(words), "{event_type}: {found} instead of {words}");
    }
}

/// Events for a log: PCR, type and data.
fn events() -> impl Strategy<Value = Vec<(u32, usize, Vec<u8>)>> {
    let types = 0..EventType::NAMED.len();
    prop::collection::vec((0_u32..26, types, prop::collection::vec(any::<u8>(), 0..60)), 0..20)
}

fn built(events: &[(u32, usize, Vec<u8>)], empty: Builder) -> Builder {
    events.iter().fold(empty, |log, (pcr, at, data)| log.event(*pcr, EventType::NAMED[*at], data))
}

proptest! {
    #[test]
    fn a_replay_is_what_a_straight_hash_says(events in events()) {
        let bytes = built(&events, Builder::agile(&BANKS)).build();
        let found = replay(&bytes, Algorithm::SHA256);
        let mut straight: BTreeMap<u32, Vec<u8>> = BTreeMap::new();
        for (pcr, at, data) in &events {
            if EventType::NAMED[*at] != EventType::NO_ACTION {
                let before = straight.entry(*pcr).or_insert_with(|| vec![0; 32]);
                before.extend(Sha256::digest(data));
                *before = Sha256::digest(&*before).to_vec();
            }
        }
        for (pcr, value) in straight.iter().filter(|(pcr, _)| **pcr < 24) {
            prop_assert_eq!(found.pcr(*pcr).unwrap().value.as_bytes(), &value[..]);
        }
    }

    #[test]
    fn events_come_back_as_they_were_built(events in events(), agile: bool) {
        let empty = if agile { Builder::agile(&BANKS) } else { Builder::sha1() };
        // Data that end in no zeros, so that nothing of them is filling.
        let events: Vec<_> = events.into_iter().map(|(pcr, at, mut data)| {
            data.push(1);
            (pcr, at, data)
        }).collect();
        let bytes = built(&events, empty).build();
        let Ok(log) = EventLog::parse(&bytes) else {
            prop_assert!(events.is_empty() && !agile);
            return Ok(());
        };
        let found: Vec<_> = log.events().skip(usize::from(agile)).collect::<Result<_, _>>().unwrap();
        prop_assert_eq!(found.len(), events.len());
        for (event, (pcr, at, data)) in found.iter().zip(&events) {
            prop_assert_eq!((event.pcr, event.event_type, event.data), (*pcr, EventType::NAMED[*at], &data[..]));
            prop_assert!(event.recheck() != Recheck::Differs || event.event_type == EventType::EFI_VARIABLE_BOOT);
        }
    }

    #[test]
    fn a_log_and_its_final_events_are_all_events_once(events in events(), cut in 0_usize..20, back in 0_usize..20) {
        // Events that differ from each other.
        let distinct: Vec<_> = events.into_iter().zip(1_u8..).map(|((pcr, at, _), n)| (pcr, at, vec![n])).collect();
        let cut = cut.min(distinct.len());
        let first = cut.saturating_sub(back);
        let log = built(&distinct[..cut], Builder::agile(&BANKS)).build();
        let table = built(&distinct, Builder::agile(&BANKS)).final_events(1 + first);
        let log = EventLog::parse(&log).unwrap();
        let table = FinalEvents::parse(&table, &log).unwrap();
        let found = table.after(&log, Overlap::Search).unwrap();
        let found: Vec<_> = found.map(|event| event.unwrap().data.to_vec()).collect();
        let expected: Vec<_> = distinct.iter().map(|(.., data)| data.clone()).collect();
        prop_assert_eq!(&found[1..], &expected[..]);
    }

    #[test]
    fn any_bytes_are_a_log_or_not(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        look_at_everything(&bytes);
    }

    #[test]
    fn a_damaged_log_is_read_or_refused(
        changes in prop::collection::vec((0..LINUX.len(), any::<u8>()), 1..8),
    ) {
        let mut bytes = LINUX.to_vec();
        for (at, byte) in changes {
            bytes[at] = byte;
        }
        look_at_everything(&bytes);
    }
}

/// Asks for all that can be asked.
fn look_at_everything(bytes: &[u8]) {
    let Ok(log) = EventLog::parse(bytes) else { return };
    for event in log.events().filter_map(Result::ok) {
        let words = event.describe().to_string();
        assert!(!words.contains(char::is_control) && words.len() < 50_000, "{words}");
        let _ = event.recheck();
        assert!(event.digests.iter().all(|(own, digest)| event.digests.get(own) == Some(digest)));
    }
    for bank in log.algorithms() {
        let _: Result<Replay, ReplayError> = Replay::of(bank, log.events());
    }
    if let Ok(table) = FinalEvents::parse(bytes, &log) {
        let _ = table.after(&log, Overlap::Search).map(Iterator::count);
    }
    let _: Digest = Digest::from(bytes);
}
