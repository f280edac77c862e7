//! Sums the differences of two policies path by path, for paired comparisons.
//!
//! Differences are formed before anything is summed. Two policies on the same path are often
//! correlated beyond 0.999, and the variance of their difference from separate sums would lose the
//! digits that matter.

use corridor_core::level::{Kernel, Level};

use crate::lanes::{LANES, Lanes};
use crate::moments::{ROUNDING, centred, skewness};

/// Most policies for which sums over every pair are kept, so that any baseline can be chosen later;
/// with more policies only the declared comparisons are kept.
///
/// Beyond it the pairs would outgrow the rest of the state: 33 policies make 528 pairs, which at 17
/// metrics and 60 bytes a batch are 130 MB per scenario and million paths.
pub const ALL_PAIRS_MAX_POLICIES: usize = 32;

/// Number, sum and central power sums of the differences `a - b` of two columns, and how often each
/// of the two is larger.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PairMoments {
    /// Paths with a value under both.
    pub n: u64,
    /// Sum of the differences.
    pub sum: f64,
    /// Sum of squares of the differences about their mean.
    pub squares: f64,
    /// Sum of cubes of the differences about their mean.
    pub cubes: f64,
    /// Paths on which `a` has the larger value.
    pub a_above_b: u64,
    /// Paths on which `b` has the larger value.
    pub b_above_a: u64,
}

impl PairMoments {
    /// Sums one batch of two columns on the same paths. Paths on which either has no finite value
    /// are left out; `may_be_null` may be false, which is faster, if no value is missing.
    #[must_use]
    pub fn of(a: &[f64], b: &[f64], may_be_null: bool, level: Level) -> Self {
        let steps = a.iter().zip(b).map(|(a, b)| a - b);
        let shift = steps.into_iter().find(|d| d.is_finite()).unwrap_or(0.0);
        if may_be_null {
            let sums = level.run(Differences::<true> { a, b, shift });
            sums.conclude(sums.n.sum(), shift)
        } else {
            level
                .run(Differences::<false> { a, b, shift })
                .conclude(a.len().min(b.len()) as f64, shift)
        }
    }

    /// Sums `n` paths on which `a` and `b` do not vary, with the same result as
    /// [`PairMoments::of`].
    #[must_use]
    pub fn of_constants(a: f64, b: f64, n: u64) -> Self {
        let above = |is: bool| if is { n } else { 0 };
        Self {
            n,
            sum: n as f64 * (a - b),
            a_above_b: above(a > b),
            b_above_a: above(b > a),
            ..Self::default()
        }
    }

    /// Adds the paths of `other`, which come after these.
    pub fn merge(&mut self, other: &Self) {
        if other.n == 0 {
            return;
        }
        if self.n == 0 {
            *self = *other;
            return;
        }
        let (a, b) = (self.n as f64, other.n as f64);
        let n = a + b;
        let (mean_a, mean_b) = (self.sum / a, other.sum / b);
        // Equal constants have equal means, whatever the rounding of n times the constant.
        let is_constant = self.squares == 0.0
            && other.squares == 0.0
            && (mean_b - mean_a).abs() <= 4.0 * f64::EPSILON * mean_a.abs();
        let step = if is_constant { 0.0 } else { mean_b - mean_a };
        let (step_n, product) = (step / n, step * step * a * b / n);
        self.cubes += other.cubes
            + product * step_n * (a - b)
            + 3.0 * step_n * (a * other.squares - b * self.squares);
        self.squares += other.squares + product;
        self.sum += other.sum;
        self.n += other.n;
        self.a_above_b += other.a_above_b;
        self.b_above_a += other.b_above_a;
    }

    /// Returns the sums of `b - a`.
    #[must_use]
    pub fn reversed(&self) -> Self {
        Self {
            n: self.n,
            sum: -self.sum,
            squares: self.squares,
            cubes: -self.cubes,
            a_above_b: self.b_above_a,
            b_above_a: self.a_above_b,
        }
    }

    /// Drops what rounding alone makes of two columns with values up to this magnitude: the spread
    /// of differences that are constant, and differences that are 0.
    #[must_use]
    pub fn without_rounding(&self, magnitude: f64) -> Self {
        let (n, least) = (self.n.max(1) as f64, ROUNDING * magnitude);
        if (self.squares / n).sqrt() > least {
            return *self;
        }
        if (self.sum / n).abs() > least {
            return Self { squares: 0.0, cubes: 0.0, ..*self };
        }
        Self { n: self.n, ..Self::default() }
    }

    /// Returns the mean difference; `None` without a path.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        (self.n > 0).then(|| self.sum / self.n as f64)
    }

    /// Returns the variance of the differences, with divisor `n - 1`; `None` below two paths.
    #[must_use]
    pub fn variance(&self) -> Option<f64> {
        (self.n > 1).then(|| self.squares / (self.n - 1) as f64)
    }

    /// Returns the skewness of the differences; 0 if they are constant.
    #[must_use]
    pub fn skewness(&self) -> f64 {
        skewness(self.n, self.squares, self.cubes)
    }
}

