//! Works out the moments that a market implies: stationary law, sojourns, annual means, vols and
//! correlations.

use statrs::distribution::{ContinuousCDF, StudentsT};

use corridor_core::numerics::{exp, ln, normal_cdf, pow};

use crate::chain::{Chains, MarkovChain};
use crate::dynamics::{Jumps, RelativeAr};
use crate::error::MarketError;
use crate::garch_variance::variance_ratio;
use crate::regime_switching::{Innovations, RegimeSwitching};
use crate::step_moments::StepMoments;

/// Moments that a market implies, from the exact mixture over its stationary law.
///
/// `m` is the number of steps in a year. Truncation of log returns to [-1, 1] is not included.
#[derive(Clone, Debug, PartialEq)]
pub struct ImpliedMoments {
    /// Regime names; in a split market those of the joint regimes, `main/correlation`.
    pub regimes: Vec<String>,
    /// Stationary probability of each regime.
    pub stationary: Vec<f64>,
    /// Expected length of a stay in each regime, in years: `1 / (1 - p_ii)` chain periods.
    pub sojourn_years: Vec<f64>,
    /// Asset names.
    pub assets: Vec<String>,
    /// Mean log return a year, per asset.
    pub mean_log_annual: Vec<f64>,
    /// Logarithm of the expected gross return of a step, times `m`, per asset.
    ///
    /// NaN for Student-t shocks, whose expected gross return is infinite but for the truncation,
    /// and for shocks with a memory, which have no closed form.
    pub log_mean_growth_annual: Vec<f64>,
    /// Annualised volatility per asset: `sqrt(m v)` with the variance `v` of
    /// [`step_variance`](Self::step_variance).
    pub vol_annual: Vec<f64>,
    /// Correlation matrix of one step's log returns under the mixture.
    pub correlation: Vec<Vec<f64>>,
    /// Variance of one step's log return under the mixture, per asset; differences between the
    /// means of regimes are part of it.
    pub step_variance: Vec<f64>,
    /// Probability per draw that a log return is truncated to [-1, 1]: the largest over regimes and
    /// assets.
    pub truncation_per_draw: f64,
}

/// Works out the moments of a checked regime-switching market.
///
/// `moments` has one entry per joint regime, `vol` is indexed `[asset][main regime]`. With GARCH
/// the covariance of two assets within a regime is raised in proportion to their variances, which
/// is exact for variances and an approximation for covariances.
///
/// # Errors
/// If a GARCH variance grows without end.
pub(crate) fn implied(
    market: &RegimeSwitching,
    chains: &Chains,
    moments: &[StepMoments],
    vol: &[Vec<f64>],
) -> Result<ImpliedMoments, Vec<MarketError>> {
    let m = f64::from(market.step.per_year());
    let mixture = Mixture::new(market, chains, moments, vol)?;
    let assets = 0..market.assets.len();
    let variance: Vec<f64> = assets.clone().map(|i| mixture.covariance(i, i)).collect();
    let correlation = |i: usize, j: usize| mixture.correlation(i, j, &variance);
    Ok(ImpliedMoments {
        regimes: joint_names(market),
        sojourn_years: joint_sojourns(chains, m),
        assets: market.assets.clone(),
        mean_log_annual: mixture.mean.iter().map(|x| x * m).collect(),
        log_mean_growth_annual: assets
            .clone()
            .map(|i| log_mean_growth(market, m, mixture.mean_gross(i)))
            .collect(),
        vol_annual: variance.iter().map(|v| (v * m).sqrt()).collect(),
        correlation: assets
            .clone()
            .map(|i| assets.clone().map(|j| correlation(i, j)).collect())
            .collect(),
        truncation_per_draw: moments
            .iter()
            .flat_map(|regime| assets.clone().map(|i| truncation(regime, i, market.innovations)))
            .fold(0.0, f64::max),
        step_variance: variance.clone(),
        stationary: mixture.stationary,
    })
}

/// The stationary mixture of a market's regimes.
struct Mixture<'a> {
    market: &'a RegimeSwitching,
    moments: &'a [StepMoments],
    jumps: JumpMoments<'a>,
    /// Probability of each joint regime.
    stationary: Vec<f64>,
    /// Mean log return of a step, per asset.
    mean: Vec<f64>,
    /// Factor by which GARCH raises the variance of the shocks, per asset.
    ratio: Vec<f64>,
}

