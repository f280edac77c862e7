//! Says in words what a row's labels mean, the same on the terminal and on the page.

use corridor_tables::CompareRow;

use crate::number::count;

/// The headline statistic of every metric, in `stat`.
pub const MEAN: &str = "mean";

/// Mark of a number whose error cannot quite be trusted.
pub const INDICATIVE: &str = " ?";

/// Mark of a number whose error cannot be trusted.
pub const INSUFFICIENT: &str = " ??";

/// The mark of a number whose error is doubtful; empty for one that is precise.
#[must_use]
pub fn mark(precision: &str) -> &'static str {
    match precision {
        "indicative" => INDICATIVE,
        "insufficient" => INSUFFICIENT,
        _ => "",
    }
}

/// The verdict of a row, or why there is none.
#[must_use]
pub fn verdict(row: &CompareRow) -> String {
    match (&row.verdict, row.n_paths_needed) {
        (Some(verdict), Some(paths)) => {
            let how = if row.precision == "insufficient" { "more than" } else { "about" };
            format!("{verdict}, needs {how} {} paths", count(round_up(paths.unsigned_abs())))
        }
        (Some(verdict), None) => verdict.clone(),
        (None, _) => format!("none: {}", words(row.reason.as_deref())),
    }
}

/// A number of paths as a plan needs it: two digits, rounded up.
fn round_up(paths: u64) -> u64 {
    let unit = std::iter::successors(Some(1_u64), |unit| unit.checked_mul(10))
        .find(|unit| paths / unit < 100)
        .unwrap_or(1);
    paths.div_ceil(unit).saturating_mul(unit)
}

/// A word of the files as people read it.
#[must_use]
pub fn words(reason: Option<&str>) -> String {
    reason.unwrap_or("no value").replace('_', " ")
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
        let row = |precision: &str| CompareRow {
            verdict: Some("not resolved".to_owned()),
            n_paths_needed: Some(15_258),
            precision: precision.to_owned(),
            ..CompareRow::default()
        };
        assert_eq!(verdict(&row("indicative")), "not resolved, needs about 16,000 paths");
        assert_eq!(verdict(&row("insufficient")), "not resolved, needs more than 16,000 paths");
    }
}
