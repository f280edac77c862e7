//! Rounds numbers of the page to the digits that a reader can use.

/// Rounds a number, where there is one, to six digits.
pub(super) fn digits(value: Option<f64>) -> Option<f64> {
    value.map(six)
}

/// Rounds to six digits: more than any Monte Carlo error leaves, fewer than a float has.
pub(super) fn six(value: f64) -> f64 {
    format!("{value:.5e}").parse().unwrap_or(value)
}

/// Rounds to four digits: more than a line on a screen shows.
pub(super) fn four(value: f64) -> f64 {
    format!("{value:.3e}").parse().unwrap_or(value)
}
