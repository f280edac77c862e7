//! Lists the tables of a run that a report shows, and which of their rows.

use std::collections::BTreeSet;

use corridor_tables::label::{FanMeasure, FieldTest, Stat};
use corridor_tables::metric::{MetricId, REGISTRY};
use corridor_tables::{
    AttributionRow, BreakEvenRow, CompareRow, DimHorizonRow, DimMetricRow, DimPolicyRow,
    DimRegimeRow, DimRunRow, DimScenarioRow, ExceedanceRow, FanRow, PolicyAxisRow, RegimeRow,
    RobustnessRow, ScenarioAxisRow, SignalRow, SummaryRow, TestRow, WorstPathRow,
};

use crate::wording::MEAN;

/// Name of the metric of trading costs.
pub(crate) const COST: &str = "cost_bps_annual";

/// Metrics whose quantiles are on the page.
pub(crate) const WITH_SPREAD: [&str; 5] = [
    "terminal_wealth_nominal",
    "terminal_wealth_real",
    "max_drawdown_unit_frac",
    "rebalance_events",
    "turnover_one_way_annual",
];

/// Quantiles that reports show, in percent.
const PERCENTS: [u8; 7] = [5, 10, 25, 50, 75, 90, 95];

/// The tables of a run that a report shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tables {
    /// Identity of the simulation.
    pub run_id: String,
    /// Run, `dim_run`.
    pub run: DimRunRow,
    /// Scenarios, `dim_scenario`.
    pub scenarios: Vec<DimScenarioRow>,
    /// Policies, `dim_policy`.
    pub policies: Vec<DimPolicyRow>,
    /// Metrics, `dim_metric`.
    pub metrics: Vec<DimMetricRow>,
    /// Report horizons, `dim_horizon`.
    pub horizons: Vec<DimHorizonRow>,
    /// True regimes, `dim_regime`.
    pub regimes: Vec<DimRegimeRow>,
    /// Swept keys of scenarios, `scenario_axis`.
    pub scenario_axis: Vec<ScenarioAxisRow>,
    /// Swept keys of policies, `policy_axis`.
    pub policy_axis: Vec<PolicyAxisRow>,
    /// Statistics, `fact_summary`.
    pub summary: Vec<SummaryRow>,
    /// Comparisons, `fact_compare`.
    pub compare: Vec<CompareRow>,
    /// Probabilities above levels, `fact_exceedance`; empty for a run that does not have the table.
    pub exceedance: Vec<ExceedanceRow>,
    /// Fans of wealth and drawdown, `fact_fan`.
    pub fan: Vec<FanRow>,
    /// Worst paths, `fact_worst_path`.
    pub worst: Vec<WorstPathRow>,
    /// Break-even points, `fact_break_even`.
    pub break_even: Vec<BreakEvenRow>,
    /// Policies by true regime, `fact_regime`.
    pub by_regime: Vec<RegimeRow>,
    /// Parts of differences, `fact_attribution`.
    pub attribution: Vec<AttributionRow>,
    /// Accuracy of signals, `fact_signal`.
    pub signals: Vec<SignalRow>,
    /// Tests of the whole field, `fact_test`.
    pub tests: Vec<TestRow>,
    /// Policies across scenarios, `fact_robustness`.
    pub robustness: Vec<RobustnessRow>,
}

/// Largest number of comparisons on the page; the files have all of them.
pub(crate) const COMPARE_ROWS: usize = 16_000;

/// Months between the times that fans and worst paths of a wider run are shown at.
const MONTHS_APART: f64 = 60.0;

/// Metrics that tables and charts of every page name, besides those that a comparison rests on.
const ON_EVERY_PAGE: [&str; 8] = [
    COST,
    "max_drawdown_unit_frac",
    "ruined",
    "ruin_month",
    "goal_reached",
    "terminal_wealth_nominal",
    "terminal_wealth_real",
    "turnover_one_way_annual",
];

/// Which rows of the tables of a run reports show: every metric at every time where the page has room
/// for its comparisons. Of a wider run they show fewer times, and the metrics that the answer and the
/// page name: all of them would fill the memory.
#[derive(Clone, Debug)]
pub struct Shown {
    /// Ids of the metrics; `None` for all of them.
    metrics: Option<BTreeSet<i32>>,
    /// Months to the report horizons of a wide run, which are shown in any case.
    horizons: BTreeSet<i32>,
    months_apart: f64,
}

