// SPDX-License-Identifier: MIT OR Apache-2.0
//! From a file to something that may be started, in stages that cannot be skipped.
//!
//! [`Loaded`] → [`Verified`] → [`Measured`] → [`Ready`]: each stage takes the one before by value,
//! and only this module makes them.

mod sidecar;

use crate::entry::Entry;
use crate::error::PortError;
use crate::facts::{Facts, SecureBoot};
use crate::policy::Policy;
use crate::ports::{EventKind, ImageId, InitrdId, Measurement, Ports, Table};
use crate::recorder::{Recorder, sha256};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use lamboot_schema::measurements::COMMAND_LINE_PCR;
use lamboot_schema::trust_log::{Event, Record, Status, VerifiedVia};
use lamboot_trust::hex;

/// The largest device tree, in bytes.
const MAX_DEVICETREE: usize = 1 << 20;

/// What the stages need besides the image.
pub struct Bench<'b, 'p> {
    /// The machine.
    pub ports: &'b mut Ports<'p>,
    /// What machine it is.
    pub facts: &'b Facts,
    /// What the owner allows.
    pub policy: &'b Policy,
    /// What is written down.
    pub recorder: &'b mut Recorder,
}

/// Why an image cannot be started, for the owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// One sentence.
    pub message: String,
}

/// The image's bytes and all its initrds are at hand.
pub struct Loaded {
    image: ImageId,
    initrds: Vec<InitrdId>,
    /// Archives made of sidecar files: what was made, and the bytes to measure.
    sidecars: Vec<(sidecar::Kind, Vec<u8>)>,
    figures: Figures,
}

/// Somebody vouches for the image, or nobody has to.
pub struct Verified {
    loaded: Loaded,
    via: VerifiedVia,
}

/// What will run has been measured, where there is a TPM.
pub struct Measured {
    verified: Verified,
    options: String,
}

/// Nothing is left to do but to record the attempt and to start.
pub struct Ready {
    pub(crate) image: ImageId,
    pub(crate) initrds: Vec<InitrdId>,
    pub(crate) options: String,
    /// Who vouches for the image.
    pub via: VerifiedVia,
    /// What preparing it cost.
    pub figures: Figures,
}

/// What preparing an image cost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Size of the image, in bytes.
    pub image_bytes: u64,
    /// Its SHA-256, lower-case hexadecimal; empty where policy does not ask for it.
    pub image_sha256: String,
    /// Time to read it, and to hash it where policy asks for that, in microseconds.
    pub read_us: u64,
    /// Time to have it checked and placed, in microseconds.
    pub load_us: u64,
    /// Sizes of all initrds together, in bytes.
    pub initrd_bytes: u64,
    /// Measurements made and failed; `None` without a TPM.
    pub measured: Option<(u32, u32)>,
}

/// Takes an entry through all stages.
///
/// # Errors
///
/// The sentence that tells the owner why not. Every refusal is in the trust log.
pub fn prepare(entry: &Entry, options: String, bench: &mut Bench<'_, '_>) -> Result<Ready, Refusal> {
    let edited = options != entry.options;
    let ready = Loaded::read(entry, bench)
        .and_then(|loaded| loaded.verify(entry, bench))
        .map(|verified| verified.measure(options, edited, bench))
        .map(Measured::ready);
    if ready.is_err() {
        bench.ports.launcher.release();
        bench.ports.tables.restore();
    }
    ready
}

impl Loaded {
    /// Reads the image and opens every initrd; one that is missing refuses the whole entry.
    fn read(entry: &Entry, bench: &mut Bench<'_, '_>) -> Result<Self, Refusal> {
        if let Some(reason) = bench.policy.refusal(&entry.image, bench.facts.secure_boot) {
            return Err(bench.refuse(
                Event::ImageVerified,
                Status::Rejected,
                entry,
                &entry.image,
                reason.into(),
            ));
        }
        let mut figures = Figures::default();
        let initrds = bench.open_initrds(entry, &mut figures)?;
        let sidecars = bench.pack_sidecars(entry)?;
        for (_, bytes) in &sidecars {
            figures.initrd_bytes =
                figures.initrd_bytes.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        }
        bench.install_devicetree(entry)?;
        let began = bench.ports.clock.now();
        let file = bench.ports.launcher.read(entry.source(&entry.image)).map_err(|error| {
            let text = format!("{}: {error}", entry.image);
            bench.refuse(Event::KernelLoadFailed, Status::Failed, entry, &entry.image, text)
        })?;
        figures.image_bytes = file.size;
        if bench.policy.hash_images {
            let digest = bench.ports.launcher.sha256(file.id);
            figures.image_sha256 = digest.map(|digest| hex(&digest)).unwrap_or_default();
        }
        figures.read_us = bench.ports.clock.now().since(began);
        if !file.head.starts_with(b"MZ") {
            let text = format!("{}: is not an EFI image (of {} bytes)", entry.image, file.size);
            return Err(bench.refuse(Event::ImageVerified, Status::Rejected, entry, &entry.image, text));
        }
        Ok(Self { image: file.id, initrds, sidecars, figures })
    }

