//! Writes values as TOML and JSON text, for the resolved study and the parameters of policies.

use std::fmt::Write as _;

use serde::Serialize;

use crate::grid::Grid;
use crate::sweep::OwnedSegment;
use crate::tree::{Item, Node};

/// A TOML value with tables in order and integers wide enough for every seed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Boolean(bool),
    Integer(i128),
    Float(f64),
    Text(String),
    Array(Vec<Value>),
    Table(Vec<(String, Value)>),
}

impl Value {
    /// Converts a typed table; `None` if TOML cannot hold it, which does not happen to tables of a
    /// study.
    pub fn of<T: Serialize>(typed: &T) -> Option<Self> {
        toml::Value::try_from(typed).ok().map(Self::from)
    }

    /// The value written at `node`, with sweeps put back into the tree.
    pub fn written(node: &Node, grid: &Grid) -> Self {
        match &node.item {
            Item::Boolean(truth) => Self::Boolean(*truth),
            Item::Integer(integer) => Self::Integer(*integer),
            Item::Float(number) => Self::Float(*number),
            Item::Text(text) => Self::Text(text.clone()),
            Item::Array(nodes) => {
                Self::Array(nodes.iter().map(|node| Self::written(node, grid)).collect())
            }
            Item::Table(entries) => Self::Table(
                entries
                    .iter()
                    .map(|entry| (entry.key.clone(), Self::written(&entry.node, grid)))
                    .collect(),
            ),
            Item::Sweep(number) => {
                grid.sweeps.get(*number).map_or(Self::Table(Vec::new()), |sweep| {
                    let values =
                        sweep.alternatives.iter().map(|node| Self::written(node, grid)).collect();
                    let mut table = vec![("sweep".to_owned(), Self::Array(values))];
                    for (key, text) in [("axis", &sweep.axis), ("label", &sweep.label)] {
                        table.extend(
                            text.iter().map(|text| (key.to_owned(), Self::Text(text.clone()))),
                        );
                    }
                    Self::Table(table)
                })
            }
            // its study is refused, so this is never written
            Item::Unreadable => Self::Table(Vec::new()),
        }
    }

    /// Sets the entry `key` of a table; a new one is added at the end.
    pub fn set(&mut self, key: &str, value: Self) {
        if let Self::Table(entries) = self {
            match entries.iter_mut().find(|entry| entry.0 == key) {
                Some(entry) => entry.1 = value,
                None => entries.push((key.to_owned(), value)),
            }
        }
    }

    /// Copies a table without the entries `keys`.
    pub fn without(&self, keys: &[&str]) -> Self {
        match self {
            Self::Table(entries) => Self::Table(
                entries.iter().filter(|(key, _)| !keys.contains(&key.as_str())).cloned().collect(),
            ),
            Self::Boolean(_)
            | Self::Integer(_)
            | Self::Float(_)
            | Self::Text(_)
            | Self::Array(_) => self.clone(),
        }
    }

