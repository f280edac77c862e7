//! Turns searched values into sweeps over the points of a space, which one axis ties together.
//!
//! `{ search = { from = 0.01, to = 0.1 } }` or `{ search = [1, 3, 6] }` may be written where a
//! number or word may be swept. Each is a dimension of the space. `[search]` gives the number of
//! points that are tried and how they are drawn. The result has sweeps like any other study.

use std::collections::BTreeSet;

use corridor_core::numerics::{exp, ln};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use crate::diagnostic::Id;
use crate::file::search::{MethodWord, SearchTable};
use crate::report::Reporter;
use crate::structure::wants_whole_number;
use crate::tree::{Entry, Item, Node, Path, Span};
use crate::wording::number;

/// Name of the axis that ties the values of a point together.
const AXIS: &str = "search";
/// Largest number of points of a search.
pub(crate) const POINTS_MAX: u32 = 4000;
/// Largest number of searched values, the dimensions of the Sobol sequence.
const DIMENSIONS_MAX: usize = 256;

/// Replaces every searched value below `policy` and `signal` by a sweep over the points of the
/// space. If something is wrong with the search, one value replaces it, so that the rest of the
/// study can be checked.
pub(crate) fn expand(root: &mut Node, reporter: &Reporter) {
    let before = reporter.errors();
    let mut ranges = Vec::new();
    for key in ["policy", "signal"] {
        if let Some(node) = root.get(key) {
            collect(node, &Path::root(key), reporter, &mut ranges);
        }
    }
    let table = root.get("search").map(|node| (node.span, settings(node)));
    match (ranges.first(), &table) {
        (None, None) => return,
        (Some(range), None) => {
            let hint = "add `[search]` with `points = 500`";
            reporter.error(
                range.span,
                Id::MissingKey,
                "a value is searched, and the study has no `[search]`",
                hint,
            );
        }
        (None, Some(_)) | (Some(_), Some(_)) => {}
    }
    if ranges.len() > DIMENSIONS_MAX {
        let message =
            format!("{} values are searched, at most {DIMENSIONS_MAX} are possible", ranges.len());
        reporter.error(
            ranges[DIMENSIONS_MAX].span,
            Id::SweepTooLarge,
            message,
            "search fewer values at a time",
        );
    }
    // faults of the table itself are reported by the check of the structure
    let points = match table {
        Some((_, Some(settings))) if reporter.errors() == before => {
            Points::Swept(points(&ranges, &settings))
        }
        Some(_) | None => Points::One(ranges.iter().map(|range| range.values.at(0.5)).collect()),
    };
    let mut dimension = 0;
    for key in ["policy", "signal"] {
        if let Some(node) = child_mut(root, key) {
            replace(node, &points, &mut dimension);
        }
    }
}

/// Settings of `[search]`; `None` if one cannot be read or `points` is outside its limits.
fn settings(node: &Node) -> Option<SearchTable> {
    let whole = |key: &str| match node.get(key).map(|value| &value.item) {
        None => Some(None),
        Some(Item::Integer(value)) => Some(Some(u32::try_from(*value).ok()?)),
        Some(_) => None,
    };
    let method = match node.get("method").map(|value| value.text()) {
        None | Some(Some("sobol")) => MethodWord::Sobol,
        Some(Some("random")) => MethodWord::Random,
        Some(_) => return None,
    };
    let points = whole("points")?.unwrap_or_else(|| SearchTable::default().points);
    (1..=POINTS_MAX).contains(&points).then_some(())?;
    Some(SearchTable {
        points,
        method,
        seed: whole("seed")?.unwrap_or(0),
        ..SearchTable::default()
    })
}

/// Values that replace the searched ones, by dimension.
enum Points {
    /// A sweep over these values.
    Swept(Vec<Vec<Item>>),
    /// One value.
    One(Vec<Item>),
}

