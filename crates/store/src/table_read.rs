//! Reads a table back into plain rows.

use std::ops::ControlFlow;

use arrow_array::{ArrayRef, RecordBatch, RecordBatchReader};
use corridor_tables::column::{Cells, TableRow};
use corridor_tables::{ColumnValues, Table, WideColumn, WideTable};
use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::file::metadata::ParquetMetaData;
use parquet::file::statistics::Statistics;

use crate::arrays::to_cells;
use crate::error::{Malformation, StoreError};
use crate::parquet_source::ParquetSource;

/// Largest number of rows that is read into memory at once: no table but `fact_path` has more.
const MAX_ROWS: u64 = 1 << 28;

/// Reads a table of a row type; columns that the type does not have come as further columns.
/// A nullable column that the table lacks is null: tables of earlier versions have fewer.
pub(crate) fn read_rows<R: TableRow>(
    source: &ParquetSource,
    rows: u64,
) -> Result<Table<R>, StoreError> {
    let mut columns = read_columns(source, rows)?;
    let mut table = Table { rows: vec![R::default(); rows as usize], extra: Vec::new() };
    for column in R::columns() {
        let name = column.info.name.as_ref();
        let fits = match columns.iter().position(|(found, _)| found == name) {
            Some(place) => (column.scatter)(&mut table.rows, columns.remove(place).1),
            None => column.info.nullable,
        };
        if !fits {
            return Err(bad_column(source, name));
        }
    }
    table.extra = wide_columns(columns);
    Ok(table)
}

/// Row groups that may have rows of interest.
#[derive(Clone, Copy)]
pub(crate) enum RowGroups<'a> {
    All,
    /// Row groups in which a column of small whole numbers may have one of some values. A table that
    /// is sorted by the column is read in part.
    With(&'a str, &'a [i32]),
}

/// Reads the rows of a table that are kept.
pub(crate) fn read_rows_where<R: TableRow>(
    source: &ParquetSource,
    rows: u64,
    mut is_kept: impl FnMut(&R) -> bool,
) -> Result<Vec<R>, StoreError> {
    let mut found = Vec::new();
    let (ControlFlow::Continue(()) | ControlFlow::Break(())) =
        visit_rows(source, rows, RowGroups::All, &mut |rows: Vec<R>| {
            found.extend(rows.into_iter().filter(&mut is_kept));
            ControlFlow::Continue(())
        })?;
    Ok(found)
}

