// SPDX-License-Identifier: MIT OR Apache-2.0
//! OVMF and its sibling for aarch64 have a driver neither for a USB tablet nor for a USB mouse. Both work in the menu: moving does not
//! stop the countdown, a click chooses an entry, and another one starts it.

use lamboot_scenarios::{WithLamboot, disk_with_lamboot};
use lamboot_vm::{Arch, ArchArtifacts, Lab, Machine, PointingDevice, scenario};

const POLICY: &str = "default_timeout_ms = 60000\n";
/// The second entry's place on the screen, from its upper left corner on.
const SECOND: (f64, f64) = (0.2, 0.17);

fn start(lab: &Lab, built: &ArchArtifacts, device: PointingDevice) -> anyhow::Result<Machine> {
    let image = disk_with_lamboot(built)?
        .policy(POLICY)
        .reading_entry(built, "reader-1.conf", "1")?
        .reading_entry(built, "reader-2.conf", "2")?;
    let disk = lab.disk(image)?;
    let mut vm = lab.machine(built.arch()).vga().pointing(device).disk(&disk).cold()?;
    expect_countdown(&vm, 59)?;
    vm.wait_pointing()?;
    Ok(vm)
}

/// The countdown goes on, down to so many seconds.
fn expect_countdown(vm: &Machine, seconds: u32) -> anyhow::Result<()> {
    vm.serial().wait_for(&*format!("Starting \"Reader 2\" in {seconds} s."))?;
    Ok(())
}

/// A click on the entry that the pointer is on chooses it, and another one starts it.
fn click_twice(vm: &mut Machine) -> anyhow::Result<()> {
    vm.click()?;
    vm.serial().wait_for("> Reader 1")?;
    vm.click()?;
    vm.serial().wait_for("INITRD: options \"entry=1\"")?;
    Ok(())
}

/// A tablet's pointer over the menu and to its second entry.
fn point_and_click(vm: &mut Machine) -> anyhow::Result<()> {
    for step in 0..20 {
        vm.point_at(1.0 - f64::from(step) / 20.0, 0.9)?;
    }
    expect_countdown(vm, 57)?;
    vm.point_at(SECOND.0, SECOND.1)?;
    expect_countdown(vm, 55)?;
    click_twice(vm)
}

#[test]
fn mouse_works_without_a_firmware_driver() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let mut vm = start(lab, &built, PointingDevice::Tablet)?;
        point_and_click(&mut vm)
    })
}

#[test]
fn tablet_works_on_aarch64_too() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::Aarch64);
        let mut vm = start(lab, &built, PointingDevice::Tablet)?;
        point_and_click(&mut vm)
    })
}

#[test]
fn mouse_that_tells_ways_works_too() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let mut vm = start(lab, &built, PointingDevice::Mouse)?;
        // Into the upper left corner, from wherever it is.
        vm.move_by(-3000, -3000)?;
        expect_countdown(&vm, 57)?;
        // A count is a pixel on a screen of 800 rows.
        vm.move_by((SECOND.0 * 1280.0) as i32, (SECOND.1 * 800.0) as i32)?;
        expect_countdown(&vm, 55)?;
        click_twice(&mut vm)
    })
}
