// SPDX-License-Identifier: MIT OR Apache-2.0
//! Measures the named cases: `measure floor grub`, `measure floor.large`; all of them without a name.

use lamboot_bench::{BenchError, Case, Initrd, measure};

fn main() -> Result<(), BenchError> {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let cases = Initrd::ALL.into_iter().flat_map(|initrd| Case::ALL.map(|case| (case, initrd)));
    for (case, initrd) in cases {
        let whole = format!("{}.{}", case.name(), initrd.name());
        if wanted.is_empty() || wanted.iter().any(|name| *name == whole || name == case.name()) {
            println!("{:?}", measure(case, initrd)?);
        }
    }
    Ok(())
}
