//! Reads finished parts back, in order and a piece at a time.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::{ControlFlow, Range};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use corridor_core::outcome::{CellId, PathColumn};
use corridor_tables::column::TableRow;
use corridor_tables::metric::MetricId;
use corridor_tables::state::{OfMetric, PartState, StateRows};

use crate::absent::exists;
use crate::error::{Operation, PartProblem, StoreError};
use crate::layout::Layout;
use crate::obstacle::explained;
use crate::parquet_source::ParquetSource;
use crate::part::{FileRecord, PartRange, PartRecord};
use crate::path_read::{PathBlocks, read_cells, read_columns};
use crate::storage::Storage;
use crate::stored_bytes::Stamp;
use crate::table_read::{RowGroups, visit_rows};
use crate::unlisted::unlisted;

/// The finished parts of a run. Every file is checked against its hash before it is read, also by
/// the process that wrote it: another process may have replaced it.
pub struct StoredParts {
    storage: Arc<dyn Storage>,
    layout: Layout,
    records: Vec<PartRecord>,
    /// Stamps of the files whose hashes were checked. They are read many times, a column or a metric
    /// at a time, and hashing them each time would take longer than reading.
    checked: Mutex<BTreeMap<String, Stamp>>,
}

/// The values of consecutive paths of one cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PathSlice<'a> {
    /// Index of the cell in [`StoredParts::cells`].
    pub cell: usize,
    /// Path of the first value.
    pub first_path: u64,
    /// For each column that is read, one value per path; NaN for null.
    pub columns: &'a [&'a [f64]],
}

impl StoredParts {
    pub(crate) fn new(storage: Arc<dyn Storage>, layout: Layout, records: Vec<PartRecord>) -> Self {
        Self { storage, layout, records, checked: Mutex::default() }
    }

    /// Returns the records of the parts, in order.
    #[must_use]
    pub fn records(&self) -> &[PartRecord] {
        &self.records
    }

    /// Returns the number of simulated paths.
    #[must_use]
    pub fn paths(&self) -> u64 {
        self.records.iter().map(|record| record.range.paths).sum()
    }

    /// Returns the number of paths whose rows are kept.
    #[must_use]
    pub fn paths_kept(&self) -> u64 {
        self.records.iter().map(|record| record.range.kept_paths).sum()
    }

    /// Reads the state of every part, in order, one at a time.
    pub fn states(&self) -> impl Iterator<Item = Result<PartState, StoreError>> {
        self.records.iter().map(|record| {
            let mut whole = PartState::default();
            self.visit_state(record, StateRows::ALL, &mut |piece| {
                whole.add_piece(piece);
                ControlFlow::Continue(())
            })
            .or_else(Stop::error)?;
            Ok(whole)
        })
    }

    /// Passes some rows of the state of every part to a visitor, until it breaks: part by part in
    /// order, each in pieces as [`PartState::add_piece`] takes them, so that memory holds few rows.
    ///
    /// # Errors
    /// [`StoreError::Io`], [`StoreError::Altered`] or [`StoreError::Malformed`] if a part cannot be
    /// read.
    pub fn visit_states(
        &self,
        wanted: StateRows<'_>,
        visit: &mut dyn FnMut(PartState) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let mut states = self.records.iter();
        states.try_for_each(|record| self.visit_state(record, wanted, visit)).or_else(Stop::error)
    }

    /// Reads the ids of the cells of `fact_path`, in the order of its rows; none if no rows are
    /// kept.
    ///
    /// # Errors
    /// [`StoreError::Io`], [`StoreError::Altered`] or [`StoreError::Malformed`] if the first part
    /// cannot be read; [`StoreError::Unlisted`] if other readers of the rows would read more.
    pub fn cells(&self) -> Result<Vec<CellId>, StoreError> {
        self.refuse_unlisted()?;
        match self.with_rows().next() {
            Some((record, file)) => read_cells(&self.open_checked(file)?, blocks(record)),
            None => Ok(Vec::new()),
        }
    }

