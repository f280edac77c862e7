//! Checks a glide path: shares of growth assets by year.

use corridor_core::time::TimeGrid;

use crate::check::scope::{Limits, Scope};
use crate::diagnostic::Id;
use crate::file::policy::GlidePathTable;
use crate::tree::Path;

/// Factor of the share of growth assets at every step, relative to the first year's. The target is
/// changed to that of the first year; `scaled` marks its growth assets.
pub(super) fn check(
    table: &GlidePathTable,
    target: &mut [f64],
    scaled: &[bool],
    grid: TimeGrid,
    path: &Path<'_>,
    scope: &Scope<'_>,
) -> Option<Vec<f64>> {
    let first = first_share(table, path, scope)?;
    let share: f64 =
        target.iter().zip(scaled).filter(|(_, scaled)| **scaled).map(|(weight, _)| weight).sum();
    for (weight, scaled) in target.iter_mut().zip(scaled) {
        *weight *= if *scaled { first / share } else { (1.0 - first) / (1.0 - share) };
    }
    let GlidePathTable { years, growth_share } = table;
    let factor = |t| at(years, growth_share, grid.years(t)) / first;
    Some((0..=grid.steps).map(factor).collect())
}

/// The first share of a glide path; `None` where something about the path is refused.
fn first_share(table: &GlidePathTable, path: &Path<'_>, scope: &Scope<'_>) -> Option<f64> {
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
            "begin with 0 and let each year be later than the one before: `years = [0, 20, 30]`",
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
            "begin with some growth assets and some others",
        );
    }
    (scope.reporter.errors() == before).then_some(first)
}

/// Share in a year: on straight lines between the given years, constant before the first and after
/// the last.
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
