//! Sums a metric over sections: about a thousand equal stretches of the paths of a run, which
//! represent single paths where the errors of many differences are judged together.
//!
//! The influence of a path on a statistic is linear in a few numbers of the path: its value, its
//! square, whether it lies below a quantile, and how far it lies in the tail. The sums of these
//! numbers over a section give the section's influence on any statistic of any policy, and so the
//! covariance of any two statistics of any two policies.

use std::borrow::Cow;
use std::sync::Arc;

use corridor_core::level::{Kernel, Level};
use corridor_core::outcome::CellId;
use corridor_tables::metric::MetricId;
use corridor_tables::state::SectionRow;

use crate::bucket::SMALLEST;
use crate::lanes::{LANES, Lanes};
use crate::moments::Moments;
use crate::quantile::{End, SUMMARY_PERCENTS, Tail};
use crate::statistic::worst_tail;

/// Number of thresholds: one for each quantile of `fact_summary`.
pub const THRESHOLDS: usize = SUMMARY_PERCENTS.len();

/// The sums of one metric of one cell over one section.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SectionSums {
    /// Paths with a value.
    pub n: u32,
    /// Sum of the values.
    pub sum: f64,
    /// Sum of squares about the section's own mean.
    pub squares: f64,
    /// Sum of the distances beyond the threshold of the worst tail.
    pub beyond: f64,
    /// Paths below zero.
    pub below_zero: u32,
    /// Paths at or below each threshold.
    pub below: [u32; THRESHOLDS],
}

impl SectionSums {
    /// Sums the values of one section.
    #[must_use]
    pub fn of(
        values: &[f64],
        metric: MetricId,
        thresholds: &[f64; THRESHOLDS],
        level: Level,
    ) -> Self {
        let metric = metric.metric();
        let (sign, at) =
            worst_tail(metric).map_or((0.0, 0.0), |tail| tail_threshold(tail, thresholds));
        let below = Below { values, thresholds, sign, at };
        let has_distribution = metric.source.has_distribution();
        if let [value] = *values {
            return Self::of_one(value, &below, has_distribution);
        }
        let moments = Moments::of(values, level);
        let plain = Self {
            n: moments.n as u32,
            sum: moments.sum,
            squares: moments.squares,
            ..Self::default()
        };
        if !has_distribution {
            return plain;
        }
        let counted = level.run(below);
        Self {
            beyond: counted.beyond.sum(),
            below_zero: counted.zero.sum() as u32,
            below: counted.below.map(|lanes| lanes.sum() as u32),
            ..plain
        }
    }

    /// The sums of a section of one path, without the set-up that many paths are worth.
    fn of_one(value: f64, below: &Below<'_>, has_distribution: bool) -> Self {
        let is_known = value.is_finite();
        let plain = Self {
            n: u32::from(is_known),
            sum: if is_known { value } else { 0.0 },
            ..Self::default()
        };
        if !has_distribution {
            return plain;
        }
        let distance = (value - below.at) * below.sign;
        Self {
            beyond: if distance > 0.0 { distance } else { 0.0 },
            below_zero: u32::from(value <= -SMALLEST),
            below: below.thresholds.map(|threshold| u32::from(value <= threshold)),
            ..plain
        }
    }

    pub(crate) fn row(&self, section: i32, id: CellId, metric: MetricId) -> SectionRow {
        let [p01, p05, p10, p25, p50, p75, p90, p95, p99] = self.below.map(u32::cast_signed);
        SectionRow {
            section,
            scenario_id: id.scenario_id.number(),
            horizon_months: id.horizon_months as i32,
            metric_id: metric.number(),
            policy_id: id.policy_id.number(),
            n: self.n.cast_signed(),
            sum: self.sum,
            sum_squares: self.squares,
            beyond_tail: self.beyond,
            below_zero: self.below_zero.cast_signed(),
            below_p01: p01,
            below_p05: p05,
            below_p10: p10,
            below_p25: p25,
            below_p50: p50,
            below_p75: p75,
            below_p90: p90,
            below_p95: p95,
            below_p99: p99,
        }
    }

    /// Reads the sums of a stored row.
    pub(crate) fn of_row(row: &SectionRow) -> Self {
        let below = [
            row.below_p01,
            row.below_p05,
            row.below_p10,
            row.below_p25,
            row.below_p50,
            row.below_p75,
            row.below_p90,
            row.below_p95,
            row.below_p99,
        ];
        Self {
            n: row.n.cast_unsigned(),
            sum: row.sum,
            squares: row.sum_squares,
            beyond: row.beyond_tail,
            below_zero: row.below_zero.cast_unsigned(),
            below: below.map(i32::cast_unsigned),
        }
    }
}

/// The sections of one metric of one cell.
#[derive(Clone, Debug)]
pub(crate) enum Sections {
    /// Their sums, as a run keeps them.
    Sums(Vec<SectionSums>),
    /// Their paths.
    Paths(SectionPaths),
}

/// The paths of short sections. Their sums would take many times the memory, and are computed
/// whenever they are needed.
#[derive(Clone, Debug)]
pub(crate) struct SectionPaths {
    pub(crate) metric: MetricId,
    /// One value per path, in path order; NaN where there is none.
    pub(crate) values: Arc<[f64]>,
    pub(crate) thresholds: [f64; THRESHOLDS],
    /// Paths of a section; at least 1.
    pub(crate) paths: usize,
}

