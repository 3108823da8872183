// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lists in order. The standard library's sorts are 4 KiB for each kind of thing that is sorted; this one is
//! there once.

use alloc::vec::Vec;
use core::cmp::Ordering;

/// The places of a list in order; equal ones keep theirs. A list that is in order already, or in reverse, takes
/// as many comparisons as it has things.
///
/// ```
/// let list = ["c", "a", "b"];
/// assert_eq!(view_parts::sorted(3, &mut |a, b| list[a].cmp(list[b])), [1, 2, 0]);
/// ```
#[must_use]
pub fn sorted(length: usize, compare: &mut dyn FnMut(usize, usize) -> Ordering) -> Vec<usize> {
    let mut places: Vec<usize> = (0..length).collect();
    let mut runs = runs(&mut places, compare);
    while runs.len() > 1 {
        (places, runs) = merged(&places, &runs, compare);
    }
    places
}

/// The places of the things of a list in order; equal ones keep theirs.
pub fn sorted_by<T>(things: &[T], mut compare: impl FnMut(&T, &T) -> Ordering) -> Vec<usize> {
    sorted(things.len(), &mut |a, b| match (things.get(a), things.get(b)) {
        (Some(a), Some(b)) => compare(a, b),
        _ => Ordering::Equal,
    })
}

/// The things of a list, in this order.
#[must_use]
pub fn permuted<T>(things: Vec<T>, order: &[usize]) -> Vec<T> {
    let mut things: Vec<Option<T>> = things.into_iter().map(Some).collect();
    order.iter().filter_map(|place| things.get_mut(*place)?.take()).collect()
}

/// The things of a list, in the order of their keys; those of one key keep theirs.
#[must_use]
pub fn sorted_by_key<T, K: Ord>(things: Vec<T>, key: impl Fn(&T) -> K) -> Vec<T> {
    let key = |place: usize| things.get(place).map(&key);
    let order = sorted(things.len(), &mut |a, b| key(a).cmp(&key(b)));
    permuted(things, &order)
}

/// The lengths of the runs that are in order; those in reverse are turned round.
fn runs(places: &mut [usize], compare: &mut dyn FnMut(usize, usize) -> Ordering) -> Vec<usize> {
    let mut lengths = Vec::new();
    let mut rest = places;
    while !rest.is_empty() {
        let mut falls = |pair: &[usize]| matches!(pair, [a, b] if compare(*b, *a).is_lt());
        let first = rest.get(..2).is_some_and(&mut falls);
        let steps = rest.windows(2).take_while(|pair| falls(pair) == first).count();
        let (run, later) = rest.split_at_mut(steps.saturating_add(1));
        if first {
            run.reverse();
        }
        lengths.push(run.len());
        rest = later;
    }
    lengths
}

/// The list with each two runs made one, and the lengths of what that makes.
fn merged(
    places: &[usize],
    runs: &[usize],
    compare: &mut dyn FnMut(usize, usize) -> Ordering,
) -> (Vec<usize>, Vec<usize>) {
    let mut list = Vec::with_capacity(places.len());
    let mut lengths = Vec::with_capacity(runs.len().div_ceil(2));
    let mut rest = places;
    for pair in runs.chunks(2) {
        let before = list.len();
        let (one, later) = rest.split_at(pair.first().copied().unwrap_or(0));
        let (other, later) = later.split_at(pair.get(1).copied().unwrap_or(0));
        merge(one, other, &mut list, compare);
        lengths.push(list.len().saturating_sub(before));
        rest = later;
    }
    (list, lengths)
}

fn merge(
    mut one: &[usize],
    mut other: &[usize],
    list: &mut Vec<usize>,
    compare: &mut dyn FnMut(usize, usize) -> Ordering,
) {
    while let ([first, more @ ..], [late, later @ ..]) = (one, other) {
        if compare(*late, *first).is_lt() {
            list.push(*late);
            other = later;
        } else {
            list.push(*first);
            one = more;
        }
    }
    list.extend_from_slice(one);
    list.extend_from_slice(other);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn as_the_standard_librarys_stable_sort(list in prop::collection::vec(0_u8..20, 0..300)) {
            let numbered: Vec<(u8, usize)> = list.iter().copied().zip(0..).collect();
            let mut expected = numbered.clone();
            expected.sort_by_key(|thing| thing.0);
            prop_assert_eq!(sorted_by_key(numbered, |thing| thing.0), expected);
        }

        #[test]
        fn an_order_that_is_none_does_no_harm(length in 0_usize..100, answers in prop::collection::vec(-1_i8..2, 1..50)) {
            let mut answers = answers.iter().cycle();
            let mut places = sorted(length, &mut |_, _| answers.next().unwrap().cmp(&0));
            places.sort_unstable();
            prop_assert_eq!(places, (0..length).collect::<Vec<_>>());
        }
    }

    #[test]
    fn what_is_in_order_or_in_reverse_is_compared_once_along() {
        for falls in [false, true] {
            let mut count = 0;
            let places = sorted(1000, &mut |a, b| {
                count += 1;
                if falls { b.cmp(&a) } else { a.cmp(&b) }
            });
            assert!(places.is_sorted_by(|a, b| if falls { a > b } else { a < b }));
            assert_eq!(count, 1000);
        }
    }
}
