// SPDX-License-Identifier: MIT OR Apache-2.0
//! What booting costs, in guest instructions and disk requests, beside other boot loaders.
//!
//! Time on shared processors is noise, so instructions are counted (QEMU `-icount shift=0`: the guest's
//! time stamp counter advances by one for each). The disk is copied into the guest's memory before
//! anything is counted, and its requests are counted apart ([`Measurement`]). Every [`Case`] boots the
//! same kernel with the same command line and [`Initrd`] on the same machine, from the same saved state:
//!
//! ```no_run
//! let measurements = lamboot_bench::measure_all(|_, _| ())?;
//! for figure in lamboot_bench::figures(&measurements) {
//!     println!("{} {} {}", figure.name, figure.value, figure.unit);
//! }
//! # Ok::<(), lamboot_bench::BenchError>(())
//! ```
//!
//! # What this does not do
//!
//! A copy of a byte weighs more here than on hardware, and a device's latency nothing at all: that is
//! why requests stand beside instructions. Only x86-64 is measured.
#![forbid(unsafe_code)]

mod case;
mod disk;
mod error;
mod figure;
mod init_program;
mod initrd;
mod measurement;
mod menu;
mod run;
mod volume;

pub use crate::{
    case::Case,
    disk::{Disk, Speed, measure_disk},
    error::BenchError,
    figure::{Figure, figures},
    initrd::Initrd,
    measurement::Measurement,
    menu::{FirstPicture, measure_menu},
    run::{Growth, measure, measure_all, measure_entries, measure_growth},
    volume::{Volume, measure_volume, volume_figures},
};
