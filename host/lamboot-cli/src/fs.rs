// SPDX-License-Identifier: MIT OR Apache-2.0
//! `lamboot fs`: look at a file system with the very code that the loader has.

mod document;
mod image;
mod listing;
mod text;

use crate::exit::Exit;
use image::Place;
use lamboot_fs::{FileSystem, Follow, Kind};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Look at file systems with the loader's own readers.
///
/// Reads images and block devices, mounted or not, and never writes to them.
#[derive(Debug, clap::Args)]
#[command(after_help = "Exit codes: 0 done; 1 failed; 6 nothing that is known is there")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Say which partitions and file systems there are
    Probe {
        /// Image or block device
        image: PathBuf,
        /// Print a JSON document
        #[arg(long)]
        json: bool,
    },
    /// Say what is known of a file system, or of a file on it
    Info {
        #[command(flatten)]
        volume: Volume,
        /// Path of the file, from the file system's root
        path: Option<String>,
    },
    /// List a directory
    Ls {
        #[command(flatten)]
        volume: Volume,
        /// Path of the directory, from the file system's root
        #[arg(default_value = "/")]
        path: String,
        /// Show types, permissions, sizes, times and targets
        #[arg(short, long)]
        long: bool,
        /// List directories below it, too
        #[arg(short = 'R', long)]
        recursive: bool,
    },
    /// Write a file's bytes to standard output
    Cat {
        #[command(flatten)]
        volume: Volume,
        /// Path of the file, from the file system's root
        path: String,
    },
}

impl Command {
    fn image(&self) -> &Path {
        match self {
            Self::Probe { image, .. } => image,
            Self::Info { volume, .. } | Self::Ls { volume, .. } | Self::Cat { volume, .. } => &volume.image,
        }
    }
}

/// Which volume is meant.
#[derive(Debug, clap::Args)]
struct Volume {
    /// Image or block device
    image: PathBuf,
    /// Number of the partition, as Linux counts
    #[arg(short, long, value_name = "NUMBER")]
    partition: Option<u32>,
    /// Where the file system begins, in bytes
    #[arg(long, value_name = "BYTES", conflicts_with = "partition")]
    offset: Option<u64>,
    /// Print a JSON document
    #[arg(long, global = true)]
    json: bool,
}

impl Volume {
    fn open(&self) -> Result<Box<dyn FileSystem>, Failure> {
        let place = match (self.partition, self.offset) {
            (Some(number), _) => Place::Partition(number),
            (None, Some(offset)) => Place::Offset(offset),
            (None, None) => Place::Whole,
        };
        image::open(&self.image, place)
    }
}

/// Why a command failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// There is nothing that is known.
    Nothing(String),
    /// Something cannot be read, or was asked wrongly.
    Failed(String),
}

impl From<lamboot_fs::Error> for Failure {
    fn from(error: lamboot_fs::Error) -> Self {
        let text = error.to_string();
        if error.kind == Kind::Unknown { Self::Nothing(text) } else { Self::Failed(text) }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

/// Runs the command and tells how it ended.
pub(crate) fn run(arguments: &Arguments) -> Exit {
    let ended = match &arguments.command {
        Command::Probe { image, json } => probe(image, *json),
        Command::Info { volume, path } => info(volume, path.as_deref()),
        Command::Ls { volume, path, long, recursive } => ls(volume, path, *long, *recursive),
        Command::Cat { volume, path } => cat(volume, path),
    };
    let (reason, exit) = match ended {
        Ok(()) => return Exit::Ok,
        Err(Failure::Nothing(reason)) => (reason, Exit::NotApplicable),
        Err(Failure::Failed(reason)) => (reason, Exit::Failed),
    };
    eprintln!("lamboot fs: {}: {reason}", arguments.command.image().display());
    exit
}

fn probe(image: &Path, json: bool) -> Result<(), Failure> {
    let found = image::probe(image)?;
    let text = if json { document::print(&found)? } else { text::probe(&found) };
    say(text.as_bytes())
}

fn info(volume: &Volume, path: Option<&str>) -> Result<(), Failure> {
    let system = volume.open()?;
    let text = match path {
        None if volume.json => document::print(&document::FileSystem::of(&*system))?,
        None => text::system(&document::FileSystem::of(&*system)),
        Some(path) => {
            let file = document::FileInfo::of(&*system, path)?;
            if volume.json { document::print(&file)? } else { text::file(&file) }
        }
    };
    say(text.as_bytes())
}

fn ls(volume: &Volume, path: &str, long: bool, recursive: bool) -> Result<(), Failure> {
    let system = volume.open()?;
    let listing = listing::list(&*system, path.as_bytes(), recursive)?;
    let text = if volume.json { document::print(&listing)? } else { text::listing(&listing, long) };
    say(text.as_bytes())
}

fn cat(volume: &Volume, path: &str) -> Result<(), Failure> {
    let system = volume.open()?;
    let size = system.metadata(path.as_bytes(), Follow::All)?.size;
    let mut chunk = vec![0; 1 << 20];
    let mut at = 0;
    while at < size {
        let count = system.read_at(path.as_bytes(), at, &mut chunk)?;
        let bytes = chunk.get(..count).filter(|bytes| !bytes.is_empty());
        say(bytes.ok_or_else(|| Failure::Failed("the file ended early".into()))?)?;
        at += count as u64;
    }
    // What is no file says so, even where it has no size.
    system.read_at(path.as_bytes(), at, &mut [])?;
    Ok(())
}

/// Writes to standard output. A reader that has seen enough is no failure.
fn say(bytes: &[u8]) -> Result<(), Failure> {
    match io::stdout().lock().write_all(bytes) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => std::process::exit(0),
        written => Ok(written?),
    }
}
