//! Turns a shipped preset, renamed, overridden and with cash added, into a market table.

use std::collections::BTreeMap;

use corridor_core::numerics::{ln, pow};

use super::market::bare_model;
use super::scope::Scope;
use crate::diagnostic::{Id, did_you_mean, quoted};
use crate::file::dynamics::DynamicsTable;
use crate::file::market::{
    GbmTable, MarketOverride, MarketTable, MeanIsWord, RegimeSwitchingTable, RegimeTable,
};
use crate::file::shape::{AssetValues, CorrelationValue, PerAsset};
use crate::preset::{self, Preset};
use crate::tree::Path;

/// Name of the asset that `add_cash` adds.
const CASH: &str = "cash";

/// The preset's market as a table of regimes, with everything `[market]` changes about it.
pub(crate) fn resolve(
    name: &str,
    table: &MarketTable,
    scope: &Scope<'_>,
) -> Option<RegimeSwitchingTable> {
    let root = Path::root("market");
    let Some(preset) = preset::find(name) else {
        let names: Vec<&str> = preset::presets().iter().map(|preset| preset.name).collect();
        let message = format!("no preset is called `{}`", quoted(name));
        scope.error(&root.key("preset"), Id::UnknownPreset, message, did_you_mean(name, &names));
        return None;
    };
    let mut market = shipped(preset, scope)?;
    let before = scope.reporter.errors();
    rename(&mut market, &table.rename, &root.key("rename"), scope);
    if let Some(changes) = &table.r#override {
        replace(&mut market, changes, &root.key("override"), scope);
    }
    if let Some(cash) = &table.add_cash {
        scope.usual_fraction(&root.key("add_cash").key("rate_annual"), cash.rate_annual, 0.5);
        add_cash(&mut market, cash.rate_annual, &root.key("add_cash"), scope);
    }
    (scope.reporter.errors() == before).then_some(market)
}

/// The market as shipped, with what its file states about it verified.
fn shipped(preset: &Preset, scope: &Scope<'_>) -> Option<RegimeSwitchingTable> {
    let root = Path::root("market");
    let broken = |why: String| {
        let message = format!("the preset `{}` is broken: {why}", preset.name);
        scope.error(
            &root.key("preset"),
            Id::PresetBroken,
            message,
            "this is a fault of the program, not of the study",
        );
    };
    let file = match preset.read() {
        Ok(file) => file,
        Err(error) => {
            broken(error);
            return None;
        }
    };
    let market = file.market.table();
    let model = bare_model(&market, corridor_core::time::Step::Month, scope)?;
    for difference in file.implied.differences(model.implied_moments()) {
        broken(difference);
    }
    Some(market)
}

fn rename(
    market: &mut RegimeSwitchingTable,
    names: &BTreeMap<String, String>,
    path: &Path<'_>,
    scope: &Scope<'_>,
) {
    let old = market.assets.clone();
    for (from, to) in names {
        if let Some(place) = scope.asset(&path.key(from), from, &old) {
            to.clone_into(&mut market.assets[place]);
        }
    }
    let new = |name: &String| names.get(name).unwrap_or(name).clone();
    for regime in &mut market.regime {
        for values in [&mut regime.mean, &mut regime.vol] {
            if let AssetValues::Map(map) = values {
                *map = map.iter().map(|(name, number)| (new(name), *number)).collect();
            }
        }
    }
    if let Some(dynamics) = &mut market.dynamics {
        dynamics
            .relative_ar
            .iter_mut()
            .flat_map(|relative| &mut relative.assets)
            .for_each(|name| *name = new(name));
        for value in dynamics.jumps.iter_mut().flat_map(|jumps| [&mut jumps.mean, &mut jumps.vol]) {
            if let PerAsset::Map(map) = value {
                *map = map.iter().map(|(name, number)| (new(name), *number)).collect();
            }
        }
    }
}

