// SPDX-License-Identifier: MIT OR Apache-2.0
//! A scenario that waits in vain fails in time, repeats the console, and keeps disk, command and logs.

use std::{fs, time::Duration};

use lamboot_vm::{Arch, DiskImage, Lab, VmError};

#[test]
fn waiting_in_vain_keeps_the_logs() -> anyhow::Result<()> {
    let lab = Lab::new("waiting-in-vain")?;
    let built = lab.artifacts()?.arch(Arch::X86_64);
    let image = DiskImage::gpt().file(Arch::X86_64.removable_path(), built.probe("reports-keys")?);
    let vm = lab.machine(Arch::X86_64).disk(&lab.disk(image)?).resume()?;
    vm.serial().wait_for("KEYS: ready")?;
    let Err(VmError::Timeout { tail, .. }) = vm.serial().wait_at_most(Duration::from_millis(200), "never")
    else {
        anyhow::bail!("waiting for nothing ended in something else");
    };
    anyhow::ensure!(tail.contains("KEYS: ready"), "{tail}");
    vm.power_cut();
    let running = lab.folder().to_path_buf();
    drop(lab);
    anyhow::ensure!(!running.exists());
    let kept =
        running.ancestors().nth(2).map(|target| target.join("vm-logs/waiting-in-vain")).unwrap_or_default();
    anyhow::ensure!(kept.join("disk1.img").exists());
    let machine =
        fs::read_dir(&kept)?.flatten().map(|entry| entry.path()).find(|path| path.join("command").exists());
    let machine = machine.ok_or_else(|| anyhow::anyhow!("no machine's folder in {}", kept.display()))?;
    anyhow::ensure!(fs::read_to_string(machine.join("serial.log"))?.contains("KEYS: ready"));
    fs::remove_dir_all(kept)?;
    Ok(())
}
