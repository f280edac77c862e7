//! Sums powers of one metric over paths: a batch in one vectorised pass, batches folded in order.
//!
//! Sums are taken about the first value and then turned into sums about the mean, so a small spread
//! around a large mean keeps its digits, and a constant column has a variance of exactly zero.
//! Eight accumulators, by path index modulo 8, are added up in a fixed order, so the bits depend
//! neither on the instruction set nor on threads.

use corridor_core::level::{Kernel, Level};

use crate::lanes::{LANES, Lanes};

/// Number, sum and central power sums of the finite values among some paths.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moments {
    /// Paths with a value.
    pub n: u64,
    /// Paths without a value.
    pub n_null: u64,
    /// Sum of the values.
    pub sum: f64,
    /// Sum of squares about the mean.
    pub squares: f64,
    /// Sum of cubes about the mean.
    pub cubes: f64,
    /// Sum of fourth powers about the mean.
    pub fourths: f64,
    /// Smallest value; infinity if there is none.
    pub min: f64,
    /// Largest value; minus infinity if there is none.
    pub max: f64,
}

/// Share of the largest magnitude up to which values differ by rounding alone.
pub const ROUNDING: f64 = 1e-12;

impl Moments {
    /// The moments of no path.
    pub const EMPTY: Self = Self {
        n: 0,
        n_null: 0,
        sum: 0.0,
        squares: 0.0,
        cubes: 0.0,
        fourths: 0.0,
        min: f64::INFINITY,
        max: f64::NEG_INFINITY,
    };

    /// Sums one batch; NaN and infinite values count as null.
    #[must_use]
    pub fn of(values: &[f64], level: Level) -> Self {
        let shift = values.iter().copied().find(|x| x.is_finite()).unwrap_or(0.0);
        if level.run(HasNull(values)).0.iter().any(|&lane| lane != 0.0) {
            let sums = level.run(PowerSums::<true> { values, shift });
            sums.conclude(sums.n.sum(), values.len(), shift)
        } else {
            level.run(PowerSums::<false> { values, shift }).conclude(
                values.len() as f64,
                values.len(),
                shift,
            )
        }
    }

    /// Adds the paths of `other`, which come after these.
    pub fn merge(&mut self, other: &Self) {
        self.n_null += other.n_null;
        if other.n == 0 {
            return;
        }
        if self.n == 0 {
            *self = Self { n_null: self.n_null, ..*other };
            return;
        }
        let (a, b) = (self.n as f64, other.n as f64);
        let n = a + b;
        // Equal constants have equal means, whatever the rounding of n times the constant.
        let is_constant = self.min == other.max && self.max == other.min;
        let step = if is_constant { 0.0 } else { other.sum / b - self.sum / a };
        let (step_n, product) = (step / n, step * step * a * b / n);
        // Pébay (2008): the central sums of two sets. The highest power comes first, because each
        // needs the lower ones of the sets.
        self.fourths += other.fourths
            + product * step_n * step_n * (a * a - a * b + b * b)
            + 6.0 * step_n * step_n * (a * a * other.squares + b * b * self.squares)
            + 4.0 * step_n * (a * other.cubes - b * self.cubes);
        self.cubes += other.cubes
            + product * step_n * (a - b)
            + 3.0 * step_n * (a * other.squares - b * self.squares);
        self.squares += other.squares + product;
        self.sum += other.sum;
        self.n += other.n;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }

    /// Returns the largest magnitude of a value; 0 without a value.
    #[must_use]
    pub fn magnitude(&self) -> f64 {
        if self.n > 0 { self.min.abs().max(self.max.abs()) } else { 0.0 }
    }

    /// Returns whether all values are equal but for rounding: their spread says how sums were
    /// rounded, not how paths differ.
    #[must_use]
    pub fn is_constant(&self) -> bool {
        self.n > 0 && self.max - self.min <= ROUNDING * self.magnitude()
    }

    /// Returns the mean; `None` without a value.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        (self.n > 0).then(|| self.sum / self.n as f64)
    }

    /// Returns the variance, with divisor `n - 1`, which is 0 for values that differ by rounding
    /// alone; `None` below two values.
    #[must_use]
    pub fn variance(&self) -> Option<f64> {
        let squares = if self.is_constant() { 0.0 } else { self.squares };
        (self.n > 1).then(|| squares / (self.n - 1) as f64)
    }

    /// Returns the skewness `m3 / m2^1.5`; 0 for constant values.
    #[must_use]
    pub fn skewness(&self) -> f64 {
        if self.is_constant() { 0.0 } else { skewness(self.n, self.squares, self.cubes) }
    }

    /// Returns the kurtosis `m4 / m2^2`, which is 3 for a normal law; 1, its least value, for
    /// constant values.
    #[must_use]
    pub fn kurtosis(&self) -> f64 {
        if self.squares > 0.0 && !self.is_constant() {
            self.n as f64 * self.fourths / (self.squares * self.squares)
        } else {
            1.0
        }
    }
}

