// SPDX-License-Identifier: MIT OR Apache-2.0
//! On a display of another size the menu fills it, in the colours that policy names; an entry that policy
//! refuses says so beside the list.

use lamboot_scenarios::{WithLamboot, disk_with_lamboot, expect_started, picture};
use lamboot_vm::{Arch, Key, scenario};

const POLICY: &str = r#"default_timeout_ms = 0

[security]
denylist = ['\1\*']

[ui]
theme = "light"
"#;

#[test]
fn menu_follows_screen_and_theme() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let image = disk_with_lamboot(&built)?
            .policy(POLICY)
            .reading_entry(&built, "reader-1.conf", "1")?
            .reading_entry(&built, "reader-2.conf", "2")?;
        let disk = lab.disk(image)?;
        let mut vm = lab.machine(Arch::X86_64).vga_of_size(1024, 768).disk(&disk).cold()?;
        vm.serial().wait_for("> Reader 2")?;
        vm.press(Key::Down)?;
        vm.serial().wait_for("> Reader 1")?;
        vm.press(Key::Enter)?;
        vm.serial().wait_for("the denylist in policy.toml names this image")?;
        vm.press(Key::Down)?;
        vm.serial().wait_for("> Reader 1")?;
        let shown = vm.screenshot("menu")?;
        picture::compare(&shown, "refused-light")?;
        vm.press(Key::Up)?;
        vm.press(Key::Enter)?;
        expect_started(&mut vm, "2")
    })
}
