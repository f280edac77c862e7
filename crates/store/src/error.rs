//! Names the failures of storing and reading results, and what mends each.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use corridor_tables::path_columns::FACT_PATH;

use crate::layout::{MANIFEST, STATE};
pub use crate::problem::{ColumnProblem, Malformation, PartProblem};
pub use crate::remedy::Remedy;
use crate::storage::EntryKind;

/// An operation on a file or folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Creating a folder.
    CreateFolder,
    /// Creating a file.
    Create,
    /// Writing to a file.
    Write,
    /// Making the bytes of a file durable.
    Sync,
    /// Giving a file its final name.
    Rename,
    /// Making the names in a folder durable.
    SyncFolder,
    /// Removing a file.
    Remove,
    /// Listing a folder.
    List,
    /// Opening a file for reading.
    Open,
    /// Reading from a file.
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
            Self::SyncFolder => "make durable the file names in",
            Self::Remove => "remove",
            Self::List => "list",
            Self::Open => "open",
            Self::Read => "read",
            Self::Lock => "lock",
        })
    }
}

/// A failure to store or to read results.
///
/// The message says what is wrong; [`StoreError::remedy`] says what mends it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The operating system refused an operation.
    #[error("cannot {operation} `{}`: {cause}", path.display())]
    Io {
        /// Operation that failed.
        operation: Operation,
        /// File or folder of the operation.
        path: PathBuf,
        /// Error of the operating system.
        cause: io::Error,
    },
    /// Something else has the name of a file or folder of the run.
    #[error("`{}` is {}, not a {}", path.display(), found.with_article(), of.word())]
    InTheWay {
        /// Path of the file or folder.
        path: PathBuf,
        /// Kind of what has the name.
        found: EntryKind,
        /// Kind of what should have it.
        of: EntryKind,
    },
    /// Another process writes to the run folder.
    #[error("the run folder `{}` is in use by another process", folder.display())]
    Locked {
        /// Run folder that is held.
        folder: PathBuf,
    },
    /// The run folder holds a finished run.
    #[error("the run folder `{}` already holds this run", folder.display())]
    Exists {
        /// Folder of the finished run.
        folder: PathBuf,
    },
    /// The run folder holds parts of a run that was interrupted.
    #[error("the run folder `{}` holds {parts} finished parts of an interrupted run",
        folder.display())]
    Unfinished {
        /// Folder of the interrupted run.
        folder: PathBuf,
        /// Number of finished parts.
        parts: usize,
    },
    /// The folder has no manifest, so it is not a finished run.
    #[error("`{}` has no manifest.json: not a run folder, or a run that did not finish",
        folder.display())]
    NoManifest {
        /// Folder without a manifest.
        folder: PathBuf,
    },
    /// The files are of another run.
    #[error("`{}` belongs to run `{found}`, not `{expected}`", path.display())]
    OtherRun {
        /// File of the other run.
        path: PathBuf,
        /// Id of the run that the file is of.
        found: String,
        /// Id of the run that the file should be of.
        expected: String,
    },
    /// The files were written by a later version.
    #[error("`{}` has schema version {found}; this version reads up to {supported}",
        path.display())]
    NewerSchema {
        /// Manifest of the run.
        path: PathBuf,
        /// Schema version of the run.
        found: u32,
        /// Latest schema version that this version reads.
        supported: u32,
    },
    /// The bytes of a file are not those that were recorded.
    #[error("`{}` is not the file that the run recorded: expected {expected_bytes} bytes with \
        BLAKE3 `{expected}`, found {found_bytes} bytes with `{found}`", path.display())]
    Altered {
        /// File that was altered.
        path: PathBuf,
        /// BLAKE3 that is recorded, in hex.
        expected: String,
        /// Length that is recorded, in bytes.
        expected_bytes: u64,
        /// BLAKE3 of the file, in hex.
        found: String,
        /// Length of the file, in bytes.
        found_bytes: u64,
    },
    /// A file that the manifest does not list would be read as part of the run.
    #[error("`{}` is not listed in the manifest, but BI tools that read the folder would include \
        it", path.display())]
    Unlisted {
        /// File that is not listed.
        path: PathBuf,
    },
    /// The run does not have the table or text.
    #[error("the run in `{}` has no `{file}`", folder.display())]
    NoTable {
        /// Run folder.
        folder: PathBuf,
        /// Name of the missing file.
        file: String,
    },
    /// The sums of the parts of a run were removed.
    #[error("the run in `{}` no longer has the sums of its parts (`{STATE}/`), from which this is \
        computed", folder.display())]
    StateRemoved {
        /// Run folder.
        folder: PathBuf,
    },
    /// The content of a file cannot be read.
    #[error("cannot read the content of `{}`: {reason}", path.display())]
    Malformed {
        /// File with the content.
        path: PathBuf,
        /// Fault in the content.
        reason: Malformation,
    },
    /// A file is longer than any file of its kind.
    #[error("`{}` has {bytes} bytes; files of this kind are read up to {limit}", path.display())]
    TooLarge {
        /// File that is too long.
        path: PathBuf,
        /// Length of the file in bytes.
        bytes: u64,
        /// Largest length that is read, in bytes.
        limit: u64,
    },
    /// A value is infinite or NaN in a column that is never null.
    #[error("column `{column}` of `{table}` is not finite in row {row}")]
    NotFinite {
        /// Table that was written.
        table: String,
        /// Column with the value.
        column: String,
        /// Row of the value, from 0 in the order of writing.
        row: usize,
    },
    /// A column does not fit the table that it is written to.
    #[error("column `{column}` of `{table}` {problem}")]
    BadColumn {
        /// Table that was written.
        table: String,
        /// Column that does not fit.
        column: String,
        /// Fault in the column.
        problem: ColumnProblem,
    },
    /// A part, its state and the plan contradict each other.
    #[error("part {part} {problem}")]
    PartMismatch {
        /// Index of the part.
        part: u32,
        /// Contradiction.
        problem: PartProblem,
    },
    /// A line of the ledger is not an entry.
    #[error("line {line} of `{}` is not an entry of a ledger", path.display())]
    BadLedger {
        /// File of the ledger.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
    },
    /// Another process holds the ledger and does not finish.
    #[error("`{}` is in use by another process", path.display())]
    LedgerInUse {
        /// File of the ledger.
        path: PathBuf,
    },
    /// The run lacks a part that its plan has.
    #[error("part {part} of the run is missing")]
    MissingPart {
        /// Index of the first missing part.
        part: u32,
    },
    /// The encoder failed for a reason other than the operating system.
    #[error("cannot encode `{}`: {reason}", path.display())]
    Encode {
        /// File that was written.
        path: PathBuf,
        /// Message of the encoder.
        reason: String,
    },
}

