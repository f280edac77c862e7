//! Works out what a market implies: stationary law, sojourns, annual mean, vol and correlation.

use statrs::distribution::{ContinuousCDF, StudentsT};

use corridor_core::numerics::{exp, ln, normal_cdf, pow};

use crate::chain::MarkovChain;
use crate::dynamics::{Jumps, RelativeAr, variance_ratio};
use crate::error::MarketError;
use crate::regime_model::PerStep;
use crate::regime_switching::{Innovations, RegimeSwitching};

/// What a market implies per year, from the exact mixture over its stationary law.
#[derive(Clone, Debug, PartialEq)]
pub struct ImpliedMoments {
    /// Regime names (joint ones in a split market).
    pub regimes: Vec<String>,
    /// Stationary probability of each regime.
    pub stationary: Vec<f64>,
    /// Expected length of a stay in years, per regime: `1 / (1 - p_ii)` chain periods.
    pub sojourn_years: Vec<f64>,
    /// Asset names.
    pub assets: Vec<String>,
    /// Mean log return a year, per asset.
    pub mean_log_annual: Vec<f64>,
    /// Logarithm of the expected gross return of a step, times the steps of a year; NaN where the
    /// expectation hangs on the truncation of a heavy tail (Student-t).
    pub log_mean_growth_annual: Vec<f64>,
    /// Standard deviation of one step's log return under the stationary mixture, between-regime
    /// means included, times sqrt(m), per asset.
    pub vol_annual: Vec<f64>,
    /// Correlation of one step's log returns under the mixture.
    pub correlation: Vec<Vec<f64>>,
    /// Variance of one step's log return per asset (`v(0)` of the volatility signals).
    pub step_variance: Vec<f64>,
    /// Probability per draw that the log return is truncated to [-1, 1], the largest over regimes
    /// and assets.
    pub truncation_per_draw: f64,
}

/// Works out the moments of a checked regime-switching market.
///
/// With GARCH the covariance of two assets within a regime is that of the declared vols, raised as
/// their variances are: exact for variances, near for covariances.
///
/// # Errors
/// Variances that grow without end.
pub(crate) fn implied(
    market: &RegimeSwitching,
    main: &MarkovChain,
    correlation: Option<&MarkovChain>,
    laws: &[PerStep],
    vol: &[Vec<f64>],
) -> Result<ImpliedMoments, Vec<MarketError>> {
    let m = f64::from(market.step.per_year());
    let assets = 0..market.assets.len();
    let stationary = joint_law(main, correlation);
    let jumps = JumpMoments {
        jumps: market.dynamics.jumps.as_ref(),
        inner: stationary.len() / main.states(),
    };
    let mixture = |f: &dyn Fn(usize, &PerStep) -> f64| -> f64 {
        stationary.iter().zip(laws).enumerate().map(|(s, (p, law))| p * f(s, law)).sum()
    };
    let mean_in = |s: usize, law: &PerStep, i: usize| law.log_mean[i] + jumps.mean(s, i);
    let mean: Vec<f64> = assets.clone().map(|i| mixture(&|s, law| mean_in(s, law, i))).collect();
    let within =
        |law: &PerStep, i: usize, j: usize| law.correlation[i][j] * law.vol[i] * law.vol[j];
    let ratio = variance_ratios(market, main, vol)?;
    let shocks = |i: usize, j: usize| mixture(&|_, law| within(law, i, j));
    let covariance = |i: usize, j: usize| {
        let from_regimes = mixture(&|s, law| {
            within(law, i, j)
                + jumps.covariance(s, i, j)
                + (mean_in(s, law, i) - mean[i]) * (mean_in(s, law, j) - mean[j])
        });
        let from_garch = if market.dynamics.garch.is_some() {
            ((ratio[i] * ratio[j]).sqrt() - 1.0) * shocks(i, j)
        } else {
            0.0
        };
        from_regimes + from_garch + from_relative_ar(market, &ratio, &shocks, i, j)
    };
    let variance: Vec<f64> = assets.clone().map(|i| covariance(i, i)).collect();
    let correlation_of = |i: usize, j: usize| {
        let scale = (variance[i] * variance[j]).sqrt();
        if i == j {
            1.0
        } else if scale > 0.0 {
            covariance(i, j) / scale
        } else {
            0.0
        }
    };
    Ok(ImpliedMoments {
        regimes: joint_names(market),
        sojourn_years: joint_sojourns(main, correlation, m),
        assets: market.assets.clone(),
        mean_log_annual: mean.iter().map(|x| x * m).collect(),
        log_mean_growth_annual: assets
            .clone()
            .map(|i| {
                log_mean_growth(
                    market,
                    m,
                    mixture(&|s, law| {
                        exp(law.log_mean[i] + 0.5 * law.vol[i] * law.vol[i]) * jumps.growth(s, i)
                    }),
                )
            })
            .collect(),
        vol_annual: variance.iter().map(|v| (v * m).sqrt()).collect(),
        correlation: assets
            .clone()
            .map(|i| assets.clone().map(|j| correlation_of(i, j)).collect())
            .collect(),
        truncation_per_draw: laws
            .iter()
            .flat_map(|law| assets.clone().map(|i| truncation(law, i, market.innovations)))
            .fold(0.0, f64::max),
        step_variance: variance.clone(),
        stationary,
    })
}

/// By how much GARCH raises the variance of each asset's shocks.
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

/// What the memory of a relative return adds to the covariance of two assets.
fn from_relative_ar(
    market: &RegimeSwitching,
    ratio: &[f64],
    shocks: &dyn Fn(usize, usize) -> f64,
    i: usize,
    j: usize,
) -> f64 {
    let Some(RelativeAr { assets: [a, b], phi }) = market.dynamics.relative_ar else { return 0.0 };
    let side = |asset: usize| f64::from(i8::from(asset == a) - i8::from(asset == b));
    let shock = |i: usize, j: usize| (ratio[i] * ratio[j]).sqrt() * shocks(i, j);
    let relative = (shock(a, a) + shock(b, b) - 2.0 * shock(a, b)) / (1.0 - phi * phi);
    0.25 * phi * phi * relative * side(i) * side(j)
}

/// Moments of jumps by joint regime; 0 without.
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

    /// Factor of the expected gross return.
    fn growth(&self, s: usize, i: usize) -> f64 {
        self.jumps.map_or(1.0, |jumps| {
            let p = jumps.probability[s / self.inner];
            1.0 - p + p * exp(jumps.mean[i] + 0.5 * jumps.vol[i] * jumps.vol[i])
        })
    }
}

/// `m ln(E[gross])` of lognormal steps. A Student-t step has no expected gross return but for the
/// truncation, and shocks with a memory have one without a closed form.
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

fn joint_law(main: &MarkovChain, correlation: Option<&MarkovChain>) -> Vec<f64> {
    let Some(inner) = correlation else { return main.stationary.clone() };
    main.stationary.iter().flat_map(|p| inner.stationary.iter().map(move |q| p * q)).collect()
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

/// Years of an expected stay. Where two chains move on one clock the joint stay is exact; on
/// different clocks the probability of staying is spread evenly over the steps of a period.
fn joint_sojourns(main: &MarkovChain, correlation: Option<&MarkovChain>, m: f64) -> Vec<f64> {
    let period = |chain: &MarkovChain| f64::from(chain.period_steps);
    let Some(inner) = correlation else {
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

/// Probability that a draw falls outside [-1, 1].
fn truncation(law: &PerStep, i: usize, innovations: Innovations) -> f64 {
    let (mean, vol) = (law.log_mean[i], law.vol[i]);
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
