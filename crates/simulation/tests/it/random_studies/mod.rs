//! Makes small random simulations that together use every feature of the engine.

use corridor_core::outcome::{PolicyId, ScenarioId};
use corridor_core::time::{Review, Step, TimeGrid};
use corridor_scenario::dynamics::{Dynamics, Garch, Indicator, Jumps, RelativeAr};
use corridor_scenario::regime_model::RegimeModel;
use corridor_scenario::regime_switching::{Initial, Innovations, MeanIs, Regime, RegimeSwitching};
use corridor_simulation::account::{Account, StepFlow};
use corridor_simulation::cost::{CostConvention, CostModel};
use corridor_simulation::plan::{Instance, Simulation};
use corridor_simulation::policy::condition::{Condition, Expression, Joined};
use corridor_simulation::policy::distance::{Covariance, Distance, Measure};
use corridor_simulation::policy::{
    Corridor, Destination, FlowRouting, MovingTarget, Policy, ScaleFactor, ScaleForm, Scaled,
    TradeAssets, TradeRule, Trigger,
};
use corridor_simulation::signal::{
    Drawdown, EwmaCorr, EwmaCov, EwmaVol, FilterModel, MacroIndicator, Noise, ObservedSignal,
    Origin, RealisedCorr, RealisedVol, RegimeProbability, Series, Signal, StateLaw, Transition,
    Trend,
};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

/// Makes a random simulation and the market that it runs on.
pub fn random_study(seed: u64) -> (Simulation, RegimeModel) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let assets = rng.random_range(1..=5);
    let step = *pick(&mut rng, &[Step::Month, Step::Week, Step::Day]);
    let grid = TimeGrid { step, steps: rng.random_range(3..=90) };
    let mut market = random_market(&mut rng, assets, step);
    add_dynamics(&mut ChaCha8Rng::seed_from_u64(seed + 7_000_000), &mut market);
    let mut signals: Vec<ObservedSignal> = [
        Signal::EwmaVol(EwmaVol {
            series: Series::Asset(rng.random_range(0..assets)),
            lambda: rng.random_range(0.5..0.99),
            start_variance: 1e-3,
        }),
        Signal::RealisedVol(RealisedVol {
            series: Series::Asset(rng.random_range(0..assets)),
            window_steps: rng.random_range(1..=12),
            start_variance: 2e-3,
        }),
    ]
    .map(ObservedSignal::from)
    .to_vec();
    let mut horizons = vec![grid.steps];
    if rng.random_bool(0.5) {
        horizons.insert(0, rng.random_range(1..grid.steps));
    }
    let mut instances: Vec<Instance> = (0..6)
        .map(|k| random_instance(&mut rng, PolicyId(k), assets, grid, market.regimes.len()))
        .collect();
    let mut rng_of_signals = ChaCha8Rng::seed_from_u64(seed + 5_000_000);
    add_signals(&mut rng_of_signals, assets, &mut signals, &mut instances);
    if !market.dynamics.indicators.is_empty() {
        signals.push(
            Signal::Macro(MacroIndicator { indicator: market.dynamics.indicators.len() - 1 })
                .into(),
        );
        watch_last(&mut rng_of_signals, signals.len() - 1, &mut instances);
    }
    for signal in &mut signals[2..] {
        observe(&mut rng_of_signals, market.regimes.len(), signal);
    }
    for instance in &mut instances {
        if assets > 1 && rng_of_signals.random_bool(0.35) {
            instance.policy.moving = Some(random_movement(
                &mut rng_of_signals,
                &instance.policy.target,
                grid.steps,
                signals.len(),
            ));
        }
    }
    join_conditions(
        &mut ChaCha8Rng::seed_from_u64(seed + 6_000_000),
        assets,
        &mut signals,
        &mut instances,
    );
    let growth_assets = if assets > 1 && rng.random_bool(0.5) { vec![0, 1] } else { vec![0] };
    let model = RegimeModel::new(&market, seed).expect("a valid market");
    (Simulation { grid, assets, growth_assets, signals, horizons, instances }, model)
}

