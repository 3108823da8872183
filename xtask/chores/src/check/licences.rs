// SPDX-License-Identifier: MIT OR Apache-2.0
//! Whether every dependency has a licence that LamBoot can be given away with.

use anyhow::{Context as _, Result};
use serde::Deserialize;
use spdx::{Expression, Licensee};

use super::metadata::{Metadata, Package};

const LIST: &str = include_str!("../../licences.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    allow: Vec<String>,
    #[serde(default)]
    exception: Vec<Exception>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Exception {
    package: String,
    licence: String,
    /// For those who read the list; an exception without one is a mistake.
    #[serde(rename = "reason")]
    _reason: String,
}

/// What may be used.
struct Allowed {
    everywhere: Vec<Licensee>,
    in_package: Vec<(String, Licensee)>,
}

/// Every package whose licence is unknown or not on the list, one sentence each.
///
/// # Errors
/// The list itself is not right.
pub fn violations(metadata: &Metadata) -> Result<Vec<String>> {
    let allowed = allowed(LIST)?;
    let wrong = |package| Some(format!("{} {}", name(package), objection(package, &allowed)?));
    Ok(metadata.packages.iter().filter_map(wrong).collect())
}

fn allowed(list: &str) -> Result<Allowed> {
    let list: List = toml::from_str(list).context("licences.toml")?;
    let parse = |text: &str| Licensee::parse(text).with_context(|| format!("licences.toml: {text}"));
    let everywhere = list.allow.iter().map(|text| parse(text)).collect::<Result<_>>()?;
    let pair = |exception: Exception| Ok((exception.package, parse(&exception.licence)?));
    let in_package = list.exception.into_iter().map(pair).collect::<Result<_>>()?;
    Ok(Allowed { everywhere, in_package })
}

/// Why `package` cannot be used; none if it can.
fn objection(package: &Package, allowed: &Allowed) -> Option<String> {
    let Some(text) = &package.license else {
        return Some("names no licence".to_owned());
    };
    // Old packages write "MIT/Apache-2.0", which SPDX writes with OR.
    let Ok(expression) = Expression::parse(&text.replace('/', " OR ")) else {
        return Some(format!("has a licence that is no SPDX expression: {text}"));
    };
    let of_package = allowed.in_package.iter().filter(|(name, _)| *name == package.name);
    let licences: Vec<&Licensee> =
        allowed.everywhere.iter().chain(of_package.map(|(_, licence)| licence)).collect();
    let fulfilled = expression.evaluate(|needed| licences.iter().any(|licence| licence.satisfies(needed)));
    (!fulfilled).then(|| format!("is under {text}, which licences.toml does not allow"))
}

fn name(package: &Package) -> String {
    format!("{} {}", package.name, package.version)
}

#[cfg(test)]
mod tests {
    use super::super::metadata::sample;
    use super::*;

    fn judge(license: Option<&str>) -> Vec<String> {
        let mut metadata = sample(&[("lib/a", "a", &[])]);
        metadata.packages[0].license = license.map(str::to_owned);
        violations(&metadata).unwrap()
    }

    #[test]
    fn permissive_licences_pass_in_any_spelling() {
        for license in ["MIT", "MIT OR Apache-2.0", "MIT/Apache-2.0", "(MIT OR Apache-2.0) AND Unicode-3.0"] {
            assert_eq!(judge(Some(license)), Vec::<String>::new(), "{license}");
        }
        assert_eq!(judge(Some("Apache-2.0 WITH LLVM-exception")), Vec::<String>::new());
        assert_eq!(judge(Some("GPL-3.0-only OR MIT")), Vec::<String>::new(), "one choice is enough");
    }

    #[test]
    fn others_are_named() {
        assert_eq!(
            judge(Some("GPL-3.0-only")),
            ["a 1.0.0 is under GPL-3.0-only, which licences.toml does not allow"]
        );
        assert!(judge(Some("MIT AND MPL-2.0"))[0].contains("does not allow"), "all of them count");
        assert!(judge(None)[0].contains("names no licence"));
        assert!(judge(Some("free beer"))[0].contains("no SPDX expression"));
    }

    #[test]
    fn an_exception_is_for_one_package() {
        let mut metadata = sample(&[("lib/a", "ucs2", &[])]);
        metadata.packages[0].license = Some("MPL-2.0".to_owned());
        assert_eq!(violations(&metadata).unwrap(), Vec::<String>::new());
        assert_eq!(judge(Some("MPL-2.0")).len(), 1);
    }

    #[test]
    fn a_mistake_in_the_list_is_an_error() {
        assert!(allowed("allow = [\"NOT-A-LICENCE\"]").is_err());
        assert!(allowed("deny = []").is_err());
        assert!(allowed("allow = []\n[[exception]]\npackage = \"a\"\nlicence = \"MIT\"").is_err());
    }
}
