//! Says in words where a swept number breaks even.

use corridor_tables::BreakEvenRow;

use crate::comparison::Comparison;
use crate::wording::mark;

/// Lines printed; the rest is in the file.
const LINES_MAX: usize = 12;

/// One line for each sweep of a number; empty without any.
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

fn line(row: &BreakEvenRow, comparison: &Comparison) -> String {
    let baseline = comparison
        .common_baseline()
        .map_or_else(|| "its baseline".to_owned(), |name| format!("`{name}`"));
    let scenario = if comparison.scenarios.len() > 1 && !row.scenario.is_empty() {
        format!(" ({})", row.scenario)
    } else {
        String::new()
    };
    let (series, axis) = (&row.series, &row.axis);
    let Some(value) = row.value else {
        let reason = row.reason.as_deref().unwrap_or_default();
        let range = format!("{axis} from {} to {}{scenario}", row.swept_from, row.swept_to);
        return match reason {
            "unresolved" => format!(
                "`{series}` does not cross {baseline} at {axis} from {} to {}, but is not told \
                apart from it everywhere{scenario}",
                row.swept_from, row.swept_to
            ),
            "level" => format!("`{series}` is level with {baseline} at every {range}"),
            side => format!("`{series}` is {side} {baseline} at every {range}"),
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

/// A swept value to a thousandth of the sweep's length.
fn short(value: f64, row: &BreakEvenRow) -> String {
    let length = (row.swept_to - row.swept_from).abs();
    let digits = if length > 0.0 { (3 - digits_before_point(length)).clamp(0, 9) } else { 3 };
    format!("{value:.*}", digits as usize)
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
