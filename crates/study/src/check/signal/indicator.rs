//! Checks signals that read an indicator of the market.

use corridor_scenario::dynamics::Indicator;
use corridor_simulation::signal::{MacroIndicator, Signal};

use super::checked::BareSignal;
use super::context::SignalContext;
use crate::check::market::Declared;
use crate::diagnostic::Id;
use crate::file::signal as file;
use crate::tree::Path;
use crate::wording::{did_you_mean, quoted};

pub(super) fn check(
    table: &file::Macro,
    path: &Path<'_>,
    context: &SignalContext<'_>,
) -> Option<BareSignal> {
    let known: &[Indicator] = if let Declared::Regimes(declared) = &context.market.declared {
        &declared.dynamics.indicators
    } else {
        &[]
    };
    let Some(place) = known.iter().position(|indicator| indicator.name == table.indicator) else {
        if context.market.stand_in {
            return None; // the broken market, which may have it, is reported
        }
        let names: Vec<&str> = known.iter().map(|indicator| indicator.name.as_str()).collect();
        let message = format!("the market has no indicator `{}`", quoted(&table.indicator));
        let hint = if names.is_empty() {
            declaration(&table.indicator, &context.market.moments.regimes)
        } else {
            did_you_mean(&table.indicator, &names)
        };
        context.scope.error(&path.key("indicator"), Id::UnknownIndicator, message, hint);
        return None;
    };
    let means = &known[place].mean;
    let moments = &context.market.moments;
    let inner = moments.regimes.len() / means.len().max(1);
    let by_regime: Vec<f64> =
        (0..moments.regimes.len()).map(|joint| means[joint / inner.max(1)]).collect();
    let mean: f64 = by_regime.iter().zip(&moments.stationary).map(|(mean, p)| mean * p).sum();
    Some(BareSignal {
        signal: Signal::Macro(MacroIndicator { indicator: place }),
        observed: table.indicator.clone(),
        long_run: (mean > 0.0).then_some(mean),
        not_positive: Some("an indicator may have either sign".to_owned()),
        start: mean,
        truth: Some(by_regime),
    })
}

/// The hint that declares the indicator `name` in a market with these joint regimes.
fn declaration(name: &str, regimes: &[String]) -> String {
    // an indicator follows the main regimes; joint ones are called `main/correlation`
    let mut main: Vec<&str> =
        regimes.iter().map(|joint| joint.split('/').next().unwrap_or(joint)).collect();
    main.dedup();
    let value = |(place, regime): (usize, &&str)| {
        format!("{} = {}", quoted(regime), if place % 2 == 0 { "1.0" } else { "-1.0" })
    };
    let by_regime: Vec<String> = main.iter().enumerate().map(value).collect();
    format!(
        "declare it in the market: `dynamics = {{ indicator = {{ {} = {{ by_regime = {{ {} }}, \
        noise_sd = 0.5 }} }} }}`",
        quoted(name),
        by_regime.join(", ")
    )
}
