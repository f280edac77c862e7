//! Converts the declared moments of a market to those of one simulated step.

use corridor_core::numerics::ln;

use crate::chain::Chains;
use crate::regime_switching::{MeanIs, Regime, RegimeSwitching};

/// Moments of one step's log returns in one joint regime, before GARCH, memory and jumps.
#[derive(Clone, Debug)]
pub(crate) struct StepMoments {
    /// Mean log return per asset.
    pub log_mean: Vec<f64>,
    /// Standard deviation of the log return per asset.
    pub vol: Vec<f64>,
    /// Lower Cholesky factor of the covariance.
    pub factor: Vec<Vec<f64>>,
    pub correlation: Vec<Vec<f64>>,
}

impl StepMoments {
    /// Returns the moments of all joint regimes: main regime outer, correlation regime inner.
    ///
    /// `factors` are the Cholesky factors of the correlation matrices.
    pub fn of_regimes(market: &RegimeSwitching, factors: &[Vec<Vec<f64>>]) -> Vec<Self> {
        let units = f64::from(market.step.per_year()) / f64::from(market.moments_per_year);
        let split = market.correlation_chain.as_ref().map(|chain| &chain.regimes);
        let mut moments = Vec::new();
        for (s, regime) in market.regimes.iter().enumerate() {
            let vol: Vec<f64> = regime.vol.iter().map(|v| v / units.sqrt()).collect();
            let log_mean = log_means(regime, market.mean_is, units);
            for c in 0..split.map_or(1, Vec::len) {
                let unit = &factors[if split.is_some() { c } else { s }];
                let scaled = |(row, v): (&Vec<f64>, &f64)| row.iter().map(|x| x * v).collect();
                moments.push(Self {
                    log_mean: log_mean.clone(),
                    vol: vol.clone(),
                    factor: unit.iter().zip(&vol).map(scaled).collect(),
                    correlation: split
                        .map_or_else(|| regime.correlation.clone(), |states| states[c].1.clone()),
                });
            }
        }
        moments
    }

    /// Returns the covariance of the log returns of assets `i` and `j`.
    pub fn covariance(&self, i: usize, j: usize) -> f64 {
        self.correlation[i][j] * self.vol[i] * self.vol[j]
    }
}

/// Returns the mean log return of a step per asset; `units` is the number of steps in a unit of the
/// declared moments.
fn log_means(regime: &Regime, mean_is: MeanIs, units: f64) -> Vec<f64> {
    let log_mean = |(mean, vol): (&f64, &f64)| match mean_is {
        MeanIs::Log => mean / units,
        MeanIs::Drift => (mean - 0.5 * vol * vol) / units,
        MeanIs::Arithmetic => (ln(1.0 + mean) - 0.5 * vol * vol) / units,
    };
    regime.mean.iter().zip(&regime.vol).map(log_mean).collect()
}

/// Returns the declared vols of a step, indexed `[asset][main regime]`.
pub(crate) fn main_vols(moments: &[StepMoments], chains: &Chains, assets: usize) -> Vec<Vec<f64>> {
    let inner = chains.inner_states();
    let states = 0..chains.main.states();
    (0..assets).map(|i| states.clone().map(|s| moments[s * inner].vol[i]).collect()).collect()
}
