// SPDX-License-Identifier: MIT OR Apache-2.0
//! One test's place to work: a folder of its own, a time limit, and logs that stay only on failure.

use std::{
    env, fs,
    fs::File,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use crate::{Arch, Artifacts, DiskImage, MachineBuilder, Result, disk::Disk, error::Doing, workspace};

/// How long one scenario may take.
const TIME_LIMIT: Duration = Duration::from_secs(240);

/// A scenario's folder and deadline; hands out disks and machines.
#[derive(Debug)]
pub struct Lab {
    name: String,
    folder: PathBuf,
    /// Held while the folder is in use, so that others can tell a live folder from a stale one.
    _lock: File,
    deadline: Instant,
    parts: AtomicUsize,
    passed: AtomicBool,
}

/// Runs one scenario named after the test file, and keeps its logs if it fails.
///
/// Logs, disks and commands of a failed scenario stay in `target/vm-logs/<name>/`, whose path is
/// printed; a passed one leaves nothing.
///
/// # Errors
/// Whatever the scenario returns, or the reason why its folder could not be made.
///
/// ```no_run
/// use lamboot_vm::{Arch, Artifacts, DiskImage, scenario, VmError};
///
/// fn firmware_starts_the_removable_path() -> Result<(), VmError> {
///     scenario(|lab| {
///         let artifacts = Artifacts::locate()?.arch(Arch::X86_64);
///         let disk = lab.disk(DiskImage::gpt().file(Arch::X86_64.removable_path(), artifacts.probe("returns-error")?))?;
///         let vm = lab.machine(Arch::X86_64).disk(&disk).resume()?;
///         vm.serial().wait_for("LAUNCHER: returned ABORTED")?;
///         Ok(())
///     })
/// }
/// ```
pub fn scenario<E: From<crate::VmError>>(test: impl FnOnce(&Lab) -> Result<(), E>) -> Result<(), E> {
    let lab = Lab::new(&test_name())?;
    let outcome = test(&lab);
    if outcome.is_ok() {
        lab.passed();
    }
    outcome
}

impl Lab {
    /// Makes a folder for the scenario `name` and removes those that killed tests left behind.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn new(name: &str) -> Result<Self> {
        let all = workspace::target_dir().join("vm-run");
        fs::create_dir_all(&all).doing(|| format!("create {}", all.display()))?;
        remove_stale(&all);
        let folder = all.join(format!("{name}-{}-{}", std::process::id(), next_number()));
        fs::create_dir_all(&folder).doing(|| format!("create {}", folder.display()))?;
        let lock = claim(&folder)?;
        Ok(Self {
            name: name.into(),
            folder,
            _lock: lock,
            deadline: Instant::now() + TIME_LIMIT,
            parts: AtomicUsize::new(1),
            passed: AtomicBool::new(false),
        })
    }

    /// The scenario's folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// When the scenario has to be over.
    #[must_use]
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Gives the scenario another time limit, counted from now.
    pub fn set_time_limit(&mut self, limit: Duration) {
        self.deadline = Instant::now() + limit;
    }

    /// Everything that was built for the guests.
    ///
    /// # Errors
    /// [`crate::VmError::MissingArtifact`] when nothing has been built.
    pub fn artifacts(&self) -> Result<Artifacts> {
        Artifacts::locate()
    }

    /// Writes a disk image into the scenario's folder.
    ///
    /// # Errors
    /// When the contents do not fit, or the file cannot be written.
    pub fn disk(&self, image: DiskImage) -> Result<Disk> {
        image.build(&self.folder.join(format!("disk{}.img", self.next_part())))
    }

    /// A copy of the firmware's empty variable store, for machines that are started more than once.
    ///
    /// # Errors
    /// When the firmware is not installed or the copy cannot be written.
    pub fn variable_store(&self, arch: Arch) -> Result<PathBuf> {
        let path = self.folder.join(format!("variables{}.fd", self.next_part()));
        let template = crate::Firmware::find(arch)?.variables;
        fs::copy(&template, &path).doing(|| format!("copy {}", template.display()))?;
        Ok(path)
    }

    /// Starts to describe a machine.
    #[must_use]
    pub fn machine(&self, arch: Arch) -> MachineBuilder<'_> {
        MachineBuilder::new(self, arch)
    }

    /// Says that the scenario went well and that nothing of it is worth keeping.
    pub fn passed(&self) {
        self.passed.store(true, Ordering::Relaxed);
    }

    /// A new folder for one machine's files.
    ///
    /// # Errors
    /// When it cannot be made.
    pub(crate) fn machine_folder(&self) -> Result<PathBuf> {
        self.part_folder("vm")
    }

    /// A new folder for a part of this kind.
    ///
    /// # Errors
    /// When it cannot be made.
    pub(crate) fn part_folder(&self, kind: &str) -> Result<PathBuf> {
        let folder = self.folder.join(format!("{kind}{}", self.next_part()));
        fs::create_dir(&folder).doing(|| format!("create {}", folder.display()))?;
        Ok(folder)
    }

    fn next_part(&self) -> usize {
        self.parts.fetch_add(1, Ordering::Relaxed)
    }

    /// Where this scenario's logs go when it fails.
    fn kept(&self) -> PathBuf {
        workspace::target_dir().join("vm-logs").join(&self.name)
    }

    fn keep(&self) -> Result<PathBuf> {
        let kept = self.kept();
        let logs = kept.parent().unwrap_or(&kept);
        fs::create_dir_all(logs).doing(|| format!("create {}", logs.display()))?;
        let _none_before = fs::remove_dir_all(&kept);
        fs::rename(&self.folder, &kept).doing(|| format!("keep {}", kept.display()))?;
        Ok(kept)
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        if self.passed.load(Ordering::Relaxed) && !thread::panicking() {
            let _swept_next_time = fs::remove_dir_all(&self.folder);
            let _none_from_an_earlier_failure = fs::remove_dir_all(self.kept());
            return;
        }
        match self.keep() {
            Ok(kept) => eprintln!("logs of {} are in {}", self.name, kept.display()),
            Err(error) => eprintln!("logs of {} are in {} ({error})", self.name, self.folder.display()),
        }
    }
}