/// Passes the rows of a table to a visitor, a few thousand at a time, until it breaks.
pub(crate) fn visit_rows<R: TableRow>(
    source: &ParquetSource,
    rows: u64,
    groups: RowGroups<'_>,
    visit: &mut dyn FnMut(Vec<R>) -> ControlFlow<()>,
) -> Result<ControlFlow<()>, StoreError> {
    source.guard(|| {
        let builder = open(source, rows)?;
        let groups = match groups {
            RowGroups::All => (0..builder.metadata().num_row_groups()).collect(),
            RowGroups::With(key, values) => groups_with(builder.metadata(), key, values)
                .ok_or_else(|| bad_column(source, key))?,
        };
        let reader = builder
            .with_row_groups(groups)
            .with_batch_size(BATCH_ROWS)
            .build()
            .map_err(|error| source.refused(&error))?;
        for batch in reader {
            let batch = batch.map_err(|error| source.refused(&error))?;
            if visit(rows_of_batch(source, &batch)?).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    })
}

/// Lists the row groups in which a column may have one of some values; `None` without the column.
fn groups_with(metadata: &ParquetMetaData, key: &str, values: &[i32]) -> Option<Vec<usize>> {
    let schema = metadata.file_metadata().schema_descr();
    let place = schema.columns().iter().position(|column| column.name() == key)?;
    let may_have = |group: &usize| match metadata.row_group(*group).column(place).statistics() {
        Some(Statistics::Int32(found)) => values.iter().any(|value| {
            found.min_opt().is_none_or(|min| min <= value)
                && found.max_opt().is_none_or(|max| value <= max)
        }),
        Some(_) | None => true,
    };
    Some((0..metadata.num_row_groups()).filter(may_have).collect())
}

/// Number of rows that are decoded at a time.
const BATCH_ROWS: usize = 1 << 14;

fn rows_of_batch<R: TableRow>(
    source: &ParquetSource,
    batch: &RecordBatch,
) -> Result<Vec<R>, StoreError> {
    let mut rows = vec![R::default(); batch.num_rows()];
    for column in R::columns() {
        let name = column.info.name.as_ref();
        let cells = batch.schema().column_with_name(name).and_then(|(place, field)| {
            to_cells(field.data_type(), field.is_nullable(), &[batch.column(place).clone()])
        });
        let fits = match cells {
            Some(cells) => (column.scatter)(&mut rows, cells),
            None => column.info.nullable,
        };
        if !fits {
            return Err(bad_column(source, name));
        }
    }
    Ok(rows)
}

/// Opens a table and checks its number of rows.
fn open(
    source: &ParquetSource,
    rows: u64,
) -> Result<ParquetRecordBatchReaderBuilder<ParquetSource>, StoreError> {
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let builder = ParquetRecordBatchReaderBuilder::try_new_with_options(source.clone(), options)
        .map_err(|error| source.refused(&error))?;
    let found = u64::try_from(builder.metadata().file_metadata().num_rows()).unwrap_or(u64::MAX);
    if found != rows || rows > MAX_ROWS {
        return Err(StoreError::malformed(
            source.path(),
            Malformation::Rows { expected: rows, found },
        ));
    }
    Ok(builder)
}

/// Reads a table all of whose columns depend on the study.
pub(crate) fn read_wide(source: &ParquetSource, rows: u64) -> Result<WideTable, StoreError> {
    Ok(WideTable { columns: wide_columns(read_columns(source, rows)?) })
}

fn read_columns(
    source: &ParquetSource,
    rows: u64,
) -> Result<Vec<(String, Cells<'static>)>, StoreError> {
    source.guard(|| {
        let builder = open(source, rows)?;
        let reader = builder.build().map_err(|error| source.refused(&error))?;
        let schema = reader.schema();
        let batches: Vec<RecordBatch> =
            reader.collect::<Result<_, _>>().map_err(|error| source.refused(&error))?;
        let found = batches.iter().map(RecordBatch::num_rows).sum::<usize>() as u64;
        if found != rows {
            return Err(StoreError::malformed(
                source.path(),
                Malformation::Rows { expected: rows, found },
            ));
        }
        let fields = schema.fields().iter().enumerate();
        fields
            .filter(|(_, field)| field.name() != "run_id")
            .map(|(place, field)| {
                let parts: Vec<ArrayRef> =
                    batches.iter().map(|batch| batch.column(place).clone()).collect();
                let cells = to_cells(field.data_type(), field.is_nullable(), &parts);
                Ok((field.name().clone(), cells.ok_or_else(|| bad_column(source, field.name()))?))
            })
            .collect()
    })
}

fn bad_column(source: &ParquetSource, name: &str) -> StoreError {
    StoreError::malformed(source.path(), Malformation::Column(name.to_owned()))
}

fn wide_columns(columns: Vec<(String, Cells<'static>)>) -> Vec<WideColumn> {
    columns
        .into_iter()
        .map(|(name, cells)| WideColumn {
            name,
            unit: String::new(), // the file has no units; the data dictionary has
            about: String::new(),
            values: match cells {
                Cells::Int32(cells) => ColumnValues::Int32(cells),
                Cells::OptInt32(cells) => {
                    ColumnValues::Double(cells.into_iter().map(|c| c.map(f64::from)).collect())
                }
                Cells::Int64(cells) => ColumnValues::Int64(cells),
                Cells::OptInt64(cells) => ColumnValues::Double(
                    cells.into_iter().map(|cell| cell.map(|cell| cell as f64)).collect(),
                ),
                Cells::Double(cells) => ColumnValues::Double(cells.into_iter().map(Some).collect()),
                Cells::OptDouble(cells) => ColumnValues::Double(cells),
                Cells::Boolean(cells) => {
                    ColumnValues::Boolean(cells.into_iter().map(Some).collect())
                }
                Cells::OptBoolean(cells) => ColumnValues::Boolean(cells),
                Cells::Text(cells) => ColumnValues::Text(
                    cells.into_iter().map(|cell| Some(cell.into_owned())).collect(),
                ),
                Cells::OptText(cells) => ColumnValues::Text(
                    cells.into_iter().map(|cell| cell.map(|cell| cell.into_owned())).collect(),
                ),
            },
        })
        .collect()
}
