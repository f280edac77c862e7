//! Checks the filtered probability of a regime and gives the filter the market that it assumes.

use corridor_core::numerics::ln;
use corridor_scenario::law::{RegimeLaw, StepLaw};
use corridor_scenario::market::Market;
use corridor_scenario::regime_switching::RegimeSwitching;
use corridor_simulation::signal::{FilterModel, RegimeProbability, Signal, StateLaw, Transition};

use super::checked::BareSignal;
use super::context::SignalContext;
use crate::check::market::{Declared, find_model};
use crate::diagnostic::Id;
use crate::file::market::RegimeSwitchingTable;
use crate::file::signal as file;
use crate::tree::Path;
use crate::wording::{did_you_mean, quoted};

/// Checks a `regime_probability`, whose filter assumes the market itself or a `[model]`.
pub(super) fn check(
    table: &file::RegimeProbability,
    path: &Path<'_>,
    context: &SignalContext<'_>,
) -> Option<BareSignal> {
    let market = context.market;
    let (Declared::Regimes(declared), Market::RegimeSwitching(model)) =
        (&market.declared, &market.market)
    else {
        let message = format!("`{path}` needs a market with regimes: a history has none");
        context.scope.error(
            path,
            Id::UnknownRegime,
            message,
            "watch a volatility or a trend instead",
        );
        return None;
    };
    approximates(declared, path, context);
    let assets = observed(table, path, context);
    let chains = Chains::of_market(declared);
    let truth = chains.members(&table.regime, &market.moments.regimes);
    let assumed = match &table.model {
        None => Assumed {
            law: model.step_law().clone(),
            members: truth.clone(),
            places: assets.clone(),
        },
        Some(name) => of_model(name, table, assets.as_deref(), path, context)?,
    };
    let (assets, places) = (assets?, assumed.places?);
    if assumed.members.is_empty() {
        unknown_regime(table, &chains, path, context);
        return None;
    }
    let model = filter_model(&assumed.law, &assets, &places);
    if model.is_none() && !market.stand_in {
        let message = format!("`{path}` observes assets of which one is determined by the others");
        context.scope.error(
            path,
            Id::NotPositiveDefinite,
            message,
            "name fewer `assets`, without those that move together in some regime",
        );
    }
    let names: Vec<&str> = assets.iter().map(|&asset| market.assets[asset].as_str()).collect();
    let model = model?;
    Some(BareSignal {
        start: assumed.members.iter().map(|&member| model.initial[member]).sum(),
        truth: (!truth.is_empty()).then(|| {
            (0..market.moments.regimes.len())
                .map(|regime| f64::from(u8::from(truth.contains(&regime))))
                .collect()
        }),
        signal: Signal::RegimeProbability(RegimeProbability { model, members: assumed.members }),
        observed: names.join("/"),
        long_run: None,
        not_positive: Some("a probability may be 0".to_owned()),
    })
}

/// Warns that the market has more than the regimes that a filter knows.
fn approximates(declared: &RegimeSwitching, path: &Path<'_>, context: &SignalContext<'_>) {
    let dynamics = &declared.dynamics;
    if dynamics.garch.is_some() || dynamics.jumps.is_some() || dynamics.relative_ar.is_some() {
        context.scope.warning(
            path,
            Id::FilterApproximates,
            "the market has shocks with a memory or jumps, which the filter does not know",
            "read its probabilities as those of the regimes alone",
        );
    }
}

/// Reports a regime that neither the market nor the model has.
fn unknown_regime(
    table: &file::RegimeProbability,
    chains: &Chains,
    path: &Path<'_>,
    context: &SignalContext<'_>,
) {
    let known: Vec<&str> =
        chains.main.iter().chain(&chains.correlation).map(String::as_str).collect();
    let message = format!(
        "the {} has no regime `{}`",
        if table.model.is_some() { "model" } else { "market" },
        quoted(&table.regime)
    );
    let hint = did_you_mean(&table.regime, &known);
    context.scope.error(&path.key("regime"), Id::UnknownRegime, message, hint);
}

/// A market as a filter assumes it.
struct Assumed {
    law: StepLaw,
    /// Joint regimes whose probability the signal is.
    members: Vec<usize>,
    /// Index of each observed asset in the law; `None` where one is unknown, which is reported.
    places: Option<Vec<usize>>,
}

