// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a program is judged by: files that are given, or the variables of this machine.

use super::{Arguments, Failure};
use authenticode::{Keeper, List, Lists, SignatureDatabase};
use base64ct::{Base64, Encoding as _};
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

/// The most bytes of one list: what a database may have, and some attributes.
const LIST_BYTES_MAX: usize = authenticode::DATABASE_BYTES_MAX;
/// `EFI_IMAGE_SECURITY_DATABASE_GUID` (UEFI 2.10, section 32.6.1).
const SECURITY_DATABASE: &str = "d719b2cb-3d3d-4596-a3bc-dad00e67656f";
/// The vendor of shim's variables.
const SHIM: &str = "605dab50-e046-4300-abb6-3dd810dd8b23";
/// The most parts that shim divides a list into: `MokListRT`, `MokListRT1`, and so on.
const PARTS_MAX: u32 = 32;

const PEM_BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const PEM_END: &str = "-----END CERTIFICATE-----";

/// Which of the lists a file is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Db,
    Dbx,
    Mok,
    Mokx,
}

/// Files to read.
pub(super) struct Sources {
    lists: Vec<(String, Role, PathBuf)>,
    level: Option<PathBuf>,
}

impl Sources {
    /// What the arguments name; without any, the variables of this machine.
    pub(super) fn of(arguments: &Arguments) -> Result<Self, Failure> {
        let given = [
            ("db", Role::Db, &arguments.db),
            ("dbx", Role::Dbx, &arguments.dbx),
            ("MokListRT", Role::Mok, &arguments.mok),
            ("MokListXRT", Role::Mokx, &arguments.mokx),
        ];
        let lists: Vec<_> = given
            .into_iter()
            .flat_map(|(name, role, paths)| paths.iter().map(move |path| (name.into(), role, path.clone())))
            .collect();
        if lists.is_empty() && arguments.sbat_level.is_none() {
            return Self::of_machine(&arguments.efivars);
        }
        Ok(Self { lists, level: arguments.sbat_level.clone() })
    }

    fn of_machine(efivars: &Path) -> Result<Self, Failure> {
        if !efivars.read_dir().is_ok_and(|mut entries| entries.next().is_some()) {
            let place = efivars.display();
            return Err(Failure::NoVariables(format!("no UEFI variables in {place}; name lists with --db")));
        }
        let there = |name: &str, vendor: &str| {
            Some(efivars.join(format!("{name}-{vendor}"))).filter(|path| path.exists())
        };
        let mut lists = Vec::new();
        for (name, role) in [("db", Role::Db), ("dbx", Role::Dbx)] {
            lists.extend(there(name, SECURITY_DATABASE).map(|path| (name.to_owned(), role, path)));
        }
        for (name, role) in [("MokListRT", Role::Mok), ("MokListXRT", Role::Mokx)] {
            let parts = (1..PARTS_MAX).map(|part| format!("{name}{part}"));
            let parts = std::iter::once(name.to_owned()).chain(parts);
            lists.extend(parts.map_while(|part| there(&part, SHIM).map(|path| (part, role, path))));
        }
        Ok(Self { lists, level: there("SbatLevelRT", SHIM) })
    }
}

/// What was read, before it is a database.
pub(super) struct Trusted {
    lists: Vec<(String, Role, Content)>,
    level: Option<(String, Vec<u8>)>,
}

/// What is in a file.
enum Content {
    Certificates(Vec<Vec<u8>>),
    Lists(Vec<u8>),
}

impl Trusted {
    pub(super) fn read(sources: &Sources) -> Result<Self, Failure> {
        let list = |(name, role, path): &(String, Role, PathBuf)| {
            let content = read(path).and_then(Content::of).map_err(unreadable(path))?;
            content.database().map_err(unreadable(path))?;
            Ok((name.clone(), *role, content))
        };
        let lists = sources.lists.iter().map(list).collect::<Result<_, Failure>>()?;
        let level = match &sources.level {
            Some(path) => Some((path.display().to_string(), read(path).map_err(unreadable(path))?)),
            None => None,
        };
        Ok(Self { lists, level })
    }

    /// The revocation level of SBAT.
    pub(super) fn level(&self) -> Result<Option<sbat::Level<'_>>, Failure> {
        let Some((name, bytes)) = &self.level else { return Ok(None) };
        let level = sbat::Level::read(bytes);
        level.map(Some).map_err(|refusal| Failure::Unreadable(format!("{name}: {refusal}")))
    }

    /// The databases, by what they are.
    pub(super) fn lists(&self) -> Databases<'_> {
        let mut databases = Databases::default();
        for (name, role, content) in &self.lists {
            // They were read before, so none is left out.
            for database in content.database().unwrap_or_default() {
                databases.all.push((name, *role, database));
            }
        }
        databases
    }
}

fn unreadable(path: &Path) -> impl Fn(String) -> Failure {
    move |reason| Failure::Unreadable(format!("{}: {reason}", path.display()))
}

/// Databases with their names.
#[derive(Default)]
pub(super) struct Databases<'t> {
    all: Vec<(&'t str, Role, SignatureDatabase<'t>)>,
}

