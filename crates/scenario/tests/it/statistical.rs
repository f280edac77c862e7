//! Tests generated markets against the laws they were declared with.
//!
//! Each test states its seed and its bound: on |z|, or alpha, the probability that a correct
//! generator fails it. Seeds are fixed, so a test that passes once always passes. `CORRIDOR_LONG`
//! in the environment multiplies sample sizes by 10.

#![expect(clippy::needless_range_loop, reason = "the indices are the formulas'")]
#![expect(clippy::print_stdout, reason = "`--nocapture` shows the scores")]

use corridor_core::lanes::Row;
use corridor_core::numerics::{exp, ln, normal_pair, pow};
use corridor_core::path::{CHUNK_STEPS, PathBlock, PathSource};
use corridor_core::random::{Stream, words};
use corridor_core::time::Step;
use corridor_scenario::bootstrap::{Bootstrap, History};
use corridor_scenario::dynamics::Dynamics;
use corridor_scenario::regime_model::RegimeModel;
use corridor_scenario::regime_switching::{
    CorrelationChain, Initial, Innovations, MeanIs, Regime, RegimeSwitching,
};
use statrs::distribution::{ChiSquared, ContinuousCDF, StudentsT};

const L: usize = 64;
/// Bound on every |z|: a correct generator fails one score in 150,000.
const BOUND: f64 = 4.5;

/// Returns the factor on all sample sizes.
fn scale() -> u64 {
    if std::env::var_os("CORRIDOR_LONG").is_some() { 10 } else { 1 }
}

/// Regimes, `[step]`, and returns, `[step][asset]`, of 64 paths.
struct Paths {
    regime: Vec<Row<u32, L>>,
    log_return: Vec<Vec<Row<f32, L>>>,
    gross: Vec<Vec<Row<f64, L>>>,
}

impl Paths {
    fn x(&self, t: usize, asset: usize, lane: usize) -> f64 {
        f64::from(self.log_return[t][asset][lane])
    }

    fn state(&self, t: usize, lane: usize) -> usize {
        self.regime[t][lane] as usize
    }
}

/// Visits `blocks` blocks of 64 paths, times [`scale`], generated chunk by chunk.
fn visit(source: &dyn PathSource<L>, blocks: u64, steps: usize, mut visit: impl FnMut(&Paths)) {
    let mut block = PathBlock::<L>::new(source.assets().len());
    for b in 0..blocks * scale() {
        let mut paths = Paths { regime: Vec::new(), log_return: Vec::new(), gross: Vec::new() };
        for start in (0..steps).step_by(CHUNK_STEPS) {
            let size = CHUNK_STEPS.min(steps - start);
            source.fill(b * L as u64, start as u32, size, &mut block);
            for k in 0..size {
                paths.regime.push(*block.regime(k));
                paths.log_return.push(block.log_return(k).to_vec());
                paths.gross.push(block.gross(k).to_vec());
            }
        }
        visit(&paths);
    }
}

/// Count, sum and sum of squares of uncorrelated observations.
#[derive(Clone, Copy, Default)]
struct Sample {
    n: f64,
    sum: f64,
    squares: f64,
}

impl Sample {
    fn add(&mut self, x: f64) {
        self.n += 1.0;
        self.sum += x;
        self.squares += x * x;
    }

    fn count(&mut self, yes: bool) {
        self.add(f64::from(u8::from(yes)));
    }

    fn mean(&self) -> f64 {
        self.sum / self.n
    }

    fn error(&self) -> f64 {
        ((self.squares / self.n - self.mean() * self.mean()) / self.n).sqrt()
    }

    /// Returns the z of the mean, with the standard error of the sample.
    fn z(&self, expected: f64) -> f64 {
        (self.mean() - expected) / self.error()
    }

    /// Returns the z of a frequency.
    fn z_of_share(&self, p: f64) -> f64 {
        (self.mean() - p) / (p * (1.0 - p) / self.n).sqrt()
    }
}

/// Checks that z values are within [`BOUND`], and remembers the largest.
#[derive(Default)]
struct Judge {
    worst: f64,
    count: usize,
}

impl Judge {
    fn z(&mut self, what: &str, z: f64) {
        assert!(z.abs() < BOUND, "{what}: z = {z:+.2}, bound {BOUND}");
        self.worst = self.worst.max(z.abs());
        self.count += 1;
    }

