//! Takes sweeps out of a study's tree, and counts and names their corners.

mod axis;
mod name;
mod title;
mod values;

use crate::tree::{Entry, Item, Node, Span};
use crate::wording::{number, quoted};

pub(crate) use axis::{Axis, axes, corners, count};
pub(crate) use name::{corner_name, short_key};
pub(crate) use title::title;
pub(crate) use values::alternatives;

/// A sweep taken out of the tree.
#[derive(Clone, Debug)]
pub(crate) struct Sweep {
    /// Place of the sweep in the tree, from the root.
    pub path: Vec<OwnedSegment>,
    /// Values of the sweep; none is a sweep itself.
    pub alternatives: Vec<Node>,
    /// Name of the axis that ties it to other sweeps.
    pub axis: Option<String>,
    /// Words for the swept number with its unit, as the study has them.
    pub label: Option<String>,
    /// Where it was written.
    pub span: Span,
}

/// One step down the tree: a [`Segment`](crate::tree::Segment) that owns its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum OwnedSegment {
    Key(String),
    Index(usize),
}

/// Table to which a sweep belongs, and which it makes several of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner<'a> {
    /// The `[[policy]]` of this index.
    Policy(usize),
    /// The `[signal]` of this name.
    Signal(&'a str),
    /// Any other table: the sweep makes scenarios.
    Scenario,
}

impl Sweep {
    /// The table to which the sweep belongs.
    pub fn owner(&self) -> Owner<'_> {
        match self.path.as_slice() {
            [OwnedSegment::Key(root), OwnedSegment::Index(index), ..] if root == "policy" => {
                Owner::Policy(*index)
            }
            [OwnedSegment::Key(root), OwnedSegment::Key(name), ..] if root == "signal" => {
                Owner::Signal(name)
            }
            _ => Owner::Scenario, // a slice pattern, not one of our enums
        }
    }

    /// Words for the swept number, with its unit: those of the study, else those of the key.
    pub fn title(&self) -> String {
        self.label.clone().unwrap_or_else(|| title(&self.key()))
    }

    /// Dotted key of the sweep, such as `costs.one_way_bps`.
    pub fn key(&self) -> String {
        self.suffix(self.path.len())
    }

    /// The last `count` segments of the key.
    pub fn suffix(&self, count: usize) -> String {
        let text = |segment: &OwnedSegment| match segment {
            OwnedSegment::Key(key) => key.clone(),
            OwnedSegment::Index(index) => index.to_string(),
        };
        let last = &self.path[self.path.len().saturating_sub(count)..];
        last.iter().map(text).collect::<Vec<_>>().join(".")
    }

    /// The alternative at `place` as names of corners have it: `-0.5`, `month`, `true` or
    /// `lag_months=1`. A list, and a table of anything but such values, is called by its place,
    /// `#2`.
    pub fn label(&self, place: usize) -> String {
        let by_place = format!("#{}", place + 1);
        match self.alternatives.get(place).map(|node| &node.item) {
            Some(Item::Table(entries)) if !entries.is_empty() => {
                let part =
                    |entry: &Entry| Some(format!("{}={}", entry.key, scalar(&entry.node.item)?));
                entries
                    .iter()
                    .map(part)
                    .collect::<Option<Vec<_>>>()
                    .map_or(by_place, |parts| parts.join("+"))
            }
            Some(item) => scalar(item).unwrap_or(by_place),
            None => by_place,
        }
    }
}

/// A single value as names of corners have it; `None` for lists and tables.
fn scalar(item: &Item) -> Option<String> {
    match item {
        Item::Boolean(truth) => Some(truth.to_string()),
        Item::Integer(integer) => Some(integer.to_string()),
        Item::Float(value) => Some(number(*value)),
        Item::Text(text) => Some(quoted(text)),
        Item::Array(_) | Item::Table(_) | Item::Sweep(_) | Item::Unreadable => None,
    }
}

/// Takes all sweeps out of the tree, in file order; a number replaces each of them.
pub(crate) fn take(root: &mut Node) -> Vec<Sweep> {
    let mut sweeps = Vec::new();
    collect(root, &mut Vec::new(), &mut sweeps);
    sweeps.sort_by_key(|sweep| sweep.span);
    for (number, sweep) in sweeps.iter().enumerate() {
        if let Some(node) = node_mut(root, &sweep.path) {
            node.item = Item::Sweep(number);
        }
    }
    sweeps
}

/// Adds the sweeps at and below `node`, which is at `path`.
fn collect(node: &Node, path: &mut Vec<OwnedSegment>, sweeps: &mut Vec<Sweep>) {
    if !path.is_empty() && node.get("sweep").is_some() {
        if let Ok(alternatives) = alternatives(node) {
            let text = |key: &str| node.get(key).and_then(Node::text).map(str::to_owned);
            let (axis, label) = (text("axis"), text("label"));
            sweeps.push(Sweep { path: path.clone(), alternatives, axis, label, span: node.span });
        }
        return;
    }
    for entry in node.entries().unwrap_or_default() {
        path.push(OwnedSegment::Key(entry.key.clone()));
        collect(&entry.node, path, sweeps);
        path.pop();
    }
    for (index, element) in node.elements().unwrap_or_default().iter().enumerate() {
        path.push(OwnedSegment::Index(index));
        collect(element, path, sweeps);
        path.pop();
    }
}

/// The node at `path`, if the tree has it.
fn node_mut<'a>(root: &'a mut Node, path: &[OwnedSegment]) -> Option<&'a mut Node> {
    let mut node = root;
    for segment in path {
        node = match (&mut node.item, segment) {
            (Item::Table(entries), OwnedSegment::Key(key)) => {
                &mut entries.iter_mut().find(|entry| entry.key == *key)?.node
            }
            (Item::Array(elements), OwnedSegment::Index(index)) => elements.get_mut(*index)?,
            (
                Item::Boolean(_)
                | Item::Integer(_)
                | Item::Float(_)
                | Item::Text(_)
                | Item::Sweep(_)
                | Item::Unreadable,
                _,
            )
            | (Item::Table(_), OwnedSegment::Index(_))
            | (Item::Array(_), OwnedSegment::Key(_)) => return None,
        };
    }
    Some(node)
}
