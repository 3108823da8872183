// SPDX-License-Identifier: MIT OR Apache-2.0
//! Something that can be started.

use crate::ports::VolumeId;
use crate::source::{Extent, Inside, Source};
use alloc::format;
use alloc::rc::Rc;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use lamboot_schema::trust_log::{Event, Record, Status};
use lamboot_schema::variables::stored_id;
use lamboot_schema::volume::VolumeIdentity;

/// What starting it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A Linux kernel with initrds.
    Linux,
    /// A unified kernel image.
    Uki,
    /// A Linux kernel with initrds, all of them inside of an ISO file.
    Iso,
    /// Another boot loader or EFI program.
    Chainload,
    /// Windows' own boot manager.
    Windows,
    /// Nothing to load: the machine does it.
    Machine(MachineAction),
}

/// What a machine does by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MachineAction {
    /// Restart into the firmware's set-up screen.
    FirmwareSetup,
    /// Restart.
    Reboot,
    /// Switch off.
    PowerOff,
}

impl EntryKind {
    /// The word that `boot.json` uses.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Linux => "linux_legacy",
            Self::Uki => "uki",
            Self::Iso => "iso",
            Self::Chainload => "chainload",
            Self::Windows => "windows",
            Self::Machine(_) => "machine",
        }
    }

    /// Whether starts are counted in the file's name (UAPI.1: kernels are, other programs are not).
    #[must_use]
    pub const fn is_counted(self) -> bool {
        match self {
            Self::Linux | Self::Uki => true,
            Self::Iso | Self::Chainload | Self::Windows | Self::Machine(_) => false,
        }
    }
}

/// A boot counter, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// Starts that are left.
    pub left: u32,
    /// The file's name after one more start.
    pub spent_name: String,
}

/// Where a file of an entry lies inside of another file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The path that the entry has for it.
    pub path: String,
    /// The runs of bytes that it consists of.
    pub extents: Vec<Extent>,
}

/// Something that can be started. All paths are on `volume`, and nowhere else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The file's name without its counter, with its suffix; unique among entries.
    pub id: String,
    /// What the menu calls it; unique among entries.
    pub title: String,
    /// What it is a version of; may be empty.
    pub version: String,
    /// What starting it means.
    pub kind: EntryKind,
    /// The volume that it and all its files are on.
    pub volume: VolumeId,
    /// How that volume is told from others.
    pub volume_identity: Rc<VolumeIdentity>,
    /// The file that describes it; empty where none does.
    pub file: String,
    /// The image to start; empty for what the machine does.
    pub image: String,
    /// The initrds, in the order in which the kernel gets them.
    pub initrds: Vec<String>,
    /// Where image and initrds lie inside of `file`; empty when they are files of their own.
    pub parts: Vec<Part>,
    /// The command line.
    pub options: String,
    /// The command line inside the image, if it has one: what holds as long as `options` give none.
    pub built_in: Option<String>,
    /// A compiled device tree to put in place of the firmware's.
    pub devicetree: Option<String>,
    /// Sidecar files for the initrd (credentials, system and configuration extensions), in order.
    pub extra: Vec<String>,
    /// The boot counter, if the file's name has one.
    pub counter: Option<Counted>,
    /// Whether it may start without its owner asking for it: not what the machine does, not
    /// a profile beside an image's first, not what lies on a medium that was put in.
    pub unattended: bool,
    /// Whether it lies on a medium that was put in, whose files can call themselves what they like.
    pub foreign: bool,
    /// Whether it is started by its owner's word alone, each time anew: it is never a default or a fallback.
    pub never_default: bool,
    /// The list within the menu that it stands in; `None` for the menu itself.
    pub group: Option<String>,
    /// What it is a snapshot of, in a word or two for its owner; empty where it is none.
    pub snapshot: String,
}

