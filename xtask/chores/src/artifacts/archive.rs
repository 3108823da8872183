// SPDX-License-Identifier: MIT OR Apache-2.0
//! Packages of Debian's or Ubuntu's archive, for any architecture, without root and without
//! a trace in the system: apt with a private configuration, lists and cache.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use xtask::install;

use crate::arch::Arch;
use crate::process;

/// The distribution that this machine runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct System {
    /// Whether it is Ubuntu, or made from it; Debian otherwise.
    pub(super) is_ubuntu: bool,
    codename: String,
}

impl System {
    /// # Errors
    /// It is neither Debian nor Ubuntu, nor made from them.
    pub(super) fn here() -> Result<Self> {
        Self::of(&install::os_release())
    }

    fn of(os_release: &str) -> Result<Self> {
        if !install::is_like(os_release, &["debian", "ubuntu"]) {
            bail!("kernels to test with come from Debian's or Ubuntu's archive, and this is another system");
        }
        let field = |key: &str| os_release.lines().find_map(|line| line.strip_prefix(key));
        // Systems made from Ubuntu have codenames of their own, and name Ubuntu's beside it.
        let codename = field("UBUNTU_CODENAME=").or_else(|| field("VERSION_CODENAME="));
        let codename =
            codename.context("/etc/os-release has no VERSION_CODENAME")?.trim_matches('"').to_owned();
        Ok(Self { is_ubuntu: install::is_like(os_release, &["ubuntu"]), codename })
    }

    /// `bookworm`.
    pub(super) fn codename(&self) -> &str {
        &self.codename
    }

    /// `debian-bookworm`.
    pub(super) fn name(&self) -> String {
        format!("{}-{}", if self.is_ubuntu { "ubuntu" } else { "debian" }, self.codename)
    }

    /// Whether a line of the system's sources belongs to the distribution itself.
    fn owns(&self, suite: &str, component: &str) -> bool {
        let pocket = suite.strip_prefix(self.codename.as_str());
        let pockets = ["", "-updates", "-security"];
        pocket.is_some_and(|pocket| pockets.contains(&pocket)) && ["main", "universe"].contains(&component)
    }

    /// The file with the keys that the distribution's archive is signed with.
    fn keyring(&self) -> Option<&'static str> {
        let files: &[&str] = if self.is_ubuntu {
            &["/usr/share/keyrings/ubuntu-archive-keyring.gpg"]
        } else {
            &[
                "/usr/share/keyrings/debian-archive-keyring.pgp",
                "/usr/share/keyrings/debian-archive-keyring.gpg",
            ]
        };
        files.iter().copied().find(|file| Path::new(file).exists())
    }
}

/// The archive of a distribution, for one architecture.
pub(super) struct Archive {
    folder: PathBuf,
}

impl Archive {
    /// Prepares apt's private files in `folder`, and fetches the lists of packages.
    ///
    /// # Errors
    /// The system's sources do not name the archive, or it cannot be reached.
    pub(super) fn open(system: &System, arch: Arch, folder: &Path) -> Result<Self> {
        Self::from_sources(system, arch, folder, &sources(system, arch)?)
    }

    /// As [`Archive::open`], of the release that the distribution works on.
    ///
    /// # Errors
    /// As [`Archive::open`].
    pub(super) fn open_next(system: &System, arch: Arch, folder: &Path) -> Result<Self> {
        Self::from_sources(system, arch, folder, &next_release(system, &sources(system, arch)?))
    }

    fn from_sources(system: &System, arch: Arch, folder: &Path, sources: &str) -> Result<Self> {
        for place in ["state/lists/partial", "cache/archives/partial"] {
            fs::create_dir_all(folder.join(place))?;
        }
        let archive = Self { folder: folder.to_path_buf() };
        let fetching = process::output(Command::new("apt-config").args(["dump", "Acquire"]))?;
        fs::write(folder.join("status"), "")?;
        fs::write(folder.join("sources.list"), sources)?;
        fs::write(folder.join("apt.conf"), configuration(folder, arch, &fetching))?;
        eprintln!("fetching the lists of packages of {} for {}", system.name(), arch.debian());
        process::output(archive.apt("apt-get").args(["-q", "update"]))?;
        Ok(archive)
    }

