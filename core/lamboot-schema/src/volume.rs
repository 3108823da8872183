// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which volume something is on: in the trust log, in `boot.json` and in the menu's details.

use alloc::string::String;
use core::fmt;
use serde::{Deserialize, Serialize};

/// All that is known to tell a volume from others. What is not known is `null`.
///
/// As text, it is what `mount` and `blkid` would say: the file system's kind, then its tags, or the volume's name
/// where nothing of that is known.
///
/// ```
/// use lamboot_schema::volume::VolumeIdentity;
/// let mut volume = VolumeIdentity { name: "disk 1, partition 2".into(), ..VolumeIdentity::default() };
/// assert_eq!(volume.to_string(), "disk 1, partition 2");
/// volume.file_system = Some("xfs".into());
/// volume.uuid = Some("0a3407de-014b-458b-b5c1-848e92a327a3".into());
/// volume.logical_volume = Some("rl/root".into());
/// assert_eq!(volume.to_string(), "xfs UUID=0a3407de-014b-458b-b5c1-848e92a327a3 LV=rl/root");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VolumeIdentity {
    /// What the menu calls it, for instance `disk 2, partition 1`.
    pub name: String,
    /// What its file system is called, as `mount` says.
    pub file_system: Option<String>,
    /// The file system's UUID as Linux writes it; `1234-ABCD` of FAT.
    pub uuid: Option<String>,
    /// GUID of its partition in the GPT, lower case.
    pub partition_guid: Option<String>,
    /// Group and name of its logical volume (LVM2), with a slash between.
    pub logical_volume: Option<String>,
    /// Path of the subvolume (btrfs) from the top level on, where paths begin in one that is not the default.
    pub subvolume: Option<String>,
}

impl VolumeIdentity {
    fn tags(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let tags = [
            ("", &self.file_system),
            ("UUID=", &self.uuid),
            ("PARTUUID=", &self.partition_guid),
            ("LV=", &self.logical_volume),
            ("subvol=", &self.subvolume),
        ];
        tags.into_iter().filter_map(|(tag, value)| Some((tag, value.as_deref()?)))
    }
}

impl fmt::Display for VolumeIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut space = "";
        for (tag, value) in self.tags() {
            write!(f, "{space}{tag}{value}")?;
            space = " ";
        }
        if space.is_empty() { f.write_str(&self.name) } else { Ok(()) }
    }
}
