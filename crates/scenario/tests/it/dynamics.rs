//! Tests shocks with a memory, jumps and indicators against their closed forms.
//!
//! Each test states its seed. Every score has one observation for each independent path, and is
//! bounded by |z| < 4.5, which a correct generator exceeds once in 150,000.

#![expect(clippy::print_stdout, reason = "`--nocapture` shows the scores")]

use corridor_core::path::{CHUNK_STEPS, PathBlock, PathSource};
use corridor_core::time::Step;
use corridor_scenario::dynamics::{Dynamics, Garch, Indicator, Jumps, RelativeAr};
use corridor_scenario::error::MarketError;
use corridor_scenario::regime_model::RegimeModel;
use corridor_scenario::regime_switching::{Initial, Innovations, MeanIs, Regime, RegimeSwitching};

const L: usize = 64;
const BOUND: f64 = 4.5;

fn market(transition: Vec<Vec<f64>>, regimes: Vec<Regime>, dynamics: Dynamics) -> RegimeSwitching {
    RegimeSwitching {
        assets: (0..regimes[0].mean.len()).map(|i| format!("asset {i}")).collect(),
        step: Step::Month,
        chain_period_steps: 1,
        moments_per_year: 12,
        mean_is: MeanIs::Log,
        transition,
        initial: Initial::Stationary,
        innovations: Innovations::Gaussian,
        regimes,
        correlation_chain: None,
        dynamics,
    }
}

fn regime(name: &str, mean: [f64; 2], vol: [f64; 2], rho: f64) -> Regime {
    Regime {
        name: name.into(),
        mean: mean.to_vec(),
        vol: vol.to_vec(),
        correlation: vec![vec![1.0, rho], vec![rho, 1.0]],
    }
}

fn two_regimes(dynamics: Dynamics) -> RegimeSwitching {
    let regimes = vec![
        regime("calm", [0.008, 0.003], [0.03, 0.015], 0.2),
        regime("storm", [-0.01, 0.004], [0.06, 0.02], -0.3),
    ];
    market(vec![vec![0.9, 0.1], vec![0.3, 0.7]], regimes, dynamics)
}

fn one_regime(dynamics: Dynamics) -> RegimeSwitching {
    market(vec![vec![1.0]], vec![regime("gbm", [0.005, 0.003], [0.04, 0.02], 0.3)], dynamics)
}

/// One path: regimes, log returns and indicators by step.
#[derive(Default)]
struct Path {
    regime: Vec<usize>,
    log_return: Vec<[f64; 2]>,
    indicator: Vec<Vec<f64>>,
}

fn paths(model: &RegimeModel, blocks: u64, steps: usize) -> Vec<Path> {
    let mut found = Vec::new();
    let mut block = PathBlock::<L>::new(2);
    for first in (0..blocks).map(|b| b * L as u64) {
        let mut lanes: Vec<Path> = (0..L).map(|_| Path::default()).collect();
        for start in (0..steps).step_by(CHUNK_STEPS) {
            let size = CHUNK_STEPS.min(steps - start);
            model.fill(first, start as u32, size, &mut block);
            for k in 0..size {
                for (l, path) in lanes.iter_mut().enumerate() {
                    path.regime.push(block.regime(k)[l] as usize);
                    path.log_return.push([0, 1].map(|i| f64::from(block.log_return(k)[i][l])));
                    path.indicator
                        .push(block.indicator(k).iter().map(|row| f64::from(row[l])).collect());
                }
            }
        }
        found.extend(lanes);
    }
    found
}

#[track_caller]
fn close(what: &str, sample: impl Iterator<Item = f64>, expected: f64) {
    let sample: Vec<f64> = sample.collect();
    let n = sample.len() as f64;
    let mean = sample.iter().sum::<f64>() / n;
    let sd = (sample.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1.0)).sqrt();
    let z = (mean - expected) / (sd / n.sqrt());
    println!("{what}: {mean:.3e}, expected {expected:.3e}, z {z:.2}");
    assert!(z.abs() < BOUND, "{what}: {mean:e}, expected {expected:e}, z {z}");
}

