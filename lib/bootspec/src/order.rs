// SPDX-License-Identifier: MIT OR Apache-2.0
//! The order of entries in a menu (UAPI.1, Sorting). The first is the default.
//!
//! The last criterion is the id with its suffix. The specification says to leave the suffix out;
//! systemd-boot and `bootctl` leave it in, and so does this module. It matters: with the suffix
//! `arch.conf` comes before `arch-fallback.conf`, without it the fallback would be the default.

use crate::counter::Counter;
use crate::version;
use core::cmp::{Ordering, Reverse};

/// What decides an entry's place. Entries of any kind and volume can be compared with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'e> {
    /// The id: file name without counter, with suffix, in small letters.
    pub id: &'e str,
    /// The counter of the file name.
    pub counter: Option<Counter>,
    /// `sort-key`.
    pub sort_key: Option<&'e str>,
    /// `machine-id`.
    pub machine_id: Option<&'e str>,
    /// `version`.
    pub version: Option<&'e str>,
}

/// How entries with and without a `sort-key` stand to each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cohorts {
    /// As specified: those with a key first; a version counts only beside a key.
    #[default]
    Separate,
    /// Keys are ignored; machine id, then version, order all. For machines whose tools write a key
    /// for some kernels only, so that an old kernel would stay the default for ever.
    Collapsed,
}

/// Compares two places: [`Ordering::Less`] when `a` comes first in the menu.
///
/// This is a total order: only places with the same id and the same tries are equal. Two volumes can
/// have such a file each; a stable sort leaves them in the order in which they were found.
///
/// ```
/// use bootspec::order::{Cohorts, Place, compare};
/// let place = |id, version| Place {
///     id, version: Some(version), sort_key: Some("debian"), machine_id: None, counter: None,
/// };
/// let mut menu = [place("a.conf", "6.9"), place("b.conf", "6.10")];
/// menu.sort_by(|a, b| compare(a, b, Cohorts::Separate));
/// assert_eq!(menu[0].id, "b.conf"); // the newest first
/// ```
#[must_use]
pub fn compare(a: &Place<'_>, b: &Place<'_>, cohorts: Cohorts) -> Ordering {
    let by_content = match cohorts {
        Cohorts::Separate => by_sort_key(a, b),
        Cohorts::Collapsed => by_machine_and_version(a, b),
    };
    a.is_bad().cmp(&b.is_bad()).then(by_content).then_with(|| by_id(a, b)).then_with(|| by_tries(a, b))
}

impl Place<'_> {
    fn is_bad(&self) -> bool {
        self.counter.is_some_and(|counter| counter.left.value == 0)
    }
}

fn by_sort_key(a: &Place<'_>, b: &Place<'_>) -> Ordering {
    match (a.sort_key, b.sort_key) {
        (Some(x), Some(y)) => x.cmp(y).then_with(|| by_machine_and_version(a, b)),
        (x, y) => y.is_some().cmp(&x.is_some()),
    }
}

fn by_machine_and_version(a: &Place<'_>, b: &Place<'_>) -> Ordering {
    let by_version = || newest_first(a.version.unwrap_or(""), b.version.unwrap_or(""));
    a.machine_id.cmp(&b.machine_id).then_with(by_version)
}

/// By version; ids that are the same version, such as `a1.conf` and `a01.conf`, by their bytes.
fn by_id(a: &Place<'_>, b: &Place<'_>) -> Ordering {
    newest_first(a.id, b.id).then_with(|| b.id.cmp(a.id))
}

/// More tries left first, then fewer made. An entry that is not counted comes before one that is.
fn by_tries(a: &Place<'_>, b: &Place<'_>) -> Ordering {
    let tries = |place: &Place<'_>| {
        place.counter.map(|c| (Reverse(c.left.value), c.done.map_or(0, |done| done.value)))
    };
    tries(a).cmp(&tries(b))
}

