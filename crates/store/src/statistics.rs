//! Writes the tables, texts and manifest of a run so that readers see all of them or none.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use corridor_tables::column::TableRow;
use corridor_tables::commands::Commands;
use corridor_tables::dictionary::{RunHead, TableInfo, columns, readme};
use corridor_tables::path_columns::{ABOUT, FACT_PATH, path_columns};
use corridor_tables::{SCHEMA_VERSION, Table, WideColumn, WideTable};

use crate::absent::{list_or_empty, remove_if_present};
use crate::error::{Operation, StoreError};
use crate::layout::{INPUTS, MANIFEST};
use crate::manifest::{ExecutionSection, Manifest, ResultSection, RunFacts};
use crate::obstacle::make_own_folder;
use crate::part::{FileRecord, PartRecord};
use crate::pending::{PendingFile, StagedFile};
use crate::run_folder::RunFolder;
use crate::small_file::{stage_whole, sync_folder_of};
use crate::storage::EntryKind;
use crate::table_write::{RowsWriter, WrittenTable, write_rows, write_wide};
use crate::views::views;

/// A labelled, wide table of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WideName {
    /// Statistics, `bi_summary`.
    BiSummary,
    /// Comparisons, `bi_compare`.
    BiCompare,
}

impl WideName {
    /// Returns the name of the table.
    #[must_use]
    pub const fn table(self) -> &'static str {
        match self {
            Self::BiSummary => "bi_summary",
            Self::BiCompare => "bi_compare",
        }
    }

    const fn about(self) -> &'static str {
        match self {
            Self::BiSummary => {
                "Statistics, labelled and wide for drag and drop: one row per scenario, policy and \
                horizon."
            }
            Self::BiCompare => {
                "Comparisons of each policy with its baseline, labelled and wide: one row per \
                scenario, policy and horizon."
            }
        }
    }
}

/// A text of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextName {
    /// Resolved study, `study.toml`.
    Study,
    /// Report as a page, `report.html`.
    Report,
}

impl TextName {
    /// Returns the name of the file.
    #[must_use]
    pub const fn file(self) -> &'static str {
        match self {
            Self::Study => "study.toml",
            Self::Report => "report.html",
        }
    }
}

/// A table of plain rows that is written piece by piece; it is removed if it is dropped before its
/// end.
pub struct OpenTable<'a, R>(RowsWriter<'a, R>);

impl<R: TableRow> OpenTable<'_, R> {
    /// Writes the next rows.
    ///
    /// # Errors
    /// [`StoreError::Io`] if the system refuses, [`StoreError::NotFinite`] for infinity or NaN in a
    /// column that is never null.
    pub fn write(&mut self, rows: &[R]) -> Result<(), StoreError> {
        self.0.write(rows, &[])
    }

    /// Writes the next rows with their further columns, which are those that the table began with.
    ///
    /// # Errors
    /// Those of [`OpenTable::write`]; [`StoreError::BadColumn`] if a further column does not fit.
    pub fn write_table(&mut self, table: &Table<R>) -> Result<(), StoreError> {
        self.0.write(&table.rows, &table.extra)
    }
}

/// The tables and texts of a run, under temporary names until they are committed; files that are
/// not committed are removed on drop.
pub struct Statistics<'a> {
    folder: &'a RunFolder,
    staged: Vec<(StagedFile, FileRecord)>,
    tables: Vec<TableInfo>,
}

impl<'a> Statistics<'a> {
    /// Begins to write the tables and texts of a run; readers see none of them before
    /// [`Statistics::commit`].
    #[must_use]
    pub const fn of(folder: &'a RunFolder) -> Self {
        Self { folder, staged: Vec::new(), tables: Vec::new() }
    }

    /// Writes a table of plain rows.
    ///
    /// # Errors
    /// [`StoreError::Io`] if the system refuses, [`StoreError::NotFinite`] for infinity or NaN in a
    /// column that is never null.
    pub fn write_rows<R: TableRow>(&mut self, rows: &[R]) -> Result<(), StoreError> {
        let mut table = self.begin()?;
        table.write(rows)?;
        self.end(table)
    }

