//! Checks the word `precise` where a sample easily misses the tail: certainty equivalents of a
//! policy whose weights drift, compared with one that rebalances.
//!
//! There are 400 runs with enough paths and 1,000 with too few, with fixed seeds. Of 250 or more
//! runs that are called precise, an interval of nominal 95 % covers the truth in [91, 99] % with
//! probability 0.994 (binomial: 2.9 standard errors either way).

use corridor_core::numerics::{exp, ln};
use corridor_core::outcome::{OutcomeCell, PathColumn, PolicyId, ScenarioId};
use corridor_tables::CompareRow;
use corridor_tables::column::Label;
use corridor_tables::metric::MetricId;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use rand_distr::StandardNormal;
use rayon::prelude::*;

use crate::world::{World, YEARS, empty, push};

const COVERAGE: std::ops::RangeInclusive<f64> = 0.91..=0.99;

/// Mean and standard deviation of log growth, and the loss of drifting weights in extreme markets.
const MEAN: f64 = 0.05;
const SD: f64 = 0.045;
const LOSS: f64 = 0.000_5;

/// Draws a policy that rebalances and one that drifts. The log growth of the second is larger by
/// `LOSS (1 - z^2)`, where `z` is the shock of the market.
fn drifting(seed: u64, paths: usize) -> World {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut world = World {
        cells: vec![empty(ScenarioId(0), PolicyId(0)), empty(ScenarioId(0), PolicyId(1))],
        replicate_paths: 1,
    };
    for _ in 0..paths {
        let (z, own): (f64, f64) = (rng.sample(StandardNormal), rng.sample(StandardNormal));
        push(&mut world.cells[0], MEAN + SD * z, own);
        push(&mut world.cells[1], MEAN + SD * z + LOSS * (1.0 - z * z), own);
    }
    world
}

/// The true difference in bp a year for a risk aversion of 3: `E exp(a z + c z^2) = exp(a^2/(2 (1 -
/// 2c)))/sqrt(1 - 2c)`.
fn truth() -> f64 {
    let (a, c) = (-2.0 * YEARS * SD, 2.0 * YEARS * LOSS);
    let log_ratio = 0.5 * a * a / (1.0 - 2.0 * c) - 0.5 * ln(1.0 - 2.0 * c) - c - 0.5 * a * a;
    1e4 * log_ratio / (-2.0 * YEARS)
}

/// Runs that call the difference precise, and the share of these whose interval covers the truth:
/// by the rule for means alone, and by the final rule.
fn found(seed: u64, runs: u64, paths: usize) -> [(usize, f64); 2] {
    let metric = MetricId::of_name("ce_growth_gamma_3").expect("registered").number();
    let truth = truth();
    let covered = |run: u64| -> [Option<bool>; 2] {
        let world = drifting(seed + run, paths);
        let analysis = world.analyse(paths, false);
        let row: &CompareRow = analysis
            .compare
            .iter()
            .find(|row| (row.metric_id, &*row.stat) == (metric, "mean"))
            .expect("compared");
        let covers = row.ci_low <= Some(truth) && row.ci_high >= Some(truth);
        let is_precise_by_sample = paths as f64 >= 112.0 * sample_skewness(&world).powi(2);
        [is_precise_by_sample, row.precision == "precise"]
            .map(|is_precise| is_precise.then_some(covers))
    };
    let runs: Vec<[Option<bool>; 2]> = (0..runs).into_par_iter().map(covered).collect();
    [0, 1].map(|rule| {
        let judged: Vec<bool> = runs.iter().filter_map(|run| run[rule]).collect();
        (
            judged.len(),
            judged.iter().filter(|covers| **covers).count() as f64 / judged.len().max(1) as f64,
        )
    })
}

/// Skewness of the differences of the utilities of the two policies.
fn sample_skewness(world: &World) -> f64 {
    let utility = |policy: usize| {
        world.values(policy, PathColumn::LogGrowthUnitAnnual).iter().map(|g| exp(-2.0 * YEARS * g))
    };
    let differences: Vec<f64> = utility(1).zip(utility(0)).map(|(a, b)| a - b).collect();
    let n = differences.len() as f64;
    let mean = differences.iter().sum::<f64>() / n;
    let central = |power: i32| differences.iter().map(|d| (d - mean).powi(power)).sum::<f64>() / n;
    central(3) / (central(2) * central(2).sqrt())
}

