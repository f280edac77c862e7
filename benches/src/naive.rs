//! Simulates the reference job as a first draft would: trait objects, a vector per step, rand_distr
//! and libm.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, StandardNormal};

use crate::job::{ASSETS, COST, LAMBDA, MEAN, REFERENCE_VOL, REGIMES, TARGET, TRANSITION, VOL};

/// Decides whether to trade, from the weights and the observed volatility.
trait Rule {
    fn desired_weights(&self, t: u32, weights: &[f64], vol: f64) -> Option<Vec<f64>>;
}

struct Hold;
struct Calendar(u32);
struct Band {
    widths: Vec<f64>,
    part_way: f64,
    scaled: bool,
}

impl Rule for Hold {
    fn desired_weights(&self, _: u32, _: &[f64], _: f64) -> Option<Vec<f64>> {
        None
    }
}

impl Rule for Calendar {
    fn desired_weights(&self, t: u32, _: &[f64], _: f64) -> Option<Vec<f64>> {
        t.is_multiple_of(self.0).then(|| TARGET.to_vec())
    }
}

impl Rule for Band {
    fn desired_weights(&self, _: u32, weights: &[f64], vol: f64) -> Option<Vec<f64>> {
        let width =
            |w: f64| if self.scaled { (w * REFERENCE_VOL / vol).clamp(0.02, 0.10) } else { w };
        let outside = weights
            .iter()
            .zip(&TARGET)
            .zip(&self.widths)
            .any(|((w, t), b)| (w - t).abs() > width(*b));
        outside.then(|| {
            weights.iter().zip(&TARGET).map(|(w, t)| w + self.part_way * (t - w)).collect()
        })
    }
}

struct Account {
    holdings: Vec<f64>,
    peak: f64,
    drawdown: f64,
    turnover: f64,
    cost: f64,
    events: u32,
}

/// Simulates one path; returns the sum of the outcomes so that nothing is optimised away.
pub fn path(seed: u64, steps: u32, factors: &[Vec<Vec<f64>>]) -> f64 {
    let mut rng = StdRng::seed_from_u64(seed);
    let band = |widths: Vec<f64>, part_way, scaled| {
        Box::new(Band { widths, part_way, scaled }) as Box<dyn Rule>
    };
    let relative: Vec<f64> = TARGET.iter().map(|w| 0.2 * w).collect();
    let rules: Vec<Box<dyn Rule>> = vec![
        Box::new(Hold),
        Box::new(Calendar(1)),
        Box::new(Calendar(3)),
        Box::new(Calendar(12)),
        band(vec![0.05; 4], 1.0, false),
        band(relative, 1.0, false),
        band(vec![0.05; 4], 0.5, false),
        band(vec![0.05; 4], 1.0, true),
    ];
    let open = || Account {
        holdings: TARGET.iter().map(|w| w * 1e6).collect(),
        peak: 1e6,
        drawdown: 0.0,
        turnover: 0.0,
        cost: 0.0,
        events: 0,
    };
    let mut accounts: Vec<Account> = rules.iter().map(|_| open()).collect();
    let (mut regime, mut variance) = (0, 0.0016);
    for t in 1..=steps {
        let u: f64 = rng.random();
        let mut cumulative = 0.0;
        let from = TRANSITION[regime];
        regime = (0..REGIMES)
            .find(|&s| {
                cumulative += from[s];
                u < cumulative
            })
            .unwrap_or(REGIMES - 1);
        let shocks: Vec<f64> = (0..ASSETS).map(|_| StandardNormal.sample(&mut rng)).collect();
        let returns: Vec<f64> = (0..ASSETS)
            .map(|i| {
                MEAN[regime][i] + (0..=i).map(|k| factors[regime][i][k] * shocks[k]).sum::<f64>()
            })
            .collect();
        variance = LAMBDA * variance + (1.0 - LAMBDA) * returns[0] * returns[0];
        let vol = (variance * 12.0).sqrt();
        for (rule, account) in rules.iter().zip(&mut accounts) {
            step(rule.as_ref(), account, t, steps, &returns, vol);
        }
    }
    accounts
        .iter()
        .map(|a| {
            a.holdings.iter().sum::<f64>() + a.drawdown + a.turnover + a.cost + f64::from(a.events)
        })
        .sum()
}

fn step(rule: &dyn Rule, account: &mut Account, t: u32, steps: u32, returns: &[f64], vol: f64) {
    account.holdings = account.holdings.iter().zip(returns).map(|(h, r)| h * r.exp()).collect();
    let wealth: f64 = account.holdings.iter().sum();
    let weights: Vec<f64> = account.holdings.iter().map(|h| h / wealth).collect();
    let desired = if t < steps { rule.desired_weights(t, &weights, vol) } else { None };
    if let Some(desired) = desired {
        let trades: Vec<f64> =
            desired.iter().zip(&account.holdings).map(|(g, h)| g * wealth - h).collect();
        let traded: f64 = trades.iter().map(|x| x.abs()).sum();
        account.holdings = desired.iter().map(|g| g * (wealth - COST * traded)).collect();
        account.turnover += 0.5 * traded / wealth;
        account.cost += COST * traded / wealth;
        account.events += u32::from(traded > 0.0);
    }
    let wealth: f64 = account.holdings.iter().sum();
    account.peak = account.peak.max(wealth);
    account.drawdown = account.drawdown.max(1.0 - wealth / account.peak);
}

/// Returns the lower Cholesky factors of the regimes' covariances.
pub fn factors() -> Vec<Vec<Vec<f64>>> {
    (0..REGIMES)
        .map(|s| {
            let c = crate::job::correlation(s);
            let mut l = vec![vec![0.0; ASSETS]; ASSETS];
            for i in 0..ASSETS {
                for j in 0..=i {
                    let dot: f64 = (0..j).map(|k| l[i][k] * l[j][k]).sum();
                    let rest: f64 = c[i][j] - dot;
                    l[i][j] = if i == j { rest.sqrt() } else { rest / l[j][j] };
                }
            }
            l.iter()
                .enumerate()
                .map(|(i, row)| row.iter().map(|x| x * VOL[s][i]).collect())
                .collect()
        })
        .collect()
}