    /// Begins a table of plain rows, which is part of the run once [`Statistics::end`] has taken it.
    ///
    /// # Errors
    /// [`StoreError::Io`] if the system refuses.
    pub fn begin<R: TableRow>(&self) -> Result<OpenTable<'a, R>, StoreError> {
        self.begin_with(&[])
    }

    /// Begins a table whose rows have further columns like these.
    ///
    /// # Errors
    /// Those of [`Statistics::begin`]; [`StoreError::BadColumn`] if two columns have one name.
    pub fn begin_with<R: TableRow>(
        &self,
        extra: &[WideColumn],
    ) -> Result<OpenTable<'a, R>, StoreError> {
        let file = self.create(&format!("{}.parquet", R::TABLE))?;
        Ok(OpenTable(RowsWriter::new(file, self.folder.run(), extra)?))
    }

    /// Adds a table that was written piece by piece.
    ///
    /// # Errors
    /// [`StoreError::Io`] if the system refuses.
    pub fn end<R: TableRow>(&mut self, table: OpenTable<'a, R>) -> Result<(), StoreError> {
        self.add(R::TABLE, R::ABOUT.trim(), table.0.finish()?);
        Ok(())
    }

    /// Writes a table with further columns, chunk by chunk, so that it need not be in memory as a
    /// whole; all chunks have equal further columns.
    ///
    /// # Errors
    /// Those of [`Statistics::write_rows`]; [`StoreError::BadColumn`] if a further column does not
    /// fit.
    pub fn write_chunks<R: TableRow>(
        &mut self,
        chunks: impl IntoIterator<Item = Table<R>>,
    ) -> Result<(), StoreError> {
        let file = self.create(&format!("{}.parquet", R::TABLE))?;
        let written = write_rows(file, self.folder.run(), chunks)?;
        self.add(R::TABLE, R::ABOUT.trim(), written);
        Ok(())
    }

    /// Writes a table whose columns depend on the study.
    ///
    /// # Errors
    /// [`StoreError::Io`] if the system refuses, [`StoreError::BadColumn`] if a column does not
    /// fit.
    pub fn write_wide(&mut self, name: WideName, table: &WideTable) -> Result<(), StoreError> {
        let file = self.create(&format!("{}.parquet", name.table()))?;
        let written = write_wide(file, name.table(), self.folder.run(), table)?;
        self.add(name.table(), name.about(), written);
        Ok(())
    }

    /// Writes a text.
    ///
    /// # Errors
    /// [`StoreError::Io`] if the system refuses.
    pub fn write_text(&mut self, name: TextName, text: &str) -> Result<(), StoreError> {
        self.stage_text(name.file(), text)
    }

    /// Writes a copy of a file that the study reads, as `inputs/<name>`, so that the run can be
    /// analysed again after it was moved.
    ///
    /// # Errors
    /// [`StoreError::Io`] if the system refuses.
    pub fn write_input(&mut self, name: &str, text: &str) -> Result<(), StoreError> {
        let inputs = self.folder.layout().input_folder();
        make_own_folder(&**self.folder.storage(), &inputs)?;
        self.stage_text(&format!("{INPUTS}/{name}"), text)
    }

    /// Adds views, README with the `answer`, data dictionary and manifest, then renames all files into place.
    ///
    /// Files of an earlier analysis that this one does not write are removed. A failure before the
    /// first rename leaves the earlier analysis untouched; after one the folder has no manifest.
    ///
    /// # Errors
    /// [`StoreError::Io`] if the system refuses, [`StoreError::MissingPart`] if a part is not
    /// finished.
    pub fn commit(
        mut self,
        facts: RunFacts,
        execution: ExecutionSection,
        answer: &str,
        commands: &Commands,
    ) -> Result<Manifest, StoreError> {
        let folder = self.folder;
        let run_storage = folder.storage();
        let parts = folder.parts()?.records().to_vec();
        let rows = parts.iter().filter_map(|part| part.path_rows.as_ref()?.rows).sum();
        self.add_path_rows(&parts, rows);
        self.tables.sort_by_key(|table| table.name);
        self.stage_text("views.sql", &views(&self.tables, &path_files(&parts)))?;
        self.stage_text("README.md", &readme(&head(&facts, answer), &self.tables, commands))?;
        self.stage_text("COLUMNS.md", &columns(&self.tables))?;
        self.staged.sort_by(|(_, a), (_, b)| a.file.cmp(&b.file));
        let (staged, statistics): (Vec<StagedFile>, Vec<FileRecord>) =
            self.staged.into_iter().unzip();
        let stale = stale_files(folder, &statistics)?;
        let result =
            ResultSection { schema_version: SCHEMA_VERSION, facts, rows, parts, statistics };

        let target = folder.layout().file(MANIFEST);
        let (manifest, text) = Manifest::compose(&target, result, execution)?;
        let (staged_manifest, _) = stage_whole(folder.storage(), target.clone(), &text)?;
        remove_if_present(&**folder.storage(), &target)?;
        sync_folder_of(folder.storage(), &target)?;
        let folders: BTreeSet<PathBuf> = staged
            .iter()
            .filter_map(|file| file.target().parent().map(Path::to_path_buf))
            .collect();
        staged.into_iter().try_for_each(StagedFile::publish)?;
        for folder in folders {
            run_storage
                .sync_folder(&folder)
                .map_err(StoreError::io(Operation::SyncFolder, &folder))?;
        }
        for name in stale {
            remove_if_present(&**folder.storage(), &folder.layout().file(&name))?;
        }
        sync_folder_of(folder.storage(), &target)?;
        staged_manifest.publish()?;
        sync_folder_of(folder.storage(), &target)?;
        Ok(manifest)
    }

    fn create(&self, name: &str) -> Result<PendingFile, StoreError> {
        PendingFile::create(self.folder.storage(), self.folder.layout().file(name))
    }

    fn add(&mut self, name: &'static str, about: &'static str, written: WrittenTable) {
        let WrittenTable { file, digest, rows, columns } = written;
        let files = format!("{name}.parquet");
        self.staged.push((file, FileRecord::new(files.clone(), Some(rows), digest)));
        self.tables.push(TableInfo { name, about, files, rows, columns });
    }

    fn add_path_rows(&mut self, parts: &[PartRecord], rows: u64) {
        if parts.iter().any(|part| part.path_rows.is_some()) {
            let files = format!("{FACT_PATH}/part-*.parquet");
            self.tables.push(TableInfo {
                name: FACT_PATH,
                about: ABOUT,
                files,
                rows,
                columns: path_columns(),
            });
        }
    }

    fn stage_text(&mut self, name: &str, text: &str) -> Result<(), StoreError> {
        let (file, digest) =
            stage_whole(self.folder.storage(), self.folder.layout().file(name), text.as_bytes())?;
        self.staged.push((file, FileRecord::new(name.to_owned(), None, digest)));
        Ok(())
    }
}

