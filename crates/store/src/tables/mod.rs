//! Lists the rows of every output table: plain structs, one per file, with the meaning and unit of
//! each column.
//!
//! `run_id` stands first in every file; the store writes it, the structs do not carry it.

pub mod attribution;
pub mod dimension;
pub mod fan;
pub mod robustness;
pub mod search;
pub mod statistic;
pub mod test;
pub mod trajectory;
pub mod wide;

pub use attribution::{AttributionRow, RegimeRow, SignalRow};
pub use dimension::{
    DimHorizonRow, DimMetricRow, DimPolicyRow, DimRegimeRow, DimRunRow, DimScenarioRow,
    PolicyAxisRow, ScenarioAxisRow,
};
pub use fan::{FanRow, WorstPathRow};
pub use robustness::RobustnessRow;
pub use search::SearchRow;
pub use statistic::{BreakEvenRow, CompareRow, HistogramRow, QuantileRow, SummaryRow};
pub use test::TestRow;
pub use trajectory::TrajectoryRow;
pub use wide::{ColumnValues, Table, WideColumn, WideTable};
