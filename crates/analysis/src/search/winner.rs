//! Qualifies the winner of a search: how much of its lead comes from having been chosen, which
//! finalists cannot be distinguished from it, and whether it lies at an end of the searched range.

use corridor_core::outcome::PolicyId;
use corridor_tables::{PolicyAxisRow, SearchRow};

use crate::quantile::End;

/// Half-width of a 95 % normal interval, in standard errors.
const Z_95: f64 = 1.959_963_984_540_054;

/// Share of a searched range that counts as its end.
pub const END_SHARE: f64 = 0.05;

/// Difference of a candidate on the paths of the search less that on fresh paths.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Optimism {
    /// In the metric's unit; positive where larger values of the metric looked more likely.
    pub value: f64,
    /// Standard error, in the metric's unit: that of two independent samples.
    pub std_error: f64,
}

/// Returns the optimism of a candidate; `None` unless it ran on fresh paths.
///
/// The best of many candidates looks better on the paths it was chosen on (Efron 1983); on fresh
/// paths it does not.
#[must_use]
pub fn optimism(row: &SearchRow) -> Option<Optimism> {
    let (error, fresh_error) = (row.diff_std_error?, row.fresh_std_error?);
    Some(Optimism {
        value: row.diff? - row.fresh_diff?,
        std_error: (error * error + fresh_error * fresh_error).sqrt(),
    })
}

/// Returns whether a finalist differs from the winner by no more than chance, at 95 % and on paired
/// fresh paths; `None` for the winner itself and for candidates without a paired difference.
#[must_use]
pub fn is_level(row: &SearchRow) -> Option<bool> {
    let (value, error) = (row.fresh_behind_winner?, row.fresh_behind_winner_std_error?);
    Some(value.abs() <= Z_95 * error)
}

/// Returns the finalists that cannot be distinguished from the winner, in the order of `rows`;
/// `None` if the winner is the only finalist.
#[must_use]
pub fn level_with_winner(rows: &[SearchRow]) -> Option<Vec<&SearchRow>> {
    let mut finalists = rows.iter().filter(|row| row.fresh_behind_winner.is_some()).peekable();
    finalists.peek()?;
    Some(finalists.filter(|row| is_level(row) == Some(true)).collect())
}

/// A searched number of the winner that lies at an end of the range tried: better values may lie
/// beyond.
#[derive(Clone, Debug, PartialEq)]
pub struct AtEnd {
    /// Key in the study file.
    pub key: String,
    /// Value of the winner.
    pub value: f64,
    /// Smallest value tried.
    pub low: f64,
    /// Largest value tried.
    pub high: f64,
    /// The end that it lies at.
    pub end: End,
}

/// Finds the searched numbers of the winner within [`END_SHARE`] of an end of the range tried.
///
/// `axes` are the rows of `policy_axis`, `tried` the ids of all candidates.
#[must_use]
pub fn at_ends(axes: &[PolicyAxisRow], tried: &[PolicyId], winner: PolicyId) -> Vec<AtEnd> {
    let own = axes.iter().filter(|axis| axis.policy_id == winner.number());
    let at_end = |axis: &PolicyAxisRow| {
        let is_tried = |other: &&PolicyAxisRow| {
            other.key == axis.key && tried.contains(&PolicyId::of_number(other.policy_id))
        };
        let values = axes.iter().filter(is_tried).filter_map(|other| other.value_number);
        let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
            (low.min(value), high.max(value))
        });
        let value = axis.value_number?;
        let margin = END_SHARE * (high - low);
        let end = if value <= low + margin { End::Low } else { End::High };
        (low < high && (value <= low + margin || value >= high - margin)).then(|| AtEnd {
            key: axis.key.clone(),
            value,
            low,
            high,
            end,
        })
    };
    own.filter_map(at_end).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(behind: Option<f64>) -> SearchRow {
        SearchRow {
            diff: Some(5.0),
            diff_std_error: Some(0.3),
            fresh_diff: Some(4.0),
            fresh_std_error: Some(0.4),
            fresh_behind_winner: behind,
            fresh_behind_winner_std_error: behind.map(|_| 1.0),
            ..SearchRow::default()
        }
    }

    #[test]
    fn optimism_is_the_lead_lost_on_fresh_paths() {
        assert_eq!(optimism(&row(None)), Some(Optimism { value: 1.0, std_error: 0.5 }));
        assert_eq!(optimism(&SearchRow::default()), None);
    }

    #[test]
    fn finalists_within_two_errors_of_the_winner_are_level_with_it() {
        let rows = [row(None), row(Some(-1.9)), row(Some(-2.0))];
        assert_eq!(rows.each_ref().map(is_level), [None, Some(true), Some(false)]);
        assert_eq!(level_with_winner(&rows), Some(vec![&rows[1]]));
        assert_eq!(level_with_winner(&rows[..1]), None);
    }

    #[test]
    fn a_winner_at_the_end_of_a_range_is_found() {
        let axis = |policy_id: i32, key: &str, value: f64| PolicyAxisRow {
            policy_id,
            key: key.to_owned(),
            value_number: Some(value),
            ..PolicyAxisRow::default()
        };
        let axes: Vec<PolicyAxisRow> = (0..=10)
            .flat_map(|k| {
                let width = 0.01 * f64::from(k);
                [axis(k, "band.width", width), axis(k, "lag", f64::from(5 - (k - 5).abs()))]
            })
            .collect();
        let tried: Vec<PolicyId> = (0..=10).map(PolicyId).collect();
        let found = at_ends(&axes, &tried, PolicyId(10));
        let of = |key: &str| found.iter().find(|at| at.key == key).map(|at| at.end);
        assert_eq!((of("band.width"), of("lag")), (Some(End::High), Some(End::Low)));
        assert_eq!((found[0].low, found[0].high, found[0].value), (0.0, 0.1, 0.1));
        assert!(at_ends(&axes, &tried, PolicyId(3)).is_empty());
        assert!(
            at_ends(&axes, &[PolicyId(10)], PolicyId(10)).is_empty(),
            "a single value is no range"
        );
    }
}