    /// Has the firmware check and place the image. Under Secure Boot, nothing that it (or a shim
    /// in its place) refuses gets any further.
    fn verify(mut self, entry: &Entry, bench: &mut Bench<'_, '_>) -> Result<Verified, Refusal> {
        let began = bench.ports.clock.now();
        let placed = bench.ports.launcher.load(self.image);
        self.figures.load_us = bench.ports.clock.now().since(began);
        let (via, status) = match bench.facts.secure_boot {
            SecureBoot::On => (VerifiedVia::FirmwareLoadimage, Status::Success),
            // The firmware took it; whether it checked anything, nobody can tell.
            SecureBoot::Unknown => (VerifiedVia::FirmwareLoadimage, Status::Deferred),
            SecureBoot::Off | SecureBoot::Setup => (VerifiedVia::DegradedTrustSbOff, Status::Skipped),
        };
        let mut record = entry.record(Event::ImageVerified, status, &entry.image);
        record.size = self.figures.image_bytes;
        record.sha256.clone_from(&self.figures.image_sha256);
        record.verified_via = Some(via);
        match placed {
            Ok(()) => {
                bench.record(record.clone());
                record.event = Event::ImageLoadedFirmware;
                record.status = Status::Success;
                bench.record(record);
                Ok(Verified { loaded: self, via })
            }
            Err(error) => {
                record.event = Event::ImageLoadFailed;
                record.status = Status::Rejected;
                let message = format!("{}: {}", entry.image, placing_failed(&error));
                record.note = Some(message.clone());
                bench.record(record);
                Err(Refusal { message })
            }
        }
    }
}

fn placing_failed(error: &PortError) -> String {
    use crate::error::ErrorKind::{AccessDenied, Damaged, Unsupported};
    let words = match error.kind {
        AccessDenied => "Secure Boot refuses it: nobody that this machine trusts signed it",
        Unsupported | Damaged => "is not an EFI program for this machine",
        _ => return format!("cannot be placed in memory: {error}"),
    };
    if error.detail.is_empty() { words.into() } else { format!("{words} ({})", error.detail) }
}

impl Verified {
    /// Measures the command line into PCR 12, as `EV_IPL` over its UTF-16 text without terminator
    /// (UAPI.7). The image itself is measured by who placed it, the initrds by the kernel.
    fn measure(mut self, options: String, edited: bool, bench: &mut Bench<'_, '_>) -> Measured {
        let measures = bench.facts.tpm && bench.policy.measured_boot;
        let mut outcomes = Vec::new();
        if bench.policy.measures_command_line(edited, bench.facts.secure_boot) {
            outcomes.extend(bench.measure_command_line(&options, edited));
        }
        for (kind, bytes) in core::mem::take(&mut self.loaded.sidecars) {
            if measures {
                outcomes.push(bench.measure_sidecar(kind, &bytes));
            }
            self.loaded.initrds.push(bench.ports.launcher.made_initrd(bytes));
        }
        if bench.facts.tpm {
            let count = |wanted| outcomes.iter().filter(|done| **done == wanted).count();
            let number = |count| u32::try_from(count).unwrap_or(u32::MAX);
            self.loaded.figures.measured = Some((number(count(true)), number(count(false))));
        }
        Measured { verified: self, options }
    }
}

impl Measured {
    fn ready(self) -> Ready {
        let Verified { loaded, via } = self.verified;
        let Loaded { image, initrds, figures, .. } = loaded;
        Ready { image, initrds, options: self.options, via, figures }
    }
}

impl Bench<'_, '_> {
    fn record(&mut self, record: Record) {
        let now = self.ports.clock.now();
        self.recorder.record(now, record);
    }

    fn refuse(&mut self, event: Event, status: Status, entry: &Entry, path: &str, text: String) -> Refusal {
        let mut record = entry.record(event, status, path);
        record.note = Some(format!("{} for {}", text, entry.id));
        self.record(record);
        Refusal { message: text }
    }

