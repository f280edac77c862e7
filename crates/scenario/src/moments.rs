//! Works out what a market implies: stationary law, sojourns, annual mean, vol and correlation.

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
    /// `ln E[gross]` of one step, times steps a year, per asset.
    pub mean_arithmetic_annual: Vec<f64>,
    /// Standard deviation of one step's log return under the stationary mixture, between-regime means included, times
    /// sqrt(m), per asset.
    pub vol_annual: Vec<f64>,
    /// Correlation of one step's log returns under the mixture.
    pub correlation: Vec<Vec<f64>>,
    /// Variance of one step's log return per asset (`v(0)` of the volatility signals).
    pub step_variance: Vec<f64>,
    /// Probability per draw that the log return is truncated to [-1, 1], the largest over regimes and assets.
    pub truncation_per_draw: f64,
}
