// SPDX-License-Identifier: MIT OR Apache-2.0
//! Signing what was built, with a key in a file or in a token, and judging the result as a loader would.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use authenticode::{Keeper, List, Lists, SignatureDatabase, Verdict, verify};
use base64ct::{Base64, Encoding as _};

use crate::arch::Arch;
use crate::process;
use crate::setup;
use crate::tree::Tree;

/// How a key in a token is named (RFC 7512).
const TOKEN: &str = "pkcs11:";
const PEM_BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const PEM_END: &str = "-----END CERTIFICATE-----";

/// What to sign, and with what.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The key: a file in PEM, or `pkcs11:...` for one in a token
    #[arg(long, value_name = "FILE|URI")]
    key: String,
    /// Its certificate, in PEM; certificates of authorities may follow
    #[arg(long, value_name = "FILE")]
    cert: PathBuf,
    /// The token's PKCS#11 module
    #[arg(long, value_name = "FILE")]
    module: Option<PathBuf>,
    /// A file with the key's passphrase or the token's PIN
    #[arg(long, value_name = "FILE")]
    passphrase: Option<PathBuf>,
    /// The folder for signed files
    #[arg(long, default_value = "target/signed")]
    out: PathBuf,
    /// EFI programs; the loaders that were built, if none is named
    files: Vec<PathBuf>,
}

/// Signs, and looks whether a machine that trusts the certificate will take the result.
///
/// # Errors
/// A file is missing, the key does not sign, or what came out is not trusted by its own certificate; then it is
/// removed.
pub fn run(tree: &Tree, arguments: &Arguments) -> Result<()> {
    ensure!(
        !arguments.key.starts_with(TOKEN) || arguments.module.is_some(),
        "a key in a token needs --module, for instance /usr/lib/softhsm/libsofthsm2.so"
    );
    let certificates = certificates(&arguments.cert)?;
    setup::ensure(setup::SIGNING)?;
    fs::create_dir_all(&arguments.out).with_context(|| format!("make {}", arguments.out.display()))?;
    for file in files(tree, &arguments.files)? {
        let name = file.file_name().with_context(|| format!("{} has no name", file.display()))?;
        let signed = arguments.out.join(name);
        sign(arguments, &file, &signed)?;
        if let Err(reason) = judge(&signed, &certificates) {
            let _gone = fs::remove_file(&signed);
            return Err(reason);
        }
        println!("{}", signed.display());
    }
    Ok(())
}

fn files(tree: &Tree, named: &[PathBuf]) -> Result<Vec<PathBuf>> {
    if !named.is_empty() {
        return Ok(named.to_vec());
    }
    let built = Arch::ALL.map(|arch| tree.artifacts_of(arch).join(arch.loader()));
    let built: Vec<PathBuf> = built.into_iter().filter(|path| path.exists()).collect();
    ensure!(!built.is_empty(), "no loader was built: run `cargo xtask build`, or name files");
    Ok(built)
}

fn sign(arguments: &Arguments, file: &Path, signed: &Path) -> Result<()> {
    // The tool does not write over a file.
    if signed.exists() {
        fs::remove_file(signed).with_context(|| format!("remove {}", signed.display()))?;
    }
    let mut command = Command::new("osslsigncode");
    command.args(["sign", "-h", "sha256", "-certs"]).arg(&arguments.cert);
    if let Some(module) = &arguments.module {
        command.arg("-pkcs11module").arg(module);
    }
    if let Some(passphrase) = &arguments.passphrase {
        command.arg("-readpass").arg(passphrase);
    }
    command.arg("-key").arg(&arguments.key).arg("-in").arg(file).arg("-out").arg(signed);
    process::output(&mut command).map(drop)
}

/// Whether the image is trusted where nothing but the signer's certificate is.
fn judge(signed: &Path, certificates: &[Vec<u8>]) -> Result<()> {
    let image = fs::read(signed).with_context(|| format!("read {}", signed.display()))?;
    let signer = certificates.first().map_or(&[][..], Vec::as_slice);
    let database = SignatureDatabase::of_certificate(signer);
    let allowed = [List { name: "the certificate", keeper: Keeper::Firmware, database: &database }];
    let judgement = verify(&image, &Lists { allowed: &allowed, forbidden: &[] });
    match judgement.map_err(|refusal| anyhow::anyhow!("{}: {refusal}", signed.display()))?.verdict {
        Verdict::Trusted(_) => Ok(()),
        Verdict::Refused(refusal) => bail!("{}: {refusal}", signed.display()),
    }
}

/// The certificates of a file in PEM (RFC 7468), in DER.
fn certificates(path: &Path) -> Result<Vec<Vec<u8>>> {
    let text = fs::read_to_string(path).with_context(|| format!("read {}", path.display()))?;
    let blocks = text.split(PEM_BEGIN).skip(1).filter_map(|block| block.split_once(PEM_END));
    let decode = |(body, _): (&str, &str)| {
        let body: String = body.split_ascii_whitespace().collect();
        Base64::decode_vec(&body).map_err(|error| anyhow::anyhow!("{}: {error}", path.display()))
    };
    let found = blocks.map(decode).collect::<Result<Vec<_>>>()?;
    ensure!(!found.is_empty(), "{} has no certificate in PEM", path.display());
    Ok(found)
}