/// Adds memory in shocks, jumps and indicators, each to some of the markets.
fn add_dynamics(rng: &mut ChaCha8Rng, market: &mut RegimeSwitching) {
    let (assets, regimes) = (market.assets.len(), market.regimes.len());
    let dynamics = &mut market.dynamics;
    if rng.random_bool(0.25) && market.chain_period_steps == 1 {
        dynamics.garch = Some(Garch {
            alpha: 0.03,
            beta: rng.random_range(0.2..0.6),
            gamma: *pick(rng, &[0.0, 0.04]),
        });
    }
    if rng.random_bool(0.25) && assets > 1 {
        dynamics.relative_ar =
            Some(RelativeAr { assets: [1, 0], phi: rng.random_range(-0.5..0.5) });
    }
    if rng.random_bool(0.25) {
        dynamics.jumps = Some(Jumps {
            probability: (0..regimes).map(|_| rng.random_range(0.0..0.3)).collect(),
            mean: (0..assets).map(|_| rng.random_range(-0.2..0.05)).collect(),
            vol: (0..assets).map(|_| rng.random_range(0.0..0.1)).collect(),
        });
    }
    for number in 0..rng.random_range(0..=2) {
        dynamics.indicators.push(Indicator {
            name: format!("i{number}"),
            mean: (0..regimes).map(|_| rng.random_range(-0.1..0.3)).collect(),
            persistence: rng.random_range(0.0..0.9),
            noise_sd: 0.05,
            lead_steps: *pick(rng, &[0, 1, 7]),
        });
    }
}

/// Makes a factor of one signal, for half the bands.
fn watch_last(rng: &mut ChaCha8Rng, signal: usize, instances: &mut [Instance]) {
    for instance in instances {
        if let Trigger::Outside(corridor) = &mut instance.policy.trigger
            && rng.random_bool(0.5)
        {
            let form = ScaleForm::Step { at: vec![0.0, 0.15], factors: vec![1.4, 1.0, 0.6] };
            corridor.scale.push(ScaleFactor { signal, form });
        }
    }
}

/// Adds one signal of every kind that may be 0 or negative, and a factor of one of them to half the
/// bands.
fn add_signals(
    rng: &mut ChaCha8Rng,
    assets: usize,
    signals: &mut Vec<ObservedSignal>,
    instances: &mut [Instance],
) {
    let asset = |rng: &mut ChaCha8Rng| rng.random_range(0..assets);
    let pair = [asset(rng), asset(rng)];
    let lambda = rng.random_range(0.5..0.99);
    let window_steps = rng.random_range(1..=12);
    let first = signals.len();
    let trending = if window_steps % 3 == 0 {
        Series::Spread(pair[0], pair[1])
    } else {
        Series::Asset(asset(rng))
    };
    let added = [
        Signal::EwmaVol(EwmaVol {
            series: Series::Spread(pair[0], pair[1]),
            lambda,
            start_variance: 1e-3,
        }),
        Signal::RealisedVol(RealisedVol {
            series: Series::Spread(pair[0], pair[1]),
            window_steps,
            start_variance: 1e-3,
        }),
        Signal::EwmaCorr(EwmaCorr { assets: pair, lambda, start: [2e-3, 1e-3, 4e-4] }),
        Signal::RealisedCorr(RealisedCorr { assets: pair, window_steps, start: 0.3 }),
        Signal::Trend(Trend { series: trending, window_steps, sign: rng.random_bool(0.5) }),
        Signal::Drawdown(Drawdown { asset: asset(rng) }),
        Signal::RegimeProbability(random_filter(rng, assets)),
    ];
    signals.extend(added.map(ObservedSignal::from));
    for instance in instances {
        if let Trigger::Outside(corridor) = &mut instance.policy.trigger
            && rng.random_bool(0.5)
        {
            let signal = rng.random_range(first..signals.len());
            let form = match rng.random_bool(0.5) {
                true => {
                    ScaleForm::Exponential { slope: rng.random_range(-2.0..2.0), reference: 0.2 }
                }
                false => ScaleForm::Step { at: vec![-0.05, 0.2], factors: vec![1.4, 1.0, 0.6] },
            };
            corridor.scale.push(ScaleFactor { signal, form });
        }
    }
}

