//! Holds everything the kernel needs about one market: the clock, the signals and the instances
//! that share its paths.

use corridor_core::time::{Review, TimeGrid};

use crate::account::Account;
use crate::cost::{CostConvention, CostModel};
use crate::policy::{FlowRouting, Policy, TradeAssets, TradeRule, Trigger};
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

impl Instance {
    /// One unit of currency in a single one of so many assets, untouched and for free: its unit
    /// value is the asset's price.
    #[must_use]
    pub fn of_asset(asset: usize, assets: usize) -> Self {
        let policy = Policy {
            target: (0..assets).map(|i| f64::from(u8::from(i == asset))).collect(),
            moving: None,
            review: Review::EverySteps { steps: 1, phase_steps: 0 },
            trigger: Trigger::Never,
            trade: TradeRule::ToTarget,
            trade_assets: TradeAssets::All,
            cash_flows: FlowRouting::TargetWeights,
            cooldown_steps: 0,
            min_trade_frac: 0.0,
            max_turnover_frac: f64::INFINITY,
            execution_lag_steps: 0,
        };
        let costs = CostModel {
            one_way: vec![0.0; assets],
            fixed_fee: 0.0,
            spread_multiplier: Vec::new(),
            convention: CostConvention::Pre,
            charge_flows: false,
            charge_initial_purchase: false,
        };
        let account = Account { initial: 1.0, fee_per_step: 0.0, flows: Vec::new() };
        Self { scenario_id: 0, policy_id: 0, policy, costs, account }
    }
}

impl Simulation {
    /// The same market with these instances, which read its signals; signals that none of them
    /// reads are left out.
    #[must_use]
    pub fn with_instances(&self, mut instances: Vec<Instance>) -> Self {
        let mut read: Vec<usize> =
            instances.iter().flat_map(|instance| instance.policy.signals()).collect();
        read.sort_unstable();
        read.dedup();
        for signal in instances.iter_mut().flat_map(|instance| instance.policy.signals_mut()) {
            *signal = read.binary_search(signal).unwrap_or(0);
        }
        Self {
            signals: read.iter().map(|&signal| self.signals[signal].clone()).collect(),
            instances,
            ..self.clone()
        }
    }
}
