// SPDX-License-Identifier: MIT OR Apache-2.0
//! Patterns for ids of entries, as `default` in `loader.conf` and the Boot Loader Interface have them
//! (loader.conf(5), glob(7) without negation and classes).

/// Whether `glob` matches the whole of `id`, without regard to case.
///
/// `?` is any one character, `*` any run of them, `[a-z]` one of those in it, and a backslash takes
/// the meaning from the character after it. A pattern that ends within brackets or after a
/// backslash matches nothing. Takes at most as many steps as the product of both lengths, and no
/// memory.
///
/// ```
/// use bootspec::pattern::matches;
/// assert!(matches("debian-*.conf", "Debian-6.12.conf"));
/// assert!(matches("arch-[a-f]?.efi", "arch-b1.efi"));
/// assert!(!matches("debian-?.conf", "debian-12.conf"));
/// ```
#[must_use]
pub fn matches(glob: &str, id: &str) -> bool {
    let (mut glob, mut id) = (glob, id);
    // Where to go on when the rest does not match: behind the last star, one character later. What
    // came before that star matches in the first place it can, so that no earlier one is needed.
    let mut retry: Option<(&str, &str)> = None;
    loop {
        if let Some(rest) = glob.strip_prefix('*') {
            glob = rest;
            retry = Some((rest, id));
        } else if let Some((glob_rest, id_rest)) = one(glob, id) {
            (glob, id) = (glob_rest, id_rest);
        } else if glob.is_empty() && id.is_empty() {
            return true;
        } else {
            let Some((after_star, from)) = retry else { return false };
            let mut chars = from.chars();
            if chars.next().is_none() {
                return false;
            }
            (glob, id) = (after_star, chars.as_str());
            retry = Some((after_star, id));
        }
    }
}

/// What is left of both when the first element of `glob`, no star, matches the first character.
fn one<'g, 'i>(glob: &'g str, id: &'i str) -> Option<(&'g str, &'i str)> {
    let (mut glob, mut id) = (glob.chars(), id.chars());
    let wanted = glob.next()?;
    let found = fold(id.next()?);
    let fits = match wanted {
        '?' => true,
        '\\' => fold(glob.next()?) == found,
        '[' => {
            let (fits, rest) = one_of(glob.as_str(), found)?;
            glob = rest.chars();
            fits
        }
        _ => fold(wanted) == found,
    };
    fits.then_some((glob.as_str(), id.as_str()))
}

/// Whether `found` is in the set that `glob` begins with, and what comes behind the set; `None` when
/// it does not end. A closing bracket in the first place, and a dash without a character on each
/// side, stand for themselves.
fn one_of(glob: &str, found: char) -> Option<(bool, &str)> {
    let mut chars = glob.chars();
    let (mut fits, mut first) = (false, true);
    loop {
        let low = match chars.next()? {
            ']' if !first => return Some((fits, chars.as_str())),
            '\\' => chars.next()?,
            c => c,
        };
        first = false;
        let high = range_end(&mut chars).unwrap_or(low);
        fits |= (fold(low)..=fold(high)).contains(&found);
    }
}

/// The end of a range, when the next characters are a dash and something other than the end of the
/// set.
fn range_end(chars: &mut core::str::Chars<'_>) -> Option<char> {
    let rest = chars.as_str().strip_prefix('-')?;
    let mut ahead = rest.chars();
    let high = match ahead.next()? {
        ']' => return None,
        '\\' => ahead.next()?,
        c => c,
    };
    *chars = ahead;
    Some(high)
}

/// One character for both cases of a letter.
fn fold(c: char) -> char {
    c.to_lowercase().next().unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn table() {
        let cases = [
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("*", "anything", true),
            ("a*c", "abbbc", true),
            ("a*c", "abbbd", false),
            ("*b*", "abc", true),
            ("a**b", "ab", true),
            ("*ab", "aab", true),
            ("*a?c*", "xabaxc", true),
            ("?", "", false),
            ("?", "é", true),
            ("É", "é", true),
            ("[a-c]", "B", true),
            ("[A-C]x", "bX", true),
            ("[a-c]", "d", false),
            ("[c-a]", "b", false),
            ("[abc]*[0-9]", "c-9", true),
            ("[a-c-f]", "e", false),
            ("[a-c-f]", "-", true),
            ("[-a]", "-", true),
            ("[a-]", "-", true),
            ("[]a]", "]", true),
            ("[]", "]", false),
            ("[!a]", "b", false),
            ("[!a]", "!", true),
            (r"[\]]", "]", true),
            (r"[a\-c]", "b", false),
            (r"[a-\c]", "b", true),
            (r"\*", "*", true),
            (r"\*", "a", false),
            (r"a\", "a", false),
            (r"a\", r"a\", false),
            ("[a", "a", false),
            ("*[a", "a", false),
            ("*.conf", "a.conf.conf", true),
            ("a.conf", "a.conf2", false),
        ];
        for (glob, id, expected) in cases {
            assert_eq!(matches(glob, id), expected, "{glob} against {id}");
        }
    }

    #[test]
    fn hostile_patterns_take_no_longer_than_the_product() {
        let glob = "*a".repeat(2_000) + "b";
        assert!(!matches(&glob, &"a".repeat(20_000)));
        assert!(!matches(&("*".repeat(20_000) + "b"), &"a".repeat(20_000)));
    }

    /// By the definition, in exponential time.
    fn slowly(glob: &[char], id: &[char]) -> bool {
        match (glob, id) {
            ([], id) => id.is_empty(),
            (['*', rest @ ..], id) => (0..=id.len()).any(|skip| slowly(rest, &id[skip..])),
            (['[', low, '-', high, ']', rest @ ..], [c, id @ ..]) if (low..=high).contains(&c) => {
                slowly(rest, id)
            }
            (['[', ..], _) => false,
            (['?', rest @ ..], [_, id @ ..]) => slowly(rest, id),
            ([wanted, rest @ ..], [c, id @ ..]) => wanted == c && slowly(rest, id),
            (_, []) => false,
        }
    }

    proptest! {
        #[test]
        fn as_by_definition(glob in "([ab?*]|\\[[ab]-[ab]\\]){0,8}", id in "[abc]{0,8}") {
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            prop_assert_eq!(matches(&glob, &id), slowly(&chars(&glob), &chars(&id)));
        }

        #[test]
        fn any_pattern_is_judged(glob in "[a-c\\[\\]\\\\*?-]{0,12}|\\PC{0,12}", id in "\\PC{0,12}") {
            let _ = matches(&glob, &id);
        }

        #[test]
        fn a_text_matches_itself_in_any_case(text in "[a-zA-Z0-9._+-]{0,20}", cut in 0_usize..20) {
            prop_assert!(matches(&text, &text.to_uppercase()));
            let beginning: String = text.chars().take(cut).collect();
            let pattern = format!("{beginning}*");
            prop_assert!(matches(&pattern, &text));
        }
    }
}
