//! Checks `[market]`: turns a preset, regimes, gbm or a history into a declared market with every
//! list in asset order.

use std::collections::BTreeMap;

use corridor_core::time::Step;
use corridor_scenario::bootstrap::{Bootstrap, History};
use corridor_scenario::market::Market;
use corridor_scenario::moments::ImpliedMoments;
use corridor_scenario::regime_model::RegimeModel;
use corridor_scenario::regime_switching::{
    CorrelationChain, Initial, Innovations, MeanIs, Regime, RegimeSwitching,
};

use super::history::{self, Histories};
use super::scope::Scope;
use super::{dynamics, market_error, preset};
use crate::diagnostic::{Id, did_you_mean, list, quoted};
use crate::file::market::{
    GbmTable, InnovationsValue, MarketTable, MeanIsWord, PeriodWord, RegimeSwitchingTable,
};
use crate::file::shape::{AssetValues, CorrelationValue, InitialValue};
use crate::tree::{Path, Segment};

/// A market, checked and built.
#[derive(Clone, Debug)]
pub(crate) struct CheckedMarket {
    pub label: String,
    /// The table with a preset written out.
    pub written_out: MarketTable,
    pub declared: Declared,
    pub market: Market,
    pub moments: ImpliedMoments,
    pub assets: Vec<String>,
    /// The regimes as a user may name them; empty where there are none.
    pub has_regimes: bool,
    /// Whether some asset of some regime has no risk at all, per asset.
    pub riskless: Vec<bool>,
    /// Whether this only stands in for a market with problems, so that the rest of the study can be
    /// checked.
    pub stand_in: bool,
}

impl CheckedMarket {
    /// Covariance of one step's log returns, as the market implies it.
    pub fn step_covariance(&self) -> Vec<Vec<f64>> {
        let moments = &self.moments;
        let entry = |a: usize, b: usize| {
            moments.correlation[a][b] * (moments.step_variance[a] * moments.step_variance[b]).sqrt()
        };
        (0..self.assets.len())
            .map(|a| (0..self.assets.len()).map(|b| entry(a, b)).collect())
            .collect()
    }
}

/// A market in machine units.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Declared {
    Regimes(Box<RegimeSwitching>),
    History(History),
}

/// Where a declared market was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    RegimeSwitching,
    Gbm,
    Preset,
}

impl Written {
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::RegimeSwitching => "regime_switching",
            Self::Gbm => "gbm",
            Self::Preset => "preset",
        }
    }
}

impl PeriodWord {
    pub(crate) const fn per_year(self) -> u32 {
        match self {
            Self::Day => 252,
            Self::Week => 52,
            Self::Month => 12,
            Self::Year => 1,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Year => "year",
        }
    }
}

/// Checks and builds the market of one corner. Where that has problems something with its names
/// stands in for it, as far as there are names.
pub(crate) fn check(
    table: &MarketTable,
    step: Step,
    seed: u64,
    histories: &Histories<'_>,
    scope: &Scope<'_>,
) -> Option<CheckedMarket> {
    built(table, step, seed, histories, scope).or_else(|| stand_in(table, step))
}