impl Shown {
    /// Takes the number of cells of the run, its metrics and report horizons, and the names of metrics
    /// that are shown in any case.
    #[must_use]
    pub fn of(
        cells: u64,
        metrics: &[DimMetricRow],
        horizons: &[DimHorizonRow],
        asked: &[&str],
    ) -> Self {
        let is_shown = |row: &&DimMetricRow| {
            let name = row.metric.as_str();
            row.is_primary
                || row.margin_is_declared == Some(true)
                || ON_EVERY_PAGE.contains(&name)
                || asked.contains(&name)
        };
        let of_wide = || metrics.iter().filter(is_shown).map(|row| row.metric_id).collect();
        let is_wide = !Self::is_in_full(cells);
        Self {
            metrics: is_wide.then(of_wide),
            horizons: horizons.iter().map(|row| row.horizon_months).collect(),
            months_apart: if is_wide { MONTHS_APART } else { 0.0 },
        }
    }

    /// Whether reports show every metric at every time, given the number of cells of a run.
    #[must_use]
    pub const fn is_in_full(cells: u64) -> bool {
        cells <= (COMPARE_ROWS / REGISTRY.len()) as u64
    }

    /// Whether reports show the statistic: a headline, or a quantile of a metric whose spread they
    /// show. The others are most of the table.
    #[must_use]
    pub fn summary(&self, row: &SummaryRow) -> bool {
        let metric = || MetricId::of_number(row.metric_id).map(|id| id.metric().name);
        let is_quantile =
            || PERCENTS.iter().any(|&percent| Stat::Quantile(percent).name() == row.stat);
        self.metric(row.metric_id)
            && (row.stat == MEAN
                || (is_quantile() && metric().is_some_and(|name| WITH_SPREAD.contains(&name))))
    }

    /// Whether reports show the comparison: the difference of a headline.
    #[must_use]
    pub fn comparison(&self, row: &CompareRow) -> bool {
        row.stat == MEAN && self.metric(row.metric_id)
    }

    /// Whether reports show the test: any but those of dominance.
    #[must_use]
    pub fn test(&self, row: &TestRow) -> bool {
        is_of_the_field(row) && self.metric(row.metric_id)
    }

    /// Whether reports show tables of the metric, given by its id.
    #[must_use]
    pub fn metric(&self, id: i32) -> bool {
        self.metrics.as_ref().is_none_or(|metrics| metrics.contains(&id))
    }

    /// Whether reports show the quantile over time: it is one of wealth, at a time that they show.
    #[must_use]
    pub fn fan(&self, row: &FanRow) -> bool {
        row.measure == FanMeasure::Wealth.name() && self.time(row.time_months)
    }

    /// Whether reports show the time of a path, in months.
    #[must_use]
    pub fn time(&self, months: f64) -> bool {
        let is_horizon = || self.horizons.iter().any(|&horizon| f64::from(horizon) == months);
        self.months_apart == 0.0 || months % self.months_apart == 0.0 || is_horizon()
    }
}

/// Whether a test is one of the whole field, and not one of dominance.
pub(crate) fn is_of_the_field(row: &TestRow) -> bool {
    !matches!(
        FieldTest::of_name(&row.test),
        Some(FieldTest::DominanceFirst | FieldTest::DominanceSecond)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wide_run_is_shown_with_what_every_page_names() {
        let metrics: Vec<DimMetricRow> = MetricId::all()
            .map(|id| DimMetricRow {
                metric_id: id.number(),
                metric: id.metric().name.to_owned(),
                ..DimMetricRow::default()
            })
            .collect();
        let id = |name: &str| metrics.iter().find(|row| row.metric == name).unwrap().metric_id;
        let horizon = DimHorizonRow { horizon_months: 398, ..DimHorizonRow::default() };
        let of = |cells, asked: &[&str]| {
            Shown::of(cells, &metrics, std::slice::from_ref(&horizon), asked)
        };
        let (wide, asked, full) = (of(4_096, &[]), of(4_096, &["sharpe_ratio"]), of(300, &[]));
        for name in ON_EVERY_PAGE {
            assert!(wide.metric(id(name)), "{name}");
        }
        assert!(!wide.metric(id("sharpe_ratio")) && asked.metric(id("sharpe_ratio")));
        assert!(metrics.iter().all(|row| full.metric(row.metric_id)));
        assert_eq!([60.0, 66.0, 398.0].map(|months| wide.time(months)), [true, false, true]);
        assert!(full.time(66.0));
    }
}
