// SPDX-License-Identifier: MIT OR Apache-2.0
//! Each claim of the security model names the tests that show it, and they are tests.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

/// The page with the claims, from the top folder.
pub const PAGE: &str = "docs/explain/security-model.md";
/// How a table of claims begins.
const HEADER: &str = "| claim | shown by |";

/// Every claim that is not shown as it says, one sentence each.
///
/// # Errors
/// The page cannot be read, or it has no claims.
pub fn violations(root: &Path) -> Result<Vec<String>> {
    let page = fs::read_to_string(root.join(PAGE)).with_context(|| format!("read {PAGE}"))?;
    let claims = claims(&page);
    anyhow::ensure!(!claims.is_empty(), "{PAGE} has no table that begins with `{HEADER}`");
    let source = |file: &str| fs::read_to_string(root.join(file)).ok();
    Ok(claims.iter().flat_map(|(line, claim)| of_claim(*line, claim, source)).collect())
}

/// The rows of all tables of claims, with their line numbers: from 1.
fn claims(page: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut inside = false;
    for (number, line) in page.lines().enumerate() {
        inside = line.starts_with(HEADER) || (inside && line.starts_with('|'));
        if inside && !line.starts_with(HEADER) && !line.starts_with("| ---") {
            found.push((number.saturating_add(1), line));
        }
    }
    found
}

/// What is wrong with one row.
fn of_claim(line: usize, row: &str, source: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let shown_by = row.split(" | ").last().unwrap_or_default();
    let names: Vec<&str> = shown_by.split('`').skip(1).step_by(2).collect();
    if names.is_empty() {
        return vec![format!("{PAGE}:{line}: the claim names no test")];
    }
    let wrong = names.into_iter().filter(|name| !is_test(name, &source));
    wrong.map(|name| format!("{PAGE}:{line}: there is no test `{name}`")).collect()
}

/// Whether `folder/file.rs::name` is a function with the attribute of a test.
fn is_test(name: &str, source: impl Fn(&str) -> Option<String>) -> bool {
    let Some((file, function)) = name.split_once("::") else { return false };
    let Some(source) = source(file) else { return false };
    let declaration = format!("fn {function}(");
    let mut before = source.lines().scan(false, |is_test, line| {
        let line = line.trim();
        let found = *is_test && line.starts_with(&declaration);
        *is_test = line == "#[test]" || (*is_test && (line.starts_with("#[") || line.starts_with("//")));
        Some(found)
    });
    before.any(|found| found)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE_TEXT: &str = "# Model\n\n| claim | shown by |\n| --- | --- |\n| a holds | `x.rs::a`, `y.rs::b` |\n\
        | c holds | nobody |\n\n| other | table |\n| --- | --- |\n| d | e |\n";

    fn source(file: &str) -> Option<String> {
        let text = match file {
            "x.rs" => {
                "/// Words.\n#[test]\n#[cfg(unix)]\nfn a() {}\n#[test]\nfn other() {}\nfn helper() {}\n"
            }
            "y.rs" => "proptest! {\n    #[test]\n    fn b(bytes: Vec<u8>) {}\n}\n",
            _ => return None,
        };
        Some(text.to_owned())
    }

    #[test]
    fn only_tables_of_claims_are_read() {
        let found = claims(PAGE_TEXT);
        assert_eq!(found.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [5, 6]);
        assert_eq!(of_claim(5, found[0].1, source), [""; 0]);
        assert_eq!(of_claim(6, found[1].1, source), [format!("{PAGE}:6: the claim names no test")]);
    }

    #[test]
    fn what_is_no_test_shows_nothing() {
        for name in ["x.rs::a", "x.rs::other", "y.rs::b"] {
            assert!(is_test(name, source), "{name}");
        }
        for name in ["x.rs::helper", "x.rs::othe", "x.rs", "z.rs::a", "y.rs::a"] {
            assert!(!is_test(name, source), "{name}");
            assert_eq!(of_claim(1, &format!("| claim | `{name}` |"), source).len(), 1);
        }
    }
}
