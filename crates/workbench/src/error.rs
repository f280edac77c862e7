//! Lists every error of the library.
//!
//! Messages use the words of the domain and name no command, option or exit code. A program with
//! commands adds the one that helps.

use std::path::{Path, PathBuf};

use corridor_analysis::error::AnalysisError;
use corridor_analysis::input::SpecError;
use corridor_report::{RenderError, Unknown};
use corridor_store::error::StoreError;
use corridor_study::diagnostic::Problems;

/// An error of the library. Finished parts of a run are kept in any case.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The study is refused.
    #[error(transparent)]
    Study(#[from] Problems),
    /// Results could not be stored or read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The stored parts do not fit the plan.
    #[error(transparent)]
    Analysis(AnalysisError<StoreError>),
    /// Policies cannot be compared as the study asks.
    #[error(transparent)]
    Comparison(#[from] SpecError),
    /// The page of a run could not be made.
    #[error(transparent)]
    Report(#[from] RenderError),
    /// A run or study lacks the named policy, scenario, metric or horizon.
    #[error(transparent)]
    Unknown(#[from] Unknown),
    /// The monitor asked to stop.
    #[error("stopped on request; every finished part is kept")]
    Cancelled,
    /// The system refused to start threads.
    #[error("cannot start threads: {cause}")]
    Threads {
        /// Error message of the system.
        cause: String,
    },
    /// The market has more assets than kernels are compiled for.
    #[error(
        "the market has {assets} assets; at most {} are possible",
        corridor_core::lanes::ASSETS_MAX
    )]
    TooManyAssets {
        /// Number of assets of the market.
        assets: usize,
    },
    /// A policy is to be compared with itself.
    #[error("`{policy}` is compared with itself\nhint: name two policies")]
    SamePolicy {
        /// Name of the policy.
        policy: String,
    },
    /// No static rule has the exposure or turnover of another policy.
    #[error(
        "`{twin}` cannot have the {what} of `{of}`, {wanted:.4}: its own goes from {from:.4} to \
        {to:.4}\nhint: give the twin another rule to start from, or leave it out"
    )]
    NoTwin {
        /// Name of the static rule.
        twin: String,
        /// Name of the policy whose twin is wanted.
        of: String,
        /// Quantity that both must share, in words.
        what: &'static str,
        /// Value of the quantity under the policy.
        wanted: f64,
        /// Least value that the rule reaches.
        from: f64,
        /// Largest value that the rule reaches.
        to: f64,
    },
    /// A study that searches cannot be run as a comparison.
    #[error("this study searches: {candidates} candidates are tried, and the best one is found")]
    IsASearch {
        /// Number of candidates.
        candidates: usize,
    },
    /// A study that compares has nothing to search.
    #[error(
        "this study has nothing to search\nhint: add `[search]`, and write `{{ search = {{ from = \
        0.01, to = 0.1 }} }}` for a number of a policy or signal, or sweep some"
    )]
    NothingToSearch,
    /// The primary metric has no better and worse, so a search cannot rank by it.
    #[error(
        "`{metric}` has no better and worse, so there is no best\nhint: choose another \
        `comparison.primary_metric`, such as \"ce_growth_gamma_3\""
    )]
    NoDirection {
        /// Name of the metric.
        metric: String,
    },
    /// The folder holds the run of another simulation.
    #[error(
        "`{}` holds run `{found}`, but its study now is run `{expected}`\nhint: {}",
        folder.display(),
        way_to_own_folder(folder, expected)
    )]
    AnotherSimulation {
        /// Path of the run folder.
        folder: PathBuf,
        /// Id of the run in the folder.
        found: String,
        /// Id of the run that the study compiles to.
        expected: String,
    },
    /// The stored parts lack path rows that the study asks for.
    #[error(
        "the run in `{}` keeps other path rows than the study now asks for (`path_rows = \
        \"{wanted}\"`), and rows that were not kept cannot be analysed",
        folder.display()
    )]
    OtherRows {
        /// Path of the run folder.
        folder: PathBuf,
        /// Value of `path_rows` in the study.
        wanted: &'static str,
    },
    /// The stored parts keep path rows that the study would delete.
    #[error(
        "the run in `{}` keeps path rows that `path_rows = \"{wanted}\"` would throw away",
        folder.display()
    )]
    RowsWouldBeDeleted {
        /// Path of the run folder.
        folder: PathBuf,
        /// Value of `path_rows` in the study.
        wanted: &'static str,
    },
    /// A table could not be written as CSV.
    #[error("cannot write CSV: {cause}")]
    Csv {
        /// Error message of the CSV writer.
        cause: String,
    },
    /// The study of a winner could not be written out.
    #[error("cannot write the winner's study: {cause}")]
    Winner {
        /// Error message of the study writer.
        cause: String,
    },
}

/// Converts an error of an analysis; an error of reading becomes [`Error::Store`].
impl From<AnalysisError<StoreError>> for Error {
    fn from(error: AnalysisError<StoreError>) -> Self {
        match error {
            AnalysisError::Read(error) => Self::Store(error),
            AnalysisError::Cancelled(_) => Self::Cancelled,
            other => Self::Analysis(other),
        }
    }
}

/// Says how a run gets a folder of its own that holds no other run.
fn way_to_own_folder(folder: &Path, expected: &str) -> &'static str {
    if folder.file_name().is_some_and(|name| name == expected) {
        "move the folder away: it has the name of a run that it does not hold"
    } else {
        "run the study; a changed simulation has a folder of its own"
    }
}
