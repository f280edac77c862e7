//! Checks `[market]`: turns a preset, regimes, gbm or a history into a declared market with every
//! list in asset order.

use corridor_core::time::Step;
use corridor_scenario::market::Market;
use corridor_scenario::moments::ImpliedMoments;
use corridor_scenario::regime_model::RegimeModel;
use corridor_scenario::regime_switching::RegimeSwitching;

use super::scope::Scope;
use crate::diagnostic::{Hint, Id, MoreHelp};
use crate::file::market::MarketTable;
use crate::tree::Path;
use crate::wording::{list, number, quoted};

mod bootstrap;
mod calendar;
mod checked;
mod date;
mod declare;
mod dynamics;
mod error;
mod history;
mod model;
mod overriding;
mod plausible;
mod preset;
mod sheet;
mod stand_in;
mod values;
mod written;

pub(crate) use checked::{CheckedMarket, Declared};
pub(crate) use history::Histories;
pub(crate) use model::find as find_model;

use declare::regime_switching;
use written::Written;

/// Checks and builds the market of one corner. A market with problems is replaced by a stand-in
/// that has its names, as far as the table gives them.
pub(crate) fn check(
    table: &MarketTable,
    step: Step,
    seed: u64,
    histories: &Histories<'_>,
    scope: &Scope<'_>,
) -> Option<CheckedMarket> {
    exactly_one(table, scope);
    let built = match &table.bootstrap {
        Some(history) if !has_regimes(table) => {
            bootstrap::check(history, table, step, seed, histories, scope)
        }
        Some(_) | None => of_regimes(table, step, seed, scope),
    };
    built.or_else(|| stand_in::stand_in(table, step))
}

/// Whether the table has a market of regimes, which comes before a history beside it.
fn has_regimes(table: &MarketTable) -> bool {
    table.regime_switching.is_some() || table.gbm.is_some() || table.preset.is_some()
}

/// A market of regimes before it is built.
struct OfRegimes {
    label: String,
    written: Written,
    written_out: MarketTable,
    declared: Option<RegimeSwitching>,
}

/// Declares the first market of regimes that the table has.
fn declared(table: &MarketTable, step: Step, scope: &Scope<'_>) -> Option<OfRegimes> {
    let of = |label: &str, written, written_out, declared| {
        Some(OfRegimes { label: label.to_owned(), written, written_out, declared })
    };
    if let Some(regimes) = &table.regime_switching {
        let written = Written::RegimeSwitching;
        let declared = regime_switching(regimes, written, step, scope);
        of("regime_switching", written, table.clone(), declared)
    } else if let Some(gbm) = &table.gbm {
        let declared = regime_switching(&gbm.as_regimes(), Written::Gbm, step, scope);
        of("gbm", Written::Gbm, table.clone(), declared)
    } else {
        let name = table.preset.as_ref()?;
        let regimes = preset::resolve(name, table, scope)?;
        let declared = regime_switching(&regimes, Written::Preset, step, scope);
        let written_out = MarketTable { regime_switching: Some(regimes), ..MarketTable::default() };
        of(name, Written::Preset, written_out, declared)
    }
}

fn of_regimes(
    table: &MarketTable,
    step: Step,
    seed: u64,
    scope: &Scope<'_>,
) -> Option<CheckedMarket> {
    let before = scope.reporter.errors();
    let OfRegimes { label, written, written_out, declared } = declared(table, step, scope)?;
    if let Some(label) = &table.label {
        let path = Path::root("market");
        scope.identifier(&path.key("label"), "a market", label);
    }
    let declared = declared.filter(|_| scope.reporter.errors() == before)?;
    let model = match RegimeModel::new(&declared, seed) {
        Ok(model) => model,
        Err(errors) => {
            for error in errors {
                error::report(&error, written, scope);
            }
            return None;
        }
    };
    let moments = model.implied_moments().clone();
    truncation(&moments, written, scope);
    usual(&moments, table.add_cash.is_some(), written, scope);
    let riskless = |asset: usize| declared.regimes.iter().any(|regime| regime.vol[asset] == 0.0);
    Some(CheckedMarket {
        label: table.label.clone().unwrap_or(label),
        written_out,
        assets: declared.assets.clone(),
        has_regimes: true,
        riskless: (0..declared.assets.len()).map(riskless).collect(),
        stand_in: false,
        declared: Declared::Regimes(Box::new(declared)),
        market: Market::RegimeSwitching(Box::new(model)),
        moments,
    })
}

