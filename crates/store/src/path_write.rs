//! Writes the rows of one part of `fact_path` from the column slices of its cells.
//!
//! One column chunk at a time goes to the file, page by page, so that memory holds only a page
//! beside the part itself; an `ArrowWriter` would hold all columns of the row group.

use corridor_core::outcome::{CellId, OutcomeCell, OutcomePart, PathColumn};
use corridor_tables::column::ColumnType;
use corridor_tables::path_columns::{FACT_PATH, SORTED_BY, column_type, path_columns};
use parquet::arrow::ArrowSchemaConverter;
use parquet::column::writer::ColumnWriterImpl;
use parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type,
};
use parquet::errors::ParquetError;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};

use crate::digest::Digest;
use crate::error::{PartProblem, StoreError};
use crate::pending::{PendingFile, StagedFile};
use crate::schema::{ROW_GROUP_ROWS, ReadBy, RunId, arrow_schema, writer_properties};

/// Number of values converted at a time where the file has another type than the slice.
const CHUNK: usize = 4096;

/// A written file of path rows.
pub(crate) struct WrittenPaths {
    pub(crate) file: StagedFile,
    pub(crate) digest: Digest,
    pub(crate) rows: u64,
}

/// Writes the first `kept` paths of every cell.
pub(crate) fn write_paths(
    file: PendingFile,
    run: &RunId,
    part: &OutcomePart,
    kept: usize,
) -> Result<WrittenPaths, StoreError> {
    check_lengths(part, kept)?;
    let failure = file.failure();
    let target = file.target().to_path_buf();
    let file = encode(file, run, part, kept).map_err(|error| match error {
        EncodeError::NotFinite { column, row } => StoreError::NotFinite {
            table: FACT_PATH.to_owned(),
            column: column.name().to_owned(),
            row,
        },
        EncodeError::Parquet(error) => failure.explain_write(&target, &error),
    })?;
    let (file, digest) = file.finish()?;
    Ok(WrittenPaths { file, digest, rows: part.cells.len() as u64 * kept as u64 })
}

/// A failure to encode a part.
enum EncodeError {
    /// A value is infinite or NaN; `row` counts from the first row of the row group.
    NotFinite { column: PathColumn, row: usize },
    /// The Parquet writer failed.
    Parquet(ParquetError),
}

impl From<ParquetError> for EncodeError {
    fn from(error: ParquetError) -> Self {
        Self::Parquet(error)
    }
}

fn encode(
    file: PendingFile,
    run: &RunId,
    part: &OutcomePart,
    kept: usize,
) -> Result<PendingFile, EncodeError> {
    let columns = path_columns();
    let schema =
        ArrowSchemaConverter::new().schema_root(FACT_PATH).convert(&arrow_schema(&columns))?;
    let properties = writer_properties(&columns, run, &SORTED_BY, ReadBy::All);
    let mut writer = SerializedFileWriter::new(file, schema.root_schema_ptr(), properties.into())?;
    let path_ids: Vec<i64> = (part.first_path..).take(kept).map(u64::cast_signed).collect();
    let cells_a_group = (ROW_GROUP_ROWS / kept.max(1)).max(1);
    for cells in part.cells.chunks(cells_a_group) {
        let mut group = writer.next_row_group()?;
        write_ids(&mut group, run, cells, &path_ids)?;
        for column in PathColumn::ALL {
            let slices = cells.iter().map(|cell| &cell.column(column)[..kept]);
            write_numbers(&mut group, column, slices)?;
        }
        write_column::<BoolType>(&mut group, |column| {
            cells.iter().try_for_each(|cell| {
                write_converted(column, &cell.column(PathColumn::RuinMonth)[..kept], |month| {
                    !month.is_nan()
                })
            })
        })?;
        group.close()?;
    }
    Ok(writer.into_inner()?) // writes the footer, which may fail, too
}

type RowGroup<'a> = SerializedRowGroupWriter<'a, PendingFile>;

fn write_ids(
    group: &mut RowGroup<'_>,
    run: &RunId,
    cells: &[OutcomeCell],
    path_ids: &[i64],
) -> Result<(), EncodeError> {
    let kept = path_ids.len();
    write_column::<ByteArrayType>(group, |column| {
        write_constant(column, ByteArray::from(run.run_id.as_str()), kept * cells.len())
    })?;
    let ids: [fn(CellId) -> i32; 3] = [
        |id| id.scenario_id.number(),
        |id| id.policy_id.number(),
        |id| id.horizon_months.cast_signed(),
    ];
    for id in ids {
        write_column::<Int32Type>(group, |column| {
            cells.iter().try_for_each(|cell| write_constant(column, id(cell.id), kept))
        })?;
    }
    write_column::<Int64Type>(group, |column| {
        cells.iter().try_for_each(|_| Ok(column.write_batch(path_ids, None, None).map(drop)?))
    })
}