/// Checks that means and second moments at the last step are those that the market implies.
fn implied_moments_hold(model: &RegimeModel, paths: &[Path]) {
    let moments = model.implied_moments();
    let mean = |i: usize| moments.mean_log_annual[i] / 12.0;
    let last = |path: &Path, i: usize| path.log_return[path.log_return.len() - 1][i];
    for i in 0..2 {
        close("mean", paths.iter().map(|path| last(path, i)), mean(i));
        for j in 0..=i {
            let covariance = moments.correlation[i][j]
                * (moments.step_variance[i] * moments.step_variance[j]).sqrt();
            close(
                "product",
                paths.iter().map(|path| (last(path, i) - mean(i)) * (last(path, j) - mean(j))),
                covariance,
            );
        }
    }
}

/// Seed 201.
#[test]
#[ignore = "statistical suite: `just statistical`"]
fn a_relative_return_remembers_itself_and_the_sum_does_not() {
    for phi in [-0.4, 0.3] {
        let dynamics = Dynamics {
            relative_ar: Some(RelativeAr { assets: [0, 1], phi }),
            ..Dynamics::default()
        };
        let model = RegimeModel::new(&two_regimes(dynamics), 201).expect("a market");
        let paths = paths(&model, 800, 40);
        implied_moments_hold(&model, &paths);
        let means = [[0.008, 0.003], [-0.01, 0.004]];
        let off = |path: &Path, t: usize| {
            [0, 1].map(|i| path.log_return[t][i] - means[path.regime[t]][i])
        };
        let moments = model.implied_moments();
        // The variance of the relative return within regimes.
        let variance: f64 = [(0.03f64, 0.015, 0.2), (0.06, 0.02, -0.3)]
            .iter()
            .zip(&moments.stationary)
            .map(|((a, b, rho), p)| p * (a * a + b * b - 2.0 * rho * a * b))
            .sum::<f64>()
            / (1.0 - phi * phi);
        let relative = |path: &Path, t: usize| off(path, t)[0] - off(path, t)[1];
        let sum = |path: &Path, t: usize| off(path, t)[0] + off(path, t)[1];
        close(
            "relative variance",
            paths.iter().map(|path| relative(path, 39) * relative(path, 39)),
            variance,
        );
        close(
            "relative lag 1",
            paths.iter().map(|path| relative(path, 39) * relative(path, 38)),
            phi * variance,
        );
        close(
            "relative lag 2",
            paths.iter().map(|path| relative(path, 39) * relative(path, 37)),
            phi * phi * variance,
        );
        close("sum lag 1", paths.iter().map(|path| sum(path, 39) * sum(path, 38)), 0.0);
    }
}

/// Seed 202.
#[test]
#[ignore = "statistical suite: `just statistical`"]
fn jumps_come_as_often_and_as_large_as_declared() {
    let jumps =
        Jumps { probability: vec![0.05, 0.3], mean: vec![-0.1, 0.02], vol: vec![0.05, 0.03] };
    let model =
        RegimeModel::new(&two_regimes(Dynamics { jumps: Some(jumps), ..Dynamics::default() }), 202)
            .expect("a market");
    implied_moments_hold(&model, &paths(&model, 1500, 12));
}

/// Seed 203: with `p = a + b`, the fourth moment of a Gaussian GARCH(1,1) is
/// `3 (1 - p^2) / (1 - p^2 - 2 a^2)` (Bollerslev 1986).
#[test]
#[ignore = "statistical suite: `just statistical`"]
fn variances_follow_their_shocks() {
    let (alpha, beta) = (0.15, 0.6);
    let garch =
        |gamma| Dynamics { garch: Some(Garch { alpha, beta, gamma }), ..Dynamics::default() };
    let model = RegimeModel::new(&one_regime(garch(0.0)), 203).expect("a market");
    let found = paths(&model, 1200, 60);
    implied_moments_hold(&model, &found);
    let e = |path: &Path, t: usize| (path.log_return[t][0] - 0.005) / 0.04;
    let persistence: f64 = alpha + beta;
    let kurtosis = 3.0 * (1.0 - persistence * persistence)
        / (1.0 - persistence * persistence - 2.0 * alpha * alpha);
    close(
        "fourth moment",
        found.iter().map(|path| e(path, 59) * e(path, 59) * e(path, 59) * e(path, 59)),
        kurtosis,
    );
    // E[e(t)^2 e(t-1)^2] = 1 + (kurtosis - 1) rho with
    // rho = a (1 - a b - b^2) / (1 - 2 a b - b^2).
    let rho = alpha * (1.0 - alpha * beta - beta * beta) / (1.0 - 2.0 * alpha * beta - beta * beta);
    close(
        "squares at lag 1",
        found.iter().map(|path| e(path, 59) * e(path, 59) * e(path, 58) * e(path, 58)),
        1.0 + (kurtosis - 1.0) * rho,
    );
    let model = RegimeModel::new(&two_regimes(garch(0.1)), 203).expect("a market");
    let variance = &model.implied_moments().step_variance;
    let found = paths(&model, 1200, 120);
    for (i, variance) in variance.iter().enumerate() {
        let mean = model.implied_moments().mean_log_annual[i] / 12.0;
        close(
            "variance with regimes",
            found
                .iter()
                .map(|path| (path.log_return[119][i] - mean) * (path.log_return[119][i] - mean)),
            *variance,
        );
    }
}

