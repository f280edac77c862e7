//! Checks how a signal is seen: late, with noise, as a placebo or by an oracle.

use corridor_simulation::signal::{Noise, ObservedSignal, Origin};

use super::checked::{BareSignal, CheckedSignal};
use super::context::SignalContext;
use crate::diagnostic::Id;
use crate::file::signal::{ObserveTable, ObserveWord, SignalTable};
use crate::tree::Path;

/// Least value of a noisy signal that is always above 0, as a share of its long-run mean.
const FLOOR_SHARE: f64 = 0.05;

/// Lets the investor see the signal as `[signal.NAME] observe` says.
pub(super) fn check(
    table: &SignalTable,
    bare: Option<BareSignal>,
    path: &Path<'_>,
    context: &SignalContext<'_>,
) -> Option<CheckedSignal> {
    let observe = table.observed();
    let lag_steps = lag(&observe, path, context);
    let BareSignal { signal, observed, long_run, not_positive, start, truth } = bare?;
    let origin = origin(&observe, truth, path, context);
    let noise = observe.noise_sd.filter(|sd| *sd > 0.0).map(|sd| Noise {
        sd,
        floor: match (&not_positive, long_run) {
            (None, Some(long_run)) => FLOOR_SHARE * long_run,
            (Some(_), _) | (None, None) => f64::NEG_INFINITY,
        },
    });
    let (lag_steps, origin) = (lag_steps?, origin?);
    let not_positive = not_positive.or_else(|| match &origin {
        Origin::Oracle { by_regime, .. } if by_regime.iter().any(|value| *value <= 0.0) => {
            Some("its true value is 0 in some regime".to_owned())
        }
        Origin::Oracle { .. } | Origin::Path | Origin::Placebo => None,
    });
    let seed = context
        .seed
        .wrapping_add(u64::from(observe.stream.unwrap_or(0)).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    Some(CheckedSignal {
        signal: ObservedSignal { signal, origin, lag_steps, start, noise, seed },
        observed,
        observe,
        long_run,
        not_positive,
    })
}

fn lag(observe: &ObserveTable, path: &Path<'_>, context: &SignalContext<'_>) -> Option<u32> {
    let months = observe.lag_months.unwrap_or(0.0);
    let here = path.key("lag_months");
    let steps = context.scope.steps(&here, "a lag", months, context.grid.step);
    if months > 0.0 && steps == 0 {
        let message = format!("a lag of {months} months is shorter than one step");
        context.scope.error(&here, Id::WholeSteps, message, "choose 0 or at least one step");
        return None;
    }
    if steps >= context.grid.steps {
        let message = format!(
            "a lag of {months} months is as long as the horizon, so nothing would ever be seen"
        );
        context.scope.error(
            &here,
            Id::Window,
            message,
            "choose a shorter lag, or \"placebo\" for a signal without information",
        );
        return None;
    }
    Some(steps)
}

fn origin(
    observe: &ObserveTable,
    truth: Option<Vec<f64>>,
    path: &Path<'_>,
    context: &SignalContext<'_>,
) -> Option<Origin> {
    let scope = context.scope;
    if observe.accuracy.is_some() && observe.of != Some(ObserveWord::Oracle) {
        let message = format!("`{path}` has an `accuracy`, which only an oracle has");
        scope.error(
            &path.key("accuracy"),
            Id::ExactlyOne,
            message,
            "leave `of` out for an oracle, or add `noise_sd` to blur the signal",
        );
        return None;
    }
    match observe.of.unwrap_or_default() {
        ObserveWord::AsIs => Some(Origin::Path),
        ObserveWord::Placebo => Some(Origin::Placebo),
        ObserveWord::Oracle => match truth {
            Some(by_regime) => {
                Some(Origin::Oracle { by_regime, accuracy: observe.accuracy.unwrap_or(1.0) })
            }
            None => {
                let message = "an oracle names the true value in the coming regime, and this \
                signal has none in this market";
                scope.error(
                    path,
                    Id::Oracle,
                    message,
                    "use a volatility, a correlation or the probability of a regime, in a market \
                    with regimes",
                );
                None
            }
        },
    }
}