fn exactly_one(table: &MarketTable, scope: &Scope<'_>) {
    let path = Path::root("market");
    let kinds = [
        ("preset", table.preset.is_some()),
        ("regime_switching", table.regime_switching.is_some()),
        ("gbm", table.gbm.is_some()),
        ("bootstrap", table.bootstrap.is_some()),
    ];
    let given: Vec<&str> = kinds.iter().filter(|kind| kind.1).map(|kind| kind.0).collect();
    if given.len() != 1 {
        let what = if given.is_empty() { "none".to_owned() } else { list(given.iter().copied()) };
        let message = format!(
            "`market` needs exactly one of `preset`, `regime_switching`, `gbm` and `bootstrap`, it \
            has {what}"
        );
        let hint = if given.is_empty() {
            "add one, for instance the shipped market `preset = \"stock-bond-flip\"`"
        } else {
            "keep one"
        };
        let last = given.last().map_or(path, |kind| path.key(kind));
        scope.error(&last, Id::ExactlyOne, message, Hint::from(hint).and(MoreHelp::Presets));
    }
    let companions = [
        ("rename", !table.rename.is_empty()),
        ("override", table.r#override.is_some()),
        ("add_cash", table.add_cash.is_some()),
    ];
    for (key, _) in companions.iter().filter(|(_, given)| *given && table.preset.is_none()) {
        let message = format!("`market.{key}` changes a preset, and there is none");
        scope.error(
            &path.key(key),
            Id::ExactlyOne,
            message,
            "change the market's own table instead",
        );
    }
}

/// Warns of yearly moments that few assets have, probably because percentages or another period are
/// meant.
///
/// The rate of added cash is checked where it is written.
fn usual(moments: &ImpliedMoments, adds_cash: bool, written: Written, scope: &Scope<'_>) {
    /// Volatility a year above which an asset is unusual.
    const VOL: f64 = 1.0;
    /// Mean log return a year, up or down, above which an asset is unusual.
    const MEAN: f64 = 0.5;
    let is_unusual = |asset: &usize| {
        let is_added = adds_cash && moments.assets[*asset] == preset::CASH;
        let is_far = moments.mean_log_annual[*asset].abs() > MEAN;
        !is_added && (moments.vol_annual[*asset] > VOL || is_far)
    };
    let Some(asset) = (0..moments.assets.len()).find(is_unusual) else { return };
    let percent = |fraction: f64| number((fraction * 1000.0).round() / 10.0);
    let root = Path::root("market");
    let message = format!(
        "`{}` has a mean log return of {} % a year and a volatility of {} %",
        quoted(&moments.assets[asset]),
        percent(moments.mean_log_annual[asset]),
        percent(moments.vol_annual[asset])
    );
    let hint = "check that `mean` and `vol` are fractions per `moments_per`: 15 % is 0.15";
    scope.warning(&root.key(written.key()), Id::Unusual, message, hint);
}

/// Warns where the bound on a step's log return is felt.
fn truncation(moments: &ImpliedMoments, written: Written, scope: &Scope<'_>) {
    /// Probability of a cut, per draw, above which the results may feel it.
    const NEGLIGIBLE: f64 = 1e-9;
    let often = moments.truncation_per_draw;
    if often > NEGLIGIBLE {
        let root = Path::root("market");
        let message = format!(
            "the log return of a step is cut to [-1, 1] with probability {often:.1e} per draw"
        );
        let hint = "check that `mean` and `vol` are per `moments_per`, or use shorter steps";
        scope.warning(&root.key(written.key()), Id::Truncation, message, hint);
    }
}
