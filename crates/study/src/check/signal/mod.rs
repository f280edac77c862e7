//! Checks `[signal.NAME]` and gives a signal its starting value.

mod checked;
mod context;
mod correlation;
mod filter;
mod indicator;
mod observe;
mod price;
mod volatility;

use crate::diagnostic::Id;
use crate::file::signal::{SignalKindTable, SignalTable};
use crate::tree::Path;
use crate::wording::{list, quoted};

use checked::BareSignal;

pub(crate) use checked::CheckedSignal;
pub(crate) use context::SignalContext;

/// Checks the signal `name` and lets the investor see it as its `observe` says.
pub(crate) fn check(
    name: &str,
    table: &SignalTable,
    context: &SignalContext<'_>,
) -> Option<CheckedSignal> {
    let root = Path::root("signal");
    let path = root.key(name);
    let bare = bare(name, table, &path, context);
    observe::check(table, bare, &path.key("observe"), context)
}

/// Checks the one kind that a signal has.
fn bare(
    name: &str,
    table: &SignalTable,
    path: &Path<'_>,
    context: &SignalContext<'_>,
) -> Option<BareSignal> {
    let kinds = table.kinds();
    let [kind] = kinds.as_slice() else {
        let message = format!("signal `{}` needs exactly one kind", quoted(name));
        let known = corridor_simulation::signal::REGISTRY.map(|kind| kind.name);
        context.scope.error(path, Id::ExactlyOne, message, format!("write one of {}", list(known)));
        return None;
    };
    match *kind {
        SignalKindTable::EwmaVol(table) => volatility::ewma(table, &path.key("ewma_vol"), context),
        SignalKindTable::RealisedVol(table) => {
            volatility::realised(table, &path.key("realised_vol"), context)
        }
        SignalKindTable::RelativeVol(table) => {
            volatility::relative(table, &path.key("relative_vol"), context)
        }
        SignalKindTable::EwmaCorr(table) => {
            correlation::ewma(table, &path.key("ewma_corr"), context)
        }
        SignalKindTable::EwmaCov(table) => {
            correlation::covariance(table, &path.key("ewma_cov"), context)
        }
        SignalKindTable::RealisedCorr(table) => {
            correlation::realised(table, &path.key("realised_corr"), context)
        }
        SignalKindTable::Trend(table) => price::trend(table, &path.key("trend"), context),
        SignalKindTable::Drawdown(table) => price::drawdown(table, &path.key("drawdown"), context),
        SignalKindTable::Macro(table) => indicator::check(table, &path.key("macro"), context),
        SignalKindTable::RegimeProbability(table) => {
            filter::check(table, &path.key("regime_probability"), context)
        }
    }
}
