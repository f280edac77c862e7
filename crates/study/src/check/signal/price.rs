//! Checks signals of a price: its trend and its drawdown.

use corridor_simulation::signal::{Drawdown, Series, Signal, Trend};

use super::checked::BareSignal;
use super::context::SignalContext;
use crate::diagnostic::Id;
use crate::file::signal::{self as file, TellsWord};
use crate::tree::Path;

pub(super) fn trend(
    table: &file::Trend,
    path: &Path<'_>,
    context: &SignalContext<'_>,
) -> Option<BareSignal> {
    let asset = context.asset(&path.key("asset"), &table.asset);
    let against = table.against.as_ref().map(|name| context.asset(&path.key("against"), name));
    let window_steps = context.window(table.window_months, &path.key("window_months"));
    let asset = asset?;
    let series = match against {
        None => Series::Asset(asset),
        Some(other) if other? == asset => {
            context.scope.error(
                &path.key("against"),
                Id::DuplicateName,
                format!("`{path}` names one asset twice"),
                "name two assets, or leave `against` out",
            );
            return None;
        }
        Some(other) => Series::Spread(asset, other?),
    };
    let window_steps = window_steps?;
    Some(BareSignal {
        signal: Signal::Trend(Trend { series, window_steps, sign: table.tells == TellsWord::Sign }),
        observed: table
            .against
            .as_ref()
            .map_or_else(|| table.asset.clone(), |other| format!("{}/{other}", table.asset)),
        long_run: None,
        not_positive: Some("prices fall as well".to_owned()),
        start: 0.0,
        truth: None,
    })
}

pub(super) fn drawdown(
    table: &file::Drawdown,
    path: &Path<'_>,
    context: &SignalContext<'_>,
) -> Option<BareSignal> {
    let asset = context.asset(&path.key("asset"), &table.asset)?;
    Some(BareSignal {
        signal: Signal::Drawdown(Drawdown { asset }),
        observed: table.asset.clone(),
        long_run: None,
        not_positive: Some("at a peak there is no drawdown".to_owned()),
        start: 0.0,
        truth: None,
    })
}
