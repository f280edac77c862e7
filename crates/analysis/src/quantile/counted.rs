//! Reads quantiles off integer counts: ranks are exact, values within a bucket are interpolated.

use crate::bucket::Grid;
use crate::counts::Counts;

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
    /// Error that interpolation may have; 0 where all values of the bucket are equal.
    pub blur: f64,
}

impl Counted<'_> {
    /// Returns the order statistic of a rank, from 0; the last one for any greater rank.
    #[must_use]
    pub fn order_statistic(&self, rank: u64) -> OrderStatistic {
        let (grid, entries) = (self.counts.grid(), self.counts.entries());
        let mut before = 0;
        for (place, &(number, count)) in entries.iter().enumerate() {
            if rank >= before + count {
                before += count;
                continue;
            }
            if grid.is_exact() {
                let value = self.value_of(number);
                return OrderStatistic { value, low: value, high: value, blur: 0.0 };
            }
            let low = grid.low_edge(number).max(self.min);
            let high = grid.high_edge(number).min(self.max);
            let share = ((rank - before) as f64 + 0.5) / count as f64;
            let blur = (high - low) * self.unevenness(place);
            return OrderStatistic { value: low + (high - low) * share, low, high, blur };
        }
        OrderStatistic { value: self.max, low: self.max, high: self.max, blur: 0.0 }
    }

    /// Returns the share of the width of a bucket by which interpolation may be wrong, judging by
    /// the change of the density to both neighbours.
    ///
    /// Where the density is a straight line across the buckets, with the change `d` from one to the
    /// next, interpolation is wrong by `d / 8` at most, and this is `d / 2`. Where all values of
    /// the bucket are equal, or lie in a part of it, it is one half or more.
    fn unevenness(&self, place: usize) -> f64 {
        let (grid, entries) = (self.counts.grid(), self.counts.entries());
        let (number, _) = entries[place];
        let density = |place: Option<usize>, number: i32| {
            let found = place.and_then(|place| entries.get(place));
            let count = found.filter(|(known, _)| *known == number).map_or(0, |(_, count)| *count);
            let low = grid.low_edge(number).max(self.min);
            let high = grid.high_edge(number).min(self.max);
            if high > low { count as f64 / (high - low) } else { 0.0 }
        };
        let below = density(place.checked_sub(1), number - 1);
        let above = density(Some(place + 1), number + 1);
        let here = density(Some(place), number);
        if here > 0.0 {
            (0.25 * ((here - below).abs() + (above - here).abs()) / here).min(1.0)
        } else {
            0.0
        }
    }

    /// Returns the value that all values of a bucket of an exact grid have.
    ///
    /// Times are whole numbers of steps: of months, of weeks of 3/13 of a month, or of days.
    fn value_of(&self, number: i32) -> f64 {
        let exact = self.counts.grid().low_edge(number);
        match self.counts.grid() {
            Grid::Plain | Grid::Weights | Grid::Whole => exact,
            Grid::Months => {
                let week = |number: i32| (f64::from(number) * (13.0 / 63.0) + 0.5).floor();
                let in_weeks = |number: i32| week(number) * 12.0 / 52.0;
                let all = |holds: &dyn Fn(i32) -> bool| {
                    self.counts.entries().iter().all(|&(number, _)| holds(number))
                };
                let are_months = || all(&|number| number % 21 == 0);
                let are_weeks = || all(&|number| Grid::Months.of(in_weeks(number)) == number);
                if !are_months() && are_weeks() { in_weeks(number) } else { exact }
            }
        }
    }

    /// Returns the quantile at a [`position`](super::position).
    #[must_use]
    pub fn at(&self, position: Position) -> f64 {
        let Position { rank, share } = position;
        between(self.order_statistic(rank).value, self.order_statistic(rank + 1).value, share)
    }

    /// Returns the error that interpolation may have in the quantile at a
    /// [`position`](super::position).
    #[must_use]
    pub fn blur(&self, position: Position) -> f64 {
        let Position { rank, share } = position;
        between(self.order_statistic(rank).blur, self.order_statistic(rank + 1).blur, share)
    }

    /// Sums a tail. Every value is taken at the middle of its bucket; those in the bucket of the
    /// quantile are spread evenly over it.
    #[must_use]
    pub fn tail(&self, tail: Tail) -> TailSums {
        let quantile = self.at(tail.position(self.counts.total()));
        let mut sums = TailSums { quantile, ..TailSums::default() };
        let grid = self.counts.grid();
        for &(number, count) in self.counts.entries() {
            let (low, high) = if grid.is_exact() {
                let value = self.value_of(number);
                (value, value)
            } else {
                (grid.low_edge(number).max(self.min), grid.high_edge(number).min(self.max))
            };
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
                (quantile - self.middle_within(number, low, high)).abs()
            };
            sums.add(distance, count as f64 * share);
        }
        sums
    }

    fn middle_within(&self, number: i32, low: f64, high: f64) -> f64 {
        self.counts.grid().middle(number).clamp(low, high)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quantile::{of_sorted, position};

    fn counted(counts: &Counts, sorted: &[f64]) -> Vec<f64> {
        let (min, max) = (sorted[0], sorted[sorted.len() - 1]);
        let counted = Counted { counts, min, max };
        (1..100).map(|p| counted.at(position(sorted.len() as u64, f64::from(p) / 100.0))).collect()
    }

    #[test]
    fn smooth_values_are_met_within_the_stated_bucket() {
        let mut values: Vec<f64> =
            (0..20_000).map(|i| (f64::from(i) / 10_000.0 - 0.7) * 3.0).collect();
        values.sort_unstable_by(f64::total_cmp);
        for (p, value) in (1..).zip(counted(&Counts::of(&values), &values)) {
            let exact = of_sorted(&values, f64::from(p) / 100.0).expect("not empty");
            assert!(
                (value - exact).abs() <= exact.abs() / 128.0 + 3.0e-4,
                "p {p}: {value} is not {exact}"
            );
        }
    }

    #[test]
    fn whole_numbers_and_steps_come_back_exactly() {
        let steps: Vec<i32> = (0..999).map(|i| i * i % 7561).collect();
        let in_months = |per_year: i32| -> Vec<f64> {
            steps.iter().map(|&step| f64::from(step) * 12.0 / f64::from(per_year)).collect()
        };
        for (grid, mut values) in [
            (Grid::Whole, in_months(12)),
            (Grid::Months, in_months(12)),
            (Grid::Months, in_months(52)),
            (Grid::Months, in_months(252)),
        ] {
            values.sort_unstable_by(f64::total_cmp);
            let exact: Vec<f64> = (1..100)
                .map(|p| of_sorted(&values, f64::from(p) / 100.0).expect("not empty"))
                .collect();
            assert_eq!(counted(&Counts::on(grid, &values), &values), exact);
        }
    }

    /// Weights up to the edge of a band, and many of them on it.
    #[test]
    fn the_error_of_interpolation_is_stated() {
        let weight = |i: u32| 0.6 + 0.015 * f64::from(i * 7919 % 10_007) / 10_007.0;
        let mut values: Vec<f64> = (0..20_000).map(|i| weight(i).min(0.611_37)).collect();
        values.sort_unstable_by(f64::total_cmp);
        for (grid, most) in [(Grid::Plain, 4e-3), (Grid::Weights, 2.5e-4)] {
            let counts = Counts::on(grid, &values);
            let counted = Counted { counts: &counts, min: values[0], max: values[19_999] };
            for p in 1..100 {
                let p = f64::from(p) / 100.0;
                let (at, exact) = (position(20_000, p), of_sorted(&values, p).expect("not empty"));
                let (value, blur) = (counted.at(at), counted.blur(at));
                assert!(
                    (value - exact).abs() <= 2.0 * blur + 1e-5,
                    "{grid:?} {p}: {value} {exact}"
                );
                assert!(blur <= most, "{grid:?} {p}: {blur}");
            }
        }
    }

    #[test]
    fn the_tail_of_a_uniform_law_has_its_known_mean() {
        let values: Vec<f64> =
            (0..100_000).map(|i| 1.0 + (f64::from(i) + 0.5) / 100_000.0).collect();
        let counts = Counts::of(&values);
        let counted = Counted { counts: &counts, min: values[0], max: values[99_999] };
        for (end, mean) in [(End::Low, 1.025), (End::High, 1.975)] {
            let sums = counted.tail(Tail { end, probability: 0.05 });
            let distance = sums.beyond[0] / (0.05 * 100_000.0);
            let cvar =
                if end == End::Low { sums.quantile - distance } else { sums.quantile + distance };
            assert!((cvar - mean).abs() < 1e-4, "{end:?}: {cvar}");
        }
    }
}
