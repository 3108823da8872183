// SPDX-License-Identifier: MIT OR Apache-2.0
//! Compares with `lvm`, `mdadm` and `cryptsetup`.
//!
//! Runs when `LAMBOOT_REFEREES=1`; LVM needs root, for loop devices, and no device mapper: volumes are made
//! and never activated.

mod support;

use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context as _, Result, ensure};
use support::Md;
use volume_view::ReadAt;
use volume_view::luks::Luks;
use volume_view::lvm::{Group, PhysicalVolume, assemble};
use volume_view::md::Member;

fn is_asked() -> bool {
    let is_asked = std::env::var_os("LAMBOOT_REFEREES").is_some_and(|value| value == "1");
    if !is_asked {
        eprintln!("referee not asked: LAMBOOT_REFEREES is not 1");
    }
    is_asked
}

fn run(command: &mut Command) -> Result<String> {
    let Output { status, stdout, stderr } = command.output().with_context(|| format!("{command:?}"))?;
    ensure!(status.success(), "{command:?}: {}", String::from_utf8_lossy(&stderr));
    Ok(String::from_utf8(stdout)?)
}

/// A file that is read from.
#[derive(Debug)]
struct Device(File);

impl ReadAt for Device {
    type Error = String;

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> Result<(), String> {
        self.0.read_exact_at(buffer, offset).map_err(|error| error.to_string())
    }
}

/// Loop devices, and LVM that sees nothing else.
struct Lab {
    folder: tempfile::TempDir,
    /// Image and device of each.
    disks: Vec<(PathBuf, String)>,
}

const DISKS: usize = 3;
const DISK: u64 = 40 << 20;
const EXTENT: u64 = 1 << 20;

