//! Plans the sections of a run: how many paths each one has, and at which thresholds it counts
//! them.
//!
//! The quantiles of a metric are not known while the paths run by. The first paths of the run,
//! simulated beforehand, place the thresholds well enough: an error in the place of a threshold
//! moves a correlation between sections in the second order only.

use std::collections::BTreeMap;

use corridor_core::outcome::CellId;
use corridor_tables::metric::MetricId;

use crate::fold::Folded;
use crate::section_sums::THRESHOLDS;

/// Size of the sections of a part, and the thresholds at which they count paths.
#[derive(Clone, Debug, PartialEq)]
pub struct SectionSpec {
    /// Paths of a section; the last one of a part may be shorter. At least 1.
    pub paths: usize,
    /// Thresholds of every metric.
    pub thresholds: Thresholds,
}

/// Approximate quantiles of every metric of every cell, in the metric's unit; NaN where no path is
/// known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Thresholds(BTreeMap<(CellId, MetricId), [f64; THRESHOLDS]>);

impl Thresholds {
    /// Reads the quantiles off the counts of some first paths.
    #[must_use]
    pub fn of(pilot: &Folded) -> Self {
        let mut thresholds = Self::default();
        thresholds.extend(pilot);
        thresholds
    }

    /// Adds the quantiles of further cells.
    pub fn extend(&mut self, pilot: &Folded) {
        let cells = pilot
            .cells()
            .iter()
            .flat_map(|(&id, cell)| MetricId::all().map(move |metric| (id, cell, metric)));
        let known =
            cells.filter_map(|(id, cell, metric)| Some(((id, metric), cell.thresholds(metric)?)));
        self.0.extend(known);
    }

    /// Returns the thresholds of one metric of one cell, at the percents of `SUMMARY_PERCENTS`.
    #[must_use]
    pub fn at(&self, cell: CellId, metric: MetricId) -> [f64; THRESHOLDS] {
        self.0.get(&(cell, metric)).copied().unwrap_or([f64::NAN; THRESHOLDS])
    }
}

#[cfg(test)]
mod tests {
    use corridor_core::outcome::{PolicyId, ScenarioId};

    use super::*;

    #[test]
    fn without_a_pilot_no_threshold_is_known() {
        let drawdown = MetricId::of_name("max_drawdown_unit_frac").expect("registered");
        assert!(
            Thresholds::default()
                .at(
                    CellId {
                        scenario_id: ScenarioId(0),
                        policy_id: PolicyId(0),
                        horizon_months: 1
                    },
                    drawdown
                )
                .iter()
                .all(|x| x.is_nan())
        );
    }
}
