//! Takes sweeps out of a study's tree and counts through their corners.

use corridor_core::numerics;

use crate::diagnostic::{Id, number, quoted};
use crate::report::Reporter;
use crate::tree::{Entry, Item, Node, Path, Segment, Span};

/// Values one sweep may have.
const VALUES_MAX: i128 = 4096;

/// A sweep taken out of the tree.
#[derive(Clone, Debug)]
pub(crate) struct Sweep {
    /// Keys and indices from the root.
    pub path: Vec<Step>,
    /// The values it runs through, none of them a sweep.
    pub alternatives: Vec<Node>,
    /// Name that ties it to other sweeps.
    pub axis: Option<String>,
    /// Where it was written.
    pub span: Span,
}

/// A step down the tree, owned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Key(String),
    Index(usize),
}

/// What is wrong with a sweep's shape.
#[derive(Debug)]
pub(crate) struct Fault {
    pub span: Span,
    pub message: String,
    pub hint: &'static str,
}

/// What a sweep belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner<'a> {
    Policy(usize),
    Signal(&'a str),
    Scenario,
}

impl Sweep {
    /// Sweeps under `[[policy]]` and `[signal]` make policies, elsewhere scenarios.
    pub fn owner(&self) -> Owner<'_> {
        match self.path.as_slice() {
            [Step::Key(root), Step::Index(index), ..] if root == "policy" => Owner::Policy(*index),
            [Step::Key(root), Step::Key(name), ..] if root == "signal" => Owner::Signal(name),
            _ => Owner::Scenario, // a slice pattern, not one of our enums
        }
    }

    /// The dotted key, `costs.one_way_bps`.
    pub fn key(&self) -> String {
        self.suffix(self.path.len())
    }

    /// The last `count` steps of the key.
    pub fn suffix(&self, count: usize) -> String {
        let step = |step: &Step| match step {
            Step::Key(key) => key.clone(),
            Step::Index(index) => index.to_string(),
        };
        let steps: Vec<_> =
            self.path[self.path.len().saturating_sub(count)..].iter().map(step).collect();
        steps.join(".")
    }

    /// The alternative at `place` as it stands in names: `-0.5`, `month`, `true`, `lag_months=1`; a
    /// list, or a table of anything but such values, by its place, `#2`.
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

/// A single value as it stands in names.
fn scalar(item: &Item) -> Option<String> {
    match item {
        Item::Boolean(truth) => Some(truth.to_string()),
        Item::Integer(integer) => Some(integer.to_string()),
        Item::Float(value) => Some(number(*value)),
        Item::Text(text) => Some(quoted(text)),
        Item::Array(_) | Item::Table(_) | Item::Sweep(_) | Item::Unreadable => None,
    }
}

/// The values of the sweep written in `node`.
///
/// # Errors
/// When it is neither a list nor a range.
pub(crate) fn alternatives(node: &Node) -> Result<Vec<Node>, Fault> {
    const HINT: &str = "write `{ sweep = [1, 2, 3] }` or `{ sweep = { from = 1, to = 3, count = 3 \
    } }`, with `axis = \"name\"` beside it at most";
    let fault = |span, message: String| Err(Fault { span, message, hint: HINT });
    for entry in node.entries().unwrap_or_default() {
        match entry.key.as_str() {
            "sweep" => {}
            "axis" if entry.node.text().is_some() => {}
            "axis" => return fault(entry.node.span, "`axis` is a name".to_owned()),
            other => {
                return fault(entry.key_span, format!("a sweep has no key `{}`", quoted(other)));
            }
        }
    }
    let Some(values) = node.get("sweep") else {
        return fault(node.span, "a sweep needs values".to_owned());
    };
    match &values.item {
        Item::Array(list) if list.is_empty() => {
            fault(values.span, "the sweep has no values".to_owned())
        }
        Item::Array(list) if list.len() as i128 > VALUES_MAX => fault(
            values.span,
            format!("the sweep has {} values, {VALUES_MAX} are possible", list.len()),
        ),
        Item::Array(list) => match list.iter().find_map(sweep_within) {
            Some(span) => fault(span, "a sweep stands inside a sweep".to_owned()),
            None => Ok(list.clone()),
        },
        Item::Table(_) => range(values, HINT),
        Item::Boolean(_)
        | Item::Integer(_)
        | Item::Float(_)
        | Item::Text(_)
        | Item::Sweep(_)
        | Item::Unreadable => fault(
            values.span,
            format!("a sweep is {}, it must be a list or a range", values.item.kind()),
        ),
    }
}

fn sweep_within(node: &Node) -> Option<Span> {
    if let Some(entry) = node.entry("sweep") {
        return Some(entry.key_span);
    }
    let in_table =
        node.entries().unwrap_or_default().iter().find_map(|entry| sweep_within(&entry.node));
    in_table.or_else(|| node.elements().unwrap_or_default().iter().find_map(sweep_within))
}

