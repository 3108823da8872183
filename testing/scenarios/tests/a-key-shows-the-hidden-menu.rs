// SPDX-License-Identifier: MIT OR Apache-2.0
//! A hidden menu appears for whoever pressed a key before LamBoot started or holds Shift; a disabled one
//! never does, and a forced one waits.

use lamboot_scenarios::{HIDDEN_MENU, WithLamboot, disk_with_lamboot, expect_started};
use lamboot_vm::{Arch, Key, Lab, Machine, scenario};
use std::thread::sleep;
use std::time::Duration;

/// How long the firmware may take to notice a key; its drivers look 50 times a second.
const NOTICE: Duration = Duration::from_millis(500);
/// Longer than the default countdown and the watchdog.
const LONG: Duration = Duration::from_secs(20);

/// A policy or a `loader.conf`.
#[derive(Clone, Copy)]
enum Menu {
    Hidden,
    Disabled,
    Forced,
}

/// Which keyboard the machine has.
#[derive(Clone, Copy, PartialEq)]
enum Keyboard {
    Ps2,
    Usb,
}

/// What happens to the keyboard before LamBoot starts.
#[derive(Clone, Copy, PartialEq)]
enum Before {
    Nothing,
    HoldShift,
    PressSpace,
}

/// Starts LamBoot after this was done to the keyboard.
fn start(lab: &Lab, menu: Menu, keyboard: Keyboard, before: Before) -> anyhow::Result<Machine> {
    let built = lab.artifacts()?.arch(Arch::X86_64);
    let image = disk_with_lamboot(&built)?.reading_entry(&built, "reader-1.conf", "1")?;
    let image = match menu {
        Menu::Hidden => image.policy(HIDDEN_MENU),
        Menu::Disabled => image.file("/loader/loader.conf", "timeout menu-disabled\n"),
        Menu::Forced => image.file("/loader/loader.conf", "timeout menu-force\n"),
    };
    let machine = lab.machine(Arch::X86_64).disk(&lab.disk(image)?);
    let machine = if keyboard == Keyboard::Usb { machine.usb_keyboard() } else { machine };
    let mut vm = machine.resume_at_launcher()?;
    if before == Before::HoldShift {
        vm.hold(Key::Shift)?;
        sleep(NOTICE);
    }
    // The launcher takes the first key of any console and leaves the others. They go in one write: a
    // machine that shows no menu may be gone before a second one.
    vm.serial().send(if before == Before::PressSpace { b"g " } else { b"g" })?;
    Ok(vm)
}

/// The menu is there, is there after this time without a countdown, and starts what is chosen.
fn expect_menu(mut vm: Machine, after: Duration) -> anyhow::Result<()> {
    vm.serial().wait_for("> Reader 1")?;
    sleep(after);
    let screen = vm.serial().screen();
    anyhow::ensure!(screen.contains("> Reader 1") && !screen.contains("Starting"), "{screen}");
    vm.serial().send(b"\r")?;
    expect_started(&mut vm, "1")
}

/// The entry starts at once, and no menu was seen.
fn expect_no_menu(mut vm: Machine) -> anyhow::Result<()> {
    expect_started(&mut vm, "1")?;
    anyhow::ensure!(!vm.serial().text().contains("LamBoot 0."), "{}", vm.serial().text());
    Ok(())
}

#[test]
fn a_key_shows_the_hidden_menu() -> anyhow::Result<()> {
    scenario(|lab| {
        for keyboard in [Keyboard::Ps2, Keyboard::Usb] {
            expect_no_menu(start(lab, Menu::Hidden, keyboard, Before::Nothing)?)?;
            expect_menu(start(lab, Menu::Hidden, keyboard, Before::HoldShift)?, Duration::ZERO)?;
            expect_no_menu(start(lab, Menu::Disabled, keyboard, Before::HoldShift)?)?;
        }
        expect_menu(start(lab, Menu::Hidden, Keyboard::Ps2, Before::PressSpace)?, Duration::ZERO)?;
        expect_no_menu(start(lab, Menu::Disabled, Keyboard::Ps2, Before::PressSpace)?)?;
        expect_menu(start(lab, Menu::Forced, Keyboard::Ps2, Before::Nothing)?, LONG)
    })
}
