//! Makes studies with nothing but the features that a test adds: no cost, no fee, no flow, a review
//! at every step.

use corridor_core::outcome::{PolicyId, ScenarioId};
use corridor_core::time::{Review, Step, TimeGrid};
use corridor_simulation::account::Account;
use corridor_simulation::cost::{CostConvention, CostModel};
use corridor_simulation::plan::{Instance, Simulation};
use corridor_simulation::policy::{FlowRouting, Policy, TradeAssets, TradeRule, Trigger};

/// Makes a rule that is reviewed at every step and trades to its target without costs, with an
/// initial balance of 1.
pub fn instance(policy_id: PolicyId, target: &[f64], trigger: Trigger) -> Instance {
    Instance {
        scenario_id: ScenarioId(0),
        policy_id,
        policy: Policy {
            target: target.to_vec(),
            moving: None,
            review: Review::EverySteps { steps: 1, phase_steps: 0 },
            trigger,
            trade: TradeRule::ToTarget,
            trade_assets: TradeAssets::All,
            cash_flows: FlowRouting::TargetWeights,
            cooldown_steps: 0,
            min_trade_frac: 0.0,
            max_turnover_frac: f64::INFINITY,
            execution_lag_steps: 0,
        },
        costs: CostModel {
            one_way: vec![0.0; target.len()],
            fixed_fee: 0.0,
            spread_multiplier: Vec::new(),
            convention: CostConvention::Exact,
            charge_flows: true,
            charge_initial_purchase: false,
        },
        account: Account { initial: 1.0, fee_per_step: 0.0, flows: Vec::new() },
    }
}

/// Puts instances on one clock, with outcomes at the end; the first asset is the growth asset.
pub fn simulation(step: Step, steps: u32, instances: Vec<Instance>) -> Simulation {
    let assets = instances[0].policy.target.len();
    Simulation {
        grid: TimeGrid { step, steps },
        assets,
        growth_assets: vec![0],
        signals: Vec::new(),
        horizons: vec![steps],
        instances,
    }
}
