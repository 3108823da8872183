// SPDX-License-Identifier: MIT OR Apache-2.0
//! With a graphics card the menu is a picture; the serial line shows the same at the same time, and the
//! keyboard of either works.

use lamboot_scenarios::{WAITING_MENU, WithLamboot, disk_with_lamboot, expect_started, picture};
use lamboot_vm::{Arch, Key, scenario};

#[test]
fn graphical_menu_and_serial_show_the_same() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let image = disk_with_lamboot(&built)?
            .policy(WAITING_MENU)
            .reading_entry(&built, "reader-1.conf", "1")?
            .reading_entry(&built, "reader-2.conf", "2")?
            .entry("greek.conf", "title Ελληνικά и Русский\nsort-key z\nlinux /1/reader.efi\n")
            .entry("half.conf", "title Half\nlin");
        let disk = lab.disk(image)?;
        let mut vm = lab.machine(Arch::X86_64).vga().disk(&disk).cold()?;
        vm.serial().wait_for("> Reader 2")?;
        vm.serial().wait_for("1 not offered")?;
        let text = vm.serial().text();
        anyhow::ensure!(text.matches("> Reader 2").count() == 1, "each console is written once: {text}");
        let shown = vm.screenshot("menu")?;
        picture::compare(&shown, "menu")?;
        vm.press(Key::Down)?;
        vm.serial().wait_for("> Reader 1")?;
        vm.serial().send(b"\r")?;
        expect_started(&mut vm, "1")
    })
}