fn newest_first(a: &str, b: &str) -> Ordering {
    version::compare(b, a)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::EntryName;
    use proptest::prelude::*;

    fn place(file_name: &'static str) -> Place<'static> {
        let name = Box::leak(Box::new(EntryName::parse(file_name).unwrap()));
        let counter = name.counted().counter;
        Place { id: name.id(), counter, sort_key: None, machine_id: None, version: None }
    }

    fn keyed(
        file_name: &'static str,
        key: &'static str,
        machine: Option<&'static str>,
        version: &'static str,
    ) -> Place<'static> {
        Place { sort_key: Some(key), machine_id: machine, version: Some(version), ..place(file_name) }
    }

    fn sorted(mut all: Vec<Place<'static>>, cohorts: Cohorts) -> Vec<&'static str> {
        all.reverse();
        all.sort_by(|a, b| compare(a, b, cohorts));
        all.iter().map(|place| place.id).collect()
    }

    #[test]
    fn bad_entries_are_last_even_with_a_key() {
        let all =
            vec![keyed("z+0-3.conf", "a", None, "9"), place("a.conf"), keyed("b+1.conf", "z", None, "1")];
        assert_eq!(sorted(all, Cohorts::Separate), ["b.conf", "a.conf", "z.conf"]);
    }

    #[test]
    fn key_then_machine_then_newest() {
        let all = vec![
            keyed("a.conf", "debian", Some("m2"), "6.10"),
            keyed("b.conf", "debian", Some("m1"), "6.9"),
            keyed("c.conf", "debian", Some("m1"), "6.10"),
            keyed("d.conf", "arch", Some("m9"), "1"),
            keyed("e.conf", "debian", None, "1"),
        ];
        assert_eq!(sorted(all, Cohorts::Separate), ["d.conf", "e.conf", "c.conf", "b.conf", "a.conf"]);
    }

    #[test]
    fn without_a_key_only_the_name_counts() {
        let all = vec![
            Place { version: Some("99"), ..place("linux-6.9.conf") },
            place("linux-6.10.conf"),
            place("arch-fallback.conf"),
            place("arch.conf"),
        ];
        let expected = ["linux-6.10.conf", "linux-6.9.conf", "arch.conf", "arch-fallback.conf"];
        assert_eq!(sorted(all, Cohorts::Separate), expected);
    }

    #[test]
    fn collapsing_brings_the_newest_kernel_up_again() {
        let all = vec![
            Place { version: Some("6.12"), ..place("new.conf") },
            keyed("old.conf", "debian", None, "6.1"),
        ];
        assert_eq!(sorted(all.clone(), Cohorts::Separate), ["old.conf", "new.conf"]);
        assert_eq!(sorted(all, Cohorts::Collapsed), ["new.conf", "old.conf"]);
    }

    #[test]
    fn of_two_counted_files_the_one_less_tried_is_first() {
        let order = |a, b| compare(&place(a), &place(b), Cohorts::Separate);
        assert_eq!(order("a+3-0.conf", "a+2-0.conf"), Ordering::Less);
        assert_eq!(order("a+3-1.conf", "a+3-0.conf"), Ordering::Greater);
        assert_eq!(order("a.conf", "a+3-0.conf"), Ordering::Less);
        assert_eq!(order("a+3.conf", "a+3-0.conf"), Ordering::Equal);
    }

    type Owned = (String, Option<String>, Option<String>, Option<String>, Option<(u32, u32)>);

    fn owned() -> impl Strategy<Value = Owned> {
        use proptest::option::of;
        let tries = of((0_u32..3, 0_u32..3));
        ("[ab01.~_-]{1,3}", of("[ab]{0,1}"), of("[ab]{0,1}"), of("[01.a]{0,2}"), tries)
    }

    fn view(entry: &Owned) -> Place<'_> {
        let (id, sort_key, machine_id, version, tries) = entry;
        let digits = |value| crate::counter::Digits { value, width: 1 };
        let counter = tries.map(|(left, done)| Counter { left: digits(left), done: Some(digits(done)) });
        let (sort_key, machine_id, version) =
            (sort_key.as_deref(), machine_id.as_deref(), version.as_deref());
        Place { id, counter, sort_key, machine_id, version }
    }

    proptest! {
        #[test]
        fn the_order_is_total(all in proptest::array::uniform3(owned()), collapsed: bool) {
            let cohorts = if collapsed { Cohorts::Collapsed } else { Cohorts::Separate };
            let mut places = all.each_ref().map(view);
            for (a, b) in [(0, 1), (1, 2), (0, 2)] {
                let (a, b) = (&places[a], &places[b]);
                prop_assert_eq!(compare(a, b, cohorts), compare(b, a, cohorts).reverse());
                let same = a.id == b.id && a.counter == b.counter;
                prop_assert!(same || compare(a, b, cohorts) != Ordering::Equal);
            }
            places.sort_by(|a, b| compare(a, b, cohorts));
            prop_assert_ne!(compare(&places[0], &places[2], cohorts), Ordering::Greater);
        }
    }
}