/// The market of the `[model]` called `name`.
fn of_model(
    name: &str,
    table: &file::RegimeProbability,
    assets: Option<&[usize]>,
    path: &Path<'_>,
    context: &SignalContext<'_>,
) -> Option<Assumed> {
    let found =
        find_model(name, context.market, context.grid.step, &path.key("model"), context.scope)?;
    let chains = Chains::of_table(&found.table);
    Some(Assumed {
        law: found.model.step_law().clone(),
        members: chains.members(&table.regime, &found.model.implied_moments().regimes),
        places: assets.and_then(|assets| places_in(&found.table.assets, assets, path, context)),
    })
}

/// Names of the regimes of the main chain and of the correlation chain, if there is one.
struct Chains {
    main: Vec<String>,
    correlation: Vec<String>,
}

impl Chains {
    fn of_market(declared: &RegimeSwitching) -> Self {
        let chain = declared.correlation_chain.iter().flat_map(|chain| &chain.regimes);
        Self {
            main: declared.regimes.iter().map(|regime| regime.name.clone()).collect(),
            correlation: chain.map(|(name, _)| name.clone()).collect(),
        }
    }

    fn of_table(table: &RegimeSwitchingTable) -> Self {
        let chain = table.correlation_chain.iter().flat_map(|chain| &chain.regime);
        Self {
            main: table.regime.iter().map(|regime| regime.name.clone()).collect(),
            correlation: chain.map(|regime| regime.name.clone()).collect(),
        }
    }

    /// The joint regimes that `name` stands for: all with that regime of either chain, or the one
    /// with that joint name.
    fn members(&self, name: &str, joint: &[String]) -> Vec<usize> {
        let columns = self.correlation.len().max(1);
        let is = |known: Option<&String>| known.is_some_and(|known| known == name);
        let is_member = |&index: &usize| {
            is(self.main.get(index / columns))
                || is(self.correlation.get(index % columns))
                || is(joint.get(index))
        };
        (0..self.main.len() * columns).filter(is_member).collect()
    }
}

/// Index of each observed asset among the assets of the model; one that the model lacks is
/// reported.
fn places_in(
    known: &[String],
    assets: &[usize],
    path: &Path<'_>,
    context: &SignalContext<'_>,
) -> Option<Vec<usize>> {
    let place = |&asset: &usize| {
        let name = &context.market.assets[asset];
        let place = known.iter().position(|known| known == name);
        if place.is_none() {
            let message =
                format!("the model has no asset `{}`, which the filter observes", quoted(name));
            context.scope.error(
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

/// Assets that the filter observes: those named, else all that have risk in every regime.
fn observed(
    table: &file::RegimeProbability,
    path: &Path<'_>,
    context: &SignalContext<'_>,
) -> Option<Vec<usize>> {
    let riskless = &context.market.riskless;
    let Some(names) = &table.assets else {
        let risky: Vec<usize> =
            (0..context.market.assets.len()).filter(|&asset| !riskless[asset]).collect();
        if risky.is_empty() {
            let message =
                format!("`{path}` has no asset to observe: each is without risk in some regime");
            context.scope.error(
                path,
                Id::NothingWatched,
                message,
                "give an asset risk in every regime",
            );
        }
        return (!risky.is_empty()).then_some(risky);
    };
    let list = path.key("assets");
    context.scope.distinct(&list, "observed assets", names.iter().map(String::as_str));
    let before = context.scope.reporter.errors();
    let places: Vec<usize> = names
        .iter()
        .enumerate()
        .filter_map(|(index, name)| context.asset(&list.index(index), name))
        .collect();
    for (index, &asset) in places.iter().enumerate().filter(|(_, asset)| riskless[**asset]) {
        let message = format!(
            "`{}` has no risk in some regime, so its returns have no density there",
            context.market.assets[asset]
        );
        context.scope.error(&list.index(index), Id::NothingWatched, message, "leave it out");
    }
    (context.scope.reporter.errors() == before && places.len() == names.len()).then_some(places)
}

/// Law by which a filter reads the returns of `assets`, which are the assets `places` of `law`;
/// `None` where one asset is determined by the others in some regime.
fn filter_model(law: &StepLaw, assets: &[usize], places: &[usize]) -> Option<FilterModel> {
    let state = |regime: &RegimeLaw| {
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