impl StoreError {
    /// Returns whether a folder is taken: another process holds it or its ledger, or it has a run
    /// already.
    #[must_use]
    pub const fn is_conflict(&self) -> bool {
        matches!(
            self,
            Self::Locked { .. }
                | Self::Exists { .. }
                | Self::Unfinished { .. }
                | Self::LedgerInUse { .. }
        )
    }

    /// Returns the way out of the failure; `None` where the message is all there is to say.
    #[must_use]
    pub fn remedy(&self) -> Option<Remedy> {
        match self {
            Self::Io { operation: Operation::Write | Operation::Sync, .. } => {
                Some(Remedy::FreeSpaceAndResume)
            }
            Self::Io { cause, .. } if is_lack_of_space(cause) => Some(Remedy::FreeSpaceAndResume),
            Self::StateRemoved { .. } => Some(Remedy::SimulateAgain),
            Self::InTheWay { .. } | Self::OtherRun { .. } => Some(Remedy::MoveAwayAndRepeat),
            Self::Locked { .. } => Some(Remedy::WaitOrUseAnotherFolder),
            Self::Exists { .. } => Some(Remedy::ShowOrAnalyseAgain),
            Self::Unfinished { .. } => Some(Remedy::ResumeRun),
            Self::NoManifest { .. } => Some(Remedy::FinishRun),
            Self::NewerSchema { .. } => Some(Remedy::UseNewerVersion),
            Self::Altered { .. } => Some(Remedy::RemakeFile),
            Self::Unlisted { .. } => Some(Remedy::MoveFileAway),
            Self::Malformed { path, .. } if is_written_by_the_simulation(path) => {
                Some(Remedy::RemakeParts)
            }
            Self::Malformed { .. } => Some(Remedy::RewriteTables),
            Self::BadLedger { .. } => Some(Remedy::CorrectLedger),
            Self::LedgerInUse { .. } => Some(Remedy::RepeatLater),
            Self::Io { .. }
            | Self::NoTable { .. }
            | Self::TooLarge { .. }
            | Self::NotFinite { .. }
            | Self::BadColumn { .. }
            | Self::PartMismatch { .. }
            | Self::MissingPart { .. }
            | Self::Encode { .. } => None,
        }
    }

