// SPDX-License-Identifier: MIT OR Apache-2.0
//! The command line editor in whole boots.

use lamboot_core::facts::SecureBoot;
use lamboot_core::ports::Key;
use lamboot_sim::{Boot, Machine};
use pe_image::Builder;
use pe_image::headers::MACHINE_X64;

/// Types text; a newline is Enter.
fn type_in(machine: &mut Machine, text: &str) {
    let keys: Vec<Key> = text.chars().map(|c| if c == '\n' { Key::Enter } else { Key::Char(c) }).collect();
    machine.press(&keys);
}

fn saw(boot: &Boot, words: &str) -> bool {
    boot.frames.iter().any(|frame| frame.split_whitespace().collect::<Vec<_>>().join(" ").contains(words))
}

/// A unified kernel image, with a command line of its own in each of two profiles.
fn uki() -> Vec<u8> {
    let base = Builder::new(MACHINE_X64)
        .section(".linux", "a kernel")
        .section(".osrel", "ID=debian\nPRETTY_NAME=Debian\nVERSION_ID=13\n")
        .section(".cmdline", "root=/dev/sda2");
    let profiles = ["ID=main\nTITLE=Main\n", "ID=reset\nTITLE=Reset\n"];
    profiles.iter().fold(base, |image, profile| image.section(".profile", profile)).build()
}

fn with_uki(secure_boot: SecureBoot, policy: &str) -> Machine {
    let mut machine = Machine::new();
    machine.esp.put(r"\EFI\Linux\debian.efi", uki());
    machine.policy(policy);
    machine.facts.secure_boot = secure_boot;
    machine
}

#[test]
fn an_edit_keeps_the_profile_of_the_image() {
    let mut machine = with_uki(SecureBoot::Off, "");
    machine.press(&[Key::Down]);
    type_in(&mut machine, "e 1\n");
    let boot = machine.boot();
    assert!(saw(&boot, "root=/dev/sda2 1"));
    assert_eq!(boot.options, "@1 root=/dev/sda2 1");
}

#[test]
fn under_secure_boot_nobody_edits_an_image_with_its_own_command_line_in_vain() {
    let mut machine = with_uki(SecureBoot::On, "[security]\neditor = \"always\"\n");
    type_in(&mut machine, "e");
    let boot = machine.boot();
    assert!(saw(&boot, "While Secure Boot is on, this image heeds its own command line only."));
    assert!(!saw(&boot, "Command line for this start"));
}
