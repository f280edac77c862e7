//! Checks how a target moves: by a volatility, by any signals, by the calendar.

use corridor_simulation::policy::{MovingTarget, ScaleFactor};

use super::band::scale_factor;
use super::policy::Setting;
use super::scope::{Limits, Scope};
use crate::diagnostic::Id;
use crate::file::policy::{GlidePathTable, PolicyTable, VolTargetTable};
use crate::file::scale::{PowerForm, ScaleTable};
use crate::tree::Path;

/// Checks the moving target of a rule and compiles it; `target` becomes that of `t = 0`. `None`
/// where it does not move, or is refused.
pub(crate) fn check(
    table: &PolicyTable,
    target: &mut [f64],
    setting: &Setting<'_>,
    path: &Path<'_>,
    scope: &Scope<'_>,
) -> Option<MovingTarget> {
    let kinds = [
        ("target_scale", table.target_scale.is_some()),
        ("vol_target", table.vol_target.is_some()),
        ("variance_managed", table.variance_managed.is_some()),
        ("glide_path", table.glide_path.is_some()),
    ];
    let key = kinds.iter().find(|(_, given)| *given)?.0;
    let scaled: Vec<bool> =
        (0..target.len()).map(|asset| setting.growth_assets.contains(&asset)).collect();
    let sum = |target: &[f64]| -> f64 {
        target.iter().zip(&scaled).filter(|(_, scaled)| **scaled).map(|(weight, _)| weight).sum()
    };
    if !(sum(target) > 0.0 && sum(target) < 1.0) {
        let message = format!(
            "the target has {} of growth assets, so it cannot move between them and the others",
            sum(target)
        );
        scope.error(
            &path.key(key),
            Id::MovingTarget,
            message,
            "give growth assets and others a weight above 0, or name other `account.growth_assets`",
        );
        return None;
    }
    let by_step = match &table.glide_path {
        Some(glide) => glide_path(glide, target, &scaled, setting, &path.key("glide_path"), scope)?,
        None => vec![1.0],
    };
    let share = sum(target);
    let mut limits = (0.0, 1.0);
    let mut scale = Vec::new();
    for (name, exponent, own) in
        [("vol_target", 1.0, &table.vol_target), ("variance_managed", 2.0, &table.variance_managed)]
    {
        if let Some(own) = own {
            let here = path.key(name);
            tighten(&mut limits, (own.min_share, own.max_share), &here, scope);
            scale.push(by_volatility(own, exponent, share, setting, &here, scope)?);
        }
    }
    if let Some(own) = &table.target_scale {
        let here = path.key("target_scale");
        let (low, high) = (own.min_share.unwrap_or(0.0), own.max_share.unwrap_or(1.0));
        if low <= high && !(low..=high).contains(&share) {
            let message = format!(
                "the target's own share of growth assets, {share}, is outside the limits of \
                `{here}`, {low} to {high}"
            );
            scope.error(
                &here,
                Id::WidthOutsideClamp,
                message,
                "let `min_share` and `max_share` hold the target's share between them",
            );
        }
        tighten(&mut limits, (own.min_share, own.max_share), &here, scope);
        let list = here.key("scale");
        for (index, factor) in own.scale.iter().enumerate() {
            scale.push(scale_factor(factor, setting, &list.index(index), scope)?);
        }
    }
    (limits.0 <= limits.1).then(|| MovingTarget {
        scaled,
        scale,
        by_step,
        min_factor: limits.0 / share,
        max_factor: limits.1 / share,
        share,
    })
}

/// `share = (vol_annual / signal)^exponent`: a power of the signal whose factor is 1 where the
/// share is the target's.
fn by_volatility(
    table: &VolTargetTable,
    exponent: f64,
    share: f64,
    setting: &Setting<'_>,
    path: &Path<'_>,
    scope: &Scope<'_>,
) -> Option<ScaleFactor> {
    let reference =
        if exponent == 1.0 { table.vol_annual / share } else { table.vol_annual / share.sqrt() };
    let power = PowerForm { elasticity: -exponent, reference };
    let factor = ScaleTable {
        signal: table.signal.clone(),
        power: Some(power),
        exponential: None,
        step: None,
    };
    scale_factor(&factor, setting, path, scope)
}

fn tighten(
    limits: &mut (f64, f64),
    (min, max): (Option<f64>, Option<f64>),
    path: &Path<'_>,
    scope: &Scope<'_>,
) {
    let (low, high) = (min.unwrap_or(0.0), max.unwrap_or(1.0));
    *limits = (limits.0.max(low), limits.1.min(high));
    if limits.0 > limits.1 {
        let message = format!(
            "`{path}` leaves no share of growth assets: {} is above {}",
            limits.0, limits.1
        );
        scope.error(path, Id::WidthOutsideClamp, message, "let `min_share` be at most `max_share`");
    }
}

/// Factor of the share at every step; the target becomes that of the first year named.
fn glide_path(
    table: &GlidePathTable,
    target: &mut [f64],
    scaled: &[bool],
    setting: &Setting<'_>,
    path: &Path<'_>,
    scope: &Scope<'_>,
) -> Option<Vec<f64>> {
    let before = scope.reporter.errors();
    let GlidePathTable { years, growth_share } = table;
    if years.len() != growth_share.len() {
        let message =
            format!("`{path}` has {} years and {} shares", years.len(), growth_share.len());
        scope.error(path, Id::ListLength, message, "give one share for each year");
        return None;
    }
    if years.windows(2).any(|pair| pair[0] >= pair[1]) || years.first() != Some(&0.0) {
        scope.error(
            &path.key("years"),
            Id::GlidePath,
            format!("the years of `{path}` do not rise from 0"),
            "write `years = [0, 20, 30]`",
        );
    }
    let shares = path.key("growth_share");
    for (index, share) in growth_share.iter().enumerate() {
        scope.within(&shares.index(index), *share, Limits::SHARE);
    }
    let first = *growth_share.first()?;
    if !(first > 0.0 && first < 1.0) {
        let message =
            format!("the first share of `{path}` is {first}: it must be above 0 and below 1");
        scope.error(
            &shares.index(0),
            Id::OutOfRange,
            message,
            "begin with some of both kinds of assets",
        );
    }
    if scope.reporter.errors() > before {
        return None;
    }
    let share: f64 =
        target.iter().zip(scaled).filter(|(_, scaled)| **scaled).map(|(weight, _)| weight).sum();
    for (weight, scaled) in target.iter_mut().zip(scaled) {
        *weight *= if *scaled { first / share } else { (1.0 - first) / (1.0 - share) };
    }
    Some(
        (0..=setting.grid.steps)
            .map(|t| at(years, growth_share, setting.grid.years(t)) / first)
            .collect(),
    )
}

/// The line through the points, level before the first and after the last.
fn at(years: &[f64], shares: &[f64], year: f64) -> f64 {
    let after = years.iter().position(|&known| known > year);
    match after {
        None => shares.last().copied().unwrap_or(0.0),
        Some(0) => shares.first().copied().unwrap_or(0.0),
        Some(next) => {
            let part = (year - years[next - 1]) / (years[next] - years[next - 1]);
            shares[next - 1] + part * (shares[next] - shares[next - 1])
        }
    }
}
