// SPDX-License-Identifier: MIT OR Apache-2.0
//! Every port of a session, over one shared state.

use crate::disk::Disk;
use crate::fault::{Effect, Fault, PowerLost, Tear, WaitsForOwner};
use crate::machine::{Boot, Ending, Image, Index, Machine, Volume};
use crate::picture::Picture;
use crate::reads::Reads;
use crate::real;
use lamboot_core::error::{ErrorKind, PortError, PortResult};
use lamboot_core::facts::Facts;
use lamboot_core::frame::{Frame, Size};
use lamboot_core::own_reader::OwnReader;
use lamboot_core::ports::{
    Canvas, Clock, Condition, Departure, Esp, EspStore, Identity, ImageFile, ImageId, InitrdId, Input, Keys,
    Launcher, Listing, Machine as MachinePort, Measurement, Metadata, Micros, Ports, Rect, Resolution,
    Screen, Secret, Subvolume, Table, Tables, Tpm, Variables, VolumeId, VolumeInfo, VolumeRole, Volumes,
};
use lamboot_core::session::Exit;
use lamboot_core::source::Source;
use lamboot_schema::time::WallTime;
use lamboot_schema::variables::{GLOBAL_VENDOR, Lifetime, VariableId};
use lamboot_schema::volume::VolumeIdentity;
use std::cell::{RefCell, RefMut};
use std::panic::resume_unwind;
use std::rc::Rc;

/// The ESP; the other volumes are counted from here on.
const ESP: VolumeId = VolumeId(7);

/// Microseconds that a read takes.
const READ_US: u64 = 5;

const ESP_GUID: &str = "01234567-89ab-cdef-0123-456789abcdef";

/// Where the number of a subvolume begins in that of a volume; 0 is the volume itself.
const SUBVOLUME_SHIFT: u32 = 8;

/// The disk that a volume's number means.
fn disk(machine: &mut Machine, id: VolumeId) -> &mut Disk {
    let (number, subvolume) = (id.0 & ((1 << SUBVOLUME_SHIFT) - 1), place(id.0 >> SUBVOLUME_SHIFT));
    match (number.checked_sub(ESP.0).map(place), subvolume) {
        (Some(0), 0) => &mut machine.esp,
        (Some(other), 0) => &mut machine.volumes[other - 1].disk,
        (Some(other), subvolume) => &mut machine.volumes[other - 1].subvolumes[subvolume - 1].disk,
        (None, _) => panic!("volume {} was never handed out", id.0),
    }
}

/// The machine while a session runs.
pub(crate) struct State {
    machine: Machine,
    now: u64,
    /// When the key that comes next will be pressed.
    next_key_at: Option<u64>,
    /// Whether pointers are in use.
    pointers: bool,
    asked_for_pointers: bool,
    effects: Vec<Effect>,
    reads: Rc<Reads>,
    /// The volumes with real file systems, by the places of all of them.
    real: Vec<Option<PortResult<OwnReader>>>,
    frames: Vec<String>,
    /// Paths and bytes.
    images: Vec<(String, Vec<u8>)>,
    /// Names and bytes.
    initrds: Vec<(String, Vec<u8>)>,
    pub(crate) started: String,
    options: String,
    started_initrds: Vec<(String, Vec<u8>)>,
    measurements: Vec<Measurement>,
    watchdogs: Vec<Option<u16>>,
    text_mode: u32,
    picture: Option<Picture>,
    made_initrds: Vec<Vec<u8>>,
    tables: Vec<(Table, Vec<u8>)>,
}

impl State {
    pub(crate) fn new(machine: Machine) -> Self {
        let reads = Rc::new(Reads::new(machine.fault));
        let images = machine.volumes.iter().map(|volume| volume.image.as_ref());
        Self {
            real: images.map(|image| image.map(|image| real::open(image, &reads))).collect(),
            machine,
            now: 0,
            next_key_at: None,
            pointers: false,
            asked_for_pointers: false,
            effects: Vec::new(),
            reads,
            frames: Vec::new(),
            images: Vec::new(),
            initrds: Vec::new(),
            started: String::new(),
            options: String::new(),
            started_initrds: Vec::new(),
            measurements: Vec::new(),
            watchdogs: Vec::new(),
            text_mode: 0,
            picture: None,
            made_initrds: Vec::new(),
            tables: Vec::new(),
        }
    }