impl<'a> Mixture<'a> {
    fn new(
        market: &'a RegimeSwitching,
        chains: &Chains,
        moments: &'a [StepMoments],
        vol: &[Vec<f64>],
    ) -> Result<Self, Vec<MarketError>> {
        let stationary = chains.joint_law();
        let jumps = JumpMoments {
            jumps: market.dynamics.jumps.as_ref(),
            inner: stationary.len() / chains.main.states(),
        };
        let ratio = variance_ratios(market, &chains.main, vol)?;
        let mut mixture = Self { market, moments, jumps, stationary, mean: Vec::new(), ratio };
        mixture.mean = (0..market.assets.len())
            .map(|i| mixture.average(|s, regime| mixture.mean_in(s, regime, i)))
            .collect();
        Ok(mixture)
    }

    /// Averages a number of each joint regime over the stationary law.
    fn average(&self, number: impl Fn(usize, &StepMoments) -> f64) -> f64 {
        self.stationary
            .iter()
            .zip(self.moments)
            .enumerate()
            .map(|(s, (p, regime))| p * number(s, regime))
            .sum()
    }

    fn mean_in(&self, s: usize, regime: &StepMoments, i: usize) -> f64 {
        regime.log_mean[i] + self.jumps.mean(s, i)
    }

    /// Returns the expected gross return of a step, without truncation.
    fn mean_gross(&self, i: usize) -> f64 {
        self.average(|s, regime| {
            exp(regime.log_mean[i] + 0.5 * regime.vol[i] * regime.vol[i]) * self.jumps.growth(s, i)
        })
    }

    /// Returns the covariance of the declared shocks, before GARCH.
    fn shock_covariance(&self, i: usize, j: usize) -> f64 {
        self.average(|_, regime| regime.covariance(i, j))
    }

    fn covariance(&self, i: usize, j: usize) -> f64 {
        let from_regimes = self.average(|s, regime| {
            regime.covariance(i, j)
                + self.jumps.covariance(s, i, j)
                + (self.mean_in(s, regime, i) - self.mean[i])
                    * (self.mean_in(s, regime, j) - self.mean[j])
        });
        let from_garch = if self.market.dynamics.garch.is_some() {
            ((self.ratio[i] * self.ratio[j]).sqrt() - 1.0) * self.shock_covariance(i, j)
        } else {
            0.0
        };
        from_regimes + from_garch + self.memory_covariance(i, j)
    }

    /// Returns the part of a covariance that comes from the memory of a relative return.
    fn memory_covariance(&self, i: usize, j: usize) -> f64 {
        let Some(RelativeAr { assets: [a, b], phi }) = self.market.dynamics.relative_ar else {
            return 0.0;
        };
        let side = |asset: usize| f64::from(i8::from(asset == a) - i8::from(asset == b));
        let shock = |i: usize, j: usize| {
            (self.ratio[i] * self.ratio[j]).sqrt() * self.shock_covariance(i, j)
        };
        let relative = (shock(a, a) + shock(b, b) - 2.0 * shock(a, b)) / (1.0 - phi * phi);
        0.25 * phi * phi * relative * side(i) * side(j)
    }

    fn correlation(&self, i: usize, j: usize, variance: &[f64]) -> f64 {
        let scale = (variance[i] * variance[j]).sqrt();
        if i == j {
            1.0
        } else if scale > 0.0 {
            self.covariance(i, j) / scale
        } else {
            0.0
        }
    }
}

/// Returns the factor by which GARCH raises the variance of each asset's shocks.
fn variance_ratios(
    market: &RegimeSwitching,
    main: &MarkovChain,
    vol: &[Vec<f64>],
) -> Result<Vec<f64>, Vec<MarketError>> {
    let Some(garch) = market.dynamics.garch else { return Ok(vec![1.0; vol.len()]) };
    let squared = |by_regime: &Vec<f64>| by_regime.iter().map(|v| v * v).collect::<Vec<f64>>();
    let ratios: Option<Vec<f64>> =
        vol.iter().map(|by_regime| variance_ratio(garch, main, &squared(by_regime))).collect();
    ratios.ok_or_else(|| {
        vec![MarketError::Dynamics {
            what: "garch",
            reason: "has variances that grow without end: shocks of one regime feed another's"
                .to_owned(),
        }]
    })
}

