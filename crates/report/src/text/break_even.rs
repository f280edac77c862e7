//! Lists break-even points of swept numbers in words: where a policy and its baseline are equally
//! good, and on which side the policy is better.

use corridor_tables::BreakEvenRow;
use corridor_tables::label::NoCrossing;

use crate::comparison::Comparison;
use crate::text::view::View;
use crate::wording::{mark, scenario_name};

/// Largest number of lines; the file has the others.
const LINES_MAX: usize = 12;
/// Largest number of names of series without a finding.
const NAMES_MAX: usize = 6;

/// Writes a line for each sweep of a number, those that the question is about first, then those
/// with a finding; empty for a run without sweeps.
#[must_use]
pub fn render(comparison: &Comparison, view: &View<'_>) -> String {
    let mut rows: Vec<&BreakEvenRow> = comparison.break_even.iter().collect();
    if rows.is_empty() {
        return String::new();
    }
    // a stable sort: the file's order stays within a rank
    rows.sort_by_key(|row| (!is_asked_about(row, comparison), rank(row, comparison)));
    let (open, found): (Vec<&BreakEvenRow>, Vec<&BreakEvenRow>) =
        rows.into_iter().partition(|row| is_open(row) && !is_asked_about(row, comparison));
    let mut text = "\n".to_owned()
        + &view.prose(
            "break-even, with 95 % intervals (ahead or behind by however little; verdicts say what \
            matters):",
        );
    for row in found.iter().take(LINES_MAX) {
        text.push_str(&item(&line(row, comparison), view));
    }
    let more = found.len().saturating_sub(LINES_MAX);
    if more > 0 {
        text.push_str(&item(&format!("{more} more are in fact_break_even.parquet"), view));
    }
    text + &without_crossing(&open, view)
}

/// Returns whether neither a crossing nor a side is known.
fn is_open(row: &BreakEvenRow) -> bool {
    let reason = row.reason.as_deref().and_then(NoCrossing::of_name);
    row.value.is_none() && matches!(reason, Some(NoCrossing::Unresolved) | None)
}