/// Returns the skewness from central sums; 0 for constant values.
pub(crate) fn skewness(n: u64, squares: f64, cubes: f64) -> f64 {
    let variance = squares / n.max(1) as f64;
    if variance > 0.0 { cubes / n as f64 / (variance * variance.sqrt()) } else { 0.0 }
}

/// Turns the sums of `n` deviations and their squares and cubes into central sums of squares and
/// cubes.
#[inline(always)]
pub(crate) fn centred(n: f64, [s1, s2, s3]: [f64; 3]) -> (f64, f64) {
    let mean = s1 / n;
    let squares = (s2 - s1 * mean).max(0.0);
    (squares, s3 - 3.0 * mean * s2 + 2.0 * mean * mean * s1)
}

struct HasNull<'a>(&'a [f64]);

impl Kernel for HasNull<'_> {
    type Output = Lanes;

    /// Returns zero in every lane without NaN and infinity.
    #[inline(always)]
    fn run(self) -> Lanes {
        let (rows, rest) = self.0.as_chunks::<LANES>();
        let mut zeros = Lanes::splat(0.0);
        for row in rows {
            zeros = Lanes::of(|i| zeros[i] + row[i] * 0.0);
        }
        for (zero, x) in zeros.0.iter_mut().zip(rest) {
            *zero += x * 0.0;
        }
        zeros
    }
}

struct PowerSums<'a, const MAY_BE_NULL: bool> {
    values: &'a [f64],
    shift: f64,
}

/// Sums in progress. They are passed by value and built anew for each row, so that they stay in
/// registers.
#[derive(Clone, Copy)]
struct Accumulators {
    n: Lanes,
    first: Lanes,
    second: Lanes,
    third: Lanes,
    fourth: Lanes,
    min: Lanes,
    max: Lanes,
}

impl Accumulators {
    const EMPTY: Self = Self {
        n: Lanes::splat(0.0),
        first: Lanes::splat(0.0),
        second: Lanes::splat(0.0),
        third: Lanes::splat(0.0),
        fourth: Lanes::splat(0.0),
        min: Lanes::splat(f64::INFINITY),
        max: Lanes::splat(f64::NEG_INFINITY),
    };

    /// Adds a row; NaN marks a lane without a value.
    #[inline(always)]
    fn with<const MAY_BE_NULL: bool>(self, row: &[f64; LANES], shift: f64) -> Self {
        let step = Lanes::of(|i| row[i] - shift);
        let (mut d, mut low, mut high, mut n) = (step, Lanes(*row), Lanes(*row), self.n);
        if MAY_BE_NULL {
            d = Lanes::of(|i| if step[i].abs() <= f64::MAX { step[i] } else { 0.0 });
            low = Lanes::of(|i| if step[i].abs() <= f64::MAX { row[i] } else { f64::INFINITY });
            high =
                Lanes::of(|i| if step[i].abs() <= f64::MAX { row[i] } else { f64::NEG_INFINITY });
            n = Lanes::of(|i| self.n[i] + if step[i].abs() <= f64::MAX { 1.0 } else { 0.0 });
        }
        let d2 = Lanes::of(|i| d[i] * d[i]);
        Self {
            n,
            first: Lanes::of(|i| self.first[i] + d[i]),
            second: Lanes::of(|i| self.second[i] + d2[i]),
            third: Lanes::of(|i| self.third[i] + d2[i] * d[i]),
            fourth: Lanes::of(|i| self.fourth[i] + d2[i] * d2[i]),
            min: Lanes::of(|i| if low[i] < self.min[i] { low[i] } else { self.min[i] }),
            max: Lanes::of(|i| if high[i] > self.max[i] { high[i] } else { self.max[i] }),
        }
    }

    fn conclude(&self, n: f64, paths: usize, shift: f64) -> Moments {
        let n_null = paths as u64 - n as u64;
        if n == 0.0 {
            return Moments { n_null, ..Moments::EMPTY };
        }
        let (s1, s2, s3, s4) =
            (self.first.sum(), self.second.sum(), self.third.sum(), self.fourth.sum());
        let mean = s1 / n;
        let (squares, cubes) = centred(n, [s1, s2, s3]);
        let fourths = s4 - 4.0 * mean * s3 + 6.0 * mean * mean * s2 - 3.0 * mean * mean * mean * s1;
        Moments {
            n: n as u64,
            n_null,
            sum: n * shift + s1,
            squares,
            cubes,
            fourths: fourths.max(0.0),
            min: self.min.0.into_iter().fold(f64::INFINITY, f64::min),
            max: self.max.0.into_iter().fold(f64::NEG_INFINITY, f64::max),
        }
    }
}

