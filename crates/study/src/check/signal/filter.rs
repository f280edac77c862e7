//! Checks a regime's filtered probability and gives the filter its belief of the market.

use corridor_core::numerics::ln;
use corridor_scenario::law::StepLaw;
use corridor_scenario::market::Market;
use corridor_simulation::signal::{FilterModel, RegimeProbability, Signal, StateLaw, Transition};

use super::{Plain, Setting};
use crate::check::market::Declared;
use crate::check::model;
use crate::diagnostic::{Id, did_you_mean, quoted};
use crate::file::market::RegimeTable;
use crate::file::signal as file;
use crate::tree::Path;

pub(super) fn check(
    table: &file::RegimeProbability,
    path: &Path<'_>,
    setting: &Setting<'_>,
) -> Option<Plain> {
    let market = setting.market;
    let (Declared::Regimes(_), Market::RegimeSwitching(model)) = (&market.declared, &market.market)
    else {
        let message = format!("`{path}` needs a market with regimes: a history has none");
        setting.scope.error(
            path,
            Id::UnknownRegime,
            message,
            "watch a volatility or a trend instead",
        );
        return None;
    };
    let Declared::Regimes(declared) = &market.declared else { return None };
    if declared.dynamics.garch.is_some()
        || declared.dynamics.jumps.is_some()
        || declared.dynamics.relative_ar.is_some()
    {
        let message =
            "the market has shocks with a memory or jumps, which the filter knows nothing of";
        setting.scope.warning(
            path,
            Id::FilterApproximates,
            message,
            "its probabilities are those of the regimes without them",
        );
    }
    let assets = observed(table, path, setting);
    let regime = path.key("regime");
    let truth = members(&table.regime, market.moments.regimes.as_slice(), &parts(&market.declared));
    let (law, believed, places) = match &table.model {
        None => (model.step_law().clone(), truth.clone(), assets.clone()),
        Some(name) => {
            let model =
                model::find(name, market, setting.grid.step, &path.key("model"), setting.scope)?;
            let parts = [
                names(&model.table.regime),
                model
                    .table
                    .correlation_chain
                    .iter()
                    .flat_map(|chain| &chain.regime)
                    .map(|state| state.name.clone())
                    .collect(),
            ];
            let members = members(&table.regime, &model.model.implied_moments().regimes, &parts);
            (
                model.model.step_law().clone(),
                members,
                assets
                    .as_ref()
                    .and_then(|assets| places_in(&model.table.assets, assets, path, setting)),
            )
        }
    };
    let (assets, places) = (assets?, places?);
    if believed.is_empty() {
        let known = parts(&market.declared).concat();
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let message = format!(
            "the {} has no regime `{}`",
            if table.model.is_some() { "model" } else { "market" },
            quoted(&table.regime)
        );
        setting.scope.error(
            &regime,
            Id::UnknownRegime,
            message,
            did_you_mean(&table.regime, &known),
        );
        return None;
    }
    let model = filter_model(&law, &assets, &places);
    if model.is_none() && !market.stand_in {
        let message = format!("`{path}` observes assets of which one follows from the others");
        setting.scope.error(
            path,
            Id::NotPositiveDefinite,
            message,
            "name fewer `assets`, without those that move together in some regime",
        );
    }
    let names: Vec<&str> = assets.iter().map(|&asset| market.assets[asset].as_str()).collect();
    let model = model?;
    Some(Plain {
        start: believed.iter().map(|&member| model.initial[member]).sum(),
        truth: (!truth.is_empty()).then(|| {
            (0..market.moments.regimes.len())
                .map(|regime| f64::from(u8::from(truth.contains(&regime))))
                .collect()
        }),
        signal: Signal::RegimeProbability(RegimeProbability { model, members: believed }),
        observed: names.join("/"),
        long_run: None,
        not_positive: Some("a probability may be 0".to_owned()),
    })
}

fn names(regimes: &[RegimeTable]) -> Vec<String> {
    regimes.iter().map(|regime| regime.name.clone()).collect()
}

