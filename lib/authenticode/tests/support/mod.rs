// SPDX-License-Identifier: MIT OR Apache-2.0
//! Makes keys, certificates, lists and signed images with `openssl`, `sbsign` and `osslsigncode`.

#![allow(dead_code)] // each test uses a part

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use anyhow::{Context as _, Result, ensure};
use authenticode::{Judgement, Keeper, List, Lists, SignatureDatabase};
use pe_image::{Builder, MACHINE_X64};

/// Extensions of an authority.
pub(crate) const AUTHORITY: &str = "basicConstraints=critical,CA:TRUE";
/// Extensions of a signer.
pub(crate) const SIGNER: &str = "basicConstraints=CA:FALSE";

/// Whether referees are asked in this run.
pub(crate) fn referees() -> bool {
    let asked = std::env::var_os("LAMBOOT_REFEREES").is_some_and(|value| value == "1");
    if !asked {
        eprintln!("referee not asked: LAMBOOT_REFEREES is not 1");
    }
    asked
}

/// A small image that programs can sign.
pub(crate) fn image() -> Builder {
    Builder::new(MACHINE_X64)
        .directories(16)
        .section(".text", [0x90; 700])
        .section(".sbat", b"sbat,1,SBAT Version,sbat,1,https://github.com/rhboot/shim/blob/main/SBAT.md\n")
}

/// Judges `file` by databases of one certificate or of lists.
pub(crate) fn judge(
    file: &[u8],
    db: &SignatureDatabase<'_>,
    dbx: &SignatureDatabase<'_>,
) -> Result<Judgement> {
    let db = List { name: "db", keeper: Keeper::Firmware, database: db };
    let dbx = List { name: "dbx", keeper: Keeper::Firmware, database: dbx };
    Ok(authenticode::verify(file, &Lists { allowed: &[db], forbidden: &[dbx] })?)
}

/// A folder with keys, certificates and images.
pub(crate) struct Workshop {
    folder: tempfile::TempDir,
}

impl Workshop {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self { folder: tempfile::tempdir()? })
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> Result<()> {
        Ok(fs::write(self.path(name), bytes)?)
    }

    pub(crate) fn read(&self, name: &str) -> Result<Vec<u8>> {
        fs::read(self.path(name)).with_context(|| name.to_owned())
    }

    /// Runs a program in the folder.
    pub(crate) fn ask(&self, program: &str, arguments: &str) -> Result<Output> {
        let mut command = Command::new(program);
        command.current_dir(self.folder.path()).env("LC_ALL", "C.UTF-8").args(arguments.split_whitespace());
        command.output().with_context(|| format!("{command:?}"))
    }

    /// Runs a program that must not fail.
    pub(crate) fn run(&self, program: &str, arguments: &str) -> Result<String> {
        let output = self.ask(program, arguments)?;
        ensure!(
            output.status.success(),
            "{program} {arguments}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Makes `NAME.key`, `NAME.pem` and `NAME.der`: a certificate by itself, or by `issuer`. `kind` is
    /// `rsa:2048` or `ec:P-256`.
    pub(crate) fn certify(
        &self,
        name: &str,
        kind: &str,
        issuer: Option<&str>,
        extensions: &[&str],
    ) -> Result<Vec<u8>> {
        let key = match kind.split_once(':') {
            Some(("ec", curve)) => format!("-algorithm EC -pkeyopt ec_paramgen_curve:{curve}"),
            Some((_, bits)) => format!("-algorithm RSA -pkeyopt rsa_keygen_bits:{bits}"),
            None => anyhow::bail!("{kind}"),
        };
        self.run("openssl", &format!("genpkey {key} -out {name}.key"))?;
        self.certify_key(name, name, issuer, extensions)
    }

    /// Another certificate for a key that is there: `KEY.key`, with the subject `KEY`.
    pub(crate) fn certify_key(
        &self,
        name: &str,
        key: &str,
        issuer: Option<&str>,
        extensions: &[&str],
    ) -> Result<Vec<u8>> {
        let by = issuer.map(|issuer| format!("-CA {issuer}.pem -CAkey {issuer}.key")).unwrap_or_default();
        let extensions: String = extensions.iter().map(|text| format!(" -addext {text}")).collect();
        let rest = format!(
            "-new -key {key}.key -subj /O=LamBoot-tests/CN={key} -days 3650 -sha256 {by}{extensions}"
        );
        self.run("openssl", &format!("req -x509 -out {name}.pem {rest}"))?;
        self.der(name)
    }

    /// A certificate by itself that has expired long ago.
    pub(crate) fn expired(&self, name: &str) -> Result<Vec<u8>> {
        self.certify(name, "rsa:2048", None, &[SIGNER])?;
        self.run("openssl", &format!("req -new -key {name}.key -subj /CN={name} -out {name}.csr"))?;
        self.write("index.txt", b"")?;
        let settings = "[ca]\ndefault_ca=it\n[it]\ndatabase=index.txt\nnew_certs_dir=.\nrand_serial=yes\n\
                        default_md=sha256\npolicy=any\n[any]\ncommonName=supplied\n";
        self.write("ca.cnf", settings.as_bytes())?;
        let dates = "-startdate 20150101000000Z -enddate 20160101000000Z";
        let signing = format!("-selfsign -keyfile {name}.key -in {name}.csr -out {name}.pem");
        self.run("openssl", &format!("ca -batch -notext -config ca.cnf {dates} {signing}"))?;
        self.der(name)
    }

    /// `NAME.pem` as `NAME.der`.
    pub(crate) fn der(&self, name: &str) -> Result<Vec<u8>> {
        self.run("openssl", &format!("x509 -in {name}.pem -outform DER -out {name}.der"))?;
        self.read(&format!("{name}.der"))
    }

    /// The image `FROM` signed as `TO`, with certificates of these authorities beside the signer's.
    pub(crate) fn sign(&self, from: &str, to: &str, signer: &str, authorities: &[&str]) -> Result<Vec<u8>> {
        let mut also = String::new();
        if !authorities.is_empty() {
            let all: Result<Vec<u8>> = authorities.iter().try_fold(Vec::new(), |mut all, name| {
                all.extend(self.read(&format!("{name}.pem"))?);
                Ok(all)
            });
            self.write("chain.pem", &all?)?;
            also = "--addcert chain.pem".into();
        }
        let key = format!("--key {signer}.key --cert {signer}.pem");
        self.run("sbsign", &format!("{key} {also} --output {to} {from}"))?;
        self.read(to)
    }

    /// As [`Self::sign`], by `osslsigncode`, with another hash function.
    pub(crate) fn sign_by(&self, hash: &str, from: &str, to: &str, signer: &str) -> Result<Vec<u8>> {
        let _ = fs::remove_file(self.path(to));
        let key = format!("-key {signer}.key -certs {signer}.pem");
        self.run("osslsigncode", &format!("sign -h {hash} {key} -in {from} -out {to}"))?;
        self.read(to)
    }

    /// Whether `sbverify` finds that a signature of the image leads to this certificate.
    pub(crate) fn sbverify(&self, image: &str, certificate: &str) -> Result<bool> {
        Ok(self.ask("sbverify", &format!("--cert {certificate}.pem {image}"))?.status.success())
    }
}