fn write_numbers<'a>(
    group: &mut RowGroup<'_>,
    column: PathColumn,
    slices: impl Iterator<Item = &'a [f64]>,
) -> Result<(), EncodeError> {
    // Checked and written chunk by chunk, so that each value is loaded from memory once.
    let chunks = slices.flat_map(|values| values.chunks(CHUNK));
    let mut row = 0;
    let mut checked = chunks.map(|values| {
        check_finite(column, values, row)?;
        row += values.len();
        Ok::<&[f64], EncodeError>(values)
    });
    match (column, column_type(column)) {
        (PathColumn::RuinMonth, _) => write_column::<DoubleType>(group, |writer| {
            checked.try_for_each(|values| write_nullable(writer, values?))
        }),
        (_, ColumnType::Int64) => write_column::<Int64Type>(group, |writer| {
            checked.try_for_each(|values| write_converted(writer, values?, |value| value as i64))
        }),
        (_, ColumnType::Double | ColumnType::Int32 | ColumnType::Boolean | ColumnType::Text) => {
            write_column::<DoubleType>(group, |writer| {
                checked
                    .try_for_each(|values| Ok(writer.write_batch(values?, None, None).map(drop)?))
            })
        }
    }
}

/// Writes the next column of the row group.
fn write_column<T: DataType>(
    group: &mut RowGroup<'_>,
    write: impl FnOnce(&mut ColumnWriterImpl<'_, T>) -> Result<(), EncodeError>,
) -> Result<(), EncodeError> {
    let Some(mut column) = group.next_column()? else {
        return Err(ParquetError::General(
            "the schema has fewer columns than the writer".to_owned(),
        )
        .into());
    };
    write(column.typed::<T>())?;
    Ok(column.close()?)
}

fn write_constant<T: DataType>(
    column: &mut ColumnWriterImpl<'_, T>,
    value: T::T,
    rows: usize,
) -> Result<(), EncodeError> {
    let values = vec![value; rows.min(CHUNK)];
    let mut left = rows;
    while left > 0 {
        let rows = left.min(CHUNK);
        column.write_batch(&values[..rows], None, None)?;
        left -= rows;
    }
    Ok(())
}

fn write_converted<T: DataType>(
    column: &mut ColumnWriterImpl<'_, T>,
    values: &[f64],
    convert: impl Fn(f64) -> T::T,
) -> Result<(), EncodeError> {
    let mut converted = Vec::with_capacity(values.len().min(CHUNK));
    for values in values.chunks(CHUNK) {
        converted.clear();
        converted.extend(values.iter().map(|&value| convert(value)));
        column.write_batch(&converted, None, None)?;
    }
    Ok(())
}

/// Writes a column in which NaN becomes null.
fn write_nullable(
    column: &mut ColumnWriterImpl<'_, DoubleType>,
    values: &[f64],
) -> Result<(), EncodeError> {
    let present: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
    let levels: Vec<i16> = values.iter().map(|value| i16::from(!value.is_nan())).collect();
    column.write_batch(&present, Some(&levels), None)?;
    Ok(())
}

/// Refuses NaN and infinity, which BI tools cannot read, except NaN in the month of ruin, which
/// becomes null.
fn check_finite(column: PathColumn, values: &[f64], first_row: usize) -> Result<(), EncodeError> {
    let accepted =
        |value: f64| value.is_finite() || (column == PathColumn::RuinMonth && value.is_nan());
    // A count has no early exit and is therefore vectorised; the search runs only to name the row.
    if values.iter().filter(|value| !value.is_finite()).count() == 0 {
        return Ok(());
    }
    match values.iter().position(|&value| !accepted(value)) {
        Some(row) => Err(EncodeError::NotFinite { column, row: first_row + row }),
        None => Ok(()),
    }
}

fn check_lengths(part: &OutcomePart, kept: usize) -> Result<(), StoreError> {
    let fits =
        part.cells.iter().all(|cell| cell.columns.iter().all(|values| values.len() == part.paths));
    if fits && kept <= part.paths {
        return Ok(());
    }
    Err(StoreError::PartMismatch { part: part.index, problem: PartProblem::CellLength })
}