/// Seed 204.
#[test]
#[ignore = "statistical suite: `just statistical`"]
fn indicators_know_their_regime_in_advance_and_no_further() {
    let indicator = |persistence, lead_steps| Indicator {
        name: String::new(),
        mean: vec![1.0, -1.0],
        persistence,
        noise_sd: 0.5,
        lead_steps,
    };
    let dynamics = Dynamics {
        indicators: vec![indicator(0.0, 0), indicator(0.0, 5), indicator(0.7, 0)],
        ..Dynamics::default()
    };
    let model = RegimeModel::new(&two_regimes(dynamics), 204).expect("a market");
    let found = paths(&model, 800, 40);
    for (s, mean) in [(0, 1.0), (1, -1.0)] {
        close(
            "now",
            found.iter().filter(|path| path.regime[20] == s).map(|path| path.indicator[20][0]),
            mean,
        );
        close(
            "ahead",
            found.iter().filter(|path| path.regime[25] == s).map(|path| path.indicator[20][1]),
            mean,
        );
        // One step further on it follows the transition: E[m(s(26)) | s(25) = s].
        let after = if s == 0 { 0.9 - 0.1 } else { 0.3 - 0.7 };
        close(
            "a step further",
            found.iter().filter(|path| path.regime[25] == s).map(|path| path.indicator[21][1]),
            after,
        );
    }
    let noise = |path: &Path, t: usize| path.indicator[t][0] - [1.0, -1.0][path.regime[t]];
    close("noise", found.iter().map(|path| noise(path, 20) * noise(path, 20)), 0.25);
    close("noise at lag 1", found.iter().map(|path| noise(path, 20) * noise(path, 19)), 0.0);
    // The shock is x(t) - m - 0.7 (x(t-1) - m).
    let shock = |path: &Path| {
        let m = [1.0, -1.0][path.regime[20]];
        path.indicator[20][2] - m - 0.7 * (path.indicator[19][2] - m)
    };
    close("shock", found.iter().map(|path| shock(path) * shock(path)), 0.25);
    // The stationary law is 0.75 and 0.25, so the mean is 0.75 - 0.25.
    close("level in the long run", found.iter().map(|path| path.indicator[39][2]), 0.5);
}

#[test]
fn what_cannot_be_is_refused() {
    let refused = |dynamics| match RegimeModel::new(&two_regimes(dynamics), 1) {
        Err(errors) => matches!(errors.as_slice(), [MarketError::Dynamics { .. }]),
        Ok(_) => false,
    };
    let garch = |alpha, beta, gamma| Dynamics {
        garch: Some(Garch { alpha, beta, gamma }),
        ..Dynamics::default()
    };
    assert!(
        refused(garch(0.5, 0.5, 0.0))
            && refused(garch(0.1, 0.8, 0.3))
            && refused(garch(-0.1, 0.5, 0.0))
    );
    assert!(!refused(garch(0.1, 0.8, 0.0)));
    assert!(refused(Dynamics {
        relative_ar: Some(RelativeAr { assets: [0, 1], phi: 1.0 }),
        ..Dynamics::default()
    }));
    let jumps = Jumps { probability: vec![0.1, 1.5], mean: vec![0.0; 2], vol: vec![0.0; 2] };
    assert!(refused(Dynamics { jumps: Some(jumps), ..Dynamics::default() }));
    let blind = Indicator {
        name: "x".into(),
        mean: vec![0.0, f64::NAN],
        persistence: 0.5,
        noise_sd: 1.0,
        lead_steps: 0,
    };
    assert!(refused(Dynamics { indicators: vec![blind], ..Dynamics::default() }));
}