    /// Checks means, vols and correlations of rows of returns against a regime.
    ///
    /// A row may be a sum of returns over a `share` of the unit of the declared moments.
    fn moments(
        &mut self,
        what: &str,
        regime: &Regime,
        correlation: &[Vec<f64>],
        share: f64,
        rows: &[Vec<f64>],
    ) {
        let n = rows.len() as f64;
        let u = |row: &[f64], i: usize| {
            (row[i] - regime.mean[i] * share) / (regime.vol[i] * share.sqrt())
        };
        for i in 0..regime.mean.len() {
            self.z(
                &format!("{what}, mean of asset {i}"),
                rows.iter().map(|row| u(row, i)).sum::<f64>() / n.sqrt(),
            );
            // A squared standard normal has variance 2; a product of two with correlation rho, 1 +
            // rho^2.
            self.z(
                &format!("{what}, vol of asset {i}"),
                rows.iter().map(|row| u(row, i) * u(row, i) - 1.0).sum::<f64>() / (2.0 * n).sqrt(),
            );
            for (j, rho) in correlation[i].iter().enumerate().take(i) {
                let z = rows.iter().map(|row| u(row, i) * u(row, j) - rho).sum::<f64>()
                    / ((1.0 + rho * rho) * n).sqrt();
                self.z(&format!("{what}, correlation of assets {i} and {j}"), z);
            }
        }
    }

    fn report(&self) {
        assert!(self.count > 0);
        println!("{} scores, largest |z| = {:.2}, bound {BOUND}", self.count, self.worst);
    }
}

/// Returns the stationary law of a transition matrix, by applying it many times.
fn stationary(transition: &[Vec<f64>]) -> Vec<f64> {
    let states = transition.len();
    let mut law = vec![1.0 / states as f64; states];
    for _ in 0..10_000 {
        law = (0..states).map(|j| (0..states).map(|i| law[i] * transition[i][j]).sum()).collect();
    }
    law
}

/// Returns the critical distance of a Kolmogorov-Smirnov test with a sample of `n`, from the first
/// term of Kolmogorov's law.
fn ks_critical(alpha: f64, n: f64) -> f64 {
    (-0.5 * ln(alpha / 2.0) / n).sqrt()
}

fn ks_distance(sorted: &[f64], law: impl Fn(f64) -> f64) -> f64 {
    let n = sorted.len() as f64;
    let distance = sorted.iter().enumerate().map(|(k, &x)| {
        let p = law(x);
        (p - k as f64 / n).max((k + 1) as f64 / n - p)
    });
    distance.fold(0.0, f64::max)
}

fn regime(name: &str, mean: &[f64], vol: &[f64], correlation: Vec<Vec<f64>>) -> Regime {
    Regime { name: name.into(), mean: mean.to_vec(), vol: vol.to_vec(), correlation }
}

fn pair(rho: f64) -> Vec<Vec<f64>> {
    vec![vec![1.0, rho], vec![rho, 1.0]]
}

fn triple(a: f64, b: f64, c: f64) -> Vec<Vec<f64>> {
    vec![vec![1.0, a, b], vec![a, 1.0, c], vec![b, c, 1.0]]
}

/// Returns a market of log means a month whose chain starts from its stationary law.
fn market(
    step: Step,
    chain_period_steps: u32,
    transition: Vec<Vec<f64>>,
    regimes: Vec<Regime>,
) -> RegimeSwitching {
    RegimeSwitching {
        assets: (0..regimes[0].mean.len()).map(|i| format!("asset {i}")).collect(),
        step,
        chain_period_steps,
        moments_per_year: 12,
        mean_is: MeanIs::Log,
        transition,
        initial: Initial::Stationary,
        innovations: Innovations::Gaussian,
        regimes,
        correlation_chain: None,
        dynamics: Dynamics::default(),
    }
}

fn three_regimes() -> RegimeSwitching {
    market(
        Step::Month,
        1,
        vec![vec![0.95, 0.04, 0.01], vec![0.10, 0.80, 0.10], vec![0.05, 0.25, 0.70]],
        vec![
            regime("calm", &[0.010, 0.004, 0.002], &[0.02, 0.010, 0.03], triple(0.2, -0.3, 0.5)),
            regime("rough", &[0.000, 0.003, -0.004], &[0.04, 0.015, 0.05], triple(0.7, 0.1, 0.0)),
            regime(
                "crash",
                &[-0.040, 0.006, -0.010],
                &[0.08, 0.030, 0.02],
                triple(-0.4, 0.6, -0.2),
            ),
        ],
    )
}

