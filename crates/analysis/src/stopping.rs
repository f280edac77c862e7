//! Decides how many paths a run needs: it stops as soon as the widest simultaneous interval of a
//! metric's differences is narrow enough.
//!
//! Paths come in stages. The half-width of an interval shrinks with the root of the number of
//! paths, so after a stage that leaves the interval `r` times too wide the next stage has `1.05
//! r^2` times as many paths, at most four times as many (intervals of fixed width: Chow and Robbins
//! 1965). The stages depend on the study and its paths alone, so an interrupted run stops where an
//! uninterrupted one does.

use corridor_tables::CompareRow;
use corridor_tables::label::Stat;
use corridor_tables::metric::MetricId;

/// Least number of paths of the first stage.
pub const FIRST_PATHS: u64 = 4096;

/// The first stage has at least the allowed number of paths divided by this.
pub const FIRST_SHARE: u64 = 16;

/// Factor on the number of paths that a stage is predicted to need, so that the prediction seldom
/// falls short.
pub const RESERVE: f64 = 1.05;

/// Largest factor between the paths of one stage and the next: an early interval is itself
/// uncertain.
pub const GROWTH_MAX: u64 = 4;

/// Limits on the number of paths of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PathLimits {
    /// Most paths that the run may have.
    pub most: u64,
    /// Paths of a part; a stage ends with a whole part. At least 1.
    pub per_part: u64,
}

/// Width at which the differences of a metric are known well enough.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Target {
    /// Metric whose differences should be known.
    pub metric: MetricId,
    /// Half of the widest simultaneous interval, in the metric's unit; above 0.
    pub half_width: f64,
}

impl Target {
    /// Returns the ratio of a half-width to the one that was asked for.
    #[must_use]
    pub fn times_too_wide(&self, half_width: f64) -> f64 {
        half_width / self.half_width
    }

    /// Returns whether a half-width is small enough; false if it is not known.
    #[must_use]
    pub fn is_met(&self, half_width: Option<f64>) -> bool {
        half_width.is_some_and(|half| half <= self.half_width)
    }
}

/// A run that does not know its differences as well as it should.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Missed {
    /// Metric whose differences should be known.
    pub metric: MetricId,
    /// Half of its widest simultaneous interval, in the metric's unit; `None` where some difference
    /// has no interval.
    pub known: Option<f64>,
    /// Half-width that was asked for, in the metric's unit.
    pub wanted: f64,
    /// Paths of the run.
    pub paths: u64,
}

/// Returns the number of paths of the first stage.
#[must_use]
pub fn first_stage(limits: PathLimits) -> u64 {
    whole_parts(limits, FIRST_PATHS.max(limits.most / FIRST_SHARE))
}

/// Returns the number of paths of the next stage. The last stage had `paths` paths, and its widest
/// interval was `too_wide` times the one that was asked for; `None` if it is not known.
#[must_use]
pub fn next_stage(limits: PathLimits, paths: u64, too_wide: Option<f64>) -> u64 {
    let most = paths.saturating_mul(GROWTH_MAX);
    let wanted = too_wide
        .map_or(most, |ratio| (paths as f64 * ratio * ratio * RESERVE).min(most as f64) as u64);
    whole_parts(limits, wanted.max(paths + 1))
}

/// Rounds a number of paths up to whole parts, or down to the most that is allowed.
#[must_use]
pub fn whole_parts(limits: PathLimits, paths: u64) -> u64 {
    paths.next_multiple_of(limits.per_part).min(limits.most)
}