/// Gives a third of the rules joined conditions, a fifth a share that signals scale, and a third
/// the flows that rebalance.
fn join_conditions(
    rng: &mut ChaCha8Rng,
    assets: usize,
    signals: &mut Vec<ObservedSignal>,
    instances: &mut [Instance],
) {
    let first = signals.len();
    for a in 0..assets {
        for b in 0..=a {
            let start = if a == b { 2e-3 } else { 5e-4 };
            signals.push(Signal::EwmaCov(EwmaCov { assets: [a, b], lambda: 0.9, start }).into());
        }
    }
    for Instance { policy, .. } in instances {
        if rng.random_bool(0.35) {
            let conditions: Vec<Condition> = (0..rng.random_range(1..=4))
                .map(|_| random_condition(rng, assets, first))
                .collect();
            policy.trigger = Trigger::Joined(Joined {
                expression: random_expression(rng, conditions.len()),
                conditions,
            });
            policy.trade_assets = TradeAssets::All;
            policy.trade = random_trade(rng, assets, true);
            if let TradeRule::Inward(Destination::Within(_)) = policy.trade {
                policy.trade = TradeRule::Inward(Destination::Edge);
            }
        }
        if rng.random_bool(0.2) {
            policy.trade = TradeRule::PartWayScaled(Scaled {
                base: 0.5,
                scale: random_scale(rng),
                min: 0.1,
                max: 1.0,
            });
        }
        if rng.random_bool(0.35) {
            policy.cash_flows = FlowRouting::MostOffTargetFirst;
            // Flows that reach the target leave a pending order only rounding to trade, which would
            // count as a trade.
            policy.execution_lag_steps = 0;
        }
    }
}

fn random_expression(rng: &mut ChaCha8Rng, conditions: usize) -> Expression {
    let (left, right) = (0..conditions).map(Expression::One).partition(|_| rng.random_bool(0.5));
    match rng.random_bool(0.5) {
        true => Expression::AnyOf(vec![Expression::AllOf(left), Expression::AllOf(right)]),
        false => Expression::AllOf(vec![Expression::AnyOf(vec![
            Expression::AnyOf(left),
            Expression::AnyOf(right),
        ])]),
    }
}

fn random_scale(rng: &mut ChaCha8Rng) -> Vec<ScaleFactor> {
    (0..rng.random_range(0..=2))
        .map(|signal| ScaleFactor { signal, form: random_form(rng) })
        .collect()
}

fn random_condition(rng: &mut ChaCha8Rng, assets: usize, covariances: usize) -> Condition {
    let corridor = |rng: &mut ChaCha8Rng, width: f64| Corridor {
        half_width: (0..assets)
            .map(|_| if rng.random_bool(0.2) { f64::INFINITY } else { width })
            .collect(),
        scale: random_scale(rng),
        min_width: 0.002,
        max_width: 0.2,
    };
    let signal = rng.random_range(0..covariances);
    let limit = rng.random_range(-0.1..0.3);
    let triangle = assets * (assets + 1) / 2;
    match rng.random_range(0..12) {
        0 => Condition::Always,
        1 => Condition::Outside(corridor(rng, 0.03)),
        2 => {
            let exit = corridor(rng, 0.01);
            Condition::Hysteresis {
                enter: Corridor {
                    half_width: exit.half_width.iter().map(|width| 3.0 * width).collect(),
                    ..exit.clone()
                },
                exit,
            }
        }
        3 => Condition::Above { signal, limit },
        4 => Condition::Below { signal, limit },
        5 => Condition::Moved { signal, by: limit.abs(), start: 0.15 },
        6 => Condition::Waited(Scaled { base: 6.0, scale: random_scale(rng), min: 1.0, max: 40.0 }),
        7 => Condition::WithTrend { signal, limit: limit.abs(), assets: vec![0] },
        kind => {
            let measure = match kind {
                8 => Measure::Group(
                    (0..assets).filter(|&i| i == 0 || rng.random_bool(0.3)).collect(),
                ),
                9 => Measure::L1,
                10 => Measure::L2,
                _ if rng.random_bool(0.3) => Measure::TrackingError(Covariance::Constant(
                    (0..triangle).map(|place| 0.03 / (1.0 + place as f64)).collect(),
                )),
                _ => Measure::TrackingError(Covariance::Signals(
                    (covariances..covariances + triangle).collect(),
                )),
            };
            let base = if matches!(measure, Measure::TrackingError(_)) { 0.005 } else { 0.03 };
            Condition::Beyond(Distance {
                measure,
                width: Scaled { base, scale: random_scale(rng), min: 0.001, max: 0.2 },
            })
        }
    }
}