    /// The file that names the archive's places.
    pub(super) fn sources(&self) -> PathBuf {
        self.folder.join("sources.list")
    }

    /// The version of `package` that the archive has.
    pub(super) fn version(&self, package: &str) -> Result<String> {
        let policy = process::output(self.apt("apt-cache").args(["policy", package]))?;
        let version = policy.lines().find_map(|line| line.trim().strip_prefix("Candidate: "));
        let version = version.filter(|version| *version != "(none)");
        Ok(version.with_context(|| format!("the archive has no package {package}"))?.to_owned())
    }

    /// The packages that `package` depends on.
    pub(super) fn dependencies(&self, package: &str) -> Result<Vec<String>> {
        let listed = process::output(self.apt("apt-cache").args(["depends", package]))?;
        Ok(dependencies(&listed))
    }

    /// Fetches `package` and unpacks it into `folder`, which is returned.
    pub(super) fn unpack(&self, package: &str, folder: &Path) -> Result<PathBuf> {
        let download = folder.with_extension("download");
        fs::create_dir_all(&download)?;
        process::output(self.apt("apt-get").current_dir(&download).args(["-q", "download", package]))?;
        let file =
            fs::read_dir(&download)?.next().with_context(|| format!("apt-get left no {package}"))??;
        process::output(Command::new("dpkg-deb").arg("-x").arg(file.path()).arg(folder))?;
        fs::remove_dir_all(&download)?;
        Ok(folder.to_path_buf())
    }

    fn apt(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env("APT_CONFIG", self.folder.join("apt.conf")).env("LC_ALL", "C.UTF-8");
        command
    }
}

/// The lines of `apt-cache depends` that a package needs.
fn dependencies(listed: &str) -> Vec<String> {
    let lines = listed.lines().map(|line| line.trim().trim_start_matches('|'));
    let needed =
        lines.filter_map(|line| line.strip_prefix("Depends: ").or_else(|| line.strip_prefix("PreDepends: ")));
    needed.map(str::to_owned).collect()
}

/// A configuration that reads nothing of the system's own but how to fetch (proxies).
fn configuration(folder: &Path, arch: Arch, fetching: &str) -> String {
    let (folder, arch) = (folder.display(), arch.debian());
    format!(
        "Dir::Etc::Parts \"-\";\n\
         Dir::Etc::Main \"-\";\n\
         Dir::Etc::Preferences \"-\";\n\
         Dir::Etc::PreferencesParts \"-\";\n\
         Dir::Etc::SourceList \"{folder}/sources.list\";\n\
         Dir::Etc::SourceParts \"-\";\n\
         Dir::State \"{folder}/state\";\n\
         Dir::State::Status \"{folder}/status\";\n\
         Dir::Cache \"{folder}/cache\";\n\
         APT::Architecture \"{arch}\";\n\
         APT::Architectures {{ \"{arch}\"; }};\n\
         APT::Sandbox::User \"root\";\n\
         Acquire::Languages \"none\";\n\
         Acquire::GzipIndexes \"true\";\n\
         {fetching}"
    )
}

/// The lines of the system's sources that are the distribution's own, as a sources.list.
fn sources(system: &System, arch: Arch) -> Result<String> {
    let format = "$(CREATED_BY) $(REPO_URI) $(RELEASE) $(COMPONENT)";
    let known = process::output(Command::new("apt-get").args(["indextargets", "--format", format]))?;
    let lines = own_lines(system, arch, &known);
    if lines.is_empty() {
        bail!("apt's sources name no archive of {}", system.name());
    }
    Ok(lines)
}

fn own_lines(system: &System, arch: Arch, known: &str) -> String {
    let keyring = system.keyring().map_or_else(String::new, |file| format!("[signed-by={file}] "));
    let mut lines: Vec<String> = known
        .lines()
        .filter_map(|line| match line.split(' ').collect::<Vec<_>>()[..] {
            ["Packages", uri, suite, component] if system.owns(suite, component) => {
                Some(format!("deb {keyring}{} {suite} {component}\n", uri_for(system, arch, uri)))
            }
            _ => None,
        })
        .collect();
    lines.sort();
    lines.dedup();
    lines.concat()
}

