// SPDX-License-Identifier: MIT OR Apache-2.0
//! What did the system ask for, and what is it told? (systemd, the Boot Loader Interface)
//!
//! Requests are read once, at the start. Those that hold for one start only are deleted before
//! anything is made of them: a request that could not be deleted would hold for ever, so it is not
//! heeded, and the owner is told.

use crate::ports::Variables;
use crate::settings::AskedTimeouts;
use crate::variables;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use bootspec::loader_conf::Timeout;
use lamboot_schema::variables::{self as schema, Variable, features};

/// What this loader can do: a bit stands here only when the behaviour is complete.
pub const FEATURES: u64 = features::CONFIG_TIMEOUT
    | features::CONFIG_TIMEOUT_ONE_SHOT
    | features::ENTRY_DEFAULT
    | features::ENTRY_ONESHOT
    | features::BOOT_COUNTING
    | features::XBOOTLDR
    | features::RANDOM_SEED
    | features::SORT_KEY
    | features::SAVED_ENTRY
    | features::DEVICETREE
    | features::MENU_DISABLE
    | features::MULTI_PROFILE_UKI
    | features::TYPE1_UKI
    | features::TPM2_ACTIVE_PCR_BANKS
    | features::ENTRY_PREFERRED;

/// The longest id or pattern that is heeded, in bytes.
const MAX_ID: usize = 1024;

/// The name that stands for the entry that was started last.
pub const SAVED: &str = "@saved";

/// What the system asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requests {
    /// `LoaderEntryOneShot`.
    pub one_shot: Option<String>,
    /// `LoaderEntryPreferred`.
    pub preferred: Option<String>,
    /// `LoaderEntryDefault`.
    pub default: Option<String>,
    /// `LoaderEntrySysFail`.
    pub sys_fail: Option<String>,
    /// `LoaderEntryLastBooted`.
    pub last_booted: Option<String>,
    /// `LoaderConfigTimeout` and `LoaderConfigTimeoutOneShot`.
    pub timeouts: AskedTimeouts,
    /// `LoaderConfigConsoleMode`.
    pub console_mode: Option<u32>,
    /// Requests that are not heeded, and why.
    pub trouble: Vec<String>,
}

impl Requests {
    /// Reads all requests, and deletes those that hold once.
    pub fn read(port: &mut dyn Variables) -> Self {
        let mut requests = Self::default();
        requests.one_shot = requests.once(port, &schema::LOADER_ENTRY_ONE_SHOT);
        let once = requests.once(port, &schema::LOADER_CONFIG_TIMEOUT_ONE_SHOT);
        let always = lasting(port, &schema::LOADER_CONFIG_TIMEOUT);
        let parse = |text: Option<String>| text.and_then(|text| Timeout::parse(&text));
        requests.timeouts = AskedTimeouts { once: parse(once), always: parse(always) };
        requests.preferred = lasting(port, &schema::LOADER_ENTRY_PREFERRED);
        requests.default = lasting(port, &schema::LOADER_ENTRY_DEFAULT);
        requests.sys_fail = lasting(port, &schema::LOADER_ENTRY_SYS_FAIL);
        requests.last_booted = lasting(port, &schema::LOADER_ENTRY_LAST_BOOTED);
        let mode = variables::get(port, &schema::LOADER_CONFIG_CONSOLE_MODE);
        requests.console_mode = mode.and_then(|mode| u32::try_from(mode).ok());
        requests
    }

    fn once(&mut self, port: &mut dyn Variables, variable: &Variable<String>) -> Option<String> {
        let bytes = port.get(variable.id).ok().flatten()?;
        let name = variable.id.name;
        match port.remove(variable.id) {
            Ok(()) => variable.decode(&bytes).and_then(usable).or_else(|| {
                self.trouble.push(format!("{name} is no text and was ignored"));
                None
            }),
            Err(error) => {
                self.trouble.push(format!("{name} cannot be deleted and was ignored: {error}"));
                None
            }
        }
    }
}

fn lasting(port: &mut dyn Variables, variable: &Variable<String>) -> Option<String> {
    variables::get(port, variable).and_then(usable)
}

fn usable(text: String) -> Option<String> {
    (!text.is_empty() && text.len() <= MAX_ID).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{ErrorKind, PortResult};
    use lamboot_schema::variables::VariableId;
    use std::collections::BTreeMap;

    #[derive(Default)]
    struct Store {
        values: BTreeMap<&'static str, Vec<u8>>,
        locked: bool,
    }

    impl Store {
        fn with(mut self, variable: &Variable<String>, text: &str) -> Self {
            self.values.insert(variable.id.name, variable.encode(&text.into()));
            self
        }
    }

    impl Variables for Store {
        fn get(&mut self, id: VariableId) -> PortResult<Option<Vec<u8>>> {
            Ok(self.values.get(id.name).cloned())
        }

        fn set(&mut self, id: VariableId, bytes: &[u8]) -> PortResult<()> {
            self.values.insert(id.name, bytes.into());
            Ok(())
        }

        fn remove(&mut self, id: VariableId) -> PortResult<()> {
            if self.locked {
                return Err(ErrorKind::ReadOnly.into());
            }
            self.values.remove(id.name);
            Ok(())
        }

        fn boot_option(&mut self, _: u16) -> PortResult<Option<Vec<u8>>> {
            Ok(None)
        }
    }

    #[test]
    fn what_holds_once_is_gone_after_reading() {
        let mut store = Store::default()
            .with(&schema::LOADER_ENTRY_ONE_SHOT, "a.conf")
            .with(&schema::LOADER_CONFIG_TIMEOUT_ONE_SHOT, "0")
            .with(&schema::LOADER_ENTRY_DEFAULT, "b.conf");
        let requests = Requests::read(&mut store);
        assert_eq!(requests.one_shot.as_deref(), Some("a.conf"));
        assert_eq!(requests.timeouts.once, Some(Timeout::Seconds(0)));
        assert_eq!(store.values.keys().copied().collect::<Vec<_>>(), ["LoaderEntryDefault"]);
        let again = Requests::read(&mut store);
        assert_eq!((again.one_shot, again.timeouts.once), (None, None));
        assert_eq!(again.default.as_deref(), Some("b.conf"));
    }

    #[test]
    fn a_request_that_cannot_be_deleted_is_not_heeded() {
        let mut store = Store::default().with(&schema::LOADER_ENTRY_ONE_SHOT, "a.conf");
        store.locked = true;
        let requests = Requests::read(&mut store);
        assert_eq!(requests.one_shot, None);
        assert!(requests.trouble[0].contains("LoaderEntryOneShot"), "{:?}", requests.trouble);
    }

    #[test]
    fn nonsense_is_deleted_and_ignored() {
        for bytes in [&[0x61][..], &[0x00, 0xD8, 0, 0], &[], &[0, 0]] {
            let mut store = Store::default();
            store.values.insert("LoaderEntryOneShot", bytes.to_vec());
            store.values.insert("LoaderConfigTimeout", bytes.to_vec());
            let requests = Requests::read(&mut store);
            assert_eq!((requests.one_shot, requests.timeouts.always), (None, None));
            assert!(!store.values.contains_key("LoaderEntryOneShot"));
        }
    }
}
