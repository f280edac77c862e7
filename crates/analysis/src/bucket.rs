//! Numbers the buckets in which values are counted: fixed grids that all runs share, one for each
//! kind of values.
//!
//! On the plain grid each octave is cut into [`PER_OCTAVE`] equal buckets, so a bucket is at most
//! 1/128 = 0.79 % of its lower edge wide. Buckets of positive values are numbered from 1, those of
//! negative values from -1 downwards; bucket 0 takes every value below [`SMALLEST`] in magnitude.
//! Weights of a portfolio lie close together far from 0, so their buckets are never wider than
//! [`WEIGHT_STEP`]. Whole numbers, and times that are whole numbers of steps, have a bucket for
//! each value. The numbers are part of the state files, so a change of them is a change of
//! `numerics_version`.

use corridor_tables::metric::Spacing;

/// Buckets in a factor of two.
pub const PER_OCTAVE: i32 = 128;

/// Magnitude below which values count as zero.
pub const SMALLEST: f64 = 1e-12;

/// Mantissa bits below the bucket: 52 less the 7 that number 128 buckets.
const DROPPED_BITS: u32 = 45;
const SMALLEST_BITS: i64 = SMALLEST.to_bits() as i64;
const BASE: i32 = (SMALLEST_BITS >> DROPPED_BITS) as i32 - 1;

/// Most that a bucket of weights is wide, a fraction of the portfolio.
pub const WEIGHT_STEP: f64 = 1.0 / 4096.0;
/// Weight from which buckets have this width: there the plain grid has it, too.
const EVEN_FROM: f64 = 128.0 * WEIGHT_STEP;
/// Weight that ends the last bucket but one, far above any.
const EVEN_TO: f64 = 4.0;
const EVEN_FROM_BITS: i64 = EVEN_FROM.to_bits() as i64;
const EVEN_TO_BITS: i64 = EVEN_TO.to_bits() as i64;
/// First bucket of this width.
const EVEN_FIRST: i64 = (EVEN_FROM_BITS >> DROPPED_BITS) - BASE as i64;
/// Last bucket, which takes what is above [`EVEN_TO`].
const EVEN_LAST: i64 = EVEN_FIRST + (EVEN_TO / WEIGHT_STEP) as i64 - 128;

/// Days of a month on the grid of times: a step is a whole number of them, or 63/13 for weeks.
const DAYS: f64 = 21.0;

/// The grid on which the values of a metric are counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Grid {
    /// 128 buckets in an octave.
    #[default]
    Plain,
    /// 128 buckets in an octave up to a width of [`WEIGHT_STEP`], and then buckets of that width.
    Weights,
    /// A bucket for each whole number; values are not negative.
    Whole,
    /// A bucket for each 21st of a month, a day of the finest clock. The values of a run are whole
    /// numbers of its steps, and two different ones do not share a bucket.
    Months,
}

impl From<Spacing> for Grid {
    fn from(spacing: Spacing) -> Self {
        match spacing {
            Spacing::Dense => Self::Plain,
            Spacing::Weights | Spacing::SharesOfMonths => Self::Weights,
            Spacing::Whole => Self::Whole,
            Spacing::Months => Self::Months,
        }
    }
}

impl Grid {
    /// Returns whether a bucket holds equal values only.
    #[must_use]
    pub const fn is_exact(self) -> bool {
        match self {
            Self::Plain | Self::Weights => false,
            Self::Whole | Self::Months => true,
        }
    }

    /// Returns the bucket of a finite value.
    #[must_use]
    #[inline(always)]
    pub fn of(self, x: f64) -> i32 {
        match self {
            Self::Plain => plain(x),
            Self::Weights => even(x),
            Self::Whole => (x + 0.5) as i32,
            Self::Months => (x * DAYS + 0.5) as i32,
        }
    }

