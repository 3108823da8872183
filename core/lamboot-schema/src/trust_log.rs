// SPDX-License-Identifier: MIT OR Apache-2.0
//! One record of the trust log: what was decided, about which file, and on what ground.
//!
//! The log is JSON Lines: one [`Record`] a line, members in the order of the fields. `seq` starts
//! at 0 for each boot and `boot_id` tells boots apart. Readers accept lines without the newer
//! members, which is what earlier releases wrote.
//!
//! The records from one start of the loader to its hand-over are an epoch: an `epoch_open`, whose member
//! `epoch` is an [`Epoch`], then what happened, then an `epoch_seal`. Each line has the hash of the one before,
//! and, where there is a key, a message authentication code.

use crate::tokens::tokens;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

tokens! {
    /// What happened. The tokens are public: they are added to, never renamed.
    Event {
        /// An epoch began; its member `epoch` says what was found of the one before.
        EpochOpen = "epoch_open",
        /// Older epochs are now in the older file.
        EpochArchive = "epoch_archive",
        /// The epoch is complete: no record follows.
        EpochSeal = "epoch_seal",
        /// The first key of this chain was shown to the owner.
        TrustKeyShown = "trust_key_shown",
        /// The loader started.
        BootStart = "boot_start",
        /// The verdict on how the boots before this one ended.
        HealthAssessed = "health_assessed",
        /// The owner's policy was read.
        PolicyLoaded = "policy_loaded",
        /// The owner's policy has a mistake; the note says which and where.
        PolicyInvalid = "policy_invalid",
        /// A volume was not left as it should be; the note says what was done about it.
        VolumeRecovered = "volume_recovered",
        /// A file system was found and cannot be read; the note says why.
        VolumeUnreadable = "volume_unreadable",
        /// Type 1 entries were read from a volume. Only in lines of earlier releases.
        BlsEntriesFound = "bls_entries_found",
        /// An entry file is not usable; the note says why.
        BlsEntryInvalid = "bls_entry_invalid",
        /// An entry file could not be read.
        BlsEntryReadFailed = "bls_entry_read_failed",
        /// All sources were searched.
        EntriesDiscovered = "entries_discovered",
        /// `loader.conf` was read.
        LoaderConfLoaded = "loader_conf_loaded",
        /// The system asked for something through the Boot Loader Interface.
        LoaderRequest = "loader_request",
        /// The owner changed a setting in the menu.
        SettingChanged = "setting_changed",
        /// The crash threshold is reached, and a fallback was chosen.
        CrashLoopFallback = "crash_loop_fallback",
        /// Somebody typed a password for the editor; the status says whether it was the right one.
        EditorPassword = "editor_password",
        /// The owner changed a command line in the menu.
        CommandLineEdited = "command_line_edited",
        /// An entry was chosen; the note says by whom or by which rule.
        EntrySelected = "entry_selected",
        /// The judgement on an image: who checked it, that nobody had to, or which policy refused it.
        ImageVerified = "image_verified",
        /// The firmware accepted and placed the image.
        ImageLoadedFirmware = "image_loaded_firmware",
        /// The firmware refused the image.
        ImageLoadFailed = "image_load_failed",
        /// A file that the entry needs cannot be read.
        KernelLoadFailed = "kernel_load_failed",
        /// A configuration file was measured into the TPM, before it was parsed.
        ConfigMeasured = "config_measured",
        /// The command line was measured into the TPM.
        CmdlineMeasured = "cmdline_measured",
        /// The command line was not measured; the note says why.
        CmdlineMeasurementSkipped = "cmdline_measurement_skipped",
        /// The entry's sidecar files of one kind were measured into the TPM.
        SidecarMeasured = "sidecar_measured",
        /// The entry's device tree took the place of the firmware's.
        DevicetreeInstalled = "devicetree_installed",
        /// The entry's boot counter was spent.
        BootCounterSpent = "boot_counter_spent",
        /// The entry's boot counter could not be spent; the boot goes on.
        BootCounterSkippedRo = "boot_counter_skipped_ro",
        /// A seed for random numbers was handed over, or why not.
        RandomSeed = "random_seed",
        /// The firmware was asked to start Windows next, or why not.
        BootNextSet = "boot_next_set",
        /// Control is about to be handed over.
        BootAttempt = "boot_attempt",
        /// The image gave control back, which is a failed attempt.
        ImageReturned = "image_returned",
        /// The owner left the menu for firmware set-up, reboot or power-off.
        MenuLeft = "menu_left",
        /// Something could not be recorded; the note says what.
        RecordingDegraded = "recording_degraded",
    }
}