/// Returns half of the widest simultaneous interval of a metric's mean differences, over all
/// scenarios at their longest horizon; `None` where a difference has no interval or there is none.
///
/// Rows that involve a policy for which `is_judged` is false do not count.
#[must_use]
pub fn widest(
    compare: &[CompareRow],
    metric: MetricId,
    is_judged: impl Fn(i32) -> bool,
) -> Option<f64> {
    let (metric, mean) = (metric.number(), Stat::Mean.name());
    let of_metric = || compare.iter().filter(|row| row.metric_id == metric && row.stat == mean);
    let end = |scenario: i32| {
        of_metric().filter(|row| row.scenario_id == scenario).map(|row| row.horizon_months).max()
    };
    let rows = of_metric().filter(|row| {
        end(row.scenario_id) == Some(row.horizon_months)
            && is_judged(row.policy_id)
            && is_judged(row.baseline_policy_id)
    });
    let halves: Option<Vec<f64>> = rows
        .map(|row| Some(0.5 * (row.ci_high_simultaneous? - row.ci_low_simultaneous?)))
        .collect();
    halves.and_then(|halves| halves.into_iter().reduce(f64::max))
}

/// Returns by how much a run of `paths` paths missed its target; `None` if it met it. `known` is
/// the result of [`widest`].
#[must_use]
pub fn missed(target: Target, known: Option<f64>, paths: u64) -> Option<Missed> {
    (!target.is_met(known)).then_some(Missed {
        metric: target.metric,
        known,
        wanted: target.half_width,
        paths,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: PathLimits = PathLimits { most: 1_000_000, per_part: 4096 };

    #[test]
    fn stages_are_whole_parts_and_follow_the_square_of_the_width() {
        assert_eq!(first_stage(PathLimits { most: 10_000, ..LIMITS }), 4096);
        assert_eq!(first_stage(LIMITS), 65_536);
        assert_eq!(first_stage(PathLimits { most: 1000, ..LIMITS }), 1000);
        // 65,536 x 1.5^2 x 1.05 = 154,829, rounded up to 38 parts
        assert_eq!(next_stage(LIMITS, 65_536, Some(1.5)), 38 * 4096);
        assert_eq!(next_stage(LIMITS, 65_536, Some(10.0)), 4 * 65_536);
        assert_eq!(next_stage(LIMITS, 65_536, None), 4 * 65_536);
        assert_eq!(next_stage(LIMITS, 65_536, Some(0.1)), 65_536 + 4096, "one part more");
        assert_eq!(next_stage(LIMITS, 900_000, Some(3.0)), 1_000_000);
    }

    fn row(policy: i32, months: i32, half: Option<f64>) -> CompareRow {
        CompareRow {
            scenario_id: 0,
            policy_id: policy,
            baseline_policy_id: 0,
            horizon_months: months,
            metric_id: MetricId::LOG_GROWTH.number(),
            stat: "mean".into(),
            ci_low_simultaneous: half.map(|half| -half),
            ci_high_simultaneous: half,
            ..CompareRow::default()
        }
    }

    #[test]
    fn the_widest_interval_is_that_of_a_judged_policy_at_the_end() {
        let rows = [
            row(1, 120, Some(9.0)),
            row(1, 240, Some(2.0)),
            row(2, 240, Some(3.0)),
            row(3, 240, Some(8.0)),
            CompareRow { stat: "sd".into(), ..row(1, 240, Some(7.0)) },
        ];
        let widest = |rows: &[CompareRow]| widest(rows, MetricId::LOG_GROWTH, |id| id != 3);
        assert_eq!(widest(&rows), Some(3.0));
        assert_eq!(widest(&[row(1, 240, Some(2.0)), row(2, 240, None)]), None);
        assert_eq!(widest(&[]), None);
    }

    #[test]
    fn a_run_that_is_wider_than_its_target_or_not_known_misses_it() {
        let target = Target { metric: MetricId::LOG_GROWTH, half_width: 2.0 };
        assert_eq!(missed(target, Some(2.0), 100), None);
        let expected =
            |known| Some(Missed { metric: MetricId::LOG_GROWTH, known, wanted: 2.0, paths: 100 });
        assert_eq!(missed(target, Some(3.0), 100), expected(Some(3.0)));
        assert_eq!(missed(target, None, 100), expected(None));
        assert_eq!(target.times_too_wide(3.0), 1.5);
    }
}
