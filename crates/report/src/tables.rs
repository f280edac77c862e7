//! Lists the tables that a report shows.

use corridor_tables::{
    AttributionRow, BreakEvenRow, CompareRow, DimHorizonRow, DimMetricRow, DimPolicyRow,
    DimRegimeRow, DimRunRow, DimScenarioRow, FanRow, HistogramRow, PolicyAxisRow, RegimeRow,
    RobustnessRow, ScenarioAxisRow, SignalRow, SummaryRow, TestRow, WorstPathRow,
};

/// Everything a report is made from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tables {
    /// Id of the run.
    pub run_id: String,
    /// `dim_run`.
    pub run: DimRunRow,
    /// `dim_scenario`.
    pub scenarios: Vec<DimScenarioRow>,
    /// `dim_policy`.
    pub policies: Vec<DimPolicyRow>,
    /// `dim_metric`.
    pub metrics: Vec<DimMetricRow>,
    /// `dim_horizon`.
    pub horizons: Vec<DimHorizonRow>,
    /// `dim_regime`.
    pub regimes: Vec<DimRegimeRow>,
    /// `scenario_axis`.
    pub scenario_axis: Vec<ScenarioAxisRow>,
    /// `policy_axis`.
    pub policy_axis: Vec<PolicyAxisRow>,
    /// `fact_summary`.
    pub summary: Vec<SummaryRow>,
    /// `fact_compare`.
    pub compare: Vec<CompareRow>,
    /// `fact_histogram`.
    pub histogram: Vec<HistogramRow>,
    /// `fact_fan`.
    pub fan: Vec<FanRow>,
    /// `fact_worst_path`.
    pub worst: Vec<WorstPathRow>,
    /// `fact_break_even`.
    pub break_even: Vec<BreakEvenRow>,
    /// `fact_regime`.
    pub by_regime: Vec<RegimeRow>,
    /// `fact_attribution`.
    pub attribution: Vec<AttributionRow>,
    /// `fact_signal`.
    pub signals: Vec<SignalRow>,
    /// `fact_test`.
    pub tests: Vec<TestRow>,
    /// `fact_robustness`.
    pub robustness: Vec<RobustnessRow>,
}