/// Seed 101, |z| < 4.5.
#[test]
#[ignore = "statistical suite: `just statistical`"]
fn returns_have_the_declared_moments_in_every_regime() {
    let market = three_regimes();
    let model = RegimeModel::new(&market, 101).expect("a market");
    let mut rows = vec![Vec::new(); 3];
    visit(&model, 100, 240, |paths| {
        for t in 0..240 {
            for l in 0..L {
                rows[paths.state(t, l)]
                    .push((0..3).map(|i| paths.x(t, i, l)).collect::<Vec<f64>>());
            }
        }
    });
    let mut judge = Judge::default();
    for (regime, rows) in market.regimes.iter().zip(&rows) {
        judge.moments(&regime.name, regime, &regime.correlation, 1.0, rows);
    }
    judge.report();
}

/// Seed 102, |z| < 4.5: occupancy at the first and a late step, transitions, lengths of stays.
#[test]
#[ignore = "statistical suite: `just statistical`"]
fn regimes_follow_the_declared_chain() {
    const CAP: usize = 60;
    let market = three_regimes();
    let model = RegimeModel::new(&market, 102).expect("a market");
    let law = stationary(&market.transition);
    let mut occupancy = [[Sample::default(); 3]; 2];
    let mut moves = [[Sample::default(); 3]; 3];
    let (mut stays, mut long_stays) = ([Sample::default(); 3], [Sample::default(); 3]);
    visit(&model, 400, 240, |paths| {
        for l in 0..L {
            for (sample, t) in occupancy.iter_mut().zip([0, 239]) {
                for (s, sample) in sample.iter_mut().enumerate() {
                    sample.count(paths.state(t, l) == s);
                }
            }
            for t in 1..240 {
                let (from, to) = (paths.state(t - 1, l), paths.state(t, l));
                for (s, sample) in moves[from].iter_mut().enumerate() {
                    sample.count(to == s);
                }
                if from != to && t <= 240 - CAP {
                    let length = (t..t + CAP).take_while(|&u| paths.state(u, l) == to).count();
                    stays[to].add(length as f64);
                    long_stays[to].count(length > 5);
                }
            }
        }
    });
    let mut judge = Judge::default();
    for s in 0..3 {
        judge.z(&format!("regime {s} at the first step"), occupancy[0][s].z_of_share(law[s]));
        judge.z(&format!("regime {s} at step 240"), occupancy[1][s].z_of_share(law[s]));
        for to in 0..3 {
            judge.z(
                &format!("moves from {s} to {to}"),
                moves[s][to].z_of_share(market.transition[s][to]),
            );
        }
        // The mean of a geometric stay cut off at CAP is the sum of the probabilities p^k to last
        // longer than k.
        let p = market.transition[s][s];
        let mean = (1.0 - pow(p, CAP as f64)) / (1.0 - p);
        println!(
            "regime {s}: mean stay {:.4}, expected {mean:.4}; share {:.4}, expected {:.4}",
            stays[s].mean(),
            occupancy[1][s].mean(),
            law[s]
        );
        judge.z(&format!("mean stay in {s}"), stays[s].z(mean));
        judge.z(&format!("stays beyond 5 in {s}"), long_stays[s].z_of_share(pow(p, 5.0)));
        assert!((model.implied_moments().stationary[s] - law[s]).abs() < 1e-9);
        assert!((model.implied_moments().sojourn_years[s] - 1.0 / (1.0 - p) / 12.0).abs() < 1e-9);
    }
    judge.report();
}

/// Seed 103, |z| < 4.5, standard errors from independent paths.
#[test]
#[ignore = "statistical suite: `just statistical`"]
fn implied_moments_are_those_of_the_simulation() {
    for mean_is in [MeanIs::Log, MeanIs::Drift, MeanIs::Arithmetic] {
        let market = RegimeSwitching { mean_is, ..three_regimes() };
        let model = RegimeModel::new(&market, 103).expect("a market");
        let implied = model.implied_moments();
        let (mut mean, mut gross, mut products) =
            ([Sample::default(); 3], [Sample::default(); 3], [[Sample::default(); 3]; 3]);
        visit(&model, 200, 120, |paths| {
            for l in 0..L {
                let average = |f: &dyn Fn(usize) -> f64| (0..120).map(f).sum::<f64>() / 120.0;
                let centred = |t: usize, i: usize| {
                    (paths.x(t, i, l) - implied.mean_log_annual[i] / 12.0)
                        / (implied.vol_annual[i] / 12f64.sqrt())
                };
                for i in 0..3 {
                    mean[i].add(12.0 * average(&|t| paths.x(t, i, l)));
                    gross[i].add(average(&|t| paths.gross[t][i][l]));
                    for j in 0..=i {
                        products[i][j].add(average(&|t| centred(t, i) * centred(t, j)));
                    }
                }
            }
        });
        let mut judge = Judge::default();
        for i in 0..3 {
            judge.z(
                &format!("{mean_is:?}: mean log return of {i}"),
                mean[i].z(implied.mean_log_annual[i]),
            );
            judge.z(
                &format!("{mean_is:?}: mean gross return of {i}"),
                gross[i].z(exp(implied.log_mean_growth_annual[i] / 12.0)),
            );
            for j in 0..=i {
                let what = format!(
                    "{mean_is:?}: {} of {i} and {j}",
                    if i == j { "vol" } else { "correlation" }
                );
                judge.z(&what, products[i][j].z(implied.correlation[i][j]));
            }
        }
        judge.report();
    }
}

