// SPDX-License-Identifier: MIT OR Apache-2.0
//! The editor's password: whether the editor opens, and how often somebody may guess.

use super::Session;
use crate::menu::{Editing, Model, Typed};
use crate::policy::EditorPassword;
use alloc::format;
use alloc::string::String;
use lamboot_schema::trust_log::{Event, Status};

/// Wrong passwords of one boot. Who wants to guess on has to start the machine again, which takes
/// longer than any delay that an owner would put up with.
const MAX_WRONG: u8 = 5;

impl Session<'_, '_> {
    /// Whether the editor may be opened.
    pub(super) fn editing(&self) -> Editing {
        match &self.policy.editor_password {
            _ if !self.settings.editor => {
                Editing::Forbidden("It cannot be edited: policy, loader.conf or Secure Boot forbids it.")
            }
            EditorPassword::None => Editing::Open,
            _ if self.wrong_passwords >= MAX_WRONG => Editing::Forbidden(
                "Too many wrong passwords: the editor stays closed until the next restart.",
            ),
            EditorPassword::Hash(_) | EditorPassword::Unreadable => Editing::Locked,
        }
    }

    /// Opens the editor if this is its password. Either way the log says so, at once: power may be
    /// cut to hide it.
    pub(super) fn unlock(&mut self, typed: &Typed, model: &mut Model) {
        model.answer = "One moment: the password is checked.".into();
        let now = self.now();
        self.show(model, now);
        if self.is_password(typed) {
            self.note(Event::EditorPassword, Status::Success, "the right one");
            model.unlock();
        } else {
            self.wrong_passwords = self.wrong_passwords.saturating_add(1);
            let note = format!("a wrong one, {} of {MAX_WRONG}", self.wrong_passwords);
            self.note(Event::EditorPassword, Status::Rejected, note);
            model.editing = self.editing();
            model.answer = self.wrong_password();
        }
        self.flush();
    }

    fn is_password(&mut self, typed: &Typed) -> bool {
        self.expect_a_pause();
        match &self.policy.editor_password {
            EditorPassword::Hash(hash) => hash.is_of(typed.text()),
            EditorPassword::None | EditorPassword::Unreadable => false,
        }
    }

    fn wrong_password(&self) -> String {
        match MAX_WRONG.saturating_sub(self.wrong_passwords) {
            0 => "That is not the password. The editor stays closed until the next restart.".into(),
            1 => "That is not the password. One more try.".into(),
            left => format!("That is not the password. {left} more tries."),
        }
    }
}
