//! Turns a shipped preset, renamed, overridden and with cash added, into a market table.

use std::collections::BTreeMap;

use corridor_core::numerics::{ln, pow};

use super::declare::bare_model;
use super::overriding::replace;
use super::values::matrix;
use crate::check::scope::Scope;
use crate::diagnostic::{Hint, Id, MoreHelp};
use crate::file::market::{MarketTable, MeanIsWord, RegimeSwitchingTable};
use crate::file::shape::{AssetValues, CorrelationValue, PerAsset};
use crate::preset::{self, Preset};
use crate::tree::Path;
use crate::wording::{did_you_mean, quoted};

/// Name of the asset that `add_cash` adds.
pub(super) const CASH: &str = "cash";

/// Reads a shipped market as a table of regimes, with the changes that `[market]` makes to it.
pub(super) fn resolve(
    name: &str,
    table: &MarketTable,
    scope: &Scope<'_>,
) -> Option<RegimeSwitchingTable> {
    let root = Path::root("market");
    let Some(preset) = preset::find(name) else {
        let names: Vec<&str> = preset::presets().iter().map(|preset| preset.name).collect();
        let message = format!("no preset is called `{}`", quoted(name));
        let hint = Hint::from(did_you_mean(name, &names)).and(MoreHelp::Presets);
        scope.error(&root.key("preset"), Id::UnknownPreset, message, hint);
        return None;
    };
    let mut market = shipped(preset, scope)?;
    let before = scope.reporter.errors();
    rename(&mut market, &table.rename, &root.key("rename"), scope);
    if let Some(changes) = &table.r#override {
        replace(&mut market, changes, &root.key("override"), scope);
    }
    if let Some(cash) = &table.add_cash {
        scope.usual_fraction(
            &root.key("add_cash").key("rate_annual"),
            cash.rate_annual,
            0.5,
            f64::INFINITY,
        );
        add_cash(&mut market, cash.rate_annual, &root.key("add_cash"), scope);
    }
    (scope.reporter.errors() == before).then_some(market)
}

/// Reads a market as shipped and verifies the moments that its file states.
fn shipped(preset: &Preset, scope: &Scope<'_>) -> Option<RegimeSwitchingTable> {
    let root = Path::root("market");
    let broken = |why: String| {
        let message = format!("the preset `{}` is broken: {why}", preset.name);
        scope.error(
            &root.key("preset"),
            Id::PresetBroken,
            message,
            "report this fault of the program: the study is not at fault",
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

/// Renames assets wherever the market names them.
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

/// Adds the asset `cash`, which grows by `rate_annual` a year in every regime without risk.
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
            "leave `add_cash` out, or give that asset another name with `rename`",
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

/// The correlation matrix with one more asset, which is uncorrelated with the others.
fn with_unit_row(correlation: Option<&CorrelationValue>, assets: usize) -> CorrelationValue {
    let mut matrix = matrix(correlation, assets);
    for row in &mut matrix {
        row.push(0.0);
    }
    let mut unit = vec![0.0; assets];
    unit.push(1.0);
    matrix.push(unit);
    CorrelationValue::Matrix(matrix)
}