    /// Value of the entry `key` of a table.
    pub fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Table(entries) => {
                entries.iter().find(|entry| entry.0 == key).map(|entry| &entry.1)
            }
            Self::Boolean(_)
            | Self::Integer(_)
            | Self::Float(_)
            | Self::Text(_)
            | Self::Array(_) => None,
        }
    }

    /// Puts `value` at `path`, if there is such a place. Whole numbers become floats where there
    /// was a float.
    pub fn put(&mut self, path: &[OwnedSegment], value: Self) {
        let mut place = self;
        for step in path {
            let next = match (place, step) {
                (Self::Table(entries), OwnedSegment::Key(key)) => {
                    if !entries.iter().any(|entry| entry.0 == *key) {
                        entries.push((key.clone(), Self::Table(Vec::new())));
                    }
                    entries.iter_mut().find(|entry| entry.0 == *key).map(|entry| &mut entry.1)
                }
                (Self::Array(values), OwnedSegment::Index(index)) => values.get_mut(*index),
                (Self::Table(_), OwnedSegment::Index(_))
                | (Self::Array(_), OwnedSegment::Key(_))
                | (Self::Boolean(_) | Self::Integer(_) | Self::Float(_) | Self::Text(_), _) => None,
            };
            let Some(next) = next else { return };
            place = next;
        }
        let as_float = matches!(place, Self::Float(_));
        *place = if as_float { value.floats() } else { value };
    }

    /// Restores the written order of sweeps, which typed tables lose because they sort their maps.
    /// It is the order of scenarios.
    pub fn order_sweeps(&mut self, written: &Node) {
        match self {
            Self::Table(entries) => {
                let slots: Vec<usize> =
                    (0..entries.len()).filter(|&slot| entries[slot].1.has_sweep()).collect();
                let mut swept: Vec<(String, Self)> =
                    slots.iter().map(|&slot| entries[slot].clone()).collect();
                let place = |key: &str| {
                    written.entries().unwrap_or_default().iter().position(|entry| entry.key == key)
                };
                swept.sort_by_key(|(key, _)| place(key));
                for (slot, (key, mut value)) in slots.into_iter().zip(swept) {
                    if let Some(node) = written.get(&key) {
                        value.order_sweeps(node);
                    }
                    entries[slot] = (key, value);
                }
            }
            Self::Array(values) => {
                for (value, node) in values.iter_mut().zip(written.elements().unwrap_or_default()) {
                    value.order_sweeps(node);
                }
            }
            Self::Boolean(_) | Self::Integer(_) | Self::Float(_) | Self::Text(_) => {}
        }
    }

    fn has_sweep(&self) -> bool {
        match self {
            Self::Table(entries) => {
                entries.iter().any(|(key, value)| key == "sweep" || value.has_sweep())
            }
            Self::Array(values) => values.iter().any(Self::has_sweep),
            Self::Boolean(_) | Self::Integer(_) | Self::Float(_) | Self::Text(_) => false,
        }
    }

    /// Converts every whole number to a float.
    fn floats(self) -> Self {
        match self {
            Self::Integer(integer) => Self::Float(integer as f64),
            Self::Array(values) => Self::Array(values.into_iter().map(Self::floats).collect()),
            Self::Table(entries) => {
                Self::Table(entries.into_iter().map(|(key, value)| (key, value.floats())).collect())
            }
            Self::Boolean(_) | Self::Float(_) | Self::Text(_) => self,
        }
    }

    /// Writes a TOML document with a section for each table.
    pub fn document(&self) -> String {
        let mut text = String::new();
        section(&mut text, "", self);
        text
    }

    /// Writes JSON on one line; infinity is the text `inf`.
    pub fn json(&self) -> String {
        match self {
            Self::Boolean(truth) => truth.to_string(),
            Self::Integer(integer) => integer.to_string(),
            Self::Float(number) if number.is_finite() => format!("{number:?}"),
            Self::Float(number) => format!("\"{number}\""),
            Self::Text(text) => serde_json::Value::from(text.as_str()).to_string(),
            Self::Array(values) => format!("[{}]", joined(values.iter().map(Self::json))),
            Self::Table(entries) => {
                let entry = |(key, value): &(String, Self)| {
                    format!("{}:{}", serde_json::Value::from(key.as_str()), value.json())
                };
                format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(","))
            }
        }
    }

    fn inline(&self) -> String {
        match self {
            Self::Boolean(truth) => truth.to_string(),
            Self::Integer(integer) => integer.to_string(),
            Self::Float(number) => format!("{number:?}"),
            Self::Text(text) => quote(text),
            Self::Array(values) => format!("[{}]", joined(values.iter().map(Self::inline))),
            Self::Table(entries) if entries.is_empty() => "{}".to_owned(),
            Self::Table(entries) => {
                format!(
                    "{{ {} }}",
                    joined(entries.iter().map(|(key, value)| format!(
                        "{} = {}",
                        bare(key),
                        value.inline()
                    )))
                )
            }
        }
    }
}

