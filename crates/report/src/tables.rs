//! Lists the tables of a run that a report shows, and which of their rows.

use corridor_tables::label::{FanMeasure, FieldTest};
use corridor_tables::metric::MetricId;
use corridor_tables::{
    AttributionRow, BreakEvenRow, CompareRow, DimHorizonRow, DimMetricRow, DimPolicyRow,
    DimRegimeRow, DimRunRow, DimScenarioRow, ExceedanceRow, FanRow, PolicyAxisRow, RegimeRow,
    RobustnessRow, ScenarioAxisRow, SignalRow, SummaryRow, TestRow, WorstPathRow,
};

use crate::wording::MEAN;

/// Metrics whose quantiles are on the page.
pub(crate) const WITH_SPREAD: [&str; 5] = [
    "terminal_wealth_nominal",
    "terminal_wealth_real",
    "max_drawdown_unit_frac",
    "rebalance_events",
    "turnover_one_way_annual",
];

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

impl Tables {
    /// Whether reports show a row of `fact_summary`: a headline, or a quantile of a metric whose spread
    /// they show. The others are most of the table.
    #[must_use]
    pub fn shows_summary(row: &SummaryRow) -> bool {
        let metric = || MetricId::of_number(row.metric_id).map(|id| id.metric().name);
        row.stat == MEAN
            || (row.stat.starts_with('p')
                && metric().is_some_and(|name| WITH_SPREAD.contains(&name)))
    }

    /// Whether reports show a row of `fact_compare`: the difference of a headline.
    #[must_use]
    pub fn shows_comparison(row: &CompareRow) -> bool {
        row.stat == MEAN
    }

    /// Whether reports show a row of `fact_test`: any test but those of dominance.
    #[must_use]
    pub fn shows_test(row: &TestRow) -> bool {
        !matches!(
            FieldTest::of_name(&row.test),
            Some(FieldTest::DominanceFirst | FieldTest::DominanceSecond)
        )
    }
}

/// The rows of `fact_fan` that reports show of every policy: all times of usual runs, and every fifth
/// year where cells are many.
#[derive(Clone, Copy, Debug)]
pub struct ShownFans {
    months_apart: f64,
}

/// Most cells of which fans have all their points in time in a report.
const FAN_CELLS: u64 = 1 << 10;

impl ShownFans {
    /// Takes the number of cells of the run.
    #[must_use]
    pub fn of(cells: u64) -> Self {
        Self { months_apart: if cells > FAN_CELLS { 60.0 } else { 0.0 } }
    }

    /// Whether a report shows the row.
    #[must_use]
    pub fn has(&self, row: &FanRow) -> bool {
        let is_at = self.months_apart == 0.0 || row.time_months % self.months_apart == 0.0;
        is_at && row.measure == FanMeasure::Wealth.name()
    }
}
