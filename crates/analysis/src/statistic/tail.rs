//! Estimates the mean of the worst 5 % of the paths.

use corridor_tables::label::Method;
use corridor_tables::metric::Metric;

use crate::estimate::Estimate;
use crate::interval::t_critical;
use crate::moments::skewness;
use crate::precision;
use crate::quantile::{End, Tail, TailSums};

use super::{ALPHA, TAIL_PROBABILITY};

/// Source of the sums of a tail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TailSource {
    /// All path rows.
    Rows,
    /// Integer counts.
    Counts,
}

/// Returns the tail of the worst 5 % of the paths: the smallest values where more is better, the
/// largest where less is; `None` for a metric without a direction.
pub(crate) fn worst_tail(metric: &Metric) -> Option<Tail> {
    let end = if metric.higher_is_better? { End::Low } else { End::High };
    Some(Tail { end, probability: TAIL_PROBABILITY })
}

/// Estimates the CVaR from `n > 1` paths: the mean of the worst share `p` of the paths.
///
/// With the type 7 quantile `q` and the distance `d` beyond it, 0 for values short of it, it is
/// `q - mean(d) / p` in the lower tail and `q + mean(d) / p` in the upper one (Rockafellar and
/// Uryasev 2000). Where `p n` is whole, this is the mean of the tail.
///
/// Its influence function `q - d / p - CVaR` holds no error of the quantile to first order. The
/// standard error is therefore that of `mean(d)`, over `p`, and the precision is that of `mean(d)`.
#[must_use]
pub fn cvar(tail: Tail, sums: &TailSums, n: u64, source: TailSource) -> Estimate {
    let (count, p) = (n as f64, tail.probability);
    let mean = sums.beyond[0] / count;
    let squares = (sums.beyond[1] - count * mean * mean).max(0.0);
    let cubes = sums.beyond[2] - 3.0 * mean * sums.beyond[1] + 2.0 * count * mean * mean * mean;
    let std_error = (squares / (count - 1.0) / count).sqrt() / p;
    let value = match tail.end {
        End::Low => sums.quantile - mean / p,
        End::High => sums.quantile + mean / p,
    };
    let half = t_critical(ALPHA, n - 1) * std_error;
    let (precision, reason) = precision::worst([
        precision::of_mean(n, skewness(n, squares, cubes), 0.0),
        precision::of_event((p * count) as u64, n),
    ]);
    Estimate {
        value: Some(value),
        std_error: Some(std_error),
        ci_low: Some(value - half),
        ci_high: Some(value + half),
        n_paths: n,
        method: match source {
            TailSource::Rows => Method::RowsInfluence,
            TailSource::Counts => Method::CountsInfluence,
        },
        precision,
        reason,
    }
    .finite()
}