/// A searched value and its place.
#[derive(Debug)]
struct Range {
    span: Span,
    values: Values,
}

#[derive(Debug)]
enum Values {
    /// Values of a list.
    Listed(Vec<Item>),
    /// Numbers of a range, in even differences or ratios; `whole` for whole numbers.
    Between { from: f64, to: f64, log: bool, whole: bool },
}

/// Adds the searched values at and below `node`, which is at `path`.
fn collect(node: &Node, path: &Path<'_>, reporter: &Reporter, ranges: &mut Vec<Range>) {
    if let Some(searched) = node.get("search") {
        match range(searched, node, wants_whole_number(&path.segments())) {
            Ok(values) => ranges.push(Range { span: searched.span, values }),
            Err((span, message)) => {
                let hint = "write `{ search = { from = 0.01, to = 0.1 } }`, with `spacing = \
                \"log\"` where ratios matter, or `{ search = [1, 3, 6] }`";
                reporter.error(span, Id::SweepShape, message, hint);
                let any = searched
                    .entries()
                    .unwrap_or_default()
                    .iter()
                    .find_map(|entry| entry.node.number())
                    .unwrap_or(0.0);
                ranges.push(Range {
                    span: searched.span,
                    values: Values::Listed(vec![Item::Float(any)]),
                });
            }
        }
        return;
    }
    node.entries()
        .unwrap_or_default()
        .iter()
        .for_each(|entry| collect(&entry.node, &path.key(&entry.key), reporter, ranges));
    node.elements()
        .unwrap_or_default()
        .iter()
        .enumerate()
        .for_each(|(index, element)| collect(element, &path.index(index), reporter, ranges));
}

/// Reads the values of the search `node` of the table `around`; `whole` for whole numbers.
fn range(node: &Node, around: &Node, whole: bool) -> Result<Values, (Span, String)> {
    if around.entries().unwrap_or_default().len() != 1 {
        return Err((around.span, "a searched value has other keys beside `search`".to_owned()));
    }
    if let Item::Array(list) = &node.item {
        let plain = |item: &Item| {
            matches!(item, Item::Boolean(_) | Item::Integer(_) | Item::Float(_) | Item::Text(_))
        };
        let all = !list.is_empty() && list.iter().all(|value| plain(&value.item));
        return if all {
            Ok(Values::Listed(list.iter().map(|value| value.item.clone()).collect()))
        } else {
            Err((
                node.span,
                "a searched list has at least one number, word or truth value, and nothing else"
                    .to_owned(),
            ))
        };
    }
    for entry in node.entries().unwrap_or_default() {
        if !["from", "to", "spacing"].contains(&entry.key.as_str()) {
            return Err((entry.key_span, format!("a searched range has no key `{}`", entry.key)));
        }
    }
    let bound = |key: &str| {
        let found =
            node.get(key).and_then(|value| value.number()).filter(|value| value.is_finite());
        found.ok_or_else(|| (node.span, format!("a searched range needs the number `{key}`")))
    };
    let (from, to) = (bound("from")?, bound("to")?);
    let log = match node.get("spacing").map(|value| value.text()) {
        None | Some(Some("linear")) => false,
        Some(Some("log")) if from > 0.0 && to > 0.0 => true,
        Some(_) => {
            return Err((
                node.span,
                "`spacing` is \"linear\", or \"log\" between numbers above 0".to_owned(),
            ));
        }
    };
    Ok(Values::Between { from, to, log, whole })
}

impl Values {
    /// The value at `share` of the way, from 0 to 1, rounded so that its name stays short.
    fn at(&self, share: f64) -> Item {
        match self {
            Self::Listed(list) => {
                list[((share * list.len() as f64) as usize).min(list.len() - 1)].clone()
            }
            Self::Between { from, to, log, whole } => {
                let exact = if *log {
                    from * exp(share * ln(to / from))
                } else {
                    from + (to - from) * share
                };
                if *whole {
                    // every whole number has the same share
                    let low = from.min(*to);
                    let count = (to - from).abs() + 1.0;
                    let place = if *log { exact - low } else { share * count };
                    return Item::Integer((low + place.floor().min(count - 1.0)) as i128);
                }
                Item::Float(format!("{exact:.3e}").parse().unwrap_or(exact))
            }
        }
    }
}