/// Marks a folder as in use. The lock is held before others can see its file.
fn claim(folder: &Path) -> Result<File> {
    let unseen = folder.join("claim");
    let lock = File::create(&unseen).doing(|| "create the lock of a test folder")?;
    lock.lock().doing(|| "lock a test folder")?;
    fs::rename(&unseen, folder.join("in-use")).doing(|| "name the lock of a test folder")?;
    Ok(lock)
}

/// Removes folders whose test was killed: nobody holds their lock.
fn remove_stale(all: &Path) {
    let Ok(folders) = fs::read_dir(all) else { return };
    for folder in folders.flatten().map(|entry| entry.path()) {
        let unused = File::open(folder.join("in-use")).is_ok_and(|lock| lock.try_lock().is_ok());
        if unused {
            let _another_process_was_faster = fs::remove_dir_all(&folder);
        }
    }
}

fn next_number() -> usize {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    NUMBER.fetch_add(1, Ordering::Relaxed)
}

/// `boots-debian-kernel` for `tests/boots-debian-kernel.rs`; with the function's name when it differs.
fn test_name() -> String {
    let program = env::current_exe().ok();
    let stem = program.as_deref().and_then(Path::file_stem).and_then(|stem| stem.to_str()).unwrap_or("test");
    let file = stem.rsplit_once('-').map_or(stem, |(name, _hash)| name);
    let current = thread::current();
    let function = current.name().unwrap_or("main").replace("::", ".");
    if function == "main" || function == file.replace('-', "_") {
        return file.replace('_', "-");
    }
    format!("{file}.{function}").replace('_', "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passed_lab_leaves_nothing_and_a_failed_one_its_logs() {
        let lab = Lab::new("lab-self-test-passed").unwrap();
        let folder = lab.folder().to_path_buf();
        lab.passed();
        drop(lab);
        assert!(!folder.exists());

        let lab = Lab::new("lab-self-test-failed").unwrap();
        fs::write(lab.folder().join("serial.log"), "what happened").unwrap();
        drop(lab);
        let kept = workspace::target_dir().join("vm-logs/lab-self-test-failed");
        assert_eq!(fs::read_to_string(kept.join("serial.log")).unwrap(), "what happened");
        fs::remove_dir_all(kept).unwrap();
    }

    #[test]
    fn stale_folders_go_and_live_ones_stay() {
        let live = Lab::new("lab-self-test-live").unwrap();
        let stale = live.folder().with_file_name("lab-self-test-stale");
        fs::create_dir_all(&stale).unwrap();
        File::create(stale.join("in-use")).unwrap();
        let other = Lab::new("lab-self-test-other").unwrap();
        assert!(live.folder().exists() && !stale.exists());
        live.passed();
        other.passed();
    }
}