impl From<toml::Value> for Value {
    fn from(value: toml::Value) -> Self {
        match value {
            toml::Value::String(text) => Self::Text(text),
            toml::Value::Integer(integer) => Self::Integer(i128::from(integer)),
            toml::Value::Float(number) => Self::Float(number),
            toml::Value::Boolean(truth) => Self::Boolean(truth),
            toml::Value::Datetime(date) => Self::Text(date.to_string()),
            toml::Value::Array(values) => Self::Array(values.into_iter().map(Self::from).collect()),
            toml::Value::Table(entries) => Self::Table(
                entries.into_iter().map(|(key, value)| (key, Self::from(value))).collect(),
            ),
        }
    }
}

fn joined(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}

/// Writes a table and the tables in it, below the heading `name`.
fn section(text: &mut String, name: &str, table: &Value) {
    let Value::Table(entries) = table else { return };
    let full =
        |key: &str| if name.is_empty() { bare(key) } else { format!("{name}.{}", bare(key)) };
    // in TOML inline entries come before headings, so a table before an inline entry is inline too
    let headings = entries
        .iter()
        .rposition(|(key, value)| !is_section(name, key, value))
        .map_or(0, |last| last + 1);
    for (key, value) in &entries[..headings] {
        // writing to a String cannot fail
        let _ = writeln!(text, "{} = {}", bare(key), value.inline());
    }
    for (key, value) in &entries[headings..] {
        let full = full(key);
        match value {
            Value::Array(tables) => {
                for table in tables {
                    let _ = write!(text, "\n[[{full}]]\n");
                    section(text, &full, table);
                }
            }
            Value::Table(inner) => {
                // a table that has only tables needs no heading of its own
                if inner.is_empty()
                    || inner.iter().any(|(key, value)| !is_section(&full, key, value))
                {
                    let _ = write!(text, "\n[{full}]\n");
                }
                section(text, &full, value);
            }
            Value::Boolean(_) | Value::Integer(_) | Value::Float(_) | Value::Text(_) => {}
        }
    }
}

/// Whether a table has a heading of its own, as in studies written by hand; others are inline.
fn is_section(parent: &str, key: &str, value: &Value) -> bool {
    match value {
        Value::Table(_) if value.get("sweep").is_some() => false,
        Value::Table(_) => {
            parent.is_empty()
                || parent == "signal"
                || parent == "market" && key != "rename"
                || key == "correlation_chain"
        }
        Value::Array(values) => {
            ["policy", "regime", "flow"].contains(&key)
                && values
                    .iter()
                    .all(|value| matches!(value, Value::Table(_)) && value.get("sweep").is_none())
        }
        Value::Boolean(_) | Value::Integer(_) | Value::Float(_) | Value::Text(_) => false,
    }
}

/// A key as TOML, in quotes if it needs them.
fn bare(key: &str) -> String {
    let plain = !key.is_empty()
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
    if plain { key.to_owned() } else { quote(key) }
}

/// Text as TOML, in quotes.
fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_survives_writing_and_reading() {
        for text in ["", "a\"b\\c", "tab\tnewline\nnul\u{0}bell\u{7}", "\u{202e}é"] {
            let document =
                Value::Table(vec![(text.to_owned(), Value::Text(text.to_owned()))]).document();
            let back: toml::Table =
                toml::from_str(&document).unwrap_or_else(|error| panic!("{document}: {error}"));
            assert_eq!(back.get(text).and_then(|value| value.as_str()), Some(text));
        }
    }

    #[test]
    fn json_has_no_infinity() {
        let value = Value::Array(vec![
            Value::Float(f64::INFINITY),
            Value::Float(0.1),
            Value::Integer(i128::from(u64::MAX)),
        ]);
        assert_eq!(value.json(), "[\"inf\", 0.1, 18446744073709551615]");
    }
}