impl Lab {
    fn new() -> Result<Self> {
        let mut lab = Self { folder: tempfile::tempdir()?, disks: Vec::new() };
        for number in 0..DISKS {
            let image = lab.folder.path().join(format!("disk{number}"));
            File::create(&image)?.set_len(DISK)?;
            let device = run(Command::new("/sbin/losetup").args(["-f", "--show"]).arg(&image))?;
            lab.disks.push((image, device.trim().to_owned()));
        }
        let filters: String = lab.disks.iter().map(|(_, device)| format!("\"a|^{device}$|\", ")).collect();
        let place = lab.folder.path().display();
        fs::write(
            lab.folder.path().join("lvm.conf"),
            format!(
                "devices {{ use_devicesfile=0 filter=[{filters} \"r|.*|\"] obtain_device_list_from_udev=0 external_device_info_source=\"none\" }}
                 global {{ activation=0 use_lvmpolld=0 locking_dir=\"{place}/lock\" }}
                 activation {{ udev_sync=0 udev_rules=0 monitoring=0 }}
                 backup {{ backup_dir=\"{place}/backup\" archive_dir=\"{place}/archive\" }}"
            ),
        )?;
        Ok(lab)
    }

    fn lvm(&self, line: &str) -> Result<String> {
        let mut command = Command::new("/sbin/lvm");
        command
            .args(line.split(' '))
            .env("LVM_SYSTEM_DIR", self.folder.path())
            .env("LVM_SUPPRESS_FD_WARNINGS", "1");
        run(command.env("LC_ALL", "C.UTF-8"))
    }

    fn device(&self, number: usize) -> &str {
        &self.disks[number].1
    }

    /// Three physical volumes, one without a metadata area; volumes of many shapes; a ring that has gone
    /// round.
    fn make(&self) -> Result<()> {
        let (first, second, third) = (self.device(0), self.device(1), self.device(2));
        self.lvm(&format!("pvcreate -y --metadatasize 64k {first} {second}"))?;
        self.lvm(&format!("pvcreate -y --metadatacopies 0 {third}"))?;
        self.lvm(&format!("vgcreate -y -s 1m vg-0 {first} {second} {third}"))?;
        let make = |line: &str| self.lvm(&format!("lvcreate -y -an -Zn -Wn {line}"));
        make(&format!("-l 3 -n linear vg-0 {first}"))?;
        make(&format!("-l 4 -i 2 -I 64k -n two vg-0 {first} {second}"))?;
        make("-l 6 -i 3 -I 4k -n three_stripes vg-0")?;
        self.lvm(&format!("lvextend -l +2 vg-0/linear {second}"))?;
        self.lvm(&format!("lvextend -l +3 vg-0/linear {third}"))?;
        for number in 0..25 {
            self.lvm(&format!(
                "lvchange --addtag a-tag-of-some-length-that-fills-the-ring-{number} vg-0/linear"
            ))?;
        }
        self.restore_with_mirrors()
    }

    /// `lvcreate` makes mirrors with a device mapper only, but `vgcfgrestore` checks and writes any text.
    fn restore_with_mirrors(&self) -> Result<()> {
        let text = self.folder.path().join("text");
        self.lvm(&format!("vgcfgbackup -f {} vg-0", text.display()))?;
        let image = |name: &str, pv: usize, extent: u64, count: u64| {
            let rest = format!("type = \"striped\" stripe_count = 1 stripes = [\"pv{pv}\", {extent}]");
            support::volume(name, "\"WRITE\"", count, &rest)
        };
        let visible = "\"WRITE\", \"VISIBLE\"";
        let volumes = [
            support::volume(
                "mir",
                visible,
                2,
                "type = \"mirror\" mirror_count = 2 region_size = 1024 mirrors = [\"mir_mimage_0\", 0, \"mir_mimage_1\", 0]",
            ),
            image("mir_mimage_0", 0, 20, 2),
            image("mir_mimage_1", 1, 20, 2),
            support::volume(
                "raid",
                visible,
                3,
                "type = \"raid1\" device_count = 2 region_size = 1024 raids = [\"raid_rmeta_0\", \"raid_rimage_0\", \"raid_rmeta_1\", \"raid_rimage_1\"]",
            ),
            image("raid_rmeta_0", 1, 25, 1),
            image("raid_rimage_0", 1, 26, 3),
            image("raid_rmeta_1", 2, 25, 1),
            image("raid_rimage_1", 2, 26, 3),
        ];
        // Each its own UUID.
        let volumes: String = volumes
            .iter()
            .enumerate()
            .map(|(index, volume)| volume.replacen("AAAAAA", &format!("AAAAA{index}"), 1))
            .collect();
        let whole = fs::read_to_string(&text)?.replacen(
            "logical_volumes {",
            &format!("logical_volumes {{\n{volumes}"),
            1,
        );
        fs::write(&text, whole)?;
        self.lvm(&format!("vgcfgrestore -f {} vg-0", text.display())).map(drop)
    }

    /// Makes every byte of the extents differ.
    fn fill(&self, starts: &[(String, u64)]) -> Result<()> {
        for (number, (image, device)) in self.disks.iter().enumerate() {
            let start = starts.iter().find(|(name, _)| name == device).context("no such device")?.1;
            let bytes: Vec<u8> = (0..DISK - start)
                .map(|at| ((at + 7 * number as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56) as u8)
                .collect();
            File::options().write(true).open(image)?.write_all_at(&bytes, start)?;
        }
        Ok(())
    }

    fn open(&self, disks: &[usize]) -> Result<Group<Device>> {
        let mut members = Vec::new();
        for disk in disks {
            let device = Device(File::open(&self.disks[*disk].0)?);
            members.push(PhysicalVolume::open(device).map_err(anyhow::Error::msg)?);
        }
        assemble(members).pop().context("no group")?.map_err(anyhow::Error::msg)
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        for (_, device) in &self.disks {
            let _ = Command::new("/sbin/losetup").args(["-d", device]).status();
        }
    }
}

/// A segment as `lvs` shows it.
struct Row {
    volume: String,
    kind: String,
    stripe: u64,
    start: u64,
    size: u64,
    /// Of what, and which extents.
    ranges: Vec<(String, u64)>,
}

/// Rows of a report, by their fields.
fn rows(report: &str) -> impl Iterator<Item = Vec<&str>> {
    report.lines().map(|line| line.trim().split('|').collect())
}

/// What `lvm` says of all segments, and the bytes that should be there.
struct Expected<'l> {
    lab: &'l Lab,
    starts: Vec<(String, u64)>,
    rows: Vec<Row>,
}

impl<'l> Expected<'l> {
    fn ask(lab: &'l Lab) -> Result<Self> {
        let starts = lab.lvm("pvs --noheadings --separator | --units b --nosuffix -o pv_name,pe_start")?;
        let starts =
            rows(&starts).map(|row| Ok((row[0].to_owned(), row[1].parse()?))).collect::<Result<_>>()?;
        let report = lab.lvm("lvs -a --noheadings --separator | --units b --nosuffix -o lv_name,segtype,stripe_size,seg_start,seg_size,seg_pe_ranges")?;
        let row = |row: Vec<&str>| {
            let range = |range: &str| {
                let (name, extents) = range.split_once(':').context("range")?;
                Ok((name.to_owned(), extents.split('-').next().context("extent")?.parse()?))
            };
            Ok(Row {
                volume: row[0].trim_matches(['[', ']']).to_owned(),
                kind: row[1].to_owned(),
                stripe: row[2].parse()?,
                start: row[3].parse()?,
                size: row[4].parse()?,
                ranges: row[5].split(' ').map(range).collect::<Result<_>>()?,
            })
        };
        Ok(Self { lab, starts, rows: rows(&report).map(row).collect::<Result<_>>()? })
    }

    /// The bytes of a volume, put together as the report says.
    fn bytes(&self, volume: &str) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        for row in self.rows.iter().filter(|row| row.volume == volume) {
            ensure!(row.start == bytes.len() as u64, "{volume} is not in order");
            match row.kind.as_str() {
                "linear" => bytes.extend(self.range(&row.ranges[0], row.size)?),
                "mirror" | "raid1" => bytes.extend(self.range(&row.ranges[0], row.size)?),
                "striped" => {
                    let width = row.ranges.len() as u64;
                    let legs: Vec<Vec<u8>> = row
                        .ranges
                        .iter()
                        .map(|range| self.range(range, row.size / width))
                        .collect::<Result<_>>()?;
                    for at in (0..row.size / width).step_by(row.stripe as usize) {
                        for leg in &legs {
                            bytes.extend(&leg[at as usize..][..row.stripe as usize]);
                        }
                    }
                }
                other => anyhow::bail!("{volume} is {other}"),
            }
        }
        Ok(bytes)
    }

    fn range(&self, (name, extent): &(String, u64), size: u64) -> Result<Vec<u8>> {
        let Some((_, start)) = self.starts.iter().find(|(device, _)| device == name) else {
            let all = self.bytes(name)?;
            let at = (extent * EXTENT) as usize;
            return Ok(all[at..at + size as usize].to_vec());
        };
        let image = &self.lab.disks.iter().find(|(_, device)| device == name).context("no such device")?.0;
        let mut bytes = vec![0; size as usize];
        File::open(image)?.read_exact_at(&mut bytes, start + extent * EXTENT)?;
        Ok(bytes)
    }
}

#[test]
fn lvm_says_where_every_byte_is() {
    if !is_asked() {
        return;
    }
    judge_lvm().unwrap();
}

fn judge_lvm() -> Result<()> {
    let lab = Lab::new()?;
    lab.make()?;
    let expected = Expected::ask(&lab)?;
    lab.fill(&expected.starts)?;
    let group = lab.open(&[0, 1, 2])?;
    let uuid = lab.lvm("vgs --noheadings -o vg_uuid")?;
    ensure!(
        group.uuid().to_string() == uuid.trim() && group.name() == "vg-0",
        "{} {}",
        group.name(),
        group.uuid()
    );
    let mut names: Vec<&str> = group.volumes().map(|volume| volume.name()).collect();
    names.sort_unstable();
    ensure!(names == ["linear", "mir", "raid", "three_stripes", "two"], "{names:?}");
    for name in names {
        let bytes = expected.bytes(name)?;
        let mut volume = group.open(name).map_err(anyhow::Error::msg)?;
        ensure!(
            volume.size() == bytes.len() as u64,
            "{name} has {} bytes, not {}",
            volume.size(),
            bytes.len()
        );
        let mut all = vec![0; bytes.len()];
        volume.read_at(0, &mut all).map_err(anyhow::Error::msg)?;
        ensure!(all == bytes, "{name} has other bytes");
        for (at, length) in [(0, 1), (EXTENT - 3, 7), (65_535, 70_000), (EXTENT + 4095, 8194)] {
            let mut part = vec![0; length];
            volume.read_at(at, &mut part).map_err(anyhow::Error::msg)?;
            ensure!(part == bytes[at as usize..][..length], "{name} has other bytes at {at}");
        }
    }
    let half = lab.open(&[1])?;
    ensure!(half.missing().count() == 2);
    for (name, token) in [("linear", "missing_pv"), ("two", "missing_pv"), ("three_stripes", "missing_pv")] {
        let error = half.open(name).err().with_context(|| format!("{name} can be read"))?;
        ensure!(error.token() == token, "{error}");
    }
    ensure!(half.open("mir").is_ok() && half.open("raid").is_ok());
    Ok(())
}

#[test]
fn mdadm_says_the_same_of_a_member() {
    if !is_asked() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for (version, level, features) in
        [(0, 1, 0), (10, 1, 0), (11, 1, 0), (12, 1, 0), (0, 5, 0), (12, 5, 0), (12, 0, 0)]
    {
        let bytes = support::member(Md { version, level, features, role: 0 });
        let image = folder.path().join("member");
        fs::write(&image, &bytes).unwrap();
        let said = run(Command::new("/sbin/mdadm").arg("--examine").arg(&image))
            .unwrap_or_else(|error| panic!("{version} {level}: {error}"));

        let field = |name: &str| {
            let line = said.lines().find(|line| line.trim_start().starts_with(name));
            line.and_then(|line| line.split_once(" : "))
                .map(|(_, value)| value.trim().to_owned())
                .unwrap_or_default()
        };
        let member = Member::find(bytes.as_slice(), bytes.len() as u64).unwrap().unwrap();
        assert!(field("Checksum").ends_with("correct"), "{said}");
        assert_eq!(field("Raid Level"), member.level, "{said}");
        assert_eq!(field("Raid Devices"), member.members.to_string(), "{said}");
        let uuid: String = field(if version == 0 { "UUID" } else { "Array UUID" })
            .split(' ')
            .next()
            .unwrap()
            .replace(':', "");
        let ours: String = if version == 0 {
            // mdadm shows the numbers of the old form.
            member
                .uuid
                .chunks(4)
                .map(|part| format!("{:08x}", u32::from_le_bytes(part.try_into().unwrap())))
                .collect()
        } else {
            member.uuid.iter().map(|byte| format!("{byte:02x}")).collect()
        };
        assert_eq!(ours, uuid, "{said}");
        if version != 0 {
            assert_eq!(field("Events"), member.events.to_string(), "{said}");
            assert!(field("Name").starts_with(std::str::from_utf8(&member.name).unwrap()), "{said}");
            assert_eq!(field("Version"), format!("1.{}", version - 10), "{said}");
        }
        if level == 1 && version > 10 {
            assert_eq!(
                field("Data Offset"),
                format!("{} sectors", member.mirror().unwrap().0 / 512),
                "{said}"
            );
        }
    }
}

#[test]
fn blkid_says_the_same_of_what_cryptsetup_locked() {
    if !is_asked() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for (version, more) in [(1, &[][..]), (2, &["--label", "a label", "--pbkdf", "pbkdf2"])] {
        let image = folder.path().join("locked");
        File::create(&image).unwrap().set_len(32 << 20).unwrap();
        let key = folder.path().join("key");
        fs::write(&key, "a key").unwrap();
        let mut format = Command::new("/sbin/cryptsetup");
        format
            .args(["-q", "luksFormat", "--pbkdf-force-iterations", "1000", "--type"])
            .arg(format!("luks{version}"));
        run(format.args(more).arg(&image).arg(&key)).unwrap();
        let said = |tag: &str| blkid(&image, tag);
        let luks = Luks::parse(&fs::read(&image).unwrap()).unwrap();
        assert_eq!(luks.version, version);
        assert_eq!(String::from_utf8(luks.uuid).unwrap(), said("UUID"));
        assert_eq!(String::from_utf8(luks.label).unwrap(), said("LABEL"));
    }
    assert_eq!(Luks::parse(b"LUKS\xBA\xBE\0\x03"), None);
}

fn blkid(image: &Path, tag: &str) -> String {
    let output =
        Command::new("/sbin/blkid").args(["-p", "-o", "value", "-s", tag]).arg(image).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}
