//! Estimates quantiles of type 7, with intervals from order statistics.

use std::collections::BTreeMap;

use corridor_tables::label::{Method, Precision, Reason};

use crate::estimate::Estimate;
use crate::interval::{normal_critical, quantile_ranks};
use crate::precision;
use crate::quantile::counted::Counted;
use crate::quantile::{Position, between, position};

use super::ALPHA;

/// Factor by which the slope of a smooth quantile function may change between two stretches around
/// a quantile.
const STEEPER: f64 = 3.0;
/// Standard deviations by which the slopes of two stretches may differ by chance.
const BY_CHANCE: f64 = 2.5;

/// The order statistics that a quantile and its interval need.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct QuantileRanks {
    n: u64,
    probability: f64,
    /// Position of the quantile.
    position: Position,
    /// Rank of the lower end of the interval; `None` where the sample is too small to have one.
    low: Option<u64>,
    /// Rank of the upper end of the interval; `None` where the sample is too small to have one.
    high: Option<u64>,
    /// Ranks beyond the ends of the interval; `None` where they are not asked for.
    outer: Option<(u64, u64)>,
}

impl QuantileRanks {
    /// Finds the order statistics for the quantile of a probability among `n` values; `None`
    /// without a value.
    #[must_use]
    pub fn new(n: u64, probability: f64) -> Option<Self> {
        let position = (n > 0).then(|| position(n, probability))?;
        let (low, high) = quantile_ranks(n, probability, ALPHA);
        Some(Self { n, probability, position, low, high, outer: None })
    }

    /// Returns the position of the quantile among the values.
    #[must_use]
    pub const fn position(&self) -> Position {
        self.position
    }

    /// Lists the ranks, from 0, in no order.
    pub fn ranks(&self) -> impl Iterator<Item = u64> {
        let next = (self.position.rank + 1).min(self.n - 1);
        let (first, last) = self.outer.unzip();
        let own = [Some(self.position.rank), Some(next), self.low, self.high];
        own.into_iter().chain([first, last]).flatten()
    }

    /// Returns the slope of the quantile function at the quantile, from an estimate with an
    /// interval of order statistics: it turns an error in probability into an error in value, and
    /// is one over the density. `None` where the estimate has no standard error.
    ///
    /// It is the slope over the interval itself. A wider stretch would smooth what decides how the
    /// quantile moves.
    #[must_use]
    pub fn slope(&self, estimate: &Estimate) -> Option<f64> {
        let p = self.probability;
        Some(estimate.std_error? / (p * (1.0 - p) / self.n as f64).sqrt())
    }

    /// Adds the ranks twice as far from the quantile as the ends of its interval, which show whether
    /// it moves in jumps.
    #[must_use]
    pub fn with_surroundings(self) -> Self {
        let at = self.position.rank;
        let outer = self.low.zip(self.high).map(|(low, high)| {
            (at.saturating_sub(2 * (at - low.min(at))), (2 * high.max(at) - at).min(self.n - 1))
        });
        Self { outer, ..self }
    }

    /// Tells whether many paths share a value at the quantile, or nearly so, judging by an estimate
    /// with an interval of order statistics. The quantile then moves in jumps and not along a line.
    ///
    /// It does if the quantile is an end of its own interval, or if the slopes of the quantile
    /// function on both sides of an end, or of the quantile, differ by a factor above
    /// `STEEPER` and chance: over `m` ranks a slope has the relative error `1 / sqrt(m)`. Values
    /// come from `order_statistic`, interpolated where only counts are known.
    #[must_use]
    pub fn moves_in_jumps(
        &self,
        estimate: &Estimate,
        order_statistic: impl Fn(u64) -> Option<f64>,
    ) -> bool {
        let (Some((low_rank, high_rank)), Some(value)) = (self.low.zip(self.high), estimate.value)
        else {
            return false;
        };
        let ends = order_statistic(low_rank).zip(order_statistic(high_rank));
        let Some((low, high)) = ends else { return false };
        if value <= low || value >= high {
            return true;
        }
        let Some((first_rank, last_rank)) = self.outer else { return false };
        let around = order_statistic(first_rank).zip(order_statistic(last_rank));
        let Some((first, last)) = around else { return false };
        let at = self.position.rank as f64 + self.position.share;
        let points = [
            (first_rank as f64, first),
            (low_rank as f64, low),
            (at, value),
            (high_rank as f64, high),
            (last_rank as f64, last),
        ];
        let steps = points.windows(2).map(|pair| (pair[1].0 - pair[0].0, pair[1].1 - pair[0].1));
        let steps: Vec<(f64, f64)> = steps.filter(|(ranks, _)| *ranks > 0.0).collect();
        steps.windows(2).any(|pair| {
            let [(m, a), (k, b)] = [pair[0], pair[1]];
            let most = STEEPER * (1.0 + BY_CHANCE * (1.0 / m + 1.0 / k).sqrt());
            let (a, b) = (a / m, b / k);
            a.min(b) <= 0.0 || a.max(b) > most * a.min(b)
        })
    }

    /// Builds the estimate. The standard error is that of a normal law with this interval.
    fn estimate(
        &self,
        value: f64,
        low: Option<f64>,
        high: Option<f64>,
        width: Option<f64>,
        method: Method,
    ) -> Estimate {
        let rarer = self.probability.min(1.0 - self.probability) * self.n as f64;
        let beyond = match (low, high) {
            (Some(_), Some(_)) => (Precision::Precise, None),
            _ => (Precision::Insufficient, Some(Reason::BeyondSample)),
        };
        let rare = if rarer < precision::OCCURRENCES_INDICATIVE as f64 {
            (Precision::Indicative, Some(Reason::RareEvent))
        } else {
            (Precision::Precise, None)
        };
        let (precision, reason) = precision::worst([precision::of_count(self.n), beyond, rare]);
        Estimate {
            value: Some(value),
            std_error: width.map(|width| width / (2.0 * normal_critical(ALPHA))),
            ci_low: low,
            ci_high: high,
            n_paths: self.n,
            method,
            precision,
            reason,
        }
    }
}

/// Estimates a quantile from exact order statistics; `None` if one that it needs is missing.
#[must_use]
pub fn quantile_exact(
    ranks: &QuantileRanks,
    order_statistics: &BTreeMap<u64, f64>,
) -> Option<Estimate> {
    let Position { rank, share } = ranks.position;
    let value = *order_statistics.get(&rank)?;
    let next = *order_statistics.get(&(rank + 1).min(ranks.n - 1))?;
    let end = |rank: Option<u64>| rank.and_then(|rank| order_statistics.get(&rank).copied());
    let (low, high) = (end(ranks.low), end(ranks.high));
    let width = low.zip(high).map(|(low, high)| high - low);
    Some(ranks.estimate(between(value, next, share), low, high, width, Method::RowsOrderStatistics))
}

/// Estimates a quantile from counts. It is interpolated within its bucket, and its interval reaches
/// to the outer edges of the buckets of its ends.
#[must_use]
pub fn quantile_counted(ranks: &QuantileRanks, counted: &Counted<'_>) -> Estimate {
    let place = |rank: Option<u64>| rank.map(|rank| counted.order_statistic(rank));
    let (low, high) = (place(ranks.low), place(ranks.high));
    let width = low.zip(high).map(|(low, high)| high.value - low.value);
    let value = counted.at(ranks.position);
    ranks.estimate(
        value,
        low.map(|p| p.low),
        high.map(|p| p.high),
        width,
        Method::CountsOrderStatistics,
    )
}
