//! Reads columns of `fact_path` back, a slice at a time, without decoding the other columns.

use std::ops::{ControlFlow, Range};

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type, Int64Type};
use arrow_array::{Array, RecordBatch};
use corridor_core::outcome::{CellId, PathColumn, PolicyId, ScenarioId};
use corridor_tables::column::ColumnType;
use corridor_tables::path_columns::{IDS, column_type};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder, RowSelection,
};
use parquet::file::metadata::PageIndexPolicy;

use crate::error::{Malformation, StoreError};
use crate::parquet_source::ParquetSource;

/// Number of rows decoded at a time: 512 KiB of one column.
const BATCH_ROWS: usize = 1 << 16;

/// The shape of a part of `fact_path`, as recorded: one block of `kept` rows per cell.
#[derive(Clone, Copy)]
pub(crate) struct PathBlocks {
    pub(crate) cells: usize,
    pub(crate) kept: usize,
}

/// The values of consecutive rows of one cell.
pub(crate) struct BlockSlice<'a> {
    pub(crate) cell: usize,
    /// Index of the first value in the block of the cell.
    pub(crate) first: usize,
    /// Values of each column that is read.
    pub(crate) columns: &'a [&'a [f64]],
}

/// Receives the slices of a part in order, until it breaks.
type Visit<'a> = dyn FnMut(BlockSlice<'_>) -> ControlFlow<()> + 'a;

/// Reads the values of some columns, given in the order of the file, for a range of cells.
pub(crate) fn read_columns(
    source: &ParquetSource,
    blocks: PathBlocks,
    columns: &[PathColumn],
    cells: Range<usize>,
    visit: &mut Visit<'_>,
) -> Result<ControlFlow<()>, StoreError> {
    let rows = cells.start * blocks.kept..cells.end * blocks.kept;
    let mut row = rows.start;
    let mut values: Vec<Vec<f64>> = vec![Vec::new(); columns.len()];
    let places: Vec<usize> = columns.iter().map(|&column| IDS + column as usize).collect();
    let mut read = source.guard(|| open(source, blocks, &places, rows.clone()))?;
    // Only the decoding is guarded: a panic of the visitor is not a fault of the file.
    while let Some(batch) = source.guard(|| next(source, &mut read))? {
        source.guard(|| {
            columns.iter().zip(&mut values).enumerate().try_for_each(|(place, (&column, into))| {
                floats(source, &batch, place, column, into)
            })
        })?;
        let mut at = 0;
        while at < batch.num_rows() {
            let (cell, first) = (row / blocks.kept, row % blocks.kept);
            let length = (batch.num_rows() - at).min(blocks.kept - first);
            let slices: Vec<&[f64]> =
                values.iter().map(|column| &column[at..at + length]).collect();
            if visit(BlockSlice { cell, first, columns: &slices }).is_break() {
                return Ok(ControlFlow::Break(()));
            }
            row += length;
            at += length;
        }
    }
    if row != rows.end {
        return Err(rows_missing(source, rows.end as u64, row as u64));
    }
    Ok(ControlFlow::Continue(()))
}

/// Reads the ids of the cells of a part, in order.
pub(crate) fn read_cells(
    source: &ParquetSource,
    blocks: PathBlocks,
) -> Result<Vec<CellId>, StoreError> {
    source.guard(|| {
        let mut cells: Vec<CellId> = Vec::with_capacity(blocks.cells);
        let mut row = 0;
        let mut read = open(source, blocks, &[1, 2, 3], 0..blocks.cells * blocks.kept)?;
        while let Some(batch) = next(source, &mut read)? {
            let ids = |place: usize| batch.column(place).as_primitive::<Int32Type>().values();
            let (scenario, policy, horizon) = (ids(0), ids(1), ids(2));
            for at in 0..batch.num_rows() {
                let id = CellId {
                    scenario_id: ScenarioId::of_number(scenario[at]),
                    policy_id: PolicyId::of_number(policy[at]),
                    horizon_months: horizon[at].cast_unsigned(),
                };
                if row % blocks.kept == 0 {
                    cells.push(id);
                }
                if cells.last() != Some(&id) {
                    return Err(StoreError::malformed(source.path(), Malformation::Cells));
                }
                row += 1;
            }
        }
        if cells.len() == blocks.cells && cells.is_sorted_by(|a, b| a < b) {
            Ok(cells)
        } else {
            Err(StoreError::malformed(source.path(), Malformation::Cells))
        }
    })
}

fn open(
    source: &ParquetSource,
    blocks: PathBlocks,
    columns: &[usize],
    rows: Range<usize>,
) -> Result<ParquetRecordBatchReader, StoreError> {
    // With the offset index, pages that are wholly outside the selection are not read.
    let options = ArrowReaderOptions::new()
        .with_skip_arrow_metadata(true)
        .with_offset_index_policy(PageIndexPolicy::Optional)
        .with_column_index_policy(PageIndexPolicy::Skip);
    let builder = ParquetRecordBatchReaderBuilder::try_new_with_options(source.clone(), options)
        .map_err(|error| source.refused(&error))?;
    let total = blocks.cells * blocks.kept;
    let found = builder.metadata().file_metadata().num_rows();
    if usize::try_from(found) != Ok(total) {
        return Err(rows_missing(source, total as u64, found.cast_unsigned()));
    }
    let expected = corridor_tables::path_columns::path_columns();
    let schema = builder.parquet_schema();
    for &column in columns {
        let name = expected[column].name.as_ref();
        if schema.num_columns() <= column || schema.column(column).name() != name {
            return Err(StoreError::malformed(
                source.path(),
                Malformation::Column(name.to_owned()),
            ));
        }
    }
    let projection = ProjectionMask::leaves(schema, columns.iter().copied());
    builder
        .with_projection(projection)
        .with_row_selection(RowSelection::from_consecutive_ranges(std::iter::once(rows), total))
        .with_batch_size(BATCH_ROWS)
        .build()
        .map_err(|error| source.refused(&error))
}

fn next(
    source: &ParquetSource,
    reader: &mut ParquetRecordBatchReader,
) -> Result<Option<RecordBatch>, StoreError> {
    reader.next().transpose().map_err(|error| source.refused(&error))
}

/// Decodes a column of a batch; null becomes NaN.
fn floats(
    source: &ParquetSource,
    batch: &RecordBatch,
    place: usize,
    column: PathColumn,
    values: &mut Vec<f64>,
) -> Result<(), StoreError> {
    let bad_column =
        || StoreError::malformed(source.path(), Malformation::Column(column.name().to_owned()));
    let array = batch.column(place);
    values.clear();
    match column_type(column) {
        ColumnType::Int64 => {
            let array = array.as_primitive_opt::<Int64Type>().ok_or_else(bad_column)?;
            values.extend(array.values().iter().map(|&value| value as f64));
        }
        ColumnType::Double => {
            let array = array.as_primitive_opt::<Float64Type>().ok_or_else(bad_column)?;
            if array.null_count() == 0 {
                values.extend_from_slice(array.values());
            } else {
                values.extend(array.iter().map(|value| value.unwrap_or(f64::NAN)));
            }
        }
        ColumnType::Int32 | ColumnType::Boolean | ColumnType::Text => return Err(bad_column()),
    }
    Ok(())
}

fn rows_missing(source: &ParquetSource, expected: u64, found: u64) -> StoreError {
    StoreError::malformed(source.path(), Malformation::Rows { expected, found })
}
