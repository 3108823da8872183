// SPDX-License-Identifier: MIT OR Apache-2.0
//! Version order (UAPI.10, Version Format Specification).
//!
//! The specification and the tools that implement it differ in one place: where one version goes on
//! with a digit and the other with a letter, the tools put the digit higher, even a zero. This
//! module does as the tools do, so that a menu shows what `bootctl` shows.

use core::cmp::Ordering;

/// Separators, in the order in which they are looked at. The side that has one is the lower.
const SEPARATORS: [u8; 3] = [b'-', b'^', b'.'];

/// Compares two versions: [`Ordering::Less`] when `a` is the older.
///
/// Takes any bytes; what is not in `A-Z a-z 0-9 . ~ ^ -` only separates. Time is linear in the
/// lengths, nothing is allocated, and numbers may have any length. Different texts can be the same
/// version, such as `1.0` and `1.00`.
///
/// ```
/// use bootspec::version::compare;
/// use core::cmp::Ordering::*;
///
/// assert_eq!(compare("6.10.3", "6.9.12"), Greater); // numbers, not letters
/// assert_eq!(compare("6.10~rc3", "6.10"), Less); // a tilde marks what comes before a release
/// assert_eq!(compare("1.0", "1.00"), Equal);
/// ```
#[must_use]
pub fn compare(a: impl AsRef<[u8]>, b: impl AsRef<[u8]>) -> Ordering {
    let (mut a, mut b) = (a.as_ref(), b.as_ref());
    loop {
        match next_segment(&mut a, &mut b) {
            Step::Decided(order) => return order,
            Step::Same => {}
        }
    }
}

enum Step {
    Decided(Ordering),
    Same,
}

/// Compares and removes what both begin with. [`Step::Same`] means that both have become shorter.
fn next_segment(a: &mut &[u8], b: &mut &[u8]) -> Step {
    *a = without_foreign_prefix(a);
    *b = without_foreign_prefix(b);
    if let Some(order) = by_separator(a, b, b'~') {
        return Step::Decided(order);
    }
    if a.is_empty() || b.is_empty() {
        return Step::Decided(b.is_empty().cmp(&a.is_empty()));
    }
    for separator in SEPARATORS {
        if let Some(order) = by_separator(a, b, separator) {
            return Step::Decided(order);
        }
    }
    let order = if starts_with_digit(a) || starts_with_digit(b) { by_number(a, b) } else { by_letters(a, b) };
    if order == Ordering::Equal { Step::Same } else { Step::Decided(order) }
}

/// The side that begins with `separator` is lower; where both do, it is removed from both.
fn by_separator(a: &mut &[u8], b: &mut &[u8], separator: u8) -> Option<Ordering> {
    match (a.split_first(), b.split_first()) {
        (Some((x, rest_a)), Some((y, rest_b))) if *x == separator && *y == separator => {
            (*a, *b) = (rest_a, rest_b);
            None
        }
        (Some((x, _)), _) if *x == separator => Some(Ordering::Less),
        (_, Some((y, _))) if *y == separator => Some(Ordering::Greater),
        _ => None,
    }
}

/// Compares leading numbers by value and removes them. A side without a number is lower.
fn by_number(a: &mut &[u8], b: &mut &[u8]) -> Ordering {
    let (x, y) = (take_while(a, |byte| byte.is_ascii_digit()), take_while(b, |byte| byte.is_ascii_digit()));
    let both_or_none = y.is_empty().cmp(&x.is_empty());
    let (x, y) = (without_zeros(x), without_zeros(y));
    both_or_none.then(x.len().cmp(&y.len())).then_with(|| x.cmp(y))
}

/// Compares leading letters as ASCII and removes them. A longer run is higher than its beginning.
fn by_letters(a: &mut &[u8], b: &mut &[u8]) -> Ordering {
    let (x, y) =
        (take_while(a, |byte| byte.is_ascii_alphabetic()), take_while(b, |byte| byte.is_ascii_alphabetic()));
    x.cmp(y)
}

fn is_version_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'~' | b'^' | b'-')
}

fn starts_with_digit(text: &[u8]) -> bool {
    text.first().is_some_and(u8::is_ascii_digit)
}

fn without_foreign_prefix(text: &[u8]) -> &[u8] {
    split_while(text, |byte| !is_version_byte(byte)).1
}

fn without_zeros(digits: &[u8]) -> &[u8] {
    split_while(digits, |byte| byte == b'0').1
}

fn take_while<'t>(text: &mut &'t [u8], wanted: impl Fn(u8) -> bool) -> &'t [u8] {
    let (head, tail) = split_while(text, wanted);
    *text = tail;
    head
}

