// SPDX-License-Identifier: MIT OR Apache-2.0
//! The pages of `docs/reference/` that are printed from the code.
//!
//! What a page says of a key, an event or a field stands beside it in the sources and nowhere
//! else. `cargo xtask docs` writes the pages; a test fails while one of them is old.

mod boot_report;
mod exit_codes;
mod markdown;
mod measurements;
pub mod menu;
mod policy;
mod source;
mod trust_log;
mod variables;

use std::fs;

use anyhow::{Context as _, Result, bail};

use crate::tree::Tree;

/// A page, and what it should say.
pub struct Page {
    /// Its path from the top of the tree.
    pub path: &'static str,
    /// Its whole text.
    pub text: String,
}

/// Every page that is printed from the code.
#[must_use]
pub fn pages() -> Vec<Page> {
    vec![
        Page { path: "docs/reference/boot-report.md", text: boot_report::page() },
        Page { path: "docs/reference/exit-codes.md", text: exit_codes::page() },
        Page { path: "docs/reference/measurements.md", text: measurements::page() },
        Page { path: "docs/reference/menu.md", text: menu::page() },
        Page { path: "docs/reference/policy.md", text: policy::page() },
        Page { path: "docs/reference/trust-log.md", text: trust_log::page() },
        Page { path: "docs/reference/variables.md", text: variables::page() },
    ]
}

/// Writes the pages that are old; with `check`, only looks.
///
/// # Errors
/// A page cannot be written, or `check` found an old one: names them all.
pub fn run(tree: &Tree, check: bool) -> Result<()> {
    let old = old(tree);
    if check && !old.is_empty() {
        let paths: Vec<&str> = old.iter().map(|page| page.path).collect();
        bail!("old: {}; `cargo xtask docs` writes them", paths.join(", "));
    }
    for page in &old {
        let file = tree.root().join(page.path);
        fs::create_dir_all(file.parent().unwrap_or_else(|| tree.root()))?;
        fs::write(&file, &page.text).with_context(|| format!("cannot write {}", page.path))?;
        println!("wrote {}", page.path);
    }
    Ok(())
}

/// The pages that do not say what the code says, missing ones included.
#[must_use]
pub fn old(tree: &Tree) -> Vec<Page> {
    let is_old = |page: &Page| {
        fs::read_to_string(tree.root().join(page.path)).ok().as_deref() != Some(page.text.as_str())
    };
    pages().into_iter().filter(is_old).collect()
}