fn range(node: &Node, hint: &'static str) -> Result<Vec<Node>, Fault> {
    let fault = |span, message: &str| Fault { span, message: message.to_owned(), hint };
    for entry in node.entries().unwrap_or_default() {
        if !["from", "to", "count", "spacing"].contains(&entry.key.as_str()) {
            return Err(fault(
                entry.key_span,
                &format!("a range has no key `{}`", quoted(&entry.key)),
            ));
        }
    }
    let bound = |key: &str| match node.get(key) {
        Some(value) => match value.number().filter(|number| number.is_finite()) {
            Some(number) => Ok(number),
            None => Err(fault(value.span, &format!("`{key}` of a range is a number"))),
        },
        None => Err(fault(node.span, &format!("a range needs `{key}`"))),
    };
    let (from, to) = (bound("from")?, bound("to")?);
    let count = match node.get("count").map(|value| (value.span, &value.item)) {
        Some((_, &Item::Integer(count))) if (2..=VALUES_MAX).contains(&count) => count as usize,
        Some((span, _)) => {
            return Err(fault(
                span,
                &format!("`count` of a range is a whole number from 2 to {VALUES_MAX}"),
            ));
        }
        None => return Err(fault(node.span, "a range needs `count`")),
    };
    let log = match node.get("spacing").map(|value| (value.span, value.text())) {
        None | Some((_, Some("linear"))) => false,
        Some((_, Some("log"))) if from > 0.0 && to > 0.0 => true,
        Some((span, Some("log"))) => {
            return Err(fault(
                span,
                "a range with `spacing = \"log\"` needs `from` and `to` above 0",
            ));
        }
        Some((span, _)) => {
            return Err(fault(span, "`spacing` of a range is \"linear\" or \"log\""));
        }
    };
    let whole = matches!(
        (node.get("from").map(|n| &n.item), node.get("to").map(|n| &n.item)),
        (Some(Item::Integer(_)), Some(Item::Integer(_)))
    );
    let point = |place: usize| {
        let value = spaced(from, to, place, count, log);
        let item = if whole && value.fract() == 0.0 {
            Item::Integer(value as i128)
        } else {
            Item::Float(value)
        };
        Node { span: node.span, item }
    };
    Ok((0..count).map(point).collect())
}

/// Point `place` of `count` between `from` and `to`, rounded to 12 digits so that its name stays
/// short.
fn spaced(from: f64, to: f64, place: usize, count: usize, log: bool) -> f64 {
    if place == 0 {
        return from;
    }
    if place + 1 == count {
        return to;
    }
    let share = place as f64 / (count - 1) as f64;
    let exact = match log {
        true => from * numerics::exp(share * numerics::ln(to / from)),
        false => from + (to - from) * share,
    };
    format!("{exact:.11e}").parse().unwrap_or(exact)
}

/// Replaces every sweep of the tree by its number, in file order, and returns them.
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

fn collect(node: &Node, path: &mut Vec<Step>, sweeps: &mut Vec<Sweep>) {
    if !path.is_empty() && node.get("sweep").is_some() {
        if let Ok(alternatives) = alternatives(node) {
            let axis = node.get("axis").and_then(Node::text).map(str::to_owned);
            sweeps.push(Sweep { path: path.clone(), alternatives, axis, span: node.span });
        }
        return;
    }
    for entry in node.entries().unwrap_or_default() {
        path.push(Step::Key(entry.key.clone()));
        collect(&entry.node, path, sweeps);
        path.pop();
    }
    for (index, element) in node.elements().unwrap_or_default().iter().enumerate() {
        path.push(Step::Index(index));
        collect(element, path, sweeps);
        path.pop();
    }
}

fn node_mut<'a>(root: &'a mut Node, path: &[Step]) -> Option<&'a mut Node> {
    let mut node = root;
    for step in path {
        node = match (&mut node.item, step) {
            (Item::Table(entries), Step::Key(key)) => {
                &mut entries.iter_mut().find(|entry| entry.key == *key)?.node
            }
            (Item::Array(elements), Step::Index(index)) => elements.get_mut(*index)?,
            (
                Item::Boolean(_)
                | Item::Integer(_)
                | Item::Float(_)
                | Item::Text(_)
                | Item::Sweep(_)
                | Item::Unreadable,
                _,
            )
            | (Item::Table(_), Step::Index(_))
            | (Item::Array(_), Step::Key(_)) => return None,
        };
    }
    Some(node)
}

/// Which alternative of every sweep a corner takes, by sweep number.
pub(crate) type Choice = Vec<usize>;

/// The sweeps of a tree with the tree they were taken out of.
#[derive(Debug)]
pub(crate) struct Grid {
    pub root: Node,
    pub sweeps: Vec<Sweep>,
    /// Whether everything in the tree fits its type; what does not is reported.
    pub sound: bool,
}

impl Grid {
    /// What stands at `node` in a corner.
    pub fn resolve<'a>(&'a self, node: &'a Node, choice: &Choice) -> &'a Node {
        match node.item {
            Item::Sweep(number) => {
                let place = choice.get(number).copied().unwrap_or(0);
                self.sweeps
                    .get(number)
                    .and_then(|sweep| sweep.alternatives.get(place))
                    .unwrap_or(node)
            }
            Item::Boolean(_)
            | Item::Integer(_)
            | Item::Float(_)
            | Item::Text(_)
            | Item::Array(_)
            | Item::Table(_)
            | Item::Unreadable => node,
        }
    }