struct Differences<'a, const MAY_BE_NULL: bool> {
    a: &'a [f64],
    b: &'a [f64],
    shift: f64,
}

/// Sums in progress. They are passed by value and built anew for each row, so that they stay in
/// registers.
#[derive(Clone, Copy)]
struct Accumulators {
    first: Lanes,
    second: Lanes,
    third: Lanes,
    a_above: Lanes,
    b_above: Lanes,
    n: Lanes,
}

impl Accumulators {
    const EMPTY: Self = {
        let zero = Lanes::splat(0.0);
        Self { n: zero, first: zero, second: zero, third: zero, a_above: zero, b_above: zero }
    };

    #[inline(always)]
    fn with<const MAY_BE_NULL: bool>(self, a: &[f64; LANES], b: &[f64; LANES], shift: f64) -> Self {
        let step = Lanes::of(|i| (a[i] - b[i]) - shift);
        let (mut d, mut n) = (step, self.n);
        let (mut a_above, mut b_above) = (
            Lanes::of(|i| if a[i] > b[i] { 1.0 } else { 0.0 }),
            Lanes::of(|i| if b[i] > a[i] { 1.0 } else { 0.0 }),
        );
        if MAY_BE_NULL {
            // Infinite minus infinite is NaN, infinite minus finite is infinite: one test finds a
            // missing value on either side.
            let valid = Lanes::of(|i| if step[i].abs() <= f64::MAX { 1.0 } else { 0.0 });
            d = Lanes::of(|i| if step[i].abs() <= f64::MAX { step[i] } else { 0.0 });
            n = Lanes::of(|i| self.n[i] + valid[i]);
            a_above = Lanes::of(|i| a_above[i] * valid[i]);
            b_above = Lanes::of(|i| b_above[i] * valid[i]);
        }
        let d2 = Lanes::of(|i| d[i] * d[i]);
        Self {
            n,
            first: Lanes::of(|i| self.first[i] + d[i]),
            second: Lanes::of(|i| self.second[i] + d2[i]),
            third: Lanes::of(|i| self.third[i] + d2[i] * d[i]),
            a_above: Lanes::of(|i| self.a_above[i] + a_above[i]),
            b_above: Lanes::of(|i| self.b_above[i] + b_above[i]),
        }
    }

    fn conclude(&self, n: f64, shift: f64) -> PairMoments {
        if n == 0.0 {
            return PairMoments::default();
        }
        let powers = [self.first.sum(), self.second.sum(), self.third.sum()];
        let (squares, cubes) = centred(n, powers);
        PairMoments {
            n: n as u64,
            sum: n * shift + powers[0],
            squares,
            cubes,
            a_above_b: self.a_above.sum() as u64,
            b_above_a: self.b_above.sum() as u64,
        }
    }
}

