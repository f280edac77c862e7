//! Replaces numbers of a market by those of an `override`.

use std::collections::BTreeMap;

use crate::check::scope::Scope;
use crate::diagnostic::Id;
use crate::file::dynamics::DynamicsTable;
use crate::file::market::{
    ChainOverride, MarketOverride, RegimeOverride, RegimeSwitchingTable, RegimeTable,
};
use crate::file::shape::{AssetValues, CorrelationValue};
use crate::tree::Path;
use crate::wording::{did_you_mean, quoted};

/// Replaces numbers of `market` by those given at `path`; a regime or an asset that the market
/// does not have is reported.
pub(super) fn replace(
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
        replace_dynamics(market.dynamics.get_or_insert_default(), new);
    }
    transition.iter().for_each(|new| market.transition.clone_from(new));
    initial.iter().for_each(|new| market.initial.clone_from(new));
    innovations.iter().for_each(|new| market.innovations.clone_from(new));
    replace_regimes(market, regime, &path.key("regime"), scope);
    replace_only_regime(market, RegimeChanges { mean, vol, correlation }, path, scope);
    if let Some(new) = correlation_chain {
        replace_chain(market, new, &path.key("correlation_chain"), scope);
    }
}

fn replace_dynamics(known: &mut DynamicsTable, new: &DynamicsTable) {
    let DynamicsTable { garch, relative_ar, jumps, indicator } = new.clone();
    known.garch = garch.or(known.garch.take());
    known.relative_ar = relative_ar.or(known.relative_ar.take());
    known.jumps = jumps.or(known.jumps.take());
    known.indicator.extend(indicator);
}

/// New numbers of one regime.
#[derive(Clone, Copy, Debug)]
struct RegimeChanges<'a> {
    mean: &'a BTreeMap<String, f64>,
    vol: &'a BTreeMap<String, f64>,
    correlation: &'a Option<CorrelationValue>,
}

fn replace_regimes(
    market: &mut RegimeSwitchingTable,
    changes: &BTreeMap<String, RegimeOverride>,
    path: &Path<'_>,
    scope: &Scope<'_>,
) {
    let assets = market.assets.clone();
    let known: Vec<String> = market.regime.iter().map(|regime| regime.name.clone()).collect();
    for (name, RegimeOverride { mean, vol, correlation }) in changes {
        let here = path.key(name);
        let Some(place) = known_regime(name, &known, &here, scope) else { continue };
        let changes = RegimeChanges { mean, vol, correlation };
        change_regime(&mut market.regime[place], &assets, changes, &here, scope);
    }
}

/// Applies changes that name no regime, which only a market of one regime can take.
fn replace_only_regime(
    market: &mut RegimeSwitchingTable,
    changes: RegimeChanges<'_>,
    path: &Path<'_>,
    scope: &Scope<'_>,
) {
    if changes.mean.is_empty() && changes.vol.is_empty() && changes.correlation.is_none() {
        return;
    }
    match market.regime.as_mut_slice() {
        [only] => change_regime(only, &market.assets, changes, path, scope),
        _ => scope.error(
            path,
            Id::UnknownRegime,
            "the preset has regimes: `mean`, `vol` and `correlation` belong to one of them",
            "write `override = { regime = { NAME = { vol = { asset = .. } } } }`",
        ),
    }
}

fn replace_chain(
    market: &mut RegimeSwitchingTable,
    changes: &ChainOverride,
    path: &Path<'_>,
    scope: &Scope<'_>,
) {
    let Some(chain) = &mut market.correlation_chain else {
        return scope.error(
            path,
            Id::UnknownKey,
            "the preset has no correlation chain",
            "leave it out",
        );
    };
    changes.transition.iter().for_each(|new| chain.transition.clone_from(new));
    changes.initial.iter().for_each(|new| chain.initial.clone_from(new));
    let known: Vec<String> = chain.regime.iter().map(|regime| regime.name.clone()).collect();
    let list = path.key("correlation");
    for (name, new) in &changes.correlation {
        if let Some(place) = known_regime(name, &known, &list.key(name), scope) {
            chain.regime[place].correlation.clone_from(new);
        }
    }
}

/// The index of the regime `name`; an unknown one is reported.
fn known_regime(name: &str, known: &[String], path: &Path<'_>, scope: &Scope<'_>) -> Option<usize> {
    let place = known.iter().position(|regime| regime == name);
    if place.is_none() {
        let names: Vec<&str> = known.iter().map(String::as_str).collect();
        let message = format!("the preset has no regime `{}`", quoted(name));
        scope.error(path, Id::UnknownRegime, message, did_you_mean(name, &names));
    }
    place
}

fn change_regime(
    regime: &mut RegimeTable,
    assets: &[String],
    changes: RegimeChanges<'_>,
    path: &Path<'_>,
    scope: &Scope<'_>,
) {
    let RegimeChanges { mean, vol, correlation } = changes;
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
