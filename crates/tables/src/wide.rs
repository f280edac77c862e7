//! Holds columns that depend on the study: those of swept keys, assets, signals and metrics.

use std::borrow::Cow;

use crate::column::{Additive, Cells, ColumnInfo};

/// Rows of one table with further columns that depend on the study.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table<R> {
    /// Rows with the columns that every study has.
    pub rows: Vec<R>,
    /// Further columns, each as long as `rows`.
    pub extra: Vec<WideColumn>,
}

/// A labelled table whose columns all depend on the study, one row per scenario, policy and
/// horizon.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WideTable {
    /// Columns of equal length, without the leading `run_id`.
    pub columns: Vec<WideColumn>,
}

/// A column that depends on the study.
#[derive(Clone, Debug, PartialEq)]
pub struct WideColumn {
    /// Name in the file: snake_case ASCII, see [`crate::column::column_name`].
    pub name: String,
    /// Unit of the values; empty for a column that was read from a file.
    pub unit: String,
    /// Meaning, for the data dictionary; empty for a column that was read from a file.
    pub about: String,
    /// Values, one per row.
    pub values: ColumnValues,
}

/// The values of a column that depends on the study.
#[derive(Clone, Debug, PartialEq)]
pub enum ColumnValues {
    /// 32-bit integers, never null.
    Int32(Vec<i32>),
    /// 64-bit integers, never null.
    Int64(Vec<i64>),
    /// 64-bit floats or null; NaN and infinities are written as null.
    Double(Vec<Option<f64>>),
    /// Booleans or null.
    Boolean(Vec<Option<bool>>),
    /// Texts or null.
    Text(Vec<Option<String>>),
}

impl WideColumn {
    /// Returns the column as the schema and the data dictionary describe it.
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

impl WideColumn {
    /// Returns the column with the values at `places`, one per place; a place beyond the end has
    /// none, or 0 in a column that is never null.
    #[must_use]
    pub fn taken(&self, places: &[usize]) -> Self {
        fn take<T: Clone + Default>(values: &[T], places: &[usize]) -> Vec<T> {
            places.iter().map(|&place| values.get(place).cloned().unwrap_or_default()).collect()
        }
        let values = match &self.values {
            ColumnValues::Int32(values) => ColumnValues::Int32(take(values, places)),
            ColumnValues::Int64(values) => ColumnValues::Int64(take(values, places)),
            ColumnValues::Double(values) => ColumnValues::Double(take(values, places)),
            ColumnValues::Boolean(values) => ColumnValues::Boolean(take(values, places)),
            ColumnValues::Text(values) => ColumnValues::Text(take(values, places)),
        };
        Self { values, ..self.clone() }
    }
}

impl ColumnValues {
    /// Returns the number of values.
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

    /// Returns whether there are no values.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the cells of a range of rows.
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