/// Moments of the jumps of a step, by joint regime; all 0 without jumps.
struct JumpMoments<'a> {
    jumps: Option<&'a Jumps>,
    /// Joint regimes of one main regime.
    inner: usize,
}

impl JumpMoments<'_> {
    fn mean(&self, s: usize, i: usize) -> f64 {
        self.jumps.map_or(0.0, |jumps| jumps.probability[s / self.inner] * jumps.mean[i])
    }

    fn covariance(&self, s: usize, i: usize, j: usize) -> f64 {
        self.jumps.map_or(0.0, |jumps| {
            let p = jumps.probability[s / self.inner];
            p * (jumps.mean[i] * jumps.mean[j] + jumps.vol[i] * jumps.vol[j])
                - p * p * jumps.mean[i] * jumps.mean[j]
        })
    }

    /// Returns the factor by which jumps raise the expected gross return.
    fn growth(&self, s: usize, i: usize) -> f64 {
        self.jumps.map_or(1.0, |jumps| {
            let p = jumps.probability[s / self.inner];
            1.0 - p + p * exp(jumps.mean[i] + 0.5 * jumps.vol[i] * jumps.vol[i])
        })
    }
}

/// Returns `m ln(E[gross])` for lognormal steps, and NaN where the expectation is infinite or has
/// no closed form.
fn log_mean_growth(market: &RegimeSwitching, m: f64, mean_gross: f64) -> f64 {
    match market.innovations {
        Innovations::Gaussian
            if market.dynamics.garch.is_none() && market.dynamics.relative_ar.is_none() =>
        {
            m * ln(mean_gross)
        }
        Innovations::Gaussian | Innovations::StudentT { .. } => f64::NAN,
    }
}

fn joint_names(market: &RegimeSwitching) -> Vec<String> {
    let Some(inner) = &market.correlation_chain else {
        return market.regimes.iter().map(|r| r.name.clone()).collect();
    };
    market
        .regimes
        .iter()
        .flat_map(|r| inner.regimes.iter().map(move |(name, _)| format!("{}/{name}", r.name)))
        .collect()
}

/// Returns the expected stay in each joint regime, in years.
///
/// The result is exact if both chains move on one clock. On different clocks the probability of
/// staying is spread evenly over the steps of a period.
fn joint_sojourns(chains: &Chains, m: f64) -> Vec<f64> {
    let main = &chains.main;
    let period = |chain: &MarkovChain| f64::from(chain.period_steps);
    let Some(inner) = &chains.correlation else {
        return (0..main.states()).map(|s| main.sojourn_periods(s) * period(main) / m).collect();
    };
    let pairs = (0..main.states()).flat_map(|s| (0..inner.states()).map(move |c| (s, c)));
    pairs
        .map(|(s, c)| {
            let (p, q) = (main.transition[s][s], inner.transition[c][c]);
            if main.period_steps == inner.period_steps {
                period(main) / m / (1.0 - p * q)
            } else {
                1.0 / m / (1.0 - stay_per_step(p, period(main)) * stay_per_step(q, period(inner)))
            }
        })
        .collect()
}

fn stay_per_step(p: f64, period_steps: f64) -> f64 {
    if p > 0.0 { pow(p, 1.0 / period_steps) } else { 0.0 }
}

/// Returns the probability that a draw falls outside [-1, 1].
fn truncation(regime: &StepMoments, i: usize, innovations: Innovations) -> f64 {
    let (mean, vol) = (regime.log_mean[i], regime.vol[i]);
    if vol == 0.0 {
        return f64::from(u8::from(mean.abs() > 1.0));
    }
    let below = |x: f64| match innovations {
        Innovations::Gaussian => normal_cdf(x),
        Innovations::StudentT { df } => {
            StudentsT::new(0.0, ((df - 2.0) / df).sqrt(), df).map_or(0.0, |t| t.cdf(x))
        }
    };
    below((-1.0 - mean) / vol) + below((mean - 1.0) / vol)
}
