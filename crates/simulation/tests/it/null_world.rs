//! Checks that no dynamic rule wins beyond its exposure where no signal has information, and that
//! one wins where relative returns trend.
//!
//! 1,000 small studies on the null world without costs, seeds 1 to 1,000: in each, four rules that
//! move their target are compared with static mixes of equal average exposure, on the same paths,
//! by mean log growth. One of them "wins" if its one-sided test survives Holm's correction at 5 %.
//! Of 1,000 studies that may happen in 6.6 % at most: 5 % and 2.3 standard errors of a share of
//! 1,000. The true differences are 0 or below, for a target that moves for no reason costs growth.

use crate::plain_studies::{instance, simulation};
use corridor_core::lanes::LANES;
use corridor_core::level::Level;
use corridor_core::numerics::normal_cdf;
use corridor_core::outcome::{PathColumn, PolicyId};
use corridor_core::time::Step;
use corridor_scenario::dynamics::{Dynamics, RelativeAr};
use corridor_scenario::regime_model::RegimeModel;
use corridor_scenario::regime_switching::{Initial, Innovations, MeanIs, Regime, RegimeSwitching};
use corridor_simulation::plan::{Instance, Simulation};
use corridor_simulation::policy::{MovingTarget, ScaleFactor, ScaleForm, Trigger};
use corridor_simulation::run::ShippedBlocks;
use corridor_simulation::signal::{Drawdown, EwmaVol, RealisedVol, Series, Signal, Trend};

const STEPS: u32 = 120;
const SHARE: f64 = 0.6;

/// Makes the preset `gbm-null`, or that preset with relative returns that trend.
fn market(phi: f64) -> RegimeSwitching {
    let regime = Regime {
        name: "gbm".into(),
        mean: vec![0.0638, 0.0382],
        vol: vec![0.18, 0.06],
        correlation: vec![vec![1.0, 0.0], vec![0.0, 1.0]],
    };
    RegimeSwitching {
        assets: vec!["equity".into(), "bond".into()],
        step: Step::Month,
        chain_period_steps: 1,
        moments_per_year: 1,
        mean_is: MeanIs::Log,
        transition: vec![vec![1.0]],
        initial: Initial::Stationary,
        innovations: Innovations::Gaussian,
        regimes: vec![regime],
        correlation_chain: None,
        dynamics: Dynamics {
            relative_ar: (phi != 0.0).then_some(RelativeAr { assets: [0, 1], phi }),
            ..Dynamics::default()
        },
    }
}

/// Makes a rule that multiplies its share of equity by a factor of a signal, every month.
fn moving(id: u32, signal: usize, form: ScaleForm) -> Instance {
    let mut rule = instance(PolicyId(id), &[SHARE, 1.0 - SHARE], Trigger::Always);
    let scale = vec![ScaleFactor { signal, form }];
    rule.policy.moving = Some(MovingTarget {
        scaled: vec![true, false],
        scale,
        by_step: vec![1.0],
        min_factor: 0.0,
        max_factor: 1.0 / SHARE,
        share: SHARE,
    });
    rule
}

/// Makes the four rules and, where their exposures are known, a static mix for each.
fn study(exposures: &[f64]) -> Simulation {
    let step =
        |at: f64, factors: [f64; 2]| ScaleForm::Step { at: vec![at], factors: factors.to_vec() };
    let mut rules = vec![
        moving(0, 0, ScaleForm::Power { elasticity: -1.0, reference: 0.18 }),
        moving(1, 1, ScaleForm::Power { elasticity: -2.0, reference: 0.18 }),
        moving(2, 2, step(0.0, [0.5, 1.3])),
        moving(3, 3, step(0.15, [1.0, 0.6])),
    ];
    let mix = |(id, &share): (usize, &f64)| {
        instance(PolicyId(4 + id as u32), &[share, 1.0 - share], Trigger::Always)
    };
    rules.extend(exposures.iter().enumerate().map(mix));
    let asset = Series::Asset(0);
    let start_variance = 0.18 * 0.18 / 12.0;
    let signals = [
        Signal::EwmaVol(EwmaVol { series: asset, lambda: 0.9, start_variance }),
        Signal::RealisedVol(RealisedVol { series: asset, window_steps: 12, start_variance }),
        Signal::Trend(Trend { series: Series::Asset(0), window_steps: 1, sign: true }),
        Signal::Drawdown(Drawdown { asset: 0 }),
    ];
    Simulation {
        signals: signals.map(Into::into).to_vec(),
        ..simulation(Step::Month, STEPS, rules)
    }
}

/// Returns the values of a column, `[instance][path]`.
fn column(sim: &Simulation, phi: f64, seed: u64, paths: u64, column: PathColumn) -> Vec<Vec<f64>> {
    let model = RegimeModel::new(&market(phi), seed).expect("a market");
    let mut blocks = ShippedBlocks::new(Level::best(), sim, model.blocks()).expect("few assets");
    let mut values = vec![Vec::new(); sim.instances.len()];
    for first in (0..paths).step_by(LANES) {
        blocks.simulate(first, |instance, _, rows| {
            values[instance].extend_from_slice(&rows[column as usize].0)
        });
    }
    values
}

/// Returns one-sided p-values of "the rule grows faster than its mix", from pairs of paths.
fn p_values(sim: &Simulation, phi: f64, seed: u64) -> Vec<f64> {
    let growth = column(sim, phi, seed, 512, PathColumn::LogGrowthUnitAnnual);
    let p = |rule: usize| {
        let differences: Vec<f64> =
            growth[rule].iter().zip(&growth[4 + rule]).map(|(a, b)| a - b).collect();
        let n = differences.len() as f64;
        let mean = differences.iter().sum::<f64>() / n;
        let variance = differences.iter().map(|d| (d - mean) * (d - mean)).sum::<f64>() / (n - 1.0);
        1.0 - normal_cdf(mean / (variance / n).sqrt())
    };
    (0..4).map(p).collect()
}

/// Tells whether some rule survives Holm's correction, which its first step decides.
fn some_wins(p_values: &[f64]) -> bool {
    p_values.iter().any(|p| *p < 0.05 / p_values.len() as f64)
}

fn with_twins(phi: f64) -> Simulation {
    let weights = column(&study(&[]), phi, 1_000_003, 32_768, PathColumn::GrowthWeightMeanFrac);
    let exposures: Vec<f64> =
        weights.iter().map(|weights| weights.iter().sum::<f64>() / weights.len() as f64).collect();
    study(&exposures)
}

#[test]
#[ignore = "statistical suite: `just statistical`"]
fn where_nothing_is_to_be_known_nothing_wins_beyond_its_exposure() {
    let sim = with_twins(0.0);
    let wins = (1..=1000).filter(|&seed| some_wins(&p_values(&sim, 0.0, seed))).count();
    println!("some rule won in {wins} of 1,000 null studies");
    assert!(wins <= 66, "{wins} of 1,000 studies");
}

#[test]
#[ignore = "statistical suite: `just statistical`"]
fn where_returns_trend_a_rule_that_follows_them_wins() {
    let sim = with_twins(0.5);
    let wins = (1..=50).filter(|&seed| some_wins(&p_values(&sim, 0.5, seed)[2..3])).count();
    println!("the trend won in {wins} of 50 studies");
    assert!(wins >= 45, "{wins} of 50 studies");
}