    pub(crate) fn io(operation: Operation, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |cause| Self::Io { operation, path, cause }
    }

    pub(crate) fn malformed(path: &Path, reason: Malformation) -> Self {
        Self::Malformed { path: path.to_path_buf(), reason }
    }
}

/// Whether the disk, a quota or a limit leaves no room. A new name needs room, too.
fn is_lack_of_space(cause: &io::Error) -> bool {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    matches!(cause.kind(), StorageFull | QuotaExceeded | FileTooLarge)
}

/// Whether a new analysis does not write the file: so it is for the manifest and the files of
/// parts.
fn is_written_by_the_simulation(path: &Path) -> bool {
    let is_in = |folder: &str| path.parent().is_some_and(|parent| parent.ends_with(folder));
    path.ends_with(MANIFEST) || is_in(STATE) || is_in(FACT_PATH)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn malformed(file: &str) -> StoreError {
        StoreError::malformed(&Path::new("run").join(file), Malformation::Panic)
    }

    #[test]
    fn tables_are_written_again_by_an_analysis_and_parts_by_the_simulation() {
        for file in ["manifest.json", "state/counts-00000.parquet", "fact_path/part-00000.parquet"]
        {
            assert_eq!(malformed(file).remedy(), Some(Remedy::RemakeParts), "{file}");
        }
        for file in ["fact_summary.parquet", "README.md"] {
            assert_eq!(malformed(file).remedy(), Some(Remedy::RewriteTables), "{file}");
        }
    }

    #[test]
    fn a_full_disk_asks_for_space_and_a_missing_file_for_nothing() {
        let failed = |operation| {
            StoreError::io(operation, Path::new("file"))(io::ErrorKind::StorageFull.into())
        };
        assert_eq!(failed(Operation::Write).remedy(), Some(Remedy::FreeSpaceAndResume));
        assert_eq!(failed(Operation::Sync).remedy(), Some(Remedy::FreeSpaceAndResume));
        for operation in [Operation::Create, Operation::CreateFolder, Operation::Rename] {
            assert_eq!(failed(operation).remedy(), Some(Remedy::FreeSpaceAndResume));
        }
        let missing = StoreError::io(Operation::Open, Path::new("file"));
        assert_eq!(missing(io::ErrorKind::NotFound.into()).remedy(), None);
    }

    #[test]
    fn messages_name_no_command() {
        let folder = PathBuf::from("run");
        for error in [
            StoreError::Locked { folder: folder.clone() },
            StoreError::Exists { folder: folder.clone() },
            StoreError::Unfinished { folder: folder.clone(), parts: 3 },
            StoreError::NoManifest { folder },
            malformed("manifest.json"),
        ] {
            let text = error.to_string();
            assert!(error.remedy().is_some() && !text.contains("hint"), "{text}");
            assert!(!text.contains("--") && !text.contains("corridor"), "{text}");
        }
    }
}
