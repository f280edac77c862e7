//! Reads a finished run.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use corridor_tables::column::TableRow;
use corridor_tables::{Table, WideTable};

use crate::absent::list_or_empty;
use crate::error::StoreError;
use crate::layout::{self, Layout, is_part_file};
use crate::manifest::Manifest;
use crate::parquet_source::ParquetSource;
use crate::part::FileRecord;
use crate::small_file::read_whole;
use crate::statistics::{TextName, WideName};
use crate::storage::Storage;
use crate::stored_parts::StoredParts;
use crate::table_read::{read_rows, read_wide};

/// The longest text that is read.
const MAX_TEXT_BYTES: u64 = 64 << 20;

/// A finished run, open for reading. The hash of every file is checked before it is read.
pub struct RunReader {
    storage: Arc<dyn Storage>,
    layout: Layout,
    manifest: Manifest,
}

impl RunReader {
    /// Opens a run folder. No lock is taken; files that a new analysis replaces meanwhile are
    /// noticed by their hashes.
    ///
    /// # Errors
    /// [`StoreError::NoManifest`] if it holds no finished run, and whatever [`Manifest::read`]
    /// finds.
    pub fn open(storage: Arc<dyn Storage>, folder: &Path) -> Result<Self, StoreError> {
        let manifest = Manifest::read(&*storage, folder)?;
        Ok(Self { storage, layout: Layout::new(folder.to_path_buf()), manifest })
    }

    /// What the folder holds.
    #[must_use]
    pub const fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.layout.folder()
    }

    /// Reads a table; columns that depend on the study come as further columns.
    ///
    /// # Errors
    /// [`StoreError::NoTable`] if the run has none of that name, [`StoreError::Altered`] or
    /// [`StoreError::Malformed`] if it is damaged.
    pub fn rows<R: TableRow>(&self) -> Result<Table<R>, StoreError> {
        let (source, rows) = self.table(R::TABLE)?;
        read_rows(&source, rows)
    }

    /// Reads a wide table.
    ///
    /// # Errors
    /// As [`RunReader::rows`].
    pub fn wide(&self, name: WideName) -> Result<WideTable, StoreError> {
        self.any_table(name.table())
    }

    /// Names of all tables but `fact_path`, in the order of the manifest.
    pub fn table_names(&self) -> impl Iterator<Item = &str> {
        self.manifest
            .result
            .statistics
            .iter()
            .filter_map(|record| record.file.strip_suffix(".parquet"))
    }

    /// Reads any table by its name, without the column `run_id`, which is the same in all.
    ///
    /// # Errors
    /// As [`RunReader::rows`].
    pub fn any_table(&self, name: &str) -> Result<WideTable, StoreError> {
        let (source, rows) = self.table(name)?;
        read_wide(&source, rows)
    }

    /// Reads a text.
    ///
    /// # Errors
    /// As [`RunReader::rows`]; bytes that are not UTF-8 are replaced.
    pub fn text(&self, name: TextName) -> Result<String, StoreError> {
        let record = self.record(name.file())?;
        record.verify(&*self.storage, self.layout.folder())?;
        let bytes = read_whole(&*self.storage, &self.layout.file(&record.file), MAX_TEXT_BYTES)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The parts of the run.
    #[must_use]
    pub fn parts(&self) -> StoredParts {
        let records = self.manifest.result.parts.clone();
        StoredParts::new(Arc::clone(&self.storage), self.layout.clone(), records, false)
    }

    /// Hashes every file of the run and looks for files that do not belong to it. Empty = all is
    /// well.
    #[must_use]
    pub fn verify(&self) -> Vec<StoreError> {
        let mut found: Vec<StoreError> = self
            .manifest
            .files()
            .filter_map(|file| file.verify(&*self.storage, self.layout.folder()).err())
            .collect();
        let listed: BTreeSet<&str> = self.manifest.files().map(|file| file.file.as_str()).collect();
        let folder = self.layout.path_folder();
        match list_or_empty(&*self.storage, &folder) {
            Ok(names) => found.extend(
                names
                    .iter()
                    .filter(|name| name.ends_with(".parquet") || is_part_file(name))
                    .map(|name| folder.join(name))
                    .filter(|path| !listed.contains(self.layout.relative(path).as_str()))
                    .map(|path| StoreError::Unlisted { path }),
            ),
            Err(error) => found.push(error),
        }
        found
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
        record.verify(&*self.storage, self.layout.folder())?;
        let source = ParquetSource::open(&*self.storage, self.layout.file(&record.file))?;
        Ok((source, record.rows.unwrap_or(0)))
    }
}

/// Whether `folder` looks like a run's, finished or not.
#[must_use]
pub fn is_run(folder: &Path) -> bool {
    folder.join(layout::MANIFEST).exists() || folder.join(layout::STATE).is_dir()
}

/// Finished runs in `folder` and its folders, the newest first.
#[must_use]
pub fn runs_below(folder: &Path) -> Vec<PathBuf> {
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
