// SPDX-License-Identifier: MIT OR Apache-2.0
//! The menu that an image's own `loopback.cfg` describes: a GRUB script, run as far as it says what
//! to start.
//!
//! The script is run as GRUB on UEFI would: `if` takes the branch that holds on this machine, menu
//! entries are opened one after another, each with the variables as they were at the end of the
//! menu that it is in. It knows `iso_path`, `rootuuid`, `grub_platform`, `grub_cpu`, `root` and
//! `prefix` from the beginning; the image is the device `loop`, and the volume that holds it
//! `hd0`.
//!
//! | command | what is done |
//! |---|---|
//! | `menuentry`, `submenu` | opened after the rest of their menu was run |
//! | `linux`, `initrd` and their `16` and `efi` forms | give the entry; all initrds |
//! | `set`, `unset`, `name=value` | change variables |
//! | `[`, `test`, `true`, `false`, `!` | as in GRUB ([`super::condition`]) |
//! | `search`, `probe` | answer for the image and its volume |
//! | `source`, `.`, `configfile` | another file of the image, run in its place |
//! | `export`, `insmod`, `loopback`, `echo` and others that start nothing | succeed |
//! | all else, loops and functions too | fails |
//!
//! So a condition that is not understood does not hold, and the branch after `else` is run. An entry
//! is offered when its kernel and all of its initrds are in the image.

mod devices;

use self::devices::{IMAGE, in_image};
use super::script::{Command, parse};
use super::variables::Variables;
use super::words::Word;
use super::{ENTRIES_MAX, IsoEntry, IsoFiles, LOOPBACK_CFG, OPTIONS_MAX, Place, condition};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use bootspec::Architecture;

/// The most bytes of one file.
pub const FILE_MAX: usize = 64 * 1024;
/// The most files that are read, the first one included.
const FILES_MAX: usize = 16;
/// How deep files may have each other run.
const SOURCES_DEPTH_MAX: usize = 4;
/// How deep menus may stand in each other.
const MENUS_DEPTH_MAX: usize = 4;
/// The most commands that are run.
const COMMANDS_MAX: usize = 8192;
/// The most files that are looked for.
const LOOKUPS_MAX: usize = 512;
/// The most initrds of an entry.
const INITRDS_MAX: usize = 16;
/// The entries of the image's `loopback.cfg`, in its order; none where there is none.
pub fn entries(iso: &mut dyn IsoFiles, place: &Place<'_>, architecture: Architecture) -> Vec<IsoEntry> {
    let budget = Budget { files: FILES_MAX, commands: COMMANDS_MAX, lookups: LOOKUPS_MAX };
    let mut run = Run { iso, place, entries: Vec::new(), budget, depth: 0 };
    let mut menu = Menu::new(first_variables(place, architecture));
    run.source(&mut menu, LOOPBACK_CFG);
    run.open(menu, "", 0);
    run.entries
}

fn first_variables(place: &Place<'_>, architecture: Architecture) -> Variables {
    let cpu = match architecture {
        Architecture::Ia32 => "i386",
        Architecture::X64 => "x86_64",
        Architecture::Arm => "arm",
        Architecture::Aa64 => "arm64",
        Architecture::RiscV64 => "riscv64",
        Architecture::LoongArch64 => "loongarch64",
    };
    let mut variables = Variables::default();
    for (name, value) in [
        ("iso_path", place.path),
        ("rootuuid", place.volume_uuid.unwrap_or_default()),
        ("grub_platform", "efi"),
        ("grub_cpu", cpu),
        ("root", IMAGE),
        ("prefix", "(loop)/boot/grub"),
    ] {
        variables.set(name, value);
    }
    variables
}

/// A menu that is being put together, or an entry that is open.
struct Menu {
    variables: Variables,
    kernel: Option<(String, Vec<String>)>,
    /// None once an initrd was named that is not there.
    initrds: Option<Vec<String>>,
    /// Titles and bodies of what is in it.
    inner: Vec<(String, Vec<Command>)>,
}

impl Menu {
    fn new(variables: Variables) -> Self {
        Self { variables, kernel: None, initrds: Some(Vec::new()), inner: Vec::new() }
    }
}

/// What may still be done.
struct Budget {
    files: usize,
    commands: usize,
    lookups: usize,
}

/// Takes one; false where none is left.
fn spend(left: &mut usize) -> bool {
    let enough = *left > 0;
    *left = left.saturating_sub(1);
    enough
}

struct Run<'r> {
    iso: &'r mut dyn IsoFiles,
    place: &'r Place<'r>,
    entries: Vec<IsoEntry>,
    budget: Budget,
    /// How many files are being run in each other.
    depth: usize,
}

