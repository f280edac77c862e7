//! Builds the rows of `fact_exceedance`: how likely the account is to last beyond a year, and the
//! unit value to fall further than a fraction.
//!
//! Probabilities come from integer counts of all paths. The count of accounts that last is exact; a
//! bucket with the fraction of a fall counts by the share of its width.

use std::collections::{BTreeMap, BTreeSet};

use corridor_core::outcome::{CellId, ScenarioId};
use corridor_tables::ExceedanceRow;
use corridor_tables::label::Method;
use corridor_tables::metric::MetricId;

use crate::bucket::Grid;
use crate::counts::Counts;
use crate::estimate::Estimate;
use crate::fold::{CellFold, Folded};
use crate::statistic::probability;

/// Falls below the running peak whose probability is given.
const FALLS: [f64; 5] = [0.1, 0.2, 0.3, 0.4, 0.5];

/// Months of a year, the distance between the levels of the month of ruin.
const YEAR: u32 = 12;

/// Builds the rows of `fact_exceedance` of a metric, if it has any. A scenario in which no account
/// becomes empty has no rows of the month of ruin.
///
/// Where `replicate_paths` consecutive paths make one replicate, intervals are as wide as if these
/// paths were equal, so they are never too narrow.
pub(crate) fn exceedance_rows(
    folded: &Folded,
    metric: MetricId,
    replicate_paths: usize,
) -> Vec<ExceedanceRow> {
    let levels = match metric {
        MetricId::RUIN_MONTH => lasting(folded),
        MetricId::MAX_DRAWDOWN => falling(folded),
        _ => Vec::new(),
    };
    let row = |Above { id, level, above, n }| {
        row(id, metric, level, &widened(probability(above, n), replicate_paths))
    };
    levels.into_iter().map(row).collect()
}

/// Number of paths of a cell that are above a level.
struct Above {
    id: CellId,
    level: f64,
    above: u64,
    n: u64,
}

/// Accounts that last beyond each year, at the end of each scenario in which one becomes empty.
fn lasting(folded: &Folded) -> Vec<Above> {
    let ends = ends(folded);
    let with_ruin: BTreeSet<ScenarioId> = folded
        .cells()
        .iter()
        .filter(|(_, cell)| ruined(cell).total() > 0)
        .map(|(id, _)| id.scenario_id)
        .collect();
    let mut found = Vec::new();
    for (&id, cell) in folded.cells() {
        if !with_ruin.contains(&id.scenario_id)
            || ends.get(&id.scenario_id) != Some(&id.horizon_months)
        {
            continue;
        }
        let n = cell.moments(MetricId::TERMINAL_WEALTH).n;
        let at = |level: u32| {
            let lost = ruined_by(folded, id, level).min(n);
            Above { id, level: f64::from(level), above: n - lost, n }
        };
        found.extend((YEAR..=id.horizon_months).step_by(YEAR as usize).map(at));
    }
    found
}

/// Unit values that fall further than each fraction.
fn falling(folded: &Folded) -> Vec<Above> {
    let at = |(&id, cell): (&CellId, &CellFold)| {
        let falls = cell.counts(MetricId::MAX_DRAWDOWN);
        FALLS.map(|level| Above { id, level, above: above(falls, level), n: falls.total() })
    };
    folded.cells().iter().flat_map(at).collect()
}

/// The longest report horizon of each scenario, in months.
fn ends(folded: &Folded) -> BTreeMap<ScenarioId, u32> {
    let mut ends = BTreeMap::new();
    for id in folded.cells().keys() {
        let end = ends.entry(id.scenario_id).or_insert(id.horizon_months);
        *end = (*end).max(id.horizon_months);
    }
    ends
}

/// The months of ruin of the paths of a cell that are ruined.
fn ruined(cell: &CellFold) -> &Counts {
    cell.counts(MetricId::RUIN_MONTH)
}

/// Number of paths that are ruined by the end of a month.
fn ruined_by(folded: &Folded, end: CellId, month: u32) -> u64 {
    let at_horizon = folded.cells().get(&CellId { horizon_months: month, ..end });
    match (at_horizon, folded.cells().get(&end)) {
        (Some(cell), _) => ruined(cell).total(),
        (None, Some(cell)) => up_to_month(ruined(cell), month),
        (None, None) => 0,
    }
}

/// Number of values up to a whole month, which is included. Times have a bucket for each value.
fn up_to_month(counts: &Counts, month: u32) -> u64 {
    let last = Grid::Months.of(f64::from(month));
    counts.entries().iter().filter(|(place, _)| *place <= last).map(|(_, count)| count).sum()
}

/// Number of values above a level.
fn above(counts: &Counts, level: f64) -> u64 {
    counts.total() - below(counts, |low, high| (level - low) / (high - low))
}

/// Adds up a share of the count of each bucket; the share depends on the edges of the bucket.
fn below(counts: &Counts, share: impl Fn(f64, f64) -> f64) -> u64 {
    let grid = counts.grid();
    let part = |&(place, count): &(i32, u64)| {
        let share = share(grid.low_edge(place), grid.high_edge(place));
        // the bucket of zero has no width, and its share is infinite or not a number
        let share = if share.is_nan() { 1.0 } else { share.clamp(0.0, 1.0) };
        (share * count as f64).round() as u64
    };
    counts.entries().iter().map(part).sum()
}

fn widened(estimate: Estimate, replicate_paths: usize) -> Estimate {
    match replicate_paths {
        1 => estimate,
        paths => estimate.rescaled((paths as f64).sqrt(), Method::AntitheticSections).within_one(),
    }
}

fn row(id: CellId, metric: MetricId, level: f64, estimate: &Estimate) -> ExceedanceRow {
    ExceedanceRow {
        scenario_id: id.scenario_id.number(),
        policy_id: id.policy_id.number(),
        horizon_months: id.horizon_months as i32,
        metric_id: metric.number(),
        level,
        prob: estimate.value,
        std_error: estimate.std_error,
        ci_low: estimate.ci_low,
        ci_high: estimate.ci_high,
        n_paths: estimate.n_paths as i64,
        precision: estimate.precision.name().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_months_are_counted_exactly() {
        let months: Vec<f64> = (1..=360).map(f64::from).collect();
        let counts = Counts::on(Grid::Months, &months);
        for month in 0..=360 {
            assert_eq!(up_to_month(&counts, month), u64::from(month));
        }
        let late = Counts::on(Grid::Months, &[348.0, 348.0, 348.0, 349.0]);
        assert_eq!(up_to_month(&late, 348), 3);
    }

    #[test]
    fn falls_are_counted_above_their_level() {
        let falls: Vec<f64> = (0..1000).map(|i| f64::from(i) / 1000.0).collect();
        let counts = Counts::of(&falls);
        for level in FALLS {
            let exact = falls.iter().filter(|fall| **fall > level).count() as f64;
            let found = above(&counts, level) as f64;
            assert!((found - exact).abs() <= 3.0, "{level}: {found} of {exact}");
        }
        assert_eq!(above(&Counts::of(&[0.0, 0.0, 0.3]), 0.1), 1);
        assert_eq!(above(&Counts::default(), 0.1), 0);
    }
}
