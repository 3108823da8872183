// SPDX-License-Identifier: MIT OR Apache-2.0
//! Compares with `blkid` what is found on volumes that the programs of each format made.
//!
//! Runs when `LAMBOOT_REFEREES=1`.

#[path = "../../volume-view/tests/support/mod.rs"]
mod support;

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use fs_probe::{Kind, probe};
use support::Md;

/// Kind, MiB, and the program with its arguments; `@` is the image, `#` a folder with a file.
const PROGRAMS: [(Kind, u64, &str); 24] = [
    (Kind::Xfs, 320, "/sbin/mkfs.xfs -q -L a-label @"),
    (Kind::Xfs, 320, "/sbin/mkfs.xfs -q @"),
    (Kind::Ext2, 8, "/sbin/mkfs.ext2 -q -L a-label @"),
    (Kind::Ext3, 16, "/sbin/mkfs.ext3 -q -L a-label-of-16-ch @"),
    (Kind::Ext4, 16, "/sbin/mkfs.ext4 -q @"),
    (Kind::Ext4, 16, "/sbin/mkfs.ext4 -q -O ^has_journal -L a-label @"),
    (Kind::ExtJournal, 16, "/sbin/mke2fs -q -O journal_dev @"),
    (Kind::Btrfs, 128, "/sbin/mkfs.btrfs -q -L a-label @"),
    (Kind::Fat12, 2, "/sbin/mkfs.fat -F 12 -n A-LABEL @"),
    (Kind::Fat16, 16, "/sbin/mkfs.fat -F 16 @"),
    (Kind::Fat32, 64, "/sbin/mkfs.fat -F 32 -n ESP -i 00AB12CD @"),
    (Kind::Fat32, 600, "/sbin/mkfs.fat -F 32 -S 4096 -n ESP @"),
    (Kind::ExFat, 16, "/sbin/mkfs.exfat -L a-label @"),
    (Kind::ExFat, 16, "/sbin/mkfs.exfat @"),
    (Kind::Ntfs, 16, "/sbin/mkfs.ntfs -q -F -f -L a-label @"),
    (Kind::Ntfs, 16, "/sbin/mkfs.ntfs -q -F -f -c 65536 @"),
    (Kind::F2fs, 64, "/sbin/mkfs.f2fs -q -l a-label @"),
    (Kind::Swap, 2, "/sbin/mkswap -q -L a-label @"),
    (Kind::Swap, 2, "/sbin/mkswap -q -p 65536 @"),
    (Kind::Iso9660, 0, "/usr/bin/xorriso -as mkisofs -quiet -V A_LABEL -o @ #"),
    (Kind::Squashfs, 0, "/usr/bin/mksquashfs # @ -quiet -no-progress -noappend"),
    (Kind::Erofs, 0, "/usr/bin/mkfs.erofs @ #"),
    (Kind::Luks1, 32, "/sbin/cryptsetup -q luksFormat --type luks1 --pbkdf-force-iterations 1000 @ #/file"),
    (
        Kind::Luks2,
        32,
        "/sbin/cryptsetup -q luksFormat --type luks2 --label a-label --pbkdf pbkdf2 --pbkdf-force-iterations 1000 @ #/file",
    ),
];

#[test]
fn blkid_finds_the_same() {
    if std::env::var_os("LAMBOOT_REFEREES").is_none_or(|value| value != "1") {
        eprintln!("referee not asked: LAMBOOT_REFEREES is not 1");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for (kind, size, line) in PROGRAMS {
        let image = folder.path().join("image");
        made(&image, size, line, folder.path())
            .and_then(|()| judge(&image, kind))
            .with_context(|| line)
            .unwrap();
    }
    for (version, level) in [(0, 1), (10, 1), (11, 5), (12, 1)] {
        let image = folder.path().join("member");
        fs::write(&image, support::member(Md { version, level, features: 0, role: 0 })).unwrap();
        judge(&image, Kind::MdMember).with_context(|| version).unwrap();
    }
    let image = folder.path().join("physical");
    let mut physical = support::physical('0', Some(&support::group(1, &[""], "")), 512).bytes;
    // Disks as small as floppies are not looked at for members of groups and arrays.
    physical.resize(4 << 20, 0);
    fs::write(&image, physical).unwrap();
    judge(&image, Kind::LvmPv).unwrap();
}

fn made(image: &Path, size: u64, line: &str, folder: &Path) -> Result<()> {
    let _ = fs::remove_file(image);
    if size > 0 {
        File::create(image)?.set_len(size << 20)?;
    }
    let content = folder.join("content");
    fs::create_dir_all(&content)?;
    fs::write(content.join("file"), "a file")?;
    let line =
        line.replace('@', image.to_str().context("path")?).replace('#', content.to_str().context("path")?);
    let mut words = line.split(' ');
    let output = Command::new(words.next().context("program")?).args(words).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

fn judge(image: &Path, kind: Kind) -> Result<()> {
    let bytes = fs::read(image)?;
    let found = probe(bytes.as_slice(), bytes.len() as u64).map_err(anyhow::Error::msg)?;
    ensure!(found.len() == 1 && found[0].kind == kind, "{found:?}");
    let token = match kind {
        Kind::MdMember => "linux_raid_member",
        Kind::LvmPv => "LVM2_member",
        Kind::Luks1 | Kind::Luks2 => "crypto_LUKS",
        Kind::ExtJournal => "jbd",
        _ => kind.token(),
    };
    ensure!(blkid(image, "TYPE")? == token, "blkid says {}", blkid(image, "TYPE")?);
    let label = String::from_utf8(found[0].label.clone().unwrap_or_default())?;
    ensure!(blkid(image, "LABEL")? == label, "label {label} is {}", blkid(image, "LABEL")?);
    let uuid = found[0].uuid.clone().unwrap_or_default();
    ensure!(blkid(image, "UUID")? == uuid, "UUID {uuid} is {}", blkid(image, "UUID")?);
    Ok(())
}

fn blkid(image: &Path, tag: &str) -> Result<String> {
    let output = Command::new("/sbin/blkid").args(["-p", "-o", "value", "-s", tag]).arg(image).output()?;
    Ok(String::from_utf8(output.stdout)?.trim_end_matches('\n').to_owned())
}
