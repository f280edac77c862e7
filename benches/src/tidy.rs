//! Simulates the reference job as good scalar Rust: a small fast generator, arrays, static
//! dispatch, no allocation.

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, StandardNormal};

use crate::job::{
    ASSETS, COST, LAMBDA, MEAN, POLICIES, REFERENCE_VOL, REGIMES, TARGET, TRANSITION,
};

/// Lower Cholesky factors of the regimes' covariances.
pub type Factors = [[[f64; ASSETS]; ASSETS]; REGIMES];

#[derive(Clone, Copy)]
struct Account {
    holdings: [f64; ASSETS],
    peak: f64,
    low: f64,
    turnover: f64,
    cost: f64,
    events: u32,
}

const START: Account = Account {
    holdings: [TARGET[0] * 1e6, TARGET[1] * 1e6, TARGET[2] * 1e6, TARGET[3] * 1e6],
    peak: 1e6,
    low: 1.0,
    turnover: 0.0,
    cost: 0.0,
    events: 0,
};

/// Simulates one path; returns the sum of the outcomes so that nothing is optimised away.
pub fn path(seed: u64, steps: u32, factors: &Factors) -> f64 {
    let mut rng = SmallRng::seed_from_u64(seed);
    let mut accounts = [START; POLICIES];
    let (mut regime, mut variance) = (0, 0.0016);
    for t in 1..=steps {
        regime = next_regime(regime, rng.random());
        let mut z = [0.0; ASSETS];
        for x in &mut z {
            *x = StandardNormal.sample(&mut rng);
        }
        let mut growth = [0.0; ASSETS];
        for i in 0..ASSETS {
            let mut r = MEAN[regime][i];
            for k in 0..=i {
                r += factors[regime][i][k] * z[k];
            }
            if i == 0 {
                variance = LAMBDA * variance + (1.0 - LAMBDA) * r * r;
            }
            growth[i] = r.exp();
        }
        let scaled = (0.05 * REFERENCE_VOL / (variance * 12.0).sqrt()).clamp(0.02, 0.10);
        let last = t == steps;
        step(&mut accounts[0], &growth, |_, _| false, 1.0);
        step(&mut accounts[1], &growth, |_, _| !last, 1.0);
        step(&mut accounts[2], &growth, |_, _| !last && t % 3 == 0, 1.0);
        step(&mut accounts[3], &growth, |_, _| !last && t % 12 == 0, 1.0);
        step(&mut accounts[4], &growth, |h, v| !last && outside(h, v, |_| 0.05), 1.0);
        step(&mut accounts[5], &growth, |h, v| !last && outside(h, v, |w| 0.2 * w), 1.0);
        step(&mut accounts[6], &growth, |h, v| !last && outside(h, v, |_| 0.05), 0.5);
        step(&mut accounts[7], &growth, |h, v| !last && outside(h, v, |_| scaled), 1.0);
    }
    accounts
        .iter()
        .map(|a| {
            a.holdings.iter().sum::<f64>()
                + (1.0 - a.low)
                + a.turnover
                + a.cost
                + f64::from(a.events)
        })
        .sum()
}

fn next_regime(regime: usize, u: f64) -> usize {
    let row = &TRANSITION[regime];
    usize::from(u >= row[0]) + usize::from(u >= row[0] + row[1])
}

#[inline]
fn outside(holdings: &[f64; ASSETS], wealth: f64, width: impl Fn(f64) -> f64) -> bool {
    let mut any = false;
    for i in 0..ASSETS {
        any |= (holdings[i] - TARGET[i] * wealth).abs() > width(TARGET[i]) * wealth;
    }
    any
}

#[inline]
fn step(
    account: &mut Account,
    growth: &[f64; ASSETS],
    trades: impl Fn(&[f64; ASSETS], f64) -> bool,
    part_way: f64,
) {
    let mut wealth = 0.0;
    for i in 0..ASSETS {
        account.holdings[i] *= growth[i];
        wealth += account.holdings[i];
    }
    if trades(&account.holdings, wealth) {
        let mut traded = 0.0;
        let mut move_by = [0.0; ASSETS];
        for i in 0..ASSETS {
            move_by[i] = part_way * (TARGET[i] * wealth - account.holdings[i]);
            traded += move_by[i].abs();
        }
        let keep = 1.0 - COST * traded / wealth;
        for i in 0..ASSETS {
            account.holdings[i] = (account.holdings[i] + move_by[i]) * keep;
        }
        wealth *= keep;
        account.turnover += 0.5 * traded / wealth;
        account.cost += 1.0 - keep;
        account.events += 1;
    }
    if wealth > account.peak {
        account.peak = wealth;
    }
    let ratio = wealth / account.peak;
    if ratio < account.low {
        account.low = ratio;
    }
}