impl Entry {
    /// An entry of `kind` with nothing but a name, on this volume, which is told from others so.
    #[must_use]
    pub const fn new(
        id: String,
        title: String,
        kind: EntryKind,
        volume: VolumeId,
        volume_identity: Rc<VolumeIdentity>,
    ) -> Self {
        Self {
            id,
            title,
            version: String::new(),
            kind,
            volume,
            volume_identity,
            file: String::new(),
            image: String::new(),
            initrds: Vec::new(),
            parts: Vec::new(),
            options: String::new(),
            built_in: None,
            devicetree: None,
            extra: Vec::new(),
            counter: None,
            unattended: true,
            foreign: false,
            never_default: false,
            group: None,
            snapshot: String::new(),
        }
    }

    /// What happened to the file at `path`, one of the entry's own.
    #[must_use]
    pub fn record(&self, event: Event, status: Status, path: &str) -> Record {
        let mut record = Record::new(event, status);
        record.path = path.into();
        record.volume = Some(self.volume_identity.to_string());
        record
    }

    /// Where the bytes of the image or of an initrd are, by the path that the entry has for it.
    #[must_use]
    pub fn source<'s>(&'s self, path: &'s str) -> Source<'s> {
        let part = self.parts.iter().find(|part| part.path == path);
        let inside = part.map(|part| Inside { file: &self.file, extents: &part.extents });
        Source { volume: self.volume, path, inside }
    }

    /// The command line without what chooses a profile of the image (UAPI.5): what its owner may edit.
    #[must_use]
    pub fn command_line(&self) -> &str {
        match self.options.get(self.profile().len()..).unwrap_or_default() {
            "" => self.built_in.as_deref().unwrap_or_default(),
            line => line,
        }
    }

    /// What the image is given for this command line: the same profile, whatever the line says.
    #[must_use]
    pub fn options_for(&self, line: &str) -> String {
        format!("{}{line}", self.profile())
    }

    /// The number of a profile in front of an image's options, with its blank.
    fn profile(&self) -> &str {
        let number = |options: &str| options.strip_prefix('@')?.find(|c: char| !c.is_ascii_digit());
        let length = number(&self.options).filter(|_| self.kind == EntryKind::Uki);
        let profile = length.and_then(|length| self.options.get(..length.saturating_add(2)));
        profile.filter(|profile| profile.len() > 2 && profile.ends_with(' ')).unwrap_or_default()
    }

    /// Whether its tries are used up.
    #[must_use]
    pub fn is_bad(&self) -> bool {
        self.counter.as_ref().is_some_and(|counter| counter.left == 0)
    }

    /// Whether it may be chosen by a name that holds for many boots.
    #[must_use]
    pub const fn may_be_default(&self) -> bool {
        !self.foreign && !self.never_default
    }

    /// Whether this is the entry that a variable remembers as `stored`.
    #[must_use]
    pub fn is_remembered_as(&self, stored: &str) -> bool {
        stored_id(&self.id).eq_ignore_ascii_case(stored)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_is_no_part_of_the_command_line_and_survives_it() {
        for (kind, options, built_in, line, edited) in [
            (EntryKind::Linux, "ro quiet", None, "ro quiet", "x"),
            (EntryKind::Linux, "@1 ro", None, "@1 ro", "x"),
            (EntryKind::Uki, "", None, "", "x"),
            (EntryKind::Uki, "", Some("ro"), "ro", "x"),
            (EntryKind::Uki, "@12 ", Some("ro"), "ro", "@12 x"),
            (EntryKind::Uki, "@2 quiet", None, "quiet", "@2 x"),
            (EntryKind::Uki, "@2 quiet", Some("ro"), "quiet", "@2 x"),
            (EntryKind::Uki, "@ quiet", None, "@ quiet", "x"),
            (EntryKind::Uki, "@2", None, "@2", "x"),
            (EntryKind::Uki, "@2x quiet", None, "@2x quiet", "x"),
        ] {
            let mut entry = Entry::new(String::new(), String::new(), kind, VolumeId(0), Rc::default());
            entry.options = options.into();
            entry.built_in = built_in.map(String::from);
            assert_eq!((entry.command_line(), entry.options_for("x").as_str()), (line, edited), "{options}");
        }
    }
}