/// Seed 104, |z| < 4.5: with equal means, `cov(x^2(t), x^2(t+k)) = p1 p2 d^2 q^k`, where `p1` and
/// `p2` are the stationary law, `d` is the difference of the variances and `q` is one less than the
/// sum of the probabilities to stay.
#[test]
#[ignore = "statistical suite: `just statistical`"]
fn the_autocorrelation_of_squares_decays_with_the_chain() {
    let regimes = [("calm", 0.01), ("wild", 0.03)]
        .map(|(name, vol)| regime(name, &[0.0], &[vol], vec![vec![1.0]]));
    let market = market(Step::Month, 1, vec![vec![0.95, 0.05], vec![0.15, 0.85]], regimes.to_vec());
    let model = RegimeModel::new(&market, 104).expect("a market");
    let (calm, wild) = (1e-4, 9e-4);
    let variance = 0.75 * calm + 0.25 * wild;
    let of_squares = 3.0 * (0.75 * calm * calm + 0.25 * wild * wild) - variance * variance;
    let lags = [1, 2, 5, 10];
    let mut samples = [Sample::default(); 4];
    visit(&model, 400, 240, |paths| {
        for l in 0..L {
            let square = |t: usize| paths.x(t, 0, l) * paths.x(t, 0, l) - variance;
            for (sample, lag) in samples.iter_mut().zip(lags) {
                sample.add(
                    (0..240 - lag).map(|t| square(t) * square(t + lag)).sum::<f64>()
                        / (240 - lag) as f64
                        / of_squares,
                );
            }
        }
    });
    let mut judge = Judge::default();
    for (sample, lag) in samples.iter().zip(lags) {
        let expected =
            0.75 * 0.25 * (wild - calm) * (wild - calm) * pow(0.8, lag as f64) / of_squares;
        println!(
            "lag {lag}: {:.5}, expected {expected:.5}, z = {:+.2}",
            sample.mean(),
            sample.z(expected)
        );
        assert!(sample.error() < 0.05 * expected, "too few draws to tell");
        judge.z(&format!("lag {lag}"), sample.z(expected));
    }
    judge.report();
}

/// Returns a split market whose main chain moves every step and whose correlation chain, also
/// returned, moves every three.
fn two_clocks() -> (RegimeSwitching, CorrelationChain) {
    let split = CorrelationChain {
        chain_period_steps: 3,
        transition: vec![vec![0.8, 0.2], vec![0.4, 0.6]],
        initial: Initial::Stationary,
        regimes: vec![("together".into(), pair(0.8)), ("apart".into(), pair(-0.5))],
    };
    let regimes = vec![
        regime("calm", &[0.01, 0.0], &[0.02, 0.01], vec![]),
        regime("wild", &[-0.01, 0.02], &[0.06, 0.05], vec![]),
    ];
    let market = RegimeSwitching {
        correlation_chain: Some(split.clone()),
        ..market(Step::Month, 1, vec![vec![0.9, 0.1], vec![0.3, 0.7]], regimes)
    };
    (market, split)
}