impl<const MAY_BE_NULL: bool> Kernel for Differences<'_, MAY_BE_NULL> {
    type Output = Accumulators;

    #[inline(always)]
    fn run(self) -> Accumulators {
        let Self { a, b, shift } = self;
        let ((rows_a, rest_a), (rows_b, rest_b)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
        let mut sums = Accumulators::EMPTY;
        for (row_a, row_b) in rows_a.iter().zip(rows_b) {
            sums = sums.with::<MAY_BE_NULL>(row_a, row_b, shift);
        }
        if !rest_a.is_empty() {
            // Lanes beyond the end hold equal numbers, whose sums are restored below; where nulls
            // are possible, NaN marks them instead.
            let beyond = if MAY_BE_NULL { f64::NAN } else { 0.0 };
            let (mut row_a, mut row_b) = ([beyond; LANES], [beyond; LANES]);
            row_a[..rest_a.len()].copy_from_slice(rest_a);
            row_b[..rest_b.len()].copy_from_slice(rest_b);
            let before = sums;
            sums = sums.with::<MAY_BE_NULL>(&row_a, &row_b, shift);
            for lane in rest_a.len()..LANES {
                sums.first.0[lane] = before.first[lane];
                sums.second.0[lane] = before.second[lane];
                sums.third.0[lane] = before.third[lane];
            }
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Two columns around 1e6 whose difference is of the order of 1e-3.
    fn columns(n: usize) -> (Vec<f64>, Vec<f64>) {
        let a: Vec<f64> = (0..n).map(|i| 1e6 + (i * 7919 % 1009) as f64 * 1e3).collect();
        let b =
            a.iter().enumerate().map(|(i, a)| a + ((i * 31 % 64) as f64 - 30.0) / 4096.0).collect();
        (a, b)
    }

    #[test]
    fn small_differences_of_large_correlated_numbers_keep_their_digits() {
        let (a, b) = columns(10_000);
        let steps: Vec<f64> =
            (0..10_000).map(|i| -((i * 31 % 64) as f64 - 30.0) / 4096.0).collect();
        let exact = crate::moments::Moments::of(&steps, Level::BASELINE);
        let pair = PairMoments::of(&a, &b, false, Level::best());
        assert!(
            (pair.sum - exact.sum).abs() <= 1e-12 * exact.sum.abs(),
            "{} {}",
            pair.sum,
            exact.sum
        );
        assert!((pair.squares - exact.squares).abs() <= 1e-12 * exact.squares);
        assert_eq!(
            pair.a_above_b + pair.b_above_a,
            steps.iter().filter(|d| **d != 0.0).count() as u64
        );
        assert_eq!(pair.a_above_b, steps.iter().filter(|d| **d > 0.0).count() as u64);
    }

    #[test]
    fn levels_and_the_null_check_do_not_move_a_bit() {
        let (a, b) = columns(4099);
        let baseline = PairMoments::of(&a, &b, false, Level::BASELINE);
        for level in Level::available() {
            assert_eq!(PairMoments::of(&a, &b, false, level), baseline, "{level:?}");
            assert_eq!(PairMoments::of(&a, &b, true, level), baseline, "{level:?}");
        }
    }

    #[test]
    fn a_path_without_a_value_under_either_is_left_out() {
        let (a, b) = ([1.0, f64::NAN, 3.0, f64::INFINITY], [0.0, 5.0, f64::NAN, f64::INFINITY]);
        let pair = PairMoments::of(&a, &b, true, Level::best());
        assert_eq!(pair, PairMoments { n: 1, sum: 1.0, a_above_b: 1, ..PairMoments::default() });
    }

    #[test]
    fn a_constant_difference_has_no_variance_at_all() {
        let b: Vec<f64> = (0..100).map(|i| f64::from(i) * 0.5).collect();
        let a: Vec<f64> = b.iter().map(|b| b + 0.25).collect();
        let pair = PairMoments::of(&a, &b, false, Level::best());
        assert_eq!((pair.squares, pair.cubes, pair.sum), (0.0, 0.0, 25.0));
        for (a, b) in [(0.1, 0.3), (0.3, 0.1), (0.1, 0.1)] {
            assert_eq!(
                PairMoments::of_constants(a, b, 77),
                PairMoments::of(&[a; 77], &[b; 77], false, Level::best())
            );
        }
        let mut merged = PairMoments::default();
        for n in 1..50 {
            merged.merge(&PairMoments::of(
                &vec![0.1; 7 * n],
                &vec![0.0; 7 * n],
                false,
                Level::best(),
            ));
        }
        assert_eq!(merged.squares, 0.0);
    }

    #[test]
    fn what_rounding_makes_of_equal_columns_is_dropped() {
        let b: Vec<f64> = (0..100).map(|i| 0.6 + f64::from(i) * 1e-3).collect();
        let a: Vec<f64> = b.iter().enumerate().map(|(i, b)| b + (i % 3) as f64 * 1e-16).collect();
        let pair = PairMoments::of(&a, &b, false, Level::best());
        assert!(pair.squares > 0.0 && pair.a_above_b > 0);
        assert_eq!(pair.without_rounding(0.7), PairMoments { n: 100, ..PairMoments::default() });
        let above: Vec<f64> = a.iter().map(|a| a + 0.25).collect();
        let constant = PairMoments::of(&above, &b, false, Level::best()).without_rounding(0.9);
        assert_eq!((constant.squares, constant.a_above_b), (0.0, 100));
        let real: Vec<f64> = b.iter().enumerate().map(|(i, b)| b + i as f64 * 1e-11).collect();
        let real = PairMoments::of(&real, &b, false, Level::best());
        assert_eq!(real.without_rounding(0.7), real);
    }

    proptest! {
        #[test]
        fn a_fold_of_batches_is_the_whole(cut in 1_usize..500) {
            let (a, b) = columns(500);
            let mut folded = PairMoments::default();
            for (a, b) in [(&a[..cut], &b[..cut]), (&a[cut..], &b[cut..])] {
                folded.merge(&PairMoments::of(a, b, false, Level::best()));
            }
            let whole = PairMoments::of(&a, &b, false, Level::best());
            prop_assert_eq!(
                (folded.n, folded.a_above_b, folded.b_above_a),
                (whole.n, whole.a_above_b, whole.b_above_a),
            );
            prop_assert!((folded.sum - whole.sum).abs() < 1e-12);
            prop_assert!((folded.squares - whole.squares).abs() < 1e-12);
            prop_assert!((folded.cubes - whole.cubes).abs() < 1e-12);
        }

        #[test]
        fn reversing_twice_is_nothing(cut in 1_usize..500) {
            let (a, b) = columns(cut);
            let pair = PairMoments::of(&a, &b, false, Level::best());
            prop_assert_eq!(pair.reversed(), PairMoments::of(&b, &a, false, Level::best()));
            prop_assert_eq!(pair.reversed().reversed(), pair);
        }
    }
}