/// Alters signals: by a placebo, by an oracle, by a lag or by noise.
fn observe(rng: &mut ChaCha8Rng, regimes: usize, signal: &mut ObservedSignal) {
    signal.seed = rng.random();
    signal.lag_steps = *pick(rng, &[0, 0, 1, 5, 30]);
    signal.start = 0.1;
    signal.noise = rng
        .random_bool(0.3)
        .then(|| Noise { sd: 0.2, floor: *pick(rng, &[f64::NEG_INFINITY, 0.05]) });
    let by_regime = (0..regimes).map(|_| rng.random_range(-0.3..0.5)).collect();
    signal.origin = match rng.random_range(0..4) {
        0 | 1 => Origin::Path,
        2 => Origin::Placebo,
        _ => Origin::Oracle { by_regime, accuracy: *pick(rng, &[0.0, 0.6, 1.0]) },
    };
}

/// Makes a target that moves by signals, by the calendar, or by both.
fn random_movement(
    rng: &mut ChaCha8Rng,
    target: &[f64],
    steps: u32,
    signals: usize,
) -> MovingTarget {
    let mut scaled: Vec<bool> = target.iter().map(|_| rng.random_bool(0.5)).collect();
    (scaled[0], scaled[1]) = (true, false);
    let share: f64 =
        target.iter().zip(&scaled).filter(|(_, scaled)| **scaled).map(|(weight, _)| weight).sum();
    let factor = |rng: &mut ChaCha8Rng| ScaleFactor {
        signal: rng.random_range(0..signals),
        form: match rng.random_bool(0.5) {
            true => ScaleForm::Exponential { slope: rng.random_range(-2.0..2.0), reference: 0.2 },
            false => ScaleForm::Step { at: vec![0.05, 0.2], factors: vec![1.2, 1.0, 0.4] },
        },
    };
    let slope = *pick(rng, &[0.0, -0.5 / f64::from(steps)]);
    MovingTarget {
        scale: (0..rng.random_range(0..=2)).map(|_| factor(rng)).collect(),
        by_step: (0..=steps).map(|t| 1.0 + slope * f64::from(t)).collect(),
        min_factor: *pick(rng, &[0.0, 0.3]),
        max_factor: *pick(rng, &[1.0, 1.0 / share]),
        scaled,
        share,
    }
}

fn random_filter(rng: &mut ChaCha8Rng, assets: usize) -> RegimeProbability {
    let states = rng.random_range(1..=3);
    let law = |rng: &mut ChaCha8Rng, count: usize| {
        let raw: Vec<f64> = (0..count).map(|_| rng.random_range(0.1..1.0)).collect();
        let sum: f64 = raw.iter().sum();
        raw.iter().map(|p| p / sum).collect::<Vec<f64>>()
    };
    let observed: Vec<usize> =
        (0..assets).filter(|&asset| asset == 0 || rng.random_bool(0.5)).collect();
    let state = |rng: &mut ChaCha8Rng| StateLaw {
        mean: observed.iter().map(|_| rng.random_range(-0.02..0.02)).collect(),
        whitening: (0..observed.len())
            .map(|k| {
                (0..=k)
                    .map(|j| {
                        if j == k {
                            rng.random_range(5.0..20.0)
                        } else {
                            rng.random_range(-3.0..3.0)
                        }
                    })
                    .collect()
            })
            .collect(),
        log_scale: rng.random_range(-2.0..2.0),
    };
    let model = FilterModel {
        initial: law(rng, states),
        transitions: vec![Transition {
            period_steps: rng.random_range(1..=3),
            matrix: (0..states).map(|_| law(rng, states)).collect(),
        }],
        states: (0..states).map(|_| state(rng)).collect(),
        df: rng.random_bool(0.5).then_some(5.0),
        assets: observed.clone(),
    };
    RegimeProbability {
        members: (0..states).filter(|&state| state == 0 || rng.random_bool(0.3)).collect(),
        model,
    }
}

