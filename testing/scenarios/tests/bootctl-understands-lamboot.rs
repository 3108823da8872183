// SPDX-License-Identifier: MIT OR Apache-2.0
//! `bootctl`, `systemctl`, `systemd-analyze`, `systemd-bless-boot` and `kernel-install` of an unmodified
//! system do with LamBoot what they do with systemd-boot.

use anyhow::ensure;
use lamboot_scenarios::guest::{Guest, WithGuest};
use lamboot_scenarios::{HIDDEN_MENU, WithLamboot, disk_with_lamboot};
use lamboot_vm::Arch;

#[test]
fn bootctl_understands_lamboot() -> anyhow::Result<()> {
    let mut lab = lamboot_vm::Lab::new("bootctl-understands-lamboot")?;
    let built = lab.artifacts()?.arch(Arch::X86_64);
    let image = disk_with_lamboot(&built)?
        .policy(HIDDEN_MENU)
        .guest(&built)?
        .guest_entry("new+3-0.conf", "new", "6.2")
        .guest_entry("old.conf", "old", "6.1")
        .file("/loader/random-seed", vec![7; 32]);
    let mut guest = Guest::start(&mut lab, &built, image)?;
    status_names_the_loader(&guest)?;
    the_list_is_complete(&guest)?;
    times_are_sane(&guest)?;
    the_boot_is_blessed(&guest)?;
    entries_start_once_and_by_default(&mut guest)?;
    a_restart_asks_for_an_entry(&mut guest)?;
    a_restart_asks_for_the_menu(&mut guest)?;
    an_installed_kernel_starts(&guest)?;
    lab.passed();
    Ok(())
}

fn status_names_the_loader(guest: &Guest<'_>) -> anyhow::Result<()> {
    let status = guest.run("bootctl status")?;
    ensure!(status.contains("Product: LamBoot "), "{status}");
    for feature in [
        "✓ Boot counting",
        "✓ Menu timeout control",
        "✓ One-shot menu timeout control",
        "✓ Default entry control",
        "✓ One-shot entry control",
        "✓ Support for XBOOTLDR partition",
        "✓ Support for passing random seed to OS",
        "✓ Support Type #1 sort-key field",
        "✓ Support @saved pseudo-entry",
        "✓ Boot loader sets ESP information",
    ] {
        ensure!(status.contains(feature), "{feature} is missing:\n{status}");
    }
    ensure!(status.contains("/EFI/BOOT/BOOTX64.EFI"), "{status}");
    Ok(())
}

fn the_list_is_complete(guest: &Guest<'_>) -> anyhow::Result<()> {
    let list = guest.run("bootctl list")?;
    ensure!(list.contains("Debian new (default) (selected)"), "{list}");
    ensure!(list.contains("id: old.conf") && list.contains("id: auto-reboot-to-firmware-setup"), "{list}");
    ensure!(!list.contains("not reported"), "{list}");
    Ok(())
}

fn times_are_sane(guest: &Guest<'_>) -> anyhow::Result<()> {
    guest.run("systemctl is-system-running --wait || true")?;
    let times = guest.run("systemd-analyze time")?;
    let seconds = |what: &str| {
        let words: Vec<&str> = times.split_whitespace().collect();
        let at = words.iter().position(|word| *word == what)?;
        let value = words.get(at.checked_sub(1)?)?;
        match value.strip_suffix("ms") {
            Some(milliseconds) => Some(milliseconds.parse::<f64>().ok()? / 1000.0),
            None => value.strip_suffix('s')?.parse().ok(),
        }
    };
    let (firmware, loader) = (seconds("(firmware)"), seconds("(loader)"));
    ensure!(firmware.is_some_and(|time| time > 0.0 && time < 120.0), "{times}");
    ensure!(loader.is_some_and(|time| time > 0.0 && time < 60.0), "{times}");
    Ok(())
}

fn the_boot_is_blessed(guest: &Guest<'_>) -> anyhow::Result<()> {
    let counted = guest.run("tr -d '\\0' < /sys/firmware/efi/efivars/LoaderBootCountPath-*")?;
    ensure!(counted.contains(r"\loader\entries\new+2-1.conf"), "the loader counted the start: {counted}");
    let files = guest.run("systemctl start systemd-bless-boot.service; ls /efi/loader/entries")?;
    ensure!(files.contains("new.conf"), "and the system took the counter away: {files}");
    Ok(())
}

fn entries_start_once_and_by_default(guest: &mut Guest<'_>) -> anyhow::Result<()> {
    ensure!(guest.entry()? == "new");
    guest.run("bootctl set-oneshot old.conf")?;
    let seed = guest.run("sha256sum /efi/loader/random-seed")?;
    guest.restart("systemctl reboot")?;
    let messages = guest.run("dmesg")?;
    ensure!(messages.contains(" RNG=0x"), "the kernel was given a seed: {messages}");
    ensure!(guest.run("sha256sum /efi/loader/random-seed")? != seed, "and its file was renewed");
    ensure!(guest.entry()? == "old", "a one-shot entry starts");
    guest.run("bootctl set-default old.conf; ! ls /sys/firmware/efi/efivars/LoaderEntryOneShot-*")?;
    guest.restart("systemctl reboot")?;
    ensure!(guest.entry()? == "old", "the default starts");
    let list = guest.run("bootctl list")?;
    ensure!(list.contains("Debian old (default) (selected)"), "{list}");
    guest.run("bootctl set-default ''")?;
    Ok(())
}

fn a_restart_asks_for_an_entry(guest: &mut Guest<'_>) -> anyhow::Result<()> {
    let entries = guest.run("systemctl reboot --boot-loader-entry=help")?;
    ensure!(entries.contains("new.conf") && entries.contains("old.conf"), "{entries}");
    guest.restart("systemctl reboot --boot-loader-entry=old.conf")?;
    ensure!(guest.entry()? == "old", "systemctl chose the entry");
    Ok(())
}

fn a_restart_asks_for_the_menu(guest: &mut Guest<'_>) -> anyhow::Result<()> {
    guest.begin_restart("systemctl reboot --boot-loader-menu=0")?;
    let serial = guest.machine().serial();
    serial.wait_for("> Debian new")?;
    serial.send(b"\r")?;
    guest.wait_for_shell()?;
    ensure!(guest.entry()? == "new", "the menu waited, and Enter started what was selected");
    Ok(())
}

fn an_installed_kernel_starts(guest: &Guest<'_>) -> anyhow::Result<()> {
    guest.run(
        "mkdir -p /etc/kernel; echo 'root=/dev/vdb rw console=ttyS0 entry=installed' > /etc/kernel/cmdline",
    )?;
    guest.run("mkdir -p /efi/$(cat /etc/machine-id); kernel-install add 9.9-test /boot/vmlinuz-*")?;
    let entry = guest.run("cd /efi/loader/entries; ls *9.9-test.conf; cd")?;
    guest.run(&format!("bootctl set-oneshot {}", entry.trim()))?;
    let list = guest.run("bootctl list")?;
    ensure!(list.contains(entry.trim()), "{list}");
    Ok(())
}
