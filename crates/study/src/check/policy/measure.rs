//! Checks bands of the whole portfolio: on groups of assets, or by one distance.

use corridor_core::numerics::{exp, ln};
use corridor_simulation::policy::Scaled;
use corridor_simulation::policy::distance::{Covariance, Distance, Measure};

use super::context::PolicyContext;
use super::scale::scale_factors;
use crate::check::scope::{Limits, Scope};
use crate::diagnostic::Id;
use crate::file::shape::PerAsset;
use crate::file::trigger::{MeasureWord, OnWord, OutsideTable};
use crate::tree::Path;
use crate::wording::{did_you_mean, quoted};

/// Checks `outside = { .. }` where it watches groups or measures one distance, and compiles it: one
/// distance, or one for each group that is watched.
pub(super) fn check(
    outside: &OutsideTable,
    target: &[f64],
    context: &PolicyContext<'_>,
    path: &Path<'_>,
    scope: &Scope<'_>,
) -> Option<Vec<Distance>> {
    let before = scope.reporter.errors();
    unsuited(outside, path, scope);
    let scale = scale_factors(&outside.scale, context, &path.key("scale"), scope)?;
    let (min, max) = (outside.min_width.unwrap_or(0.0), outside.max_width.unwrap_or(f64::INFINITY));
    let width = |base: f64| {
        if !(min..=max).contains(&base) {
            let message = format!("the base width {base} is outside its limits, {min} to {max}");
            scope.error(
                &path.key("absolute"),
                Id::WidthOutsideClamp,
                message,
                "move `min_width` or `max_width`",
            );
        }
        Scaled { base, scale: scale.clone(), min, max }
    };
    let distances = match (outside.on, outside.measure) {
        (OnWord::Groups, _) => groups(outside, target, context, path, scope)?
            .into_iter()
            .map(|(members, base)| (Measure::Group(members), base))
            .collect(),
        (OnWord::Assets, MeasureWord::Max) => return None, // a band of assets
        (OnWord::Assets, MeasureWord::L1) => vec![(Measure::L1, one_width(outside, path, scope)?)],
        (OnWord::Assets, MeasureWord::L2) => vec![(Measure::L2, one_width(outside, path, scope)?)],
        (OnWord::Assets, MeasureWord::TrackingError) => {
            vec![(
                Measure::TrackingError(covariance(outside, context, path, scope)?),
                one_width(outside, path, scope)?,
            )]
        }
    };
    let distances = distances
        .into_iter()
        .map(|(measure, base)| Distance { measure, width: width(base) })
        .collect();
    (scope.reporter.errors() == before).then_some(distances)
}

/// Reports keys that belong to a band of single assets, or to a measure that is not used.
fn unsuited(outside: &OutsideTable, path: &Path<'_>, scope: &Scope<'_>) {
    let groups = outside.on == OnWord::Groups;
    let refuse = |key: &str, why: &str, hint: &str| {
        scope.error(&path.key(key), Id::Measure, format!("`{path}` has `{key}`, {why}"), hint)
    };
    if groups && outside.measure != MeasureWord::Max {
        refuse(
            "measure",
            "a distance of all assets, beside `on = \"groups\"`",
            "leave `on` or `measure` out; `any_of` joins two bands",
        );
    }
    for (key, given) in [
        ("relative", outside.relative.is_some() && !groups),
        ("cost_aware", outside.cost_aware.is_some()),
        ("combine", outside.combine.is_some() && !groups),
    ] {
        if given {
            refuse(
                key,
                "which belongs to a band of single assets",
                "give the width by `absolute` alone",
            );
        }
    }
    if outside.covariance_half_life_months.is_some()
        && outside.measure != MeasureWord::TrackingError
    {
        refuse(
            "covariance_half_life_months",
            "which belongs to a tracking error",
            "add `measure = \"tracking_error\"`, or leave it out",
        );
    }
}

/// The width of a distance of all assets, which is one number.
fn one_width(outside: &OutsideTable, path: &Path<'_>, scope: &Scope<'_>) -> Option<f64> {
    let here = path.key("absolute");
    match &outside.absolute {
        Some(PerAsset::Each(width)) => {
            scope.within(&here, *width, Limits { infinite: false, ..Limits::WIDTH });
            Some(*width)
        }
        Some(PerAsset::Map(_)) => {
            scope.error(
                &here,
                Id::Measure,
                format!("`{here}` is a map, and a distance of all assets has one width"),
                "write one number",
            );
            None
        }
        None => {
            scope.error(
                path,
                Id::MissingKey,
                format!("`{path}` needs `absolute`"),
                "give the width in the unit of the measure: 0.01 of tracking error is 1 % a year",
            );
            None
        }
    }
}

