//! Checks what makes a rule trade: never, always, a band, or conditions joined.

use corridor_simulation::policy::Trigger;
use corridor_simulation::policy::condition::{CONDITIONS_MAX, Condition, Expression, Joined};

use super::condition::Conditions;
use super::context::PolicyContext;
use super::measure;
use crate::check::scope::Scope;
use crate::diagnostic::Id;
use crate::file::policy::PolicyTable;
use crate::file::trigger::TriggerValue;
use crate::tree::Path;

/// Checks `trigger` and compiles it.
pub(super) fn check(
    table: &PolicyTable,
    target: &[f64],
    context: &PolicyContext<'_>,
    path: &Path<'_>,
    scope: &Scope<'_>,
) -> Option<Trigger> {
    let here = path.key("trigger");
    let Some(trigger) = &table.trigger else {
        scope.error(
            path,
            Id::MissingKey,
            format!("policy `{}` has no `trigger`", table.name),
            "add `trigger`: \"never\", \"always\" or `{ outside = { absolute = 0.05 } }`",
        );
        return None;
    };
    let conditions = Conditions { trade: table.trade.as_ref(), target, context, scope };
    match trigger {
        TriggerValue::Never => Some(Trigger::Never),
        TriggerValue::Always => Some(Trigger::Always),
        TriggerValue::Outside(outside) if outside.watches_single_assets() => {
            conditions.corridor(outside, &here.key("outside")).map(Trigger::Outside)
        }
        other => joined(other, conditions, &here),
    }
}

/// Compiles conditions that are joined, at any depth.
fn joined(trigger: &TriggerValue, check: Conditions<'_>, path: &Path<'_>) -> Option<Trigger> {
    let mut tree = Tree { check, conditions: Vec::new() };
    let expression = tree.expression(trigger, path)?;
    let Tree { check, conditions } = tree;
    if conditions.len() > CONDITIONS_MAX {
        let message = format!(
            "`{path}` joins {} conditions, at most {CONDITIONS_MAX} are possible",
            conditions.len()
        );
        check.scope.error(
            path,
            Id::OutOfRange,
            message,
            "leave some out; with `on = \"groups\"` every group is a condition",
        );
        return None;
    }
    Some(Trigger::Joined(Joined { conditions, expression }))
}

/// Conditions found so far in a tree of joined triggers.
struct Tree<'a> {
    check: Conditions<'a>,
    conditions: Vec<Condition>,
}

impl Tree<'_> {
    /// Adds the conditions of `value`, and says how they are joined.
    fn expression(&mut self, value: &TriggerValue, path: &Path<'_>) -> Option<Expression> {
        match value {
            TriggerValue::AnyOf(members) => {
                Some(Expression::AnyOf(self.members(members, true, &path.key("any_of"))?))
            }
            TriggerValue::AllOf(members) => {
                Some(Expression::AllOf(self.members(members, false, &path.key("all_of"))?))
            }
            TriggerValue::Never => Some(Expression::AnyOf(Vec::new())),
            TriggerValue::Outside(outside) if !outside.watches_single_assets() => {
                let here = path.key("outside");
                let Conditions { target, context, scope, .. } = self.check;
                let distances = measure::check(outside, target, context, &here, scope)?;
                let rules =
                    distances.into_iter().map(|distance| self.add(Condition::Beyond(distance)));
                Some(Expression::AnyOf(rules.collect()))
            }
            TriggerValue::Always
            | TriggerValue::Outside(_)
            | TriggerValue::SoftHardBand(_)
            | TriggerValue::Level(_)
            | TriggerValue::Moved(_)
            | TriggerValue::Waited(_)
            | TriggerValue::WithTrend(_) => {
                let condition = self.check.condition(value, path)?;
                Some(self.add(condition))
            }
        }
    }

    fn members(
        &mut self,
        members: &[TriggerValue],
        any: bool,
        path: &Path<'_>,
    ) -> Option<Vec<Expression>> {
        for (index, member) in members.iter().enumerate() {
            self.idle_member(member, any, path, &path.index(index));
        }
        let rules: Vec<Option<Expression>> = members
            .iter()
            .enumerate()
            .map(|(index, member)| self.expression(member, &path.index(index)))
            .collect();
        rules.into_iter().collect()
    }

    /// Warns of a member that makes no difference to what it is joined with, or makes that idle.
    fn idle_member(&self, member: &TriggerValue, any: bool, list: &Path<'_>, path: &Path<'_>) {
        let (message, hint) = match member {
            TriggerValue::WithTrend(_) if any => (
                format!(
                    "`with_trend` in `{list}` holds whenever no trend is against a trade, so it \
                    lets nearly every review trade"
                ),
                "put trades off by `all_of = [{ outside = .. }, { with_trend = .. }]`",
            ),
            TriggerValue::Always | TriggerValue::Never => {
                let word = if matches!(member, TriggerValue::Always) { "always" } else { "never" };
                (
                    format!("`{word}` in `{list}` makes itself or the conditions beside it idle"),
                    "leave it out: the conditions beside it say when to trade",
                )
            }
            TriggerValue::WithTrend(_)
            | TriggerValue::Outside(_)
            | TriggerValue::AnyOf(_)
            | TriggerValue::AllOf(_)
            | TriggerValue::SoftHardBand(_)
            | TriggerValue::Level(_)
            | TriggerValue::Moved(_)
            | TriggerValue::Waited(_) => return,
        };
        self.check.scope.warning(path, Id::IdleCondition, message, hint);
    }

    fn add(&mut self, condition: Condition) -> Expression {
        self.conditions.push(condition);
        Expression::One(self.conditions.len() - 1)
    }
}
