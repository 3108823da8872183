// SPDX-License-Identifier: MIT OR Apache-2.0
//! Device paths, as far as people look for something in them (UEFI 2.10, section 10.3).

use super::text::{Text, plain};
use crate::bytes::Reader;
use core::fmt;
use uguid::Guid;

/// The most nodes of a device path that are shown; six to ten are usual.
pub const NODES_MAX: usize = 64;

/// A device path: nodes after each other, each with its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DevicePath<'a>(pub &'a [u8]);

/// A node of a device path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Node<'a> {
    /// A file's path, or a part of it (section 10.3.5.4).
    File(Option<Text<'a>>),
    /// A partition: its number and, with a GPT, its GUID (section 10.3.5.1).
    Partition(u32, Option<Guid>),
    /// A file of a firmware volume (section 10.3.5.6).
    FirmwareFile(Guid),
    /// A firmware volume (section 10.3.5.7).
    FirmwareVolume(Guid),
    /// Anything else, by type and subtype.
    Other(u8, u8),
}

impl<'a> DevicePath<'a> {
    /// Its nodes, at most [`NODES_MAX`], without the one that ends it.
    pub fn nodes(&self) -> impl Iterator<Item = Node<'a>> + use<'a> {
        let mut reader = Reader::new(self.0);
        core::iter::from_fn(move || take(&mut reader)).take(NODES_MAX)
    }

    /// The bytes of the file's path in UTF-16, one part after the other.
    pub fn files(&self) -> impl Iterator<Item = Text<'a>> + use<'a> {
        self.nodes().filter_map(|node| match node {
            Node::File(text) => text,
            _ => None,
        })
    }
}

fn take<'a>(reader: &mut Reader<'a>) -> Option<Node<'a>> {
    let (kind, subtype, size) = (reader.u8()?, reader.u8()?, reader.u16()?);
    let content = reader.take(usize::from(size).checked_sub(4)?)?;
    match (kind, subtype) {
        (0x7F, 0xFF) => None,
        (4, 1) => Some(partition(content).unwrap_or(Node::Other(kind, subtype))),
        (4, 4) => Some(Node::File(Text::utf16(content))),
        (4, 6) => Some(guid(content).map_or(Node::Other(kind, subtype), Node::FirmwareFile)),
        (4, 7) => Some(guid(content).map_or(Node::Other(kind, subtype), Node::FirmwareVolume)),
        _ => Some(Node::Other(kind, subtype)),
    }
}

fn guid(content: &[u8]) -> Option<Guid> {
    content.first_chunk().copied().map(Guid::from_bytes)
}

fn partition<'a>(content: &[u8]) -> Option<Node<'a>> {
    let mut reader = Reader::new(content);
    let (number, _start_and_size) = (reader.u32()?, reader.take(16)?);
    let signature = Guid::from_bytes(*reader.array()?);
    let (_format, kind) = (reader.u8()?, reader.u8()?);
    // The second kind of signature is a GUID.
    Some(Node::Partition(number, (kind == 2).then_some(signature)))
}

/// Parts after each other, in the names of UEFI's text form: `HD(1,GPT,...)/\EFI\BOOT\BOOTX64.EFI`.
impl fmt::Display for DevicePath<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, node) in self.nodes().enumerate() {
            let slash = if at > 0 { "/" } else { "" };
            write!(f, "{slash}{node}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Node<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(text) => plain(f, text.iter().flat_map(Text::chars)),
            Self::Partition(number, Some(guid)) => write!(f, "HD({number},GPT,{guid})"),
            Self::Partition(number, None) => write!(f, "HD({number})"),
            Self::FirmwareFile(guid) => write!(f, "FvFile({guid})"),
            Self::FirmwareVolume(guid) => write!(f, "Fv({guid})"),
            Self::Other(kind, subtype) => write!(f, "Path({kind},{subtype})"),
        }
    }
}
