//! Reads the tables, texts and parts of a finished run.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use corridor_tables::column::TableRow;
use corridor_tables::{Table, WideTable};

use crate::error::StoreError;
use crate::layout::{self, Layout, is_of_state};
use crate::manifest::Manifest;
use crate::parquet_source::ParquetSource;
use crate::part::FileRecord;
use crate::small_file::read_open;
use crate::statistics::{TextName, WideName};
use crate::storage::Storage;
use crate::stored_parts::{StoredParts, require_state};
use crate::table_read::{read_rows, read_rows_where, read_wide};
use crate::unlisted::unlisted;

/// Largest text that is read, in bytes.
const MAX_TEXT_BYTES: u64 = 64 << 20;

/// A finished run that is open for reading; every file is checked against its hash first.
pub struct RunReader {
    storage: Arc<dyn Storage>,
    layout: Layout,
    manifest: Manifest,
}

impl RunReader {
    /// Opens a run folder without a lock: a file that a new analysis replaces in the meantime is
    /// noticed by its hash.
    ///
    /// # Errors
    /// [`StoreError::NoManifest`] if the folder has no finished run, and the other errors of
    /// [`Manifest::read`].
    pub fn open(storage: Arc<dyn Storage>, folder: &Path) -> Result<Self, StoreError> {
        let manifest = Manifest::read(&*storage, folder)?;
        Ok(Self { storage, layout: Layout::new(folder.to_path_buf()), manifest })
    }

    /// Returns the manifest of the run.
    #[must_use]
    pub const fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Returns the path of the run folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.layout.folder()
    }

    /// Reads a table of a row type; columns that depend on the study come as further columns.
    ///
    /// # Errors
    /// [`StoreError::NoTable`] if the run has none of that name, [`StoreError::Altered`] or
    /// [`StoreError::Malformed`] if it is damaged.
    pub fn rows<R: TableRow>(&self) -> Result<Table<R>, StoreError> {
        let (source, rows) = self.table(R::TABLE)?;
        read_rows(&source, rows)
    }

    /// Reads those rows of a table that are kept, without further columns; the others are never in
    /// memory together.
    ///
    /// # Errors
    /// Those of [`RunReader::rows`].
    pub fn rows_where<R: TableRow>(
        &self,
        is_kept: impl FnMut(&R) -> bool,
    ) -> Result<Vec<R>, StoreError> {
        let (source, rows) = self.table(R::TABLE)?;
        read_rows_where(&source, rows, is_kept)
    }

    /// Reads a wide table.
    ///
    /// # Errors
    /// Those of [`RunReader::rows`].
    pub fn wide(&self, name: WideName) -> Result<WideTable, StoreError> {
        self.any_table(name.table())
    }

    /// Iterates over the names of all tables but `fact_path`, in the order of the manifest.
    pub fn table_names(&self) -> impl Iterator<Item = &str> {
        self.manifest
            .result
            .statistics
            .iter()
            .filter_map(|record| record.file.strip_suffix(".parquet"))
    }

    /// Reads a table by its name, without the column `run_id`.
    ///
    /// # Errors
    /// Those of [`RunReader::rows`].
    pub fn any_table(&self, name: &str) -> Result<WideTable, StoreError> {
        let (source, rows) = self.table(name)?;
        read_wide(&source, rows)
    }

    /// Reads a text; bytes that are not UTF-8 are replaced.
    ///
    /// # Errors
    /// Those of [`RunReader::rows`].
    pub fn text(&self, name: TextName) -> Result<String, StoreError> {
        let record = self.record(name.file())?;
        let file = record.open(&*self.storage, self.layout.folder())?;
        let path = self.layout.file(&record.file);
        let bytes = read_open(file.as_ref(), &path, MAX_TEXT_BYTES)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Opens the parts of the run for reading.
    #[must_use]
    pub fn parts(&self) -> StoredParts {
        let records = self.manifest.result.parts.clone();
        StoredParts::new(Arc::clone(&self.storage), self.layout.clone(), records)
    }

    /// Checks that the run has the sums of its parts, from which an analysis follows.
    ///
    /// # Errors
    /// [`StoreError::StateRemoved`] if they were removed.
    pub fn require_state(&self) -> Result<(), StoreError> {
        require_state(&*self.storage, &self.layout)
    }

    /// Hashes every file of the run and looks for files that do not belong to it; returns all
    /// faults, none for an intact run. The sums of the parts may have been removed as a whole.
    #[must_use]
    pub fn verify(&self) -> Vec<StoreError> {
        let is_cleaned = matches!(self.require_state(), Err(StoreError::StateRemoved { .. }));
        let is_kept = |file: &&FileRecord| !is_cleaned || !is_of_state(&file.file);
        let mut found: Vec<StoreError> = self
            .manifest
            .files()
            .filter(is_kept)
            .filter_map(|file| file.verify(&*self.storage, self.layout.folder()).err())
            .collect();
        match self.unlisted() {
            Ok(paths) => found.extend(paths.into_iter().map(|path| StoreError::Unlisted { path })),
            Err(error) => found.push(error),
        }
        found
    }

    /// Lists the entries of `fact_path/` that the manifest does not list, but that tools which
    /// read the whole folder would take for rows of the run.
    ///
    /// # Errors
    /// [`StoreError::Io`] if the folder cannot be listed.
    pub fn unlisted(&self) -> Result<Vec<PathBuf>, StoreError> {
        let listed: BTreeSet<&str> = self.manifest.files().map(|file| file.file.as_str()).collect();
        let is_listed = |path: &Path| listed.contains(self.layout.relative(path).as_str());
        let found = unlisted(&*self.storage, &self.layout, is_listed)?;
        Ok(found.into_iter().map(|(path, _)| path).collect())
    }

    fn record(&self, file: &str) -> Result<&FileRecord, StoreError> {
        let found = self.manifest.result.statistics.iter().find(|record| record.file == file);
        found.ok_or_else(|| StoreError::NoTable {
            folder: self.layout.folder().to_path_buf(),
            file: file.to_owned(),
        })
    }

    fn table(&self, name: &str) -> Result<(ParquetSource, u64), StoreError> {
        let record = self.record(&format!("{name}.parquet"))?;
        let file = record.open(&*self.storage, self.layout.folder())?;
        let source = ParquetSource::of(file, self.layout.file(&record.file));
        Ok((source, record.rows.unwrap_or(0)))
    }
}

/// Returns whether a folder looks like that of a run, finished or not.
#[must_use]
pub fn looks_like_a_run(folder: &Path) -> bool {
    folder.join(layout::MANIFEST).exists() || folder.join(layout::STATE).is_dir()
}

/// Finds the finished runs one or two levels below a folder, the newest first.
#[must_use]
pub fn finished_runs_below(folder: &Path) -> Vec<PathBuf> {
    let folders = |folder: &Path| -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect()
    };
    let studies = folders(folder);
    let candidates = studies.iter().flat_map(|study| folders(study)).chain(studies.iter().cloned());
    let mut runs: Vec<_> = candidates
        .filter_map(|run| Some((run.join(layout::MANIFEST).metadata().ok()?.modified().ok()?, run)))
        .collect();
    runs.sort();
    runs.into_iter().rev().map(|(_, run)| run).collect()
}