fn built(
    table: &MarketTable,
    step: Step,
    seed: u64,
    histories: &Histories<'_>,
    scope: &Scope<'_>,
) -> Option<CheckedMarket> {
    let path = Path::root("market");
    exactly_one(table, &path, scope);
    let before = scope.reporter.errors();
    let mut written_out = table.clone();
    let (label, written, declared) = if let Some(regimes) = &table.regime_switching {
        (
            "regime_switching",
            Written::RegimeSwitching,
            regime_switching(regimes, Written::RegimeSwitching, step, scope),
        )
    } else if let Some(gbm) = &table.gbm {
        ("gbm", Written::Gbm, regime_switching(&one_regime(gbm), Written::Gbm, step, scope))
    } else if let Some(name) = &table.preset {
        let regimes = preset::resolve(name, table, scope)?;
        let declared = regime_switching(&regimes, Written::Preset, step, scope);
        written_out = MarketTable { regime_switching: Some(regimes), ..MarketTable::default() };
        (name.as_str(), Written::Preset, declared)
    } else {
        let bootstrap = table.bootstrap.as_ref()?;
        return history::check(bootstrap, table, step, seed, histories, scope);
    };
    if let Some(label) = &table.label {
        scope.identifier(&path.key("label"), "a market", label);
    }
    let declared = declared.filter(|_| scope.reporter.errors() == before)?;
    let model = match RegimeModel::new(&declared, seed) {
        Ok(model) => model,
        Err(errors) => {
            for error in errors {
                market_error::report(&error, written, scope);
            }
            return None;
        }
    };
    let moments = model.implied_moments().clone();
    truncation(&moments, written, scope);
    let riskless = |asset: usize| declared.regimes.iter().any(|regime| regime.vol[asset] == 0.0);
    Some(CheckedMarket {
        label: table.label.clone().unwrap_or_else(|| label.to_owned()),
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

/// A harmless market with the assets and regimes of a broken one.
fn stand_in(table: &MarketTable, step: Step) -> Option<CheckedMarket> {
    let from_preset = table
        .preset
        .as_deref()
        .and_then(crate::preset::find)
        .and_then(|preset| preset.read().ok())
        .map(|file| file.market.table());
    let regimes = table.regime_switching.as_ref().or(from_preset.as_ref());
    let mut assets: Vec<String> = match (regimes, &table.gbm, &table.bootstrap) {
        (Some(regimes), _, _) => regimes
            .assets
            .iter()
            .map(|asset| table.rename.get(asset).unwrap_or(asset).clone())
            .collect(),
        (None, Some(gbm), _) => gbm.assets.clone(),
        (None, None, Some(history)) => history.assets.clone(),
        (None, None, None) => return None,
    };
    assets.extend(table.add_cash.iter().map(|_| "cash".to_owned()));
    let unit = matrix(None, assets.len());
    let even = |count: usize| vec![vec![1.0 / count as f64; count]; count];
    let main: Vec<String> = regimes.map_or_else(
        || vec!["gbm".to_owned()],
        |regimes| regimes.regime.iter().map(|regime| regime.name.clone()).collect(),
    );
    let chain = regimes.and_then(|regimes| regimes.correlation_chain.as_ref());
    let split = chain.is_some();
    let regime = |name: &String| Regime {
        name: name.clone(),
        mean: vec![0.0; assets.len()],
        vol: vec![0.01; assets.len()],
        correlation: if split { Vec::new() } else { unit.clone() },
    };
    let declared = RegimeSwitching {
        step,
        chain_period_steps: 1,
        moments_per_year: step.per_year(),
        mean_is: MeanIs::Log,
        transition: even(main.len()),
        initial: Initial::Stationary,
        innovations: Innovations::Gaussian,
        regimes: main.iter().map(regime).collect(),
        correlation_chain: chain.map(|chain| CorrelationChain {
            chain_period_steps: 1,
            transition: even(chain.regime.len()),
            initial: Initial::Stationary,
            regimes: chain.regime.iter().map(|state| (state.name.clone(), unit.clone())).collect(),
        }),
        dynamics: corridor_scenario::dynamics::Dynamics::default(),
        assets,
    };
    let model = RegimeModel::new(&declared, 0).ok()?;
    Some(CheckedMarket {
        label: String::new(),
        written_out: table.clone(),
        assets: declared.assets.clone(),
        has_regimes: table.bootstrap.is_none(),
        riskless: vec![false; declared.assets.len()],
        stand_in: true,
        moments: model.implied_moments().clone(),
        declared: Declared::Regimes(Box::new(declared)),
        market: Market::RegimeSwitching(Box::new(model)),
    })
}

fn exactly_one(table: &MarketTable, path: &Path<'_>, scope: &Scope<'_>) {
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
        let last = given.last().map_or(*path, |kind| path.key(kind));
        scope.error(
            &last,
            Id::ExactlyOne,
            message,
            "keep one; `corridor presets` lists the shipped markets",
        );
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

/// gbm is regime switching with one regime.
pub(crate) fn one_regime(gbm: &GbmTable) -> RegimeSwitchingTable {
    let regime = crate::file::market::RegimeTable {
        name: "gbm".to_owned(),
        mean: gbm.mean.clone(),
        vol: gbm.vol.clone(),
        correlation: gbm.correlation.clone(),
    };
    RegimeSwitchingTable {
        assets: gbm.assets.clone(),
        regimes_change: gbm.moments_per,
        moments_per: gbm.moments_per,
        mean_is: gbm.mean_is,
        transition: vec![vec![1.0]],
        initial: InitialValue::default(),
        innovations: InnovationsValue::Gaussian,
        regime: vec![regime],
        correlation_chain: None,
        dynamics: gbm.dynamics.clone(),
    }
}

/// The declared market in machine units; what does not fit is reported where it was written.
fn regime_switching(
    table: &RegimeSwitchingTable,
    written: Written,
    step: Step,
    scope: &Scope<'_>,
) -> Option<RegimeSwitching> {
    let root = Path::root("market");
    let path = root.key(written.key());
    let before = scope.reporter.errors();
    let overriding = root.key("override");
    names(table, &path, scope);
    let assets = &table.assets;
    let regimes = table.regime.iter().enumerate().map(|(index, regime)| {
        let list = path.key("regime");
        let numbered = list.index(index);
        let here = if written == Written::Gbm { path } else { numbered };
        let split = table.correlation_chain.is_some();
        let missing = regime.correlation.is_none() && assets.len() > 1 && !split;
        if missing {
            let message = format!("`{here}` needs `correlation`");
            scope.error(
                &here,
                Id::MissingKey,
                message,
                "give a matrix, its lower triangle, or one number for all pairs",
            );
        }
        if regime.correlation.is_some() && split {
            let message = format!(
                "regime `{}` has a correlation of its own beside a correlation chain",
                quoted(&regime.name)
            );
            scope.error(
                &here.key("correlation"),
                Id::Correlation,
                message,
                "leave it out: the correlation chain owns the correlations",
            );
        }
        Regime {
            name: regime.name.clone(),
            mean: values(&regime.mean, assets, &here.key("mean"), scope),
            vol: values(&regime.vol, assets, &here.key("vol"), scope),
            correlation: if split {
                Vec::new()
            } else {
                matrix(regime.correlation.as_ref(), assets.len())
            },
        }
    });
    let regimes: Vec<Regime> = regimes.collect();
    let names: Vec<&str> = table.regime.iter().map(|regime| regime.name.as_str()).collect();
    let period = if written == Written::Gbm {
        Some(1)
    } else {
        clock(table.regimes_change, step, &path, scope)
    };
    let correlation_chain = table.correlation_chain.as_ref().map(|chain| {
        let here = path.key("correlation_chain");
        let names: Vec<&str> = chain.regime.iter().map(|regime| regime.name.as_str()).collect();
        let state = |regime: &crate::file::market::CorrelationRegimeTable| {
            (regime.name.clone(), matrix(Some(&regime.correlation), assets.len()))
        };
        CorrelationChain {
            chain_period_steps: clock(chain.regimes_change, step, &here, scope).unwrap_or(1),
            transition: chain.transition.clone(),
            initial: initial(&chain.initial, &names, &here, scope),
            regimes: chain.regime.iter().map(state).collect(),
        }
    });
    let market = RegimeSwitching {
        assets: assets.clone(),
        step,
        chain_period_steps: period.unwrap_or(1),
        moments_per_year: table.moments_per.per_year(),
        mean_is: mean_is(table.mean_is),
        transition: table.transition.clone(),
        initial: initial(&table.initial, &names, &path, scope),
        innovations: innovations(&table.innovations),
        regimes,
        correlation_chain,
        dynamics: dynamics::check(
            table,
            step,
            &if written == Written::Preset { overriding } else { path }.key("dynamics"),
            scope,
        ),
    };
    (scope.reporter.errors() == before).then_some(market)
}

fn names(table: &RegimeSwitchingTable, path: &Path<'_>, scope: &Scope<'_>) {
    let assets = path.key("assets");
    for (index, asset) in table.assets.iter().enumerate() {
        scope.identifier(&assets.index(index), "an asset", asset);
    }
    scope.distinct(&assets, "assets", table.assets.iter().map(String::as_str));
    let regimes = path.key("regime");
    for (index, regime) in table.regime.iter().enumerate() {
        scope.identifier(&regimes.index(index).key("name"), "a regime", &regime.name);
    }
    scope.distinct(&regimes, "regimes", table.regime.iter().map(|regime| regime.name.as_str()));
    if let Some(chain) = &table.correlation_chain {
        let chain_path = path.key("correlation_chain");
        let regimes = chain_path.key("regime");
        for (index, regime) in chain.regime.iter().enumerate() {
            scope.identifier(&regimes.index(index).key("name"), "a regime", &regime.name);
        }
        scope.distinct(&regimes, "regimes", chain.regime.iter().map(|regime| regime.name.as_str()));
    }
}

/// Steps in a period of a chain, which must be a whole number.
fn clock(word: PeriodWord, step: Step, path: &Path<'_>, scope: &Scope<'_>) -> Option<u32> {
    let (steps, periods) = (step.per_year(), word.per_year());
    if steps % periods == 0 {
        return Some(steps / periods);
    }
    let message = format!(
        "a {} of {} {}s is no whole number of steps: {steps} steps and {periods} periods a year",
        word.name(),
        steps as f64 / f64::from(periods),
        step.name()
    );
    let hint = "let the regimes change by the step itself or by the year; day steps also go with a \
    month clock (21 steps)";
    scope.error(&path.key("regimes_change"), Id::Clock, message, hint);
    None
}

/// Numbers in asset order.
fn values(values: &AssetValues, assets: &[String], path: &Path<'_>, scope: &Scope<'_>) -> Vec<f64> {
    match values {
        AssetValues::List(list) => {
            if list.len() != assets.len() {
                let message =
                    format!("`{path}` has {} numbers for {} assets", list.len(), assets.len());
                scope.error(
                    path,
                    Id::ListLength,
                    message,
                    "give one number per asset, in the order of `assets`",
                );
            }
            list.clone()
        }
        AssetValues::Map(map) => {
            for name in map.keys() {
                scope.asset(&path.key(name), name, assets);
            }
            assets.iter().map(|asset| of_asset(map, asset, path, scope)).collect()
        }
    }
}

fn of_asset(map: &BTreeMap<String, f64>, asset: &str, path: &Path<'_>, scope: &Scope<'_>) -> f64 {
    map.get(asset).copied().unwrap_or_else(|| {
        let message = format!("`{path}` has no entry for `{}`", quoted(asset));
        scope.error(path, Id::MissingAsset, message, "give every asset of the market a number");
        0.0
    })
}

/// The full matrix; a shape that is neither the matrix nor its lower triangle passes through, for
/// the market to refuse.
pub(crate) fn matrix(value: Option<&CorrelationValue>, assets: usize) -> Vec<Vec<f64>> {
    let full = |entry: &dyn Fn(usize, usize) -> f64| {
        let row = |i: usize| {
            (0..assets).map(|j| if i == j { 1.0 } else { entry(i.max(j), i.min(j)) }).collect()
        };
        (0..assets).map(row).collect()
    };
    match value {
        None => full(&|_, _| 0.0),
        Some(CorrelationValue::AllPairs(correlation)) => full(&|_, _| *correlation),
        Some(CorrelationValue::Matrix(rows)) => {
            // with the diagonal of ones row i has i + 1 entries; without it row i + 1 has i + 1
            let with_diagonal = rows.len() == assets
                && assets > 1
                && rows.iter().enumerate().all(|(i, row)| row.len() == i + 1);
            let ones = rows.iter().all(|row| row.last() == Some(&1.0));
            let without = rows.len() + 1 == assets
                && rows.iter().enumerate().all(|(i, row)| row.len() == i + 1);
            match (with_diagonal && ones, without) {
                (true, _) => full(&|i, j| rows[i][j]),
                (false, true) => full(&|i, j| rows[i - 1][j]),
                (false, false) => rows.clone(),
            }
        }
    }
}

fn initial(value: &InitialValue, names: &[&str], path: &Path<'_>, scope: &Scope<'_>) -> Initial {
    match value {
        InitialValue::Word(word) if word == "stationary" => Initial::Stationary,
        InitialValue::Word(word) => match names.iter().position(|name| name == word) {
            Some(place) => Initial::Regime(place),
            None => {
                let known: Vec<&str> =
                    std::iter::once("stationary").chain(names.iter().copied()).collect();
                let message = format!("there is no regime `{}` to start in", quoted(word));
                scope.error(
                    &path.key("initial"),
                    Id::UnknownRegime,
                    message,
                    did_you_mean(word, &known),
                );
                Initial::Stationary
            }
        },
        InitialValue::Law(law) => Initial::Law(law.clone()),
    }
}

const fn mean_is(word: MeanIsWord) -> MeanIs {
    match word {
        MeanIsWord::Log => MeanIs::Log,
        MeanIsWord::Drift => MeanIs::Drift,
        MeanIsWord::Arithmetic => MeanIs::Arithmetic,
    }
}

fn innovations(value: &InnovationsValue) -> Innovations {
    match value {
        InnovationsValue::Gaussian => Innovations::Gaussian,
        InnovationsValue::StudentT(law) => Innovations::StudentT { df: law.df },
    }
}

fn truncation(moments: &ImpliedMoments, written: Written, scope: &Scope<'_>) {
    let often = moments.truncation_per_draw;
    if often > 1e-9 {
        let root = Path::root("market");
        let message = format!(
            "the log return of a step is cut to [-1, 1] with probability {often:.1e} per draw"
        );
        let hint = "check the units of `mean` and `vol` (`moments_per`), or use shorter steps";
        scope.warning(&root.key(written.key()), Id::Truncation, message, hint);
    }
}

/// Builds a model outside a study: to compare its moments with what is stated about it, or for a
/// filter to believe in.
pub(crate) fn bare_model(
    table: &RegimeSwitchingTable,
    step: Step,
    scope: &Scope<'_>,
) -> Option<RegimeModel> {
    let declared = regime_switching(table, Written::Preset, step, scope)?;
    RegimeModel::new(&declared, 0).ok()
}

/// The segments of a place below `[market]`, for looking up what an override may have written.
pub(crate) fn exists(segments: &[Segment<'_>], scope: &Scope<'_>) -> bool {
    scope.grid.find(segments, scope.choice).is_some()
}

/// The same for a history.
pub(crate) fn built_history(
    history: History,
    table: &MarketTable,
    seed: u64,
) -> Result<CheckedMarket, Vec<corridor_scenario::error::MarketError>> {
    let model = Bootstrap::new(&history, seed)?;
    Ok(CheckedMarket {
        label: table.label.clone().unwrap_or_else(|| "bootstrap".to_owned()),
        written_out: table.clone(),
        assets: history.assets.clone(),
        has_regimes: false,
        riskless: vec![false; history.assets.len()],
        stand_in: false,
        moments: model.implied_moments().clone(),
        declared: Declared::History(history),
        market: Market::Bootstrap(Box::new(model)),
    })
}
