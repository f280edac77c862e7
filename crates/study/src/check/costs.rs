//! Checks `[costs]` and turns basis points into fractions.

use corridor_simulation::cost::{CostConvention, CostModel};

use super::market::CheckedMarket;
use super::scope::{Limits, Scope};
use crate::diagnostic::Id;
use crate::file::account::{ConventionWord, CostsTable, InitialPurchaseWord};
use crate::tree::Path;
use crate::wording::{did_you_mean, number as shown, quoted};

/// Checks the costs of one corner; `initial` is the balance from which a charged first purchase is
/// paid.
pub(crate) fn check(
    table: &CostsTable,
    purchase: InitialPurchaseWord,
    initial: f64,
    market: &CheckedMarket,
    scope: &Scope<'_>,
) -> CostModel {
    let path = Path::root("costs");
    let here = path.key("one_way_bps");
    let bps = scope.per_asset(&here, &table.one_way_bps, &market.assets, Limits::BPS);
    let one_way: Vec<f64> = bps
        .iter()
        .zip(&market.assets)
        .map(|(bps, asset)| bps.map_or_else(|| missing(asset, &here, scope), |bps| bps / 1e4))
        .collect();
    usual(&bps, &here, scope);
    let spread_multiplier = spreads(table, market, &path.key("spread_multiplier"), scope);
    let dearest = one_way.iter().copied().fold(0.0, f64::max)
        * spread_multiplier.iter().copied().fold(1.0, f64::max);
    if dearest >= 1.0 && !table.spread_multiplier.is_empty() {
        let message = format!(
            "with `spread_multiplier` a trade costs {} % of what it moves",
            dearest * 100.0
        );
        scope.error(
            &path.key("spread_multiplier"),
            Id::CostTooHigh,
            message,
            "keep the product of cost and multiplier below 100 %",
        );
    }
    let fees = table.fixed_fee_per_order * market.assets.len() as f64;
    if purchase == InitialPurchaseWord::Charged && fees >= initial {
        let message = format!(
            "the fees of the first purchase may come to {fees}, and the balance is {initial}"
        );
        scope.error(
            &path.key("fixed_fee_per_order"),
            Id::CostTooHigh,
            message,
            "lower the fee, or write `account.initial_purchase = \"free\"`",
        );
    }
    CostModel {
        one_way,
        fixed_fee: table.fixed_fee_per_order,
        spread_multiplier,
        convention: match table.convention {
            ConventionWord::Exact => CostConvention::Exact,
            ConventionWord::Pre => CostConvention::Pre,
        },
        charge_flows: table.charge_flows,
        charge_initial_purchase: purchase == InitialPurchaseWord::Charged,
    }
}

/// Warns of costs far below or above those of any exchange.
fn usual(bps: &[Option<f64>], path: &Path<'_>, scope: &Scope<'_>) {
    /// Costs that are not 0 and yet below half a basis point.
    const TINY: f64 = 0.5;
    /// Costs of a twentieth of each trade.
    const HUGE: f64 = 500.0;
    let is_unusual =
        |bps: &f64| *bps > 0.0 && *bps < TINY || (HUGE..=Limits::BPS.max).contains(bps);
    let Some(first) = bps.iter().flatten().copied().find(is_unusual) else { return };
    let message =
        format!("`{path}` is {}, which is {} % of a trade", shown(first), shown(first / 100.0));
    let hint = "basis points are hundredths of a percent: 10 are 0.1 %";
    scope.warning(path, Id::Unusual, message, hint);
}

/// Reports an asset without a cost.
fn missing(asset: &str, path: &Path<'_>, scope: &Scope<'_>) -> f64 {
    let message = format!("`{path}` has no entry for `{}`", quoted(asset));
    scope.error(
        path,
        Id::MissingAsset,
        message,
        format!("add `{} = 0` if trading it is free", quoted(asset)),
    );
    0.0
}

/// Multipliers in the order of the market's regimes. Beside a correlation chain the name of a main
/// regime stands for all its joint regimes.
fn spreads(
    table: &CostsTable,
    market: &CheckedMarket,
    path: &Path<'_>,
    scope: &Scope<'_>,
) -> Vec<f64> {
    if table.spread_multiplier.is_empty() {
        return Vec::new();
    }
    let regimes: Vec<&str> = if market.has_regimes {
        market.moments.regimes.iter().map(String::as_str).collect()
    } else {
        Vec::new()
    };
    let mut multipliers = vec![1.0; market.moments.regimes.len()];
    for (name, &multiplier) in &table.spread_multiplier {
        let here = path.key(name);
        scope.within(&here, multiplier, Limits { min: 0.0, max: 1e6, infinite: false });
        let meant = |regime: &&str| {
            *regime == name || regime.split_once('/').is_some_and(|(main, _)| main == name)
        };
        let places: Vec<usize> =
            (0..regimes.len()).filter(|&place| meant(&regimes[place])).collect();
        if places.is_empty() {
            let message = format!("the market has no regime `{}`", quoted(name));
            let hint = if regimes.is_empty() {
                "leave `spread_multiplier` out: a history has no regimes".to_owned()
            } else {
                did_you_mean(name, &regimes)
            };
            scope.error(&here, Id::UnknownRegime, message, hint);
        }
        for place in places {
            multipliers[place] = multiplier;
        }
    }
    multipliers
}