    fn put_initrd(&mut self, name: String, bytes: Vec<u8>) -> InitrdId {
        self.initrds.push((name, bytes));
        InitrdId(self.initrds.len() as u32 - 1)
    }

    pub(crate) fn finish(self, ending: Ending) -> (Machine, Boot) {
        let (initrds, initrd_bytes) = self.started_initrds.into_iter().unzip();
        let boot = Boot {
            ending,
            effects: self.effects,
            reads: self.reads.count(),
            frames: self.frames,
            options: self.options,
            initrds,
            initrd_bytes,
            measurements: self.measurements,
            watchdog: self.watchdogs.last().copied().flatten(),
            watchdogs: self.watchdogs,
            picture: self.picture,
            made_initrds: self.made_initrds,
            tables: self.tables,
            asked_for_pointers: self.asked_for_pointers,
            took_us: self.now,
        };
        (self.machine, boot)
    }

    /// Performs an effect through `apply`, which gets the share of the bytes that happens.
    fn effect<T>(
        &mut self,
        effect: Effect,
        mut apply: impl FnMut(&mut Machine, Share) -> PortResult<T>,
    ) -> PortResult<T> {
        let number = self.effects.len();
        self.effects.push(effect);
        self.now += 10;
        match self.machine.fault {
            Some(Fault::Effect(n)) if n == number => Err(broken()),
            Some(Fault::EffectsFrom(n)) if number >= n => Err(broken()),
            Some(Fault::PowerLoss(n, tear)) if n == number => {
                match tear {
                    Tear::Before => {}
                    Tear::Half => drop(apply(&mut self.machine, Share::Half)),
                    Tear::After => drop(apply(&mut self.machine, Share::Whole)),
                }
                resume_unwind(Box::new(PowerLost))
            }
            _ => apply(&mut self.machine, Share::Whole),
        }
    }

    fn read(&mut self) -> PortResult<()> {
        self.now += READ_US;
        self.reads.next().then_some(()).ok_or_else(broken)
    }

    /// The volume that this number means, for reading.
    fn volume(&mut self, id: VolumeId) -> PortResult<Medium<'_>> {
        let real = place(id.0 - ESP.0).checked_sub(1).and_then(|place| self.real.get(place)?.as_ref());
        if let Some(own) = real {
            return own.as_ref().map(Medium::Real).map_err(Clone::clone);
        }
        self.now += READ_US;
        let works = self.reads.next();
        works.then(|| Medium::InMemory(disk(&mut self.machine, id))).ok_or_else(broken)
    }

    /// The bytes of an image or initrd.
    fn content(&mut self, source: Source<'_>) -> PortResult<Vec<u8>> {
        match self.volume(source.volume)? {
            Medium::InMemory(disk) => disk.content(source),
            Medium::Real(own) => real::content(own, source),
        }
    }
}

/// What the files of a volume are on.
enum Medium<'s> {
    InMemory(&'s Disk),
    /// An image, of which each request is a read.
    Real(&'s OwnReader),
}

fn broken() -> PortError {
    PortError { kind: ErrorKind::Device, detail: "simulated".into() }
}

/// How much of an effect's bytes happens.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Share {
    Half,
    Whole,
}

impl Share {
    fn of(self, bytes: &[u8]) -> &[u8] {
        match self {
            Self::Half => &bytes[..bytes.len() / 2],
            Self::Whole => bytes,
        }
    }
}

/// One handle for each port; all of them on the same state.
#[derive(Clone)]
struct Handle(Rc<RefCell<State>>);

impl Handle {
    fn state(&self) -> RefMut<'_, State> {
        self.0.borrow_mut()
    }
}

