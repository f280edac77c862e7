//! Names every reason for which work was not done.
//!
//! The words are those of the domain: no command, no option and no exit code. A face that has
//! commands adds the one that helps.

use std::path::PathBuf;

use corridor_analysis::error::AnalysisError;
use corridor_analysis::input::SpecError;
use corridor_report::{RenderError, Unknown};
use corridor_store::error::StoreError;
use corridor_study::diagnostic::Problems;

/// A reason for which work was not done. Finished parts of a run stay whatever happens.
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
    /// Policies cannot be compared as the study wants.
    #[error(transparent)]
    Comparison(#[from] SpecError),
    /// The page of a run could not be made.
    #[error(transparent)]
    Report(#[from] RenderError),
    /// A run has no policy, scenario, metric or horizon of the name asked for.
    #[error(transparent)]
    Unknown(#[from] Unknown),
    /// The monitor asked to stop.
    #[error("stopped on request; every finished part is kept")]
    Cancelled,
    /// The system refused to start threads.
    #[error("cannot start threads: {cause}")]
    Threads {
        /// The system's answer.
        cause: String,
    },
    /// The market has more assets than kernels are compiled for.
    #[error(
        "the market has {assets} assets; at most {} are possible",
        corridor_core::lanes::ASSETS_MAX
    )]
    TooManyAssets {
        /// Number of assets.
        assets: usize,
    },
    /// A policy is to be compared with itself.
    #[error("`{policy}` is compared with itself\nhint: name two policies")]
    SamePolicy {
        /// Its name.
        policy: String,
    },
    /// No static rule has the exposure or turnover of another policy.
    #[error(
        "`{twin}` cannot have the {what} of `{of}`, {wanted:.4}: its own goes from {from:.4} to \
        {to:.4}\nhint: give the twin another rule to start from, or leave it out"
    )]
    NoTwin {
        /// The static rule.
        twin: String,
        /// The policy whose twin it is to be.
        of: String,
        /// The quantity that both are to share.
        what: &'static str,
        /// The policy's value of it.
        wanted: f64,
        /// Least value that the rule reaches.
        from: f64,
        /// Largest value that the rule reaches.
        to: f64,
    },
    /// A study that searches is run as if it compared.
    #[error("this study searches: {candidates} candidates are tried, and the best one is found")]
    IsASearch {
        /// Number of candidates.
        candidates: usize,
    },
    /// A study that compares is searched.
    #[error(
        "this study has nothing to search\nhint: add `[search]`, and write `{{ search = {{ from = \
        0.01, to = 0.1 }} }}` for a number of a policy or signal, or sweep some"
    )]
    NothingToSearch,
    /// The primary metric has no better and worse.
    #[error(
        "`{metric}` has no better and worse, so there is no best\nhint: choose another \
        `comparison.primary_metric`, such as \"ce_growth_gamma_3\""
    )]
    NoDirection {
        /// The metric.
        metric: String,
    },
    /// The folder has the run of another simulation.
    #[error(
        "`{}` holds run `{found}`, but its study now is run `{expected}`\nhint: run the study; a \
        changed simulation has a folder of its own",
        folder.display()
    )]
    AnotherSimulation {
        /// The run folder.
        folder: PathBuf,
        /// Run in the folder.
        found: String,
        /// Run that the study compiles to.
        expected: String,
    },
    /// The stored parts lack path rows that the study asks for.
    #[error(
        "the run in `{}` keeps other path rows than the study now asks for (`path_rows = \
        \"{wanted}\"`), and rows that were not kept cannot be analysed",
        folder.display()
    )]
    OtherRows {
        /// The run folder.
        folder: PathBuf,
        /// `path_rows` of the study.
        wanted: &'static str,
    },
    /// The stored parts have path rows that the study would not keep.
    #[error(
        "the run in `{}` keeps path rows that `path_rows = \"{wanted}\"` would throw away",
        folder.display()
    )]
    RowsWouldGo {
        /// The run folder.
        folder: PathBuf,
        /// `path_rows` of the study.
        wanted: &'static str,
    },
    /// A table could not be written as CSV.
    #[error("cannot write CSV: {cause}")]
    Csv {
        /// What went wrong.
        cause: String,
    },
    /// The study of a winner could not be written out.
    #[error("cannot write the winner's study: {cause}")]
    Winner {
        /// What went wrong.
        cause: String,
    },
}

/// Errors of an analysis: those of reading belong to the store.
impl From<AnalysisError<StoreError>> for Error {
    fn from(error: AnalysisError<StoreError>) -> Self {
        match error {
            AnalysisError::Read(error) => Self::Store(error),
            AnalysisError::Cancelled(_) => Self::Cancelled,
            other => Self::Analysis(other),
        }
    }
}
