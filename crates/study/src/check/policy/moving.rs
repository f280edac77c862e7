//! Checks how a target moves: by a volatility, by any signals, by the calendar.

use corridor_simulation::policy::{MovingTarget, ScaleFactor};

use super::context::PolicyContext;
use super::glide_path;
use super::scale::scale_factor;
use crate::check::scope::Scope;
use crate::diagnostic::Id;
use crate::file::policy::{PolicyTable, TargetScaleTable, VolTargetTable};
use crate::file::scale::{PowerForm, ScaleTable};
use crate::tree::Path;

/// Checks the moving target of a rule and compiles it; `target` becomes that of `t = 0`. `None`
/// where the target does not move, or is refused.
pub(super) fn check(
    table: &PolicyTable,
    target: &mut [f64],
    context: &PolicyContext<'_>,
    path: &Path<'_>,
    scope: &Scope<'_>,
) -> Option<MovingTarget> {
    let path_of_key = path.key(first_key(table)?);
    let scaled: Vec<bool> =
        (0..target.len()).map(|asset| context.growth_assets.contains(&asset)).collect();
    has_both_kinds(growth_share(target, &scaled), &path_of_key, scope)?;
    let by_step = match &table.glide_path {
        Some(glide) => {
            let path = path.key("glide_path");
            glide_path::check(glide, target, &scaled, context.grid, &path, scope)?
        }
        None => vec![1.0],
    };
    let moving = Moving { share: growth_share(target, &scaled), context, scope };
    let mut limits = ShareLimits { min: 0.0, max: 1.0 };
    let mut scale = Vec::new();
    for (key, exponent, own) in
        [("vol_target", 1.0, &table.vol_target), ("variance_managed", 2.0, &table.variance_managed)]
    {
        if let Some(own) = own {
            let here = path.key(key);
            limits.tighten(own.min_share, own.max_share, &here, scope);
            scale.push(moving.by_volatility(own, exponent, &here)?);
        }
    }
    if let Some(own) = &table.target_scale {
        scale.extend(moving.by_signals(own, &mut limits, &path.key("target_scale"))?);
    }
    let share = moving.share;
    (limits.min <= limits.max).then(|| MovingTarget {
        scaled,
        scale,
        by_step,
        min_factor: limits.min / share,
        max_factor: limits.max / share,
        share,
    })
}

/// The first key by which the target moves; `None` where it does not.
fn first_key(table: &PolicyTable) -> Option<&'static str> {
    let keys = [
        ("target_scale", table.target_scale.is_some()),
        ("vol_target", table.vol_target.is_some()),
        ("variance_managed", table.variance_managed.is_some()),
        ("glide_path", table.glide_path.is_some()),
    ];
    keys.iter().find(|(_, given)| *given).map(|(key, _)| *key)
}

/// Sum of the weights of the growth assets, which are marked in `scaled`.
fn growth_share(target: &[f64], scaled: &[bool]) -> f64 {
    target.iter().zip(scaled).filter(|(_, scaled)| **scaled).map(|(weight, _)| weight).sum()
}

/// Refuses a target without growth assets, or with nothing else: its share cannot move.
fn has_both_kinds(share: f64, path: &Path<'_>, scope: &Scope<'_>) -> Option<()> {
    if share > 0.0 && share < 1.0 {
        return Some(());
    }
    let message = format!(
        "the target has {share} of growth assets, so it cannot move between them and the others"
    );
    scope.error(
        path,
        Id::MovingTarget,
        message,
        "give growth assets and others a weight above 0, or name other `account.growth_assets`",
    );
    None
}

/// Limits of the share of growth assets.
struct ShareLimits {
    min: f64,
    max: f64,
}

impl ShareLimits {
    /// Narrows the limits to those given at `path`, and reports it if nothing is left.
    fn tighten(&mut self, min: Option<f64>, max: Option<f64>, path: &Path<'_>, scope: &Scope<'_>) {
        self.min = self.min.max(min.unwrap_or(0.0));
        self.max = self.max.min(max.unwrap_or(1.0));
        if self.min > self.max {
            let message = format!(
                "`{path}` leaves no share of growth assets: {} is above {}",
                self.min, self.max
            );
            let hint = "choose `min_share` no larger than `max_share`";
            scope.error(path, Id::WidthOutsideClamp, message, hint);
        }
    }
}

/// A target that moves, under check.
struct Moving<'a> {
    /// Share of growth assets in the target.
    share: f64,
    context: &'a PolicyContext<'a>,
    scope: &'a Scope<'a>,
}

impl Moving<'_> {
    /// Factor that makes the share of growth assets `(vol_annual / signal)^exponent`: a power of
    /// the signal that is 1 where the share is the target's.
    fn by_volatility(
        &self,
        table: &VolTargetTable,
        exponent: f64,
        path: &Path<'_>,
    ) -> Option<ScaleFactor> {
        let reference = if exponent == 1.0 {
            table.vol_annual / self.share
        } else {
            table.vol_annual / self.share.sqrt()
        };
        let power = PowerForm { elasticity: -exponent, reference };
        let factor = ScaleTable {
            signal: table.signal.clone(),
            power: Some(power),
            exponential: None,
            step: None,
        };
        scale_factor(&factor, self.context, path, self.scope)
    }

    /// Factors of the share that `target_scale` gives.
    fn by_signals(
        &self,
        table: &TargetScaleTable,
        limits: &mut ShareLimits,
        path: &Path<'_>,
    ) -> Option<Vec<ScaleFactor>> {
        let (low, high) = (table.min_share.unwrap_or(0.0), table.max_share.unwrap_or(1.0));
        if low <= high && !(low..=high).contains(&self.share) {
            let message = format!(
                "the target's own share of growth assets, {}, is outside the limits of `{path}`, \
                {low} to {high}",
                self.share
            );
            self.scope.error(
                path,
                Id::WidthOutsideClamp,
                message,
                "choose `min_share` and `max_share` with the target's share between them",
            );
        }
        limits.tighten(table.min_share, table.max_share, path, self.scope);
        let list = path.key("scale");
        let factors = table.scale.iter().enumerate();
        factors
            .map(|(index, factor)| {
                scale_factor(factor, self.context, &list.index(index), self.scope)
            })
            .collect()
    }
}
