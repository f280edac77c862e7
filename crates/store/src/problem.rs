//! Names the ways in which stored or offered content is wrong.

/// A fault in the content of a file that was read.
#[derive(Debug, thiserror::Error)]
pub enum Malformation {
    /// The file is not the JSON that it should be.
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    /// The Parquet reader refused the file.
    #[error("{0}")]
    Parquet(String),
    /// The Parquet reader panicked on the file.
    #[error("the Parquet reader cannot decode it")]
    Panic,
    /// A column is missing or has another type.
    #[error("column `{0}` is missing or has another type")]
    Column(String),
    /// The number of rows is not the recorded one.
    #[error("it has {found} rows instead of {expected}")]
    Rows {
        /// Number of rows that is recorded.
        expected: u64,
        /// Number of rows in the file.
        found: u64,
    },
    /// The file lists a file outside the run folder.
    #[error("it lists the file `{0}`, which is outside the run folder")]
    FileName(String),
    /// The file describes a part whose files or row counts do not fit its range of paths.
    #[error("its record of part {0} is inconsistent")]
    Part(u32),
    /// The rows are not one block per cell.
    #[error("its rows are not one block of paths per scenario, policy and horizon")]
    Cells,
}

/// A fault in a column that is to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ColumnProblem {
    /// The column is longer or shorter than the others.
    #[error("is not as long as the other columns")]
    Length,
    /// The name is not snake_case ASCII.
    #[error("is not named in snake_case ASCII")]
    Name,
    /// Another column has the name, ignoring case.
    #[error("has the name of another column")]
    Duplicate,
    /// The chunks of one table have different columns.
    #[error("is not in every chunk of the table")]
    Chunk,
}

/// A contradiction between a part, its state and the plan of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PartProblem {
    /// The plan of the run has no such part.
    #[error("is not in the plan of the run")]
    Unplanned,
    /// The part was written before.
    #[error("is finished already")]
    Finished,
    /// The part covers other paths than the plan says.
    #[error("does not cover the paths of the plan")]
    PathRange,
    /// The state is of another part or of other paths.
    #[error("has the state of other paths")]
    State,
    /// The number of cells is not that of the plan.
    #[error("does not have the number of cells of the plan")]
    CellCount,
    /// The cells are not in increasing order of their ids.
    #[error("has cells out of order")]
    CellOrder,
    /// More path rows are to be kept than the part has paths.
    #[error("keeps more path rows than it has paths")]
    KeptPaths,
    /// The columns of a cell are not as long as the part has paths.
    #[error("has cells with another number of paths")]
    CellLength,
    /// The record does not list one file for each table of the state.
    #[error("does not list the files of its state")]
    StateFiles,
}
