//! Holds everything the kernel needs about one market: the clock, the signals and the instances that share its paths.

use corridor_core::time::TimeGrid;

use crate::account::Account;
use crate::cost::CostModel;
use crate::policy::Policy;
use crate::signal::ObservedSignal;

/// One market's work: every instance runs on the same paths.
#[derive(Clone, Debug, PartialEq)]
pub struct Simulation {
    /// Clock of the paths.
    pub grid: TimeGrid,
    /// Number of assets.
    pub assets: usize,
    /// Indices of the assets whose weight is reported as growth exposure.
    pub growth_assets: Vec<usize>,
    /// Signals that some policy reads.
    pub signals: Vec<ObservedSignal>,
    /// Steps at which outcomes are reported, increasing; the last is `grid.steps`.
    pub horizons: Vec<u32>,
    /// What runs on the paths.
    pub instances: Vec<Instance>,
}

/// One policy under one scenario's account and costs.
#[derive(Clone, Debug, PartialEq)]
pub struct Instance {
    /// Scenario, as in `dim_scenario`.
    pub scenario_id: u32,
    /// Policy, as in `dim_policy`.
    pub policy_id: u32,
    /// The rule.
    pub policy: Policy,
    /// What trading costs.
    pub costs: CostModel,
    /// Balance, flows and fees.
    pub account: Account,
}

impl Simulation {
    /// The same market with these instances, which read its signals; signals that none of them reads are left out.
    #[must_use]
    pub fn with_instances(&self, mut instances: Vec<Instance>) -> Self {
        let mut read: Vec<usize> = instances.iter().flat_map(|instance| instance.policy.signals()).collect();
        read.sort_unstable();
        read.dedup();
        for signal in instances.iter_mut().flat_map(|instance| instance.policy.signals_mut()) {
            *signal = read.binary_search(signal).unwrap_or(0);
        }
        Self { signals: read.iter().map(|&signal| self.signals[signal].clone()).collect(), instances, ..self.clone() }
    }
}
