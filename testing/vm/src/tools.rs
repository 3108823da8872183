// SPDX-License-Identifier: MIT OR Apache-2.0
//! Finding the programs that the harness starts.

use std::{
    env,
    path::{Path, PathBuf},
};

use crate::{Result, VmError};

/// A host program and the packages that carry it.
#[derive(Clone, Copy, Debug)]
pub struct Tool {
    name: &'static str,
    packages: &'static str,
}

/// QEMU for x86-64 guests.
pub const QEMU_X86_64: Tool = Tool {
    name: "qemu-system-x86_64",
    packages: "qemu-system-x86 (Debian, Ubuntu), qemu-system-x86-core (Fedora), qemu-system-x86 (Arch, openSUSE qemu-x86)",
};
/// QEMU for 64-bit Arm guests.
pub const QEMU_AARCH64: Tool = Tool {
    name: "qemu-system-aarch64",
    packages: "qemu-system-arm (Debian, Ubuntu, openSUSE qemu-arm), qemu-system-aarch64-core (Fedora), qemu-system-aarch64 (Arch)",
};
/// The software TPM.
pub const SWTPM: Tool = Tool { name: "swtpm", packages: "swtpm" };
/// Makes images of discs.
pub const XORRISO: Tool =
    Tool { name: "xorriso", packages: "xorriso (Debian, Ubuntu, Fedora, openSUSE), libisoburn (Arch)" };
/// Signs UEFI programs.
pub const OSSLSIGNCODE: Tool = Tool { name: "osslsigncode", packages: "osslsigncode" };
/// Starts a program that ends when its parent does.
pub const SETPRIV: Tool = Tool { name: "setpriv", packages: "util-linux" };

impl Tool {
    /// The name as it would be typed.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.name
    }

    /// The packages that carry this program, for a message.
    #[must_use]
    pub fn packages(self) -> &'static str {
        self.packages
    }

    /// The program's full path, looked up in `PATH`.
    ///
    /// # Errors
    /// [`VmError::MissingTool`] when no folder of `PATH` holds it.
    pub fn find(self) -> Result<PathBuf> {
        let path = env::var_os("PATH").unwrap_or_default();
        let administrators = ["/usr/sbin", "/sbin"].map(PathBuf::from);
        env::split_paths(&path)
            .chain(administrators)
            .map(|folder| folder.join(self.name))
            .find(|candidate| is_program(candidate))
            .ok_or_else(|| VmError::MissingTool { tool: self.name.into(), packages: self.packages })
    }
}

fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_tool_is_named_with_its_package() {
        let tool = Tool { name: "no-such-program-here", packages: "imaginary-tools" };
        let message = tool.find().unwrap_err().to_string();
        assert!(message.contains("no-such-program-here") && message.contains("imaginary-tools"), "{message}");
    }

    #[test]
    fn finds_a_program_in_path() {
        let sh = Tool { name: "sh", packages: "" }.find().unwrap();
        assert!(sh.ends_with("sh"));
    }
}
