// SPDX-License-Identifier: MIT OR Apache-2.0
//! The little of Markdown that the pages need.

/// What stands below the title of every page.
const PRINTED: &str = "<!-- Printed from the code by `cargo xtask docs`. Change the code, not this page. -->";

/// How wide lines of text are.
const COLUMNS: usize = 100;

/// The beginning of a page.
pub(super) fn head(title: &str, introduction: &str) -> String {
    format!("# {title}\n\n{PRINTED}\n\n{}", paragraphs(introduction))
}

/// Paragraphs with an empty line between them, in lines of ordinary length.
pub(super) fn paragraphs(text: &str) -> String {
    text.split("\n\n").map(wrapped).collect::<Vec<_>>().join("\n")
}

fn wrapped(paragraph: &str) -> String {
    let mut text = String::new();
    let mut column = 0;
    for word in paragraph.split_whitespace() {
        let width = word.chars().count();
        if column > 0 && column + 1 + width > COLUMNS {
            text.push('\n');
            column = 0;
        } else if column > 0 {
            text.push(' ');
            column += 1;
        }
        text.push_str(word);
        column += width;
    }
    text + "\n"
}

/// A heading with a table below it.
pub(super) fn section(heading: &str, columns: &[&str], rows: &[Vec<String>]) -> String {
    format!("\n## {heading}\n\n{}", table(columns, rows))
}

/// A table. Cells may have any text on one line.
pub(super) fn table(columns: &[&str], rows: &[Vec<String>]) -> String {
    let rule = vec!["---".to_owned(); columns.len()];
    let heading = columns.iter().map(|&column| column.to_owned()).collect();
    let lines = [heading, rule].into_iter().chain(rows.iter().cloned());
    lines.map(|cells| line(&cells)).collect()
}

fn line(cells: &[String]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| cell.trim().replace('|', "\\|")).collect();
    format!("| {} |\n", cells.join(" | "))
}

/// `text` as code.
pub(super) fn code(text: &str) -> String {
    format!("`{text}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_are_wrapped_and_kept_apart() {
        let words = "word ".repeat(21);
        let expected = format!("{}\nword\n\nend\n", "word ".repeat(20).trim_end());
        assert_eq!(paragraphs(&format!("{words}\n\nend")), expected);
    }

    #[test]
    fn a_bar_in_a_cell_does_not_end_it() {
        let table = table(&["a", "b"], &[vec![code("x | y"), "z".to_owned()]]);
        assert_eq!(table, "| a | b |\n| --- | --- |\n| `x \\| y` | z |\n");
    }
}
