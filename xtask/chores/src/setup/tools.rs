// SPDX-License-Identifier: MIT OR Apache-2.0
//! The programs and files that are not Rust, and the packages that bring them.

use std::env;
use std::path::{Path, PathBuf};

/// Something that must be on the machine.
#[derive(Clone, Copy, Debug)]
pub struct Tool {
    /// What people call it.
    pub name: &'static str,
    /// The packages that bring it.
    pub packages: Names,
    presence: Presence,
}

/// The same package under its name in each distribution. Several are separated by a space.
#[derive(Clone, Copy, Debug)]
pub struct Names {
    /// Debian and Ubuntu.
    pub debian: &'static str,
    /// Fedora.
    pub fedora: &'static str,
    /// Arch Linux.
    pub arch: &'static str,
    /// openSUSE.
    pub suse: &'static str,
}

#[derive(Clone, Copy, Debug)]
enum Presence {
    Program(&'static str),
    AnyFile(&'static [&'static str]),
}

impl Names {
    /// A package that has one name everywhere.
    #[must_use]
    pub const fn same(name: &'static str) -> Self {
        Self { debian: name, fedora: name, arch: name, suse: name }
    }
}

impl Tool {
    /// A program in PATH (or in an `sbin` folder, which is not in every user's PATH).
    #[must_use]
    pub const fn program(name: &'static str, packages: Names) -> Self {
        Self { name, packages, presence: Presence::Program(name) }
    }

