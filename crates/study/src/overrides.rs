//! Applies overrides, the values that replace those of a study's text, to the tree of the study.

use crate::diagnostic::{Diagnostic, Id};
use crate::report::Reporter;
use crate::tree::{Entry, Item, Node, Span};
use crate::wording::{did_you_mean, quoted};

/// Values that replace those of a study's text before it is checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    /// Pairs `key=value`: a dotted key, in which `policy.NAME` and `regime.NAME` address by name,
    /// and a TOML value. A bare word counts as text.
    pub set: Vec<String>,
    /// Number of paths, in place of `run.paths`.
    pub paths: Option<u64>,
    /// Master seed, in place of `run.seed`.
    pub seed: Option<u64>,
}

/// Applies every override to `root`; one that cannot be applied is reported at the override itself.
pub(crate) fn apply(root: &mut Node, overrides: &Overrides, reporter: &mut Reporter) {
    for set in &overrides.set {
        apply_one(root, set, reporter);
    }
    for (key, number) in [("paths", overrides.paths), ("seed", overrides.seed)] {
        if let Some(number) = number {
            apply_one(root, &format!("run.{key}={number}"), reporter);
        }
    }
}

fn apply_one(root: &mut Node, text: &str, reporter: &mut Reporter) {
    const HINT: &str = "write `table.key=value`; a policy or regime is addressed by its name, \
    `policy.NAME.review=year`";
    let tree = match parse(text, reporter) {
        Ok(tree) => tree,
        Err(errors) => {
            for mut error in errors {
                error.id = Id::BadOverride;
                HINT.clone_into(&mut error.hint);
                reporter.push(Span::default(), error);
            }
            return;
        }
    };
    let Item::Table(entries) = tree.item else { return };
    if entries.len() != 1 {
        return reporter.error(
            tree.span,
            Id::BadOverride,
            "an override sets exactly one key",
            HINT,
        );
    }
    for entry in entries {
        merge(root, entry, true, reporter);
    }
}

/// Reads `key=value` as TOML, a bare word being text: `policy.a.trade=to_edge`.
fn parse(text: &str, reporter: &mut Reporter) -> Result<Node, Vec<Diagnostic>> {
    let origin = format!("override {text}");
    reporter.sources.parse(&origin, text).or_else(|errors| match text.split_once('=') {
        Some((key, word)) if !word.trim().is_empty() && !word.contains(['"', '\n', '\\']) => {
            let quoted = format!("{key}=\"{}\"", word.trim());
            reporter.sources.parse(&origin, &quoted).map_err(|_| errors)
        }
        Some(_) | None => Err(errors),
    })
}

/// Puts `entry` into `node`. While the override only walks down (`walking`), tables are merged; the
/// value in which it ends replaces the old one.
fn merge(node: &mut Node, entry: Entry, walking: bool, reporter: &Reporter) {
    // a dotted key parses to tables that have the span of their key; a written table has its own
    let dotted =
        |entry: &Entry| entry.node.entries().is_some() && entry.node.span == entry.key_span;
    match &mut node.item {
        Item::Table(entries) => {
            let steps_down = walking && dotted(&entry);
            match entries.iter_mut().find(|known| known.key == entry.key) {
                Some(known)
                    if steps_down
                        && !matches!(known.node.item, Item::Table(_) | Item::Array(_)) =>
                {
                    known.node = entry.node
                }
                Some(known) if steps_down => {
                    for inner in into_entries(entry.node) {
                        merge(&mut known.node, inner, true, reporter);
                    }
                }
                Some(known) => known.node = entry.node,
                None => entries.push(entry),
            }
        }
        Item::Array(elements) => by_name(elements, entry, reporter),
        Item::Boolean(_)
        | Item::Integer(_)
        | Item::Float(_)
        | Item::Text(_)
        | Item::Sweep(_)
        | Item::Unreadable => {}
    }
}

/// Addresses an element of a list of tables by its `name`, or of any list by its place from 0.
fn by_name(elements: &mut [Node], entry: Entry, reporter: &Reporter) {
    let named = elements
        .iter()
        .position(|element| element.get("name").and_then(Node::text) == Some(entry.key.as_str()));
    let place =
        named.or_else(|| entry.key.parse().ok()).filter(|&place: &usize| place < elements.len());
    let Some(place) = place else {
        let names: Vec<&str> = elements
            .iter()
            .filter_map(|element| element.get("name").and_then(Node::text))
            .collect();
        let message = format!("the list has no entry called `{}`", quoted(&entry.key));
        let hint = did_you_mean(&entry.key, &names);
        return reporter.error(entry.key_span, Id::BadOverride, message, hint);
    };
    if entry.node.span != entry.key_span {
        elements[place] = entry.node;
        return;
    }
    for inner in into_entries(entry.node) {
        merge(&mut elements[place], inner, true, reporter);
    }
}

fn into_entries(node: Node) -> Vec<Entry> {
    match node.item {
        Item::Table(entries) => entries,
        Item::Boolean(_)
        | Item::Integer(_)
        | Item::Float(_)
        | Item::Text(_)
        | Item::Array(_)
        | Item::Sweep(_)
        | Item::Unreadable => Vec::new(),
    }
}
