//! Reads the tables that a report shows.

use corridor_store::error::StoreError;
use corridor_store::run_reader::RunReader;
use corridor_store::tables::{
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

impl Tables {
    /// Reads them from a finished run.
    ///
    /// # Errors
    /// When a table is missing or not the one that was recorded.
    pub fn read(run: &RunReader) -> Result<Self, StoreError> {
        Ok(Self {
            run_id: run.manifest().result.facts.simulation_id.clone(),
            run: run.rows::<DimRunRow>()?.rows.into_iter().next().unwrap_or_default(),
            scenarios: run.rows()?.rows,
            policies: run.rows()?.rows,
            metrics: run.rows()?.rows,
            horizons: run.rows()?.rows,
            regimes: run.rows()?.rows,
            scenario_axis: run.rows()?.rows,
            policy_axis: run.rows()?.rows,
            summary: run.rows()?.rows,
            compare: run.rows()?.rows,
            histogram: run.rows()?.rows,
            fan: run.rows()?.rows,
            worst: run.rows()?.rows,
            break_even: run.rows()?.rows,
            by_regime: run.rows()?.rows,
            attribution: run.rows()?.rows,
            signals: run.rows()?.rows,
            tests: run.rows()?.rows,
            robustness: run.rows()?.rows,
        })
    }
}
