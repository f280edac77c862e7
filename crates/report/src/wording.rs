//! Puts the labels of a row into words, alike on the terminal and on the page.

use corridor_tables::label::Precision;
use corridor_tables::{CompareRow, DimScenarioRow};

use crate::number::{NumberFormat, count};

pub use corridor_tables::label::MEAN;

/// Returns the label of a scenario for people; its name where a run of earlier versions has no label.
#[must_use]
pub fn scenario_name(row: &DimScenarioRow) -> &str {
    row.label.as_deref().unwrap_or(&row.scenario)
}

/// Mark of a number whose error is indicative.
pub const INDICATIVE: &str = " ?";

/// Mark of a number whose error cannot be trusted.
pub const INSUFFICIENT: &str = " ??";

/// Returns the mark of a number whose error is doubtful; empty for a precise number.
#[must_use]
pub fn mark(precision: &str) -> &'static str {
    match Precision::of_name(precision) {
        Some(Precision::Indicative) => INDICATIVE,
        Some(Precision::Insufficient) => INSUFFICIENT,
        Some(Precision::Precise) | None => "",
    }
}

/// Largest number of needed paths that is printed, as a multiple of the paths of the run. A
/// difference that would need more lies within about its own error of the margin; other paths might
/// need as many more, or far fewer.
const FORESEEN: u64 = 4;

/// States the verdict of a row with the paths that it needs, or why there is none.
#[must_use]
pub fn verdict(row: &CompareRow) -> String {
    match (&row.verdict, row.n_paths_needed) {
        (Some(verdict), Some(needed)) => {
            let (needed, foreseen) =
                (needed.unsigned_abs(), FORESEEN.saturating_mul(row.n_paths.unsigned_abs()));
            if needed > foreseen && foreseen > 0 {
                let paths = count(round_up(foreseen));
                return format!("{verdict}, {paths} paths may not be enough");
            }
            let is_lower_bound = row.precision == Precision::Insufficient.name();
            let how = if is_lower_bound { "more than" } else { "about" };
            format!("{verdict}, needs {how} {} paths", count(round_up(needed)))
        }
        (Some(verdict), None) if row.diff == Some(0.0) && row.std_error == Some(0.0) => {
            format!("{verdict}, the same on every path")
        }
        (Some(verdict), None) => verdict.to_string(),
        (None, _) => format!("none: {}", words(row.reason.as_deref())),
    }
}

/// Writes a margin without trailing zeros: "5 bp a year", "1 point".
#[must_use]
pub fn margin(format: NumberFormat, unit: &str, margin: f64) -> String {
    let number = format.for_differences().bare(margin);
    let number = match number.contains('.') {
        true => number.trim_end_matches('0').trim_end_matches('.'),
        false => &number,
    };
    match (number, format.difference_suffix()) {
        (_, "") => format!("{number} {unit}"),
        ("1", _) => "1 point".to_owned(),
        _ => format!("{number} points"),
    }
}

/// Rounds a number of paths up to two digits, enough for a plan.
fn round_up(paths: u64) -> u64 {
    let unit = std::iter::successors(Some(1_u64), |unit| unit.checked_mul(10))
        .find(|unit| paths / unit < 100)
        .unwrap_or(1);
    paths.div_ceil(unit).saturating_mul(unit)
}

/// Puts a word of the column `reason` into plain words.
#[must_use]
pub fn words(reason: Option<&str>) -> String {
    reason.unwrap_or("no value").replace('_', " ")
}

/// Writes a margin that is a share of the baseline's value: "1 % of the baseline's value".
pub(crate) fn margin_of_baseline(share: f64) -> String {
    format!("{} % of the baseline's value", NumberFormat::of("0").bare(share * 100.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_needed_have_two_digits_and_are_enough() {
        assert_eq!(
            [0, 7, 99, 100, 101, 161_742, 999_001].map(round_up),
            [0, 7, 99, 100, 110, 170_000, 1_000_000]
        );
        let row = |precision: &'static str| CompareRow {
            verdict: Some("not resolved".into()),
            n_paths_needed: Some(15_258),
            precision: precision.into(),
            ..CompareRow::default()
        };
        assert_eq!(verdict(&row("indicative")), "not resolved, needs about 16,000 paths");
        assert_eq!(verdict(&row("insufficient")), "not resolved, needs more than 16,000 paths");
    }
}