/// The same places with the release that the distribution works on in place of this one.
fn next_release(system: &System, sources: &str) -> String {
    let next = if system.is_ubuntu { "devel" } else { "sid" };
    let this = format!(" {} ", system.codename);
    let lines = sources.lines().filter(|line| line.contains(&this));
    lines.map(|line| format!("{}\n", line.replace(&this, &format!(" {next} ")))).collect()
}

/// Ubuntu keeps all but PCs on another server.
fn uri_for<'u>(system: &System, arch: Arch, uri: &'u str) -> &'u str {
    let elsewhere = system.is_ubuntu && arch != Arch::X86_64 && !uri.contains("ports.ubuntu.com");
    if elsewhere { "http://ports.ubuntu.com/ubuntu-ports" } else { uri }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOOKWORM: &str = "ID=debian\nVERSION_CODENAME=bookworm\n";
    const NOBLE: &str = "ID=ubuntu\nID_LIKE=debian\nVERSION_CODENAME=noble\nUBUNTU_CODENAME=noble\n";

    #[test]
    fn knows_where_it_is() {
        assert_eq!(System::of(BOOKWORM).unwrap().name(), "debian-bookworm");
        assert_eq!(System::of(NOBLE).unwrap().name(), "ubuntu-noble");
        let mint = "ID=linuxmint\nID_LIKE=\"ubuntu debian\"\nVERSION_CODENAME=wilma\nUBUNTU_CODENAME=noble\n";
        assert_eq!(System::of(mint).unwrap().name(), "ubuntu-noble");
        assert!(System::of("ID=fedora\n").is_err());
    }

    #[test]
    fn takes_the_distributions_own_sources_only() {
        let known = "Packages http://archive.example.org/debian/ bookworm main\n\
                     Translations http://archive.example.org/debian/ bookworm main\n\
                     Packages http://archive.example.org/debian/ bookworm main\n\
                     Packages http://archive.example.org/debian-security/ bookworm-security main\n\
                     Packages http://archive.example.org/debian/ bookworm-backports main\n\
                     Packages https://deb.example.com/node_20.x/ nodistro main\n\
                     Packages https://download.example.com/linux/debian/ bookworm stable\n";
        let lines = own_lines(&System::of(BOOKWORM).unwrap(), Arch::X86_64, known);
        let places: Vec<&str> = lines.lines().filter_map(|line| line.split("http://").nth(1)).collect();
        assert_eq!(
            places,
            [
                "archive.example.org/debian-security/ bookworm-security main",
                "archive.example.org/debian/ bookworm main"
            ]
        );
    }

    #[test]
    fn the_next_release_is_in_the_same_place() {
        let sources = "deb http://archive.example.org/debian/ bookworm main\n\
                       deb http://archive.example.org/debian/ bookworm-updates main\n";
        let next = next_release(&System::of(BOOKWORM).unwrap(), sources);
        assert_eq!(next, "deb http://archive.example.org/debian/ sid main\n");
    }

    #[test]
    fn ubuntu_keeps_arm_elsewhere() {
        let known = "Packages http://archive.ubuntu.com/ubuntu/ noble universe\n";
        let system = System::of(NOBLE).unwrap();
        assert!(
            own_lines(&system, Arch::Aarch64, known)
                .contains("http://ports.ubuntu.com/ubuntu-ports noble universe")
        );
        assert!(
            own_lines(&system, Arch::X86_64, known)
                .contains("http://archive.ubuntu.com/ubuntu/ noble universe")
        );
    }

    #[test]
    fn reads_dependencies() {
        let listed = "linux-image-cloud-amd64\n  Depends: linux-image-6.1.0-56-cloud-amd64\n |Depends: a\n  Suggests: b\n";
        assert_eq!(dependencies(listed), ["linux-image-6.1.0-56-cloud-amd64", "a"]);
    }
}
