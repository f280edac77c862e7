//! Checks volatility signals: of an asset, and of the difference of two assets' returns.

use corridor_simulation::signal::{EwmaVol, RealisedVol, Series, Signal};

use super::checked::BareSignal;
use super::context::SignalContext;
use crate::diagnostic::Id;
use crate::file::signal as file;
use crate::tree::Path;

pub(super) fn ewma(
    table: &file::EwmaVol,
    path: &Path<'_>,
    context: &SignalContext<'_>,
) -> Option<BareSignal> {
    let lambda = context.one_decay(table.half_life_months, table.lambda_per_step, path)?;
    let series = context.asset(&path.key("asset"), &table.asset).map(Series::Asset);
    let start_variance = start(table.start_annual, series, path, context);
    let (series, start_variance) = (series?, start_variance?);
    Some(checked(
        Signal::EwmaVol(EwmaVol { series, lambda, start_variance }),
        series,
        start_variance,
        context,
    ))
}

pub(super) fn realised(
    table: &file::RealisedVol,
    path: &Path<'_>,
    context: &SignalContext<'_>,
) -> Option<BareSignal> {
    let series = context.asset(&path.key("asset"), &table.asset).map(Series::Asset);
    let start_variance = start(table.start_annual, series, path, context);
    let window_steps = context.window(table.window_months, &path.key("window_months"));
    let (series, start_variance, window_steps) = (series?, start_variance?, window_steps?);
    Some(checked(
        Signal::RealisedVol(RealisedVol { series, window_steps, start_variance }),
        series,
        start_variance,
        context,
    ))
}

pub(super) fn relative(
    table: &file::RelativeVol,
    path: &Path<'_>,
    context: &SignalContext<'_>,
) -> Option<BareSignal> {
    let given = [
        table.half_life_months.is_some(),
        table.lambda_per_step.is_some(),
        table.window_months.is_some(),
    ];
    if given.iter().filter(|given| **given).count() != 1 {
        let message = format!(
            "`{path}` needs exactly one of `half_life_months`, `lambda_per_step` and \
            `window_months`"
        );
        context.scope.error(path, Id::ExactlyOne, message, "keep one");
        return None;
    }
    let series =
        context.pair(&path.key("assets"), &table.assets).map(|[a, b]| Series::Spread(a, b));
    let start_variance = start(table.start_annual, series, path, context);
    let signal = |series, start_variance| match table.window_months {
        Some(months) => {
            let window_steps = context.window(months, &path.key("window_months"))?;
            Some(Signal::RealisedVol(RealisedVol { series, window_steps, start_variance }))
        }
        None => Some(Signal::EwmaVol(EwmaVol {
            series,
            lambda: context.decay(table.half_life_months, table.lambda_per_step)?,
            start_variance,
        })),
    };
    let (series, start_variance) = (series?, start_variance?);
    Some(checked(signal(series, start_variance)?, series, start_variance, context))
}

fn checked(
    signal: Signal,
    series: Series,
    start_variance: f64,
    context: &SignalContext<'_>,
) -> BareSignal {
    let (market, name) = (context.market, |asset: usize| context.market.assets[asset].clone());
    let (observed, riskless) = match series {
        Series::Asset(asset) => (name(asset), market.riskless[asset]),
        Series::Spread(a, b) => {
            (format!("{}/{}", name(a), name(b)), market.riskless[a] && market.riskless[b])
        }
    };
    let not_positive = (riskless || start_variance <= 0.0)
        .then(|| format!("`{observed}` has no risk in some regime or at the start"));
    let long_run = (variance(series, context) * f64::from(context.grid.per_year())).sqrt();
    let per_year = f64::from(context.grid.per_year());
    let truth = context.by_regime(|law| {
        let variance = match series {
            Series::Asset(asset) => law.covariance[asset][asset],
            Series::Spread(a, b) => {
                law.covariance[a][a] + law.covariance[b][b] - 2.0 * law.covariance[a][b]
            }
        };
        (variance * per_year).sqrt()
    });
    BareSignal {
        signal,
        observed,
        long_run: (long_run > 0.0).then_some(long_run),
        not_positive,
        start: (start_variance * per_year).sqrt(),
        truth,
    }
}

/// Variance of one step's log return, as the market implies it.
fn variance(series: Series, context: &SignalContext<'_>) -> f64 {
    let of = |asset: usize| context.market.moments.step_variance[asset];
    match series {
        Series::Asset(asset) => of(asset),
        Series::Spread(a, b) => of(a) + of(b) - 2.0 * context.market.step_covariance([a, b]),
    }
}

/// Variance at the start, `v(0)`: as the study gives it, else as the market implies it. A history
/// gives none, because it may start on any day.
fn start(
    start_annual: Option<f64>,
    series: Option<Series>,
    path: &Path<'_>,
    context: &SignalContext<'_>,
) -> Option<f64> {
    let per_year = f64::from(context.grid.per_year());
    if let Some(vol) = start_annual {
        return Some(vol * vol / per_year);
    }
    let implied = variance(series?, context);
    if !context.market.has_regimes {
        context.needs_start("start_annual", path, &format!("{:.3}", (implied * per_year).sqrt()));
        return None;
    }
    Some(implied)
}