tokens! {
    /// Who vouches for an image.
    VerifiedVia {
        /// Secure Boot is off: nobody does.
        DegradedTrustSbOff = "degraded_trust_sb_off",
        /// The firmware checks it (and a shim that took over the firmware's loader, if there is one).
        FirmwareLoadimage = "firmware_loadimage",
    }
}

tokens! {
    /// How a step ended.
    Status {
        /// It was done.
        Success = "SUCCESS",
        /// It did not apply; the record says why.
        Skipped = "SKIPPED",
        /// Somebody named in the record decides it later. Only in lines of earlier releases.
        Deferred = "DEFERRED",
        /// It was refused.
        Rejected = "REJECTED",
        /// It was tried and failed.
        Failed = "FAILED",
    }
}

tokens! {
    /// What the loader found of the epoch before.
    Found {
        /// The log ends as the loader left it.
        Intact = "intact",
        /// There was no epoch before.
        First = "first",
        /// The epoch before has no seal: the machine stopped before the hand-over.
        Unsealed = "unsealed",
        /// Epochs without a key follow on what is known outside of the log: the variable store took nothing, or
        /// somebody added them.
        Unwitnessed = "unwitnessed",
        /// What is kept outside of the log was gone or damaged: a new key, and a new chain.
        Rekeyed = "rekeyed",
        /// Records at the end of the log are gone.
        Truncated = "truncated",
        /// The end of the log is not what the loader wrote.
        Modified = "modified",
        /// The log is gone.
        Missing = "missing",
    }
}

impl Found {
    /// Whether somebody changed the log.
    #[must_use]
    pub const fn is_tampering(self) -> bool {
        matches!(self, Self::Truncated | Self::Modified | Self::Missing)
    }
}

tokens! {
    /// How far an epoch can be trusted. It is computed from what the loader found, and cannot be configured.
    Level {
        /// A0: each record has the hash of the one before, and nothing is secret.
        Chain = "chain",
        /// A1: the key is in a variable that only boot services read.
        MacNvram = "mac-nvram",
        /// A2: the same with Secure Boot, on a machine whose firmware keeps its memory to itself.
        MacNvramLockdown = "mac-nvram-lockdown",
        /// A3: the key is in an index of the TPM that is locked until the next reset, and that only programs read
        /// which start with Secure Boot set up in the same way.
        MacTpm = "mac-tpm",
        /// A4: the TPM has signed the epoch.
        Quoted = "quoted",
    }
}

impl Level {
    /// What the level does *not* cover, as a sentence.
    #[must_use]
    pub const fn limits(self) -> &'static str {
        match self {
            Self::Chain => "Anybody who can write to the file can write another history.",
            Self::MacNvram => {
                "An administrator of the running system who reads the firmware's memory, and any other program \
                 that the firmware starts, can take the key and write another history."
            }
            Self::MacNvramLockdown => {
                "Another program that the firmware starts, or somebody who reads the flash chip, can take the \
                 key and write another history."
            }
            Self::MacTpm => {
                "Whoever controls the TPM, such as the host of a virtual machine, can write another history."
            }
            Self::Quoted => {
                "Whoever controls the TPM, such as the host of a virtual machine, can sign another history."
            }
            Self::Unknown => "This release does not know this level.",
        }
    }
}

tokens! {
    /// Where the key of an epoch is kept.
    KeyStore {
        /// There is no key.
        None = "none",
        /// A variable that only boot services read.
        Nvram = "nvram",
        /// An index of the TPM, for the value that PCR 7 has, locked from the hand-over to the next reset.
        TpmNv = "tpm-nv",
    }
}

tokens! {
    /// Why an epoch has less protection than it could have.
    Degraded {
        /// The firmware makes no random numbers.
        NoRandomSource = "no_random_source",
        /// The variable store takes nothing.
        NvramFull = "nvram_full",
        /// The ESP cannot be written.
        EspReadOnly = "esp_read_only",
        /// A hibernated system waits: nothing was written to the ESP.
        ResumesFromHibernation = "resumes_from_hibernation",
        /// There is no TPM.
        NoTpm = "no_tpm",
        /// The TPM keeps nothing for us: its owner has a password, it has no room, or it failed.
        TpmRefused = "tpm_refused",
        /// The index of the TPM is locked already: an image that was started in this boot came back.
        TpmLocked = "tpm_locked",
        /// Secure Boot is set up in another way than when the key was made (PCR 7): there is a new key.
        PolicyMismatch = "policy_mismatch",
        /// Secure Boot is off.
        SecureBootOff = "secure_boot_off",
        /// The end of the log could not be read.
        LogUnreadable = "log_unreadable",
    }
}

