//! Writes a table of plain rows as one Parquet file.

use std::marker::PhantomData;

use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_schema::SchemaRef;
use corridor_tables::column::{Cells, ColumnInfo, TableRow, run_id_column};
use corridor_tables::{Table, WideColumn, WideTable};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;

use crate::arrays::{FloatRule, NotFinite, to_array};
use crate::digest::Digest;
use crate::error::{ColumnProblem, StoreError};
use crate::pending::{IoFailure, PendingFile, StagedFile};
use crate::schema::{ReadBy, RunId, arrow_schema, check_names, writer_properties};

/// Number of rows turned into columns at a time.
const CHUNK_ROWS: usize = 1 << 16;

/// A written table with the facts that the manifest and the data dictionary state.
pub(crate) struct WrittenTable {
    pub(crate) file: StagedFile,
    pub(crate) digest: Digest,
    pub(crate) rows: u64,
    pub(crate) columns: Vec<ColumnInfo>,
}

/// Writes rows with their further columns, chunk by chunk; all chunks have equal further columns.
pub(crate) fn write_rows<R: TableRow>(
    file: PendingFile,
    run: &RunId,
    chunks: impl IntoIterator<Item = Table<R>>,
) -> Result<WrittenTable, StoreError> {
    let mut chunks = chunks.into_iter();
    let first = chunks.next().unwrap_or_else(|| Table { rows: Vec::new(), extra: Vec::new() });
    let mut writer = RowsWriter::new(file, run, &first.extra)?;
    for table in std::iter::once(first).chain(chunks) {
        writer.write(&table.rows, &table.extra)?;
    }
    writer.finish()
}

/// A table of plain rows that is being written.
pub(crate) struct RowsWriter<'a, R> {
    writer: TableWriter<'a>,
    rows: PhantomData<fn(R)>,
}

impl<'a, R: TableRow> RowsWriter<'a, R> {
    /// Begins a table with further columns like these.
    pub(crate) fn new(
        file: PendingFile,
        run: &'a RunId,
        extra: &[WideColumn],
    ) -> Result<Self, StoreError> {
        let mut columns = vec![run_id_column()];
        columns.extend(R::columns().iter().map(|column| column.info.clone()));
        columns.extend(extra.iter().map(|column| column.info()));
        let writer = TableWriter::new(file, R::TABLE, columns, run, FloatRule::Finite)?;
        Ok(Self { writer, rows: PhantomData })
    }

    /// Writes the next rows with their further columns.
    pub(crate) fn write(&mut self, rows: &[R], extra: &[WideColumn]) -> Result<(), StoreError> {
        self.writer.check_extra(1 + R::columns().len(), rows.len(), extra)?;
        for start in (0..rows.len()).step_by(CHUNK_ROWS) {
            let range = start..rows.len().min(start + CHUNK_ROWS);
            let rows = &rows[range.clone()];
            let mut cells = vec![self.writer.run_id_cells(rows.len())];
            cells.extend(R::columns().iter().map(|column| (column.gather)(rows)));
            cells.extend(extra.iter().map(|column| column.values.cells(range.clone())));
            self.writer.write(cells)?;
        }
        Ok(())
    }

    pub(crate) fn finish(self) -> Result<WrittenTable, StoreError> {
        self.writer.finish()
    }
}

/// Writes a table all of whose columns depend on the study.
pub(crate) fn write_wide(
    file: PendingFile,
    name: &str,
    run: &RunId,
    table: &WideTable,
) -> Result<WrittenTable, StoreError> {
    let rows = table.columns.first().map_or(0, |column| column.values.len());
    if let Some(column) = table.columns.iter().find(|column| column.values.len() != rows) {
        return Err(bad_column(name, &column.name, ColumnProblem::Length));
    }
    let mut columns = vec![run_id_column()];
    columns.extend(table.columns.iter().map(|column| column.info()));
    let mut writer = TableWriter::new(file, name, columns, run, FloatRule::Finite)?;
    for start in (0..rows).step_by(CHUNK_ROWS) {
        let range = start..rows.min(start + CHUNK_ROWS);
        let mut cells = vec![writer.run_id_cells(range.len())];
        cells.extend(table.columns.iter().map(|column| column.values.cells(range.clone())));
        writer.write(cells)?;
    }
    writer.finish()
}

/// A table of the internal state that is being written: without `run_id`, and floats bit for bit.
pub(crate) struct StateTableWriter<'a, R> {
    writer: TableWriter<'a>,
    rows: PhantomData<fn(R)>,
}

