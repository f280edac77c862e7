//! Counts values per bucket: in dense tables while a part is reduced, as a sorted list elsewhere.

use corridor_core::level::{Kernel, Level};

use crate::bucket::Grid;
use crate::moments::Moments;

/// Values whose buckets are computed in one vectorised pass before they are counted.
const BLOCK: usize = 512;

/// Number of tables that take turns, so that equal neighbours do not wait for each other's
/// increment.
const TABLES: usize = 4;

/// Integer counts per bucket of a grid, sorted by bucket, without empty buckets.
///
/// Counts of different paths add up exactly, in any order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    grid: Grid,
    entries: Vec<(i32, u64)>,
}

impl Counts {
    /// Returns the counts of no value on a grid.
    #[must_use]
    pub const fn empty(grid: Grid) -> Self {
        Self { grid, entries: Vec::new() }
    }

    /// Counts the finite values on the plain grid.
    #[must_use]
    pub fn of(values: &[f64]) -> Self {
        Self::on(Grid::Plain, values)
    }

    /// Counts the finite values on a grid.
    #[must_use]
    pub fn on(grid: Grid, values: &[f64]) -> Self {
        let (mut counter, level) = (Counter::new(grid), Level::best());
        counter.add(values, &Moments::of(values, level), level);
        counter.counts()
    }

    /// Takes `(bucket, count)` pairs of a grid in any order; counts of equal buckets are added up.
    #[must_use]
    pub fn from_pairs(grid: Grid, mut pairs: Vec<(i32, u64)>) -> Self {
        pairs.sort_unstable_by_key(|&(bucket, _)| bucket);
        pairs.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 += next.1;
            }
            same
        });
        pairs.retain(|&(_, count)| count > 0);
        Self { grid, entries: pairs }
    }

    /// Adds the counts of other paths, on the same grid.
    pub fn merge(&mut self, other: &Self) {
        let mut merged = Vec::with_capacity(self.entries.len() + other.entries.len() / 4);
        let (mut left, mut right) =
            (self.entries.iter().copied().peekable(), other.entries.iter().copied().peekable());
        loop {
            let next = match (left.peek(), right.peek()) {
                (Some(&(a, count_a)), Some(&(b, count_b))) if a == b => {
                    left.next();
                    right.next();
                    Some((a, count_a + count_b))
                }
                (Some(&(a, _)), Some(&(b, _))) => {
                    if a < b {
                        left.next()
                    } else {
                        right.next()
                    }
                }
                (Some(_), None) => left.next(),
                (None, _) => right.next(),
            };
            let Some(entry) = next else { break };
            merged.push(entry);
        }
        self.entries = merged;
    }

    /// Returns the grid of the buckets.
    #[must_use]
    pub const fn grid(&self) -> Grid {
        self.grid
    }

    /// Returns the buckets that hold a value, in order, with their counts.
    #[must_use]
    pub fn entries(&self) -> &[(i32, u64)] {
        &self.entries
    }

    /// Returns the number of values.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.entries.iter().map(|&(_, count)| count).sum()
    }

    /// Returns the number of values in lower buckets.
    #[must_use]
    pub fn below(&self, bucket: i32) -> u64 {
        self.entries.iter().take_while(|&&(b, _)| b < bucket).map(|&(_, count)| count).sum()
    }

    /// Returns the share of the largest 1 % of magnitudes in the sum of magnitudes; 0 if all are
    /// zero. Each value is taken at the middle of its bucket and then mapped by `weight`.
    #[must_use]
    pub fn top_share(&self, weight: impl Fn(f64) -> f64) -> f64 {
        let mut weights: Vec<(f64, u64)> = self
            .entries
            .iter()
            .map(|&(b, count)| (weight(self.grid.middle(b)).abs(), count))
            .collect();
        weights.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
        let total: f64 = weights.iter().map(|&(w, count)| w * count as f64).sum();
        let mut left = self.total() as f64 * 0.01;
        let mut top = 0.0;
        for (w, count) in weights {
            let taken = left.min(count as f64);
            top += w * taken;
            left -= taken;
        }
        if total > 0.0 { top / total } else { 0.0 }
    }
}

/// Counts values in dense tables that grow with their range.
#[derive(Debug)]
pub(crate) struct Counter {
    grid: Grid,
    first: i32,
    /// `TABLES` counts side by side for each bucket from `first` on.
    counts: Vec<[u32; TABLES]>,
}

impl Counter {
    /// Counts on a grid.
    pub(crate) const fn new(grid: Grid) -> Self {
        Self { grid, first: 0, counts: Vec::new() }
    }

