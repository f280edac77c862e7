//! Commits one part of a run: its path rows and its state, then a small record that they are whole.

use std::path::Path;
use std::sync::Arc;

use corridor_core::outcome::OutcomePart;
use corridor_tables::state::{CountRow, CrossRow, MomentRow, PartState, SectionRow};
use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::error::{Operation, PartProblem, StoreError};
use crate::layout::{Layout, StateTable};
use crate::obstacle::explained;
use crate::path_write::write_paths;
use crate::pending::{PendingFile, StagedFile};
use crate::schema::RunId;
use crate::small_file::{read_whole, write_whole};
use crate::storage::Storage;
use crate::stored_bytes::StoredBytes;
use crate::table_write::StateTableWriter;

/// The paths that a part covers and the rows of them that are kept, as the plan has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartRange {
    /// Index of the part in the run, from 0.
    pub part: u32,
    /// First path of the part.
    pub first_path: u64,
    /// Number of paths in the part.
    pub paths: u64,
    /// Number of paths, counted from the first of the part, with rows in `fact_path`; a part with 0
    /// has no file there.
    pub kept_paths: u64,
    /// Number of cells: scenarios x policies x horizons.
    pub cells: u64,
}

/// A file of the run with the length and hash that it must have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRecord {
    /// Path relative to the run folder, with `/`.
    pub file: String,
    /// Number of rows; `None` for a text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// Length in bytes.
    pub bytes: u64,
    /// BLAKE3 hash in hex.
    pub blake3: String,
}

/// The record of a finished part, written after its files are durable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartRecord {
    /// Paths that the part covers.
    #[serde(flatten)]
    pub range: PartRange,
    /// File of the path rows, if any are kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path_rows: Option<FileRecord>,
    /// Files of the state: moments, crosses, counts, sections.
    pub state: Vec<FileRecord>,
}

/// The layout of the record on disk.
#[derive(Serialize, Deserialize)]
struct StoredRecord {
    run_id: String,
    schema_version: u32,
    part: PartRecord,
}

/// The key of a record that every version has.
#[derive(Deserialize)]
struct Version {
    schema_version: u32,
}

/// Largest record that is read, in bytes.
const MAX_RECORD_BYTES: u64 = 1 << 16;

impl FileRecord {
    pub(crate) fn new(file: String, rows: Option<u64>, digest: Digest) -> Self {
        Self { file, rows, bytes: digest.bytes, blake3: digest.blake3 }
    }

    /// Checks the length and the hash of the file.
    pub(crate) fn verify(&self, storage: &dyn Storage, folder: &Path) -> Result<(), StoreError> {
        self.open(storage, folder).map(drop)
    }

    /// Opens the file and checks its length and hash. What is read from it afterwards are the bytes
    /// that were hashed, whatever the name leads to by then.
    pub(crate) fn open(
        &self,
        storage: &dyn Storage,
        folder: &Path,
    ) -> Result<Box<dyn StoredBytes>, StoreError> {
        let path = folder.join(&self.file);
        let file = storage.open(&path).map_err(explained(storage, Operation::Open, &path))?;
        self.check(storage, &path, file.as_ref())?;
        Ok(file)
    }

    /// Checks the length and the hash of the open file.
    pub(crate) fn check(
        &self,
        storage: &dyn Storage,
        path: &Path,
        file: &dyn StoredBytes,
    ) -> Result<(), StoreError> {
        let found = storage.digest(path, file).map_err(StoreError::io(Operation::Read, path))?;
        if found.bytes == self.bytes && found.blake3 == self.blake3 {
            return Ok(());
        }
        Err(StoreError::Altered {
            path: path.to_path_buf(),
            expected: self.blake3.clone(),
            expected_bytes: self.bytes,
            found: found.blake3,
            found_bytes: found.bytes,
        })
    }
}

impl PartRecord {
    /// Whether the record lists exactly the files that a part of this range has, each with its
    /// rows.
    pub(crate) fn is_consistent(&self, layout: &Layout) -> bool {
        let PartRange { part, kept_paths, cells, paths, .. } = self.range;
        let rows = kept_paths.checked_mul(cells);
        let names = self.files().map(|file| file.file.as_str());
        rows.is_some()
            && kept_paths <= paths
            && self.path_rows.as_ref().map(|file| file.rows) == (kept_paths > 0).then_some(rows)
            && names.eq(layout.part_files(part, kept_paths > 0).iter().map(String::as_str))
    }

    /// Iterates over all files of the part.
    pub fn files(&self) -> impl Iterator<Item = &FileRecord> {
        self.path_rows.iter().chain(&self.state)
    }
}

