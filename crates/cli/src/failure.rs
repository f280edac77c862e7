//! Names every way in which a command can end badly, and the exit code of each.

use std::io;
use std::path::PathBuf;

use corridor_analysis::error::AnalysisError;
use corridor_analysis::input::SpecError;
use corridor_report::RenderError;
use corridor_store::error::{Operation, StoreError};
use corridor_study::diagnostic::Problems;

/// The run folder is taken: locked, or holding an unfinished run.
const CONFLICT: u8 = 73;
/// The system refused to read or write.
const IO: u8 = 74;

/// Why a command did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The study is refused.
    #[error(transparent)]
    Study(#[from] Problems),
    /// Results could not be stored or read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The stored parts could not be analysed.
    #[error(transparent)]
    Analysis(AnalysisError<StoreError>),
    /// Policies cannot be compared as the study wants.
    #[error(transparent)]
    Comparison(#[from] SpecError),
    /// The page of a run could not be made.
    #[error(transparent)]
    Report(#[from] RenderError),
    /// A result could not be written to standard output.
    #[error("cannot write to standard output: {0}")]
    Stdout(io::Error),
    /// The system refused threads or signal handlers.
    #[error("cannot {what}: {cause}")]
    System {
        /// What was tried.
        what: &'static str,
        /// The system's answer.
        cause: String,
    },
    /// A signal stopped the command.
    #[error("stopped by a signal; every finished part is kept\nhint: `{resume}` continues")]
    Interrupted {
        /// Exit code of the signal.
        code: u8,
        /// The command that takes up the work again.
        resume: String,
    },
    /// More assets than kernels are compiled for.
    #[error(
        "the market has {assets} assets; at most {} are possible",
        corridor_core::lanes::ASSETS_MAX
    )]
    TooManyAssets {
        /// How many.
        assets: usize,
    },
    /// A policy is to be compared with itself.
    #[error("`{policy}` is compared with itself\nhint: name two policies")]
    SamePolicy {
        /// Its name.
        policy: String,
    },
    /// A name on the command line is not one of those there are.
    #[error("there is no {what} `{name}`\nhint: choose one of {known}")]
    Unknown {
        /// What kind of thing it should be.
        what: &'static str,
        /// The name given.
        name: String,
        /// The names there are.
        known: String,
    },
    /// An option was given that a run folder cannot follow.
    #[error(
        "a run folder is what it is: `--out` finds the run of a study, and `--set`, `--paths` and \
        `--seed` change a study\nhint: name the study instead, or `corridor analyze RUN_DIR --set \
        comparison.baseline=NAME`"
    )]
    NotOfARun,
    /// A folder was named that is no run's.
    #[error("`{}` is not a run folder{}", folder.display(), hint_of_runs(below))]
    NotARun {
        /// The folder.
        folder: PathBuf,
        /// Finished runs under it, the newest first.
        below: Vec<PathBuf>,
    },
    /// No static rule has what a policy has.
    #[error(
        "`{twin}` cannot have the {what} of `{of}`, {wanted:.4}: its own goes from {from:.4} to \
        {to:.4}\nhint: give the twin another rule to start from, or leave it out"
    )]
    NoTwin {
        /// The static rule.
        twin: String,
        /// The policy it is to be the twin of.
        of: String,
        /// What they are to have in common.
        what: &'static str,
        /// How much of it the policy has.
        wanted: f64,
        /// The least that the rule can have.
        from: f64,
        /// The most.
        to: f64,
    },
    /// A study that searches is run as if it compared.
    #[error(
        "this study searches: {candidates} candidates are for `corridor search STUDY`, which finds \
        the best and writes a study of it\nhint: leave `[search]` and every `{{ search = .. }}` \
        out to compare policies"
    )]
    IsASearch {
        /// How many policies it has.
        candidates: usize,
    },
    /// A study that compares is to be searched.
    #[error(
        "this study has nothing to search\nhint: add `[search]`, and write `{{ search = {{ from = \
        0.01, to = 0.1 }} }}` for a number of a policy or signal, or sweep some"
    )]
    NothingToSearch,
    /// The primary metric says nothing about which policy is better.
    #[error(
        "`{metric}` has no better and worse, so there is no best\nhint: choose another \
        `comparison.primary_metric`, such as \"ce_growth_gamma_3\""
    )]
    NoDirection {
        /// The metric.
        metric: String,
    },
    /// A signal stopped a search, which keeps nothing unfinished.
    #[error(
        "stopped by a signal; a search keeps nothing before its end\nhint: fewer `run.paths` or \
        `search.points` take less time"
    )]
    SearchStopped {
        /// Exit code of the signal.
        code: u8,
    },
    /// The study is no longer the one the run was made from.
    #[error("`{}` holds run `{found}`, but its study now is run `{expected}`\nhint: run the study; \
    a changed simulation has a folder of its own", folder.display())]
    AnotherSimulation {
        /// The run folder.
        folder: PathBuf,
        /// Run in the folder.
        found: String,
        /// What the study compiles to.
        expected: String,
    },
    /// The stored parts do not have the path rows that the study now asks for.
    #[error("the run in `{}` keeps other path rows than the study now asks for (`path_rows = \
    \"{wanted}\"`), and rows that were not kept cannot be analysed\nhint: `corridor run` simulates \
    the parts that differ again", folder.display())]
    OtherRows {
        /// The run folder.
        folder: PathBuf,
        /// `path_rows` of the study.
        wanted: &'static str,
    },
    /// The stored parts have path rows that the study would not keep.
    #[error("the run in `{}` keeps path rows that `path_rows = \"{wanted}\"` would throw \
    away\nhint: keep them with the `path_rows` it was run with, run elsewhere with `--out DIR`, or \
    delete the folder", folder.display())]
    RowsWouldGo {
        /// The run folder.
        folder: PathBuf,
        /// `path_rows` of the study.
        wanted: &'static str,
    },
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

    /// The process's exit code.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Study(_)
            | Self::Comparison(_)
            | Self::TooManyAssets { .. }
            | Self::Unknown { .. }
            | Self::SamePolicy { .. }
            | Self::NotOfARun
            | Self::NotARun { .. }
            | Self::NoTwin { .. }
            | Self::IsASearch { .. }
            | Self::NothingToSearch
            | Self::NoDirection { .. }
            | Self::AnotherSimulation { .. }
            | Self::OtherRows { .. }
            | Self::RowsWouldGo { .. } => Self::USAGE,
            Self::Store(StoreError::NoManifest { .. } | StoreError::NoTable { .. }) => Self::USAGE,
            Self::Store(error) if error.is_conflict() => CONFLICT,
            Self::Store(_)
            | Self::Analysis(_)
            | Self::Report(_)
            | Self::Stdout(_)
            | Self::System { .. } => IO,
            Self::Interrupted { code, .. } | Self::SearchStopped { code } => *code,
        }
    }

    /// What the user is told.
    #[must_use]
    pub fn render(&self, color: bool) -> String {
        match self {
            Self::Study(problems) => problems.render(color),
            Self::Interrupted { .. } | Self::SearchStopped { .. } => self.to_string(),
            // A disk that is full or a file that is too large: what is finished stays.
            Self::Store(
                error @ StoreError::Io { operation: Operation::Write | Operation::Sync, .. },
            ) => {
                format!(
                    "error: {error}\nhint: finished parts are kept; once there is room, `corridor \
                    run STUDY --resume` continues"
                )
            }
            Self::Store(_)
            | Self::Analysis(_)
            | Self::Report(_)
            | Self::Comparison(_)
            | Self::Stdout(_)
            | Self::System { .. }
            | Self::TooManyAssets { .. }
            | Self::Unknown { .. }
            | Self::SamePolicy { .. }
            | Self::NotOfARun
            | Self::NotARun { .. }
            | Self::NoTwin { .. }
            | Self::IsASearch { .. }
            | Self::NothingToSearch
            | Self::NoDirection { .. }
            | Self::AnotherSimulation { .. }
            | Self::OtherRows { .. }
            | Self::RowsWouldGo { .. } => format!("error: {self}"),
        }
    }
}
