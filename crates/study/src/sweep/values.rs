//! Reads the values of a sweep: a list, or a range with a spacing.

use corridor_core::numerics;

use crate::tree::{Item, Node, Span};
use crate::wording::quoted;

/// Number of values that one sweep may have.
const VALUES_MAX: i128 = 4096;

/// A fault in the shape of a sweep.
#[derive(Debug)]
pub(crate) struct Fault {
    pub span: Span,
    pub message: String,
    pub hint: &'static str,
}

impl Fault {
    fn at(span: Span, message: String) -> Self {
        const HINT: &str = "write `{ sweep = [1, 2, 3] }` or `{ sweep = { from = 1, to = 3, count \
        = 3 } }`; only `axis = \"name\"` and `label = \"words, unit\"` may be beside `sweep`";
        Self { span, message, hint: HINT }
    }
}

/// Reads the values of the sweep that `node` is.
///
/// # Errors
/// The fault of a sweep that is neither a list nor a range, or holds another sweep.
pub(crate) fn alternatives(node: &Node) -> Result<Vec<Node>, Fault> {
    let fault = |span, message: String| Err(Fault::at(span, message));
    for entry in node.entries().unwrap_or_default() {
        match entry.key.as_str() {
            "sweep" => {}
            "axis" | "label" if entry.node.text().is_some() => {}
            "axis" => return fault(entry.node.span, "`axis` is a name".to_owned()),
            "label" => return fault(entry.node.span, "`label` is a text".to_owned()),
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
            format!("the sweep has {} values, at most {VALUES_MAX} are possible", list.len()),
        ),
        Item::Array(list) => match list.iter().find_map(sweep_within) {
            Some(span) => fault(span, "a sweep is inside a sweep".to_owned()),
            None => Ok(list.clone()),
        },
        Item::Table(_) => range(values),
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

/// Place of the first sweep at or below `node`.
fn sweep_within(node: &Node) -> Option<Span> {
    if let Some(entry) = node.entry("sweep") {
        return Some(entry.key_span);
    }
    let in_table =
        node.entries().unwrap_or_default().iter().find_map(|entry| sweep_within(&entry.node));
    in_table.or_else(|| node.elements().unwrap_or_default().iter().find_map(sweep_within))
}

/// Reads a range: `count` values from `from` to `to`, evenly spaced or in even ratios.
fn range(node: &Node) -> Result<Vec<Node>, Fault> {
    for entry in node.entries().unwrap_or_default() {
        if !["from", "to", "count", "spacing"].contains(&entry.key.as_str()) {
            let message = format!("a range has no key `{}`", quoted(&entry.key));
            return Err(Fault::at(entry.key_span, message));
        }
    }
    let (from, to) = (bound(node, "from")?, bound(node, "to")?);
    let count = count(node)?;
    let spacing = spacing(node, from, to)?;
    let whole = matches!(
        (node.get("from").map(|n| &n.item), node.get("to").map(|n| &n.item)),
        (Some(Item::Integer(_)), Some(Item::Integer(_)))
    );
    let point = |place: usize| {
        let value = spaced(from, to, place, count, spacing);
        let item = if whole && value.fract() == 0.0 {
            Item::Integer(value as i128)
        } else {
            Item::Float(value)
        };
        Node { span: node.span, item }
    };
    Ok((0..count).map(point).collect())
}

fn bound(range: &Node, key: &str) -> Result<f64, Fault> {
    let Some(value) = range.get(key) else {
        return Err(Fault::at(range.span, format!("a range needs `{key}`")));
    };
    let finite = value.number().filter(|number| number.is_finite());
    finite.ok_or_else(|| Fault::at(value.span, format!("`{key}` of a range is a number")))
}

fn count(range: &Node) -> Result<usize, Fault> {
    match range.get("count").map(|value| (value.span, &value.item)) {
        Some((_, &Item::Integer(count))) if (2..=VALUES_MAX).contains(&count) => Ok(count as usize),
        Some((span, _)) => {
            let message = format!("`count` of a range is a whole number from 2 to {VALUES_MAX}");
            Err(Fault::at(span, message))
        }
        None => Err(Fault::at(range.span, "a range needs `count`".to_owned())),
    }
}

/// How the values of a range are spaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spacing {
    /// By even differences.
    Linear,
    /// By even ratios.
    Log,
}

fn spacing(range: &Node, from: f64, to: f64) -> Result<Spacing, Fault> {
    let fault = |span, message: &str| Err(Fault::at(span, message.to_owned()));
    match range.get("spacing").map(|value| (value.span, value.text())) {
        None | Some((_, Some("linear"))) => Ok(Spacing::Linear),
        Some((_, Some("log"))) if from > 0.0 && to > 0.0 => Ok(Spacing::Log),
        Some((span, Some("log"))) => {
            fault(span, "a range with `spacing = \"log\"` needs `from` and `to` above 0")
        }
        Some((span, _)) => fault(span, "`spacing` of a range is \"linear\" or \"log\""),
    }
}

/// Point `place` of `count` between `from` and `to`. It is rounded to 12 digits, so that its name
/// stays short.
fn spaced(from: f64, to: f64, place: usize, count: usize, spacing: Spacing) -> f64 {
    if place == 0 {
        return from;
    }
    if place + 1 == count {
        return to;
    }
    let share = place as f64 / (count - 1) as f64;
    let exact = match spacing {
        Spacing::Log => from * numerics::exp(share * numerics::ln(to / from)),
        Spacing::Linear => from + (to - from) * share,
    };
    format!("{exact:.11e}").parse().unwrap_or(exact)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_hit_their_ends_and_have_short_decimals() {
        let linear: Vec<f64> =
            (0..11).map(|place| spaced(0.0, 1.0, place, 11, Spacing::Linear)).collect();
        assert_eq!(linear, [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]);
        let log: Vec<f64> =
            (0..4).map(|place| spaced(1.0, 1000.0, place, 4, Spacing::Log)).collect();
        assert_eq!(log, [1.0, 10.0, 100.0, 1000.0]);
    }
}