fn split_while(text: &[u8], wanted: impl Fn(u8) -> bool) -> (&[u8], &[u8]) {
    let length = text.iter().take_while(|byte| wanted(**byte)).count();
    text.split_at_checked(length).unwrap_or((text, &[]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Ordering::{Equal, Greater, Less};
    use proptest::prelude::*;

    /// The examples of UAPI.10 and names that distributions really give to kernels.
    const VECTORS: &[(&str, Ordering, &str)] = &[
        ("11", Equal, "11"),
        ("systemd-123", Equal, "systemd-123"),
        ("1_", Equal, "1"),
        ("_1", Equal, "1"),
        ("1+", Equal, "1"),
        ("+1", Equal, "1"),
        ("11α", Equal, "11β"),
        ("10.0001", Equal, "10.1"),
        ("bar-123", Less, "foo-123"),
        ("123.a", Less, "123.b"),
        ("B", Less, "a"),
        ("", Less, "0"),
        ("1_", Less, "1.2"),
        ("1+", Less, "1.2"),
        ("123..0", Less, "123.0"),
        ("1.0~rc1", Less, "1.0"),
        ("1.0^git1", Less, "1.01"),
        ("5.5p1", Less, "5.5p10"),
        ("123a", Greater, "123"),
        ("123.a", Greater, "123"),
        ("123a", Greater, "123.a"),
        ("0.", Greater, "0"),
        ("0.0", Greater, "0"),
        ("0", Greater, "~"),
        ("", Greater, "~"),
        ("1_2_3", Greater, "1.3.3"),
        ("1+2+3", Greater, "1.3.3"),
        ("12_3", Greater, "12.3"),
        ("123_0", Greater, "123"),
        ("10xyz", Greater, "10.1xyz"),
        // Where one goes on with a digit and the other with a letter.
        ("0", Greater, "a"),
        ("1.a", Less, "1.0"),
        // Kernels of Debian, Fedora, Arch, openSUSE and Ubuntu.
        ("6.10-rc3", Greater, "6.10"),
        ("6.10~rc3", Less, "6.10"),
        ("6.10.0-rc3", Less, "6.10.0-1"),
        ("6.10.0-0.rc3.fc41", Less, "6.10.0-1.fc41"),
        ("6.1.0-9-amd64", Less, "6.1.0-10-amd64"),
        ("6.12.5-arch1-1", Less, "6.12.10-arch1-1"),
        ("5.15.0-105-generic", Greater, "5.15.0-94-generic"),
        ("82@8.9.1-1-default", Greater, "9@8.10.0-1-default"),
    ];

    const CHAIN: &[&str] = &[
        "122.1",
        "123~rc1-1",
        "123",
        "123-a",
        "123-a.1",
        "123-1",
        "123-1.1",
        "123^post1",
        "123.a-1",
        "123.1-1",
        "123a-1",
        "124-1",
    ];

    #[test]
    fn the_vectors_of_the_specification() {
        for (a, order, b) in VECTORS {
            assert_eq!(compare(a, b), *order, "{a:?} against {b:?}");
            assert_eq!(compare(b, a), order.reverse(), "{b:?} against {a:?}");
        }
    }

    #[test]
    fn the_chain_of_the_specification() {
        for (i, a) in CHAIN.iter().enumerate() {
            for (k, b) in CHAIN.iter().enumerate() {
                assert_eq!(compare(a, b), i.cmp(&k), "{a:?} against {b:?}");
            }
        }
    }

    #[test]
    fn ten_thousand_digits_are_one_number() {
        let mut longer = "9".repeat(10_000);
        let shorter = longer.clone();
        longer.insert(0, '1');
        assert_eq!(compare(&longer, &shorter), Greater);
        assert_eq!(compare(format!("000{shorter}"), &shorter), Equal);
    }

    #[test]
    fn a_hostile_length_takes_linear_time() {
        let text = ".".repeat(4 << 20);
        assert_eq!(compare(&text, &text), Equal);
        assert_eq!(compare("_".repeat(4 << 20), ""), Equal);
    }

    /// Every text of up to four characters over one of each kind, sorted; then every pair must
    /// agree with its places. An order that is not transitive fails this.
    #[test]
    fn short_texts_are_in_one_order() {
        let kinds = b"0a.~-^_";
        let mut texts: Vec<Vec<u8>> = vec![Vec::new()];
        for start in 0..texts.len() + 400 {
            let base = texts[start].clone();
            texts.extend(kinds.iter().map(|kind| [&base[..], &[*kind]].concat()));
        }
        texts.sort_by(|a, b| compare(a, b));
        let mut class = 0;
        let mut classes = vec![0; texts.len()];
        for i in 1..texts.len() {
            class += usize::from(compare(&texts[i - 1], &texts[i]) != Equal);
            classes[i] = class;
        }
        for i in 0..texts.len() {
            for k in 0..texts.len() {
                assert_eq!(compare(&texts[i], &texts[k]), classes[i].cmp(&classes[k]));
            }
        }
    }

    fn version() -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..24),
            "[0-2a-bA.~^_+-]{0,12}".prop_map(String::into_bytes),
        ]
    }

    proptest! {
        #[test]
        fn comparing_backwards_is_the_reverse(a in version(), b in version()) {
            prop_assert_eq!(compare(&a, &b), compare(&b, &a).reverse());
        }

        #[test]
        fn every_version_equals_itself(a in version()) {
            prop_assert_eq!(compare(&a, &a), Equal);
        }

        #[test]
        fn order_is_transitive(mut all in proptest::array::uniform3(version())) {
            all.sort_by(|a, b| compare(a, b));
            prop_assert_ne!(compare(&all[0], &all[2]), Greater);
            if compare(&all[0], &all[1]) == Equal && compare(&all[1], &all[2]) == Equal {
                prop_assert_eq!(compare(&all[0], &all[2]), Equal);
            }
        }

        #[test]
        fn numbers_compare_by_value(a in any::<u64>(), b in any::<u64>()) {
            prop_assert_eq!(compare(a.to_string(), b.to_string()), a.cmp(&b));
        }
    }
}
