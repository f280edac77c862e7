//! Names what can go wrong with stored results.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// What was being done to a file or folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Making a folder.
    CreateFolder,
    /// Making a file.
    Create,
    /// Writing to it.
    Write,
    /// Making its bytes durable.
    Sync,
    /// Giving it its final name.
    Rename,
    /// Making names in a folder durable.
    SyncFolder,
    /// Removing a file.
    Remove,
    /// Listing a folder.
    List,
    /// Opening a file for reading.
    Open,
    /// Reading it.
    Read,
    /// Taking the lock of a run folder.
    Lock,
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CreateFolder => "create the folder",
            Self::Create => "create",
            Self::Write => "write",
            Self::Sync => "make durable",
            Self::Rename => "rename into place",
            Self::SyncFolder => "make durable the names in",
            Self::Remove => "remove",
            Self::List => "list",
            Self::Open => "open",
            Self::Read => "read",
            Self::Lock => "lock",
        })
    }
}

/// Why results could not be stored or read.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The operating system refused.
    #[error("cannot {operation} `{}`: {cause}", path.display())]
    Io {
        /// What was tried.
        operation: Operation,
        /// On what.
        path: PathBuf,
        /// The system's answer.
        cause: io::Error,
    },
    /// Another command writes to the run folder.
    #[error("the run folder `{}` is in use by another command\nhint: wait for it to end, or choose \
    another folder with `--out`", folder.display())]
    Locked {
        /// The run folder.
        folder: PathBuf,
    },
    /// The run folder holds a finished run.
    #[error("the run folder `{}` already holds this run\nhint: `corridor show` prints it; \
    `--resume` analyses it again", folder.display())]
    Exists {
        /// The run folder.
        folder: PathBuf,
    },
    /// The run folder holds parts of a run that was interrupted.
    #[error("the run folder `{}` holds {parts} finished parts of an interrupted run\nhint: \
    continue it with `--resume`", folder.display())]
    Unfinished {
        /// The run folder.
        folder: PathBuf,
        /// Parts found.
        parts: usize,
    },
    /// The folder holds no manifest, so it is not a finished run.
    #[error("`{}` holds no manifest.json: not a run folder, or a run that did not finish\nhint: \
    finish it with `corridor run STUDY --resume`", folder.display())]
    NoManifest {
        /// The folder.
        folder: PathBuf,
    },
    /// The files are of another run.
    #[error("`{}` belongs to run `{found}`, not `{expected}`", path.display())]
    OtherRun {
        /// A file of the other run.
        path: PathBuf,
        /// Whose it is.
        found: String,
        /// Whose it should be.
        expected: String,
    },
    /// The files were written by a later version.
    #[error("`{}` has schema version {found}; this version reads up to {supported}\nhint: use a \
    newer corridor", path.display())]
    NewerSchema {
        /// The manifest.
        path: PathBuf,
        /// Version found.
        found: u32,
        /// Latest version read here.
        supported: u32,
    },
    /// A file's bytes are not the ones that were recorded.
    #[error("`{}` is not the file that the run recorded: expected {expected_bytes} bytes with \
    BLAKE3 `{expected}`, found {found_bytes} bytes with `{found}`\nhint: `corridor run STUDY \
    --resume` makes it again", path.display())]
    Altered {
        /// The file.
        path: PathBuf,
        /// Recorded hash.
        expected: String,
        /// Recorded length.
        expected_bytes: u64,
        /// Hash found.
        found: String,
        /// Length found.
        found_bytes: u64,
    },
    /// A file that no manifest lists lies where readers would take it in.
    #[error("`{}` is not listed in the manifest, but BI tools that read the folder would take it \
    in\nhint: move it away", path.display())]
    Unlisted {
        /// The file.
        path: PathBuf,
    },
    /// The run has no such table or text.
    #[error("the run in `{}` has no `{file}`", folder.display())]
    NoTable {
        /// The run folder.
        folder: PathBuf,
        /// The file.
        file: String,
    },
    /// A file's content makes no sense.
    #[error("cannot understand `{}`: {reason}\nhint: `corridor analyze RUN_DIR` writes tables \
    again, also those of an older version, and `corridor run STUDY --resume` parts of a \
    run", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: Malformation,
    },
    /// A file is larger than it can sensibly be.
    #[error("`{}` has {bytes} bytes; files of this kind are read up to {limit}", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its length.
        bytes: u64,
        /// The most that is read.
        limit: u64,
    },
    /// A column that is never null was given a value that is not a number.
    #[error("column `{column}` of `{table}` is not finite in row {row}")]
    NotFinite {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// Row, from 0 in the order of writing.
        row: usize,
    },
    /// A column of a table does not fit the others.
    #[error("column `{column}` of `{table}` {problem}")]
    BadColumn {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// What is wrong with it.
        problem: ColumnProblem,
    },
    /// A part and its state, or its cells, contradict each other.
    #[error("part {part} contradicts its own {what}")]
    PartMismatch {
        /// The part.
        part: u32,
        /// What contradicts it.
        what: &'static str,
    },
    /// A line of a ledger is no entry.
    #[error("line {line} of `{}` is no entry of a ledger\nhint: mend or remove it; policies that \
    only it has are then no longer counted", path.display())]
    BadLedger {
        /// The ledger.
        path: PathBuf,
        /// Its line, from 1.
        line: usize,
    },
    /// A run was to be committed with parts missing.
    #[error("part {part} of the run is missing")]
    MissingPart {
        /// The first missing part.
        part: u32,
    },
    /// The encoder failed for another reason than the operating system's.
    #[error("cannot encode `{}`: {reason}", path.display())]
    Encode {
        /// The file.
        path: PathBuf,
        /// The encoder's words.
        reason: String,
    },
}

