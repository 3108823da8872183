// SPDX-License-Identifier: MIT OR Apache-2.0
//! `lamboot verify`: whether firmware and shim of this machine would trust a program.

mod document;
mod image;
mod lists;
mod text;

use crate::exit::Exit;
use authenticode::{Judgement, Verdict, judge};
use image::Image;
use lamboot_host::efivarfs::DEFAULT_DIRECTORY;
use lists::{Sources, Trusted};
use std::io::Write as _;
use std::path::PathBuf;

/// Say whether a program's signatures are trusted, and by what.
///
/// Judges an EFI program, a kernel for instance, as firmware and shim do: by its signatures, its hash and its
/// SBAT. Reads the lists of this machine, or those that are given. Lists are files with a certificate (PEM or
/// DER), an EFI signature list, or a variable of efivarfs under its own name. Starts and changes nothing.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit codes: 0 trusted; 1 failed; 7 no UEFI variables here; 11 the file or a list cannot \
                        be read; 12 not trusted"
)]
pub(crate) struct Arguments {
    /// EFI program
    file: PathBuf,
    /// What firmware allows
    #[arg(long, value_name = "FILE")]
    db: Vec<PathBuf>,
    /// What firmware forbids
    #[arg(long, value_name = "FILE")]
    dbx: Vec<PathBuf>,
    /// What shim allows: keys of the machine's owner
    #[arg(long, value_name = "FILE")]
    mok: Vec<PathBuf>,
    /// What shim forbids
    #[arg(long, value_name = "FILE")]
    mokx: Vec<PathBuf>,
    /// Which versions are revoked: shim's SBAT level
    #[arg(long, value_name = "FILE")]
    sbat_level: Option<PathBuf>,
    /// Where UEFI variables are, when no lists are given
    #[arg(long, value_name = "DIR", default_value = DEFAULT_DIRECTORY)]
    efivars: PathBuf,
    /// Print a JSON document
    #[arg(long)]
    json: bool,
}

/// Why there is no judgement.
enum Failure {
    /// There is nothing to judge by.
    NoVariables(String),
    /// Something cannot be read, or is damaged.
    Unreadable(String),
}

/// All that was found of a program.
struct Report<'r> {
    file: String,
    image: &'r Image,
    judgement: Judgement,
    /// The names of the lists that were asked.
    lists: Vec<String>,
    sbat: Sbat<'r>,
}

/// What SBAT says of a program.
struct Sbat<'r> {
    /// Its components; `None` where it has no section.
    components: Option<Result<Vec<sbat::Component<'r>>, sbat::Refusal>>,
    level: Option<sbat::Level<'r>>,
}

impl Sbat<'_> {
    /// The first component that is revoked.
    fn revoked(&self) -> Option<sbat::Revoked<'_, '_>> {
        self.level.as_ref()?.first_revoked(self.components.as_ref()?.as_ref().ok()?)
    }

    /// Whether it refuses the program: with a level, a section that cannot be read does, too.
    fn refuses(&self) -> bool {
        let damaged = matches!(self.components, Some(Err(_)));
        self.revoked().is_some() || (damaged && self.level.is_some())
    }
}

impl Report<'_> {
    fn is_trusted(&self) -> bool {
        matches!(self.judgement.verdict, Verdict::Trusted(_)) && !self.sbat.refuses()
    }
}

/// Runs the command, prints what it found, and tells how it ended.
pub(crate) fn run(arguments: &Arguments) -> Exit {
    match verify(arguments) {
        Ok(exit) => exit,
        Err(failure) => {
            let (reason, exit) = match failure {
                Failure::NoVariables(reason) => (reason, Exit::MissingPrerequisite),
                Failure::Unreadable(reason) => (reason, Exit::Unreadable),
            };
            eprintln!("lamboot verify: {reason}");
            exit
        }
    }
}

fn verify(arguments: &Arguments) -> Result<Exit, Failure> {
    let sources = Sources::of(arguments)?;
    let trusted = Trusted::read(&sources)?;
    let databases = trusted.lists();
    let lists = databases.by_purpose();
    let named = |reason| Failure::Unreadable(format!("{}: {reason}", arguments.file.display()));
    let image = Image::read(&arguments.file, &lists.as_lists()).map_err(named)?;
    let judgement = judge(&image.signatures(), &image.digests, &lists.as_lists());
    let report = Report {
        file: arguments.file.display().to_string(),
        image: &image,
        judgement,
        lists: databases.names(),
        sbat: Sbat { components: image.sbat.as_deref().map(sbat::section), level: trusted.level()? },
    };
    let said = if arguments.json { document::print(&report) } else { text::print(&report) };
    say(&said).map_err(|error| Failure::Unreadable(error.to_string()))?;
    Ok(if report.is_trusted() { Exit::Ok } else { Exit::Refused })
}

/// Writes to standard output. A reader that has seen enough does not change how it ends.
fn say(text: &str) -> std::io::Result<()> {
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}