impl<'a, R: TableRow> StateTableWriter<'a, R> {
    pub(crate) fn new(file: PendingFile, run: &'a RunId) -> Result<Self, StoreError> {
        let columns = R::columns().iter().map(|column| column.info.clone()).collect();
        let writer = TableWriter::new(file, R::TABLE, columns, run, FloatRule::Exact)?;
        Ok(Self { writer, rows: PhantomData })
    }

    /// Writes the next rows.
    pub(crate) fn write(&mut self, rows: &[R]) -> Result<(), StoreError> {
        for rows in rows.chunks(CHUNK_ROWS) {
            self.writer.write(R::columns().iter().map(|column| (column.gather)(rows)).collect())?;
        }
        Ok(())
    }

    pub(crate) fn finish(self) -> Result<WrittenTable, StoreError> {
        self.writer.finish()
    }
}

struct TableWriter<'a> {
    table: &'a str,
    run: &'a RunId,
    columns: Vec<ColumnInfo>,
    schema: SchemaRef,
    rule: FloatRule,
    writer: ArrowWriter<PendingFile>,
    failure: IoFailure,
    rows: u64,
}

impl<'a> TableWriter<'a> {
    fn new(
        file: PendingFile,
        table: &'a str,
        columns: Vec<ColumnInfo>,
        run: &'a RunId,
        rule: FloatRule,
    ) -> Result<Self, StoreError> {
        check_names(table, &columns)?;
        let schema = arrow_schema(&columns);
        let read_by = match rule {
            FloatRule::Finite => ReadBy::All,
            FloatRule::Exact => ReadBy::Own,
        };
        let options = ArrowWriterOptions::new()
            .with_properties(writer_properties(&columns, run, &[], read_by))
            .with_schema_root(table.to_owned())
            // Only plain Parquet types, so that all readers agree on the types.
            .with_skip_arrow_metadata(true);
        let failure = file.failure();
        let target = file.target().to_path_buf();
        let writer = ArrowWriter::try_new_with_options(file, schema.clone(), options)
            .map_err(|error| failure.explain_write(&target, &error))?;
        Ok(Self { table, run, columns, schema, rule, writer, failure, rows: 0 })
    }

    fn run_id_cells(&self, rows: usize) -> Cells<'a> {
        Cells::Text(vec![self.run.run_id.as_str().into(); rows])
    }

    /// Checks that a chunk has the further columns of the first chunk, each as long as its rows.
    fn check_extra(
        &self,
        fixed: usize,
        rows: usize,
        extra: &[WideColumn],
    ) -> Result<(), StoreError> {
        let expected = &self.columns[fixed..];
        for (place, column) in extra.iter().enumerate() {
            if column.values.len() != rows {
                return Err(bad_column(self.table, &column.name, ColumnProblem::Length));
            }
            if expected.get(place) != Some(&column.info()) {
                return Err(bad_column(self.table, &column.name, ColumnProblem::Chunk));
            }
        }
        match expected.get(extra.len()) {
            Some(missing) => Err(bad_column(self.table, &missing.name, ColumnProblem::Chunk)),
            None => Ok(()),
        }
    }

    fn write(&mut self, cells: Vec<Cells<'_>>) -> Result<(), StoreError> {
        let rows = cells.first().map_or(0, Cells::len);
        let mut arrays: Vec<ArrayRef> = Vec::with_capacity(cells.len());
        for (column, cells) in self.columns.iter().zip(cells) {
            let array =
                to_array(cells, self.rule).map_err(|NotFinite(row)| StoreError::NotFinite {
                    table: self.table.to_owned(),
                    column: column.name.clone().into_owned(),
                    row: self.rows as usize + row,
                })?;
            arrays.push(array);
        }
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        let batch = RecordBatch::try_new_with_options(self.schema.clone(), arrays, &options)
            .map_err(|error| self.failure.explain_write(self.writer.inner().target(), &error))?;
        self.writer
            .write(&batch)
            .map_err(|error| self.failure.explain_write(self.writer.inner().target(), &error))?;
        self.rows += rows as u64;
        Ok(())
    }

    fn finish(self) -> Result<WrittenTable, StoreError> {
        let target = self.writer.inner().target().to_path_buf();
        // `into_inner` writes the footer, as `close` does, and returns the file for its fsync.
        let file = self
            .writer
            .into_inner()
            .map_err(|error| self.failure.explain_write(&target, &error))?;
        let (file, digest) = file.finish()?;
        Ok(WrittenTable { file, digest, rows: self.rows, columns: self.columns })
    }
}

fn bad_column(table: &str, column: &str, problem: ColumnProblem) -> StoreError {
    StoreError::BadColumn { table: table.to_owned(), column: column.to_owned(), problem }
}
