// SPDX-License-Identifier: MIT OR Apache-2.0
//! Kernel options that start a snapshot in place of the system that they were written for.
//!
//! `rootflags=` are options of the root's mount (Linux, kernel-parameters), of which btrfs takes `subvol=` and
//! `subvolid=` (btrfs(5)).

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use bootspec::options::words;

const FLAGS: &str = "rootflags=";
/// Why flags are left alone that are not what they seem to be.
const QUOTED: &str = "its `rootflags=` has quotes, which are not changed";

/// The options with `path` as the subvolume of the root, and every other one as it was. A snapshot that nobody may
/// write to is not mounted for writing.
///
/// # Errors
///
/// What stands there cannot be changed with certainty; why.
pub fn with_subvolume(options: &str, path: &str, read_only: bool) -> Result<String, &'static str> {
    let words: Vec<&str> = words(options).filter_map(|word| options.get(word)).collect();
    let flags: Vec<usize> = (0..words.len()).filter(|at| flags_of(&words, *at).is_some()).collect();
    let last = flags.last().copied();
    let mut changed: Vec<String> = Vec::new();
    for (at, word) in words.iter().enumerate() {
        match flags_of(&words, at) {
            Some(flags) if flags.contains(['"', '\'', '\\']) => {
                return Err(QUOTED);
            }
            Some(flags) => changed.extend(replaced(flags, path, Some(at) == last)),
            None if word.contains(FLAGS) => return Err(QUOTED),
            None if *word == "rw" && read_only => changed.push("ro".into()),
            None => changed.push((*word).into()),
        }
    }
    if last.is_none() {
        changed.push(format!("{FLAGS}subvol={path}"));
    }
    let changed = changed.join(" ");
    // A quote that does not end takes in what comes behind it.
    if subvolume(&changed) == Some(path) {
        Ok(changed)
    } else {
        Err("its options have a quote that does not end")
    }
}

/// What the word at this place says of the root's mount.
fn flags_of<'w>(words: &[&'w str], at: usize) -> Option<&'w str> {
    words.get(at)?.strip_prefix(FLAGS)
}

/// The same flags with another subvolume, which only the last ones name: where it stood, else at the end. None where
/// nothing is left of them.
fn replaced(flags: &str, path: &str, is_last: bool) -> Option<String> {
    let mut kept: Vec<String> = Vec::new();
    let mut is_named = !is_last;
    for flag in flags.split(',').filter(|flag| !flag.is_empty()) {
        if !names_subvolume(flag) {
            kept.push(flag.into());
        } else if !is_named {
            kept.push(format!("subvol={path}"));
            is_named = true;
        }
    }
    if !is_named {
        kept.push(format!("subvol={path}"));
    }
    (!kept.is_empty()).then(|| format!("{FLAGS}{}", kept.join(",")))
}

fn names_subvolume(flag: &str) -> bool {
    flag.starts_with("subvol=") || flag.starts_with("subvolid=")
}

/// The path of the subvolume that these options start, without a slash in front.
#[must_use]
pub fn subvolume(options: &str) -> Option<&str> {
    let flags = words(options).filter_map(|word| options.get(word)?.strip_prefix(FLAGS));
    let path =
        flags.flat_map(|flags| flags.split(',')).filter_map(|flag| flag.strip_prefix("subvol=")).last();
    path.map(|path| path.trim_matches('"').trim_start_matches('/'))
}

/// What the options say of the root's device.
#[must_use]
pub fn root(options: &str) -> Option<&str> {
    words(options).filter_map(|word| options.get(word)?.strip_prefix("root=")).last()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_subvolume_is_replaced_in_place() {
        for (options, read_only, expected) in [
            ("root=UUID=1 ro quiet", true, "root=UUID=1 ro quiet rootflags=subvol=S"),
            ("", false, "rootflags=subvol=S"),
            ("rootflags=subvol=@ root=/dev/a rw", true, "rootflags=subvol=S root=/dev/a ro"),
            ("rootflags=subvol=@ root=/dev/a rw", false, "rootflags=subvol=S root=/dev/a rw"),
            (
                "a rootflags=noatime,subvol=/@,compress=zstd  b",
                false,
                "a rootflags=noatime,subvol=S,compress=zstd b",
            ),
            ("rootflags=subvolid=256,subvol=@,ssd x", false, "rootflags=subvol=S,ssd x"),
            ("rootflags=noatime", false, "rootflags=noatime,subvol=S"),
            ("rootflags=subvol=@ x rootflags=ssd", false, "x rootflags=ssd,subvol=S"),
            ("dyndbg=\"a b rw\" rw", true, "dyndbg=\"a b rw\" ro rootflags=subvol=S"),
            ("rootflags= x", false, "rootflags=subvol=S x"),
        ] {
            assert_eq!(with_subvolume(options, "S", read_only).as_deref(), Ok(expected), "{options}");
        }
        for quoted in ["rootflags=\"subvol=@ b\"", "\"rootflags=subvol=@\"", "a=\"b c"] {
            assert!(with_subvolume(quoted, "S", false).is_err(), "{quoted}");
        }
    }

    #[test]
    fn what_options_start() {
        assert_eq!(
            subvolume("rootflags=ssd,subvol=/@/.snapshots/2/snapshot"),
            Some("@/.snapshots/2/snapshot")
        );
        assert_eq!(subvolume("rootflags=subvol=a rootflags=subvol=b"), Some("b"));
        assert_eq!(subvolume("root=x subvol=a"), None);
        assert_eq!((root("root=UUID=1 x root=/dev/a"), root("x")), (Some("/dev/a"), None));
    }

    proptest! {
        #[test]
        fn other_words_stay_and_the_last_word_has_it(
            words in prop::collection::vec("[a-z]{1,4}(=[a-z0-9.,]{0,6})?", 0..6),
            flags in prop::option::of(prop::collection::vec("(subvol=[@a-z/]{1,6}|subvolid=[0-9]{1,3}|[a-z]{1,5})", 0..4)),
        ) {
            let mut line = words.clone();
            line.extend(flags.map(|flags| format!("rootflags={}", flags.join(","))));
            let changed = with_subvolume(&line.join(" "), "@/s", false).unwrap();
            prop_assert_eq!(subvolume(&changed), Some("@/s"));
            prop_assert_eq!(changed.matches("subvol").count(), 1, "{}", changed);
            for word in words.iter().filter(|word| !word.starts_with("rootflags")) {
                prop_assert!(changed.split(' ').any(|other| other == word), "{}", changed);
            }
        }
    }
}
