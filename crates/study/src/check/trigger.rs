//! Checks what makes a rule trade: never, always, a band, or conditions joined.

use corridor_simulation::policy::condition::{CONDITIONS_MAX, Condition, Expression, Joined};
use corridor_simulation::policy::{Corridor, ScaleFactor, Scaled, Trigger};

use super::band::{self, scale_factors};
use super::measure;
use super::policy::Setting;
use super::scope::{Limits, Scope};
use crate::diagnostic::{Id, did_you_mean, quoted};
use crate::file::policy::PolicyTable;
use crate::file::shape::PerAsset;
use crate::file::trigger::{
    LevelTable, MovedTable, OutsideTable, SoftHardTable, TriggerValue, WaitedTable,
};
use crate::tree::Path;

/// Checks `trigger` and compiles it.
pub(crate) fn check(
    table: &PolicyTable,
    target: &[f64],
    setting: &Setting<'_>,
    path: &Path<'_>,
    scope: &Scope<'_>,
) -> Option<Trigger> {
    let here = path.key("trigger");
    let Some(trigger) = &table.trigger else {
        let message = format!("policy `{}` has no `trigger`", table.name);
        scope.error(
            path,
            Id::MissingKey,
            message,
            "add `trigger`: \"never\", \"always\" or `{ outside = { absolute = 0.05 } }`",
        );
        return None;
    };
    let checked = Checked { table, target, setting, scope };
    match trigger {
        TriggerValue::Never => Some(Trigger::Never),
        TriggerValue::Always => Some(Trigger::Always),
        TriggerValue::Outside(outside) if is_plain(outside) => {
            checked.corridor(outside, &here.key("outside")).map(Trigger::Outside)
        }
        other => {
            let mut conditions = Vec::new();
            let expression = checked.expression(other, &here, &mut conditions)?;
            if conditions.len() > CONDITIONS_MAX {
                let message = format!(
                    "`{here}` joins {} conditions, it may have {CONDITIONS_MAX}",
                    conditions.len()
                );
                scope.error(
                    &here,
                    Id::OutOfRange,
                    message,
                    "leave some out; every group of `on = \"groups\"` is one",
                );
                return None;
            }
            Some(Trigger::Joined(Joined { conditions, expression }))
        }
    }
}

/// Whether a band is one of assets, each watched by itself.
pub(crate) fn is_plain(outside: &OutsideTable) -> bool {
    use crate::file::trigger::{MeasureWord, OnWord};
    outside.on == OnWord::Assets && outside.measure == MeasureWord::Max
}

/// What a trigger is checked with.
struct Checked<'a> {
    table: &'a PolicyTable,
    target: &'a [f64],
    setting: &'a Setting<'a>,
    scope: &'a Scope<'a>,
}

