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

/// Reads a whole number as people write it: `10000`, `10_000`, `100k` or `1.5M`.
#[must_use]
pub fn whole_number(text: &str) -> Option<u64> {
    let (digits, unit) = match text.as_bytes().last()? {
        b'k' | b'K' => (&text[..text.len() - 1], 1_000),
        b'm' | b'M' => (&text[..text.len() - 1], 1_000_000),
        _ => (text, 1_u64), // a byte, not one of our enums
    };
    let (whole, mut part) = digits.split_once('.').unwrap_or((digits, ""));
    let is_grouped = !whole.starts_with('_') && !whole.ends_with('_') && !whole.contains("__");
    if !is_grouped || whole.is_empty() || digits.ends_with('.') {
        return None;
    }
    let number = |text: &str| {
        let fine = text.bytes().all(|byte| byte.is_ascii_digit());
        if fine { text.parse::<u64>().ok() } else { None }
    };
    let mut sum = number(&whole.replace('_', ""))?.checked_mul(unit)?;
    part = part.trim_end_matches('0');
    if !part.is_empty() {
        let scale = 10_u64.checked_pow(u32::try_from(part.len()).ok()?)?;
        if !unit.is_multiple_of(scale) {
            return None;
        }
        sum = sum.checked_add(number(part)?.checked_mul(unit / scale)?)?;
    }
    Some(sum)
}

fn apply_one(root: &mut Node, text: &str, reporter: &mut Reporter) {
    let of_paths = text.split_once('=').filter(|(key, _)| key.trim() == "run.paths");
    if let Some(paths) = of_paths.and_then(|(_, value)| whole_number(value.trim())) {
        return set_one(root, &format!("run.paths={paths}"), reporter);
    }
    set_one(root, text, reporter);
}

fn set_one(root: &mut Node, text: &str, reporter: &mut Reporter) {
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

#[cfg(test)]
mod tests {
    use super::whole_number;

    #[test]
    fn whole_numbers_are_read_as_people_write_them() {
        let cases = [
            ("0", Some(0)),
            ("10000", Some(10_000)),
            ("10_000", Some(10_000)),
            ("10k", Some(10_000)),
            ("100K", Some(100_000)),
            ("1M", Some(1_000_000)),
            ("1.5M", Some(1_500_000)),
            ("2.50k", Some(2500)),
            ("18446744073709551615", Some(u64::MAX)),
            ("18446744073709551616", None),
            ("99999999999999999M", None),
            ("1.5", None),
            ("0.0001k", None),
            ("1.", None),
            (".5k", None),
            ("_1", None),
            ("1_", None),
            ("1__0", None),
            ("-1", None),
            ("+1", None),
            ("k", None),
            ("", None),
            ("1e5", None),
            ("ä", None),
        ];
        for (text, number) in cases {
            assert_eq!(whole_number(text), number, "{text}");
        }
    }
}