/// Seed 105, |z| < 4.5: two independent chains on clocks of one and three steps.
#[test]
#[ignore = "statistical suite: `just statistical`"]
fn a_split_market_takes_vols_from_one_chain_and_correlations_from_the_other() {
    let (market, split) = two_clocks();
    let transition = market.transition.clone();
    let model = RegimeModel::new(&market, 105).expect("a market");
    let mut occupancy = [[Sample::default(); 4]; 3];
    let mut moves = [[Sample::default(); 4]; 4];
    let mut rows = vec![Vec::new(); 4];
    visit(&model, 200, 100, |paths| {
        for l in 0..L {
            for (sample, t) in occupancy.iter_mut().zip([0, 48, 99]) {
                for (s, sample) in sample.iter_mut().enumerate() {
                    sample.count(paths.state(t, l) == s);
                }
            }
            for t in 0..100 {
                rows[paths.state(t, l)].push(vec![paths.x(t, 0, l), paths.x(t, 1, l)]);
                if t > 0 && t % 3 != 0 {
                    assert_eq!(
                        paths.state(t, l) % 2,
                        paths.state(t - 1, l) % 2,
                        "the second chain moves every three steps"
                    );
                } else if t > 0 {
                    for (s, sample) in moves[paths.state(t - 1, l)].iter_mut().enumerate() {
                        sample.count(paths.state(t, l) == s);
                    }
                }
            }
        }
    });
    let (outer, inner) = (stationary(&transition), stationary(&split.transition));
    let mut judge = Judge::default();
    for joint in 0..4 {
        let (s, c) = (joint / 2, joint % 2);
        for (sample, t) in occupancy.iter().zip([0, 48, 99]) {
            judge.z(
                &format!("regimes {s} and {c} at step {t}"),
                sample[joint].z_of_share(outer[s] * inner[c]),
            );
        }
        for to in 0..4 {
            let p = transition[s][to / 2] * split.transition[c][to % 2];
            judge.z(&format!("moves from {joint} to {to}"), moves[joint][to].z_of_share(p));
        }
        judge.moments(
            &format!("regimes {s} and {c}"),
            &market.regimes[s],
            &split.regimes[c].1,
            1.0,
            &rows[joint],
        );
        assert_eq!(
            PathSource::<L>::regimes(&model)[joint],
            format!("{}/{}", market.regimes[s].name, split.regimes[c].0)
        );
    }
    judge.report();
}

/// Seed 106, |z| < 4.5: a chain that moves every 21 daily steps, which chunks of 24 cut anywhere.
#[test]
#[ignore = "statistical suite: `just statistical`"]
fn a_monthly_chain_in_daily_steps_keeps_its_month() {
    let transition = vec![vec![0.9, 0.1], vec![0.25, 0.75]];
    let regimes = vec![
        regime("calm", &[0.01, 0.005], &[0.03, 0.02], pair(0.3)),
        regime("wild", &[-0.02, 0.01], &[0.09, 0.05], pair(-0.6)),
    ];
    let market = market(Step::Day, 21, transition.clone(), regimes);
    let model = RegimeModel::new(&market, 106).expect("a market");
    let law = stationary(&transition);
    let (mut months, mut days) = (vec![Vec::new(); 2], vec![Vec::new(); 2]);
    let (mut moves, mut last) = ([Sample::default(); 2], Sample::default());
    visit(&model, 150, 504, |paths| {
        for l in 0..L {
            last.count(paths.state(503, l) == 1);
            for month in 0..24 {
                let state = paths.state(month * 21, l);
                let mut sum = vec![0.0; 2];
                for t in month * 21..(month + 1) * 21 {
                    assert_eq!(
                        paths.state(t, l),
                        state,
                        "step {t} changed regime within its month"
                    );
                    (0..2).for_each(|i| sum[i] += paths.x(t, i, l));
                }
                months[state].push(sum);
                let day = month * 21 + l % 21;
                days[state].push(vec![paths.x(day, 0, l), paths.x(day, 1, l)]);
                if month > 0 {
                    moves[paths.state(month * 21 - 1, l)].count(state == 1);
                }
            }
        }
    });
    let mut judge = Judge::default();
    judge.z("regime 1 at step 504", last.z_of_share(law[1]));
    for (s, regime) in market.regimes.iter().enumerate() {
        judge.z(&format!("moves from {s}"), moves[s].z_of_share(transition[s][1]));
        judge.moments(&format!("months of {s}"), regime, &regime.correlation, 1.0, &months[s]);
        judge.moments(&format!("days of {s}"), regime, &regime.correlation, 1.0 / 21.0, &days[s]);
    }
    judge.report();
}

