//! Lists break-even points of swept numbers in words.

use corridor_tables::BreakEvenRow;
use corridor_tables::label::NoCrossing;

use crate::comparison::Comparison;
use crate::wording::mark;

/// Largest number of lines; the file has the others.
const LINES_MAX: usize = 12;

/// Writes a line for each sweep of a number; empty for a run without sweeps.
#[must_use]
pub fn render(comparison: &Comparison) -> String {
    let mut text = String::new();
    for row in comparison.break_even.iter().take(LINES_MAX) {
        text.push_str(&format!("  {}\n", line(row, comparison)));
    }
    let more = comparison.break_even.len().saturating_sub(LINES_MAX);
    if more > 0 {
        text.push_str(&format!("  {more} more are in fact_break_even.parquet\n"));
    }
    if text.is_empty() { text } else { format!("\nbreak-even, with 95 % intervals:\n{text}") }
}

/// Says where a series breaks even: "`late` at months late 8.5 (8.2 to 8.7)", or without the name
/// of the series; `None` where it does not cross its baseline.
pub(crate) fn crossing(row: &BreakEvenRow, named: bool) -> Option<String> {
    let value = short(row.value?, row);
    let ends = row.ci_low.zip(row.ci_high);
    let interval = ends
        .map(|(low, high)| format!(" ({} to {})", short(low, row), short(high, row)))
        .unwrap_or_default();
    let series = if named { format!("`{}` ", row.series) } else { String::new() };
    Some(format!("{series}at {} {value}{interval}", axis(row)))
}

/// Words for the swept number.
fn axis(row: &BreakEvenRow) -> &str {
    row.axis_label.as_deref().unwrap_or(&row.axis)
}

fn line(row: &BreakEvenRow, comparison: &Comparison) -> String {
    let baseline = comparison
        .common_baseline()
        .map_or_else(|| "its baseline".to_owned(), |name| format!("`{name}`"));
    let scenario = if comparison.scenarios.len() > 1 && !row.scenario.is_empty() {
        format!(" ({})", row.scenario)
    } else {
        String::new()
    };
    let (series, axis) = (&row.series, axis(row));
    let Some(value) = row.value else {
        let reason = row.reason.as_deref().unwrap_or_default();
        let range = format!("{axis} from {} to {}{scenario}", row.swept_from, row.swept_to);
        return match NoCrossing::of_name(reason) {
            Some(NoCrossing::Unresolved) => format!(
                "`{series}` does not cross {baseline} at {axis} from {} to {}, but is not told \
                apart from it everywhere{scenario}",
                row.swept_from, row.swept_to
            ),
            Some(NoCrossing::Level) => {
                format!("`{series}` is level with {baseline} at every {range}")
            }
            Some(NoCrossing::Above | NoCrossing::Below) | None => {
                format!("`{series}` is {reason} {baseline} at every {range}")
            }
        };
    };
    let from = row
        .ci_low
        .map_or_else(|| format!("below {}", short(row.swept_from, row)), |low| short(low, row));
    let to = row
        .ci_high
        .map_or_else(|| format!("above {}", short(row.swept_to, row)), |high| short(high, row));
    let mark = mark(&row.precision);
    let way = if row.rises == Some(true) { "above" } else { "below" };
    format!(
        "`{series}` breaks even with {baseline} at {axis} {} [{from}, {to}]{mark}, and stands \
        {way} it beyond{scenario}",
        short(value, row)
    )
}

/// Prints a swept value to a thousandth of the length of the sweep, or to the first digit of half
/// the interval if that is finer.
pub(crate) fn short(value: f64, row: &BreakEvenRow) -> String {
    let length = (row.swept_to - row.swept_from).abs();
    let of_sweep = if length > 0.0 { 3 - digits_before_point(length) } else { 3 };
    let half = row.ci_low.zip(row.ci_high).map_or(0.0, |(low, high)| 0.5 * (high - low));
    let of_interval = if half > 0.0 { -half.log10().floor() as i32 } else { 0 };
    format!("{value:.*}", of_sweep.max(of_interval).clamp(0, 9) as usize)
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