pub(crate) fn with_ports(state: &Rc<RefCell<State>>, run: impl FnOnce(&mut Ports<'_>) -> Exit) -> Exit {
    let handle = || Handle(Rc::clone(state));
    run(&mut Ports {
        machine: &mut handle(),
        variables: &mut handle(),
        volumes: &mut handle(),
        store: &mut handle(),
        tpm: &mut handle(),
        screen: &mut handle(),
        canvas: &mut handle(),
        keys: &mut handle(),
        clock: &mut handle(),
        launcher: &mut handle(),
        tables: &mut handle(),
    })
}

impl MachinePort for Handle {
    fn facts(&mut self) -> Facts {
        let state = self.state();
        assert!(!state.watchdogs.is_empty(), "devices are asked under the watchdog");
        state.machine.facts.clone()
    }

    fn watchdog(&mut self, seconds: Option<u16>) {
        self.state().watchdogs.push(seconds);
    }

    fn has_bitlocker(&mut self) -> bool {
        self.state().machine.bitlocker
    }
}

fn variable_key(id: VariableId) -> (String, String) {
    (id.name.to_string(), id.vendor.to_string())
}

impl Variables for Handle {
    fn get(&mut self, id: VariableId) -> PortResult<Option<Vec<u8>>> {
        let mut state = self.state();
        state.read()?;
        let found = state.machine.variables.get(&variable_key(id));
        let is_own =
            |attributes| id.lifetime != Lifetime::BootServices || attributes == id.lifetime.attributes();
        Ok(found.filter(|(attributes, _)| is_own(*attributes)).map(|(_, bytes)| bytes.clone()))
    }

    fn set(&mut self, id: VariableId, bytes: &[u8]) -> PortResult<()> {
        self.state().effect(Effect::SetVariable(id.name), |machine, share| {
            if machine.variables_full {
                return Err(ErrorKind::Full.into());
            }
            // Firmware writes a variable whole or not at all (UEFI 2.10, section 8.2).
            if share == Share::Whole {
                machine.variables.insert(variable_key(id), (id.lifetime.attributes(), bytes.to_vec()));
            }
            Ok(())
        })
    }

    fn remove(&mut self, id: VariableId) -> PortResult<()> {
        self.state().effect(Effect::RemoveVariable(id.name), |machine, share| {
            if share == Share::Whole {
                machine.variables.remove(&variable_key(id));
            }
            Ok(())
        })
    }

    fn boot_option(&mut self, number: u16) -> PortResult<Option<Vec<u8>>> {
        let mut state = self.state();
        state.read()?;
        let key = (format!("Boot{number:04X}"), GLOBAL_VENDOR.to_string());
        Ok(state.machine.variables.get(&key).map(|(_, bytes)| bytes.clone()))
    }
}

fn info(id: VolumeId, volume: &Volume, real: Option<&PortResult<OwnReader>>) -> VolumeInfo {
    let uuid = (!volume.subvolumes.is_empty()).then(|| volume.disk.identity.uuid.clone()).flatten();
    let (file_system, uuid, condition) = match real {
        None => (Some(volume.file_system.clone()), uuid, volume.condition.clone()),
        Some(Ok(own)) => (Some(own.name().into()), own.identity().uuid, own.condition()),
        Some(Err(why)) => (None, None, Condition::Closed(why.to_string())),
    };
    VolumeInfo {
        id,
        role: volume.role,
        identity: Rc::new(VolumeIdentity {
            name: volume.name.clone(),
            file_system,
            uuid,
            partition_guid: Some(volume.partition_guid.clone()),
            ..VolumeIdentity::default()
        }),
        condition,
        same_disk: volume.same_disk,
        removable: volume.removable,
        read_only: volume.disk.read_only || real.is_some(),
    }
}

impl Volumes for Handle {
    fn esp(&mut self) -> PortResult<Esp> {
        let mut state = self.state();
        state.read()?;
        if state.machine.esp_missing {
            return Err(ErrorKind::Device.into());
        }
        Ok(Esp {
            volume: ESP,
            partition_guid: Some(ESP_GUID.into()),
            loader_path: Some(r"\EFI\LamBoot\lambootx64.efi".into()),
            read_only: state.machine.esp.read_only,
        })
    }

    fn list(&mut self) -> Vec<VolumeInfo> {
        let state = self.state();
        let machine = &state.machine;
        let boot = VolumeInfo {
            id: ESP,
            role: VolumeRole::Boot,
            identity: Rc::new(VolumeIdentity {
                name: "ESP".into(),
                partition_guid: Some(ESP_GUID.into()),
                ..VolumeIdentity::default()
            }),
            condition: Condition::Good,
            same_disk: true,
            removable: false,
            read_only: machine.esp.read_only,
        };
        let numbered = machine.volumes.iter().zip(&state.real).zip(ESP.0 + 1..);
        let others = numbered.map(|((volume, real), number)| info(VolumeId(number), volume, real.as_ref()));
        (!machine.esp_missing).then_some(boot).into_iter().chain(others).collect()
    }

    fn identity(&mut self, volume: VolumeId) -> Identity {
        match self.state().volume(volume) {
            Ok(Medium::InMemory(disk)) => disk.identity.clone(),
            Ok(Medium::Real(own)) => own.identity(),
            Err(_) => Identity::default(),
        }
    }

    fn subvolumes(&mut self, volume: VolumeId, limit: usize) -> PortResult<Vec<Subvolume>> {
        let mut state = self.state();
        state.read()?;
        let volumes = &state.machine.volumes;
        let subvolumes =
            (volume.0 - ESP.0).checked_sub(1).map_or(&[][..], |other| &volumes[place(other)].subvolumes);
        let numbered = subvolumes.iter().zip(0..).map(|(found, number)| Subvolume {
            volume: VolumeId(volume.0 | (number + 1) << SUBVOLUME_SHIFT),
            path: found.path.clone(),
            read_only: found.read_only,
            is_root: found.is_root,
        });
        let (top, others): (Vec<_>, Vec<_>) = numbered.partition(|found| found.path.is_empty());
        Ok(others.into_iter().take(limit).chain(top).collect())
    }

    fn metadata(&mut self, volume: VolumeId, path: &str) -> PortResult<Metadata> {
        match self.state().volume(volume)? {
            Medium::InMemory(disk) => disk.metadata(path),
            Medium::Real(own) => own.metadata(path),
        }
    }

    fn read_dir(&mut self, volume: VolumeId, path: &str, limit: usize) -> PortResult<Listing> {
        match self.state().volume(volume)? {
            Medium::InMemory(disk) => disk.list(path, limit),
            Medium::Real(own) => own.list(path, limit),
        }
    }

    fn read(&mut self, volume: VolumeId, path: &str, limit: usize) -> PortResult<Vec<u8>> {
        match self.state().volume(volume)? {
            Medium::InMemory(disk) => disk.whole(path, limit),
            Medium::Real(own) => real::whole(own, path, limit),
        }
    }

    fn read_at(&mut self, volume: VolumeId, path: &str, offset: u64, length: usize) -> PortResult<Vec<u8>> {
        match self.state().volume(volume)? {
            Medium::InMemory(disk) => disk.part(path, offset, length),
            Medium::Real(own) => real::part(own, path, offset, length as u64),
        }
    }
}

impl EspStore for Handle {
    fn replace(&mut self, path: &str, bytes: &[u8]) -> PortResult<()> {
        self.state().effect(Effect::Replace(path.into()), |machine, share| {
            machine.esp.admit(path, bytes.len() as u64)?;
            let mut content = share.of(bytes).to_vec();
            let old = machine.esp.get(path).map(|file| file.bytes.clone()).unwrap_or_default();
            if share == Share::Half && old.len() == bytes.len() {
                content.extend_from_slice(&old[content.len()..]);
            }
            machine.esp.put(path, content);
            Ok(())
        })
    }

    fn append(&mut self, path: &str, lines: &[u8]) -> PortResult<u64> {
        assert!(lines.ends_with(b"\n"), "only whole lines are appended");
        self.state().effect(Effect::Append(path.into()), |machine, share| {
            let mut content = machine.esp.get(path).map(|file| file.bytes.clone()).unwrap_or_default();
            if content.last().is_some_and(|last| *last != b'\n') {
                content.push(b'\n');
            }
            machine.esp.admit(path, (content.len() + lines.len()) as u64)?;
            content.extend_from_slice(share.of(lines));
            let size = content.len() as u64;
            machine.esp.put(path, content);
            Ok(size)
        })
    }

    fn rename(&mut self, volume: VolumeId, path: &str, new_name: &str) -> PortResult<()> {
        self.state().effect(Effect::Rename(path.into(), new_name.into()), |machine, share| {
            let disk = disk(machine, volume);
            let size = disk.file(path)?.size();
            disk.admit(path, size)?;
            let (folder, _) = path.rsplit_once('\\').expect("paths are absolute");
            let new_path = format!("{folder}\\{new_name}");
            if disk.get(&new_path).is_some() {
                return Err(ErrorKind::AlreadyExists.into());
            }
            if share == Share::Whole {
                let file = disk.take(path).expect("it was there");
                disk.put(&new_path, file.bytes);
            }
            Ok(())
        })
    }
}

/// The TPM's index, where it is for this machine's Secure Boot and not locked.
fn usable(machine: &mut Machine) -> PortResult<&mut Index> {
    let pcr_7 = machine.pcr_7;
    let index = machine.index.as_mut().ok_or(ErrorKind::NotFound)?;
    if index.locked || index.pcr_7 != pcr_7 { Err(ErrorKind::AccessDenied.into()) } else { Ok(index) }
}

impl Tpm for Handle {
    fn secret(&mut self) -> PortResult<Secret> {
        let mut state = self.state();
        State::read(&mut state)?;
        Ok(match &state.machine.index {
            None | Some(Index { bytes: None, .. }) => Secret::Absent,
            Some(index) if index.pcr_7 != state.machine.pcr_7 => Secret::OtherPolicy,
            Some(Index { locked: true, .. }) => Secret::Locked,
            Some(Index { bytes: Some(bytes), .. }) => Secret::Stored(bytes.clone()),
        })
    }

    fn define_secret(&mut self) -> PortResult<()> {
        self.state().effect(Effect::DefineSecret, |machine, share| {
            if machine.tpm_owned {
                return Err(ErrorKind::AccessDenied.into());
            }
            if share == Share::Whole {
                machine.index = Some(Index { bytes: None, pcr_7: machine.pcr_7, locked: false });
            }
            Ok(())
        })
    }

    fn store_secret(&mut self, bytes: &[u8]) -> PortResult<()> {
        self.state().effect(Effect::StoreSecret, |machine, share| {
            let index = usable(machine)?;
            if share == Share::Whole {
                index.bytes = Some(bytes.to_vec());
            }
            Ok(())
        })
    }

    fn lock_secret(&mut self) -> PortResult<()> {
        self.state().effect(Effect::LockSecret, |machine, share| {
            usable(machine)?.locked |= share == Share::Whole;
            Ok(())
        })
    }

    fn remove_secret(&mut self) -> PortResult<()> {
        self.state().effect(Effect::RemoveSecret, |machine, share| {
            if share == Share::Whole {
                machine.index = None;
            }
            Ok(())
        })
    }

    fn measure(&mut self, measurement: &Measurement) -> PortResult<()> {
        let mut state = self.state();
        if !state.machine.facts.tpm {
            return Err(ErrorKind::NotFound.into());
        }
        state.effect(Effect::Measure(measurement.pcr), |_, _| Ok(()))?;
        state.measurements.push(measurement.clone());
        Ok(())
    }

    fn active_banks(&mut self) -> Option<u32> {
        // SHA-256 alone (TCG EFI Protocol Specification, section 6.4).
        self.state().machine.facts.tpm.then_some(2)
    }
}

impl Screen for Handle {
    fn size(&mut self) -> Size {
        Size { columns: 80, rows: 25 }
    }

    fn draw(&mut self, frame: &Frame) {
        let mut state = self.state();
        state.now += state.machine.frame_us;
        state.frames.push(frame.to_text());
    }

    fn modes(&mut self) -> (u32, u32) {
        (3, self.state().text_mode)
    }

    fn set_mode(&mut self, mode: u32) -> PortResult<()> {
        if mode >= 3 {
            return Err(ErrorKind::Unsupported.into());
        }
        self.state().text_mode = mode;
        Ok(())
    }

    fn release(&mut self) {}
}

impl Handle {
    fn draw_block(&self, rect: Rect, pixel: impl Fn(usize) -> u32) {
        let mut state = self.state();
        state.now += state.machine.block_us;
        if let Some(picture) = &mut state.picture {
            picture.draw(rect, pixel);
        }
    }
}

impl Canvas for Handle {
    fn open(&mut self) -> Option<Resolution> {
        let mut state = self.state();
        let resolution = state.machine.resolution?;
        state.picture = Some(Picture::black(resolution));
        Some(resolution)
    }

    fn fill(&mut self, rect: Rect, colour: u32) {
        self.draw_block(rect, |_| colour);
    }

    fn blit(&mut self, rect: Rect, pixels: &[u32]) {
        assert_eq!(
            pixels.len(),
            place(rect.width) * place(rect.height),
            "as many pixels as the rectangle has"
        );
        self.draw_block(rect, |index| pixels[index]);
    }

    fn close(&mut self) {}
}

impl Keys for Handle {
    fn next(&mut self, until: Option<Micros>, pointers: bool) -> Option<Input> {
        let mut state = self.state();
        state.pointers |= pointers;
        state.asked_for_pointers |= pointers;
        let until = until.map(|until| until.0.max(state.now));
        let Some(press) = state.machine.inputs.front().copied() else {
            let Some(until) = until else { resume_unwind(Box::new(WaitsForOwner)) };
            state.now = until;
            return None;
        };
        let at = state.next_key_at.unwrap_or(state.now + press.after_ms * 1000);
        if let Some(until) = until.filter(|until| *until < at) {
            // Who only looks has not begun to wait.
            state.next_key_at = (until > state.now).then_some(at).or(state.next_key_at);
            state.now = until;
            return None;
        }
        state.now = at.max(state.now);
        state.next_key_at = None;
        state.machine.inputs.pop_front();
        let seen = pointers || matches!(press.input, Input::Key(_));
        seen.then_some(press.input)
    }

    fn held(&mut self) -> bool {
        self.state().machine.key_held
    }

    fn release(&mut self) {
        self.state().pointers = false;
    }
}

impl Clock for Handle {
    fn now(&mut self) -> Micros {
        let mut state = self.state();
        state.now += 1;
        Micros(state.now)
    }

    fn wall(&mut self) -> Option<WallTime> {
        self.state().machine.wall
    }
}

fn place(index: u32) -> usize {
    usize::try_from(index).expect("a small number")
}

impl Launcher for Handle {
    fn read(&mut self, source: Source<'_>) -> PortResult<ImageFile> {
        let mut state = self.state();
        let bytes = state.content(source)?;
        let (size, head) = (bytes.len() as u64, bytes[..bytes.len().min(4096)].to_vec());
        state.images.push((source.path.into(), bytes));
        Ok(ImageFile { id: ImageId(state.images.len() as u32 - 1), size, head })
    }

    fn sha256(&mut self, image: ImageId) -> Option<[u8; 32]> {
        self.state().images.get(place(image.0)).map(|(_, bytes)| lamboot_core::recorder::digest(bytes))
    }

    fn open_initrd(&mut self, source: Source<'_>) -> PortResult<(InitrdId, u64)> {
        let mut state = self.state();
        let bytes = state.content(source)?;
        let size = bytes.len() as u64;
        Ok((state.put_initrd(source.path.into(), bytes), size))
    }

    fn made_initrd(&mut self, bytes: Vec<u8>) -> InitrdId {
        let mut state = self.state();
        state.made_initrds.push(bytes.clone());
        state.put_initrd(format!("{} bytes made", bytes.len()), bytes)
    }

    fn load(&mut self, image: ImageId) -> PortResult<()> {
        let mut state = self.state();
        let (path, _) = state.images[place(image.0)].clone();
        let behaviour = state.machine.images.get(&path).cloned();
        state.effect(Effect::Load(path), |_, _| match &behaviour {
            Some(Image::Refused(kind)) => Err((*kind).into()),
            _ => Ok(()),
        })
    }

    fn start(&mut self, image: ImageId, options: &str, initrds: &[InitrdId]) -> Departure {
        let mut state = self.state();
        assert!(!state.pointers, "pointers are let go before an image starts");
        let (path, _) = state.images[place(image.0)].clone();
        state.options = options.into();
        state.started_initrds = initrds.iter().map(|initrd| state.initrds[place(initrd.0)].clone()).collect();
        if state.effect(Effect::Start(path.clone()), |_, _| Ok(())).is_err() {
            return Departure::Returned("EFI_DEVICE_ERROR".into());
        }
        match state.machine.images.get(&path) {
            Some(Image::Returns(status)) => Departure::Returned((*status).into()),
            _ => {
                state.started = path;
                Departure::Gone
            }
        }
    }

    fn release(&mut self) {
        let mut state = self.state();
        state.images.clear();
        state.initrds.clear();
    }
}

impl Tables for Handle {
    fn entropy(&mut self, length: usize) -> Option<Vec<u8>> {
        let state = self.state();
        let boot = state.machine.facts.boot_id[0];
        state
            .machine
            .has_entropy
            .then(|| (0..length).map(|at| boot.wrapping_mul(31).wrapping_add(at as u8)).collect())
    }

    fn get(&mut self, table: Table) -> Option<Vec<u8>> {
        self.state().tables.iter().rev().find(|(known, _)| *known == table).map(|(_, bytes)| bytes.clone())
    }

    fn install(&mut self, table: Table, bytes: &[u8]) -> PortResult<()> {
        let mut state = self.state();
        state.effect(Effect::InstallTable(table), |_, _| Ok(()))?;
        state.tables.push((table, bytes.to_vec()));
        Ok(())
    }

    fn restore(&mut self) {
        self.state().tables.retain(|(table, _)| *table != Table::DeviceTree);
    }
}
