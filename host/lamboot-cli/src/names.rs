// SPDX-License-Identifier: MIT OR Apache-2.0
//! One program, many names: `lamboot-NAME ...` means `lamboot NAME ...`.

use std::ffi::OsString;
use std::path::Path;

const PREFIX: &str = "lamboot-";

/// The arguments as if the program had been called by its own name.
pub(crate) fn split(arguments: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = arguments.collect();
    let command = arguments.first().and_then(|called| command_in(Path::new(called)));
    if let Some(command) = command {
        arguments.insert(1, command);
    }
    arguments
}

fn command_in(called: &Path) -> Option<OsString> {
    let command = called.file_name()?.to_str()?.strip_prefix(PREFIX)?;
    (!command.is_empty()).then(|| command.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split_words(text: &str) -> Vec<String> {
        let words = split(text.split(' ').map(OsString::from));
        words.into_iter().map(|word| word.into_string().unwrap()).collect()
    }

    #[test]
    fn the_name_is_a_command() {
        assert_eq!(split_words("lamboot mark-success -n"), ["lamboot", "mark-success", "-n"]);
        let expected = ["/usr/bin/lamboot-mark-success", "mark-success", "-n"];
        assert_eq!(split_words("/usr/bin/lamboot-mark-success -n"), expected);
        assert_eq!(split_words("./other"), ["./other"]);
        assert_eq!(split_words("lamboot-"), ["lamboot-"]);
        assert_eq!(split(std::iter::empty()), Vec::<OsString>::new());
    }
}
