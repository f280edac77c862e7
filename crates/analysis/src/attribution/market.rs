//! Holds the totals of one market's policies and signals on the paths that were followed.

use corridor_core::outcome::{PolicyId, ScenarioId};
use corridor_core::time::TimeGrid;

use super::detection::{DetectionCounts, FollowedSignal};
use super::totals::RegimeTotals;
use crate::by_path::mean;
use crate::control::Holder;
use crate::estimate::Estimate;

/// Basis points in a fraction of 1.
pub(super) const BPS: f64 = 1e4;

/// Totals of all policies of one market on the paths that were followed.
#[derive(Clone, Debug)]
pub struct FollowedMarket<'a> {
    /// Length and number of the steps of a path.
    pub grid: TimeGrid,
    /// Number of regimes.
    pub regimes: usize,
    /// Ids of the scenarios that have this market.
    pub scenario_ids: &'a [ScenarioId],
    /// Policies of these scenarios, with their targets.
    pub policies: Vec<Holder<'a>>,
    /// Totals of each path, policy and regime: `[path][policy][regime]`.
    pub totals: Vec<Vec<Vec<RegimeTotals>>>,
    /// Log growth of each asset over the whole path: `[path][asset]`.
    pub asset_growth: Vec<Vec<f64>>,
    /// Signals that should detect regimes.
    pub signals: Vec<FollowedSignal<'a>>,
    /// Alarm counts of each path and signal: `[path][signal]`.
    pub detections: Vec<Vec<DetectionCounts>>,
}

impl FollowedMarket<'_> {
    /// Years of a path.
    pub(super) fn years(&self) -> f64 {
        self.grid.years(self.grid.steps)
    }

    /// Index of another policy under the scenario of the policy with index `place`.
    pub(super) fn place_of(&self, place: usize, policy: PolicyId) -> Option<usize> {
        self.policies.iter().position(|other| {
            other.scenario_id == self.policies[place].scenario_id && other.policy_id == policy
        })
    }

    /// Estimates the mean over paths of a quantity of each regime, in basis points a year: summed
    /// over all regimes, or in regime `only`.
    pub(super) fn annual_bps(
        &self,
        replicate_paths: usize,
        only: Option<usize>,
        number: impl Fn(&[Vec<RegimeTotals>], usize) -> f64,
    ) -> Estimate {
        let (years, number) = (self.years(), &number);
        let of_path = move |path: &Vec<Vec<RegimeTotals>>| {
            let sum: f64 = (0..self.regimes)
                .filter(|regime| only.is_none_or(|only| only == *regime))
                .map(|regime| number(path, regime))
                .sum();
            BPS * sum / years
        };
        mean(replicate_paths, self.totals.iter().map(of_path))
    }
}
