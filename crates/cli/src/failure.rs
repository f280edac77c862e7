//! Lists every way in which a command can fail, with its exit code and the command that helps.

use std::io;
use std::path::PathBuf;

use corridor_report::{Thing, Unknown};
use corridor_store::error::StoreError;
use corridor_workbench::Error;

use crate::hint;

/// Exit code if the run folder is locked or holds an unfinished run.
const CONFLICT: u8 = 73;
/// Exit code if the system refuses to read or write.
const IO: u8 = 74;

/// The reason why a command did not do its work.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The library did not do it.
    #[error("{error}{}", hint::for_error(error))]
    Work {
        /// The library's error.
        error: Error,
    },
    /// A result could not be written to standard output.
    #[error("cannot write to standard output: {0}")]
    Stdout(io::Error),
    /// The system refused signal handlers or a file.
    #[error("cannot {what}: {cause}")]
    System {
        /// The refused action, such as `listen to signals`.
        what: &'static str,
        /// The system's error message.
        cause: String,
    },
    /// A signal stopped the command.
    #[error("stopped by a signal; every finished part is kept\nhint: `{resume}` continues")]
    Interrupted {
        /// Exit code of the signal.
        code: u8,
        /// The command that continues the work.
        resume: String,
    },
    /// A signal stopped a search, which keeps nothing before its end.
    #[error(
        "stopped by a signal; a search keeps nothing before its end\nhint: fewer `run.paths` or \
        `search.points` take less time"
    )]
    SearchStopped {
        /// Exit code of the signal.
        code: u8,
    },
    /// An option was given that does not apply to a run folder.
    #[error(
        "a run folder does not take this option: `--out` finds the run of a study, and `--set`, \
        `--paths` and `--seed` change a study\nhint: name the study instead, or \
        `corridor analyze RUN_DIR --set comparison.baseline=NAME`; for another margin, `corridor \
        show RUN_DIR --margin METRIC=VALUE`"
    )]
    NotOfARun,
    /// The named folder does not hold a finished run.
    #[error("`{}` is not a run folder{}", folder.display(), hint_of_runs(below))]
    NotARun {
        /// The named folder.
        folder: PathBuf,
        /// Finished runs below the folder, the newest first.
        below: Vec<PathBuf>,
    },
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Work { error }
    }
}

fn hint_of_runs(below: &[PathBuf]) -> String {
    match below.first() {
        None => "\nhint: name the folder that `corridor run` printed last, or the study".to_owned(),
        Some(newest) => format!(
            "; {} finished runs are under it\nhint: the newest is `{}`",
            below.len(),
            newest.display()
        ),
    }
}

impl Failure {
    /// Exit code of bad usage, a bad study or a refused plan.
    pub const USAGE: u8 = 2;

    /// Returns the failure for an unknown name on the command line; `known` lists the valid ones.
    #[must_use]
    pub fn unknown<N: Into<String>>(
        what: Thing,
        name: &str,
        known: impl IntoIterator<Item = N>,
    ) -> Self {
        Error::from(Unknown::new(what, name, known)).into()
    }

    /// Returns the exit code of the process.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Work { error } => exit_code_of(error),
            Self::NotOfARun | Self::NotARun { .. } => Self::USAGE,
            Self::Stdout(_) | Self::System { .. } => IO,
            Self::Interrupted { code, .. } | Self::SearchStopped { code } => *code,
        }
    }

    /// Returns the message for the user, colored if `color`.
    #[must_use]
    pub fn render(&self, color: bool) -> String {
        match self {
            Self::Work { error: Error::Study(problems) } => {
                hint::problems_with_commands(problems).render(color)
            }
            Self::Interrupted { .. } | Self::SearchStopped { .. } => self.to_string(),
            Self::Work { .. }
            | Self::Stdout(_)
            | Self::System { .. }
            | Self::NotOfARun
            | Self::NotARun { .. } => format!("error: {self}"),
        }
    }
}

fn exit_code_of(error: &Error) -> u8 {
    match error {
        Error::Study(_)
        | Error::Comparison(_)
        | Error::TooManyAssets { .. }
        | Error::Unknown(_)
        | Error::SamePolicy { .. }
        | Error::NoTwin { .. }
        | Error::IsASearch { .. }
        | Error::NothingToSearch
        | Error::NoDirection { .. }
        | Error::AnotherSimulation { .. }
        | Error::OtherRows { .. }
        | Error::RowsWouldBeDeleted { .. }
        | Error::Store(
            StoreError::NoManifest { .. }
            | StoreError::NoTable { .. }
            | StoreError::StateRemoved { .. },
        ) => Failure::USAGE,
        Error::Store(error) if error.is_conflict() => CONFLICT,
        Error::Store(_)
        | Error::Analysis(_)
        | Error::Report(_)
        | Error::Threads { .. }
        | Error::Csv { .. }
        | Error::Winner { .. }
        | Error::Cancelled => IO,
    }
}