/// Members and half-width of every group that is watched.
fn groups(
    outside: &OutsideTable,
    target: &[f64],
    context: &PolicyContext<'_>,
    path: &Path<'_>,
    scope: &Scope<'_>,
) -> Option<Vec<(Vec<usize>, f64)>> {
    if context.groups.is_empty() {
        scope.error(
            &path.key("on"),
            Id::UnknownGroup,
            "the account has no groups",
            format!("add `groups = {{ all = [{}] }}` to `[account]`", in_quotes(context.assets)),
        );
        return None;
    }
    let names: Vec<String> = context.groups.iter().map(|group| group.name.clone()).collect();
    let given = |key: &str, width: Option<&PerAsset>| {
        width.map(|width| by_group(width, &names, &path.key(key), scope))
    };
    let absolute = given("absolute", outside.absolute.as_ref());
    let relative = given("relative", outside.relative.as_ref());
    let mut watched = Vec::new();
    for (index, group) in context.groups.iter().enumerate() {
        let target_of_group: f64 = group.members.iter().map(|&asset| target[asset]).sum();
        let own = absolute.as_ref().and_then(|widths| widths[index]);
        let share =
            relative.as_ref().and_then(|widths| widths[index]).map(|share| share * target_of_group);
        let width = outside.combine.unwrap_or_default().width(own, share);
        if width.is_finite() {
            watched.push((group.members.clone(), width));
        }
    }
    if watched.is_empty() {
        scope.error(
            path,
            Id::NothingWatched,
            format!("`{path}` watches no group"),
            "give the groups a width by `absolute` or `relative`",
        );
        return None;
    }
    Some(watched)
}

/// Width of each group; `None` where a map leaves the group out.
fn by_group(
    width: &PerAsset,
    names: &[String],
    path: &Path<'_>,
    scope: &Scope<'_>,
) -> Vec<Option<f64>> {
    match width {
        PerAsset::Each(width) => {
            scope.within(path, *width, Limits::WIDTH);
            vec![Some(*width); names.len()]
        }
        PerAsset::Map(map) => {
            let mut widths = vec![None; names.len()];
            for (name, width) in map {
                let here = path.key(name);
                scope.within(&here, *width, Limits::WIDTH);
                match names.iter().position(|known| known == name) {
                    Some(place) => widths[place] = Some(*width),
                    None => {
                        let known: Vec<&str> = names.iter().map(String::as_str).collect();
                        scope.error(
                            &here,
                            Id::UnknownGroup,
                            format!("the account has no group `{}`", quoted(name)),
                            did_you_mean(name, &known),
                        );
                    }
                }
            }
            widths
        }
    }
}

/// The covariance behind a tracking error: constant, as the market implies it, or an exponentially
/// weighted average that starts there.
fn covariance(
    outside: &OutsideTable,
    context: &PolicyContext<'_>,
    path: &Path<'_>,
    scope: &Scope<'_>,
) -> Option<Covariance> {
    let Some(step) = context.step_covariance else {
        let message = format!(
            "`{path}` measures a tracking error, and a history gives no covariance to start from"
        );
        scope.error(
            &path.key("measure"),
            Id::SignalStart,
            message,
            "measure by \"l1\" or \"l2\", or use a market with regimes",
        );
        return None;
    };
    let triangle =
        || (0..step.len()).flat_map(|row| (0..=row).map(move |column| step[row][column]));
    Some(match outside.covariance_half_life_months {
        Some(months) => {
            let lambda = exp(-ln(2.0) / (months * f64::from(context.grid.per_year()) / 12.0));
            Covariance::Ewma { lambda, start: triangle().collect() }
        }
        None => Covariance::Constant(
            triangle().map(|entry| entry * f64::from(context.grid.per_year())).collect(),
        ),
    })
}

/// Names as a list of TOML has them.
fn in_quotes(names: &[String]) -> String {
    names.iter().map(|name| format!("\"{}\"", quoted(name))).collect::<Vec<_>>().join(", ")
}
