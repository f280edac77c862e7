//! Describes a return history, checks it and measures its moments.

use corridor_core::lanes::ASSETS_MAX;
use corridor_core::numerics::ln;
use corridor_core::time::Step;

use crate::error::MarketError;
use crate::moments::ImpliedMoments;

/// A return history and the mean length of the blocks in which it is resampled.
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    /// Asset names.
    pub assets: Vec<String>,
    /// Length of the step from one date to the next.
    pub step: Step,
    /// Simple returns, `[date][asset]`, each above -1.
    pub returns: Vec<Vec<f64>>,
    /// Indicators observed at the end of each date's step; empty for a history of returns alone.
    pub indicators: Vec<IndicatorColumn>,
    /// Mean block length in steps, at least 1.
    pub mean_block_steps: f64,
}

/// The observed values of one indicator.
#[derive(Clone, Debug, PartialEq)]
pub struct IndicatorColumn {
    /// Name by which signals refer to it.
    pub name: String,
    /// Value at each date of the history, finite.
    pub values: Vec<f64>,
}

/// Returns every problem of a history.
pub(crate) fn problems(history: &History) -> Vec<MarketError> {
    let mut errors = Vec::new();
    let (count, max) = (history.assets.len(), ASSETS_MAX);
    if count > max {
        errors.push(MarketError::TooMany { what: "assets", count, max });
    }
    let mut refuse = |row, reason| errors.push(MarketError::History { reason, row });
    if history.returns.len() < 2 {
        refuse(None, format!("{} dates are too few to resample", history.returns.len()));
    }
    if !(history.mean_block_steps >= 1.0 && history.mean_block_steps.is_finite()) {
        let steps = history.mean_block_steps;
        refuse(None, format!("a mean block of {steps} steps is shorter than one step"));
    }
    for (row, returns) in history.returns.iter().enumerate() {
        if returns.len() != history.assets.len() {
            let reason = format!("{} returns for {} assets", returns.len(), history.assets.len());
            refuse(Some(row), reason);
        }
        if let Some(bad) = returns.iter().find(|r| !(**r > -1.0 && r.is_finite())) {
            refuse(Some(row), format!("a return of {bad} is not above -1"));
        }
    }
    for IndicatorColumn { name, values } in &history.indicators {
        if values.len() != history.returns.len() {
            let (found, dates) = (values.len(), history.returns.len());
            refuse(None, format!("indicator `{name}` has {found} values for {dates} dates"));
        }
        if let Some(row) = values.iter().position(|value| !value.is_finite()) {
            refuse(Some(row), format!("indicator `{name}` is {}, not finite", values[row]));
        }
    }
    errors
}

/// Returns the moments of the history itself; `gross` are its gross returns, `[date][asset]`.
pub(crate) fn implied(history: &History, gross: &[Vec<f64>]) -> ImpliedMoments {
    let (m, dates) = (f64::from(history.step.per_year()), gross.len() as f64);
    let assets = 0..history.assets.len();
    let log: Vec<Vec<f64>> = gross.iter().map(|row| row.iter().map(|&g| ln(g)).collect()).collect();
    let mean: Vec<f64> =
        assets.clone().map(|i| log.iter().map(|row| row[i]).sum::<f64>() / dates).collect();
    let covariance = |i: usize, j: usize| {
        log.iter().map(|row| (row[i] - mean[i]) * (row[j] - mean[j])).sum::<f64>() / dates
    };
    let variance: Vec<f64> = assets.clone().map(|i| covariance(i, i)).collect();
    let correlation = |i: usize, j: usize| {
        if i == j {
            1.0
        } else {
            covariance(i, j) / (variance[i] * variance[j]).sqrt().max(f64::MIN_POSITIVE)
        }
    };
    let growth = |i: usize| m * ln(gross.iter().map(|row| row[i]).sum::<f64>() / dates);
    ImpliedMoments {
        regimes: vec!["history".into()],
        stationary: vec![1.0],
        sojourn_years: vec![f64::INFINITY],
        assets: history.assets.clone(),
        mean_log_annual: mean.iter().map(|x| x * m).collect(),
        log_mean_growth_annual: assets.clone().map(growth).collect(),
        vol_annual: variance.iter().map(|v| (v * m).sqrt()).collect(),
        correlation: assets
            .clone()
            .map(|i| assets.clone().map(|j| correlation(i, j)).collect())
            .collect(),
        step_variance: variance,
        truncation_per_draw: 0.0,
    }
}
