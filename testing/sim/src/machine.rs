// SPDX-License-Identifier: MIT OR Apache-2.0
//! The machine, and one boot of it.

use crate::disk::Disk;
use crate::fault::{Effect, Fault, PowerLost, WaitsForOwner};
use crate::picture::Picture;
use crate::ports;
use lamboot_core::error::ErrorKind;
use lamboot_core::facts::{Architecture, ClockSource, Facts, SecureBoot};
use lamboot_core::ports::{Condition, Input, Key, Measurement, Pointer, Resolution, Table, VolumeRole};
use lamboot_core::session::{self, Exit};
use lamboot_packed::Image as Packed;
use lamboot_schema::time::WallTime;
use lamboot_schema::variables::{self as schema, HealthState, Lifetime, Variable, VariableId};
use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;

/// The variables by which a system asks its boot loader for something.
pub const REQUESTS: [VariableId; 9] = [
    schema::LOADER_ENTRY_ONE_SHOT.id,
    schema::LOADER_ENTRY_DEFAULT.id,
    schema::LOADER_ENTRY_PREFERRED.id,
    schema::LOADER_ENTRY_SYS_FAIL.id,
    schema::LOADER_ENTRY_LAST_BOOTED.id,
    schema::LOADER_CONFIG_TIMEOUT.id,
    schema::LOADER_CONFIG_TIMEOUT_ONE_SHOT.id,
    schema::LOADER_CONFIG_CONSOLE_MODE.id,
    schema::LOADER_SYSTEM_TOKEN.id,
];

/// The UUID of the btrfs of [`Machine::with_snapshots`].
const BTRFS: &str = "0a3407de-014b-458b-b5c1-848e92a327a3";

/// What an image does when it is loaded and started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Image {
    /// It takes the machine.
    Boots,
    /// It gives control back with this status.
    Returns(&'static str),
    /// The firmware does not load it.
    Refused(ErrorKind),
}

/// A key, and how long after the menu waits for one it is pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Press {
    /// Milliseconds after the session began to wait.
    pub after_ms: u64,
    /// The key, or what the pointer does.
    pub input: Input,
}

/// How a boot ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// This image took the machine.
    Started(String),
    /// The session ended itself.
    Left(Exit),
    /// The menu waits for an owner who never comes.
    Waits,
    /// The power failed.
    PowerLost,
}

/// What happened in one boot.
#[derive(Clone, Debug)]
pub struct Boot {
    /// How it ended.
    pub ending: Ending,
    /// What it did to the machine.
    pub effects: Vec<Effect>,
    /// Everything it read, counted.
    pub reads: usize,
    /// Every picture it drew.
    pub frames: Vec<String>,
    /// Command line of the image that was started last.
    pub options: String,
    /// Initrds of the image that was started last.
    pub initrds: Vec<String>,
    /// Their bytes.
    pub initrd_bytes: Vec<Vec<u8>>,
    /// What was measured.
    pub measurements: Vec<Measurement>,
    /// Seconds of the watchdog when the boot ended; `None` when it was off.
    pub watchdog: Option<u16>,
    /// Every setting of the watchdog, the first first.
    pub watchdogs: Vec<Option<u16>>,
    /// Whether pointers were ever asked for.
    pub asked_for_pointers: bool,
    /// Microseconds from start to end.
    pub took_us: u64,
    /// What the graphical screen showed last, where it was used.
    pub picture: Option<Picture>,
    /// Initrds that the loader made itself.
    pub made_initrds: Vec<Vec<u8>>,
    /// Configuration tables that were installed, the latest last.
    pub tables: Vec<(Table, Vec<u8>)>,
}

/// A subvolume of a volume.
#[derive(Clone, Debug, Default)]
pub struct Subvolume {
    /// Its files.
    pub disk: Disk,
    /// Its path from the top level on; empty for the top level.
    pub path: String,
    /// Whether nobody may write to it.
    pub read_only: bool,
    /// Whether it is where the volume's own paths begin.
    pub is_root: bool,
}

/// A volume beside the ESP.
#[derive(Clone, Debug)]
pub struct Volume {
    /// Its files.
    pub disk: Disk,
    /// What it is for.
    pub role: VolumeRole,
    /// What it is called.
    pub name: String,
    /// Its partition GUID.
    pub partition_guid: String,
    /// What its file system is called.
    pub file_system: String,
    /// The state that its file system was found in.
    pub condition: Condition,
    /// Whether it is on the ESP's disk.
    pub same_disk: bool,
    /// Whether its medium can be taken out.
    pub removable: bool,
    /// Its subvolumes, the newest first.
    pub subvolumes: Vec<Subvolume>,
    /// The image of a real file system, which then says what there is, and its name and condition.
    pub image: Option<Rc<Packed>>,
}

impl Volume {
    /// A partition with this file system on the ESP's disk.
    #[must_use]
    pub fn with_image(role: VolumeRole, image: Packed) -> Self {
        Self {
            disk: Disk::default(),
            role,
            name: "disk 1, partition 2".into(),
            partition_guid: "fedcba98-0000-0000-0000-000000000002".into(),
            file_system: String::new(),
            condition: Condition::Good,
            same_disk: true,
            removable: false,
            subvolumes: Vec::new(),
            image: Some(Rc::new(image)),
        }
    }
}

