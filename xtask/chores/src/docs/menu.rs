// SPDX-License-Identifier: MIT OR Apache-2.0
//! The menu: its keys from its own help, and a picture from its own painter.

use lamboot_core::frame::Size;
use lamboot_core::menu::{Badge, Countdown, HELP, Header, Item, Model, text};
use lamboot_core::ports::Micros;
use lamboot_core::session::VERSION;

use super::markdown::{code, head, paragraphs, section};

/// The page.
pub(super) fn page() -> String {
    let picture = format!("\n```text\n{}\n```\n", picture());
    let keys = section("Keys", &["key", "what it does"], &keys());
    head("The menu", INTRODUCTION) + &picture + &keys + "\n" + &paragraphs(NOTES)
}

const INTRODUCTION: &str = "\
Text on every console that the firmware offers, a serial one included. Each entry shows its version, the \
tries that are left and whether it failed; lines that begin with `!` say what is wrong.";

const NOTES: &str = "\
Keys, clicks and the wheel of a mouse stop the countdown; time, a mouse that moves or a resized terminal do not. A \
click chooses an entry, another click on it starts it; a click on a tool does what its key does, and a click beside a \
card closes it. Leaving by F2, F10 or F12 is no failed boot: see [Health](../explain/health.md). F2 asks the firmware to open its set-up screen at \
the next start, and says so where the firmware cannot do that.

A changed command line holds for one start and is not stored. Policy decides whether it can be changed: \
[`security.editor`](policy.md), and may ask for a [password](../how-to/protect-the-editor.md) first. What `d`, `o`, `+` and `-` change is stored where `bootctl` stores it: \
[UEFI variables](variables.md).";

/// The menu of a machine with two kernels, as it is drawn.
#[must_use]
pub fn picture() -> String {
    let header = Header { version: VERSION.to_owned(), machine: "Secure Boot off, x86_64".to_owned() };
    let items = [("Debian GNU/Linux 13 (trixie)", "6.12.43"), ("Debian GNU/Linux 12 (bookworm)", "6.1.148")];
    let items = items.map(|(title, version)| Item {
        title: title.to_owned(),
        remark: version.to_owned(),
        options: String::new(),
        ignores_changes: false,
        failed: false,
        badge: Badge::Linux,
        is_default: false,
        is_next: false,
        never_default: false,
        group: None,
        details: Vec::new(),
    });
    let countdown = Countdown { from: Micros(0), until: Micros(5_000_000) };
    let model = Model::new(header, items.to_vec(), 0, Some(countdown));
    text::paint(&model.view(Micros(0)), Size { columns: 80, rows: 10 }).to_text()
}

fn keys() -> Vec<Vec<String>> {
    HELP.iter().map(|(key, what)| vec![code(key), (*what).to_owned()]).collect()
}