/// Seeds from 0xc0_0000.
#[test]
#[ignore = "statistical suite: `just statistical`"]
fn too_few_paths_are_not_called_precise_because_they_missed_the_tail() {
    let [by_sample, precise] = found(0xc0_0000, 1000, 24_576);
    assert!(by_sample.0 > 40 && by_sample.1 < 0.927, "the trap is not there: {by_sample:?}");
    assert!(precise.0 <= 5, "{precise:?}");
}

/// Seeds from 0xc1_0000.
#[test]
#[ignore = "statistical suite: `just statistical`"]
fn coverage_of_differences_with_heavy_tails_where_they_are_called_precise() {
    let [_, precise] = found(0xc1_0000, 400, 98_304);
    assert!(precise.0 >= 250, "{precise:?}");
    assert!(COVERAGE.contains(&precise.1), "{precise:?}");
}

/// Draws the volatility of two policies whose account pays withdrawals: on a path in five thousand a
/// withdrawal leaves next to nothing. A fifth of the paths are ruined.
fn near_ruin(seed: u64, paths: usize, is_ruined: bool) -> World {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut world = World {
        cells: vec![empty(ScenarioId(0), PolicyId(0)), empty(ScenarioId(0), PolicyId(1))],
        replicate_paths: 1,
    };
    for path in 0..paths {
        for cell in &mut world.cells {
            let own: f64 = rng.sample(StandardNormal);
            push(cell, MEAN + SD * own, own);
            let set = |cell: &mut OutcomeCell, column: PathColumn, value: f64| {
                if let Some(last) = cell.columns[column as usize].last_mut() {
                    *last = value;
                }
            };
            let tail = rng.random::<f64>() < 2e-4;
            let volatility = 0.1 + 0.01 * own + if tail { rng.random::<f64>() } else { 0.0 };
            set(cell, PathColumn::VolUnitAnnual, volatility);
            if is_ruined && path % 5 == 0 {
                set(cell, PathColumn::RuinMonth, 60.0);
            }
        }
    }
    world
}

/// Seed 0x400, at which no path of 2,000 is in the tail.
#[test]
fn volatility_is_not_precise_where_paths_are_ruined() {
    let precision = |is_ruined: bool, metric: &str, stat: &str| -> [(Label, Option<Label>); 2] {
        let analysis = near_ruin(0x400, 2000, is_ruined).analyse(2000, false);
        let metric = MetricId::of_name(metric).expect("registered").number();
        let level =
            analysis.summary.iter().find(|row| (row.metric_id, &*row.stat) == (metric, stat));
        let level = level.expect("estimated");
        let row = analysis.compare.iter().find(|row| (row.metric_id, &*row.stat) == (metric, stat));
        let row = row.expect("compared");
        // A missing margin is a reason for a missing verdict.
        let reason = row.reason.clone().filter(|reason| reason != "no_margin");
        [(level.precision.clone(), level.reason.clone()), (row.precision.clone(), reason)]
    };
    let precise = ("precise".into(), None);
    let skewed = ("indicative".into(), Some("skew".into()));
    let of_vol = |is_ruined, stat| precision(is_ruined, "vol_unit_annual", stat);
    assert_eq!(of_vol(false, "mean"), [precise.clone(), precise.clone()]);
    let [level, difference] = of_vol(true, "mean");
    assert_eq!(level, skewed);
    assert_eq!(difference.0, "indicative");
    for stat in ["sd", "cvar_05"] {
        assert!(of_vol(true, stat).iter().all(|(precision, _)| precision != "precise"), "{stat}");
    }
    let drawdown = precision(true, "max_drawdown_unit_frac", "mean");
    assert_eq!(drawdown.map(|(precision, _)| precision), ["precise", "precise"]);
}
