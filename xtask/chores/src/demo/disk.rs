// SPDX-License-Identifier: MIT OR Apache-2.0
//! What is on the demo's disk: LamBoot, its policy, two entries, a kernel and an initramfs.

use anyhow::Result;
use lamboot_vm::{ArchArtifacts, DiskImage, Initramfs};

const POLICY: &str = "\
# LamBoot's policy. docs/reference/policy.md lists every key.
default_timeout_ms = 5000
";

/// What the booted system does: come up, say so to LamBoot, and switch off.
const INIT: &str = r#"
finish() { sync; poweroff -f; }
mount_efivars
echo
echo "This is Linux $(uname -r). It was started by LamBoot, and now says that it came up:"
echo "  lamboot mark-success"
/bin/lamboot mark-success
echo
"#;

/// The disk image, not yet written.
///
/// # Errors
/// Something that goes on it was not built or fetched.
pub(super) fn image(built: &ArchArtifacts) -> Result<DiskImage> {
    let version = built.kernel_version()?;
    let loader = built.loader()?;
    let installed = format!(r"\EFI\LamBoot\{}", built.arch().loader_name());
    Ok(DiskImage::gpt()
        .file(built.arch().removable_path(), loader.clone())
        .file(&installed, loader)
        .file(lamboot_schema::paths::POLICY, POLICY.to_owned())
        .file("/demo/linux", built.kernel()?)
        .file("/demo/initrd", initramfs(built)?)
        .file("/loader/entries/demo.conf", entry("Linux", "demo-1", &version, &options(built, "quiet")))
        .file(
            "/loader/entries/demo-verbose.conf",
            entry("Linux, telling all", "demo-2", &version, &options(built, "")),
        ))
}

fn initramfs(built: &ArchArtifacts) -> Result<Vec<u8>> {
    Ok(Initramfs::new(built)?.file("/bin/lamboot", 0o755, built.host_program()?).run(INIT).build()?)
}

/// The command line: a console on the screen, and one on the serial port, which gets the
/// words of `/init`.
fn options(built: &ArchArtifacts, more: &str) -> String {
    format!("console=tty0 console={} {more}", built.arch().serial_console())
}

/// A Boot Loader Specification entry, type 1.
fn entry(title: &str, sort_key: &str, version: &str, options: &str) -> String {
    let options = options.trim_end();
    format!(
        "title {title}\nversion {version}\nsort-key {sort_key}\n\
         linux /demo/linux\ninitrd /demo/initrd\noptions {options}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_has_one_field_a_line() {
        assert_eq!(
            entry("Linux", "demo-1", "6.1.0", "console=tty0 "),
            "title Linux\nversion 6.1.0\nsort-key demo-1\nlinux /demo/linux\ninitrd /demo/initrd\noptions console=tty0\n"
        );
    }
}