impl Checked<'_> {
    /// Adds the conditions of `value`, and says how they are joined.
    fn expression(
        &self,
        value: &TriggerValue,
        path: &Path<'_>,
        conditions: &mut Vec<Condition>,
    ) -> Option<Expression> {
        match value {
            TriggerValue::AnyOf(members) => Some(Expression::AnyOf(self.members(
                members,
                true,
                &path.key("any_of"),
                conditions,
            )?)),
            TriggerValue::AllOf(members) => Some(Expression::AllOf(self.members(
                members,
                false,
                &path.key("all_of"),
                conditions,
            )?)),
            TriggerValue::Never => Some(Expression::AnyOf(Vec::new())),
            TriggerValue::Outside(outside) if !is_plain(outside) => {
                let here = path.key("outside");
                let distances = measure::check(
                    outside,
                    (self.table, self.target),
                    self.setting,
                    &here,
                    self.scope,
                )?;
                Some(Expression::AnyOf(
                    distances
                        .into_iter()
                        .map(|distance| add(Condition::Beyond(distance), conditions))
                        .collect(),
                ))
            }
            TriggerValue::Always
            | TriggerValue::Outside(_)
            | TriggerValue::SoftHardBand(_)
            | TriggerValue::Level(_)
            | TriggerValue::Moved(_)
            | TriggerValue::Waited(_)
            | TriggerValue::WithTrend(_) => Some(add(self.condition(value, path)?, conditions)),
        }
    }

    fn members(
        &self,
        members: &[TriggerValue],
        any: bool,
        path: &Path<'_>,
        conditions: &mut Vec<Condition>,
    ) -> Option<Vec<Expression>> {
        for (index, member) in members.iter().enumerate() {
            if matches!(member, TriggerValue::WithTrend(_)) && any {
                let message = format!(
                    "`with_trend` in `{path}` holds whenever no trend is against a trade, so it \
                    lets nearly every look trade"
                );
                let hint = "put trades off by `all_of = [{ outside = .. }, { with_trend = .. }]`";
                self.scope.warning(&path.index(index), Id::IdleCondition, message, hint);
            }
            if !matches!(member, TriggerValue::Always | TriggerValue::Never) {
                continue;
            }
            let word = if matches!(member, TriggerValue::Always) { "always" } else { "never" };
            let message =
                format!("`{word}` in `{path}` makes itself or the conditions beside it idle");
            self.scope.warning(
                &path.index(index),
                Id::IdleCondition,
                message,
                "leave it out: the conditions beside it say when to trade",
            );
        }
        let rules: Vec<Option<Expression>> = members
            .iter()
            .enumerate()
            .map(|(index, member)| self.expression(member, &path.index(index), conditions))
            .collect();
        rules.into_iter().collect()
    }

    fn condition(&self, value: &TriggerValue, path: &Path<'_>) -> Option<Condition> {
        match value {
            // joined, not conditions
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
                let signal = self.signal(&trend.signal, &path.key("with_trend"))?;
                Some(Condition::WithTrend {
                    signal,
                    limit: trend.beyond,
                    assets: self.setting.growth_assets.to_vec(),
                })
            }
        }
    }

    fn corridor(&self, outside: &OutsideTable, path: &Path<'_>) -> Option<Corridor> {
        band::check(outside, self.table.trade.as_ref(), self.target, self.setting, path, self.scope)
    }

    fn soft_hard_band(&self, pair: &SoftHardTable, path: &Path<'_>) -> Option<Condition> {
        let (before, assets) = (self.scope.reporter.errors(), self.setting.assets);
        let scale = scale_factors(&pair.scale, self.setting, &path.key("scale"), self.scope);
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
                    "give every asset of `hard` a narrower soft band",
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
        let band = |half_width| Corridor {
            half_width,
            scale: scale.clone(),
            min_width: 0.0,
            max_width: f64::INFINITY,
        };
        (self.scope.reporter.errors() == before)
            .then(|| Condition::Hysteresis { enter: band(hard), exit: band(soft) })
    }

    fn level(&self, level: &LevelTable, path: &Path<'_>) -> Option<Condition> {
        let signal = self.signal(&level.signal, path);
        if let Some((known, (low, high))) = self.known(&level.signal) {
            let never = level.above.is_some_and(|limit| limit >= high)
                || level.below.is_some_and(|limit| limit <= low);
            let always = level.above.is_some_and(|limit| limit < low)
                || level.below.is_some_and(|limit| limit > high);
            if never || always {
                let how = if never { "never holds" } else { "always holds" };
                let message =
                    format!("`{path}` {how}: signal `{known}` tells numbers from {low} to {high}");
                let key = if level.above.is_some() { "above" } else { "below" };
                self.scope.warning(
                    &path.key(key),
                    Id::IdleCondition,
                    message,
                    "probabilities, drawdowns and volatilities are fractions: 50 % is 0.5",
                );
            }
        }
        match (level.above, level.below) {
            (Some(limit), None) => Some(Condition::Above { signal: signal?, limit }),
            (None, Some(limit)) => Some(Condition::Below { signal: signal?, limit }),
            (Some(_), Some(_)) | (None, None) => {
                let message = format!("`{path}` needs exactly one of `above` and `below`");
                self.scope.error(
                    path,
                    Id::ExactlyOne,
                    message,
                    "keep one; a range is two levels in `all_of`",
                );
                None
            }
        }
    }

    fn moved(&self, moved: &MovedTable, path: &Path<'_>) -> Option<Condition> {
        let signal = self.signal(&moved.signal, path)?;
        if let Some((known, (low, high))) =
            self.known(&moved.signal).filter(|(_, (low, high))| moved.by >= high - low)
        {
            let message = format!(
                "`{path}` never holds: signal `{known}` tells numbers from {low} to {high}"
            );
            self.scope.warning(
                &path.key("by"),
                Id::IdleCondition,
                message,
                "probabilities and drawdowns are fractions: 50 % is 0.5",
            );
        }
        let start = self
            .setting
            .signals
            .iter()
            .find(|known| known.place == signal)
            .map_or(0.0, |known| known.checked.signal.start);
        Some(Condition::Moved { signal, by: moved.by, start })
    }

    fn waited(&self, waited: &WaitedTable, path: &Path<'_>) -> Option<Condition> {
        let horizon = self.setting.grid.months(self.setting.grid.steps);
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
        let scale = scale_factors(&waited.scale, self.setting, &path.key("scale"), self.scope);
        let steps = |months: f64| months * f64::from(self.setting.grid.per_year()) / 12.0;
        let (base, min, max) = (
            steps(waited.months),
            steps(waited.min_months.unwrap_or(0.0)),
            steps(waited.max_months.unwrap_or(f64::INFINITY)),
        );
        if !(min..=max).contains(&base) {
            let message = format!("{} months are outside their limits", waited.months);
            self.scope.error(
                &path.key("months"),
                Id::WidthOutsideClamp,
                message,
                "let `min_months` and `max_months` hold `months` between them",
            );
            return None;
        }
        Some(Condition::Waited(Scaled {
            base,
            scale: scale_or_none(scale, waited.scale.len())?,
            min,
            max,
        }))
    }

    /// The name of a signal in the resolved study, and what it can tell.
    fn known(&self, name: &str) -> Option<(&str, (f64, f64))> {
        let known = self.setting.signals.iter().find(|known| known.meant == name)?;
        Some((known.name, known.checked.range()))
    }

    /// The number of a signal the rule names.
    fn signal(&self, name: &str, path: &Path<'_>) -> Option<usize> {
        let known = self.setting.signals.iter().find(|known| known.meant == name);
        if known.is_none() && !self.setting.declared.contains(&name) {
            let message = format!("no signal is called `{}`", quoted(name));
            self.scope.error(
                &path.key("signal"),
                Id::UnknownSignal,
                message,
                did_you_mean(name, self.setting.declared),
            );
        }
        known.map(|known| known.place)
    }
}

fn add(condition: Condition, conditions: &mut Vec<Condition>) -> Expression {
    conditions.push(condition);
    Expression::One(conditions.len() - 1)
}

/// `scale`, if none of its factors was refused.
pub(crate) fn scale_or_none(scale: Vec<ScaleFactor>, written: usize) -> Option<Vec<ScaleFactor>> {
    (scale.len() == written).then_some(scale)
}
