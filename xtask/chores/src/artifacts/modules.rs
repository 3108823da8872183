// SPDX-License-Identifier: MIT OR Apache-2.0
//! The kernel modules that an initramfs for a test machine needs, with all they depend on.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

/// Without these a machine cannot reach its variables, its disk or its ESP. Each is a
/// module, or part of the kernel.
const NEEDED: [&str; 6] = ["efivarfs", "fat", "vfat", "nls_cp437", "virtio_blk", "virtio_pci"];
/// Taken where the kernel has them as modules. Which character set vfat wants by default
/// differs between distributions.
const WELCOME: [&str; 5] = ["nls_ascii", "nls_iso8859_1", "nls_utf8", "virtio_mmio", "nvme"];

/// A kernel's modules: a name, with `_` for `-`, to its file.
type Files = BTreeMap<String, PathBuf>;

/// Writes the modules of the kernel in `tree` (`lib/modules/<version>`) into `folder`,
/// decompressed, under the names that they have there.
pub(super) fn pick(tree: &Path, folder: &Path) -> Result<()> {
    let files = files(tree)?;
    let builtin = fs::read_to_string(tree.join("modules.builtin")).unwrap_or_default();
    let mut picked = Picked { files, taken: BTreeSet::new(), folder: folder.to_path_buf() };
    fs::create_dir_all(folder)?;
    for name in NEEDED {
        if !picked.take(name)? && !is_builtin(&builtin, name) {
            bail!("the kernel has no {name}");
        }
    }
    for name in WELCOME {
        picked.take(name)?;
    }
    Ok(())
}

struct Picked {
    files: Files,
    taken: BTreeSet<String>,
    folder: PathBuf,
}

impl Picked {
    /// Takes the module `name` and those that it depends on; false if it is no module.
    fn take(&mut self, name: &str) -> Result<bool> {
        let Some(file) = self.files.get(name) else { return Ok(false) };
        if !self.taken.insert(name.to_owned()) {
            return Ok(true);
        }
        let bytes = read(file)?;
        fs::write(self.folder.join(uncompressed_name(file)), &bytes)?;
        for dependency in dependencies(&bytes) {
            if !self.take(&dependency)? {
                bail!("{name} depends on {dependency}, which is not to be found");
            }
        }
        Ok(true)
    }
}

/// Every module file below `tree`.
fn files(tree: &Path) -> Result<Files> {
    let mut files = Files::new();
    let mut folders = vec![tree.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else if let Some(name) = module_name(&entry.file_name().to_string_lossy()) {
                files.insert(name, entry.path());
            }
        }
    }
    Ok(files)
}

/// `nls_iso8859_1` of `nls_iso8859-1.ko.xz`; none if that is no module.
fn module_name(file: &str) -> Option<String> {
    let (name, rest) = file.split_once(".ko")?;
    ["", ".xz", ".zst", ".gz"].contains(&rest).then(|| name.replace('-', "_"))
}

/// `nls_iso8859-1.ko` of `.../nls_iso8859-1.ko.xz`.
fn uncompressed_name(file: &Path) -> String {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    name.split_once(".ko").map_or_else(|| name.to_string(), |(name, _)| format!("{name}.ko"))
}

fn is_builtin(builtin: &str, name: &str) -> bool {
    let files = builtin.lines().filter_map(|line| line.rsplit('/').next());
    files.filter_map(module_name).any(|found| found == name)
}

/// A module's bytes, decompressed.
fn read(file: &Path) -> Result<Vec<u8>> {
    let program = match file.extension().and_then(|extension| extension.to_str()) {
        Some("xz") => "xz",
        Some("zst") => "zstd",
        Some("gz") => "gzip",
        _ => return fs::read(file).with_context(|| format!("cannot read {}", file.display())),
    };
    decompressed(Command::new(program).args(["-d", "-c"]).arg(file))
}

/// What `command` writes to its standard output.
pub(super) fn decompressed(command: &mut Command) -> Result<Vec<u8>> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    let output = output.with_context(|| format!("cannot start {}", command.get_program().display()))?;
    if !output.status.success() {
        bail!("`{}` failed: {}", crate::process::shown(command), output.status);
    }
    Ok(output.stdout)
}

/// The modules that a module's `depends=` note names. The note is one of the NUL-ended
/// strings of its `.modinfo` section.
fn dependencies(module: &[u8]) -> Vec<String> {
    const KEY: &[u8] = b"\0depends=";
    let Some(start) = module.windows(KEY.len()).position(|window| window == KEY) else { return Vec::new() };
    let value = module.get(start + KEY.len()..).unwrap_or_default();
    let value = value.split(|&byte| byte == 0).next().unwrap_or_default();
    let names = String::from_utf8_lossy(value).replace('-', "_");
    names.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_same_however_they_are_written() {
        assert_eq!(module_name("nls_iso8859-1.ko").unwrap(), "nls_iso8859_1");
        assert_eq!(module_name("nvme-core.ko.xz").unwrap(), "nvme_core");
        assert_eq!(module_name("modules.order"), None);
        assert!(is_builtin("kernel/fs/fat/fat.ko\nkernel/fs/nls/nls_iso8859-1.ko\n", "nls_iso8859_1"));
        assert!(!is_builtin("kernel/fs/fat/vfat.ko\n", "fat"));
    }

    #[test]
    fn dependencies_are_read_from_the_module() {
        assert_eq!(
            dependencies(b"ELF\0license=GPL\0depends=nvme-core,t10_pi\0name=nvme\0"),
            ["nvme_core", "t10_pi"]
        );
        assert_eq!(dependencies(b"\0depends=\0name=fat\0"), Vec::<String>::new());
        assert_eq!(dependencies(b"no note at all"), Vec::<String>::new());
    }

    #[test]
    fn dependencies_come_along_and_a_missing_module_is_named() {
        let base = std::env::temp_dir().join(format!("lamboot-modules-{}", std::process::id()));
        let tree = base.join("tree");
        fs::create_dir_all(tree.join("kernel/fs/fat")).unwrap();
        fs::write(tree.join("kernel/fs/fat/vfat.ko"), b"\0depends=fat,uni-code\0").unwrap();
        fs::write(tree.join("kernel/fs/fat/fat.ko"), b"\0depends=\0").unwrap();
        fs::write(tree.join("kernel/uni-code.ko"), b"\0depends=fat\0").unwrap();
        fs::write(tree.join("kernel/other.ko"), b"\0depends=\0").unwrap();
        let rest = ["efivarfs", "nls_cp437", "virtio_blk"].map(|name| format!("kernel/{name}.ko\n")).concat();
        fs::write(tree.join("modules.builtin"), &rest).unwrap();
        let without_pci = pick(&tree, &base.join("a")).unwrap_err();
        fs::write(tree.join("modules.builtin"), rest + "kernel/virtio_pci.ko\n").unwrap();
        pick(&tree, &base.join("b")).unwrap();
        let entries = fs::read_dir(base.join("b")).unwrap().flatten();
        let picked: BTreeSet<String> =
            entries.map(|entry| entry.file_name().into_string().unwrap()).collect();
        fs::remove_dir_all(&base).unwrap();
        assert_eq!(picked.into_iter().collect::<Vec<_>>(), ["fat.ko", "uni-code.ko", "vfat.ko"]);
        assert!(without_pci.to_string().contains("virtio_pci"));
    }
}