    const fn file(name: &'static str, paths: &'static [&'static str], packages: Names) -> Self {
        Self { name, packages, presence: Presence::AnyFile(paths) }
    }

    /// Whether it is on this machine now.
    #[must_use]
    pub fn is_there(&self) -> bool {
        match self.presence {
            Presence::Program(program) => find_program(program).is_some(),
            Presence::AnyFile(paths) => paths.iter().any(|path| Path::new(path).exists()),
        }
    }
}

/// Where `program` is: in a folder of PATH, else in /usr/sbin or /sbin.
#[must_use]
pub fn find_program(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain(["/usr/sbin".into(), "/sbin".into()]);
    folders.map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// The C compiler that Rust links host programs with.
pub const CC: Tool =
    Tool::program("cc", Names { debian: "gcc libc6-dev", fedora: "gcc", arch: "gcc", suse: "gcc" });
/// Starts PCs.
pub const QEMU_X86: Tool = Tool::program(
    "qemu-system-x86_64",
    Names {
        debian: "qemu-system-x86",
        fedora: "qemu-system-x86-core",
        arch: "qemu-system-x86",
        suse: "qemu-x86",
    },
);
/// Shows a PC's screen in a window.
pub const QEMU_WINDOW: Tool = Tool::file(
    "QEMU's window",
    &[
        "/usr/lib/x86_64-linux-gnu/qemu/ui-gtk.so",
        "/usr/lib/aarch64-linux-gnu/qemu/ui-gtk.so",
        "/usr/lib64/qemu/ui-gtk.so",
        "/usr/lib/qemu/ui-gtk.so",
    ],
    Names { debian: "qemu-system-gui", fedora: "qemu-ui-gtk", arch: "qemu-ui-gtk", suse: "qemu-ui-gtk" },
);
/// Starts ARM machines.
pub const QEMU_ARM: Tool = Tool::program(
    "qemu-system-aarch64",
    Names {
        debian: "qemu-system-arm",
        fedora: "qemu-system-aarch64-core",
        arch: "qemu-system-aarch64",
        suse: "qemu-arm",
    },
);
/// UEFI firmware for PCs.
pub const OVMF: Tool = Tool::file(
    "OVMF",
    &[
        "/usr/share/OVMF/OVMF_CODE_4M.fd",
        "/usr/share/edk2/ovmf/OVMF_CODE_4M.qcow2",
        "/usr/share/edk2/ovmf/OVMF_CODE.fd",
        "/usr/share/edk2/x64/OVMF_CODE.4m.fd",
        "/usr/share/qemu/ovmf-x86_64-4m-code.bin",
    ],
    Names { debian: "ovmf", fedora: "edk2-ovmf", arch: "edk2-ovmf", suse: "qemu-ovmf-x86_64" },
);
/// UEFI firmware for ARM machines.
pub const AAVMF: Tool = Tool::file(
    "AAVMF",
    &[
        "/usr/share/AAVMF/AAVMF_CODE.fd",
        "/usr/share/AAVMF/AAVMF_CODE.no-secboot.fd",
        "/usr/share/edk2/aarch64/QEMU_EFI.fd",
        "/usr/share/qemu/aavmf-aarch64-code.bin",
    ],
    Names {
        debian: "qemu-efi-aarch64",
        fedora: "edk2-aarch64",
        arch: "edk2-aarch64",
        suse: "qemu-uefi-aarch64",
    },
);
/// A TPM in software.
pub const SWTPM: Tool = Tool::program("swtpm", Names::same("swtpm"));
/// Signs UEFI programs, for machines with Secure Boot.
pub const OSSLSIGNCODE: Tool = Tool::program("osslsigncode", Names::same("osslsigncode"));
/// A token in software.
pub const SOFTHSM: Tool = Tool::program(
    "softhsm2-util",
    Names { debian: "softhsm2", fedora: "softhsm", arch: "softhsm", suse: "softhsm" },
);
/// Lets OpenSSL use tokens.
pub const PKCS11_ENGINE: Tool = Tool::file(
    "OpenSSL's PKCS#11 engine",
    &[
        "/usr/lib/x86_64-linux-gnu/engines-3/pkcs11.so",
        "/usr/lib/aarch64-linux-gnu/engines-3/pkcs11.so",
        "/usr/lib64/engines-3/pkcs11.so",
        "/usr/lib/engines-3/pkcs11.so",
    ],
    Names {
        debian: "libengine-pkcs11-openssl",
        fedora: "openssl-pkcs11",
        arch: "libp11",
        suse: "openssl-engine-libp11",
    },
);
/// Starts a program that ends when its parent does.
pub const SETPRIV: Tool = Tool::program("setpriv", Names::same("util-linux"));
/// Orders versions as systemd does: a referee.
pub const SYSTEMD_ANALYZE: Tool = Tool::program("systemd-analyze", Names::same("systemd"));
/// Gives the referee a mount point to look at.
pub const UNSHARE: Tool = Tool::program("unshare", Names::same("util-linux"));
/// Unpacks the initrds that the loader makes.
pub const CPIO: Tool = Tool::program("cpio", Names::same("cpio"));
/// Makes ISO 9660 images, and reads them: a referee.
pub const XORRISO: Tool = Tool::program(
    "xorriso",
    Names { debian: "xorriso", fedora: "xorriso", arch: "libisoburn", suse: "xorriso" },
);
/// Makes ISO 9660 images in other ways: a referee.
pub const GENISOIMAGE: Tool = Tool::program("genisoimage", Names::same("genisoimage"));
/// Lists ISO 9660 images: a referee.
pub const ISOINFO: Tool = Tool::program("isoinfo", Names::same("genisoimage"));
/// Makes images of ext2, ext3 and ext4, says what is in them, and changes them: one package.
pub const MKE2FS: Tool = Tool::program("mke2fs", Names::same("e2fsprogs"));
/// Makes XFS images.
pub const MKFS_XFS: Tool = Tool::program("mkfs.xfs", Names::same("xfsprogs"));
/// Fills them in ways that no system call has.
pub const XFS_IO: Tool = Tool::program("xfs_io", Names::same("xfsprogs"));
/// Makes btrfs images.
pub const MKFS_BTRFS: Tool = Tool::program("mkfs.btrfs", Names::same("btrfs-progs"));
/// Has the kernel read them: a referee.
pub const MOUNT: Tool = Tool::program(
    "mount",
    Names { debian: "mount", fedora: "util-linux", arch: "util-linux", suse: "util-linux" },
);
/// Reserves room in files.
pub const FALLOCATE: Tool = Tool::program("fallocate", Names::same("util-linux"));
/// Makes FAT images.
pub const MKFS_FAT: Tool = Tool::program("mkfs.fat", Names::same("dosfstools"));
/// Looks whether they are well: a referee.
pub const FSCK_FAT: Tool = Tool::program("fsck.fat", Names::same("dosfstools"));
/// Fills them, and says where files lie: a referee.
pub const MTOOLS: Tool = Tool::program("mshowfat", Names::same("mtools"));
/// Makes partition tables, and lists them: a referee.
pub const SFDISK: Tool = Tool::program(
    "sfdisk",
    Names { debian: "fdisk", fedora: "util-linux", arch: "util-linux", suse: "util-linux" },
);
/// Makes partition tables in other ways.
pub const SGDISK: Tool =
    Tool::program("sgdisk", Names { debian: "gdisk", fedora: "gdisk", arch: "gptfdisk", suse: "gptfdisk" });
/// Reads TCG event logs: a referee. Its package also brings `tpm2_checkquote`, which judges quotes.
pub const TPM2_EVENTLOG: Tool = Tool::program("tpm2_eventlog", Names::same("tpm2-tools"));
/// Signs programs, and verifies them: a referee.
pub const SBSIGN: Tool = Tool::program(
    "sbsign",
    Names { debian: "sbsigntool", fedora: "sbsigntools", arch: "sbsigntools", suse: "sbsigntools" },
);
/// Hashes programs for their signatures: a referee.
pub const PESIGN: Tool = Tool::program("pesign", Names::same("pesign"));
/// Makes signature lists.
pub const EFITOOLS: Tool = Tool::program("cert-to-efi-sig-list", Names::same("efitools"));
/// Makes keys and certificates.
pub const OPENSSL: Tool = Tool::program("openssl", Names::same("openssl"));
/// Gives them a device with sectors of another size.
pub const LOSETUP: Tool = Tool::program(
    "losetup",
    Names { debian: "mount", fedora: "util-linux", arch: "util-linux", suse: "util-linux" },
);
/// Makes groups of LVM, and says where volumes lie: a referee.
pub const LVM: Tool = Tool::program("lvm", Names::same("lvm2"));
/// Says what a member of an array is: a referee.
pub const MDADM: Tool = Tool::program("mdadm", Names::same("mdadm"));
/// Locks volumes.
pub const CRYPTSETUP: Tool = Tool::program(
    "cryptsetup",
    Names { debian: "cryptsetup-bin", fedora: "cryptsetup", arch: "cryptsetup", suse: "cryptsetup" },
);
/// Says what is on a volume: a referee.
pub const BLKID: Tool = Tool::program("blkid", Names::same("util-linux"));
/// Makes exFAT.
pub const MKFS_EXFAT: Tool = Tool::program("mkfs.exfat", Names::same("exfatprogs"));
/// Makes NTFS.
pub const MKFS_NTFS: Tool = Tool::program(
    "mkfs.ntfs",
    Names { debian: "ntfs-3g", fedora: "ntfsprogs", arch: "ntfs-3g", suse: "ntfsprogs" },
);
/// Makes F2FS.
pub const MKFS_F2FS: Tool = Tool::program("mkfs.f2fs", Names::same("f2fs-tools"));
/// Makes EROFS.
pub const MKFS_EROFS: Tool = Tool::program("mkfs.erofs", Names::same("erofs-utils"));
/// Makes `SquashFS`.
pub const MKSQUASHFS: Tool = Tool::program(
    "mksquashfs",
    Names { debian: "squashfs-tools", fedora: "squashfs-tools", arch: "squashfs-tools", suse: "squashfs" },
);
/// Runs `ukify`, which reads images with this module; maps them into memory: a referee.
pub const PEFILE: Tool = Tool::file(
    "pefile for Python",
    &["/usr/lib/python3/dist-packages/pefile.py"],
    Names {
        debian: "python3-pefile",
        fedora: "python3-pefile",
        arch: "python-pefile",
        suse: "python3-pefile",
    },
);
/// Unpacks packages.
pub const DPKG_DEB: Tool = Tool::program("dpkg-deb", Names::same("dpkg"));
/// Fetches packages from Debian's and Ubuntu's archives.
pub const APT: Tool = Tool::program("apt-get", Names::same("apt"));
/// Unpacks kernel modules (Debian 13).
pub const XZ: Tool = Tool::program("xz", Names { debian: "xz-utils", fedora: "xz", arch: "xz", suse: "xz" });
/// Unpacks kernel modules (Ubuntu).
pub const ZSTD: Tool = Tool::program("zstd", Names::same("zstd"));
/// Installs a system into a file.
pub const MMDEBSTRAP: Tool = Tool::program("mmdebstrap", Names::same("mmdebstrap"));
/// Makes that file.
pub const GENEXT2FS: Tool = Tool::program("genext2fs", Names::same("genext2fs"));
/// Gives it room.
pub const RESIZE2FS: Tool = Tool::program("resize2fs", Names::same("e2fsprogs"));
/// The source history; also lists the files that belong to the tree.
pub const GIT: Tool = Tool::program("git", Names::same("git"));

/// What building needs beside Rust.
pub const BUILD: &[Tool] = &[CC];
/// What fetching kernels needs.
pub const ARCHIVE: &[Tool] = &[APT, DPKG_DEB, XZ, ZSTD];
/// What installing a system to test with needs, beside [`ARCHIVE`].
pub const GUEST: &[Tool] = &[MMDEBSTRAP, GENEXT2FS, RESIZE2FS];
/// What starting a PC needs.
pub const PC: &[Tool] = &[QEMU_X86, OVMF, SWTPM, SETPRIV];
/// What signing programs needs.
pub const SIGNING: &[Tool] = &[OSSLSIGNCODE];
/// What showing a PC in a window needs.
pub const WINDOW: &[Tool] = &[QEMU_WINDOW];
/// What starting machines needs.
pub const MACHINES: &[Tool] = &[
    QEMU_X86,
    QEMU_ARM,
    OVMF,
    AAVMF,
    SWTPM,
    SETPRIV,
    PEFILE,
    OSSLSIGNCODE,
    MKFS_XFS,
    MKE2FS,
    MKFS_BTRFS,
    MKFS_FAT,
    MTOOLS,
];
/// What making images of ext2, ext3 and ext4 and asking the kernel about them needs.
pub const EXT: &[Tool] = &[MKE2FS, XFS_IO, MOUNT, FALLOCATE];
/// What making btrfs images and asking the kernel about them needs.
pub const BTRFS: &[Tool] = &[MKFS_BTRFS, XFS_IO, MOUNT, FALLOCATE];
/// What making XFS images and asking the kernel about them needs.
pub const XFS: &[Tool] = &[MKFS_XFS, XFS_IO, MOUNT, FALLOCATE];
/// What making FAT images and judging them needs.
pub const FAT: &[Tool] = &[MKFS_FAT, FSCK_FAT, MTOOLS];
/// What judges entries, versions, initrds, file systems, partition tables, what lies below file systems,
/// signatures, and commands for a TPM.
pub const REFEREES: &[Tool] = &[
    SYSTEMD_ANALYZE,
    UNSHARE,
    CPIO,
    XORRISO,
    GENISOIMAGE,
    ISOINFO,
    MKE2FS,
    MKFS_BTRFS,
    MKFS_XFS,
    XFS_IO,
    MOUNT,
    FALLOCATE,
    MKFS_FAT,
    FSCK_FAT,
    MTOOLS,
    SFDISK,
    SGDISK,
    TPM2_EVENTLOG,
    SWTPM,
    LOSETUP,
    LVM,
    MDADM,
    CRYPTSETUP,
    BLKID,
    MKFS_EXFAT,
    MKFS_NTFS,
    MKFS_F2FS,
    MKFS_EROFS,
    MKSQUASHFS,
    OPENSSL,
    SBSIGN,
    PESIGN,
    EFITOOLS,
    OSSLSIGNCODE,
    SOFTHSM,
    PKCS11_ENGINE,
    PEFILE,
];
/// Everything.
pub const ALL: &[Tool] = &[
    CC,
    APT,
    DPKG_DEB,
    XZ,
    ZSTD,
    GIT,
    QEMU_X86,
    QEMU_WINDOW,
    QEMU_ARM,
    OVMF,
    AAVMF,
    SWTPM,
    SETPRIV,
    SYSTEMD_ANALYZE,
    UNSHARE,
    CPIO,
    MMDEBSTRAP,
    GENEXT2FS,
    RESIZE2FS,
    XORRISO,
    GENISOIMAGE,
    ISOINFO,
    MKE2FS,
    MKFS_BTRFS,
    MKFS_XFS,
    XFS_IO,
    MOUNT,
    FALLOCATE,
    MKFS_FAT,
    FSCK_FAT,
    MTOOLS,
    SFDISK,
    SGDISK,
    TPM2_EVENTLOG,
    LOSETUP,
    LVM,
    MDADM,
    CRYPTSETUP,
    BLKID,
    MKFS_EXFAT,
    MKFS_NTFS,
    MKFS_F2FS,
    MKFS_EROFS,
    MKSQUASHFS,
    PEFILE,
    OSSLSIGNCODE,
    OPENSSL,
    SBSIGN,
    PESIGN,
    EFITOOLS,
    SOFTHSM,
    PKCS11_ENGINE,
];
