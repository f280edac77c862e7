//! Numbers the buckets in which values are counted: a fixed grid of float bit patterns that all
//! runs share.
//!
//! Each octave is cut into [`PER_OCTAVE`] equal buckets, so a bucket is at most 1/128 = 0.79 % of
//! its lower edge wide. Buckets of positive values are numbered from 1, those of negative values
//! from -1 downwards; bucket 0 takes every value below [`SMALLEST`] in magnitude. The numbers are
//! part of the state files, so a change of them is a schema change.

/// Buckets in a factor of two.
pub const PER_OCTAVE: i32 = 128;

/// Magnitude below which values count as zero.
pub const SMALLEST: f64 = 1e-12;

/// Mantissa bits below the bucket: 52 less the 7 that number 128 buckets.
const DROPPED_BITS: u32 = 45;
const SMALLEST_BITS: i64 = SMALLEST.to_bits() as i64;
const BASE: i32 = (SMALLEST_BITS >> DROPPED_BITS) as i32 - 1;

/// Returns the bucket of a finite value.
#[must_use]
#[inline(always)]
pub fn of(x: f64) -> i32 {
    // Integers only: the compiler does not vectorise float compares mixed with integer selects.
    let bits = x.to_bits() as i64;
    let (sign, magnitude) = (bits >> 63, bits & i64::MAX);
    let place = (magnitude >> DROPPED_BITS) - BASE as i64;
    let signed = (place ^ sign) - sign;
    (if magnitude < SMALLEST_BITS { 0 } else { signed }) as i32
}

/// Returns the lower edge of a bucket: no value of the bucket is below it, except by 1e-12 in
/// bucket 0.
#[must_use]
pub fn low_edge(bucket: i32) -> f64 {
    match bucket {
        0 => 0.0,
        1.. => f64::from_bits(((bucket + BASE) as u64) << DROPPED_BITS),
        ..0 => -high_edge(-bucket),
    }
}

/// Returns the upper edge of a bucket: no value of the bucket is above it, except by 1e-12 in
/// bucket 0.
#[must_use]
pub fn high_edge(bucket: i32) -> f64 {
    match bucket {
        0 => 0.0,
        1.. => f64::from_bits(((bucket + 1 + BASE) as u64) << DROPPED_BITS),
        ..0 => -low_edge(-bucket),
    }
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

/// Returns the [`ordered`] integers of the values of a bucket.
#[must_use]
pub fn key_range(bucket: i32) -> KeyRange {
    let positive = |bucket: i32| {
        let first = i64::from(bucket + BASE) << DROPPED_BITS;
        KeyRange { first: first.max(SMALLEST_BITS), last: first + (1 << DROPPED_BITS) - 1 }
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn buckets_join_without_gap_from_minus_to_plus() {
        for bucket in -2000..2000 {
            let (here, next) = (key_range(bucket), key_range(bucket + 1));
            assert_eq!(here.last + 1, next.first, "after bucket {bucket}");
            assert!(
                bucket.abs() <= 1 || high_edge(bucket) == low_edge(bucket + 1),
                "after bucket {bucket}"
            );
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
            assert_eq!(of(value), bucket, "{value}");
        }
    }

    proptest! {
        #[test]
        fn a_value_lies_in_its_bucket(
            x in prop_oneof![prop::num::f64::NORMAL, prop::num::f64::ZERO, -1e-11..1e-11_f64]
        ) {
            let KeyRange { first, last } = key_range(of(x));
            prop_assert!((first..=last).contains(&ordered(x)));
            prop_assert_eq!(from_ordered(ordered(x)).to_bits(), x.to_bits());
            if x.abs() >= SMALLEST {
                prop_assert!(low_edge(of(x)) <= x && x <= high_edge(of(x)));
                if x.abs() < 1e300 {
                    let width = high_edge(of(x)) - low_edge(of(x));
                    prop_assert!(width <= x.abs() / f64::from(PER_OCTAVE) * (1.0 + 1e-15));
                }
            }
        }

        #[test]
        fn order_is_kept(x in prop::num::f64::NORMAL, y in prop::num::f64::NORMAL) {
            prop_assert_eq!(x < y, ordered(x) < ordered(y));
            if x <= y {
                prop_assert!(of(x) <= of(y));
            }
        }
    }
}
