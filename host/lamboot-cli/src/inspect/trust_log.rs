// SPDX-License-Identifier: MIT OR Apache-2.0
//! `lamboot inspect trust-log`: is the log what the loader wrote?

mod document;
mod key;
mod text;

use crate::exit::LogExit;
use document::Document;
use lamboot_host::efivarfs::{DEFAULT_DIRECTORY, Efivarfs};
use lamboot_host::efivars::EfiVars as _;
use lamboot_schema::variables::{self as schema, TrustHead};
use lamboot_trust::{Known, Verdict, unhex, verify};
use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

/// Where systems have their ESP.
const ESPS: [&str; 3] = ["/boot/efi", "/efi", "/boot"];
/// The log and its older part below it, the older first.
const FILES: [&str; 2] = ["loader/lamboot/history/boot-trust.1.log", "loader/boot-trust.log"];
/// The most bytes of a file that are read: sixteen times what the loader lets one grow to.
const FILE_MAX: u64 = 4 << 20;

/// Look at the trust log.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Verify(Verify),
}

/// Say whether the trust log is what the loader wrote.
///
/// Checks that each record follows on the one before, that no epoch is missing and each has its end, and that the log
/// ends where the firmware says. With the key of an epoch, the codes of that epoch and of all later ones of its chain
/// are checked as well.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit codes: 0 intact; 1 intact, and something is less than it could be, also wrong usage; 2 tampered \
                  with; 3 hashes are right, and there is no key to check codes with; 4 unreadable"
)]
struct Verify {
    /// The log's files, the oldest first [default: those on this machine's ESP]
    files: Vec<PathBuf>,
    /// Read the log of the ESP that is mounted here
    #[arg(long, value_name = "DIR", conflicts_with = "files")]
    esp: Option<PathBuf>,
    /// The key of an epoch, as the loader showed it: a file with chain, epoch and key
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// The SHA-256 that the log ends with [default: this machine's firmware says, for its own log]
    #[arg(long, value_name = "CHAIN:EPOCH:RECORDS:SHA-256", value_parser = head)]
    head: Option<TrustHead>,
    /// Print a JSON document
    #[arg(long)]
    json: bool,
}

/// Runs the command and tells how it ended.
pub(super) fn run(arguments: &Arguments) -> LogExit {
    let Command::Verify(verify) = &arguments.command;
    match judge(verify) {
        Ok(verdict) => exit(verdict),
        Err(reason) => {
            eprintln!("lamboot inspect trust-log verify: {reason}");
            LogExit::Unreadable
        }
    }
}

const fn exit(verdict: Verdict) -> LogExit {
    match verdict {
        Verdict::Intact => LogExit::Intact,
        Verdict::Degraded => LogExit::Degraded,
        Verdict::Tampered => LogExit::Tampered,
        Verdict::CannotVerify => LogExit::CannotVerify,
    }
}

fn judge(arguments: &Verify) -> Result<Verdict, String> {
    let paths = paths(arguments)?;
    let read = |path: &PathBuf| read(path).map_err(|error| format!("{}: {error}", path.display()));
    let files = paths.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let key = arguments.key.as_deref().map(key::read).transpose()?;
    let known = Known { key, head: arguments.head.or_else(|| own_head(arguments)) };
    let contents: Vec<&[u8]> = files.iter().map(Vec::as_slice).collect();
    let report = verify(&contents, &known);
    let document = Document::of(&report, &paths);
    let said = if arguments.json { document.json()? } else { text::of(&document) };
    match io::stdout().lock().write_all(said.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.to_string()),
        _ => Ok(report.verdict()),
    }
}

/// The files that were named, or those of an ESP.
fn paths(arguments: &Verify) -> Result<Vec<PathBuf>, String> {
    if !arguments.files.is_empty() {
        return Ok(arguments.files.clone());
    }
    let esps = match &arguments.esp {
        Some(esp) => vec![esp.clone()],
        None => ESPS.map(PathBuf::from).to_vec(),
    };
    let files =
        |esp: &PathBuf| FILES.map(|file| esp.join(file)).into_iter().filter(|path| path.exists()).collect();
    let found = esps.iter().map(files).find(|files: &Vec<PathBuf>| !files.is_empty());
    found.ok_or_else(|| {
        let esps: Vec<String> = esps.iter().map(|esp| esp.display().to_string()).collect();
        format!("there is no {} on {}", FILES[1], esps.join(", "))
    })
}

/// Where this machine's firmware says that its own log ends; another one's log has nothing to do with it.
fn own_head(arguments: &Verify) -> Option<TrustHead> {
    let is_own = arguments.files.is_empty() && arguments.esp.is_none();
    let stored = is_own
        .then(|| Efivarfs::new(DEFAULT_DIRECTORY).get(schema::TRUST_HEAD.id).ok().flatten())
        .flatten()?;
    schema::TRUST_HEAD.decode(&stored.bytes)
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(FILE_MAX.saturating_add(1)).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length <= FILE_MAX) {
        Ok(bytes)
    } else {
        Err(io::Error::new(io::ErrorKind::FileTooLarge, "more than 4 MiB"))
    }
}

fn head(text: &str) -> Result<TrustHead, String> {
    let parts: Vec<&str> = text.split(':').collect();
    let [chain, epoch, count, head] = parts[..] else {
        return Err("four parts are needed: chain, epoch, records and SHA-256".into());
    };
    Ok(TrustHead {
        chain: unhex(chain.as_bytes()).ok_or("the chain is 32 hexadecimal digits")?,
        epoch: epoch.parse().map_err(|error| format!("the epoch: {error}"))?,
        count: count.parse().map_err(|error| format!("the records: {error}"))?,
        head: unhex(head.as_bytes()).ok_or("the SHA-256 is 64 hexadecimal digits")?,
    })
}
