//! Computes quantiles of type 7, exactly from path rows or within a bucket from integer counts.

pub mod counted;
pub mod exact;
mod heap;
mod tail_search;
mod tree;

/// Probabilities of all quantiles, in percent.
pub const PERCENTS: std::ops::RangeInclusive<u8> = 1..=99;

/// Those that stand in `fact_summary`, too.
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

/// The value `share` of the way from one order statistic to the next.
#[must_use]
pub fn between(low: f64, high: f64, share: f64) -> f64 {
    // An equal pair must come back as it is: `a (1 - s) + b s` would move its last bit.
    if low == high { low } else { low + (high - low) * share }
}

/// The type 7 quantile of sorted values; the definition the streaming code is tested against.
///
/// `None` without a value.
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
    /// Which end.
    pub end: End,
    /// Its probability.
    pub probability: f64,
}

/// An end of a distribution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The smallest values.
    Low,
    /// The largest values.
    High,
}

impl Tail {
    /// Where the quantile that cuts the tail off lies among `n > 0` values.
    #[must_use]
    pub fn position(self, n: u64) -> Position {
        match self.end {
            End::Low => position(n, self.probability),
            End::High => position(n, 1.0 - self.probability),
        }
    }
}

/// Sums of how far values lie beyond the quantile that cuts a tail off.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TailSums {
    /// That quantile, type 7.
    pub quantile: f64,
    /// Sums of the distances beyond it, of their squares and of their cubes; values short of it
    /// count zero.
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

/// The values that passed by are not those that were counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mismatch;