    /// Opens every initrd of the entry, and counts their bytes.
    fn open_initrds(&mut self, entry: &Entry, figures: &mut Figures) -> Result<Vec<InitrdId>, Refusal> {
        let mut initrds = Vec::with_capacity(entry.initrds.len());
        for path in &entry.initrds {
            let opened = self.ports.launcher.open_initrd(entry.source(path));
            let (initrd, size) = opened.map_err(|error| {
                let text = format!("{path}: {error}; it is not started without its initrd");
                self.refuse(Event::KernelLoadFailed, Status::Failed, entry, path, text)
            })?;
            figures.initrd_bytes = figures.initrd_bytes.saturating_add(size);
            initrds.push(initrd);
        }
        Ok(initrds)
    }

    /// Packs the entry's sidecar files, an archive a kind.
    fn pack_sidecars(&mut self, entry: &Entry) -> Result<Vec<(sidecar::Kind, Vec<u8>)>, Refusal> {
        let mut archives = Vec::new();
        for kind in sidecar::Kind::ALL {
            let mut files = Vec::new();
            for path in entry.extra.iter().filter(|path| sidecar::Kind::of(path) == Some(kind)) {
                let bytes = self.read_file(entry, path, sidecar::MAX_FILE)?;
                let name = path.rsplit('\\').next().unwrap_or(path);
                files.push((name.into(), bytes));
            }
            if !files.is_empty() {
                archives.push((kind, sidecar::archive(kind, &files)));
            }
        }
        Ok(archives)
    }

    /// Puts the entry's device tree in place of firmware's. Nobody vouches for it, so under Secure Boot
    /// an entry that needs one is not started.
    fn install_devicetree(&mut self, entry: &Entry) -> Result<(), Refusal> {
        let Some(path) = &entry.devicetree else { return Ok(()) };
        if self.facts.secure_boot.restricts() {
            let text = format!("{path}: a device tree is not taken while Secure Boot is on: nobody signs it");
            return Err(self.refuse(Event::KernelLoadFailed, Status::Rejected, entry, path, text));
        }
        let bytes = self.read_file(entry, path, MAX_DEVICETREE)?;
        let installed = self.ports.tables.install(Table::DeviceTree, &bytes);
        installed.map_err(|error| {
            let text = format!("{path}: the device tree cannot be put in place: {error}");
            self.refuse(Event::KernelLoadFailed, Status::Failed, entry, path, text)
        })?;
        let mut record = entry.record(Event::DevicetreeInstalled, Status::Success, path);
        record.size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        record.sha256 = sha256(&bytes);
        self.record(record);
        Ok(())
    }

    /// A whole file of the entry's volume; without it the entry is refused.
    fn read_file(&mut self, entry: &Entry, path: &str, limit: usize) -> Result<Vec<u8>, Refusal> {
        self.ports.volumes.read(entry.volume, path, limit).map_err(|error| {
            self.refuse(Event::KernelLoadFailed, Status::Failed, entry, path, format!("{path}: {error}"))
        })
    }

    fn measure_sidecar(&mut self, kind: sidecar::Kind, archive: &[u8]) -> bool {
        let (pcr, words) = kind.measurement();
        let event = Measurement::words(words);
        let measurement = Measurement { pcr, kind: EventKind::Ipl, data: archive.to_vec(), event };
        let result = self.ports.tpm.measure(&measurement);
        let status = if result.is_ok() { Status::Success } else { Status::Failed };
        let mut record = Record::new(Event::SidecarMeasured, status);
        record.note = Some(match &result {
            Ok(()) => format!("PCR {pcr}: {words}"),
            Err(error) => format!("{words}: {error}"),
        });
        self.record(record);
        result.is_ok()
    }

    /// Whether the command line was measured; `None` where there is nothing to measure, or no TPM. For
    /// a line that somebody changed, the log says that it was not.
    fn measure_command_line(&mut self, options: &str, edited: bool) -> Option<bool> {
        let reason = match (self.facts.tpm, options.is_empty()) {
            (false, _) => "there is no TPM",
            (true, true) => "it is empty",
            (true, false) => return Some(self.extend_command_line(options)),
        };
        if edited {
            let mut record = Record::new(Event::CmdlineMeasurementSkipped, Status::Skipped);
            record.note = Some(format!("changed by hand: {reason}"));
            self.record(record);
        }
        None
    }

    fn extend_command_line(&mut self, options: &str) -> bool {
        let data: Vec<u8> = options.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let event = data.iter().copied().chain([0, 0]).collect();
        let measurement = Measurement { pcr: COMMAND_LINE_PCR, kind: EventKind::Ipl, data, event };
        let result = self.ports.tpm.measure(&measurement);
        let mut record = Record::new(Event::CmdlineMeasured, Status::Success);
        record.note = Some(format!("PCR {COMMAND_LINE_PCR}"));
        if let Err(error) = &result {
            record = Record::new(Event::CmdlineMeasurementSkipped, Status::Failed);
            record.note = Some(format!("{error}"));
        }
        self.record(record);
        result.is_ok()
    }
}