    /// The node at `path` in a corner, where the file has it.
    pub fn find(&self, path: &[Segment<'_>], choice: &Choice) -> Option<&Node> {
        let (node, _, complete) = self.walk(path, choice);
        complete.then_some(node)
    }

    /// Where `path` stands in the file; of a path the file does not have, where its deepest known
    /// part stands.
    pub fn span(&self, path: &Path<'_>, choice: &Choice) -> Span {
        self.span_of(&path.segments(), choice)
    }

    /// The same for a place given as a list of steps.
    pub fn span_of(&self, path: &[Segment<'_>], choice: &Choice) -> Span {
        self.walk(path, choice).1
    }

    fn walk<'a>(&'a self, path: &[Segment<'_>], choice: &Choice) -> (&'a Node, Span, bool) {
        let mut node = &self.root;
        let mut span = node.span;
        for segment in path {
            let next = match *segment {
                Segment::Key(key) => node.get(key),
                Segment::Index(index) => node.elements().and_then(|elements| elements.get(index)),
            };
            let Some(next) = next else {
                // what a table takes from a preset or the catalogue stands where it is named
                let named = node.get("use").or_else(|| node.get("preset"));
                return (node, named.map_or(span, |named| named.span), false);
            };
            node = self.resolve(next, choice);
            span = node.span;
        }
        (node, span, true)
    }
}

/// Sweeps that advance together.
#[derive(Clone, Debug)]
pub(crate) struct Axis {
    pub sweeps: Vec<usize>,
    pub len: usize,
}

/// Groups `members` (sweep numbers, in file order) into axes, in file order; reports axes of
/// unequal length.
pub(crate) fn axes(sweeps: &[Sweep], members: &[usize], reporter: &Reporter) -> Vec<Axis> {
    let mut axes: Vec<(Option<&str>, Axis)> = Vec::new();
    for &number in members {
        let sweep = &sweeps[number];
        let len = sweep.alternatives.len();
        let name = sweep.axis.as_deref();
        match axes.iter_mut().find(|(known, _)| name.is_some() && *known == name) {
            Some((_, axis)) if axis.len == len => axis.sweeps.push(number),
            Some((_, axis)) => {
                let axis_name = quoted(name.unwrap_or_default());
                let message = format!(
                    "the sweep of `{}` has {len} values, axis `{axis_name}` has {}",
                    sweep.key(),
                    axis.len
                );
                reporter.error(
                    sweep.span,
                    Id::SweepAxis,
                    message,
                    "give all sweeps of an axis the same number of values",
                );
            }
            None => axes.push((name, Axis { sweeps: vec![number], len })),
        }
    }
    axes.into_iter().map(|(_, axis)| axis).collect()
}

/// All corners of `axes` on top of `base`, the last axis moving fastest.
pub(crate) fn corners(axes: &[Axis], base: &Choice) -> Vec<Choice> {
    let mut corners = vec![base.clone()];
    for axis in axes {
        let widened = corners.iter().flat_map(|corner| {
            (0..axis.len).map(move |place| {
                let mut corner = corner.clone();
                for &sweep in &axis.sweeps {
                    corner[sweep] = place;
                }
                corner
            })
        });
        corners = widened.collect();
    }
    corners
}

/// Number of corners, saturating.
pub(crate) fn count(axes: &[Axis]) -> u64 {
    axes.iter().fold(1u64, |count, axis| count.saturating_mul(axis.len as u64))
}

/// `one_way_bps=10,initial=1000`: the values a corner takes of `members`, each under the shortest
/// distinct key.
pub(crate) fn corner_name(sweeps: &[Sweep], members: &[usize], choice: &Choice) -> String {
    let part = |&number: &usize| {
        format!("{}={}", short_key(sweeps, members, number), sweeps[number].label(choice[number]))
    };
    let parts: Vec<String> = members.iter().map(part).collect();
    parts.join(",")
}

/// The shortest end of a sweep's key that no other of `members` ends in.
pub(crate) fn short_key(sweeps: &[Sweep], members: &[usize], number: usize) -> String {
    let sweep = &sweeps[number];
    let clashes = |count: &usize| {
        members
            .iter()
            .any(|&other| other != number && sweeps[other].suffix(*count) == sweep.suffix(*count))
    };
    let begins_with_a_key =
        |count: &usize| matches!(sweep.path.iter().nth_back(count - 1), Some(Step::Key(_)));
    let depth = (1..sweep.path.len())
        .find(|count| begins_with_a_key(count) && !clashes(count))
        .unwrap_or(sweep.path.len());
    sweep.suffix(depth)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_hit_their_ends_and_have_short_decimals() {
        let linear: Vec<f64> = (0..11).map(|place| spaced(0.0, 1.0, place, 11, false)).collect();
        assert_eq!(linear, [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]);
        let log: Vec<f64> = (0..4).map(|place| spaced(1.0, 1000.0, place, 4, true)).collect();
        assert_eq!(log, [1.0, 10.0, 100.0, 1000.0]);
    }
}