impl Run<'_> {
    /// Takes the entry that `menu` is, if it is one, and opens those in it.
    fn open(&mut self, menu: Menu, title: &str, depth: usize) {
        let Menu { variables, kernel, initrds, inner } = menu;
        if let (Some((kernel, arguments)), Some(initrds)) = (kernel, initrds) {
            self.offer(title, kernel, initrds, &arguments);
        }
        if depth >= MENUS_DEPTH_MAX {
            return;
        }
        for (inner_title, body) in inner {
            if self.entries.len() >= ENTRIES_MAX || self.budget.commands == 0 {
                return;
            }
            let title = if title.is_empty() { inner_title } else { format!("{title} > {inner_title}") };
            let mut opened = Menu::new(variables.clone());
            self.run(&mut opened, body);
            self.open(opened, &title, depth.saturating_add(1));
        }
    }

    fn offer(&mut self, title: &str, kernel: String, initrds: Vec<String>, arguments: &[String]) {
        let options = command_line(arguments);
        let is_sound = options.len() <= OPTIONS_MAX && !options.contains(char::is_control);
        if !is_sound || self.entries.len() >= ENTRIES_MAX {
            return;
        }
        let mut title: String = title.chars().filter(|c| !c.is_control()).collect();
        if title.is_empty() {
            title = self.iso.label().to_string();
        }
        self.entries.push(IsoEntry { title, kernel, initrds, options });
    }

    /// Runs commands, and says whether the last one succeeded.
    fn run(&mut self, menu: &mut Menu, commands: Vec<Command>) -> bool {
        let mut succeeded = true;
        for command in commands {
            if !spend(&mut self.budget.commands) {
                return false;
            }
            succeeded = match command {
                Command::Simple(words) => self.simple(menu, &words),
                Command::Block(words, body) => self.block(menu, &words, body),
                Command::If(branches) => self.branches(menu, branches),
                Command::Unknown => false,
            };
        }
        succeeded
    }

    fn branches(&mut self, menu: &mut Menu, branches: Vec<(Vec<Command>, Vec<Command>)>) -> bool {
        for (condition, body) in branches {
            if self.run(menu, condition) {
                return self.run(menu, body);
            }
        }
        true
    }

    fn block(&mut self, menu: &mut Menu, words: &[Word], body: Vec<Command>) -> bool {
        let Some(words) = menu.variables.expand(words) else { return false };
        let is_menu = matches!(words.first().map(String::as_str), Some("menuentry" | "submenu"));
        if is_menu {
            menu.inner.push((title_of(&words), body));
        }
        is_menu
    }

    fn simple(&mut self, menu: &mut Menu, words: &[Word]) -> bool {
        let Some(words) = menu.variables.expand(words) else { return false };
        let mut words = words.as_slice();
        let mut wanted = true;
        while words.first().is_some_and(|word| word == "!") {
            words = words.get(1..).unwrap_or_default();
            wanted = !wanted;
        }
        let Some((name, arguments)) = words.split_first() else { return wanted };
        self.command(menu, name, arguments) == wanted
    }

    fn command(&mut self, menu: &mut Menu, name: &str, arguments: &[String]) -> bool {
        match name {
            "linux" | "linux16" | "linuxefi" => self.linux(menu, arguments),
            "initrd" | "initrd16" | "initrdefi" => self.initrd(menu, arguments),
            "set" => arguments.iter().all(|word| menu.variables.assign(word)),
            "unset" => {
                arguments.iter().for_each(|name| menu.variables.unset(name));
                true
            }
            "[" => match arguments.split_last() {
                Some((end, words)) if end == "]" => self.test(menu, words),
                _ => false,
            },
            "test" => self.test(menu, arguments),
            "search" => self.search(menu, arguments),
            "probe" => self.probe(menu, arguments),
            "source" | "." | "configfile" => {
                let file = arguments.first().and_then(|word| in_image(&menu.variables, word));
                file.is_some_and(|file| self.source(menu, &file))
            }
            "true" | "export" | "insmod" | "loopback" | "echo" | "terminal_input" | "terminal_output"
            | "clear" | "sleep" | "boot" | "play" => true,
            _ => menu.variables.assign(name),
        }
    }

    fn exists(&mut self, variables: &Variables, word: &str) -> bool {
        let Some(path) = in_image(variables, word) else { return false };
        spend(&mut self.budget.lookups) && self.iso.exists(&path)
    }

    fn test(&mut self, menu: &Menu, words: &[String]) -> bool {
        condition::holds(words, &mut |path| self.exists(&menu.variables, path))
    }

    fn linux(&mut self, menu: &mut Menu, arguments: &[String]) -> bool {
        (menu.kernel, menu.initrds) = (None, Some(Vec::new()));
        let Some((kernel, options)) = arguments.split_first() else { return false };
        if self.exists(&menu.variables, kernel) {
            menu.kernel = in_image(&menu.variables, kernel).map(|path| (path, options.to_vec()));
        }
        menu.kernel.is_some()
    }

    fn initrd(&mut self, menu: &mut Menu, arguments: &[String]) -> bool {
        let are_there =
            arguments.len() <= INITRDS_MAX && arguments.iter().all(|word| self.exists(&menu.variables, word));
        let paths = || arguments.iter().filter_map(|word| in_image(&menu.variables, word)).collect();
        menu.initrds = are_there.then(paths);
        are_there
    }

    fn source(&mut self, menu: &mut Menu, path: &str) -> bool {
        if self.depth >= SOURCES_DEPTH_MAX || !spend(&mut self.budget.files) {
            return false;
        }
        let Some(bytes) = self.iso.read(path, FILE_MAX) else { return false };
        self.depth = self.depth.saturating_add(1);
        let succeeded = self.run(menu, parse(&String::from_utf8_lossy(&bytes)));
        self.depth = self.depth.saturating_sub(1);
        succeeded
    }
}

/// The first word of a menu entry that is neither an option nor an option's value.
fn title_of(words: &[String]) -> String {
    let mut rest = words.iter().skip(1);
    while let Some(word) = rest.next() {
        match word.as_str() {
            "--class" | "--users" | "--hotkey" | "--id" => drop(rest.next()),
            option if option.starts_with("--") => {}
            title => return String::from(title),
        }
    }
    String::new()
}

/// The arguments as one line. One with a blank is quoted, as the kernel takes it (Linux, "The
/// kernel's command-line parameters").
fn command_line(arguments: &[String]) -> String {
    let mut line = String::new();
    for argument in arguments.iter().filter(|argument| !argument.is_empty()) {
        if !line.is_empty() {
            line.push(' ');
        }
        if argument.contains(' ') && !argument.contains('"') {
            line.push_str(&format!("\"{argument}\""));
        } else {
            line.push_str(argument);
        }
    }
    line
}
