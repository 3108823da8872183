// SPDX-License-Identifier: MIT OR Apache-2.0
//! Keys of the PC keyboard and bytes on the serial line arrive as keys, and the screen can be pictured.

use lamboot_scenarios::PROBE_DONE;
use lamboot_vm::{Arch, DiskImage, Ending, Key, scenario};

#[test]
fn keys_reach_the_firmware() -> anyhow::Result<()> {
    scenario(|lab| {
        let built = lab.artifacts()?.arch(Arch::X86_64);
        let image = DiskImage::gpt().file(Arch::X86_64.removable_path(), built.probe("reports-keys")?);
        let mut vm = lab.machine(Arch::X86_64).vga().disk(&lab.disk(image)?).resume()?;
        vm.serial().wait_for("KEYS: ready")?;
        let pressed = [
            (Key::Down, "scan 0x02"),
            (Key::F(1), "scan 0x0b"),
            (Key::F(12), "scan 0x16"),
            (Key::Char('E'), "character 0x0045"),
            (Key::Enter, "character 0x000d"),
        ];
        for (key, reported) in pressed {
            vm.press(key)?;
            vm.serial().wait_for(format!("KEYS: {reported}"))?;
        }
        for (bytes, reported) in [(&b"q"[..], "character 0x0071"), (b"\x1b[A", "scan 0x01")] {
            vm.serial().send(bytes)?;
            vm.serial().wait_for(format!("KEYS: {reported}"))?;
        }
        let picture = std::fs::read(vm.screenshot("screen")?)?;
        anyhow::ensure!(picture.starts_with(b"\x89PNG"), "not a PNG picture");
        anyhow::ensure!(vm.serial().screen().contains("KEYS: ready"), "{}", vm.serial().screen());
        vm.press(Key::Escape)?;
        anyhow::ensure!(vm.wait_end()? == Ending::ExitPort(PROBE_DONE));
        Ok(())
    })
}
