//! Builds the market that a filter assumes, which may differ from the market of the study.

use corridor_core::time::Step;
use corridor_scenario::regime_model::RegimeModel;

use super::checked::CheckedMarket;
use super::declare::bare_model;
use super::overriding::replace;
use super::preset;
use crate::check::scope::Scope;
use crate::diagnostic::{Id, Severity};
use crate::file::market::{GbmTable, MarketTable, ModelTable, RegimeSwitchingTable};
use crate::report::Reporter;
use crate::tree::Path;
use crate::wording::{did_you_mean, quoted};

/// A market that a filter assumes.
pub(crate) struct AssumedMarket {
    /// The market as a table, which has the names of its regimes and assets.
    pub table: RegimeSwitchingTable,
    pub model: RegimeModel,
}

/// Builds the `[model]` called `name`, which a signal names at `path`.
pub(crate) fn find(
    name: &str,
    market: &CheckedMarket,
    step: Step,
    path: &Path<'_>,
    scope: &Scope<'_>,
) -> Option<AssumedMarket> {
    let root = Path::root("model");
    let here = root.key(name);
    let declared: Vec<&str> = scope
        .grid
        .root
        .get("model")
        .and_then(|node| node.entries())
        .unwrap_or_default()
        .iter()
        .map(|entry| entry.key.as_str())
        .collect();
    if !declared.contains(&name) {
        scope.error(
            path,
            Id::UnknownModel,
            format!("no model is called `{}`", quoted(name)),
            did_you_mean(name, &declared),
        );
        return None;
    }
    let table: ModelTable = scope.table(&here)?;
    // checks of a market report at keys of `[market]`, so the first error is reported again here
    let quiet = Reporter::default();
    let inner = Scope { reporter: &quiet, ..*scope };
    let believed = table_of(&table, market, &inner)
        .and_then(|table| Some(AssumedMarket { model: bare_model(&table, step, &inner)?, table }));
    if believed.is_none() && !market.stand_in {
        let found = quiet.finish().err().map(|problems| problems.diagnostics).unwrap_or_default();
        let why = found.iter().find(|diagnostic| diagnostic.severity == Severity::Error);
        let message = why.map_or_else(
            || "it is not a market".to_owned(),
            |diagnostic| diagnostic.message.clone(),
        );
        let hint = "write `same_as_market = { regime = { NAME = { vol = { asset = .. } } } }`, or \
        a market as in `[market]`";
        scope.error(
            &here,
            Id::UnknownModel,
            format!("the model `{}` cannot be read: {message}", quoted(name)),
            hint,
        );
    }
    believed
}

/// The table of regimes of a model, with its changes applied.
fn table_of(
    table: &ModelTable,
    market: &CheckedMarket,
    scope: &Scope<'_>,
) -> Option<RegimeSwitchingTable> {
    let ModelTable {
        same_as_market,
        preset: name,
        rename,
        r#override,
        add_cash,
        regime_switching,
        gbm,
    } = table;
    let before = scope.reporter.errors();
    let kinds =
        [same_as_market.is_some(), name.is_some(), regime_switching.is_some(), gbm.is_some()];
    if kinds.iter().filter(|given| **given).count() != 1 {
        let root = Path::root("model");
        let message =
            "it needs exactly one of `same_as_market`, `preset`, `regime_switching` and `gbm`";
        scope.error(&root, Id::ExactlyOne, message, "keep one");
        return None;
    }
    let built = if let Some(changes) = same_as_market {
        let own = &market.written_out;
        let mut table =
            own.regime_switching.clone().or_else(|| own.gbm.as_ref().map(GbmTable::as_regimes))?;
        let root = Path::root("model");
        replace(&mut table, changes, &root, scope);
        table
    } else if let Some(name) = name {
        let as_market = MarketTable {
            rename: rename.clone(),
            r#override: r#override.clone(),
            add_cash: add_cash.clone(),
            ..MarketTable::default()
        };
        preset::resolve(name, &as_market, scope)?
    } else {
        regime_switching.clone().or_else(|| gbm.as_ref().map(GbmTable::as_regimes))?
    };
    (scope.reporter.errors() == before).then_some(built)
}
