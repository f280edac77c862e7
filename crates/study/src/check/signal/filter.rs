//! Checks a regime's filtered probability and gives the filter its belief of the market.

use corridor_core::numerics::ln;
use corridor_scenario::law::StepLaw;
use corridor_simulation::signal::{Belief, Move, RegimeProbability, Signal, StateLaw};

use super::{Plain, Setting};
use crate::check::market::Declared;
use crate::diagnostic::{Id, did_you_mean, quoted};
use crate::file::signal as file;
use crate::plan::Market;
use crate::tree::Path;

pub(super) fn check(table: &file::RegimeProbability, path: &Path<'_>, setting: &Setting<'_>) -> Option<Plain> {
    let market = setting.market;
    let (Declared::Regimes(_), Market::RegimeSwitching(model)) = (&market.declared, &market.market) else {
        let message = format!("`{path}` needs a market with regimes: a history has none");
        setting.scope.error(path, Id::UnknownRegime, message, "watch a volatility or a trend instead");
        return None;
    };
    let members = members(&table.regime, &path.key("regime"), setting);
    let assets = observed(table, path, setting);
    let (members, assets) = (members?, assets?);
    let belief = belief(model.step_law(), &assets);
    if belief.is_none() && !market.stand_in {
        let message = format!("`{path}` observes assets of which one follows from the others");
        setting.scope.error(path, Id::NotPositiveDefinite, message, "name fewer `assets`, without those that move together in some regime");
    }
    let names: Vec<&str> = assets.iter().map(|&asset| market.assets[asset].as_str()).collect();
    let belief = belief?;
    let regimes = belief.states.len();
    Some(Plain {
        start: members.iter().map(|&member| belief.initial[member]).sum(),
        truth: Some((0..regimes).map(|regime| f64::from(u8::from(members.contains(&regime)))).collect()),
        signal: Signal::RegimeProbability(RegimeProbability { belief, members }),
        observed: names.join("/"),
        long_run: None,
        not_positive: Some("a probability may be 0".to_owned()),
    })
}

/// The joint regimes that a name means: those of a regime of either chain, or one.
fn members(name: &str, path: &Path<'_>, setting: &Setting<'_>) -> Option<Vec<usize>> {
    let Declared::Regimes(declared) = &setting.market.declared else { return None };
    let main: Vec<&str> = declared.regimes.iter().map(|regime| regime.name.as_str()).collect();
    let inner: Vec<&str> = declared.correlation_chain.iter().flat_map(|chain| &chain.regimes).map(|(name, _)| name.as_str()).collect();
    let columns = inner.len().max(1);
    let joint = &setting.market.moments.regimes;
    let meant = |place: usize| {
        let (s, c) = (place / columns, place % columns);
        main.get(s) == Some(&name) || inner.get(c) == Some(&name) || joint.get(place).is_some_and(|joint| joint == name)
    };
    let members: Vec<usize> = (0..main.len() * columns).filter(|&place| meant(place)).collect();
    if members.is_empty() {
        let known: Vec<&str> = main.into_iter().chain(inner).collect();
        let message = format!("the market has no regime `{}`", quoted(name));
        setting.scope.error(path, Id::UnknownRegime, message, did_you_mean(name, &known));
    }
    (!members.is_empty()).then_some(members)
}

/// The assets named, or all that have risk: one without tells nothing.
fn observed(table: &file::RegimeProbability, path: &Path<'_>, setting: &Setting<'_>) -> Option<Vec<usize>> {
    let riskless = &setting.market.riskless;
    let Some(names) = &table.assets else {
        let risky: Vec<usize> = (0..setting.market.assets.len()).filter(|&asset| !riskless[asset]).collect();
        if risky.is_empty() {
            let message = format!("`{path}` has no asset to observe: each is without risk in some regime");
            setting.scope.error(path, Id::NothingWatched, message, "give an asset risk in every regime");
        }
        return (!risky.is_empty()).then_some(risky);
    };
    let list = path.key("assets");
    setting.scope.distinct(&list, "observed assets", names.iter().map(String::as_str));
    let before = setting.scope.reporter.errors();
    let places: Vec<usize> = names.iter().enumerate().filter_map(|(index, name)| setting.asset(&list.index(index), name)).collect();
    for (index, &asset) in places.iter().enumerate().filter(|(_, asset)| riskless[**asset]) {
        let message = format!("`{}` has no risk in some regime, so its returns have no density there", setting.market.assets[asset]);
        setting.scope.error(&list.index(index), Id::NothingWatched, message, "leave it out");
    }
    (setting.scope.reporter.errors() == before && places.len() == names.len()).then_some(places)
}

/// What a filter that knows the law believes.
fn belief(law: &StepLaw, assets: &[usize]) -> Option<Belief> {
    let state = |regime: &corridor_scenario::law::RegimeLaw| {
        let whitening = regime.whitening(assets)?;
        let log_scale = whitening.iter().filter_map(|row| row.last()).map(|&diagonal| ln(diagonal)).sum();
        Some(StateLaw { mean: assets.iter().map(|&asset| regime.log_mean[asset]).collect(), whitening, log_scale })
    };
    Some(Belief {
        assets: assets.to_vec(),
        initial: law.initial.clone(),
        moves: law.moves.iter().map(|(period_steps, transition)| Move { period_steps: *period_steps, transition: transition.clone() }).collect(),
        states: law.regimes.iter().map(state).collect::<Option<_>>()?,
        df: law.df,
    })
}