fn random_market(rng: &mut ChaCha8Rng, assets: usize, step: Step) -> RegimeSwitching {
    let regimes = rng.random_range(1..=4);
    let row = |rng: &mut ChaCha8Rng| {
        let raw: Vec<f64> = (0..regimes).map(|_| rng.random_range(0.05..1.0)).collect();
        let sum: f64 = raw.iter().sum();
        raw.iter().map(|p| p / sum).collect::<Vec<f64>>()
    };
    let regime = |rng: &mut ChaCha8Rng, s: usize| {
        let rho = rng.random_range(-0.1..0.8);
        Regime {
            name: format!("r{s}"),
            mean: (0..assets).map(|_| rng.random_range(-0.02..0.02)).collect(),
            vol: (0..assets).map(|_| rng.random_range(0.0..0.25)).collect(),
            correlation: (0..assets)
                .map(|i| (0..assets).map(|j| if i == j { 1.0 } else { rho }).collect())
                .collect(),
        }
    };
    RegimeSwitching {
        assets: (0..assets).map(|i| format!("a{i}")).collect(),
        step,
        chain_period_steps: rng.random_range(1..=3),
        moments_per_year: 12,
        mean_is: MeanIs::Log,
        transition: (0..regimes).map(|_| row(rng)).collect(),
        initial: Initial::Stationary,
        innovations: *pick(
            rng,
            &[
                Innovations::Gaussian,
                Innovations::StudentT { df: 4.0 },
                Innovations::StudentT { df: 5.5 },
            ],
        ),
        regimes: (0..regimes).map(|s| regime(rng, s)).collect(),
        correlation_chain: None,
        dynamics: Dynamics::default(),
    }
}

fn random_instance(
    rng: &mut ChaCha8Rng,
    policy_id: PolicyId,
    assets: usize,
    grid: TimeGrid,
    regimes: usize,
) -> Instance {
    let costs = CostModel {
        one_way: (0..assets).map(|_| *pick(rng, &[0.0, 0.001, 0.02, 0.3])).collect(),
        fixed_fee: *pick(rng, &[0.0, 0.0, 0.0, 1.0, 400.0]),
        spread_multiplier: if rng.random_bool(0.3) {
            (0..regimes).map(|_| rng.random_range(0.5..2.0)).collect()
        } else {
            Vec::new()
        },
        convention: *pick(rng, &[CostConvention::Exact, CostConvention::Pre]),
        charge_flows: rng.random_bool(0.7),
        charge_initial_purchase: rng.random_bool(0.3),
    };
    let initial = 10_000.0;
    let flows = if rng.random_bool(0.5) { random_flows(rng, initial, grid) } else { Vec::new() };
    let fee_per_step = *pick(rng, &[0.0, 0.0, 0.0004]);
    let policy = random_policy(rng, assets);
    Instance {
        scenario_id: ScenarioId(0),
        policy_id,
        policy,
        costs,
        account: Account { initial, fee_per_step, flows },
    }
}

