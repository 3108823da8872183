// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which device is meant: the image, or the volume that holds it? (GRUB manual, "Device syntax",
//! "search" and "probe")

use super::{Menu, Run};
use crate::iso::variables::Variables;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// The device that is the volume that holds the image.
const VOLUME: &str = "hd0";
/// The device that is the image.
pub(super) const IMAGE: &str = "loop";

impl Run<'_> {
    /// Finds the device that has a file, a label or a UUID.
    pub(super) fn search(&mut self, menu: &mut Menu, arguments: &[String]) -> bool {
        let asked = Asked::read(arguments, true);
        let Some(name) = asked.free.last() else { return false };
        let found = if asked.has("--label", "-l") {
            self.device_with_label(name)
        } else if asked.has("--fs-uuid", "-u") {
            (self.place.volume_uuid == Some(name)).then_some(VOLUME)
        } else if *name == self.place.path {
            Some(VOLUME)
        } else {
            let at = format!("({IMAGE}){name}");
            self.exists(&menu.variables, &at).then_some(IMAGE)
        };
        if let Some(device) = found {
            menu.variables.set(asked.variable.unwrap_or("root"), device);
        }
        found.is_some()
    }

    fn device_with_label(&self, label: &str) -> Option<&'static str> {
        if self.iso.label() == label {
            return Some(IMAGE);
        }
        (self.place.volume_label == Some(label)).then_some(VOLUME)
    }

    /// Says what a device's file system is called.
    pub(super) fn probe(&mut self, menu: &mut Menu, arguments: &[String]) -> bool {
        let asked = Asked::read(arguments, false);
        let is_volume = asked.free.last().is_some_and(|device| bare(device) == VOLUME);
        let label = if is_volume { self.place.volume_label } else { Some(self.iso.label()) };
        let value = if asked.has("--fs-uuid", "-u") {
            self.place.volume_uuid.filter(|_| is_volume)
        } else if asked.has("--label", "-l") {
            label
        } else {
            None
        };
        let Some(value) = value.filter(|value| !value.is_empty()) else { return false };
        if let Some(variable) = asked.variable {
            menu.variables.set(variable, value);
        }
        true
    }
}

/// Options and words of `search` and `probe`.
struct Asked<'w> {
    options: Vec<&'w str>,
    variable: Option<&'w str>,
    free: Vec<&'w str>,
}

impl<'w> Asked<'w> {
    /// `--set=NAME`, or `--set NAME`: after `search`, only where another word follows.
    fn read(words: &'w [String], is_search: bool) -> Self {
        let mut asked = Self { options: Vec::new(), variable: None, free: Vec::new() };
        let mut is_set_open = false;
        for word in words {
            match word.strip_prefix("--set=") {
                Some(name) => asked.variable = Some(name),
                None if matches!(word.as_str(), "--set" | "-s") => is_set_open = true,
                None if word.starts_with('-') => asked.options.push(word),
                None if is_set_open && !is_search && asked.variable.is_none() => asked.variable = Some(word),
                None => asked.free.push(word),
            }
        }
        if is_set_open && is_search && asked.free.len() > 1 {
            asked.variable = Some(asked.free.remove(0));
        }
        asked
    }

    fn has(&self, long: &str, short: &str) -> bool {
        self.options.iter().any(|option| *option == long || *option == short)
    }
}

/// The path in the image that `word` means; none where it is on another device, or relative.
pub(super) fn in_image(variables: &Variables, word: &str) -> Option<String> {
    let (device, path) = match word.strip_prefix('(') {
        Some(rest) => rest.split_once(')')?,
        None => (bare(variables.get("root")), word),
    };
    (device != VOLUME && path.starts_with('/')).then(|| String::from(path))
}

/// A device's name without its parentheses.
fn bare(device: &str) -> &str {
    device.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or(device)
}