pub(crate) fn replace(
    market: &mut RegimeSwitchingTable,
    changes: &MarketOverride,
    path: &Path<'_>,
    scope: &Scope<'_>,
) {
    let MarketOverride {
        transition,
        initial,
        innovations,
        regime,
        mean,
        vol,
        correlation,
        correlation_chain,
        dynamics,
    } = changes;
    if let Some(new) = dynamics {
        let known = market.dynamics.get_or_insert_default();
        let DynamicsTable { garch, relative_ar, jumps, indicator } = new.clone();
        known.garch = garch.or(known.garch.take());
        known.relative_ar = relative_ar.or(known.relative_ar.take());
        known.jumps = jumps.or(known.jumps.take());
        known.indicator.extend(indicator);
    }
    transition.iter().for_each(|new| market.transition.clone_from(new));
    initial.iter().for_each(|new| market.initial.clone_from(new));
    innovations.iter().for_each(|new| market.innovations.clone_from(new));
    let assets = market.assets.clone();
    let known: Vec<String> = market.regime.iter().map(|regime| regime.name.clone()).collect();
    let list = path.key("regime");
    for (name, new) in regime {
        let here = list.key(name);
        let Some(place) = known_regime(name, &known, &here, scope) else { continue };
        change_regime(
            &mut market.regime[place],
            &assets,
            (&new.mean, &new.vol, new.correlation.as_ref()),
            &here,
            scope,
        );
    }
    if !mean.is_empty() || !vol.is_empty() || correlation.is_some() {
        match market.regime.as_mut_slice() {
            [only] => change_regime(only, &assets, (mean, vol, correlation.as_ref()), path, scope),
            _ => {
                let message =
                    "the preset has regimes: `mean`, `vol` and `correlation` belong to one of them";
                scope.error(
                    path,
                    Id::UnknownRegime,
                    message,
                    "write `override = { regime = { NAME = { vol = { asset = .. } } } }`",
                );
            }
        }
    }
    if let Some(new) = correlation_chain {
        let here = path.key("correlation_chain");
        let Some(chain) = &mut market.correlation_chain else {
            return scope.error(
                &here,
                Id::UnknownKey,
                "the preset has no correlation chain",
                "leave it out",
            );
        };
        new.transition.iter().for_each(|new| chain.transition.clone_from(new));
        new.initial.iter().for_each(|new| chain.initial.clone_from(new));
        let known: Vec<String> = chain.regime.iter().map(|regime| regime.name.clone()).collect();
        let list = here.key("correlation");
        for (name, new) in &new.correlation {
            if let Some(place) = known_regime(name, &known, &list.key(name), scope) {
                chain.regime[place].correlation.clone_from(new);
            }
        }
    }
}

fn known_regime(name: &str, known: &[String], path: &Path<'_>, scope: &Scope<'_>) -> Option<usize> {
    let place = known.iter().position(|regime| regime == name);
    if place.is_none() {
        let names: Vec<&str> = known.iter().map(String::as_str).collect();
        let message = format!("the preset has no regime `{}`", quoted(name));
        scope.error(path, Id::UnknownRegime, message, did_you_mean(name, &names));
    }
    place
}

/// New means by asset, vols by asset, and correlation.
type Changes<'a> =
    (&'a BTreeMap<String, f64>, &'a BTreeMap<String, f64>, Option<&'a CorrelationValue>);

fn change_regime(
    regime: &mut RegimeTable,
    assets: &[String],
    (mean, vol, correlation): Changes<'_>,
    path: &Path<'_>,
    scope: &Scope<'_>,
) {
    for (key, new, values) in [("mean", mean, &mut regime.mean), ("vol", vol, &mut regime.vol)] {
        for (asset, number) in new {
            let place = scope.asset(&path.key(key).key(asset), asset, assets);
            match (values as &mut AssetValues, place) {
                (AssetValues::Map(map), Some(_)) => drop(map.insert(asset.clone(), *number)),
                (AssetValues::List(list), Some(place)) if place < list.len() => {
                    list[place] = *number
                }
                (AssetValues::Map(_) | AssetValues::List(_), Some(_) | None) => {}
            }
        }
    }
    if let Some(new) = correlation {
        regime.correlation = Some(new.clone());
    }
}

/// Adds an asset that grows by `rate_annual` a year in every regime, uncorrelated because it has no
/// risk.
fn add_cash(
    market: &mut RegimeSwitchingTable,
    rate_annual: f64,
    path: &Path<'_>,
    scope: &Scope<'_>,
) {
    if market.assets.iter().any(|asset| asset == CASH) {
        return scope.error(
            path,
            Id::DuplicateName,
            "the preset has an asset `cash` already",
            "leave `add_cash` out, or rename that asset",
        );
    }
    let assets = market.assets.len();
    market.assets.push(CASH.to_owned());
    let per_year = f64::from(market.moments_per.per_year());
    let mean = match market.mean_is {
        MeanIsWord::Log | MeanIsWord::Drift => ln(1.0 + rate_annual) / per_year,
        MeanIsWord::Arithmetic => pow(1.0 + rate_annual, 1.0 / per_year) - 1.0,
    };
    for regime in &mut market.regime {
        for (values, number) in [(&mut regime.mean, mean), (&mut regime.vol, 0.0)] {
            match values {
                AssetValues::List(list) => list.push(number),
                AssetValues::Map(map) => drop(map.insert(CASH.to_owned(), number)),
            }
        }
        if market.correlation_chain.is_none() {
            regime.correlation = Some(with_unit_row(regime.correlation.as_ref(), assets));
        }
    }
    for state in market.correlation_chain.iter_mut().flat_map(|chain| &mut chain.regime) {
        state.correlation = with_unit_row(Some(&state.correlation), assets);
    }
}

fn with_unit_row(correlation: Option<&CorrelationValue>, assets: usize) -> CorrelationValue {
    let mut matrix = super::market::matrix(correlation, assets);
    for row in &mut matrix {
        row.push(0.0);
    }
    let mut unit = vec![0.0; assets];
    unit.push(1.0);
    matrix.push(unit);
    CorrelationValue::Matrix(matrix)
}

impl GbmTable {
    /// The same market as a table of one regime.
    pub(crate) fn as_regimes(&self) -> RegimeSwitchingTable {
        super::market::one_regime(self)
    }
}