impl Sections {
    /// Returns the sums of each section, in order.
    pub(crate) fn sums(&self) -> Cow<'_, [SectionSums]> {
        match self {
            Self::Sums(sums) => Cow::Borrowed(sums),
            Self::Paths(SectionPaths { metric, values, thresholds, paths }) => {
                let level = Level::best();
                let sums = |values| SectionSums::of(values, *metric, thresholds, level);
                Cow::Owned(values.chunks(*paths).map(sums).collect())
            }
        }
    }
}

/// Returns the sign that makes distances beyond a tail's threshold positive, and the threshold.
fn tail_threshold(tail: Tail, thresholds: &[f64; THRESHOLDS]) -> (f64, f64) {
    let percent = (100.0 * tail.probability) as u8;
    let at = |percent: u8| {
        SUMMARY_PERCENTS
            .iter()
            .position(|&p| p == percent)
            .map_or(f64::NAN, |place| thresholds[place])
    };
    match tail.end {
        End::Low => (-1.0, at(percent)),
        End::High => (1.0, at(100 - percent)),
    }
}

struct Below<'a> {
    values: &'a [f64],
    thresholds: &'a [f64; THRESHOLDS],
    sign: f64,
    at: f64,
}

/// Counts in progress. They are passed by value and built anew for each row, so that they stay in
/// registers.
#[derive(Clone, Copy)]
struct Counted8 {
    below: [Lanes; THRESHOLDS],
    zero: Lanes,
    beyond: Lanes,
}

impl Below<'_> {
    #[inline(always)]
    fn add(&self, sums: Counted8, row: &[f64; LANES]) -> Counted8 {
        let mut below = sums.below;
        for (lanes, &threshold) in below.iter_mut().zip(self.thresholds) {
            *lanes = Lanes::of(|i| lanes[i] + if row[i] <= threshold { 1.0 } else { 0.0 });
        }
        let distance = Lanes::of(|i| (row[i] - self.at) * self.sign);
        Counted8 {
            below,
            // Zero is everything above -1e-12, as in the grid of the counts.
            zero: Lanes::of(|i| sums.zero[i] + if row[i] <= -SMALLEST { 1.0 } else { 0.0 }),
            beyond: Lanes::of(|i| {
                sums.beyond[i] + if distance[i] > 0.0 { distance[i] } else { 0.0 }
            }),
        }
    }
}

impl Kernel for Below<'_> {
    type Output = Counted8;

    #[inline(always)]
    fn run(self) -> Counted8 {
        let zero = Lanes::splat(0.0);
        let mut sums = Counted8 { below: [zero; THRESHOLDS], zero, beyond: zero };
        let (rows, rest) = self.values.as_chunks::<LANES>();
        for row in rows {
            sums = self.add(sums, row);
        }
        if !rest.is_empty() {
            // NaN lies below no threshold and beyond none.
            let mut row = [f64::NAN; LANES];
            row[..rest.len()].copy_from_slice(rest);
            sums = self.add(sums, &row);
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use corridor_core::outcome::{PolicyId, ScenarioId};

    use super::*;

    #[test]
    fn sections_count_what_their_definition_says_on_every_level() {
        let values: Vec<f64> =
            (0..1003).map(|i| f64::from(i * 7919 % 1009) / 500.0 - 1.0).chain([f64::NAN]).collect();
        let thresholds = [-0.9, -0.8, -0.7, -0.5, 0.0, 0.5, 0.7, 0.8, 0.9];
        let growth = MetricId::LOG_GROWTH;
        let sums = SectionSums::of(&values, growth, &thresholds, Level::BASELINE);
        let count = |test: &dyn Fn(f64) -> bool| values.iter().filter(|x| test(**x)).count() as u32;
        assert_eq!(sums.n, 1003);
        assert_eq!(sums.below, thresholds.map(|threshold| count(&|x| x <= threshold)));
        assert_eq!(sums.below_zero, count(&|x| x <= -1e-12));
        let beyond: f64 = values.iter().filter(|x| **x < -0.8).map(|x| -0.8 - x).sum();
        assert!((sums.beyond - beyond).abs() < 1e-12 * beyond);
        for level in Level::available() {
            assert_eq!(SectionSums::of(&values, growth, &thresholds, level), sums, "{level:?}");
        }
        let row = sums.row(
            3,
            CellId { scenario_id: ScenarioId(1), policy_id: PolicyId(2), horizon_months: 12 },
            growth,
        );
        assert_eq!(SectionSums::of_row(&row), sums);
    }

    #[test]
    fn a_section_of_one_path_has_the_sums_of_many_that_lack_a_value() {
        let thresholds = [-0.9, -0.8, -0.7, -0.5, 0.0, 0.5, 0.7, 0.8, 0.9];
        let values = [-1.0, -0.8, -1e-13, 0.0, 0.3, 0.95, f64::NAN];
        for metric in MetricId::all() {
            for value in values {
                let of =
                    |values: &[f64]| SectionSums::of(values, metric, &thresholds, Level::best());
                assert_eq!(of(&[value]), of(&[value, f64::NAN]), "{metric:?} {value}");
            }
        }
    }

    #[test]
    fn a_metric_of_which_less_is_better_has_its_worst_tail_above() {
        let drawdown = MetricId::of_name("max_drawdown_unit_frac").expect("registered");
        let thresholds = [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.5, 0.0];
        let sums = SectionSums::of(&[0.4, 0.6, 0.7], drawdown, &thresholds, Level::best());
        assert!((sums.beyond - 0.3).abs() < 1e-15);
    }
}
