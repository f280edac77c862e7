//! Holds columns that depend on the study: swept keys, assets, signals and metrics.

use std::borrow::Cow;

use crate::column::{Additive, Cells, ColumnInfo};

/// Rows of one table with further columns that depend on the study.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table<R> {
    /// Rows.
    pub rows: Vec<R>,
    /// Further columns, as long as `rows`.
    pub extra: Vec<WideColumn>,
}

/// A table whose columns all depend on the study: labelled, one row per scenario and policy (and
/// horizon).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WideTable {
    /// Columns of one length, without the leading `run_id`.
    pub columns: Vec<WideColumn>,
}

/// One such column.
#[derive(Clone, Debug, PartialEq)]
pub struct WideColumn {
    /// Name: snake_case ASCII, see [`crate::column::column_name`].
    pub name: String,
    /// Unit.
    pub unit: String,
    /// Meaning, for the data dictionary.
    pub about: String,
    /// Values.
    pub values: ColumnValues,
}

/// The values of such a column.
#[derive(Clone, Debug, PartialEq)]
pub enum ColumnValues {
    /// INT32, never null.
    Int32(Vec<i32>),
    /// INT64, never null.
    Int64(Vec<i64>),
    /// DOUBLE; NaN and infinities become null.
    Double(Vec<Option<f64>>),
    /// BOOLEAN.
    Boolean(Vec<Option<bool>>),
    /// UTF8.
    Text(Vec<Option<String>>),
}

impl WideColumn {
    /// The column as the schema and the data dictionary describe it.
    #[must_use]
    pub fn info(&self) -> ColumnInfo {
        let (column_type, nullable) = self.values.cells(0..0).column_type();
        ColumnInfo {
            name: Cow::Owned(self.name.clone()),
            column_type,
            nullable,
            unit: Cow::Owned(self.unit.clone()),
            additive: Additive::No,
            about: Cow::Owned(self.about.clone()),
        }
    }
}

impl ColumnValues {
    /// Number of values.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Int32(values) => values.len(),
            Self::Int64(values) => values.len(),
            Self::Double(values) => values.len(),
            Self::Boolean(values) => values.len(),
            Self::Text(values) => values.len(),
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The cells of some rows.
    #[must_use]
    pub fn cells(&self, rows: std::ops::Range<usize>) -> Cells<'_> {
        match self {
            Self::Int32(values) => Cells::Int32(values[rows].to_vec()),
            Self::Int64(values) => Cells::Int64(values[rows].to_vec()),
            Self::Double(values) => Cells::OptDouble(values[rows].to_vec()),
            Self::Boolean(values) => Cells::OptBoolean(values[rows].to_vec()),
            Self::Text(values) => Cells::OptText(
                values[rows].iter().map(|text| text.as_deref().map(Cow::Borrowed)).collect(),
            ),
        }
    }
}
