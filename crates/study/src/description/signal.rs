//! Describes what an investor sees: a signal, and how late or how well it is seen.

use super::number::{one_or_more, percent, rounded};
use crate::file::signal::{ObserveTable, ObserveWord, SignalKindTable, SignalTable, TellsWord};

/// Describes a signal: `equity's volatility (half-life 3 months, seen 2 months late)`.
pub(super) fn signal(table: &SignalTable) -> String {
    let Some(kind) = table.kinds().into_iter().next() else { return String::new() };
    let (what, seen) = (what(kind), seen(&table.observed()));
    match (what.strip_suffix(')'), seen.as_str()) {
        (_, "") => what,
        (Some(open), seen) => format!("{open}, {seen})"),
        (None, seen) => format!("{what} ({seen})"),
    }
}

fn what(kind: SignalKindTable<'_>) -> String {
    use SignalKindTable as Kind;
    match kind {
        Kind::EwmaVol(signal) => {
            let memory = memory(signal.half_life_months, signal.lambda_per_step);
            format!("{} volatility ({memory})", of(&signal.asset))
        }
        Kind::RealisedVol(signal) => {
            format!("{} volatility of the last {}", of(&signal.asset), months(signal.window_months))
        }
        Kind::RelativeVol(signal) => {
            let memory = match signal.window_months {
                Some(window) => format!("last {}", months(window)),
                None => memory(signal.half_life_months, signal.lambda_per_step),
            };
            format!("volatility of {} ({memory})", signal.assets.join(" against "))
        }
        Kind::EwmaCorr(signal) => {
            let memory = memory(signal.half_life_months, signal.lambda_per_step);
            format!("correlation of {} ({memory})", signal.assets.join(" and "))
        }
        Kind::EwmaCov(signal) => {
            let memory = memory(signal.half_life_months, signal.lambda_per_step);
            format!("covariance of {} ({memory})", signal.assets.join(" and "))
        }
        Kind::RealisedCorr(signal) => format!(
            "correlation of {} over the last {}",
            signal.assets.join(" and "),
            months(signal.window_months)
        ),
        Kind::Trend(signal) => {
            let against = signal
                .against
                .as_ref()
                .map(|asset| format!(" against {asset}"))
                .unwrap_or_default();
            let what = match signal.tells {
                TellsWord::Size => "change",
                TellsWord::Sign => "direction",
            };
            let window = months(signal.window_months);
            format!("{} {what}{against} over the last {window}", of(&signal.asset))
        }
        Kind::Drawdown(signal) => format!("{} fall below its peak", of(&signal.asset)),
        Kind::RegimeProbability(signal) => {
            let believed =
                signal.model.as_ref().map(|model| format!(" under {model}")).unwrap_or_default();
            format!("the probability of {}{believed}", signal.regime)
        }
        Kind::Macro(signal) => format!("the indicator {}", signal.indicator),
    }
}

fn months(count: f64) -> String {
    one_or_more(rounded(count, 4), "month")
}

fn memory(half_life_months: Option<f64>, lambda_per_step: Option<f64>) -> String {
    match (half_life_months, lambda_per_step) {
        (Some(half_life), _) => format!("half-life {}", months(half_life)),
        (None, Some(lambda)) => format!("decay {} a step", rounded(lambda, 4)),
        (None, None) => String::new(),
    }
}

/// Says how late, how noisily or by whom the signal is seen; empty for one that is seen unaltered.
fn seen(observe: &ObserveTable) -> String {
    let mut parts = Vec::new();
    match observe.of.unwrap_or_default() {
        ObserveWord::AsIs => {}
        ObserveWord::Oracle => match observe.accuracy {
            Some(accuracy) if accuracy < 1.0 => {
                parts.push(format!(
                    "told in advance by an oracle that names the right one of all regimes in {} of \
                    the steps",
                    percent(accuracy)
                ));
            }
            Some(_) | None => parts.push("told in advance".to_owned()),
        },
        ObserveWord::Placebo => parts.push("a placebo: that of another path".to_owned()),
    }
    if let Some(lag) = observe.lag_months.filter(|lag| *lag > 0.0) {
        parts.push(format!("seen {} late", months(lag)));
    }
    if let Some(noise) = observe.noise_sd.filter(|noise| *noise > 0.0) {
        parts.push(format!("with noise of {}", rounded(noise, 3)));
    }
    parts.join(", ")
}

/// The name of an asset as a possessive.
fn of(asset: &str) -> String {
    if asset.ends_with('s') { format!("{asset}'") } else { format!("{asset}'s") }
}