/// Seed 107, |z| < 4.5, alpha 1e-4 for each Kolmogorov-Smirnov test: even, odd and fractional
/// degrees of freedom.
#[test]
#[ignore = "statistical suite: `just statistical`"]
fn student_t_shocks_have_unit_variance_their_law_and_one_mixing_for_all_assets() {
    // Squares have no fourth moment here, so their products are capped.
    const CAP: f64 = 16.0;
    for df in [6.0, 5.0, 4.5] {
        let regimes = vec![regime("only", &[0.0, 0.0], &[0.01, 0.01], pair(0.0))];
        let market = RegimeSwitching {
            innovations: Innovations::StudentT { df },
            ..market(Step::Month, 1, vec![vec![1.0]], regimes)
        };
        let model = RegimeModel::new(&market, 107).expect("a market");
        let law = |df: f64| StudentsT::new(0.0, ((df - 2.0) / df).sqrt(), df).expect("a law");
        let p = 2.0 * law(df).cdf(-1.0);
        let (mut first, mut radius) = (Vec::new(), Vec::new());
        let (mut capped, mut products, mut successive) =
            (Sample::default(), Sample::default(), Sample::default());
        visit(&model, 100, 100, |paths| {
            for l in 0..L {
                for t in 0..100 {
                    let (x, y) = (paths.x(t, 0, l) / 0.01, paths.x(t, 1, l) / 0.01);
                    first.push(x);
                    radius.push(x * x + y * y);
                    capped.add((x * x).min(CAP));
                    products.add((x * x).min(CAP) * (y * y).min(CAP));
                    if t > 0 {
                        successive.count(x.abs() > 1.0 && paths.x(t - 1, 0, l).abs() > 0.01);
                    }
                }
            }
        });
        let n = first.len() as f64;
        let mut judge = Judge::default();
        let kurtosis = 3.0 * (df - 2.0) / (df - 4.0);
        let variance = first.iter().map(|x| x * x).sum::<f64>() / n;
        let z = (variance - 1.0) / ((kurtosis - 1.0) / n).sqrt();
        println!("df {df}: variance {variance:.5}, z = {z:+.2}");
        judge.z("variance", z);
        // Successive pairs overlap: two pairs that share a step have the covariance p^3 (1 - p).
        let deflation = ((p * p * (1.0 - p * p))
            / (p * p * (1.0 - p * p) + 2.0 * p * p * p * (1.0 - p)))
            .sqrt();
        judge.z("large shocks in a row", successive.z_of_share(p * p) * deflation);
        let z = products.z(capped.mean() * capped.mean());
        println!("df {df}: squares of two assets, capped, are correlated with z = {z:+.1}");
        assert!(z > 20.0, "squares of two assets are uncorrelated");
        first.sort_unstable_by(f64::total_cmp);
        radius.sort_unstable_by(f64::total_cmp);
        let critical = ks_critical(1e-4, n);
        let distance = ks_distance(&first, |x| law(df).cdf(x));
        // A multivariate t has P(x^2 + y^2 > q) = (1 + q / (df - 2))^(-df/2). Two assets with
        // mixing variables of their own do not.
        let of_radii = ks_distance(&radius, |q| 1.0 - pow(1.0 + q / (df - 2.0), -df / 2.0));
        let of_another = ks_distance(&first, |x| law(df + 1.0).cdf(x));
        println!(
            "df {df}: distance {distance:.2e}, of radii {of_radii:.2e}, from df + 1 \
            {of_another:.2e}, critical {critical:.2e}"
        );
        assert!(distance < critical && of_radii < critical);
        assert!(of_another > critical, "too few draws to tell");
        judge.report();
    }
}

/// Seed 108, |z| < 4.5, alpha 1e-4 for each chi-square test: every return of the history identifies
/// its date.
#[test]
#[ignore = "statistical suite: `just statistical`"]
fn the_bootstrap_draws_geometric_blocks_of_uniform_dates() {
    const DATES: usize = 500;
    const CAP: usize = 100;
    let code = |date: usize| 1e-4 * (date + 1) as f64;
    let history = History {
        assets: vec!["up".into(), "down".into()],
        step: Step::Month,
        returns: (0..DATES).map(|d| vec![code(d), -code(d)]).collect(),
        indicators: Vec::new(),
        mean_block_steps: 12.5,
    };
    let model = Bootstrap::new(&history, 108).expect("a history");
    let mut dates = vec![vec![0u64; DATES]; 3];
    let (mut restarts, mut lengths, mut long, mut starts) =
        (Sample::default(), Sample::default(), Sample::default(), vec![0u64; DATES]);
    visit(&model, 300, 240, |paths| {
        for l in 0..L {
            let path: Vec<usize> = (0..240)
                .map(|t| ((paths.gross[t][0][l] - 1.0) * 1e4).round() as usize - 1)
                .collect();
            for t in 0..240 {
                assert_eq!(
                    (paths.gross[t][0][l], paths.gross[t][1][l]),
                    (1.0 + code(path[t]), 1.0 - code(path[t])),
                    "assets of two dates"
                );
            }
            for (counts, t) in dates.iter_mut().zip([0, 100, 239]) {
                counts[path[t]] += 1;
            }
            let restarts_at = |t: usize| path[t] != (path[t - 1] + 1) % DATES;
            for t in 1..240 {
                restarts.count(restarts_at(t));
                if restarts_at(t) {
                    starts[path[t]] += 1;
                    if t <= 240 - CAP {
                        let length = 1 + (t + 1..t + CAP).take_while(|&u| !restarts_at(u)).count();
                        lengths.add(length as f64);
                        long.count(length > 12);
                    }
                }
            }
        }
    });
    // One new block in 500 begins by chance at the next date of the old one, and is not counted.
    let q = (1.0 - 1.0 / DATES as f64) / 12.5;
    let mean = (1.0 - pow(1.0 - q, CAP as f64)) / q;
    let mut judge = Judge::default();
    println!("mean block {:.4}, expected {mean:.4} (cut off at {CAP})", lengths.mean());
    judge.z("restarts", restarts.z_of_share(q));
    judge.z("mean block", lengths.z(mean));
    judge.z("blocks beyond 12", long.z_of_share(pow(1.0 - q, 12.0)));
    judge.report();
    let critical = ChiSquared::new((DATES - 1) as f64).expect("df above 0").inverse_cdf(1.0 - 1e-4);
    for (counts, what) in dates.iter().chain([&starts]).zip([
        "at the first step",
        "at step 101",
        "at step 240",
        "where blocks start",
    ]) {
        let expected = counts.iter().sum::<u64>() as f64 / DATES as f64;
        let statistic = counts
            .iter()
            .map(|&c| (c as f64 - expected) * (c as f64 - expected) / expected)
            .sum::<f64>();
        println!("dates {what}: chi-square {statistic:.1}, critical {critical:.1}");
        assert!(statistic < critical);
    }
}