/// What an epoch begins with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Epoch {
    /// Which one it is of its chain, from 1; 0 for an epoch without a key, which belongs to no chain.
    pub number: u64,
    /// The chain: 32 hexadecimal digits, random; empty for an epoch without a key.
    pub chain: String,
    /// What was found of the epoch before.
    pub found: Found,
    /// The last record of the epoch before, as it is known outside of the log: SHA-256, lower-case
    /// hexadecimal; empty where there is none.
    pub head: String,
    /// How many records of that epoch are known outside of the log.
    pub count: u32,
    /// How far the epoch can be trusted.
    pub level: Level,
    /// Where its key is kept.
    pub key_store: KeyStore,
    /// Why it has less protection than it could have.
    pub degraded: Vec<Degraded>,
}

/// One line of the trust log.
///
/// ```
/// use lamboot_schema::trust_log::{Event, Record, Status};
/// let mut record = Record::new(Event::BootStart, Status::Success);
/// record.note = Some("secure_boot=off".into());
/// assert_eq!(
///     record.to_line(),
///     "{\"seq\":0,\"event\":\"boot_start\",\"path\":\"\",\"size\":0,\"sha256\":\"\",\"verified_via\":null,\
///      \"status\":\"SUCCESS\",\"note\":\"secure_boot=off\",\"boot_id\":\"\",\"t_us\":0}\n"
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Place within its boot, from 0.
    pub seq: u32,
    /// What happened.
    pub event: Event,
    /// Backslash path of the file concerned; empty when there is none.
    pub path: String,
    /// The volume that the file is on: its file system, then its tags as `blkid` has them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub volume: Option<String>,
    /// Size of that file in bytes; 0 when there is none.
    pub size: u64,
    /// SHA-256 of that file, lower-case hexadecimal; empty when it was not computed.
    pub sha256: String,
    /// Who vouches for the image; only on records about images.
    pub verified_via: Option<VerifiedVia>,
    /// How the step ended.
    pub status: Status,
    /// Further detail for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Which boot this is: 32 hexadecimal digits, random. Empty in lines of earlier releases.
    #[serde(default)]
    pub boot_id: String,
    /// Microseconds since the loader started, monotonic.
    #[serde(default)]
    pub t_us: u64,
    /// Wall time by the firmware's clock, where it has one; on a boot's first record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wall: Option<String>,
    /// What the epoch begins with; on its first record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<Epoch>,
    /// SHA-256 of the line before, without its `mac` and what follows, lower-case hexadecimal. Missing in lines
    /// of earlier releases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prev: Option<String>,
    /// HMAC-SHA-256 of this line up to here, lower-case hexadecimal; missing where there is no key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mac: Option<String>,
}

impl Record {
    /// A record with nothing but its event and its end.
    #[must_use]
    pub const fn new(event: Event, status: Status) -> Self {
        Self {
            seq: 0,
            event,
            path: String::new(),
            volume: None,
            size: 0,
            sha256: String::new(),
            verified_via: None,
            status,
            note: None,
            boot_id: String::new(),
            t_us: 0,
            wall: None,
            epoch: None,
            prev: None,
            mac: None,
        }
    }

    /// The record as one line with its newline.
    #[must_use]
    pub fn to_line(&self) -> String {
        let mut line = serde_json::to_string(self).unwrap_or_default();
        line.push('\n');
        line
    }

    /// Reads one line, of this or an earlier release.
    ///
    /// # Errors
    ///
    /// **Damaged**: the line is not a JSON object of a record's members.
    pub fn from_line(line: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_line_of_an_earlier_release_is_read() {
        let line = r#"{"seq":3,"event":"image_verified","path":"\\vmlinuz","size":9,"sha256":"ab","verified_via":"shim_mok","status":"SUCCESS","verifier_tag":"x"}"#;
        let record = Record::from_line(line).unwrap();
        assert_eq!((record.seq, record.event, record.status), (3, Event::ImageVerified, Status::Success));
        assert_eq!(record.verified_via, Some(VerifiedVia::Unknown));
    }

    #[test]
    fn a_token_of_a_later_release_is_read_as_unknown() {
        let line = r#"{"seq":0,"event":"moon_phase","path":"","size":0,"sha256":"","verified_via":null,"status":"FULL"}"#;
        let record = Record::from_line(line).unwrap();
        assert_eq!((record.event, record.status), (Event::Unknown, Status::Unknown));
    }

    proptest! {
        #[test]
        fn any_text_survives_the_way_there_and_back(path in ".*", note in ".*") {
            let mut record = Record::new(Event::KernelLoadFailed, Status::Failed);
            record.path = path;
            record.note = Some(note);
            let line = record.to_line();
            prop_assert_eq!(line.matches('\n').count(), 1);
            prop_assert_eq!(Record::from_line(&line).unwrap(), record);
        }
    }
}