fn random_flows(rng: &mut ChaCha8Rng, initial: f64, grid: TimeGrid) -> Vec<StepFlow> {
    let every = rng.random_range(1..=6);
    let mut amount = || *pick(rng, &[0.0, 0.0, 0.01, 0.05, 0.2]) * initial;
    let flow = StepFlow {
        contribution_end: amount(),
        withdrawal_end: amount(),
        contribution_start: amount(),
        withdrawal_start: amount(),
    };
    (0..=grid.steps)
        .map(|t| {
            if t % every != 0 {
                StepFlow::default()
            } else if t == 0 {
                StepFlow { contribution_end: 0.0, withdrawal_end: 0.0, ..flow }
            } else {
                flow
            }
        })
        .collect()
}

fn random_policy(rng: &mut ChaCha8Rng, assets: usize) -> Policy {
    let mut target: Vec<f64> = (0..assets).map(|_| rng.random_range(0.1..1.0)).collect();
    let sum: f64 = target.iter().sum();
    target.iter_mut().for_each(|w| *w /= sum);
    let trigger = random_trigger(rng, assets);
    let banded = matches!(trigger, Trigger::Outside(_));
    let months = rng.random_range(1..=6);
    let steps = rng.random_range(1..=4);
    let phase_steps = rng.random_range(0..=2);
    Policy {
        target,
        moving: None,
        review: if rng.random_bool(0.5) {
            Review::EveryMonths { months, phase_steps }
        } else {
            Review::EverySteps { steps, phase_steps }
        },
        trigger,
        trade: random_trade(rng, assets, banded),
        trade_assets: if banded && rng.random_bool(0.3) {
            TradeAssets::Breached
        } else {
            TradeAssets::All
        },
        cash_flows: *pick(rng, &[FlowRouting::TargetWeights, FlowRouting::ProRata]),
        cooldown_steps: *pick(rng, &[0, 0, 1, 5]),
        min_trade_frac: *pick(rng, &[0.0, 0.0, 0.0, 0.01]),
        max_turnover_frac: *pick(rng, &[f64::INFINITY, f64::INFINITY, f64::INFINITY, 0.02]),
        execution_lag_steps: *pick(rng, &[0, 0, 0, 1, 3]),
    }
}

fn random_trigger(rng: &mut ChaCha8Rng, assets: usize) -> Trigger {
    let base = rng.random_range(0.01..0.08);
    let half_width = (0..assets)
        .map(|i| match i {
            1 if rng.random_bool(0.3) => f64::INFINITY,
            _ if rng.random_bool(0.3) => rng.random_range(0.01..0.08),
            _ => base,
        })
        .collect();
    let scale = (0..rng.random_range(0..=2))
        .map(|signal| ScaleFactor { signal, form: random_form(rng) })
        .collect();
    match rng.random_range(0..6) {
        0 => Trigger::Never,
        1 | 2 => Trigger::Always,
        _ => Trigger::Outside(Corridor { half_width, scale, min_width: 0.005, max_width: 0.1 }),
    }
}

fn random_form(rng: &mut ChaCha8Rng) -> ScaleForm {
    let elasticity = *pick(rng, &[-1.0, -0.5, 0.0, 0.5, 1.0, -0.7, 1.9]);
    match rng.random_range(0..4) {
        0 => ScaleForm::Exponential { slope: rng.random_range(-2.0..2.0), reference: 0.2 },
        1 => ScaleForm::Step { at: vec![0.1, 0.25], factors: vec![1.5, 1.0, 0.5] },
        _ => ScaleForm::Power { elasticity, reference: 0.2 },
    }
}

fn random_trade(rng: &mut ChaCha8Rng, assets: usize, banded: bool) -> TradeRule {
    match rng.random_range(0..if banded { 5 } else { 2 }) {
        0 => TradeRule::ToTarget,
        1 => TradeRule::PartWay { fraction: rng.random_range(0.1..1.0) },
        2 => TradeRule::Inward(Destination::Edge),
        3 => TradeRule::Inward(Destination::ShareOfBand(rng.random_range(0.0..1.0))),
        _ => TradeRule::Inward(Destination::Within(vec![0.004; assets])),
    }
}

fn pick<'a, T>(rng: &mut ChaCha8Rng, items: &'a [T]) -> &'a T {
    &items[rng.random_range(0..items.len())]
}