/// The files of `fact_path`, in the order of the parts.
fn path_files(parts: &[PartRecord]) -> Vec<&str> {
    parts.iter().filter_map(|part| Some(part.path_rows.as_ref()?.file.as_str())).collect()
}

/// The facts at the head of the README.
fn head<'a>(facts: &'a RunFacts, answer: &'a str) -> RunHead<'a> {
    RunHead {
        answer,
        study: &facts.study,
        run_id: &facts.simulation_id,
        analysis_id: &facts.analysis_id,
        paths: facts.paths,
        seed: facts.seed,
        path_rows: &facts.path_rows,
        numerics_version: facts.numerics_version,
        warnings: &facts.warnings,
    }
}

/// Names of the files of an earlier analysis that this one does not write.
fn stale_files(folder: &RunFolder, statistics: &[FileRecord]) -> Result<Vec<String>, StoreError> {
    let current: BTreeSet<&str> = statistics.iter().map(|file| file.file.as_str()).collect();
    let entries = list_or_empty(&**folder.storage(), folder.folder())?.into_iter();
    let names = entries
        .filter(|entry| entry.kind != EntryKind::Folder)
        .filter_map(|entry| entry.name.into_string().ok());
    Ok(names.filter(|name| is_of_an_analysis(name) && !current.contains(name.as_str())).collect())
}

/// Whether a file in the run folder is one that an analysis may have written.
fn is_of_an_analysis(name: &str) -> bool {
    let table = name.strip_suffix(".parquet").is_some_and(|table| {
        ["dim_", "fact_", "bi_"].iter().any(|kind| table.starts_with(kind))
            || table == "scenario_axis"
    });
    table || name == TextName::Report.file()
}
