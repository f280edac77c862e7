//! Declares every output table: its rows as plain structs, its columns, and the data dictionary.
//!
//! One fact, one home. `study` builds the dimension rows, `analysis` the rows of facts, `report`
//! reads both, and `store` writes them; none of the first three waits for a file format to compile.
//! A row type is declared once with its table, units and meaning ([`mod@column`]); the schema, the
//! reader, the writer and the README of a run follow from that declaration.
//!
//! The catalogue of metrics is in [`metric`], the words of label columns in [`label`], and the text
//! of a run's README in [`dictionary`]. Every file begins with the column `run_id`, which the store
//! writes; the structs do not carry it.
//!
//! ```
//! use corridor_tables::SummaryRow;
//! use corridor_tables::column::TableRow;
//!
//! let value = SummaryRow::columns().iter().find(|column| column.info.name == "value").unwrap();
//! assert_eq!(SummaryRow::TABLE, "fact_summary");
//! assert!(value.info.nullable, "a statistic that does not exist is null, with its reason");
//! ```

pub mod attribution;
pub mod column;
pub mod commands;
pub mod dictionary;
pub mod dimension;
pub mod fan;
pub mod hidden;
pub mod label;
pub mod long;
pub mod metric;
pub mod nearest;
pub mod path_columns;
pub mod robustness;
pub mod search;
pub mod state;
pub mod statistic;
pub mod swept;
pub mod test;
pub mod trajectory;
pub mod wide;

pub use attribution::{AttributionRow, RegimeRow, SignalRow};
pub use dimension::{
    DimHorizonRow, DimMetricRow, DimPolicyRow, DimRegimeRow, DimRunRow, DimScenarioRow,
    PolicyAxisRow, ScenarioAxisRow,
};
pub use fan::{FanRow, WorstPathRow};
pub use long::{BiFanRow, LongRow};
pub use robustness::RobustnessRow;
pub use search::SearchRow;
pub use statistic::{
    BreakEvenRow, CompareRow, ExceedanceRow, HistogramRow, QuantileRow, SummaryRow,
};
pub use test::TestRow;
pub use trajectory::TrajectoryRow;
pub use wide::{ColumnValues, Table, WideColumn, WideTable};

/// Version of the tables and their meaning; within one version columns are only added.
pub const SCHEMA_VERSION: u32 = 1;
