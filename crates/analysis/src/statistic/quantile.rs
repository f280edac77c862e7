//! Estimates quantiles of type 7, with intervals from order statistics.

use std::collections::BTreeMap;

use corridor_core::numerics::{exp, ln};
use corridor_tables::label::{Method, Precision, Reason};

use crate::estimate::Estimate;
use crate::interval::{normal_critical, quantile_ranks};
use crate::precision;
use crate::quantile::counted::Counted;
use crate::quantile::{Position, between, position};

use super::ALPHA;

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
}

impl QuantileRanks {
    /// Finds the order statistics for the quantile of a probability among `n` values; `None`
    /// without a value.
    #[must_use]
    pub fn new(n: u64, probability: f64) -> Option<Self> {
        let position = (n > 0).then(|| position(n, probability))?;
        let (low, high) = quantile_ranks(n, probability, ALPHA);
        Some(Self { n, probability, position, low, high })
    }

    /// Lists the ranks, from 0, in no order.
    pub fn ranks(&self) -> impl Iterator<Item = u64> {
        let next = (self.position.rank + 1).min(self.n - 1);
        [Some(self.position.rank), Some(next), self.low, self.high].into_iter().flatten()
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

/// Estimates the derivative of the quantile function at `p`, which is one over the density at the
/// quantile: it turns an error in probability into an error in value.
///
/// It is the slope between two quantiles at the distance of Hall and Sheather (1988), from counts
/// that are not empty; 0 where the quantile function is flat, as for whole numbers.
#[must_use]
pub fn sparsity(counted: &Counted<'_>, p: f64) -> f64 {
    let n = counted.counts.total();
    let z = normal_critical(2.0 * p.min(1.0 - p));
    let density = exp(-0.5 * z * z) * 0.398_942_280_401_432_7;
    let critical = normal_critical(ALPHA);
    let cube = 1.5 * critical * critical * density * density / (2.0 * z * z + 1.0) / n as f64;
    let distance = exp(ln(cube) / 3.0).min(0.5 * p.min(1.0 - p));
    let at = |p: f64| counted.at(position(n, p));
    (at(p + distance) - at(p - distance)) / (2.0 * distance)
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
