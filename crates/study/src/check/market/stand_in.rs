//! Builds a harmless market in place of a broken one, so that the rest of the study can be checked.

use corridor_core::time::Step;
use corridor_scenario::market::Market;
use corridor_scenario::regime_model::RegimeModel;
use corridor_scenario::regime_switching::{
    CorrelationChain, Initial, Innovations, MeanIs, Regime, RegimeSwitching,
};

use super::checked::{CheckedMarket, Declared};
use super::preset::CASH;
use super::values::matrix;
use crate::file::market::{CorrelationChainTable, MarketTable, RegimeSwitchingTable};
use crate::preset;

/// A harmless market with the assets and regimes of a broken one; `None` where the table names no
/// assets.
pub(super) fn stand_in(table: &MarketTable, step: Step) -> Option<CheckedMarket> {
    let from_preset = table
        .preset
        .as_deref()
        .and_then(preset::find)
        .and_then(|preset| preset.read().ok())
        .map(|file| file.market.table());
    let regimes = table.regime_switching.as_ref().or(from_preset.as_ref());
    let declared = declared(assets(table, regimes)?, regimes, step);
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

fn assets(table: &MarketTable, regimes: Option<&RegimeSwitchingTable>) -> Option<Vec<String>> {
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
    assets.extend(table.add_cash.iter().map(|_| CASH.to_owned()));
    Some(assets)
}

/// Uncorrelated assets with a small risk, in regimes that are equally likely.
fn declared(
    assets: Vec<String>,
    regimes: Option<&RegimeSwitchingTable>,
    step: Step,
) -> RegimeSwitching {
    let unit = matrix(None, assets.len());
    let even = |count: usize| vec![vec![1.0 / count as f64; count]; count];
    let names: Vec<String> = regimes.map_or_else(
        || vec!["gbm".to_owned()],
        |regimes| regimes.regime.iter().map(|regime| regime.name.clone()).collect(),
    );
    let chain = regimes.and_then(|regimes| regimes.correlation_chain.as_ref());
    let has_chain = chain.is_some();
    let regime = |name: &String| Regime {
        name: name.clone(),
        mean: vec![0.0; assets.len()],
        vol: vec![0.01; assets.len()],
        correlation: if has_chain { Vec::new() } else { unit.clone() },
    };
    let correlation_chain = |chain: &CorrelationChainTable| CorrelationChain {
        chain_period_steps: 1,
        transition: even(chain.regime.len()),
        initial: Initial::Stationary,
        regimes: chain.regime.iter().map(|regime| (regime.name.clone(), unit.clone())).collect(),
    };
    RegimeSwitching {
        step,
        chain_period_steps: 1,
        moments_per_year: step.per_year(),
        mean_is: MeanIs::Log,
        transition: even(names.len()),
        initial: Initial::Stationary,
        innovations: Innovations::Gaussian,
        regimes: names.iter().map(regime).collect(),
        correlation_chain: chain.map(correlation_chain),
        dynamics: corridor_scenario::dynamics::Dynamics::default(),
        assets,
    }
}
