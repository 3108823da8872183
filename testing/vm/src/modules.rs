// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which kernel modules need which others, for `modprobe`.
//!
//! A module tells its needs in its `.modinfo` section as `depends=a,b` (Linux, `scripts/mod/modpost.c`).

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{Result, error::Doing};

const KEY: &[u8] = b"\0depends=";

/// The text of a `modules.dep` file for modules that lie in one folder.
///
/// # Errors
/// When a module cannot be read.
pub(crate) fn dependencies(modules: &[PathBuf]) -> Result<String> {
    let mut needs = Vec::new();
    for module in modules {
        let bytes = fs::read(module).doing(|| format!("read {}", module.display()))?;
        needs.push((file_name(module), depends(&bytes)));
    }
    Ok(needs.iter().map(|(name, _)| line(name, &needs)).collect())
}

/// A path's last part.
pub(crate) fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

type Needs = [(String, Vec<String>)];

/// `vfat.ko: fat.ko`: every direct and indirect need. `modprobe` loads the last one first.
fn line(name: &str, all: &Needs) -> String {
    let mut order = Vec::new();
    visit(name, all, &mut order, all.len());
    order.pop();
    order.reverse();
    format!("{name}: {}\n", order.join(" "))
}

/// Appends a file after everything it needs. `depth` bounds a circle, which a kernel build cannot make.
fn visit(file: &str, all: &Needs, order: &mut Vec<String>, depth: usize) {
    if depth == 0 || order.iter().any(|seen| seen == file) {
        return;
    }
    for need in needs_of(file, all) {
        visit(&need, all, order, depth - 1);
    }
    order.push(file.to_owned());
}

fn needs_of(file: &str, all: &Needs) -> Vec<String> {
    let needs =
        all.iter().find(|(name, _)| name == file).map(|(_, needs)| needs.as_slice()).unwrap_or_default();
    needs.iter().filter_map(|need| file_of(need, all)).collect()
}

/// The file of a module's name, in which `-` and `_` are the same; none when it is built in.
fn file_of(module: &str, all: &Needs) -> Option<String> {
    let same = |name: &str| name.trim_end_matches(".ko").replace('-', "_") == module.replace('-', "_");
    all.iter().map(|(name, _)| name).find(|name| same(name)).cloned()
}

fn depends(module: &[u8]) -> Vec<String> {
    let start = module.windows(KEY.len()).position(|window| window == KEY).map(|at| at + KEY.len());
    let value = start.and_then(|start| module.get(start..)).unwrap_or_default();
    let end = value.iter().position(|&byte| byte == 0).unwrap_or(0);
    let text = String::from_utf8_lossy(&value[..end]);
    text.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn needs_are_read_from_the_module() {
        assert_eq!(
            depends(b"ELF\0license=GPL\0depends=virtio,virtio-ring\0name=x\0"),
            ["virtio", "virtio-ring"]
        );
        assert!(depends(b"ELF\0depends=\0name=x\0").is_empty());
        assert!(depends(b"no such section").is_empty());
    }

    #[test]
    fn what_others_need_comes_last_and_built_in_ones_are_left_out() {
        let all = [
            ("pci.ko".to_owned(), vec!["virtio_ring".to_owned(), "built_in".to_owned(), "virtio".to_owned()]),
            ("virtio.ko".to_owned(), vec!["virtio_ring".to_owned()]),
            ("virtio-ring.ko".to_owned(), vec![]),
        ];
        assert_eq!(line("pci.ko", &all), "pci.ko: virtio.ko virtio-ring.ko\n");
        assert_eq!(line("virtio-ring.ko", &all), "virtio-ring.ko: \n");
    }
}
