//! Checks that a placebo changes nothing about how much a rule trades, and has no information about
//! when to trade.
//!
//! For every signal of the registry, in a market of two regimes that most of them tell apart: a
//! rule that reads the signal of another path of the market has the exposure and the trades of the
//! rule that reads its own path's, two moments each, and the timing of its exposure has no value.
//! The timing of rules that read their own path has value where the signal tells storms apart. Seed
//! 901, `|z| <= 4` for all of about 70 figures: alpha 0.5 %.

use crate::plain_studies::{instance, simulation};
use crate::registered::registered_signals;
use corridor_core::lanes::LANES;
use corridor_core::level::Level;
use corridor_core::outcome::{PathColumn, PolicyId};
use corridor_core::time::{Review, Step};
use corridor_scenario::dynamics::{Dynamics, Indicator};
use corridor_scenario::regime_model::RegimeModel;
use corridor_scenario::regime_switching::{Initial, Innovations, MeanIs, Regime, RegimeSwitching};
use corridor_simulation::plan::{Instance, Simulation};
use corridor_simulation::policy::condition::{Condition, Expression, Joined};
use corridor_simulation::policy::{MovingTarget, ScaleFactor, ScaleForm, Trigger};
use corridor_simulation::reference::{MarketPath, simulate};
use corridor_simulation::run::ShippedBlocks;
use corridor_simulation::signal::{ObservedSignal, Origin, Signal};

const STEPS: u32 = 60;
const TARGET: [f64; 3] = [0.5, 0.3, 0.2];

/// Makes a market whose storms are rare, last half a year, move all assets together and lose money.
fn market() -> RegimeModel {
    let regime = |name: &str, mean: [f64; 3], vol: [f64; 3], rho: f64| Regime {
        name: name.into(),
        mean: mean.to_vec(),
        vol: vol.to_vec(),
        correlation: (0..3)
            .map(|i| (0..3).map(|j| if i == j { 1.0 } else { rho }).collect())
            .collect(),
    };
    let indicator = Indicator {
        name: "pmi".into(),
        mean: vec![1.0, -1.0],
        persistence: 0.7,
        noise_sd: 0.5,
        lead_steps: 0,
    };
    let market = RegimeSwitching {
        assets: ["equity", "intl", "bond"].map(String::from).to_vec(),
        step: Step::Month,
        chain_period_steps: 1,
        moments_per_year: 12,
        mean_is: MeanIs::Log,
        transition: vec![vec![0.95, 0.05], vec![0.17, 0.83]],
        initial: Initial::Stationary,
        innovations: Innovations::Gaussian,
        regimes: vec![
            regime("calm", [0.012, 0.01, 0.003], [0.03, 0.03, 0.012], 0.1),
            regime("storm", [-0.03, -0.02, 0.004], [0.09, 0.08, 0.03], 0.7),
        ],
        correlation_chain: None,
        dynamics: Dynamics { indicators: vec![indicator], ..Dynamics::default() },
    };
    RegimeModel::new(&market, 901).expect("a market")
}

/// Makes a rule that holds half the usual share of equity where the signal is below `level`, and
/// one and a half times that share elsewhere.
fn switching(id: u32, signal: usize, level: f64) -> Instance {
    let mut rule = instance(PolicyId(id), &TARGET, Trigger::Always);
    let scale = vec![ScaleFactor {
        signal,
        form: ScaleForm::Step { at: vec![level], factors: vec![0.5, 1.5] },
    }];
    let (share, scaled) = (TARGET[0], vec![true, false, false]);
    rule.policy.moving = Some(MovingTarget {
        scaled,
        scale,
        by_step: vec![1.0],
        min_factor: 0.0,
        max_factor: 2.0,
        share,
    });
    rule
}

/// Makes a rule that trades to the target at every second step if the signal is above `level`.
fn triggered(id: u32, signal: usize, level: f64) -> Instance {
    let conditions = vec![Condition::Above { signal, limit: level }];
    let mut rule = instance(
        PolicyId(id),
        &TARGET,
        Trigger::Joined(Joined { conditions, expression: Expression::One(0) }),
    );
    rule.policy.review = Review::EverySteps { steps: 2, phase_steps: 0 };
    rule
}

fn placebo(signal: &Signal) -> ObservedSignal {
    ObservedSignal { origin: Origin::Placebo, ..ObservedSignal::from(signal.clone()) }
}

/// Returns a level between the median of a signal on 64 paths and the value next to it, so that
/// values lie on either side.
fn level(signal: &Signal, paths: &[MarketPath]) -> f64 {
    let mut sim =
        simulation(Step::Month, STEPS, vec![instance(PolicyId(0), &TARGET, Trigger::Always)]);
    sim.signals = vec![signal.clone().into()];
    let mut values = Vec::new();
    for path in &paths[..64] {
        simulate(&sim, &sim.instances[0], path, |trace| values.extend(&trace.signals));
    }
    values.sort_by(f64::total_cmp);
    let median = values[values.len() / 2];
    let next = values
        .iter()
        .copied()
        .find(|value| *value > median)
        .or_else(|| values.iter().rev().copied().find(|value| *value < median));
    0.5 * (median + next.unwrap_or(median))
}

