//! Checks `[signal.NAME]` and gives a signal its starting value.

use corridor_core::numerics::{exp, ln};
use corridor_core::time::TimeGrid;
use corridor_simulation::signal::{self, Series, Signal};

use super::market::CheckedMarket;
use super::scope::Scope;
use crate::diagnostic::{Id, quoted};
use crate::file::policy::{EwmaVol, RealisedVol, SignalTable};
use crate::tree::Path;

/// What a signal is, whatever its parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    pub name: &'static str,
    /// The asset it observes.
    pub asset: usize,
}

/// A signal in machine units, under the market of one corner.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CheckedSignal {
    pub signal: Signal,
    pub kind: Kind,
    /// Long-run mean of its value, roughly: what the market implies.
    pub long_run: f64,
    /// Whether every value is above 0.
    pub positive: bool,
}

/// Checks one signal.
pub(crate) fn check(name: &str, table: &SignalTable, market: &CheckedMarket, grid: TimeGrid, scope: &Scope<'_>) -> Option<CheckedSignal> {
    let root = Path::root("signal");
    let path = root.key(name);
    match table {
        SignalTable { ewma_vol: Some(signal), realised_vol: None } => ewma_vol(signal, market, grid, &path.key("ewma_vol"), scope),
        SignalTable { ewma_vol: None, realised_vol: Some(signal) } => realised_vol(signal, market, grid, &path.key("realised_vol"), scope),
        SignalTable { ewma_vol: Some(_), realised_vol: Some(_) } | SignalTable { ewma_vol: None, realised_vol: None } => {
            let message = format!("signal `{}` needs exactly one kind", quoted(name));
            scope.error(&path, Id::ExactlyOne, message, "write one of `ewma_vol` and `realised_vol`");
            None
        }
    }
}

fn ewma_vol(table: &EwmaVol, market: &CheckedMarket, grid: TimeGrid, path: &Path<'_>, scope: &Scope<'_>) -> Option<CheckedSignal> {
    let lambda = match (table.half_life_months, table.lambda_per_step) {
        (Some(months), None) => {
            let steps = months * f64::from(grid.per_year()) / 12.0;
            exp(-ln(2.0) / steps)
        }
        (None, Some(lambda)) => lambda,
        (Some(_), Some(_)) | (None, None) => {
            let message = format!("`{path}` needs exactly one of `half_life_months` and `lambda_per_step`");
            scope.error(path, Id::ExactlyOne, message, "keep one");
            return None;
        }
    };
    let asset = scope.asset(&path.key("asset"), &table.asset, &market.assets);
    let start = start_variance(table.start_annual, asset, market, grid, path, scope);
    let (asset, start_variance) = (asset?, start?);
    let signal = Signal::EwmaVol(signal::EwmaVol { series: Series::Asset(asset), lambda, start_variance });
    Some(checked(signal, start_variance, asset, market))
}

fn realised_vol(table: &RealisedVol, market: &CheckedMarket, grid: TimeGrid, path: &Path<'_>, scope: &Scope<'_>) -> Option<CheckedSignal> {
    let asset = scope.asset(&path.key("asset"), &table.asset, &market.assets);
    let start = start_variance(table.start_annual, asset, market, grid, path, scope);
    let window_steps = grid.step_of_months(table.window_months);
    if window_steps == 0 {
        let message = format!("a window of {} months is shorter than one step", table.window_months);
        scope.error(&path.key("window_months"), Id::WholeSteps, message, "choose a window of at least one step");
        return None;
    }
    let (asset, start_variance) = (asset?, start?);
    let signal = Signal::RealisedVol(signal::RealisedVol { series: Series::Asset(asset), window_steps, start_variance });
    Some(checked(signal, start_variance, asset, market))
}

fn checked(signal: Signal, start_variance: f64, asset: usize, market: &CheckedMarket) -> CheckedSignal {
    CheckedSignal {
        positive: signal.kind().positive && start_variance > 0.0 && !market.riskless[asset],
        kind: Kind { name: signal.kind().name, asset },
        signal,
        long_run: market.moments.vol_annual[asset],
    }
}

/// `v(0)`: what the study says, else what the market implies; a history implies nothing about the day it starts.
fn start_variance(start_annual: Option<f64>, asset: Option<usize>, market: &CheckedMarket, grid: TimeGrid, path: &Path<'_>, scope: &Scope<'_>) -> Option<f64> {
    if let Some(vol) = start_annual {
        return Some(vol * vol / f64::from(grid.per_year()));
    }
    let asset = asset?;
    if !market.has_regimes {
        let vol = market.moments.vol_annual[asset];
        let message = format!("`{path}` needs `start_annual`: a history gives no value to start from");
        scope.error(path, Id::SignalStart, message, format!("add `start_annual = {vol:.3}`, the volatility of the whole history, or another"));
        return None;
    }
    Some(market.moments.step_variance[asset])
}