/// Seed 109, and 110 for the history, |z| < 4.5: with mean block `b`, lag `k` keeps the share
/// `(1 - 1/b)^k` of the history's circular autocovariance.
#[test]
#[ignore = "statistical suite: `just statistical`"]
fn the_bootstrap_keeps_autocorrelation_within_blocks_only() {
    const DATES: usize = 400;
    const BLOCK: f64 = 10.0;
    let mut x = 0.0;
    let mut next = |t: u32| {
        let [a, b, ..] = words(110, 0, t, Stream::Innovations);
        x = 0.9 * x + 0.01 * f64::from(normal_pair(a, b).0);
        vec![x]
    };
    let returns: Vec<Vec<f64>> = (0..DATES as u32).map(&mut next).collect();
    let log: Vec<f64> = returns.iter().map(|row| ln(1.0 + row[0])).collect();
    let mean = log.iter().sum::<f64>() / DATES as f64;
    let circular = |lag: usize| {
        (0..DATES).map(|t| (log[t] - mean) * (log[(t + lag) % DATES] - mean)).sum::<f64>()
            / DATES as f64
    };
    let variance = circular(0);
    let history = History {
        assets: vec!["slow".into()],
        step: Step::Month,
        returns,
        indicators: Vec::new(),
        mean_block_steps: BLOCK,
    };
    let model = Bootstrap::new(&history, 109).expect("a history");
    let lags = [0, 1, 2, 5, 10];
    let (mut samples, mut level) = ([Sample::default(); 5], Sample::default());
    visit(&model, 300, 240, |paths| {
        for l in 0..L {
            let centred: Vec<f64> = (0..240).map(|t| paths.x(t, 0, l) - mean).collect();
            level.add(centred.iter().sum::<f64>() / 240.0);
            for (sample, lag) in samples.iter_mut().zip(lags) {
                sample.add(
                    (0..240 - lag).map(|t| centred[t] * centred[t + lag]).sum::<f64>()
                        / (240 - lag) as f64
                        / variance,
                );
            }
        }
    });
    let mut judge = Judge::default();
    judge.z("mean", level.z(0.0));
    for (sample, lag) in samples.iter().zip(lags) {
        let expected = circular(lag) / variance * pow(1.0 - 1.0 / BLOCK, lag as f64);
        println!(
            "lag {lag}: {:.4}, expected {expected:.4}, z = {:+.2}",
            sample.mean(),
            sample.z(expected)
        );
        judge.z(&format!("lag {lag}"), sample.z(expected));
    }
    assert!((model.implied_moments().mean_log_annual[0] - 12.0 * mean).abs() < 1e-12);
    assert!((model.implied_moments().step_variance[0] / variance - 1.0).abs() < 1e-9);
    judge.report();
}