fn z(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance =
        values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / (n - 1.0);
    mean / (variance / n).sqrt()
}

/// Returns `z` of the differences of two columns over paths, and of the differences of their
/// squares.
fn two_moments(own: &[f64], other: &[f64]) -> [f64; 2] {
    let of = |power: fn(f64) -> f64| {
        own.iter().zip(other).map(|(a, b)| power(*a) - power(*b)).collect::<Vec<f64>>()
    };
    [z(&of(|x| x)), z(&of(|x| x * x))]
}

/// Returns `z` of the covariance, over steps and paths, of the share of equity and the return of
/// equity over the other assets.
fn timing(sim: &Simulation, paths: &[MarketPath]) -> f64 {
    let mut by_path = Vec::new();
    for path in paths {
        let mut shares = Vec::new();
        simulate(sim, &sim.instances[0], path, |trace| shares.push(trace.weights[0]));
        // A holding at t earns the return of t + 1.
        let excess = |gross: &Vec<f64>| {
            gross[0] - (TARGET[1] * gross[1] + TARGET[2] * gross[2]) / (TARGET[1] + TARGET[2])
        };
        let earned: Vec<f64> = path.gross.iter().map(excess).collect();
        let n = f64::from(STEPS);
        let product =
            shares.iter().zip(&earned).map(|(share, excess)| share * excess).sum::<f64>() / n;
        by_path.push([
            product,
            shares[..STEPS as usize].iter().sum::<f64>() / n,
            earned.iter().sum::<f64>() / n,
        ]);
    }
    let mean = |k: usize| by_path.iter().map(|sums| sums[k]).sum::<f64>() / by_path.len() as f64;
    let (share, excess) = (mean(1), mean(2));
    z(&by_path
        .iter()
        .map(|[product, s, e]| product - share * e - excess * s + share * excess)
        .collect::<Vec<f64>>())
}

#[test]
#[ignore = "statistical suite: `just statistical`"]
fn a_placebo_trades_alike_and_its_timing_is_worth_nothing() {
    let model = market();
    let paths: Vec<MarketPath> =
        (0..512).flat_map(|block| MarketPath::block_of_source(&model, block, STEPS)).collect();
    let signals = registered_signals();
    let levels: Vec<f64> = signals.iter().map(|signal| level(signal, &paths)).collect();
    // Two rules for each signal, each on the path's own signal and on the placebo.
    let mut rules = Vec::new();
    for (k, &level) in levels.iter().enumerate() {
        let id = 4 * k as u32;
        rules.extend([
            switching(id, 2 * k, level),
            switching(id + 1, 2 * k + 1, level),
            triggered(id + 2, 2 * k, level),
            triggered(id + 3, 2 * k + 1, level),
        ]);
    }
    let mut sim = simulation(Step::Month, STEPS, rules);
    sim.signals =
        signals.iter().flat_map(|signal| [signal.clone().into(), placebo(signal)]).collect();
    let mut columns = vec![Vec::new(); sim.instances.len()];
    let mut blocks = ShippedBlocks::new(Level::best(), &sim, model.blocks()).expect("few assets");
    for first in (0..16_384).step_by(LANES) {
        blocks.simulate(first, |instance, _, rows| {
            let column = if instance % 4 < 2 {
                PathColumn::GrowthWeightMeanFrac
            } else {
                PathColumn::RebalanceEvents
            };
            columns[instance].extend_from_slice(&rows[column as usize].0);
        });
    }
    let mut failures = Vec::new();
    for (k, signal) in signals.iter().enumerate() {
        let one = |observed: ObservedSignal| Simulation {
            signals: vec![observed],
            ..simulation(Step::Month, STEPS, vec![switching(0, 0, levels[k])])
        };
        let exposure = two_moments(&columns[4 * k], &columns[4 * k + 1]);
        let events = two_moments(&columns[4 * k + 2], &columns[4 * k + 3]);
        let (worth, own) =
            (timing(&one(placebo(signal)), &paths), timing(&one(signal.clone().into()), &paths));
        let name = signal.kind().name;
        println!(
            "{name}: exposure {exposure:+.2?}, events {events:+.2?}, timing of the placebo \
            {worth:+.2}, of the signal {own:+.2}"
        );
        if exposure.iter().chain(&events).chain([&worth]).any(|z| z.is_nan() || z.abs() > 4.0) {
            failures.push(name);
        }
        // The test has power: a signal that tells storms apart has value, as high volatility is bad
        // news.
        let tells = match name {
            "macro" => own > 6.0,
            "regime_probability" => own < -6.0,
            _ => true,
        };
        assert!(tells, "{name} should tell storms apart: {own}");
    }
    assert!(failures.is_empty(), "{failures:?}");
}
