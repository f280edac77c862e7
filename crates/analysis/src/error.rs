//! Names the reasons for which a run cannot be analysed.

use corridor_core::cancel::Cancelled;
use corridor_core::outcome::{CellId, PolicyId};

use crate::fold::FoldError;

/// Why a run could not be analysed. `E` is the error of the source of states and rows.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum AnalysisError<E> {
    /// States or rows could not be read.
    #[error(transparent)]
    Read(E),
    /// The states are not those of one run, in order.
    #[error(transparent)]
    Fold(FoldError),
    /// The run has no finished part.
    #[error("the run has no finished part")]
    Empty,
    /// A state has a cell whose scenario, policy or horizon the study lacks.
    #[error("scenario {}, policy {}, horizon {} months of the state is not in the \
    study", .0.scenario_id, .0.policy_id, .0.horizon_months)]
    UnknownCell(CellId),
    /// The study compares a policy with one that does not exist.
    #[error("policy {policy} is compared with policy {with}, but there are {policies} policies")]
    UnknownBaseline {
        /// Id of the policy that is compared.
        policy: PolicyId,
        /// Id of its baseline.
        with: PolicyId,
        /// Number of policies of the study.
        policies: usize,
    },
    /// The run kept no sums over the paths of a pair of policies.
    #[error("the state has no sums over the pair of policies {} and {}\nhint: above {} policies \
    only declared comparisons are kept; declare this one and run \
    again", .policy, .with, crate::paired::ALL_PAIRS_MAX_POLICIES)]
    PairNotKept {
        /// Id of the policy that is compared.
        policy: PolicyId,
        /// Id of its baseline.
        with: PolicyId,
    },
    /// The states were not made from these path rows.
    #[error("path rows behind `{metric}` of scenario {}, policy {}, horizon {} months do not agree \
    with the state\nhint: files of two runs are mixed, or one is damaged; simulate \
    the run again", .cell.scenario_id, .cell.policy_id, .cell.horizon_months)]
    RowsDisagree {
        /// Name of the metric whose values disagree.
        metric: &'static str,
        /// Scenario, policy and horizon of the rows.
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