    /// Passes the kept values of some columns, given in the order of [`PathColumn::ALL`], to a
    /// visitor, for a range of [`StoredParts::cells`], until the visitor breaks.
    ///
    /// Values come part by part, within a part cell by cell, within a cell in path order, in slices
    /// of at most 65,536 values. Memory is that of about one slice. The time is that of decoding
    /// the columns for these cells, so adjacent cells are best read in one call.
    ///
    /// # Errors
    /// [`StoreError::Io`], [`StoreError::Altered`] or [`StoreError::Malformed`] if a part cannot be
    /// read; [`StoreError::Unlisted`] if other readers of the rows would read more.
    pub fn read_path_columns(
        &self,
        columns: &[PathColumn],
        cells: Range<usize>,
        visit: &mut dyn FnMut(PathSlice<'_>) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        self.refuse_unlisted()?;
        for (record, file) in self.with_rows() {
            let blocks = blocks(record);
            let cells = cells.start.min(blocks.cells)..cells.end.min(blocks.cells);
            let first_path = record.range.first_path;
            let flow =
                read_columns(&self.open_checked(file)?, blocks, columns, cells, &mut |slice| {
                    let first_path = first_path + slice.first as u64;
                    visit(PathSlice { cell: slice.cell, first_path, columns: slice.columns })
                })?;
            if flow.is_break() {
                break;
            }
        }
        Ok(())
    }

    /// Refuses rows beside which the folder has others: what is computed here would differ from
    /// what BI tools compute from the same folder.
    fn refuse_unlisted(&self) -> Result<(), StoreError> {
        let listed: BTreeSet<&str> = self.with_rows().map(|(_, file)| file.file.as_str()).collect();
        let is_listed = |path: &Path| listed.contains(self.layout.relative(path).as_str());
        match unlisted(&*self.storage, &self.layout, is_listed)?.into_iter().next() {
            Some((path, _)) => Err(StoreError::Unlisted { path }),
            None => Ok(()),
        }
    }

    fn visit_state(
        &self,
        record: &PartRecord,
        wanted: StateRows<'_>,
        visit: &mut dyn FnMut(PartState) -> ControlFlow<()>,
    ) -> Result<(), Stop> {
        require_state(&*self.storage, &self.layout)?;
        let PartRange { part, first_path, paths, .. } = record.range;
        let [moments, crosses, counts, sections] = record.state.as_slice() else {
            let problem = PartProblem::StateFiles;
            return Err(StoreError::PartMismatch { part, problem }.into());
        };
        let piece = || PartState { part, first_path, ..PartState::default() };
        let sums = if wanted.sums { None } else { Some(&[][..]) };
        Stop::unless(visit(PartState { paths, ..piece() }))?;
        self.rows(moments, sums, &mut |moments| visit(PartState { moments, ..piece() }))?;
        self.rows(crosses, sums, &mut |crosses| visit(PartState { crosses, ..piece() }))?;
        self.rows(counts, wanted.counts, &mut |counts| visit(PartState { counts, ..piece() }))?;
        self.rows(sections, wanted.sections, &mut |sections| {
            visit(PartState { sections, ..piece() })
        })
    }

    /// Passes the rows of some metrics to a visitor, a few thousand at a time; every row with `None`.
    fn rows<R: TableRow + OfMetric>(
        &self,
        file: &FileRecord,
        metrics: Option<&[MetricId]>,
        visit: &mut dyn FnMut(Vec<R>) -> ControlFlow<()>,
    ) -> Result<(), Stop> {
        let rows = file.rows.unwrap_or(0);
        let Some(metrics) = metrics else {
            return Stop::unless(visit_rows(
                &self.open_checked(file)?,
                rows,
                RowGroups::All,
                visit,
            )?);
        };
        if metrics.is_empty() {
            return Ok(());
        }
        let metrics: Vec<i32> = metrics.iter().map(|metric| metric.number()).collect();
        let groups = RowGroups::With("metric_id", &metrics);
        let mut visit = |mut rows: Vec<R>| {
            rows.retain(|row| metrics.contains(&row.metric_id()));
            visit(rows)
        };
        Stop::unless(visit_rows(&self.open_checked(file)?, rows, groups, &mut visit)?)
    }

    fn with_rows(&self) -> impl Iterator<Item = (&PartRecord, &FileRecord)> {
        self.records.iter().filter_map(|record| Some((record, record.path_rows.as_ref()?)))
    }

    /// Opens a file of a part; hashes it unless it is the file that was hashed before.
    fn open_checked(&self, record: &FileRecord) -> Result<ParquetSource, StoreError> {
        let path = self.layout.file(&record.file);
        let file =
            self.storage.open(&path).map_err(explained(&*self.storage, Operation::Open, &path))?;
        let checked = || self.checked.lock().unwrap_or_else(PoisonError::into_inner);
        let stamp = file.stamp();
        if stamp.is_none() || checked().get(&record.file) != stamp.as_ref() {
            record.check(&*self.storage, &path, file.as_ref())?;
            if let Some(stamp) = stamp {
                checked().insert(record.file.clone(), stamp);
            }
        }
        Ok(ParquetSource::of(file, path))
    }
}

/// Reason to stop reading.
enum Stop {
    /// The visitor broke.
    Asked,
    /// The state cannot be read.
    Failed(StoreError),
}

impl Stop {
    fn unless(flow: ControlFlow<()>) -> Result<(), Self> {
        if flow.is_break() { Err(Self::Asked) } else { Ok(()) }
    }

    /// Returns the error, if there is one.
    fn error(self) -> Result<(), StoreError> {
        match self {
            Self::Asked => Ok(()),
            Self::Failed(error) => Err(error),
        }
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

fn blocks(record: &PartRecord) -> PathBlocks {
    PathBlocks { cells: record.range.cells as usize, kept: record.range.kept_paths as usize }
}

/// Checks that a run has the folder with the sums of its parts.
pub(crate) fn require_state(storage: &dyn Storage, layout: &Layout) -> Result<(), StoreError> {
    if exists(storage, &layout.state_folder())? {
        return Ok(());
    }
    Err(StoreError::StateRemoved { folder: layout.folder().to_path_buf() })
}
