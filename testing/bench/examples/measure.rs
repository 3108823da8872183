// SPDX-License-Identifier: MIT OR Apache-2.0
//! Measures the named cases: `measure floor grub`, `measure floor.large`, `measure btrfs.lamboot` from a volume;
//! all but those from volumes without a name.

use lamboot_bench::{BenchError, Case, Initrd, Volume, measure, measure_volume};

fn main() -> Result<(), BenchError> {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let cases = Initrd::ALL.into_iter().flat_map(|initrd| Case::ALL.map(|case| (case, initrd)));
    for (case, initrd) in cases {
        let whole = format!("{}.{}", case.name(), initrd.name());
        if wanted.is_empty() || wanted.iter().any(|name| *name == whole || name == case.name()) {
            println!("{:?}", measure(case, initrd)?);
        }
    }
    let volumes =
        Volume::ALL.into_iter().flat_map(|volume| volume.cases().iter().map(move |&case| (volume, case)));
    for (volume, case) in volumes {
        if wanted.contains(&format!("{}.{}", volume.name(), case.name())) {
            println!("{} {:?}", volume.name(), measure_volume(volume, case)?);
        }
    }
    Ok(())
}