    /// Counts the finite values; `moments` are those of the values.
    pub(crate) fn add(&mut self, values: &[f64], moments: &Moments, level: Level) {
        if moments.n == 0 {
            return;
        }
        let (low, high) = (self.grid.of(moments.min), self.grid.of(moments.max));
        self.cover(low, high);
        if low == high {
            self.counts[(low - self.first) as usize][0] += moments.n as u32;
            return;
        }
        let mut buckets = [0_i32; BLOCK];
        for block in values.chunks(BLOCK) {
            level.run(Buckets { grid: self.grid, values: block, buckets: &mut buckets });
            if moments.n_null > 0 {
                self.count_finite(block, &buckets);
            } else {
                self.count(&buckets[..block.len()]);
            }
        }
    }

    /// Returns the counts so far.
    pub(crate) fn counts(&self) -> Counts {
        let entries = self.counts.iter().enumerate();
        let entries = entries.map(|(place, counts)| {
            (self.first + place as i32, counts.iter().copied().map(u64::from).sum())
        });
        let entries = entries.filter(|&(_, count): &(i32, u64)| count > 0).collect();
        Counts { grid: self.grid, entries }
    }

    fn count(&mut self, places: &[i32]) {
        let (rows, rest) = places.as_chunks::<TABLES>();
        for row in rows {
            for (table, &bucket) in row.iter().enumerate() {
                self.counts[(bucket - self.first) as usize][table] += 1;
            }
        }
        for &bucket in rest {
            self.counts[(bucket - self.first) as usize][0] += 1;
        }
    }

    fn count_finite(&mut self, values: &[f64], places: &[i32]) {
        for (value, &bucket) in values.iter().zip(places) {
            if value.is_finite() {
                self.counts[(bucket - self.first) as usize][0] += 1;
            }
        }
    }

    fn cover(&mut self, low: i32, high: i32) {
        if self.counts.is_empty() {
            self.first = low;
        }
        if low < self.first {
            let more = (self.first - low) as usize;
            self.counts.splice(0..0, std::iter::repeat_n([0; TABLES], more));
            self.first = low;
        }
        let length = (high - self.first) as usize + 1;
        if length > self.counts.len() {
            self.counts.resize(length, [0; TABLES]);
        }
    }
}

struct Buckets<'a> {
    grid: Grid,
    values: &'a [f64],
    buckets: &'a mut [i32; BLOCK],
}

impl Kernel for Buckets<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { grid, values, buckets } = self;
        let places = buckets.iter_mut().zip(values);
        // A grid for each loop, so that each vectorises.
        match grid {
            Grid::Plain => places.for_each(|(place, &x)| *place = Grid::Plain.of(x)),
            Grid::Weights => places.for_each(|(place, &x)| *place = Grid::Weights.of(x)),
            Grid::Whole => places.for_each(|(place, &x)| *place = Grid::Whole.of(x)),
            Grid::Months => places.for_each(|(place, &x)| *place = Grid::Months.of(x)),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn value() -> impl Strategy<Value = f64> {
        prop_oneof![
            Just(0.0),
            Just(f64::NAN),
            Just(f64::INFINITY),
            -2.0..2.0,
            1e5..1e7_f64,
            0.0..1e-11_f64
        ]
    }

    proptest! {
        #[test]
        fn dense_counting_equals_one_by_one_and_merging_equals_counting_all(
            left in prop::collection::vec(value(), 0..1200),
            right in prop::collection::vec(value(), 0..1200),
        ) {
            let all: Vec<f64> = left.iter().chain(&right).copied().collect();
            // Weights are not larger than 1, and buckets of larger ones would be many.
            for grid in [Grid::Plain, Grid::Weights] {
                let one_by_one = |values: &[f64]| {
                    let finite = values.iter().filter(|x| x.is_finite());
                    Counts::from_pairs(grid, finite.map(|x| (grid.of(*x), 1)).collect())
                };
                prop_assert_eq!(Counts::on(grid, &left), one_by_one(&left));
                let mut merged = Counts::on(grid, &left);
                merged.merge(&Counts::on(grid, &right));
                prop_assert_eq!(&merged, &one_by_one(&all));
                let finite = all.iter().filter(|x| x.is_finite()).count() as u64;
                prop_assert_eq!(merged.total(), finite);
            }
        }
    }

    #[test]
    fn the_top_percent_of_equal_values_carries_one_percent() {
        assert!((Counts::of(&[2.0; 1000]).top_share(|x| x) - 0.01).abs() < 1e-12);
    }

    #[test]
    fn one_giant_carries_the_sum() {
        let mut values = vec![1.0; 999];
        values.push(1e6);
        assert!(Counts::of(&values).top_share(|x| x) > 0.99);
        assert_eq!(Counts::of(&[0.0; 10]).top_share(|x| x), 0.0);
    }
}
