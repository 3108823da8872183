// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the loader measures into which PCR (UAPI.7, the registry of PCR use by Linux).
//!
//! Verifiers compute PCR values from these; numbers, tags and words never change.

/// The PCR of configuration files.
pub const CONFIGURATION_PCR: u8 = 5;
/// The PCR of the kernel's command line.
pub const COMMAND_LINE_PCR: u8 = 12;

/// A measurement of a file, logged as `EV_EVENT_TAG` (TCG PC Client Platform Firmware Profile 1.06, section 10.4):
/// the PCR is extended by the hash of the file's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaggedFile {
    /// The event's tag.
    pub tag: u32,
    /// The event's words, in UTF-16 with NUL.
    pub words: &'static str,
}

impl TaggedFile {
    /// All of them, with what they are.
    pub const ALL: [(Self, &'static str); 2] = [
        (LOADER_CONF, "`loader.conf`, before it is parsed, as systemd-boot measures it"),
        (POLICY, "`policy.toml`, before it is parsed"),
    ];
}

/// systemd-boot's configuration; its tag is systemd's.
pub const LOADER_CONF: TaggedFile = TaggedFile { tag: 0xf5bc_582a, words: "loader.conf" };
/// The owner's policy.
pub const POLICY: TaggedFile = TaggedFile { tag: 0x9d41_c3a6, words: "policy.toml" };
