// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the data of events say, in words (TCG PC Client Platform Firmware Profile 1.06, section 10.2).

mod device_path;
mod image;
mod tables;
mod text;
mod variable;

pub use device_path::{DevicePath, NODES_MAX, Node};
pub use image::Image;
pub use tables::{Blob, Gpt, Named, Tagged};
pub use text::{Bytes, TEXT_MAX, Text};
pub use variable::Variable;

use crate::event::Event;
use crate::event_type::EventType;
use crate::header::{Header, SIGNATURE};
use crate::locality;
use core::fmt;

/// What the data of an event say. [`fmt::Display`] gives one line, of bounded length and without control
/// characters.
///
/// It is a claim, where [`Event::recheck`] does not say that the data are what was hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Description<'a> {
    /// The header of a crypto agile log.
    Header(Header),
    /// The locality from which the TPM was started.
    StartupLocality(u8),
    /// Anything else that extends nothing, by the signature that its data begin with.
    Note(Text<'a>),
    /// The end of the firmware's own part.
    Separator(Separator),
    /// A text.
    Text(Text<'a>),
    /// A variable.
    Variable(Variable<'a>),
    /// A program that was loaded.
    Image(Image<'a>),
    /// Where code of the firmware lies in memory.
    Blob(Blob<'a>),
    /// Tables with words about them.
    Named(Named<'a>),
    /// A partition table.
    Gpt(Gpt),
    /// A number that tells what it is, and data.
    Tagged(Tagged<'a>),
    /// Bytes that are none of these.
    Bytes(Bytes<'a>),
}

/// What a separator says (section 10.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Separator {
    /// All is well: `00 00 00 00` or `FF FF FF FF`.
    Normal,
    /// An error of the firmware: `01 00 00 00`.
    Error,
}

impl<'a> Event<'a> {
    /// What its data say.
    ///
    /// ```
    /// use tcg_eventlog::{Builder, EventLog, EventType};
    ///
    /// let bytes = Builder::sha1().event(4, EventType::EFI_ACTION, b"Calling\x1b[2J").build();
    /// let log = EventLog::parse(&bytes)?;
    /// let event = log.events().next().unwrap()?;
    /// assert_eq!(event.describe().to_string(), r#""Calling\u{1b}[2J""#);
    /// # Ok::<(), tcg_eventlog::Error>(())
    /// ```
    #[must_use]
    pub fn describe(&self) -> Description<'a> {
        let data = self.data;
        let structure = match self.event_type {
            EventType::NO_ACTION => Some(self.describe_note()),
            EventType::SEPARATOR => separator(data),
            EventType::EFI_VARIABLE_DRIVER_CONFIG
            | EventType::EFI_VARIABLE_BOOT
            | EventType::EFI_VARIABLE_BOOT2
            | EventType::EFI_VARIABLE_AUTHORITY
            | EventType::EFI_SPDM_DEVICE_POLICY
            | EventType::EFI_SPDM_DEVICE_AUTHORITY => Variable::parse(data).map(Description::Variable),
            EventType::EFI_BOOT_SERVICES_APPLICATION
            | EventType::EFI_BOOT_SERVICES_DRIVER
            | EventType::EFI_RUNTIME_SERVICES_DRIVER => Image::parse(data).map(Description::Image),
            EventType::EFI_PLATFORM_FIRMWARE_BLOB | EventType::POST_CODE => {
                Blob::parse(data).map(Description::Blob)
            }
            EventType::EFI_PLATFORM_FIRMWARE_BLOB2 | EventType::POST_CODE2 => {
                Blob::parse_named(data).map(Description::Blob)
            }
            EventType::EFI_HANDOFF_TABLES2 => Named::parse(data).map(Description::Named),
            EventType::EFI_GPT_EVENT | EventType::EFI_GPT_EVENT2 => Gpt::parse(data).map(Description::Gpt),
            EventType::EVENT_TAG => Tagged::parse(data).map(Description::Tagged),
            _ => None,
        };
        structure.unwrap_or_else(|| text_or_bytes(data))
    }

    fn describe_note(&self) -> Description<'a> {
        if let Some(Ok(header)) = Header::parse(self.data) {
            return Description::Header(header);
        }
        if let Some(locality) = locality::of(self) {
            return Description::StartupLocality(locality);
        }
        let signature = self.data.get(..SIGNATURE.len()).and_then(Text::parse);
        signature.map_or(Description::Bytes(Bytes(self.data)), Description::Note)
    }
}

fn separator<'a>(data: &[u8]) -> Option<Description<'a>> {
    Some(Description::Separator(match data {
        [0, 0, 0, 0] | [0xFF, 0xFF, 0xFF, 0xFF] => Separator::Normal,
        [1, 0, 0, 0] => Separator::Error,
        _ => return None,
    }))
}

fn text_or_bytes(data: &[u8]) -> Description<'_> {
    Text::parse(data).map_or(Description::Bytes(Bytes(data)), Description::Text)
}

impl fmt::Display for Description<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header(header) => header.fmt(f),
            Self::StartupLocality(locality) => write!(f, "the TPM was started from locality {locality}"),
            Self::Note(text) | Self::Text(text) => text.fmt(f),
            Self::Separator(Separator::Normal) => f.write_str("separator"),
            Self::Separator(Separator::Error) => f.write_str("separator after an error"),
            Self::Variable(variable) => variable.fmt(f),
            Self::Image(image) => image.fmt(f),
            Self::Blob(blob) => blob.fmt(f),
            Self::Named(named) => named.fmt(f),
            Self::Gpt(gpt) => gpt.fmt(f),
            Self::Tagged(tagged) => tagged.fmt(f),
            Self::Bytes(bytes) => bytes.fmt(f),
        }
    }
}

impl fmt::Display for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (major, minor, errata) = self.version;
        write!(f, "crypto agile log, version {major}.{minor} errata {errata}:")?;
        self.algorithms().try_for_each(|algorithm| write!(f, " {algorithm}"))
    }
}