/// Returns a split market in weekly steps, whose main regime moves every month and whose
/// correlations change every quarter.
fn split_market() -> RegimeSwitching {
    let chain = CorrelationChain {
        chain_period_steps: 13,
        transition: vec![vec![0.8, 0.2], vec![0.4, 0.6]],
        initial: Initial::Regime(0),
        regimes: vec![("together".into(), pair(0.8)), ("apart".into(), pair(-0.5))],
    };
    let regimes = vec![
        regime("calm", &[0.004, 0.001], &[0.02, 0.01], vec![]),
        regime("wild", &[-0.01, 0.006], &[0.06, 0.03], vec![]),
    ];
    RegimeSwitching {
        correlation_chain: Some(chain),
        ..market(Step::Week, 4, vec![vec![0.9, 0.1], vec![0.3, 0.7]], regimes)
    }
}

/// Seed 110, |z| < 4.5, 19,200 paths: the mean of a power of a mix of assets has its closed form.
#[test]
#[ignore = "statistical suite: `just statistical`"]
fn exponential_moments_are_those_of_the_simulation_in_pairs_and_alone() {
    let history = History {
        assets: vec!["us".into(), "bond".into()],
        step: Step::Month,
        returns: (0..97)
            .map(|d| {
                vec![
                    0.08 * f64::from(d * 31 % 97) / 97.0 - 0.03,
                    0.02 * f64::from(d * 17 % 97) / 97.0 - 0.008,
                ]
            })
            .collect(),
        indicators: Vec::new(),
        mean_block_steps: 6.0,
    };
    let (three, split) = (
        RegimeModel::new(&three_regimes(), 110).expect("a market"),
        RegimeModel::new(&split_market(), 110).expect("a market"),
    );
    let bootstrap = Bootstrap::new(&history, 110).expect("a history");
    let mut judge = Judge::default();
    let mut check = |name: &str, source: &dyn PathSource<L>, a: &[f64], log_moments: Vec<f64>| {
        let mut powers = [Sample::default(); 2];
        visit(source, 300, 120, |paths| {
            for l in (0..L).step_by(2) {
                // Neighbours may be antithetic, so the observation is their mean.
                let mut sums = [0.0; 2];
                for t in 0..120 {
                    for i in 0..a.len() {
                        sums.iter_mut()
                            .zip([l, l + 1])
                            .for_each(|(sum, l)| *sum += a[i] * paths.x(t, i, l));
                    }
                    if t + 1 == 50 {
                        powers[0].add(
                            0.5 * (exp(sums[0] - log_moments[0]) + exp(sums[1] - log_moments[0])),
                        );
                    }
                }
                powers[1]
                    .add(0.5 * (exp(sums[0] - log_moments[1]) + exp(sums[1] - log_moments[1])));
            }
        });
        for (sample, steps) in powers.iter().zip([50, 120]) {
            judge.z(&format!("{name}, {steps} steps"), sample.z(1.0));
        }
    };
    let (mixed, pair) = ([-0.8, 0.5, -0.3], [-1.2, -0.8]);
    for (name, model) in
        [("three regimes", three.clone()), ("three regimes in pairs", three.in_pairs())]
    {
        check(name, &model, &mixed, model.log_moment(&mixed, &[50, 120]).expect("Gaussian"));
    }
    for (name, model) in [("split", split.clone()), ("split in pairs", split.in_pairs())] {
        check(name, &model, &pair, model.log_moment(&pair, &[50, 120]).expect("Gaussian"));
    }
    check("bootstrap", &bootstrap, &pair, bootstrap.log_moment(&pair, &[50, 120]));
    judge.report();
}

/// Seed 111: an even path is the same as without pairs; its neighbour has the same regimes and
/// shocks of the opposite sign.
#[test]
fn antithetic_pairs_share_regimes_and_mirror_shocks() {
    let market = RegimeSwitching { mean_is: MeanIs::Log, ..three_regimes() };
    let model = RegimeModel::new(&market, 111).expect("a market");
    let mut alone = Vec::new();
    visit(&model, 1, 60, |paths| alone.push((paths.regime.clone(), paths.log_return.clone())));
    visit(&model.in_pairs(), 1, 60, |paths| {
        for t in 0..60 {
            for l in (0..L).step_by(2) {
                let state = paths.state(t, l);
                assert_eq!(
                    (state, state),
                    (alone[0].0[t][l] as usize, paths.state(t, l + 1)),
                    "the regime of step {t}"
                );
                for i in 0..3 {
                    assert_eq!(
                        paths.log_return[t][i][l], alone[0].1[t][i][l],
                        "an even path is its own"
                    );
                    let mean = market.regimes[state].mean[i];
                    let sum = paths.x(t, i, l) + paths.x(t, i, l + 1);
                    assert!(
                        (sum - 2.0 * mean).abs() < 1e-7,
                        "step {t}, asset {i}: {sum} is not twice {mean}"
                    );
                }
            }
        }
    });
}