/// Names of the regimes of both chains.
fn parts(declared: &Declared) -> [Vec<String>; 2] {
    let Declared::Regimes(declared) = declared else { return [Vec::new(), Vec::new()] };
    let inner = declared
        .correlation_chain
        .iter()
        .flat_map(|chain| &chain.regimes)
        .map(|(name, _)| name.clone());
    [declared.regimes.iter().map(|regime| regime.name.clone()).collect(), inner.collect()]
}

/// The joint regimes that a name means: those of a regime of either chain, or one.
fn members(name: &str, joint: &[String], [main, inner]: &[Vec<String>; 2]) -> Vec<usize> {
    let columns = inner.len().max(1);
    let is = |known: Option<&String>| known.is_some_and(|known| known == name);
    let meant = |&place: &usize| {
        is(main.get(place / columns)) || is(inner.get(place % columns)) || is(joint.get(place))
    };
    (0..main.len() * columns).filter(meant).collect()
}

/// Where the observed assets stand in the model.
fn places_in(
    known: &[String],
    assets: &[usize],
    path: &Path<'_>,
    setting: &Setting<'_>,
) -> Option<Vec<usize>> {
    let place = |&asset: &usize| {
        let name = &setting.market.assets[asset];
        let place = known.iter().position(|known| known == name);
        if place.is_none() {
            let message =
                format!("the model has no asset `{}`, which the filter observes", quoted(name));
            setting.scope.error(
                &path.key("model"),
                Id::UnknownAsset,
                message,
                "name the observed `assets`, or `rename` those of the model's preset",
            );
        }
        place
    };
    assets.iter().map(place).collect()
}

/// The assets named, or all that have risk: one without tells nothing.
fn observed(
    table: &file::RegimeProbability,
    path: &Path<'_>,
    setting: &Setting<'_>,
) -> Option<Vec<usize>> {
    let riskless = &setting.market.riskless;
    let Some(names) = &table.assets else {
        let risky: Vec<usize> =
            (0..setting.market.assets.len()).filter(|&asset| !riskless[asset]).collect();
        if risky.is_empty() {
            let message =
                format!("`{path}` has no asset to observe: each is without risk in some regime");
            setting.scope.error(
                path,
                Id::NothingWatched,
                message,
                "give an asset risk in every regime",
            );
        }
        return (!risky.is_empty()).then_some(risky);
    };
    let list = path.key("assets");
    setting.scope.distinct(&list, "observed assets", names.iter().map(String::as_str));
    let before = setting.scope.reporter.errors();
    let places: Vec<usize> = names
        .iter()
        .enumerate()
        .filter_map(|(index, name)| setting.asset(&list.index(index), name))
        .collect();
    for (index, &asset) in places.iter().enumerate().filter(|(_, asset)| riskless[**asset]) {
        let message = format!(
            "`{}` has no risk in some regime, so its returns have no density there",
            setting.market.assets[asset]
        );
        setting.scope.error(&list.index(index), Id::NothingWatched, message, "leave it out");
    }
    (setting.scope.reporter.errors() == before && places.len() == names.len()).then_some(places)
}

/// What a filter believes that observes `assets` and knows them as `places` of a law.
fn filter_model(law: &StepLaw, assets: &[usize], places: &[usize]) -> Option<FilterModel> {
    let state = |regime: &corridor_scenario::law::RegimeLaw| {
        let whitening = regime.whitening(places)?;
        let log_scale =
            whitening.iter().filter_map(|row| row.last()).map(|&diagonal| ln(diagonal)).sum();
        Some(StateLaw {
            mean: places.iter().map(|&place| regime.log_mean[place]).collect(),
            whitening,
            log_scale,
        })
    };
    Some(FilterModel {
        assets: assets.to_vec(),
        initial: law.initial.clone(),
        transitions: law
            .moves
            .iter()
            .map(|(period_steps, matrix)| Transition {
                period_steps: *period_steps,
                matrix: matrix.clone(),
            })
            .collect(),
        states: law.regimes.iter().map(state).collect::<Option<_>>()?,
        df: law.df,
    })
}
