// SPDX-License-Identifier: MIT OR Apache-2.0
//! One measured number, with what it should be and what others reach.

use std::collections::BTreeMap;

use anyhow::Result;
use serde_json::json;

/// A measured number.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// What was measured: `boot.small.exit_boot_services`.
    pub name: String,
    /// How much it is.
    pub value: f64,
    /// Of what: `bytes`, `Minstr`, `requests`.
    pub unit: &'static str,
    /// What it should be.
    pub goal: Option<Goal>,
    /// The same number of other boot loaders, measured in the same run.
    pub peers: BTreeMap<String, f64>,
}

/// What a number should be, in the unit of its figure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Goal {
    /// This or less.
    AtMost(f64),
    /// This or more.
    AtLeast(f64),
}

impl Figure {
    /// A number without goal and peers.
    #[must_use]
    pub fn new(name: &str, value: f64, unit: &'static str) -> Self {
        Self { name: name.to_owned(), value, unit, goal: None, peers: BTreeMap::new() }
    }

    /// The same with a goal.
    #[must_use]
    pub fn with_goal(self, goal: Goal) -> Self {
        Self { goal: Some(goal), ..self }
    }

    /// The same with one more peer.
    #[must_use]
    pub fn with_peer(mut self, peer: &str, value: f64) -> Self {
        self.peers.insert(peer.to_owned(), value);
        self
    }

    /// Whether the goal is reached; none where there is no goal.
    #[must_use]
    pub fn met(&self) -> Option<bool> {
        self.goal.map(|goal| match goal {
            Goal::AtMost(limit) => self.value <= limit,
            Goal::AtLeast(limit) => self.value >= limit,
        })
    }
}

/// One JSON object a line: `name`, `value`, `unit`, `goal`, `met`, `peers`.
///
/// `goal` is `{"at_most": n}` or `{"at_least": n}`; it and `met` are null where there is none.
///
/// # Errors
/// A value is not a number that JSON knows.
pub(super) fn json_lines(figures: &[Figure]) -> Result<String> {
    let mut text = String::new();
    for figure in figures {
        let goal = figure.goal.map(|goal| match goal {
            Goal::AtMost(limit) => json!({ "at_most": limit }),
            Goal::AtLeast(limit) => json!({ "at_least": limit }),
        });
        let line = json!({
            "name": figure.name, "value": figure.value, "unit": figure.unit,
            "goal": goal, "met": figure.met(), "peers": figure.peers,
        });
        text += &serde_json::to_string(&line)?;
        text.push('\n');
    }
    Ok(text)
}

/// A table with a column for each peer.
pub(super) fn table(figures: &[Figure]) -> String {
    let mut peers: Vec<&str> =
        figures.iter().flat_map(|figure| figure.peers.keys().map(String::as_str)).collect();
    peers.sort_unstable();
    peers.dedup();
    let mut rows = vec![heading(&peers)];
    rows.extend(figures.iter().map(|figure| row(figure, &peers)));
    aligned(&rows)
}

fn heading(peers: &[&str]) -> Vec<String> {
    let fixed = ["figure", "value", "unit", "goal", "met"];
    fixed.iter().chain(peers).map(|&text| text.to_owned()).collect()
}

fn row(figure: &Figure, peers: &[&str]) -> Vec<String> {
    let goal = figure.goal.map_or_else(String::new, |goal| match goal {
        Goal::AtMost(limit) => format!("<= {}", number(limit)),
        Goal::AtLeast(limit) => format!(">= {}", number(limit)),
    });
    let met = figure.met().map_or("", |met| if met { "yes" } else { "NO" });
    let mut row =
        vec![figure.name.clone(), number(figure.value), figure.unit.to_owned(), goal, met.to_owned()];
    row.extend(
        peers.iter().map(|&peer| figure.peers.get(peer).map_or_else(String::new, |&value| number(value))),
    );
    row
}

/// Whole numbers in full, others with two places.
fn number(value: f64) -> String {
    if value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value:.2}") }
}

/// Columns as wide as their widest cell: the first to the left, the others to the right.
fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let cell = |(column, cell): (usize, &String)| match column {
            0 => format!("{cell:<width$}", width = widths[column]),
            _ => format!("{cell:>width$}", width = widths[column]),
        };
        let line = row.iter().enumerate().map(cell).collect::<Vec<_>>().join("  ");
        text += line.trim_end();
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures() -> Vec<Figure> {
        vec![
            Figure::new("size.x86_64", 123_456.0, "bytes").with_goal(Goal::AtMost(250_000.0)),
            Figure::new("boot", 161.7, "Minstr").with_goal(Goal::AtMost(160.65)).with_peer("grub", 249.66),
        ]
    }

    #[test]
    fn a_goal_may_be_hit_exactly() {
        assert_eq!(Figure::new("a", 5.0, "x").with_goal(Goal::AtMost(5.0)).met(), Some(true));
        assert_eq!(Figure::new("a", 5.0, "x").with_goal(Goal::AtLeast(5.0)).met(), Some(true));
        assert_eq!(Figure::new("a", 4.9, "x").with_goal(Goal::AtLeast(5.0)).met(), Some(false));
        assert_eq!(Figure::new("a", 5.0, "x").met(), None);
    }

    #[test]
    fn people_get_a_table() {
        assert_eq!(
            table(&figures()),
            "figure        value    unit       goal  met    grub\n\
             size.x86_64  123456   bytes  <= 250000  yes\n\
             boot         161.70  Minstr  <= 160.65   NO  249.66\n"
        );
    }

    #[test]
    fn programs_get_a_line_each() {
        let lines = json_lines(&figures()).unwrap();
        let last: serde_json::Value = serde_json::from_str(lines.lines().last().unwrap()).unwrap();
        assert_eq!(lines.lines().count(), 2);
        assert_eq!(
            last,
            json!({"name": "boot", "value": 161.7, "unit": "Minstr", "goal": {"at_most": 160.65},
                   "met": false, "peers": {"grub": 249.66}})
        );
        let plain = json_lines(&[Figure::new("a", 1.0, "x")]).unwrap();
        let plain: serde_json::Value = serde_json::from_str(&plain).unwrap();
        assert!(plain["goal"].is_null() && plain["met"].is_null());
    }
}
