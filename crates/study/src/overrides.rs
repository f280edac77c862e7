//! Puts what the command line changes into a study's tree.

use crate::Overrides;
use crate::diagnostic::{Id, did_you_mean, quoted};
use crate::report::Reporter;
use crate::tree::{Entry, Item, Node, Span};

/// Applies every override to `root`; what cannot be applied is reported at the override itself.
pub(crate) fn apply(root: &mut Node, overrides: &Overrides, reporter: &mut Reporter) {
    for set in &overrides.set {
        apply_one(root, &format!("--set {set}"), set, reporter);
    }
    let numbers = [("--paths", "paths", overrides.paths), ("--seed", "seed", overrides.seed)];
    for (flag, key, number) in numbers {
        if let Some(number) = number {
            apply_one(
                root,
                &format!("{flag} {number}"),
                &format!("run.{key} = {number}"),
                reporter,
            );
        }
    }
}

fn apply_one(root: &mut Node, origin: &str, text: &str, reporter: &mut Reporter) {
    const HINT: &str = "write `--set table.key=value`; a policy or regime is addressed by its \
    name, `policy.NAME.review=year`";
    let parsed = match reporter.sources.parse(origin, text) {
        Ok(parsed) => Ok(parsed),
        // a bare word is text: --set policy.a.trade=to_edge
        Err(errors) => match text.split_once('=') {
            Some((key, word)) if !word.trim().is_empty() && !word.contains(['"', '\n', '\\']) => {
                let quoted = format!("{key}=\"{}\"", word.trim());
                reporter.sources.parse(origin, &quoted).map_err(|_| errors)
            }
            Some(_) | None => Err(errors),
        },
    };
    let tree = match parsed {
        Ok(tree) => tree,
        Err(errors) => {
            let span = Span::default();
            for mut error in errors {
                error.id = Id::BadOverride;
                HINT.clone_into(&mut error.hint);
                reporter.push(span, error);
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

/// Puts `entry` into `node`. As long as the override only walks down (`walking`), tables merge; the
/// value it ends in replaces what was there.
fn merge(node: &mut Node, entry: Entry, walking: bool, reporter: &Reporter) {
    // a dotted key parses to tables whose span is their key's: the value proper has another
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
        let message = format!("nothing here is called `{}`", quoted(&entry.key));
        return reporter.error(
            entry.key_span,
            Id::BadOverride,
            message,
            did_you_mean(&entry.key, &names),
        );
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
