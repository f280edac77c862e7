//! Reads quantiles off integer counts: ranks are exact, values within a bucket are interpolated.

use crate::bucket;
use crate::counts::{Counts, middle};

use super::{End, Position, Tail, TailSums, between};

/// Counts of values, with their smallest and largest one.
#[derive(Clone, Copy, Debug)]
pub struct Counted<'a> {
    /// Counts per bucket; not empty.
    pub counts: &'a Counts,
    /// Smallest value.
    pub min: f64,
    /// Largest value.
    pub max: f64,
    /// Whether values are whole numbers, which lie at one edge of their bucket; exactly so up to
    /// 256.
    pub whole_numbers: bool,
}

/// An order statistic known from counts: it lies between `low` and `high`, near `value`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OrderStatistic {
    /// Interpolated value.
    pub value: f64,
    /// Lower edge of its bucket, or the smallest value.
    pub low: f64,
    /// Upper edge of its bucket, or the largest value.
    pub high: f64,
}

impl Counted<'_> {
    /// Returns the order statistic of a rank, from 0; the last one for any greater rank.
    #[must_use]
    pub fn order_statistic(&self, rank: u64) -> OrderStatistic {
        let mut before = 0;
        let mut place = OrderStatistic { value: self.max, low: self.max, high: self.max };
        for &(number, count) in self.counts.entries() {
            if rank < before + count {
                let low = bucket::low_edge(number).max(self.min);
                let high = bucket::high_edge(number).min(self.max);
                let share = (rank - before) as f64 + 0.5;
                let value = if self.whole_numbers {
                    if number < 0 { high } else { low }
                } else {
                    low + (high - low) * (share / count as f64)
                };
                place = OrderStatistic { value, low, high };
                break;
            }
            before += count;
        }
        place
    }

    /// Returns the quantile at a [`position`](super::position).
    #[must_use]
    pub fn at(&self, position: Position) -> f64 {
        let Position { rank, share } = position;
        between(self.order_statistic(rank).value, self.order_statistic(rank + 1).value, share)
    }

    /// Sums a tail. Every value is taken at the middle of its bucket; those in the bucket of the
    /// quantile are spread evenly over it.
    #[must_use]
    pub fn tail(&self, tail: Tail) -> TailSums {
        let quantile = self.at(tail.position(self.counts.total()));
        let mut sums = TailSums { quantile, ..TailSums::default() };
        for &(number, count) in self.counts.entries() {
            let (low, high) =
                (bucket::low_edge(number).max(self.min), bucket::high_edge(number).min(self.max));
            let (beyond, width) = match tail.end {
                End::Low => (quantile - low, quantile.min(high) - low),
                End::High => (high - quantile, high - quantile.max(low)),
            };
            if beyond <= 0.0 {
                continue;
            }
            // The distances run from `beyond - width` to `beyond` and are taken at their middle:
            // for all of the bucket, or for the share of it that lies in the tail.
            let share = if high > low { (width / (high - low)).clamp(0.0, 1.0) } else { 1.0 };
            let distance = if share < 1.0 {
                beyond * 0.5
            } else {
                (quantile - middle_within(number, low, high)).abs()
            };
            sums.add(distance, count as f64 * share);
        }
        sums
    }
}

fn middle_within(number: i32, low: f64, high: f64) -> f64 {
    middle(number).clamp(low, high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quantile::{of_sorted, position};

    fn counted(counts: &Counts, sorted: &[f64], whole_numbers: bool) -> Vec<f64> {
        let (min, max) = (sorted[0], sorted[sorted.len() - 1]);
        let counted = Counted { counts, min, max, whole_numbers };
        (1..100).map(|p| counted.at(position(sorted.len() as u64, f64::from(p) / 100.0))).collect()
    }

    #[test]
    fn smooth_values_are_met_within_the_stated_bucket() {
        let mut values: Vec<f64> =
            (0..20_000).map(|i| (f64::from(i) / 10_000.0 - 0.7) * 3.0).collect();
        values.sort_unstable_by(f64::total_cmp);
        for (p, value) in (1..).zip(counted(&Counts::of(&values), &values, false)) {
            let exact = of_sorted(&values, f64::from(p) / 100.0).expect("not empty");
            assert!(
                (value - exact).abs() <= exact.abs() / 128.0 + 3.0e-4,
                "p {p}: {value} is not {exact}"
            );
        }
    }

    #[test]
    fn whole_numbers_up_to_256_come_back_exactly() {
        let mut values: Vec<f64> = (0..999).map(|i| f64::from(i * i % 257)).collect();
        values.sort_unstable_by(f64::total_cmp);
        let exact: Vec<f64> = (1..100)
            .map(|p| of_sorted(&values, f64::from(p) / 100.0).expect("not empty"))
            .collect();
        assert_eq!(counted(&Counts::of(&values), &values, true), exact);
    }

    #[test]
    fn the_tail_of_a_uniform_law_has_its_known_mean() {
        let values: Vec<f64> =
            (0..100_000).map(|i| 1.0 + (f64::from(i) + 0.5) / 100_000.0).collect();
        let counts = Counts::of(&values);
        let counted =
            Counted { counts: &counts, min: values[0], max: values[99_999], whole_numbers: false };
        for (end, mean) in [(End::Low, 1.025), (End::High, 1.975)] {
            let sums = counted.tail(Tail { end, probability: 0.05 });
            let distance = sums.beyond[0] / (0.05 * 100_000.0);
            let cvar =
                if end == End::Low { sums.quantile - distance } else { sums.quantile + distance };
            assert!((cvar - mean).abs() < 1e-4, "{end:?}: {cvar}");
        }
    }
}