/// Writes the files and the record of one part, which is finished when this returns. The state comes
/// in pieces, whose rows are written in their order.
pub(crate) fn commit_part(
    storage: &Arc<dyn Storage>,
    layout: &Layout,
    run: &RunId,
    range: PartRange,
    part: &OutcomePart,
    state: &mut dyn Iterator<Item = PartState>,
) -> Result<PartRecord, StoreError> {
    check_agreement(range, part)?;
    let mut staged: Vec<StagedFile> = Vec::new();
    let mut path_rows = None;
    if range.kept_paths > 0 {
        let target = layout.path_rows(range.part);
        let file = PendingFile::create(storage, target.clone())?;
        let written = write_paths(file, run, part, range.kept_paths as usize)?;
        path_rows =
            Some(FileRecord::new(layout.relative(&target), Some(written.rows), written.digest));
        staged.push(written.file);
    }
    let create = |table| PendingFile::create(storage, layout.state(table, range.part));
    let mut moments = StateTableWriter::<MomentRow>::new(create(StateTable::Moments)?, run)?;
    let mut crosses = StateTableWriter::<CrossRow>::new(create(StateTable::Crosses)?, run)?;
    let mut counts = StateTableWriter::<CountRow>::new(create(StateTable::Counts)?, run)?;
    let mut sections = StateTableWriter::<SectionRow>::new(create(StateTable::Sections)?, run)?;
    for piece in state {
        let found = (piece.part, piece.first_path, piece.paths);
        if found != (range.part, range.first_path, range.paths) {
            let problem = PartProblem::State;
            return Err(StoreError::PartMismatch { part: range.part, problem });
        }
        moments.write(&piece.moments)?;
        crosses.write(&piece.crosses)?;
        counts.write(&piece.counts)?;
        sections.write(&piece.sections)?;
    }
    let written = [moments.finish()?, crosses.finish()?, counts.finish()?, sections.finish()?];
    let mut records = Vec::new();
    for (table, written) in StateTable::ALL.into_iter().zip(written) {
        let name = layout.relative(&layout.state(table, range.part));
        records.push(FileRecord::new(name, Some(written.rows), written.digest));
        staged.push(written.file);
    }
    staged.into_iter().try_for_each(StagedFile::publish)?;
    let has_rows = path_rows.is_some();
    for folder in
        [has_rows.then(|| layout.path_folder()), Some(layout.state_folder())].into_iter().flatten()
    {
        storage.sync_folder(&folder).map_err(StoreError::io(Operation::SyncFolder, &folder))?;
    }
    let record = PartRecord { range, path_rows, state: records };
    write_record(storage, layout, run, &record)?;
    Ok(record)
}

fn write_record(
    storage: &Arc<dyn Storage>,
    layout: &Layout,
    run: &RunId,
    record: &PartRecord,
) -> Result<(), StoreError> {
    let target = layout.part_record(record.range.part);
    let stored = StoredRecord {
        run_id: run.run_id.clone(),
        schema_version: corridor_tables::SCHEMA_VERSION,
        part: record.clone(),
    };
    let text = serde_json::to_vec(&stored)
        .map_err(|error| StoreError::malformed(&target, error.into()))?;
    write_whole(storage, target, &text).map(drop)
}

/// Reads the record of a part; `None` if it is of another version.
pub(crate) fn read_record(
    storage: &dyn Storage,
    path: &Path,
    run: &RunId,
) -> Result<Option<PartRecord>, StoreError> {
    let bytes = read_whole(storage, path, MAX_RECORD_BYTES)?;
    let version: Version = serde_json::from_slice(&bytes)
        .map_err(|error| StoreError::malformed(path, error.into()))?;
    if version.schema_version != corridor_tables::SCHEMA_VERSION {
        return Ok(None);
    }
    let stored: StoredRecord = serde_json::from_slice(&bytes)
        .map_err(|error| StoreError::malformed(path, error.into()))?;
    if stored.run_id != run.run_id {
        let (found, expected) = (stored.run_id, run.run_id.clone());
        return Err(StoreError::OtherRun { path: path.to_path_buf(), found, expected });
    }
    Ok(Some(stored.part))
}

fn check_agreement(range: PartRange, part: &OutcomePart) -> Result<(), StoreError> {
    let mismatch = |problem| StoreError::PartMismatch { part: range.part, problem };
    if (part.index, part.first_path, part.paths as u64)
        != (range.part, range.first_path, range.paths)
    {
        return Err(mismatch(PartProblem::PathRange));
    }
    if part.cells.len() as u64 != range.cells {
        return Err(mismatch(PartProblem::CellCount));
    }
    if !part.cells.is_sorted_by(|a, b| a.id < b.id) {
        return Err(mismatch(PartProblem::CellOrder));
    }
    if range.kept_paths > range.paths {
        return Err(mismatch(PartProblem::KeptPaths));
    }
    Ok(())
}
