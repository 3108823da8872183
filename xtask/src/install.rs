// SPDX-License-Identifier: MIT OR Apache-2.0
//! Installs packages through the system's package manager, printing every command first.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::toolchain::{NEEDED, Version};

/// Installs a new enough Rust.
///
/// # Errors
/// A sentence with what to install by hand, where there is no package manager that this
/// program knows, where none of its packages is new enough, or where it failed.
pub fn rust() -> Result<(), String> {
    if !has_apt() {
        return Err(by_hand(&os_release()));
    }
    if rust_suffix().is_none() {
        as_root(&["apt-get", "update"])?;
    }
    let suffix = rust_suffix().ok_or_else(|| by_hand(&os_release()))?;
    if suffix == "-web" {
        eprintln!("xtask: rustc-web and cargo-web take the place of rustc and cargo, if those are installed");
    }
    apt(&[format!("rustc{}", suffix), format!("cargo{}", suffix)])
}

/// Installs Debian packages; fetches the lists of packages first where one is not known yet.
///
/// # Errors
/// A sentence with the command that failed.
pub fn apt(packages: &[String]) -> Result<(), String> {
    if packages.iter().any(|package| candidate(package).is_none()) {
        as_root(&["apt-get", "update"])?;
    }
    let mut install = vec!["apt-get", "install", "-y", "--no-install-recommends"];
    install.extend(packages.iter().map(String::as_str));
    as_root(&install)
}

/// Whether this is a system whose packages come through apt.
pub fn has_apt() -> bool {
    is_like(&os_release(), &["debian", "ubuntu"]) && Path::new("/usr/bin/apt-get").exists()
}

/// What follows `rustc` in the name of the package to use: `-web` (Debian keeps it new for
/// its browsers), nothing, or `-1.97` (Ubuntu). None if no package is new enough.
pub fn rust_suffix() -> Option<String> {
    let plain = ["-web", ""].iter().map(|suffix| suffix.to_string());
    let new = |suffix: &String| rust_candidate(suffix).map_or(false, |found| found >= NEEDED);
    plain.chain(versioned()).find(new)
}

fn rust_candidate(suffix: &str) -> Option<Version> {
    Version::parse(&candidate(&format!("rustc{}", suffix))?)
}

/// `-1.97`, `-1.91`, ...: every versioned rustc that the archive has, newest first.
fn versioned() -> Vec<String> {
    let listed = output(&["apt-cache", "pkgnames", "rustc-1."]);
    let mut found: Vec<(Version, String)> = listed
        .lines()
        .filter_map(|line| {
            let suffix = line.strip_prefix("rustc")?;
            Some((Version::parse(suffix.strip_prefix('-')?)?, suffix.to_string()))
        })
        .collect();
    found.sort_by(|a, b| b.cmp(a));
    found.into_iter().map(|(_, suffix)| suffix).collect()
}

/// The version of `package` that apt would install.
fn candidate(package: &str) -> Option<String> {
    let policy = output(&["apt-cache", "policy", package]);
    let version = policy.lines().find_map(|line| line.trim().strip_prefix("Candidate:"))?.trim();
    if version == "(none)" { None } else { Some(version.to_string()) }
}

/// The text of /etc/os-release; empty where there is none.
pub fn os_release() -> String {
    fs::read_to_string("/etc/os-release").unwrap_or_default()
}

/// Whether os-release names one of `names` as this system, or as one that it is like.
pub fn is_like(os_release: &str, names: &[&str]) -> bool {
    os_release
        .lines()
        .filter_map(|line| line.strip_prefix("ID=").or_else(|| line.strip_prefix("ID_LIKE=")))
        .flat_map(|value| value.trim_matches('"').split_whitespace())
        .any(|id| names.contains(&id))
}

/// What to install by hand, by its names on this distribution.
fn by_hand(os_release: &str) -> String {
    let command = if is_like(os_release, &["fedora"]) {
        "dnf install rust cargo rust-src clippy rustfmt"
    } else if is_like(os_release, &["arch"]) {
        "pacman -S rustup && rustup default stable"
    } else if is_like(os_release, &["suse", "opensuse"]) {
        "zypper install rustup && rustup default stable"
    } else {
        "install rustup, as https://rustup.rs tells"
    };
    format!("LamBoot needs Rust {} or newer. Install it, then try again:\n  {}", NEEDED, command)
}

/// Runs `command` as root (through sudo where need be), printing it first.
fn as_root(command: &[&str]) -> Result<(), String> {
    let mut words = Vec::new();
    if output(&["id", "-u"]).trim() != "0" {
        words.push("sudo");
    }
    words.extend(["env", "DEBIAN_FRONTEND=noninteractive"]);
    words.extend(command);
    eprintln!("+ {}", words.join(" "));
    let status = Command::new(words[0]).args(&words[1..]).stdin(Stdio::null()).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`{}` failed: {}", words.join(" "), status)),
        Err(error) => Err(format!("cannot run {}: {}", words[0], error)),
    }
}

fn output(command: &[&str]) -> String {
    let output = Command::new(command[0]).args(&command[1..]).stdin(Stdio::null()).output();
    output.map_or_else(|_| String::new(), |output| String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derivatives_count_as_what_they_are_like() {
        assert!(is_like("NAME=x\nID=debian\n", &["debian"]));
        assert!(is_like("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n", &["debian"]));
        assert!(is_like("ID=\"opensuse-tumbleweed\"\nID_LIKE=\"opensuse suse\"\n", &["suse"]));
        assert!(!is_like("VERSION_ID=12\nID=fedora\n", &["debian", "ubuntu"]));
    }

    #[test]
    fn tells_the_packages_of_other_distributions() {
        assert!(by_hand("ID=fedora\n").contains("dnf install rust cargo"));
        assert!(by_hand("ID=manjaro\nID_LIKE=arch\n").contains("pacman"));
        assert!(by_hand("").contains("rustup"));
    }
}