/// Names the series without a finding, in one item.
fn without_crossing(open: &[&BreakEvenRow], view: &View<'_>) -> String {
    let mut names: Vec<String> = Vec::new();
    for row in open {
        let name = format!("`{}` along {}", row.series, axis(row).0);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let more = match names.len().saturating_sub(NAMES_MAX) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    names.truncate(NAMES_MAX);
    if names.is_empty() {
        return String::new();
    }
    item(
        &format!("not told apart from the baseline at each value: {}{more}", names.join(", ")),
        view,
    )
}

/// Writes an item of a list.
fn item(text: &str, view: &View<'_>) -> String {
    if view.markdown { format!("- {text}\n") } else { view.layout.wrap(text, 2, 2) }
}

/// Says where a series breaks even and on which side it is ahead: "`late` at lag 8.5 months (8.2 to
/// 8.7; ahead below)", or without the name of the series; `None` where it does not cross its baseline
/// or does so at an end of the sweep, where a rule is often its baseline itself.
pub(crate) fn crossing(
    row: &BreakEvenRow,
    named: bool,
    higher_is_better: Option<bool>,
) -> Option<String> {
    let value = row.value?;
    let from_end = (value - row.swept_from).abs().min((row.swept_to - value).abs());
    if from_end < AT_AN_END * (row.swept_to - row.swept_from).abs() {
        return None;
    }
    let series = if named { format!("`{}` ", row.series) } else { String::new() };
    let (name, unit) = axis(row);
    let (at, interval) = match far_apart(row) {
        Some((below, above)) => {
            let [below, above] = [below, above].map(|side| short_between(side, above - below));
            (format!("{below} to {above}{unit}"), None)
        }
        None => {
            let interval = row
                .ci_low
                .zip(row.ci_high)
                .map(|(low, high)| [low, high].map(|end| short(end, row)).join(" to "));
            (format!("{}{unit}", short(value, row)), interval)
        }
    };
    let is_ahead_above = row.rises.zip(higher_is_better).map(|(rises, higher)| rises == higher);
    let side = is_ahead_above.map(|above| if above { "ahead above" } else { "ahead below" });
    let notes: Vec<String> = interval.into_iter().chain(side.map(str::to_owned)).collect();
    let notes = if notes.is_empty() { String::new() } else { format!(" ({})", notes.join("; ")) };
    Some(format!("{series}at {name} {at}{notes}"))
}

/// Share of the length of a sweep within which a crossing lies at its end.
const AT_AN_END: f64 = 1e-3;

/// Most times the length of its interval that the swept values beside a crossing may be apart. Where
/// they are further apart the straight line between them errs by more than the interval says.
const FAR_APART: f64 = 4.0;

/// The swept values beside a crossing where they are too far apart for its interval.
fn far_apart(row: &BreakEvenRow) -> Option<(f64, f64)> {
    let (low, high) = row.ci_low.zip(row.ci_high)?;
    let (below, above) = row.swept_below.zip(row.swept_above)?;
    (high > low && above - below > FAR_APART * (high - low)).then_some((below, above))
}

/// Says at which value of the swept number a series crosses, `value`: with its interval, or between
/// which swept values where they are too far apart for one.
fn place(value: f64, row: &BreakEvenRow) -> String {
    let (name, unit) = axis(row);
    if let Some((below, above)) = far_apart(row) {
        let [below, above, value] =
            [below, above, value].map(|value| short_between(value, above - below));
        return format!(
            "between {name} {below} and {above}{unit} (about {value} on a straight line)"
        );
    }
    let low = row
        .ci_low
        .map_or_else(|| format!("below {}", short(row.swept_from, row)), |low| short(low, row));
    let high = row
        .ci_high
        .map_or_else(|| format!("above {}", short(row.swept_to, row)), |high| short(high, row));
    format!("at {name} {}{unit} [{low}, {high}]", short(value, row))
}

/// Prints one of two neighbouring swept values, or a value between them, to a thousandth of their
/// distance `apart`, which is above 0, and without zeros at the end.
fn short_between(value: f64, apart: f64) -> String {
    let decimals = (2 - apart.log10().floor() as i32).clamp(0, 9);
    let text = format!("{value:.*}", decimals as usize);
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

/// The swept number in words, and its unit as it follows a value.
fn axis(row: &BreakEvenRow) -> (&str, String) {
    let label = row.axis_label.as_deref().unwrap_or(&row.axis);
    label
        .rsplit_once(", ")
        .map_or((label, String::new()), |(noun, unit)| (noun, format!(" {unit}")))
}

/// Returns whether the question of the study is about the series.
fn is_asked_about(row: &BreakEvenRow, comparison: &Comparison) -> bool {
    let corner = format!("{}[", row.series);
    comparison
        .policies
        .iter()
        .filter(|policy| policy.asked_about)
        .any(|policy| policy.policy == row.series || policy.policy.starts_with(&corner))
}

/// Ranks what is known of a series: better everywhere, better on one side, worse everywhere, and
/// then the rest.
fn rank(row: &BreakEvenRow, comparison: &Comparison) -> u8 {
    if row.value.is_some() {
        return 1;
    }
    let reason = row.reason.as_deref().and_then(NoCrossing::of_name);
    let is_above = match reason {
        Some(NoCrossing::Above) => true,
        Some(NoCrossing::Below) => false,
        Some(NoCrossing::Level | NoCrossing::Unresolved) | None => return 3,
    };
    if comparison.metric.higher_is_better == Some(is_above) { 0 } else { 2 }
}

fn line(row: &BreakEvenRow, comparison: &Comparison) -> String {
    let baseline = comparison
        .common_baseline()
        .map_or_else(|| "its baseline".to_owned(), |name| format!("`{name}`"));
    let scenario = if comparison.has_scenarios() && !row.scenario.is_empty() {
        let of = |id: i32| comparison.scenarios.iter().find(|known| known.scenario_id == id);
        let known = row.scenario_id.and_then(of);
        format!(" ({})", known.map_or(row.scenario.as_str(), scenario_name))
    } else {
        String::new()
    };
    let series = &row.series;
    let (name, unit) = axis(row);
    let higher = comparison.metric.higher_is_better;
    let Some(value) = row.value else {
        let range = format!(
            "{name} from {} to {}{unit}{scenario}",
            short(row.swept_from, row),
            short(row.swept_to, row)
        );
        let reason = row.reason.as_deref().and_then(NoCrossing::of_name);
        return match reason {
            Some(NoCrossing::Unresolved) | None => format!(
                "`{series}` does not cross {baseline} at any {range}, but is not told apart from \
                it at each"
            ),
            Some(NoCrossing::Level) => format!("`{series}` equals {baseline} at every {range}"),
            Some(NoCrossing::Above) => {
                format!("`{series}` is {} {baseline} at every {range}", side(true, higher))
            }
            Some(NoCrossing::Below) => {
                format!("`{series}` is {} {baseline} at every {range}", side(false, higher))
            }
        };
    };
    let mark = mark(&row.precision);
    let rises = row.rises == Some(true);
    let place = place(value, row);
    format!(
        "`{series}` breaks even with {baseline} {place}{mark}: {} it for less, {} it for more\
        {scenario}",
        side(!rises, higher),
        side(rises, higher)
    )
}

/// Words the side on which a difference is, in the direction of the metric. Better and worse are
/// verdicts, which need a margin.
fn side(is_above: bool, higher_is_better: Option<bool>) -> &'static str {
    match (higher_is_better, is_above) {
        (Some(higher), above) if higher == above => "ahead of",
        (Some(_), _) => "behind",
        (None, true) => "above",
        (None, false) => "below",
    }
}

/// Prints a swept value to a thousandth of the length of the sweep, or to the first digit of half
/// the interval if that is finer; without zeros at the end of a value that is swept.
pub(crate) fn short(value: f64, row: &BreakEvenRow) -> String {
    let length = (row.swept_to - row.swept_from).abs();
    let of_sweep = if length > 0.0 { 3 - digits_before_point(length) } else { 3 };
    let half = row.ci_low.zip(row.ci_high).map_or(0.0, |(low, high)| 0.5 * (high - low));
    let of_interval = if half > 0.0 { -half.log10().floor() as i32 } else { 0 };
    let text = format!("{value:.*}", of_sweep.max(of_interval).clamp(0, 9) as usize);
    let is_swept = value == row.swept_from || value == row.swept_to;
    match text.contains('.') && is_swept {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

fn digits_before_point(length: f64) -> i32 {
    let mut digits = 0;
    let mut bound = 1.0;
    while length >= bound && digits < 18 {
        digits += 1;
        bound *= 10.0;
    }
    digits
}
