// SPDX-License-Identifier: MIT OR Apache-2.0
//! What does the owner see? The menu in words, without columns and without pixels.
//!
//! Every painter takes a [`View`]: what it says is decided here, where it stands is the painter's.

use super::{Detail, Header, Item};
use alloc::string::String;
use alloc::vec::Vec;

/// One state of the menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View<'m> {
    /// What the top says.
    pub header: &'m Header,
    /// What the owner should know, the most important first.
    pub notices: &'m [String],
    /// The entries that are listed (all, or those that the search finds), in order.
    pub rows: Vec<&'m Item>,
    /// The place in `rows` of the entry that Enter acts on; `None` when there is none.
    pub selected: Option<usize>,
    /// The tools beside the entries, in order.
    pub tools: &'m [ToolLine],
    /// The tool that Enter acts on, while the tools have the keys.
    pub selected_tool: Option<usize>,
    /// The selected entry's details, the most important first.
    pub details: &'m [Detail],
    /// When the selected entry starts by itself; `None` when it does not.
    pub countdown: Option<CountdownView>,
    /// What lies over the list.
    pub overlay: Overlay<'m>,
    /// The answer to the last key, for instance `Default: Debian 6.12`; may be empty.
    pub answer: &'m str,
    /// The keys that matter now: key and what it does, the most important first.
    pub keys: Vec<(&'static str, &'static str)>,
    /// How many entries were found and are not offered.
    pub not_offered: usize,
}

/// A tool, or an action on the machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolLine {
    /// What it is called.
    pub label: String,
    /// The key that does the same; may be empty.
    pub key: &'static str,
}

/// Time that is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CountdownView {
    /// Seconds, rounded up.
    pub seconds: u64,
    /// Thousandths of the whole time that are left, 0 to 1000.
    pub permille: u16,
}

/// What lies over the list of entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Overlay<'m> {
    /// Nothing.
    None,
    /// Keys and what they do.
    Help(&'m [(&'static str, &'static str)]),
    /// Lines to read, from `first` on.
    Lines {
        /// What they are.
        heading: &'static str,
        /// All of them; a painter wraps them.
        lines: &'m [String],
        /// The first that is shown.
        first: usize,
    },
    /// A line of text to change.
    Edit {
        /// What it is.
        heading: &'static str,
        /// The text.
        text: String,
        /// The character before which the cursor stands, counted from 0.
        cursor: usize,
    },
    /// A password, shown as so many dots.
    Password {
        /// What it is for.
        heading: &'static str,
        /// Characters typed.
        typed: usize,
    },
    /// The search line, at the list's foot; the list stays visible.
    Search {
        /// What is looked for.
        text: &'m str,
    },
}

/// Something that a pointer can point at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A row of the list, by its place in [`View::rows`].
    Row(usize),
    /// A tool, by its place in [`View::tools`].
    Tool(usize),
    /// The overlay.
    Overlay,
}