    /// Returns the lower edge of a bucket: no value of the bucket is below it, except by 1e-12 in
    /// bucket 0.
    #[must_use]
    pub fn low_edge(self, bucket: i32) -> f64 {
        match self {
            Self::Plain | Self::Weights => match bucket {
                0 => 0.0,
                1.. => f64::from_bits(self.first_bits(bucket) as u64),
                ..0 => -self.high_edge(-bucket),
            },
            Self::Whole => f64::from(bucket),
            Self::Months => f64::from(bucket) / DAYS,
        }
    }

    /// Returns the upper edge of a bucket: no value of the bucket is above it, except by 1e-12 in
    /// bucket 0.
    #[must_use]
    pub fn high_edge(self, bucket: i32) -> f64 {
        match self {
            Self::Plain | Self::Weights => match bucket {
                0 => 0.0,
                1.. => f64::from_bits(self.first_bits(bucket + 1) as u64),
                ..0 => -self.low_edge(-bucket),
            },
            Self::Whole | Self::Months => self.low_edge(bucket),
        }
    }

    /// Returns the middle of a bucket.
    #[must_use]
    pub fn middle(self, bucket: i32) -> f64 {
        0.5 * (self.low_edge(bucket) + self.high_edge(bucket))
    }

    /// Returns the bits of the lower edge of a bucket of positive values.
    fn first_bits(self, bucket: i32) -> i64 {
        let above = i64::from(bucket) - EVEN_FIRST;
        if self != Self::Weights || above <= 0 {
            return (i64::from(bucket) + BASE as i64) << DROPPED_BITS;
        }
        if i64::from(bucket) > EVEN_LAST {
            return f64::MAX.to_bits() as i64 + 1;
        }
        (EVEN_FROM + above as f64 * WEIGHT_STEP).to_bits() as i64
    }

    /// Returns the [`ordered`] integers of the values of a bucket of a grid that is not exact.
    #[must_use]
    pub fn key_range(self, bucket: i32) -> KeyRange {
        let positive = |bucket: i32| KeyRange {
            first: self.first_bits(bucket).max(SMALLEST_BITS),
            last: self.first_bits(bucket + 1) - 1,
        };
        match bucket {
            0 => KeyRange { first: -SMALLEST_BITS, last: SMALLEST_BITS - 1 },
            1.. => positive(bucket),
            ..0 => {
                let KeyRange { first, last } = positive(-bucket);
                KeyRange { first: -1 - last, last: -1 - first }
            }
        }
    }
}

#[inline(always)]
fn plain(x: f64) -> i32 {
    // Integers only: the compiler does not vectorise float compares mixed with integer selects.
    let bits = x.to_bits() as i64;
    let (sign, magnitude) = (bits >> 63, bits & i64::MAX);
    let place = (magnitude >> DROPPED_BITS) - BASE as i64;
    let signed = (place ^ sign) - sign;
    (if magnitude < SMALLEST_BITS { 0 } else { signed }) as i32
}

/// The bucket of a weight: from [`EVEN_FROM`] on its magnitude in units of [`WEIGHT_STEP`], which
/// is the mantissa shifted by the exponent.
#[inline(always)]
fn even(x: f64) -> i32 {
    let bits = x.to_bits() as i64;
    let (sign, magnitude) = (bits >> 63, bits & i64::MAX);
    if magnitude < EVEN_FROM_BITS {
        return plain(x);
    }
    let capped = if magnitude < EVEN_TO_BITS { magnitude } else { EVEN_TO_BITS };
    let mantissa = (capped & ((1 << 52) - 1)) | (1 << 52);
    let steps = mantissa >> (1023 + 52 - 12 - (capped >> 52));
    let place = EVEN_FIRST + steps - 128;
    ((place ^ sign) - sign) as i32
}

/// Maps a float to an integer of the same order; -0.0 comes just below 0.0.
#[must_use]
#[inline(always)]
pub fn ordered(x: f64) -> i64 {
    let bits = x.to_bits() as i64;
    bits ^ (((bits >> 63) as u64) >> 1) as i64
}

/// Inverts [`ordered`].
#[must_use]
#[inline(always)]
pub fn from_ordered(key: i64) -> f64 {
    f64::from_bits((key ^ (((key >> 63) as u64) >> 1) as i64) as u64)
}

