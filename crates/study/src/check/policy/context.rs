//! Gives a rule what it is checked against: assets, target, costs and signals by name.

use corridor_core::time::TimeGrid;

use crate::check::scope::Scope;
use crate::check::signal::CheckedSignal;
use crate::diagnostic::Id;
use crate::tree::Path;
use crate::wording::{did_you_mean, quoted};

/// Market, account and signals of one corner that a rule is checked against.
#[derive(Clone, Debug)]
pub(crate) struct PolicyContext<'a> {
    pub assets: &'a [String],
    /// Target weights of the account, in asset order.
    pub target: &'a [f64],
    /// Indices of the growth assets.
    pub growth_assets: &'a [usize],
    /// Groups of assets, by name.
    pub groups: &'a [(String, Vec<usize>)],
    /// One-way proportional cost of each asset, as a fraction of the traded value.
    pub one_way: &'a [f64],
    /// Covariance of one step's log returns; `None` for a history.
    pub step_covariance: Option<&'a [Vec<f64>]>,
    pub grid: TimeGrid,
    /// Signals of this rule, in the corner that it takes of them.
    pub signals: Vec<KnownSignal<'a>>,
    /// Names of all signals that the study declares.
    pub declared: &'a [&'a str],
    /// Whether the market is a stand-in for one with problems.
    pub stand_in: bool,
}

/// A signal that a rule may read.
#[derive(Clone, Debug)]
pub(crate) struct KnownSignal<'a> {
    /// The name that the rule uses.
    pub written: &'a str,
    /// The name in the resolved study.
    pub name: &'a str,
    /// Index among the study's signals.
    pub index: usize,
    pub checked: &'a CheckedSignal,
}

impl PolicyContext<'_> {
    /// The signal that a rule names `name`; one that the study does not declare is reported below
    /// `path`.
    pub fn signal(
        &self,
        name: &str,
        path: &Path<'_>,
        scope: &Scope<'_>,
    ) -> Option<&KnownSignal<'_>> {
        let known = self.signals.iter().find(|known| known.written == name);
        if known.is_none() && !self.declared.contains(&name) {
            scope.error(
                &path.key("signal"),
                Id::UnknownSignal,
                format!("no signal is called `{}`", quoted(name)),
                did_you_mean(name, self.declared),
            );
        }
        known
    }
}
