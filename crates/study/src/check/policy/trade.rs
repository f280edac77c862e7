//! Checks where a rule trades to.

use corridor_simulation::policy::{Destination, Scaled, TradeRule, Trigger};

use super::context::PolicyContext;
use super::scale::scale_factors;
use crate::check::scope::{Limits, Scope};
use crate::diagnostic::Id;
use crate::file::policy::{PartWayTable, PolicyTable, TradeAssetsWord, TradeValue};
use crate::file::shape::PerAsset;
use crate::file::trigger::TriggerValue;
use crate::tree::Path;

/// Checks `trade` against the trigger, which must have the band that it needs, and compiles it.
pub(super) fn check(
    table: &PolicyTable,
    trigger: Option<&Trigger>,
    context: &PolicyContext<'_>,
    path: &Path<'_>,
    scope: &Scope<'_>,
) -> Option<TradeRule> {
    let here = path.key("trade");
    // a missing trigger is reported elsewhere, and may have been any
    let has_band = table.trigger.as_ref().is_none_or(has_band);
    let has_band_of_assets = table.trigger.as_ref().is_none_or(is_band_of_assets);
    if table.trade_assets == Some(TradeAssetsWord::Breached) && !has_band_of_assets {
        needs_outside(
            "trade_assets = \"breached\"",
            BAND_OF_ASSETS,
            &path.key("trade_assets"),
            scope,
        );
    }
    let band = |word: &str| {
        if !has_band {
            needs_outside(word, "a band", &here, scope);
        }
        has_band
    };
    match table.trade.as_ref().unwrap_or(&TradeValue::ToTarget) {
        TradeValue::ToTarget => Some(TradeRule::ToTarget),
        TradeValue::PartWay(fraction) => part_way(*fraction, &here.key("part_way"), scope),
        TradeValue::PartWayScaled(table) => {
            part_way_scaled(table, context, &here.key("part_way_scaled"), scope)
        }
        TradeValue::ToEdge => band("to_edge").then_some(TradeRule::Inward(Destination::Edge)),
        TradeValue::ToWithinShare(share) => {
            scope.within(&here.key("to_within_share"), *share, Limits::SHARE);
            band("to_within_share").then_some(TradeRule::Inward(Destination::ShareOfBand(*share)))
        }
        TradeValue::ToWithin(width) => {
            if has_band && !has_band_of_assets {
                needs_outside("to_within", BAND_OF_ASSETS, &here, scope);
            }
            let within = to_within(width, trigger, context, &here.key("to_within"), scope);
            band("to_within").then_some(TradeRule::Inward(Destination::Within(within)))
        }
    }
}

/// Whether a trigger has a band among its conditions.
fn has_band(trigger: &TriggerValue) -> bool {
    let is_band = |leaf: &TriggerValue| {
        matches!(leaf, TriggerValue::Outside(_) | TriggerValue::SoftHardBand(_))
    };
    trigger.leaves().into_iter().any(is_band)
}

/// Whether a trigger is nothing but a band of single assets.
fn is_band_of_assets(trigger: &TriggerValue) -> bool {
    matches!(trigger, TriggerValue::Outside(outside) if outside.watches_single_assets())
}

/// A constant share of the way to the target, above 0 and at most 1.
fn part_way(fraction: f64, path: &Path<'_>, scope: &Scope<'_>) -> Option<TradeRule> {
    let inside = fraction > 0.0 && fraction <= 1.0;
    if !inside {
        scope.error(
            path,
            Id::OutOfRange,
            format!("`part_way` is {fraction}, it must be above 0 and at most 1"),
            "write 0.5 to go half of the way to the target, 1 to go all of it",
        );
    }
    inside.then_some(TradeRule::PartWay { fraction })
}

/// A share of the way to the target that signals scale.
fn part_way_scaled(
    table: &PartWayTable,
    context: &PolicyContext<'_>,
    path: &Path<'_>,
    scope: &Scope<'_>,
) -> Option<TradeRule> {
    let scale = scale_factors(&table.scale, context, &path.key("scale"), scope);
    let (base, min, max) =
        (table.fraction, table.min_fraction.unwrap_or(0.0), table.max_fraction.unwrap_or(1.0));
    if !(min..=max).contains(&base) {
        let message = format!("the share {base} is outside its limits, {min} to {max}");
        scope.error(
            &path.key("fraction"),
            Id::WidthOutsideClamp,
            message,
            "choose `min_fraction` and `max_fraction` with `fraction` between them",
        );
        return None;
    }
    Some(TradeRule::PartWayScaled(Scaled { base, scale: scale?, min, max }))
}

/// Names the band that a trade needs which is decided asset by asset.
const BAND_OF_ASSETS: &str = "a band of single assets";

/// Reports that the trade `word` needs a band that the trigger does not have.
fn needs_outside(word: &str, what: &str, path: &Path<'_>, scope: &Scope<'_>) {
    let message = format!("`{word}` needs {what}, and the trigger has none");
    scope.error(
        path,
        Id::NeedsOutside,
        message,
        "write `trigger = { outside = { absolute = 0.05 } }`, or `trade = \"to_target\"`",
    );
}

/// Destination of every watched asset, infinite for the others. A destination that is missing, or
/// beyond the narrowest band that the trigger may have, is refused.
fn to_within(
    width: &PerAsset,
    trigger: Option<&Trigger>,
    context: &PolicyContext<'_>,
    path: &Path<'_>,
    scope: &Scope<'_>,
) -> Vec<f64> {
    let given =
        scope.per_asset(path, width, context.assets, Limits { infinite: false, ..Limits::WIDTH });
    let Some(Trigger::Outside(corridor)) = trigger else { return Vec::new() };
    let destination = |(asset, &half_width): (usize, &f64)| {
        if !half_width.is_finite() {
            return f64::INFINITY;
        }
        let name = &context.assets[asset];
        let narrowest = if corridor.scale.is_empty() { half_width } else { corridor.min_width };
        match given[asset] {
            Some(within) if within > narrowest => {
                let message = format!(
                    "`to_within` {within} of `{name}` is beyond its trigger, whose band is as \
                    narrow as {narrowest}"
                );
                let hint = if corridor.scale.is_empty() {
                    "choose a destination inside the band"
                } else {
                    "choose a destination inside `min_width`, or raise that"
                };
                scope.error(path, Id::BeyondTrigger, message, hint);
            }
            None => scope.error(
                path,
                Id::BeyondTrigger,
                format!("`to_within` leaves out `{name}`, which the trigger watches"),
                "give every watched asset a destination",
            ),
            Some(_) => {}
        }
        given[asset].unwrap_or(f64::INFINITY)
    };
    corridor.half_width.iter().enumerate().map(destination).collect()
}
