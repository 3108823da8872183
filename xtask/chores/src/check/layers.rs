// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which part of the tree may depend on which: the arrows of ARCHITECTURE.md, as a table.

use std::collections::BTreeMap;

use super::metadata::{Dependency, Metadata, Package};

/// A folder at the top of the tree, and what its packages may depend on.
struct Layer {
    folder: &'static str,
    /// The layers that its packages may use.
    uses: &'static [&'static str],
    /// Packages of others that it must not use, with the reason.
    never: &'static [(&'static str, &'static str)],
}

const NO_FIRMWARE: (&str, &str) = ("uefi", "only boot/ speaks with firmware");
const NO_RAW_FIRMWARE: (&str, &str) = ("uefi-raw", "only boot/ speaks with firmware");

/// The whole truth about direction. Tests and chores may use everything, and in its tests
/// (`[dev-dependencies]`) any layer may use `testing/`, which has the simulated machine.
const LAYERS: &[Layer] = &[
    Layer { folder: "lib", uses: &["lib"], never: &[NO_FIRMWARE, NO_RAW_FIRMWARE] },
    Layer { folder: "core", uses: &["lib", "core"], never: &[NO_FIRMWARE, NO_RAW_FIRMWARE] },
    Layer { folder: "boot", uses: &["lib", "core", "boot"], never: &[] },
    Layer { folder: "host", uses: &["lib", "core", "host"], never: &[NO_FIRMWARE, NO_RAW_FIRMWARE] },
    Layer { folder: "fleet", uses: &["lib", "core", "fleet"], never: &[NO_FIRMWARE, NO_RAW_FIRMWARE] },
    Layer { folder: "integrations", uses: &[], never: &[] },
    Layer {
        folder: "testing",
        uses: &["lib", "core", "boot", "host", "fleet", "testing", "xtask"],
        never: &[],
    },
    Layer {
        folder: "xtask",
        uses: &["lib", "core", "boot", "host", "fleet", "testing", "xtask"],
        never: &[],
    },
];

/// Every dependency that goes against the table, one sentence each.
#[must_use]
pub fn violations(metadata: &Metadata) -> Vec<String> {
    let layer_of: BTreeMap<&str, &str> =
        metadata.members().map(|package| (package.name.as_str(), folder(metadata, package))).collect();
    metadata.members().flat_map(|package| of_package(metadata, package, &layer_of)).collect()
}

fn of_package(metadata: &Metadata, package: &Package, layer_of: &BTreeMap<&str, &str>) -> Vec<String> {
    let folder = folder(metadata, package);
    let Some(layer) = LAYERS.iter().find(|layer| layer.folder == folder) else {
        return vec![format!("{} is in {folder}/, which is no layer of this tree", package.name)];
    };
    let wrong = |dependency| of_dependency(layer, dependency, layer_of);
    let reasons = package.dependencies.iter().filter_map(wrong);
    reasons.map(|reason| format!("{} ({folder}/) {reason}", package.name)).collect()
}

/// Why `layer` must not have `dependency`; none if it may.
fn of_dependency(layer: &Layer, dependency: &Dependency, layer_of: &BTreeMap<&str, &str>) -> Option<String> {
    let name = dependency.name.as_str();
    if let Some(&other) = layer_of.get(name) {
        let in_tests = dependency.kind.as_deref() == Some("dev") && other == "testing";
        let may = in_tests || layer.uses.contains(&other);
        return (!may).then(|| format!("depends on {name} ({other}/): {}", may_use(layer)));
    }
    let (_, reason) = layer.never.iter().find(|(never, _)| *never == name)?;
    Some(format!("depends on {name}: {reason}"))
}

fn may_use(layer: &Layer) -> String {
    match layer.uses {
        [] => "it links nothing of ours".to_owned(),
        uses => format!("it may use only {}/", uses.join("/, ")),
    }
}

/// The first folder of a member's path: `core` of `core/lamboot-core`.
fn folder<'p>(metadata: &Metadata, package: &'p Package) -> &'p str {
    let first = metadata.folder(package).iter().next();
    first.and_then(|name| name.to_str()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::metadata::sample;
    use super::*;

    #[test]
    fn the_intended_direction_passes() {
        let metadata = sample(&[
            ("lib/bootspec", "bootspec", &["thiserror", "dev:lamboot-sim"]),
            ("core/lamboot-core", "lamboot-core", &["bootspec", "sha2", "dev:lamboot-sim"]),
            ("boot/firmware", "lamboot-firmware", &["uefi", "lamboot-core"]),
            ("boot/lamboot", "lamboot", &["lamboot-firmware", "lamboot-core", "uefi"]),
            ("host/lamboot-cli", "lamboot-cli", &["lamboot-core", "clap"]),
            ("testing/sim", "lamboot-sim", &["lamboot-core"]),
            ("xtask/chores", "lamboot-chores", &["lamboot-sim", "xtask"]),
        ]);
        assert_eq!(violations(&metadata), Vec::<String>::new());
    }

    #[test]
    fn every_wrong_arrow_is_named() {
        let cases: &[(&str, &str, &str, &str)] = &[
            ("lib/a", "core/b", "b", "it may use only lib/"),
            ("core/a", "boot/b", "b", "it may use only lib/, core/"),
            ("core/a", "testing/b", "b", "depends on b (testing/)"),
            ("host/a", "boot/b", "b", "depends on b (boot/)"),
            ("fleet/a", "boot/b", "b", "depends on b (boot/)"),
            ("boot/a", "host/b", "b", "depends on b (host/)"),
            ("integrations/a", "lib/b", "b", "it links nothing of ours"),
            ("core/a", "lib/b", "uefi", "only boot/ speaks with firmware"),
            ("lib/a", "lib/b", "dev:uefi-raw", "only boot/ speaks with firmware"),
            ("core/a", "host/b", "dev:b", "depends on b (host/)"),
            ("lib/a", "core/b", "build:b", "depends on b (core/)"),
        ];
        for (from, to, dependency, reason) in cases {
            let metadata = sample(&[(from, "a", &[dependency]), (to, "b", &[])]);
            let found = violations(&metadata);
            assert!(found.len() == 1 && found[0].contains(reason), "{from} -> {dependency}: {found:?}");
        }
    }

    #[test]
    fn a_new_top_folder_needs_a_line_in_the_table() {
        let found = violations(&sample(&[("attic/a", "a", &[])]));
        assert_eq!(found, ["a is in attic/, which is no layer of this tree"]);
    }
}
