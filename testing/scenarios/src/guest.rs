// SPDX-License-Identifier: MIT OR Apache-2.0
//! The distribution's own system, started by a boot loader and asked for its opinion of it.

use crate::WithLamboot;
use anyhow::{Context as _, ensure};
use lamboot_vm::{Arch, ArchArtifacts, DiskImage, Ending, Lab, Machine, MachineBuilder};
use std::time::Duration;

/// The longest time that a start may take; two processors need about twenty seconds.
const START: Duration = Duration::from_secs(240);
/// The longest time that a scenario with a few starts may take.
const SCENARIO: Duration = Duration::from_secs(1200);
/// Kernel options of every entry.
const OPTIONS: &str = "root=/dev/vdb rw console=ttyS0 quiet systemd.show_status=0";

/// A system that runs, with a shell on its serial console.
///
/// Each restart switches the machine off and on again. A reset leaves QEMU's emulation with the translated
/// code of the system before it, half a million pieces and more. A write into the memory of any of them is
/// slow until it is dropped, so the firmware clears and copies memory many times slower where the system
/// before was: on a busy host that looks like a hang of firmware or loader. Disk and variables outlive a
/// restart; the system's root begins as it was made, and the TPM anew.
pub struct Guest<'lab> {
    machine: MachineBuilder<'lab>,
    vm: Machine,
}

/// What a command left behind.
#[derive(Debug)]
pub struct Answer {
    /// What it wrote.
    pub text: String,
    /// Its exit status.
    pub status: u32,
}

/// Adds the system's kernel and entries for it.
pub trait WithGuest: Sized {
    /// Adds kernel and initrd as `/debian/linux` and `/debian/initrd`.
    ///
    /// # Errors
    /// When the system has not been made.
    fn guest(self, built: &ArchArtifacts) -> lamboot_vm::Result<Self>;

    /// Adds an entry for them that tells its name in the kernel's options, as `entry=NAME`.
    #[must_use]
    fn guest_entry(self, file_name: &str, name: &str, version: &str) -> Self;
}

impl WithGuest for DiskImage {
    fn guest(self, built: &ArchArtifacts) -> lamboot_vm::Result<Self> {
        let (kernel, initrd) = (built.guest("vmlinuz")?, built.guest("initrd.img")?);
        Ok(self.esp(160).file("/debian/linux", kernel).file("/debian/initrd", initrd))
    }

    fn guest_entry(self, file_name: &str, name: &str, version: &str) -> Self {
        let text = format!(
            "title Debian {name}\nsort-key debian\nversion {version}\nlinux /debian/linux\n\
             initrd /debian/initrd\noptions {OPTIONS} entry={name}\n"
        );
        self.entry(file_name, &text)
    }
}

impl<'lab> Guest<'lab> {
    /// Starts a machine with this disk, and waits for the system's shell.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn start(lab: &'lab mut Lab, built: &ArchArtifacts, image: DiskImage) -> anyhow::Result<Self> {
        lab.set_time_limit(SCENARIO);
        let lab: &'lab Lab = lab;
        let disk = lab.disk(image)?;
        let store = lab.variable_store(Arch::X86_64)?;
        let machine = lab.machine(Arch::X86_64).memory_mib(1024).processors(2).tpm().entropy().disk(&disk);
        let machine = machine.scratch_disk(&built.guest("root.img")?)?.variable_store(&store).no_reboot();
        let vm = machine.clone().cold()?;
        let guest = Self { machine, vm };
        guest.wait_for_shell()?;
        Ok(guest)
    }

    /// The machine, for keys and its console.
    pub fn machine(&mut self) -> &mut Machine {
        &mut self.vm
    }

    /// Waits for the shell of a system that is starting.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn wait_for_shell(&self) -> anyhow::Result<()> {
        self.vm.serial().wait_at_most(START, "root@guest:~#")?;
        // No line editing and no echo: what the console then says is what commands say.
        let quiet =
            "set +o emacs; stty -echo; PS1=; export TERM=dumb LC_ALL=C.UTF-8 SYSTEMD_PAGER= SYSTEMD_COLORS=0";
        self.vm.serial().send(format!("{quiet}; echo SHELL''-READY\n").as_bytes())?;
        self.vm.serial().wait_for("SHELL-READY")?;
        Ok(())
    }

    /// Runs a command; whatever it returns is an answer.
    ///
    /// # Errors
    /// When it does not end.
    pub fn ask(&self, command: &str) -> anyhow::Result<Answer> {
        self.vm.serial().send(format!("{{ {command}; }} 2>&1; echo ENDED''-WITH=$?.\n").as_bytes())?;
        let text = self.vm.serial().wait_for("ENDED-WITH=")?;
        let status = self.vm.serial().wait_for(".")?;
        let status =
            status.trim_end_matches('.').parse().with_context(|| format!("{status:?} is no status"))?;
        let text = text.trim_end_matches("ENDED-WITH=").replace('\r', "");
        Ok(Answer { text, status })
    }

    /// Runs a command that must succeed; what it wrote.
    ///
    /// # Errors
    /// When it fails.
    pub fn run(&self, command: &str) -> anyhow::Result<String> {
        let answer = self.ask(command)?;
        ensure!(answer.status == 0, "`{command}` ended with {}:\n{}", answer.status, answer.text);
        Ok(answer.text)
    }

    /// Has the system restart by this command, and waits for the next one's shell.
    ///
    /// # Errors
    /// When it does not come up again.
    pub fn restart(&mut self, command: &str) -> anyhow::Result<()> {
        self.begin_restart(command)?;
        self.wait_for_shell()
    }

    /// Has the system restart, and does not wait for the next one. The console begins anew.
    ///
    /// # Errors
    /// When it does not end.
    pub fn begin_restart(&mut self, command: &str) -> anyhow::Result<()> {
        self.vm.serial().send(format!("{command}\n").as_bytes())?;
        self.vm.serial().wait_for("reboot: Restarting system")?;
        let ending = self.vm.wait_end()?;
        ensure!(ending == Ending::PoweredOff, "the machine ended with {ending:?}");
        self.vm = self.machine.clone().cold()?;
        Ok(())
    }

    /// Which entry this system was started from, by its kernel's options.
    ///
    /// # Errors
    /// When the options name none.
    pub fn entry(&self) -> anyhow::Result<String> {
        let options = self.run("cat /proc/cmdline")?;
        let name = options.split_whitespace().find_map(|word| word.strip_prefix("entry="));
        name.map(String::from).with_context(|| options.clone())
    }
}