/// The same as lists.
pub(super) struct ByPurpose<'t> {
    allowed: Vec<List<'t>>,
    forbidden: Vec<List<'t>>,
}

impl Databases<'_> {
    /// The lists to judge by.
    pub(super) fn by_purpose(&self) -> ByPurpose<'_> {
        let of = |roles: [Role; 2]| {
            let chosen = self.all.iter().filter(|(_, role, _)| roles.contains(role));
            chosen.map(|(name, role, database)| List { name, keeper: role.keeper(), database }).collect()
        };
        ByPurpose { allowed: of([Role::Db, Role::Mok]), forbidden: of([Role::Dbx, Role::Mokx]) }
    }

    /// Their names, each once.
    pub(super) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.all.iter().map(|(name, ..)| (*name).to_owned()).collect();
        names.dedup();
        names
    }
}

impl ByPurpose<'_> {
    pub(super) fn as_lists(&self) -> Lists<'_> {
        Lists { allowed: &self.allowed, forbidden: &self.forbidden }
    }
}

impl Role {
    fn keeper(self) -> Keeper {
        match self {
            Self::Db | Self::Dbx => Keeper::Firmware,
            Self::Mok | Self::Mokx => Keeper::Shim,
        }
    }
}

impl Content {
    fn of(bytes: Vec<u8>) -> Result<Self, String> {
        if let Some(text) = str::from_utf8(&bytes).ok().filter(|text| text.contains(PEM_BEGIN)) {
            return pem(text).map(Self::Certificates);
        }
        // A certificate begins with a SEQUENCE of some hundred bytes; no list of a known type does.
        if bytes.starts_with(&[0x30, 0x82]) {
            return Ok(Self::Certificates(vec![bytes]));
        }
        Ok(Self::Lists(bytes))
    }

    fn database(&self) -> Result<Vec<SignatureDatabase<'_>>, String> {
        match self {
            Self::Certificates(all) => {
                Ok(all.iter().map(|certificate| SignatureDatabase::of_certificate(certificate)).collect())
            }
            Self::Lists(bytes) => {
                SignatureDatabase::read(bytes).map(|one| vec![one]).map_err(|refusal| refusal.to_string())
            }
        }
    }
}

/// The certificates of a file in PEM (RFC 7468).
fn pem(text: &str) -> Result<Vec<Vec<u8>>, String> {
    let blocks = text.split(PEM_BEGIN).skip(1);
    blocks
        .map(|block| {
            let (body, _) = block.split_once(PEM_END).ok_or("a certificate in PEM does not end")?;
            let body: String = body.split_ascii_whitespace().collect();
            Base64::decode_vec(&body).map_err(|error| format!("a certificate in PEM: {error}"))
        })
        .collect()
}

/// A file, without the attributes that a variable of efivarfs begins with.
fn read(path: &Path) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let attributes = if is_variable(path) { 4 } else { 0 };
    let limit = LIST_BYTES_MAX.saturating_add(attributes);
    let limit = u64::try_from(limit).unwrap_or(u64::MAX);
    let read = |bytes: &mut Vec<u8>| -> io::Result<usize> {
        File::open(path)?.take(limit.saturating_add(1)).read_to_end(bytes)
    };
    read(&mut bytes).map_err(|error| error.to_string())?;
    bytes.get(attributes..).map(<[u8]>::to_vec).ok_or("fewer than the four bytes of attributes".into())
}

/// Whether a file has the name of a variable: `db-`, a GUID, and nothing else.
fn is_variable(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let Some((variable, vendor)) = name.split_once('-') else { return false };
    let known = ["db", "dbx", "SbatLevelRT"].contains(&variable) || variable.starts_with("MokList");
    known && (vendor == SECURITY_DATABASE || vendor == SHIM)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_by_their_names() {
        for name in [
            format!("db-{SECURITY_DATABASE}"),
            format!("dbx-{SECURITY_DATABASE}"),
            format!("MokListRT1-{SHIM}"),
            format!("SbatLevelRT-{SHIM}"),
        ] {
            assert!(is_variable(Path::new("/x").join(&name).as_path()), "{name}");
        }
        for name in ["db", "db-x.esl", "db.esl", &format!("db-{SECURITY_DATABASE}.bak")] {
            assert!(!is_variable(Path::new(name)), "{name}");
        }
    }

    #[test]
    fn certificates_in_pem() {
        let text =
            format!("# both\n{PEM_BEGIN}\nMIIB\nAAAA\n{PEM_END}\n{PEM_BEGIN}\r\nMA==\r\n{PEM_END}\r\n");
        assert_eq!(pem(&text), Ok(vec![vec![0x30, 0x82, 1, 0, 0, 0], vec![0x30]]));
        for wrong in ["MIIB", "M\n-----END CERTIFICATE-----", "M?==\n-----END CERTIFICATE-----"] {
            assert!(pem(&format!("{PEM_BEGIN}\n{wrong}")).is_err(), "{wrong}");
        }
    }
}
