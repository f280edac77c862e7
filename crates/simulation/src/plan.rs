//! Describes the work on one market: its clock, its signals, and the policies that share its paths.

use corridor_core::outcome::{PolicyId, ScenarioId};
use corridor_core::time::{Review, TimeGrid};

use crate::account::Account;
use crate::cost::{CostConvention, CostModel};
use crate::policy::{FlowRouting, Policy, TradeAssets, TradeRule, Trigger};
use crate::signal::ObservedSignal;

/// The work on one market. Every instance runs on the same paths.
#[derive(Clone, Debug, PartialEq)]
pub struct Simulation {
    /// Length and number of the steps of a path.
    pub grid: TimeGrid,
    /// Number of assets.
    pub assets: usize,
    /// Indices of the growth assets, whose weight is reported as exposure.
    pub growth_assets: Vec<usize>,
    /// Signals that at least one policy reads.
    pub signals: Vec<ObservedSignal>,
    /// Report horizons: the steps at which outcomes are read, increasing; the last is `grid.steps`.
    pub horizons: Vec<u32>,
    /// Policies with their accounts and costs.
    pub instances: Vec<Instance>,
}

/// One policy under the account and the costs of one scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Instance {
    /// Number of the scenario in `dim_scenario`.
    pub scenario_id: ScenarioId,
    /// Number of the policy in `dim_policy`.
    pub policy_id: PolicyId,
    /// Rebalancing rule.
    pub policy: Policy,
    /// Trading costs.
    pub costs: CostModel,
    /// Balance, flows and fees.
    pub account: Account,
}

impl Instance {
    /// Holds one unit of currency in asset number `asset` of `assets`, without trades, costs or
    /// flows: its unit value is the price of the asset.
    #[must_use]
    pub fn holding_one_asset(asset: usize, assets: usize) -> Self {
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
        Self { scenario_id: ScenarioId(0), policy_id: PolicyId(0), policy, costs, account }
    }
}

impl Simulation {
    /// Replaces the instances by others on the same market, and drops the signals that none of them
    /// reads.
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
