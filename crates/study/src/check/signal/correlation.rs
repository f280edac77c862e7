//! Checks signals of two assets: their correlation and covariance.

use corridor_simulation::signal::{EwmaCorr, EwmaCov, RealisedCorr, Signal};

use super::checked::BareSignal;
use super::context::SignalContext;
use crate::check::scope::Limits;
use crate::file::signal::{self as file, PairStart};
use crate::tree::Path;

pub(super) fn ewma(
    table: &file::EwmaCorr,
    path: &Path<'_>,
    context: &SignalContext<'_>,
) -> Option<BareSignal> {
    let lambda = context.one_decay(table.half_life_months, table.lambda_per_step, path)?;
    let assets = context.pair(&path.key("assets"), &table.assets)?;
    let start = match &table.start {
        Some(start) => given(start, &path.key("start"), context)?,
        None if context.market.has_regimes => {
            let variance = &context.market.moments.step_variance;
            [variance[assets[0]], variance[assets[1]], context.market.step_covariance(assets)]
        }
        None => {
            let moments = &context.market.moments;
            let [a, b] = assets;
            let suggestion = format!(
                "{{ vol_annual = [{:.3}, {:.3}], correlation = {:.2} }}",
                moments.vol_annual[a], moments.vol_annual[b], moments.correlation[a][b]
            );
            context.needs_start("start", path, &suggestion);
            return None;
        }
    };
    let [a, b, c] = start;
    let correlation = if a * b > 0.0 { c / (a * b).sqrt() } else { 0.0 };
    Some(checked(
        Signal::EwmaCorr(EwmaCorr { assets, lambda, start }),
        assets,
        correlation,
        context,
    ))
}

pub(super) fn covariance(
    table: &file::EwmaCov,
    path: &Path<'_>,
    context: &SignalContext<'_>,
) -> Option<BareSignal> {
    let lambda = context.one_decay(table.half_life_months, table.lambda_per_step, path)?;
    let [first, second] = table.assets.as_slice() else { return None };
    let here = path.key("assets");
    let (a, b) = (context.asset(&here.index(0), first), context.asset(&here.index(1), second));
    let assets = [a?, b?];
    let per_year = f64::from(context.grid.per_year());
    if table.start_annual.is_none() && !context.market.has_regimes {
        context.needs_start(
            "start_annual",
            path,
            &format!("{:.5}", context.market.step_covariance(assets) * per_year),
        );
        return None;
    }
    let start = table
        .start_annual
        .map_or(context.market.step_covariance(assets), |annual| annual / per_year);
    Some(BareSignal {
        signal: Signal::EwmaCov(EwmaCov { assets, lambda, start }),
        observed: format!("{first}/{second}"),
        long_run: None,
        not_positive: Some("a covariance may have either sign".to_owned()),
        start: start * per_year,
        truth: context.by_regime(|law| law.covariance[assets[0]][assets[1]] * per_year),
    })
}

pub(super) fn realised(
    table: &file::RealisedCorr,
    path: &Path<'_>,
    context: &SignalContext<'_>,
) -> Option<BareSignal> {
    let assets = context.pair(&path.key("assets"), &table.assets);
    let window_steps = context.window(table.window_months, &path.key("window_months"));
    let (assets, window_steps) = (assets?, window_steps?);
    let implied = context.market.moments.correlation[assets[0]][assets[1]];
    if table.start.is_none() && !context.market.has_regimes {
        context.needs_start("start", path, &format!("{implied:.2}"));
        return None;
    }
    let start = table.start.unwrap_or(implied);
    Some(checked(
        Signal::RealisedCorr(RealisedCorr { assets, window_steps, start }),
        assets,
        start,
        context,
    ))
}

/// Variances and covariance of one step's log returns.
fn given(start: &PairStart, path: &Path<'_>, context: &SignalContext<'_>) -> Option<[f64; 3]> {
    let before = context.scope.reporter.errors();
    let vols = path.key("vol_annual");
    for (index, vol) in start.vol_annual.iter().enumerate() {
        context.scope.within(
            &vols.index(index),
            *vol,
            Limits { min: 0.0, max: 10.0, infinite: false },
        );
    }
    let [a, b] = start.vol_annual.as_slice() else { return None };
    let per_year = f64::from(context.grid.per_year());
    (context.scope.reporter.errors() == before)
        .then(|| [a * a / per_year, b * b / per_year, start.correlation * a * b / per_year])
}

fn checked(
    signal: Signal,
    [a, b]: [usize; 2],
    start: f64,
    context: &SignalContext<'_>,
) -> BareSignal {
    let truth = context.by_regime(|law| {
        let scale = (law.covariance[a][a] * law.covariance[b][b]).sqrt();
        if scale > 0.0 { law.covariance[a][b] / scale } else { 0.0 }
    });
    let name = |asset: usize| context.market.assets[asset].as_str();
    BareSignal {
        signal,
        observed: format!("{}/{}", name(a), name(b)),
        long_run: None,
        not_positive: Some("a correlation may have either sign".to_owned()),
        start,
        truth,
    }
}