impl<const MAY_BE_NULL: bool> Kernel for PowerSums<'_, MAY_BE_NULL> {
    /// The lanes are returned, and added up by the caller: the compiler keeps in vectors what is
    /// stored lane by lane.
    type Output = Accumulators;

    #[inline(always)]
    fn run(self) -> Accumulators {
        let Self { values, shift } = self;
        let mut sums = Accumulators::EMPTY;
        let (rows, rest) = values.as_chunks::<LANES>();
        for row in rows {
            sums = sums.with::<MAY_BE_NULL>(row, shift);
        }
        if !rest.is_empty() {
            // Lanes beyond the end hold the shift, so they add nothing; where nulls are possible,
            // NaN marks them instead.
            let mut row = [if MAY_BE_NULL { f64::NAN } else { shift }; LANES];
            row[..rest.len()].copy_from_slice(rest);
            sums = sums.with::<MAY_BE_NULL>(&row, shift);
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn close(a: f64, b: f64, scale: f64) -> bool {
        (a - b).abs() <= 1e-11 * scale
    }

    fn plain(values: &[f64]) -> [f64; 4] {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let power = |k: i32| values.iter().map(|x| (x - mean).powi(k)).sum::<f64>();
        [values.iter().sum(), power(2), power(3), power(4)]
    }

    proptest! {
        #[test]
        fn one_pass_and_any_split_agree_with_the_definition(
            values in prop::collection::vec(-1.0..3.0_f64, 2..300),
            cut in 0.0..1.0_f64,
            offset in prop::sample::select(vec![0.0, 1e3, -1e6]),
        ) {
            let values: Vec<f64> = values.into_iter().map(|x| x + offset).collect();
            let (left, right) = values.split_at((cut * values.len() as f64) as usize);
            let mut merged = Moments::of(left, Level::best());
            merged.merge(&Moments::of(right, Level::best()));
            let [sum, squares, cubes, fourths] = plain(&values);
            let n = values.len() as f64;
            for moments in [merged, Moments::of(&values, Level::best())] {
                prop_assert_eq!(moments.n, values.len() as u64);
                prop_assert!(close(moments.sum, sum, n * (1.0 + offset.abs())));
                // The plain mean itself has an error of offset * 1e-16.
                let scale = n * 100.0 * (1.0 + offset.abs() * 1e-3);
                prop_assert!(
                    close(moments.squares, squares, scale),
                    "{} {}",
                    moments.squares,
                    squares,
                );
                prop_assert!(close(moments.cubes, cubes, scale));
                prop_assert!(close(moments.fourths, fourths, scale));
            }
        }
    }

    #[test]
    fn every_level_gives_the_same_bits() {
        let values: Vec<f64> = (0..4099).map(|i| f64::from(i * 7919 % 4093).sqrt() + 1e3).collect();
        let baseline = Moments::of(&values, Level::BASELINE);
        for level in Level::available() {
            assert_eq!(Moments::of(&values, level), baseline, "{level:?}");
        }
    }

    #[test]
    fn nulls_are_counted_and_left_out() {
        let moments =
            Moments::of(&[f64::NAN, 3.0, f64::INFINITY, 5.0, f64::NEG_INFINITY], Level::best());
        assert_eq!((moments.n, moments.n_null, moments.sum, moments.squares), (2, 3, 8.0, 2.0));
        assert_eq!((moments.min, moments.max), (3.0, 5.0));
        assert_eq!(
            Moments::of(&[f64::NAN], Level::best()),
            Moments { n_null: 1, ..Moments::EMPTY }
        );
    }

    #[test]
    fn constant_values_have_no_variance_at_all() {
        let moments = Moments::of(&[0.1; 1000], Level::best());
        assert_eq!((moments.squares, moments.cubes, moments.fourths), (0.0, 0.0, 0.0));
        assert_eq!((moments.skewness(), moments.kurtosis()), (0.0, 1.0));
        let mut merged = moments;
        for n in 1..50 {
            merged.merge(&Moments::of(&vec![0.1; 7 * n], Level::best()));
        }
        assert_eq!((merged.squares, merged.fourths), (0.0, 0.0));
    }

    #[test]
    fn values_that_differ_by_rounding_alone_have_no_variance_either() {
        let rounded: Vec<f64> = (0..1000).map(|i| 0.6 + f64::from(i % 7) * 1e-16).collect();
        let moments = Moments::of(&rounded, Level::best());
        assert!(moments.min < moments.max && moments.is_constant());
        assert_eq!(
            (moments.variance(), moments.skewness(), moments.kurtosis()),
            (Some(0.0), 0.0, 1.0)
        );
        let apart: Vec<f64> = (0..1000).map(|i| 0.6 + f64::from(i % 7) * 1e-11).collect();
        assert!(Moments::of(&apart, Level::best()).variance() > Some(0.0));
        assert!(!Moments::EMPTY.is_constant() && Moments::EMPTY.magnitude() == 0.0);
    }
}