/// Values of every range at every point. A point that repeats another is left out, so all of a
/// small space is tried.
fn points(ranges: &[Range], settings: &SearchTable) -> Vec<Vec<Item>> {
    let mut rng = ChaCha8Rng::seed_from_u64(u64::from(settings.seed));
    let mut seen = BTreeSet::new();
    let mut by_range: Vec<Vec<Item>> = vec![Vec::new(); ranges.len()];
    let tries = settings.points.saturating_mul(8).min(1 << 16);
    for index in 0..tries {
        let share = |dimension: usize, rng: &mut ChaCha8Rng| match settings.method {
            MethodWord::Sobol => {
                f64::from(sobol_burley::sample(index, dimension as u32, settings.seed))
            }
            MethodWord::Random => rng.random::<f64>(),
        };
        let point: Vec<Item> = ranges
            .iter()
            .enumerate()
            .map(|(dimension, range)| range.values.at(share(dimension, &mut rng)))
            .collect();
        if seen.insert(point.iter().map(label).collect::<Vec<_>>().join(",")) {
            by_range.iter_mut().zip(point).for_each(|(values, value)| values.push(value));
        }
        if seen.len() >= settings.points as usize {
            break;
        }
    }
    by_range
}

/// A value as text, to find points that repeat.
fn label(item: &Item) -> String {
    match item {
        Item::Boolean(truth) => truth.to_string(),
        Item::Integer(integer) => integer.to_string(),
        Item::Float(value) => number(*value),
        Item::Text(text) => text.clone(),
        Item::Array(_) | Item::Table(_) | Item::Sweep(_) | Item::Unreadable => String::new(),
    }
}

/// Replaces the searched values at and below `node`, counting their dimensions.
fn replace(node: &mut Node, points: &Points, dimension: &mut usize) {
    let span = node.span;
    if node.get("search").is_some() {
        let own = *dimension;
        *dimension += 1;
        let values = match points {
            Points::Swept(values) => values.get(own).map(Vec::as_slice).unwrap_or_default(),
            Points::One(values) => {
                node.item = values.get(own).cloned().unwrap_or(Item::Integer(0));
                return;
            }
        };
        let list = values.iter().map(|item| Node { span, item: item.clone() }).collect();
        let entry = |key: &str, item| Entry {
            key: key.to_owned(),
            key_span: span,
            node: Node { span, item },
        };
        node.item = Item::Table(vec![
            entry("sweep", Item::Array(list)),
            entry("axis", Item::Text(AXIS.to_owned())),
        ]);
        return;
    }
    match &mut node.item {
        Item::Table(entries) => {
            entries.iter_mut().for_each(|entry| replace(&mut entry.node, points, dimension))
        }
        Item::Array(elements) => {
            elements.iter_mut().for_each(|element| replace(element, points, dimension))
        }
        Item::Boolean(_)
        | Item::Integer(_)
        | Item::Float(_)
        | Item::Text(_)
        | Item::Sweep(_)
        | Item::Unreadable => {}
    }
}

fn child_mut<'a>(node: &'a mut Node, key: &str) -> Option<&'a mut Node> {
    match &mut node.item {
        Item::Table(entries) => {
            entries.iter_mut().find(|entry| entry.key == key).map(|entry| &mut entry.node)
        }
        Item::Array(_)
        | Item::Boolean(_)
        | Item::Integer(_)
        | Item::Float(_)
        | Item::Text(_)
        | Item::Sweep(_)
        | Item::Unreadable => None,
    }
}
