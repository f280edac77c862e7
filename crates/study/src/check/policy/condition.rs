//! Checks the conditions under which a rule trades: bands, levels and moves of signals, time.

use corridor_simulation::policy::condition::Condition;
use corridor_simulation::policy::{Corridor, Scaled};

use super::band;
use super::context::{KnownSignal, PolicyContext};
use super::scale::scale_factors;
use crate::check::scope::{Limits, Scope};
use crate::diagnostic::Id;
use crate::file::policy::TradeValue;
use crate::file::shape::PerAsset;
use crate::file::trigger::{
    LevelTable, MovedTable, OutsideTable, SoftHardTable, TriggerValue, WaitedTable,
};
use crate::tree::Path;

/// The conditions of one rule under check.
pub(super) struct Conditions<'a> {
    pub trade: Option<&'a TradeValue>,
    /// Target weights of the rule, in asset order.
    pub target: &'a [f64],
    pub context: &'a PolicyContext<'a>,
    pub scope: &'a Scope<'a>,
}

impl Conditions<'_> {
    /// Compiles one condition; `None` where it is refused, and for what joins conditions.
    pub fn condition(&self, value: &TriggerValue, path: &Path<'_>) -> Option<Condition> {
        match value {
            TriggerValue::Never | TriggerValue::AnyOf(_) | TriggerValue::AllOf(_) => None,
            TriggerValue::Always => Some(Condition::Always),
            TriggerValue::Outside(outside) => {
                self.corridor(outside, &path.key("outside")).map(Condition::Outside)
            }
            TriggerValue::SoftHardBand(pair) => {
                self.soft_hard_band(pair, &path.key("soft_hard_band"))
            }
            TriggerValue::Level(level) => self.level(level, &path.key("level")),
            TriggerValue::Moved(moved) => self.moved(moved, &path.key("moved")),
            TriggerValue::Waited(waited) => self.waited(waited, &path.key("waited")),
            TriggerValue::WithTrend(trend) => {
                let path = path.key("with_trend");
                let signal = self.context.signal(&trend.signal, &path, self.scope)?.index;
                Some(Condition::WithTrend {
                    signal,
                    limit: trend.beyond,
                    assets: self.context.growth_assets.to_vec(),
                })
            }
        }
    }

    /// Compiles a band of single assets.
    pub fn corridor(&self, outside: &OutsideTable, path: &Path<'_>) -> Option<Corridor> {
        band::check(outside, self.trade, self.target, self.context, path, self.scope)
    }

    /// A pair of bands with hysteresis.
    fn soft_hard_band(&self, pair: &SoftHardTable, path: &Path<'_>) -> Option<Condition> {
        let (before, assets) = (self.scope.reporter.errors(), self.context.assets);
        let scale = scale_factors(&pair.scale, self.context, &path.key("scale"), self.scope);
        let widths = |width: &PerAsset, key: &str| -> Vec<f64> {
            let given = self.scope.per_asset(&path.key(key), width, assets, Limits::WIDTH);
            given.into_iter().map(|width| width.unwrap_or(f64::INFINITY)).collect()
        };
        let (hard, soft) = (widths(&pair.hard, "hard"), widths(&pair.soft, "soft"));
        for (asset, (hard, soft)) in assets.iter().zip(hard.iter().zip(&soft)) {
            if soft > hard || hard.is_finite() != soft.is_finite() {
                let message = format!(
                    "the soft band of `{asset}`, {soft}, is not inside its hard band, {hard}"
                );
                self.scope.error(
                    &path.key("soft"),
                    Id::BeyondTrigger,
                    message,
                    "give every asset of `hard` a soft band that is no wider",
                );
                break;
            }
        }
        if hard.iter().all(|width| width.is_infinite()) {
            self.scope.error(
                path,
                Id::NothingWatched,
                format!("`{path}` watches no asset"),
                "name an asset, or write `trigger = \"never\"`",
            );
        }
        let scale = scale?;
        let band = |half_width| Corridor {
            half_width,
            scale: scale.clone(),
            min_width: 0.0,
            max_width: f64::INFINITY,
        };
        (self.scope.reporter.errors() == before)
            .then(|| Condition::Hysteresis { enter: band(hard), exit: band(soft) })
    }

    /// A level of a signal.
    fn level(&self, level: &LevelTable, path: &Path<'_>) -> Option<Condition> {
        let signal = self.context.signal(&level.signal, path, self.scope);
        if let Some(signal) = signal {
            self.idle_level(level, signal, path);
        }
        match (level.above, level.below) {
            (Some(limit), None) => Some(Condition::Above { signal: signal?.index, limit }),
            (None, Some(limit)) => Some(Condition::Below { signal: signal?.index, limit }),
            (Some(_), Some(_)) | (None, None) => {
                self.scope.error(
                    path,
                    Id::ExactlyOne,
                    format!("`{path}` needs exactly one of `above` and `below`"),
                    "keep one; write a range as two levels in `all_of`",
                );
                None
            }
        }
    }

    /// Warns of a level that the signal never crosses.
    fn idle_level(&self, level: &LevelTable, signal: &KnownSignal<'_>, path: &Path<'_>) {
        let (low, high) = signal.checked.range();
        let never = level.above.is_some_and(|limit| limit >= high)
            || level.below.is_some_and(|limit| limit <= low);
        let always = level.above.is_some_and(|limit| limit < low)
            || level.below.is_some_and(|limit| limit > high);
        if never || always {
            let how = if never { "never holds" } else { "always holds" };
            let message =
                format!("`{path}` {how}: signal `{}` has values from {low} to {high}", signal.name);
            let key = if level.above.is_some() { "above" } else { "below" };
            self.scope.warning(
                &path.key(key),
                Id::IdleCondition,
                message,
                "write probabilities, drawdowns and volatilities as fractions: 50 % is 0.5",
            );
        }
    }

    /// A change of a signal since the last trade.
    fn moved(&self, moved: &MovedTable, path: &Path<'_>) -> Option<Condition> {
        let signal = self.context.signal(&moved.signal, path, self.scope)?;
        let (low, high) = signal.checked.range();
        if moved.by >= high - low {
            let message = format!(
                "`{path}` never holds: signal `{}` has values from {low} to {high}",
                signal.name
            );
            self.scope.warning(
                &path.key("by"),
                Id::IdleCondition,
                message,
                "write probabilities and drawdowns as fractions: 50 % is 0.5",
            );
        }
        let start = signal.checked.signal.start;
        Some(Condition::Moved { signal: signal.index, by: moved.by, start })
    }

    /// A time since the last trade.
    fn waited(&self, waited: &WaitedTable, path: &Path<'_>) -> Option<Condition> {
        let horizon = self.context.grid.months(self.context.grid.steps);
        let shortest =
            if waited.scale.is_empty() { waited.months } else { waited.min_months.unwrap_or(0.0) };
        if shortest >= horizon {
            let message = format!(
                "`{path}` waits as long as the horizon of {horizon} months, so it never holds"
            );
            self.scope.warning(
                &path.key("months"),
                Id::IdleCondition,
                message,
                "choose a shorter wait",
            );
        }
        let scale = scale_factors(&waited.scale, self.context, &path.key("scale"), self.scope);
        let steps = |months: f64| months * f64::from(self.context.grid.per_year()) / 12.0;
        let (base, min, max) = (
            steps(waited.months),
            steps(waited.min_months.unwrap_or(0.0)),
            steps(waited.max_months.unwrap_or(f64::INFINITY)),
        );
        if !(min..=max).contains(&base) {
            self.scope.error(
                &path.key("months"),
                Id::WidthOutsideClamp,
                format!("{} months are outside their limits", waited.months),
                "choose `min_months` and `max_months` with `months` between them",
            );
            return None;
        }
        Some(Condition::Waited(Scaled { base, scale: scale?, min, max }))
    }
}