/// What is wrong with a file's content.
#[derive(Debug, thiserror::Error)]
pub enum Malformation {
    /// Not the JSON it should be.
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    /// The Parquet reader refused it.
    #[error("{0}")]
    Parquet(String),
    /// The Parquet reader panicked.
    #[error("the Parquet reader gave up on it")]
    Panic,
    /// A column is missing or of another type.
    #[error("column `{0}` is missing or has another type")]
    Column(String),
    /// The number of rows is not the recorded one.
    #[error("it has {found} rows instead of {expected}")]
    Rows {
        /// Recorded number.
        expected: u64,
        /// Number found.
        found: u64,
    },
    /// It lists a file outside the run folder.
    #[error("it lists the file `{0}`, which is not one of a run")]
    FileName(String),
    /// What it says of a part contradicts itself.
    #[error("what it says of part {0} contradicts itself")]
    Part(u32),
    /// Its rows are not one block per cell.
    #[error("its rows are not one block of paths per scenario, policy and horizon")]
    Cells,
}

/// What is wrong with a column that is to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ColumnProblem {
    /// Another length than the rest.
    #[error("has another length than the other columns")]
    Length,
    /// Another name than snake_case ASCII.
    #[error("is not named in snake_case ASCII")]
    Name,
    /// A second column of that name, ignoring case.
    #[error("stands there twice")]
    Duplicate,
    /// Columns differ between the chunks of one table.
    #[error("is not in every chunk of the table")]
    Chunk,
}

impl StoreError {
    /// Whether the folder is taken: locked, or already holding a run (exit code 73).
    #[must_use]
    pub const fn is_conflict(&self) -> bool {
        matches!(self, Self::Locked { .. } | Self::Exists { .. } | Self::Unfinished { .. })
    }

    pub(crate) fn io(operation: Operation, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |cause| Self::Io { operation, path, cause }
    }

    pub(crate) fn malformed(path: &Path, reason: Malformation) -> Self {
        Self::Malformed { path: path.to_path_buf(), reason }
    }
}
