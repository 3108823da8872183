// SPDX-License-Identifier: MIT OR Apache-2.0

use super::*;
use proptest::prelude::*;

/// The hash of `correct horse` with 1000 iterations, by Python's `hashlib.pbkdf2_hmac`.
const SHA256: &str =
    "$pbkdf2-sha256$i=1000,l=32$c2FsdFNBTFRzYWx0U0FMVA$ONduBdYXGiIs7ylpawCGi099TDVSLvG/wgo8IyN264Q";
const SHA512: &str = "$pbkdf2-sha512$i=1000,l=64$c2FsdFNBTFRzYWx0U0FMVA$ayEmuYGafDhyE2PNJI7hyheFVNVP3ZzljP4VQVjIgX0HT6CL+d8eV/usDW6Sq//JcBGa9oX9JDLnCxqkczfUWg";
const SHA512_SHORT: &str =
    "$pbkdf2-sha512$i=1000$c2FsdFNBTFRzYWx0U0FMVA$ayEmuYGafDhyE2PNJI7hyheFVNVP3ZzljP4VQVjIgX0";
/// The same, as `grub-mkpasswd-pbkdf2 -c 1000` of GRUB 2.12 printed it.
const GRUB: &str = "grub.pbkdf2.sha512.1000.670C21B90104258E9B9C9A1FCF6C283F32A44486D19153B5350745493586C074233B7603C8F74CB29FB81E34194711FE5D4301F0A36B33125C0BD76CB3337B31.77DD46A66CDA24E9ADC2FF63557236DE3217736250008655293D0D7E02CB23D6AA482CAC72FBB9A6405949910F47BBFCCBAA2302BBD250220FB13B0EDA40848E";

#[test]
fn hashes_of_other_programs_are_checked() {
    for text in [SHA256, SHA512, SHA512_SHORT, GRUB] {
        let hash = PasswordHash::parse(text).unwrap();
        assert!(hash.is_of("correct horse"), "{text}");
        for wrong in ["", "correct hors", "correct horse ", "Correct horse"] {
            assert!(!hash.is_of(wrong), "{wrong:?} for {text}");
        }
    }
}

#[test]
fn a_hash_with_another_salt_or_count_is_another_one() {
    let hash = |salt, iterations| PasswordHash::make("x", [salt; SALT_BYTES], iterations).unwrap();
    assert_ne!(hash(1, 1000).hash, hash(2, 1000).hash);
    assert_ne!(hash(1, 1000).hash, hash(1, 1001).hash);
    assert_eq!(hash(1, 1000), hash(1, 1000));
}

#[test]
fn a_mistake_is_named_and_never_repeats_the_text() {
    let no_hash =
        "must be a hash as `lamboot password` or grub-mkpasswd-pbkdf2 prints it, never a password itself";
    let salt = "c2FsdFNBTFRzYWx0U0FMVA";
    let key = "ONduBdYXGiIs7ylpawCGi099TDVSLvG/wgo8IyN264Q";
    let cases = [
        ("", no_hash),
        ("correct horse", no_hash),
        ("$argon2id$v=19$m=19456,t=2,p=1$c2FsdFNBTFRzYWx0U0FMVA$ONduBdYXGiIs7ylpawCGi0", no_hash),
        ("$pbkdf2-sha1$i=1000$SALT$KEY", no_hash),
        ("$pbkdf2-sha256$i=1000,l=31$SALT$KEY", no_hash),
        ("$pbkdf2-sha256$i=1000,l=32$SALT$KEY$", no_hash),
        ("$pbkdf2-sha256$i=1000,l=32$SALT", no_hash),
        ("$pbkdf2-sha256$l=32,i=1000$SALT$KEY", no_hash),
        ("$pbkdf2-sha256$i=+1000$SALT$KEY", no_hash),
        ("$pbkdf2-sha256$i=$SALT$KEY", no_hash),
        ("$pbkdf2-sha256$i=1000$SALT==$KEY", no_hash),
        ("$pbkdf2-sha256$i=999$SALT$KEY", "must have 1000 to 2000000 iterations"),
        ("$pbkdf2-sha256$i=2000001$SALT$KEY", "must have 1000 to 2000000 iterations"),
        ("$pbkdf2-sha256$i=99999999999999999999$SALT$KEY", "must have 1000 to 2000000 iterations"),
        ("$pbkdf2-sha256$i=1000$c2FsdA$KEY", "must have a salt of 8 to 64 bytes"),
        (
            "$pbkdf2-sha256$i=1000$SALT$c2FsdA",
            "must have a hash of 16 bytes up to the length of its hash function",
        ),
        (
            "$pbkdf2-sha256$i=1000$SALT$KEYSALTSALT",
            "must have a hash of 16 bytes up to the length of its hash function",
        ),
        ("grub.pbkdf2.sha512.1000.0011223344556677", no_hash),
        ("grub.pbkdf2.sha512.1000.001122334455667.00112233445566778899AABBCCDDEEFF", no_hash),
        ("grub.pbkdf2.sha512.1000.00112233445566+7.00112233445566778899AABBCCDDEEFF", no_hash),
        (
            "grub.pbkdf2.sha512.10.0011223344556677.00112233445566778899AABBCCDDEEFF",
            "must have 1000 to 2000000 iterations",
        ),
        (
            "grub.pbkdf2.sha512.1000.0011223344556677.0011",
            "must have a hash of 16 bytes up to the length of its hash function",
        ),
    ];
    for (text, wrong) in cases {
        let text = text.replace("SALT", salt).replace("KEY", key);
        assert_eq!(PasswordHash::parse(&text), Err(wrong), "{text}");
    }
}

#[test]
fn what_a_check_may_cost_is_bounded() {
    for iterations in [0, MIN_ITERATIONS - 1, MAX_ITERATIONS + 1, u32::MAX] {
        assert!(PasswordHash::make("x", [0; SALT_BYTES], iterations).is_err());
    }
    let long = "A".repeat(60_000);
    assert!(PasswordHash::parse(&format!("$pbkdf2-sha256$i=1000${long}${long}")).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn parsing_never_panics_and_a_hash_is_read_as_it_is_written(
        text in ".*|\\$pbkdf2-sha(256|512)\\$i=[0-9]{3,8}(,l=(16|18|32))?\\$[A-Za-z0-9+/]{8,24}\\$[A-Za-z0-9+/]{20,46}\\$?|\
                grub\\.pbkdf2\\.sha512\\.[0-9]{3,8}\\.[0-9a-fA-F]{14,18}\\.[0-9a-f]{30,34}"
    ) {
        if let Ok(hash) = PasswordHash::parse(&text) {
            prop_assert_eq!(PasswordHash::parse(&hash.to_string()), Ok(hash));
        }
    }

}

proptest! {
    // A check is slow on purpose.
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn any_password_is_the_one_it_was_made_of(password in "\\PC{0,40}", other in "\\PC{0,40}") {
        let hash = PasswordHash::make(&password, [3; SALT_BYTES], MIN_ITERATIONS).unwrap();
        let read = PasswordHash::parse(&hash.to_string()).unwrap();
        prop_assert!(read.is_of(&password));
        prop_assert_eq!(read.is_of(&other), password == other);
    }
}
