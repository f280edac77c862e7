//! Brings the numbers of a market into the order of its assets.

use std::collections::BTreeMap;

use crate::check::scope::Scope;
use crate::diagnostic::Id;
use crate::file::shape::{AssetValues, CorrelationValue};
use crate::tree::Path;
use crate::wording::quoted;

/// Numbers in asset order; a list of another length and a missing asset are reported.
pub(super) fn values(
    values: &AssetValues,
    assets: &[String],
    path: &Path<'_>,
    scope: &Scope<'_>,
) -> Vec<f64> {
    match values {
        AssetValues::List(list) => {
            if list.len() != assets.len() {
                let message =
                    format!("`{path}` has {} numbers for {} assets", list.len(), assets.len());
                scope.error(
                    path,
                    Id::ListLength,
                    message,
                    "give a number for each asset, in the order of `assets`",
                );
            }
            list.clone()
        }
        AssetValues::Map(map) => {
            for name in map.keys() {
                scope.asset(&path.key(name), name, assets);
            }
            assets.iter().map(|asset| of_asset(map, asset, path, scope)).collect()
        }
    }
}

/// The number of one asset; a missing one is reported.
fn of_asset(map: &BTreeMap<String, f64>, asset: &str, path: &Path<'_>, scope: &Scope<'_>) -> f64 {
    map.get(asset).copied().unwrap_or_else(|| {
        let message = format!("`{path}` has no entry for `{}`", quoted(asset));
        scope.error(path, Id::MissingAsset, message, "give every asset of the market a number");
        0.0
    })
}

/// The full correlation matrix of `assets` assets. A shape that is neither the matrix nor its lower
/// triangle is left unchanged, for the market to refuse.
pub(super) fn matrix(value: Option<&CorrelationValue>, assets: usize) -> Vec<Vec<f64>> {
    let full = |entry: &dyn Fn(usize, usize) -> f64| {
        let row = |i: usize| {
            (0..assets).map(|j| if i == j { 1.0 } else { entry(i.max(j), i.min(j)) }).collect()
        };
        (0..assets).map(row).collect()
    };
    match value {
        None => full(&|_, _| 0.0),
        Some(CorrelationValue::AllPairs(correlation)) => full(&|_, _| *correlation),
        Some(CorrelationValue::Matrix(rows)) => {
            // with the diagonal of ones row i has i + 1 entries; without it row i + 1 has i + 1
            let with_diagonal = rows.len() == assets
                && assets > 1
                && rows.iter().enumerate().all(|(i, row)| row.len() == i + 1);
            let ones = rows.iter().all(|row| row.last() == Some(&1.0));
            let without = rows.len() + 1 == assets
                && rows.iter().enumerate().all(|(i, row)| row.len() == i + 1);
            match (with_diagonal && ones, without) {
                (true, _) => full(&|i, j| rows[i][j]),
                (false, true) => full(&|i, j| rows[i - 1][j]),
                (false, false) => rows.clone(),
            }
        }
    }
}