/// A range of [`ordered`] integers, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyRange {
    /// Smallest integer of the range.
    pub first: i64,
    /// Largest integer of the range.
    pub last: i64,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn buckets_join_without_gap_from_minus_to_plus() {
        for grid in [Grid::Plain, Grid::Weights] {
            for bucket in -6000..6000 {
                let (here, next) = (grid.key_range(bucket), grid.key_range(bucket + 1));
                assert_eq!(here.last + 1, next.first, "after bucket {bucket}");
                assert!(
                    bucket.abs() <= 1 || grid.high_edge(bucket) == grid.low_edge(bucket + 1),
                    "after bucket {bucket}"
                );
            }
        }
    }

    #[test]
    fn numbers_of_known_values_stay_as_they_are() {
        let cases = [
            (0.0, 0),
            (-0.0, 0),
            (9e-13, 0),
            (1e-12, 1),
            (-1e-12, -1),
            (1.0, 5109),
            (2.0, 5237),
            (-2.0, -5237),
            (1e6, 7657),
        ];
        for (value, bucket) in cases {
            assert_eq!(Grid::Plain.of(value), bucket, "{value}");
        }
        let first = EVEN_FIRST as i32;
        let cases = [
            (0.01, Grid::Plain.of(0.01)),
            (0.031_25, first),
            (0.6, first + (0.6 * 4096.0) as i32 - 128),
            (-0.6, -first - (0.6 * 4096.0) as i32 + 128),
            (1.0, first + 4096 - 128),
            (1e9, EVEN_LAST as i32),
            (-f64::MAX, -EVEN_LAST as i32),
        ];
        for (value, bucket) in cases {
            assert_eq!(Grid::Weights.of(value), bucket, "{value}");
        }
        assert!(Grid::Weights.high_edge(EVEN_LAST as i32) > 1e308);
    }

    #[test]
    fn whole_numbers_and_steps_have_a_bucket_each() {
        for k in [0, 1, 256, 257, 7560] {
            let x = f64::from(k);
            assert_eq!((Grid::Whole.of(x), Grid::Whole.low_edge(k)), (k, x));
            assert_eq!(Grid::Months.low_edge(Grid::Months.of(x)), x);
            for per_year in [52, 252] {
                let at = |step: i32| Grid::Months.of(f64::from(step) * 12.0 / f64::from(per_year));
                assert!(at(k) < at(k + 1), "step {k} of {per_year} a year");
            }
        }
    }

    proptest! {
        #[test]
        fn a_value_lies_in_its_bucket(
            x in prop_oneof![
                prop::num::f64::NORMAL, prop::num::f64::ZERO, -1e-11..1e-11_f64, -1.5..1.5_f64
            ]
        ) {
            for grid in [Grid::Plain, Grid::Weights] {
                let bucket = grid.of(x);
                let KeyRange { first, last } = grid.key_range(bucket);
                prop_assert!((first..=last).contains(&ordered(x)));
                if x.abs() >= SMALLEST {
                    prop_assert!(grid.low_edge(bucket) <= x && x <= grid.high_edge(bucket));
                    let width = grid.high_edge(bucket) - grid.low_edge(bucket);
                    if x.abs() < 1e300 && (grid == Grid::Plain || x.abs() < EVEN_TO) {
                        prop_assert!(width <= x.abs() / f64::from(PER_OCTAVE) * (1.0 + 1e-15));
                        prop_assert!(grid == Grid::Plain || width <= WEIGHT_STEP);
                    }
                }
            }
            prop_assert_eq!(from_ordered(ordered(x)).to_bits(), x.to_bits());
        }

        #[test]
        fn order_is_kept(x in prop::num::f64::NORMAL, y in prop_oneof![
            prop::num::f64::NORMAL, -2.0..2.0_f64
        ]) {
            prop_assert_eq!(x < y, ordered(x) < ordered(y));
            if x <= y {
                for grid in [Grid::Plain, Grid::Weights, Grid::Whole, Grid::Months] {
                    prop_assert!(grid.of(x) <= grid.of(y));
                }
            }
        }
    }
}
