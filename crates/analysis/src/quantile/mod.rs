//! Computes quantiles of type 7, exactly from path rows or within a bucket from integer counts.

pub mod counted;
pub mod exact;
mod heap;
mod tail_search;
mod tree;

/// Probabilities of the quantiles of `fact_quantile`, in percent.
pub const PERCENTS: std::ops::RangeInclusive<u8> = 1..=99;

/// Probabilities of the quantiles of `fact_summary`, in percent.
pub const SUMMARY_PERCENTS: [u8; 9] = [1, 5, 10, 25, 50, 75, 90, 95, 99];

/// Position of a quantile among ordered values: between two neighbouring order statistics.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Position {
    /// Rank of the lower order statistic, from 0.
    pub rank: u64,
    /// Share of the way to the next order statistic; at least 0, below 1.
    pub share: f64,
}

/// Returns the position of the type 7 quantile of probability `p` among `n > 0` ordered values.
///
/// It is `h = (n - 1) p`, the default of numpy and the rule of DuckDB's `quantile_cont` (Hyndman
/// and Fan 1996, definition 7).
#[must_use]
pub fn position(n: u64, p: f64) -> Position {
    let h = (n - 1) as f64 * p;
    let rank = h.floor();
    Position { rank: rank as u64, share: h - rank }
}

/// Interpolates between two order statistics, `share` of the way from `low` to `high`.
#[must_use]
pub fn between(low: f64, high: f64, share: f64) -> f64 {
    // Equal values must be returned unchanged: `a (1 - s) + b s` would move the last bit.
    if low == high { low } else { low + (high - low) * share }
}

/// Returns the type 7 quantile of sorted values; `None` without a value. The streaming search is
/// tested against this definition.
#[must_use]
pub fn of_sorted(sorted: &[f64], p: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let Position { rank, share } = position(sorted.len() as u64, p);
    let rank = (rank as usize).min(last);
    Some(between(sorted[rank], sorted[(rank + 1).min(last)], share))
}

/// The tail beyond a quantile, whose mean is the CVaR (Rockafellar and Uryasev 2000).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tail {
    /// End of the distribution.
    pub end: End,
    /// Probability of the tail; above 0, below 1.
    pub probability: f64,
}

/// An end of a distribution or of a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The smallest values.
    Low,
    /// The largest values.
    High,
}

impl Tail {
    /// Returns the position of the quantile that cuts the tail off, among `n > 0` values.
    #[must_use]
    pub fn position(self, n: u64) -> Position {
        match self.end {
            End::Low => position(n, self.probability),
            End::High => position(n, 1.0 - self.probability),
        }
    }
}

/// Sums of the distances of values beyond the quantile that cuts a tail off.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TailSums {
    /// Quantile of type 7 that cuts the tail off.
    pub quantile: f64,
    /// Sums of the distances beyond the quantile, of their squares and of their cubes; values short
    /// of it count as 0.
    pub beyond: [f64; 3],
}

impl TailSums {
    /// Adds `count` values at distance `d >= 0` beyond the quantile.
    pub(crate) fn add(&mut self, d: f64, count: f64) {
        self.beyond[0] += count * d;
        self.beyond[1] += count * d * d;
        self.beyond[2] += count * d * d * d;
    }
}

/// The values of a pass are not those that were counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mismatch;
