//! Describes the reference job: 4 assets, 3 regimes, 360 months, 10 bp, 8 policies.

use corridor_core::outcome::{PolicyId, ScenarioId};
use corridor_core::time::{Review, Step, TimeGrid};
use corridor_scenario::regime_switching::{Initial, Innovations, MeanIs, Regime, RegimeSwitching};
use corridor_simulation::account::Account;
use corridor_simulation::cost::{CostConvention, CostModel};
use corridor_simulation::plan::{Instance, Simulation};
use corridor_simulation::policy::{
    Corridor, FlowRouting, Policy, ScaleFactor, ScaleForm, TradeAssets, TradeRule, Trigger,
};
use corridor_simulation::signal::{EwmaVol, Series, Signal};

pub const ASSETS: usize = 4;
pub const REGIMES: usize = 3;
pub const POLICIES: usize = 8;
pub const TARGET: [f64; ASSETS] = [0.40, 0.20, 0.30, 0.10];
pub const COST: f64 = 0.001;
pub const LAMBDA: f64 = 0.938_930_910_661_951_4; // half-life of 11 months
pub const REFERENCE_VOL: f64 = 0.16;
pub const TRANSITION: [[f64; 3]; 3] =
    [[0.9265, 0.0176, 0.0559], [0.0149, 0.9851, 0.0], [0.0685, 0.0, 0.9315]];
pub const MEAN: [[f64; 4]; 3] = [
    [0.0121, 0.0114, 0.0004, 0.0016],
    [0.0107, 0.003, 0.0044, 0.0035],
    [-0.0005, -0.005, 0.0076, 0.0016],
];
pub const VOL: [[f64; 4]; 3] = [
    [0.025, 0.0275, 0.0166, 0.0017],
    [0.0411, 0.0488, 0.0224, 0.0014],
    [0.0596, 0.0601, 0.0244, 0.0016],
];
pub const CORRELATION: [[f64; 3]; 3] =
    [[0.653, -0.203, -0.1], [0.558, 0.539, 0.392], [0.894, -0.351, -0.316]];

/// Returns the full correlation matrix of a regime; the fourth asset is uncorrelated.
pub fn correlation(regime: usize) -> Vec<Vec<f64>> {
    let [ab, ac, bc] = CORRELATION[regime];
    vec![
        vec![1.0, ab, ac, 0.0],
        vec![ab, 1.0, bc, 0.0],
        vec![ac, bc, 1.0, 0.0],
        vec![0.0, 0.0, 0.0, 1.0],
    ]
}

pub fn market() -> RegimeSwitching {
    RegimeSwitching {
        assets: ["us", "intl", "note", "bill"].map(String::from).to_vec(),
        step: Step::Month,
        chain_period_steps: 1,
        moments_per_year: 12,
        mean_is: MeanIs::Log,
        transition: TRANSITION.iter().map(|row| row.to_vec()).collect(),
        initial: Initial::Stationary,
        innovations: Innovations::Gaussian,
        regimes: (0..REGIMES)
            .map(|s| Regime {
                name: format!("r{s}"),
                mean: MEAN[s].to_vec(),
                vol: VOL[s].to_vec(),
                correlation: correlation(s),
            })
            .collect(),
        correlation_chain: None,
        dynamics: corridor_scenario::dynamics::Dynamics::default(),
    }
}

/// Names of the eight rules, in the order of the simulation.
pub const RULES: [&str; POLICIES] = [
    "hold",
    "monthly",
    "quarterly",
    "annual",
    "absolute 5",
    "relative 20",
    "absolute 5 half way",
    "vol-scaled 5",
];

/// Returns the simulation of the job; the eight rules repeat until there are `policies`.
pub fn simulation(convention: CostConvention, steps: u32, policies: usize) -> Simulation {
    simulation_of(
        convention,
        steps,
        &(0..policies).map(|policy| policy % POLICIES).collect::<Vec<_>>(),
    )
}

/// Returns a simulation of the given rules, by their index in [`RULES`].
pub fn simulation_of(convention: CostConvention, steps: u32, chosen: &[usize]) -> Simulation {
    let months = |k| Review::EveryMonths { months: k, phase_steps: 0 };
    let band = |half_width: Vec<f64>, scale: Vec<ScaleFactor>| {
        Trigger::Outside(Corridor { half_width, scale, min_width: 0.02, max_width: 0.10 })
    };
    let fixed = |width: f64| band(vec![width; ASSETS], Vec::new());
    let scaled = vec![ScaleFactor {
        signal: 0,
        form: ScaleForm::Power { elasticity: -1.0, reference: REFERENCE_VOL },
    }];
    let rules = [
        (Trigger::Never, months(1), TradeRule::ToTarget),
        (Trigger::Always, months(1), TradeRule::ToTarget),
        (Trigger::Always, months(3), TradeRule::ToTarget),
        (Trigger::Always, months(12), TradeRule::ToTarget),
        (fixed(0.05), months(1), TradeRule::ToTarget),
        (
            band(TARGET.iter().map(|w| 0.2 * w).collect(), Vec::new()),
            months(1),
            TradeRule::ToTarget,
        ),
        (fixed(0.05), months(1), TradeRule::PartWay { fraction: 0.5 }),
        (band(vec![0.05; ASSETS], scaled), months(1), TradeRule::ToTarget),
    ];
    let instance = |policy_id: usize| {
        let (trigger, review, trade) = rules[chosen[policy_id]].clone();
        Instance {
            scenario_id: ScenarioId(0),
            policy_id: PolicyId(policy_id as u32),
            policy: Policy {
                target: TARGET.to_vec(),
                moving: None,
                review,
                trigger,
                trade,
                trade_assets: TradeAssets::All,
                cash_flows: FlowRouting::TargetWeights,
                cooldown_steps: 0,
                min_trade_frac: 0.0,
                max_turnover_frac: f64::INFINITY,
                execution_lag_steps: 0,
            },
            costs: CostModel {
                one_way: vec![COST; ASSETS],
                fixed_fee: 0.0,
                spread_multiplier: Vec::new(),
                convention,
                charge_flows: true,
                charge_initial_purchase: false,
            },
            account: Account { initial: 1e6, fee_per_step: 0.0, flows: Vec::new() },
        }
    };
    Simulation {
        grid: TimeGrid { step: Step::Month, steps },
        assets: ASSETS,
        growth_assets: vec![0],
        signals: vec![
            Signal::EwmaVol(EwmaVol {
                series: Series::Asset(0),
                lambda: LAMBDA,
                start_variance: 0.0016,
            })
            .into(),
        ],
        horizons: vec![steps],
        instances: (0..chosen.len()).map(instance).collect(),
    }
}