/// An index of the TPM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// What was written, if anything was.
    pub bytes: Option<Vec<u8>>,
    /// The value of PCR 7 that it is for.
    pub pcr_7: u8,
    /// Whether it is locked, until the next reset.
    pub locked: bool,
}

/// Everything that survives a reset.
#[derive(Clone, Debug)]
pub struct Machine {
    /// The ESP.
    pub esp: Disk,
    /// Whether the ESP can be opened at all.
    pub esp_missing: bool,
    /// Variables by name and vendor: attributes and bytes.
    pub variables: BTreeMap<(String, String), (u32, Vec<u8>)>,
    /// The TPM's index for the loader's secret, where there is one.
    pub index: Option<Index>,
    /// How Secure Boot is set up, as PCR 7 has it.
    pub pcr_7: u8,
    /// Whether the TPM's owner has a password.
    pub tpm_owned: bool,
    /// Whether the variable store takes nothing new.
    pub variables_full: bool,
    /// What machine this is.
    pub facts: Facts,
    /// The clock on the wall.
    pub wall: Option<WallTime>,
    /// What images do; those not named boot.
    pub images: BTreeMap<String, Image>,
    /// Keys that will be pressed, and what the pointer will do.
    pub inputs: VecDeque<Press>,
    /// Whether Shift, Ctrl or Alt is held down in the next boot.
    pub key_held: bool,
    /// Further volumes.
    pub volumes: Vec<Volume>,
    /// The graphical screen, if there is one.
    pub resolution: Option<Resolution>,
    /// Microseconds that a block of pixels takes until it is on that screen.
    pub block_us: u64,
    /// Microseconds that a frame of text takes until all consoles have it.
    pub frame_us: u64,
    /// Whether a partition is encrypted by `BitLocker`.
    pub bitlocker: bool,
    /// Whether the firmware makes random numbers.
    pub has_entropy: bool,
    /// What goes wrong in the next boot.
    pub fault: Option<Fault>,
    boots: u8,
}

impl Default for Machine {
    fn default() -> Self {
        Self::new()
    }
}

impl Machine {
    /// A machine with an empty ESP.
    #[must_use]
    pub fn new() -> Self {
        let facts = Facts {
            architecture: Architecture::X86_64,
            secure_boot: SecureBoot::Off,
            tpm: false,
            firmware: "Simulated 1.00".into(),
            firmware_type: "UEFI 2.70".into(),
            start_us: Some(1_000_000),
            firmware_update_failed: None,
            manufacturer: Some("Simulator".into()),
            product: None,
            fleet_id: None,
            vmid: None,
            hypervisor: None,
            vm_generation_id: None,
            boot_id: [0; 16],
            clock: ClockSource { name: "simulated", hz: 1_000_000, exact: true },
        };
        let wall = WallTime {
            year: 2026,
            month: 11,
            day: 23,
            hour: 6,
            minute: 0,
            second: 0,
            utc_offset_minutes: None,
        };
        Self {
            esp: Disk::default(),
            esp_missing: false,
            variables: BTreeMap::new(),
            index: None,
            pcr_7: 0,
            tpm_owned: false,
            variables_full: false,
            facts,
            wall: Some(wall),
            images: BTreeMap::new(),
            inputs: VecDeque::new(),
            key_held: false,
            volumes: Vec::new(),
            resolution: None,
            block_us: 0,
            frame_us: 0,
            bitlocker: false,
            has_entropy: true,
            fault: None,
            boots: 0,
        }
    }

    /// A machine with three Debian kernels, 6.12 the newest.
    #[must_use]
    pub fn with_debian() -> Self {
        let mut machine = Self::new();
        for version in ["6.12", "6.11", "6.1"] {
            machine.add_linux(&format!("debian-{version}.conf"), "Debian", version);
        }
        machine
    }

