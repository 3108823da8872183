// SPDX-License-Identifier: MIT OR Apache-2.0
//! The members of a type with the sentences above them, out of formatted Rust source.

/// A field of a struct, or a variant of an enum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Member {
    /// Its name.
    pub(super) name: String,
    /// A field's type; empty for a variant.
    pub(super) kind: String,
    /// Its documentation as one line.
    pub(super) meaning: String,
}

/// The members of the type that `opening` begins, in order: `pub struct Record {`.
///
/// # Panics
/// There is no such line: the page that asks for it has to be changed together with the source.
pub(super) fn members(source: &str, opening: &str) -> Vec<Member> {
    let mut lines = source.lines().skip_while(|line| *line != opening);
    assert!(lines.next().is_some(), "no line `{opening}`");
    let mut members = Vec::new();
    let mut meaning = Vec::new();
    for line in lines.take_while(|line| *line != "}").map(str::trim) {
        if let Some(sentence) = line.strip_prefix("///") {
            meaning.push(sentence.trim());
        } else if let Some((name, kind)) = member(line) {
            members.push(Member { name, kind, meaning: meaning.join(" ") });
            meaning.clear();
        }
    }
    members
}

fn member(line: &str) -> Option<(String, String)> {
    let line = line.strip_prefix("pub ").unwrap_or(line).strip_suffix(',')?;
    let (name, kind) = line.split_once(": ").unwrap_or((line, ""));
    (!line.starts_with('#')).then(|| (name.to_owned(), kind.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_and_variants_come_with_their_sentences() {
        let source = "pub struct A {\n    /// One\n    /// two.\n    #[serde(default)]\n    pub b: Option<u8>,\n}\n\
                      enum C {\n    /// Three.\n    D,\n}\n";
        let member = |name: &str, kind: &str, meaning: &str| Member {
            name: name.to_owned(),
            kind: kind.to_owned(),
            meaning: meaning.to_owned(),
        };
        assert_eq!(members(source, "pub struct A {"), [member("b", "Option<u8>", "One two.")]);
        assert_eq!(members(source, "enum C {"), [member("D", "", "Three.")]);
    }
}
