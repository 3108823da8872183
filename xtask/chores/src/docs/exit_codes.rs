// SPDX-License-Identifier: MIT OR Apache-2.0
//! Exit codes of the host program.

use super::markdown::{head, section, table};
use super::source::{Member, members};

const SOURCE: &str = include_str!("../../../../host/lamboot-cli/src/exit.rs");

/// The page.
pub(super) fn page() -> String {
    let rows = |name| -> Vec<_> {
        members(SOURCE, &format!("pub(crate) enum {name} {{"))
            .iter()
            .map(|variant| row(name, variant))
            .collect()
    };
    head("Exit codes", INTRODUCTION)
        + "\n"
        + &table(&["code", "meaning"], &rows("Exit"))
        + &section("`lamboot inspect trust-log verify`", &["code", "meaning"], &rows("LogExit"))
}

const INTRODUCTION: &str = "\
What `lamboot` and its subcommands end with. They never change; numbers between those of the table are \
kept for tools to come. What they mean for `lamboot mark-success`: \
[Tell LamBoot that a boot came up](../how-to/mark-success.md).";

fn row(of: &str, variant: &Member) -> Vec<String> {
    vec![number(&format!("{of}::{}", variant.name)).to_string(), variant.meaning.clone()]
}

/// The number that the source maps the variant to.
///
/// # Panics
/// There is none: the source has another form now.
fn number(variant: &str) -> u8 {
    let arm = format!(" {variant} => ");
    let rest = SOURCE.split(&arm).nth(1).unwrap_or_else(|| panic!("no arm `{arm}`"));
    let digits = rest.split(',').next().unwrap_or_default();
    digits.parse().unwrap_or_else(|_| panic!("`{arm}{digits}`"))
}