    /// The same machine beside a system on btrfs with two snapshots, 42 the newest.
    #[must_use]
    pub fn with_snapshots() -> Self {
        let mut machine = Self::with_debian();
        let system = |disk: &mut Disk, version: &str| {
            disk.put(&format!(r"\boot\vmlinuz-{version}"), *b"MZ a kernel");
            disk.put(&format!(r"\boot\initrd-{version}"), *b"an initrd");
            let text = format!(
                "title openSUSE Tumbleweed\nversion {version}\nlinux /boot/vmlinuz-{version}\n\
                 initrd /boot/initrd-{version}\noptions root=UUID={BTRFS} rw rootflags=ssd,subvol=@/.snapshots/1/snapshot\n"
            );
            disk.put(&format!(r"\boot\loader\entries\suse-{version}.conf"), text);
        };
        let mut root = Disk::default();
        root.identity.uuid = Some(BTRFS.into());
        system(&mut root, "7.0");
        let snapshot = |number: u32, version: &str| {
            let mut disk = Disk::default();
            system(&mut disk, version);
            Subvolume {
                disk,
                path: format!("@/.snapshots/{number}/snapshot"),
                read_only: true,
                is_root: false,
            }
        };
        let mut top = Subvolume::default();
        for (number, why) in [(41, "timeline"), (42, "zypp(zypper)")] {
            let text = format!(
                "<?xml version=\"1.0\"?>\n<snapshot>\n  <type>single</type>\n  <num>{number}</num>\n  \
                 <date>2026-11-{} 10:15:01</date>\n  <description>{why}</description>\n</snapshot>\n",
                number - 20
            );
            top.disk.put(&format!(r"\@\.snapshots\{number}\info.xml"), text);
        }
        let own = Subvolume { path: "@/.snapshots/1/snapshot".into(), is_root: true, ..Subvolume::default() };
        machine.volumes.push(Volume {
            disk: root,
            role: VolumeRole::Other,
            name: "disk 1, partition 2".into(),
            partition_guid: "fedcba98-0000-0000-0000-000000000002".into(),
            file_system: "btrfs".into(),
            condition: Condition::Good,
            same_disk: true,
            removable: false,
            subvolumes: vec![snapshot(42, "7.0"), snapshot(41, "6.17"), own, top],
            image: None,
        });
        machine
    }

    /// Adds an entry with its kernel and initrd.
    pub fn add_linux(&mut self, file_name: &str, title: &str, version: &str) {
        let text = format!(
            "title {title} {version}\nversion {version}\nsort-key debian\nlinux /{version}/linux\n\
             initrd /{version}/initrd.img\noptions root=/dev/sda2 ro\n"
        );
        self.esp.put(&format!("\\loader\\entries\\{file_name}"), text);
        self.esp.put(&format!("\\{version}\\linux"), *b"MZ a kernel");
        self.esp.put(&format!("\\{version}\\initrd.img"), *b"an initrd");
    }

    /// Writes the owner's policy.
    pub fn policy(&mut self, text: &str) {
        self.esp.put(lamboot_schema::paths::POLICY, text);
    }

    /// Has a key pressed before the session looks for one.
    pub fn press_before(&mut self, key: Key) {
        self.inputs.push_back(Press { after_ms: 0, input: Input::Key(key) });
    }

    /// Has keys pressed, each 100 ms after the one before.
    pub fn press(&mut self, keys: &[Key]) {
        self.inputs.extend(keys.iter().map(|key| Press { after_ms: 100, input: Input::Key(*key) }));
    }

    /// Has the pointer do something, 100 ms after what comes before it.
    pub fn point(&mut self, pointer: Pointer) {
        self.inputs.push_back(Press { after_ms: 100, input: Input::Pointer(pointer) });
    }

    /// A variable's value.
    #[must_use]
    pub fn variable<T>(&self, variable: &Variable<T>) -> Option<T> {
        let key = (variable.id.name.to_string(), variable.id.vendor.to_string());
        self.variables.get(&key).and_then(|(_, bytes)| variable.decode(bytes))
    }

    /// Stores a variable, as the running system or another loader would.
    pub fn set_variable<T>(&mut self, variable: &Variable<T>, value: &T) {
        let key = (variable.id.name.to_string(), variable.id.vendor.to_string());
        self.variables.insert(key, (variable.id.lifetime.attributes(), variable.encode(value)));
    }

    /// Stores any bytes as a variable that outlives a restart, as a broken tool would.
    pub fn set_variable_bytes(&mut self, id: VariableId, bytes: &[u8]) {
        let key = (id.name.to_string(), id.vendor.to_string());
        self.variables.insert(key, (Lifetime::NonVolatile.attributes(), bytes.to_vec()));
    }

    /// What the running system does when it came up.
    pub fn mark_success(&mut self) {
        self.set_variable(&schema::CRASH_COUNT, &0);
        self.set_variable(&schema::STATE, &HealthState::BootedOk);
    }

    /// Runs one session, from reset to its end.
    pub fn boot(&mut self) -> Boot {
        self.boots = self.boots.wrapping_add(1);
        self.facts.boot_id = [self.boots; 16];
        self.variables.retain(|_, (attributes, _)| *attributes & 1 != 0);
        self.index.iter_mut().for_each(|index| index.locked = false);
        let state = Rc::new(RefCell::new(ports::State::new(std::mem::take(self))));
        let run = || ports::with_ports(&state, session::run);
        let ended = catch_unwind(AssertUnwindSafe(run));
        let state = Rc::try_unwrap(state).ok().expect("the ports are gone").into_inner();
        let ending = match ended {
            Ok(Exit::HandedOver) => Ending::Started(state.started.clone()),
            Ok(exit) => Ending::Left(exit),
            Err(cause) if cause.is::<PowerLost>() => Ending::PowerLost,
            Err(cause) if cause.is::<WaitsForOwner>() => Ending::Waits,
            Err(cause) => resume_unwind(cause),
        };
        let (machine, boot) = state.finish(ending);
        *self = Self { fault: None, inputs: VecDeque::new(), key_held: false, ..machine };
        boot
    }
}
