// SPDX-License-Identifier: MIT OR Apache-2.0
//! The `.sbat` section, by which shim can revoke generations of a loader (shim, `SBAT.md`).

/// The table: one component a line; number, name, vendor, package, version, address.
const TABLE: &str = concat!(
    "sbat,1,SBAT Version,sbat,1,https://github.com/rhboot/shim/blob/main/SBAT.md\n",
    "lamboot,1,LamBoot,lamboot,",
    env!("CARGO_PKG_VERSION"),
    ",",
    env!("CARGO_PKG_REPOSITORY"),
    "\n",
);

#[used]
#[allow(unsafe_code, reason = "the section holds plain bytes that nothing else uses")]
#[unsafe(link_section = ".sbat")]
static SBAT: [u8; TABLE.len()] = *match TABLE.as_bytes().first_chunk() {
    Some(bytes) => bytes,
    None => panic!("the table is as long as itself"),
};
