//! Names what can stop an analysis.

use corridor_core::cancel::Cancelled;
use corridor_core::outcome::CellId;

use crate::fold::FoldError;

/// Why a run could not be analysed. `E` is the error of whatever the states and rows are read from.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum AnalysisError<E> {
    /// States or rows could not be read.
    #[error(transparent)]
    Read(E),
    /// The states do not make a run.
    #[error(transparent)]
    Fold(FoldError),
    /// There is no part.
    #[error("the run has no finished part")]
    Empty,
    /// A cell of the state is not in the study.
    #[error("scenario {}, policy {}, horizon {} months of the state is not in the \
    study", .0.scenario_id, .0.policy_id, .0.horizon_months)]
    UnknownCell(CellId),
    /// The study compares a policy that does not exist.
    #[error("policy {policy} is compared with policy {with}, but there are {policies} policies")]
    UnknownBaseline {
        /// The policy.
        policy: u32,
        /// The one it is compared with.
        with: u32,
        /// How many there are.
        policies: usize,
    },
    /// The sums over a pair of policies were not kept.
    #[error("the state has no sums over the pair of policies {} and {}\nhint: above {} policies \
    only declared comparisons are kept; declare this one and run \
    again", .policy, .with, crate::reduce::ALL_PAIRS_MAX_POLICIES)]
    PairNotKept {
        /// The policy.
        policy: u32,
        /// The one it is compared with.
        with: u32,
    },
    /// Path rows are not those that the state was made from.
    #[error("path rows behind `{metric}` of scenario {}, policy {}, horizon {} months do not agree \
    with the state\nhint: files of two runs are mixed, or one is damaged; run \
    `verify`", .cell.scenario_id, .cell.policy_id, .cell.horizon_months)]
    RowsDisagree {
        /// The metric.
        metric: &'static str,
        /// The cell.
        cell: CellId,
    },
    /// The caller asked to stop.
    #[error("the analysis was {0}")]
    Cancelled(Cancelled),
}

impl<E> From<Cancelled> for AnalysisError<E> {
    fn from(cancelled: Cancelled) -> Self {
        Self::Cancelled(cancelled)
    }
}
