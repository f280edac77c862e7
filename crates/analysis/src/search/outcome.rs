//! Builds the rows of `fact_search`: every candidate, its last round and its fresh paths.

use corridor_core::outcome::PolicyId;
use corridor_tables::column::column_name;
use corridor_tables::label::Verdict;
use corridor_tables::{ColumnValues, DimPolicyRow, PolicyAxisRow, SearchRow, WideColumn};

use super::rounds::Round;
use super::score::Scored;
use crate::compare::{Evidence, Margin, conclude};
use crate::estimate::Estimate;

/// The scores of a search.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SearchOutcome {
    /// Rounds with the candidates that ran in each, the best first.
    pub rounds: Vec<(Round, Vec<Scored>)>,
    /// Finalists on fresh paths, the best first.
    pub fresh: Vec<Scored>,
    /// Policy id of each finalist but the winner, and its difference from the winner on the fresh
    /// paths.
    pub behind_winner: Vec<(PolicyId, Estimate)>,
}

impl SearchOutcome {
    /// Returns the score of a candidate on fresh paths; `None` unless it is a finalist.
    fn fresh_of(&self, policy: PolicyId) -> Option<Estimate> {
        Some(self.fresh.iter().find(|scored| scored.policy == policy)?.difference)
    }

    fn behind_of(&self, policy: PolicyId) -> Option<&Estimate> {
        self.behind_winner.iter().find(|(behind, _)| *behind == policy).map(|(_, found)| found)
    }

    /// Returns the ids of the candidates of the first round.
    #[must_use]
    pub fn tried(&self) -> Vec<PolicyId> {
        let first = self.rounds.first();
        first
            .map(|(_, scored)| scored.iter().map(|scored| scored.policy).collect())
            .unwrap_or_default()
    }
}

/// Builds the rows of `fact_search`, the best candidate first: by the last round it came to, then
/// by its score there.
///
/// `policies` are the rows of `dim_policy`, by id; `margin` is that of the searched metric.
#[must_use]
pub fn search_rows(
    outcome: &SearchOutcome,
    policies: &[DimPolicyRow],
    margin: Margin,
) -> Vec<SearchRow> {
    let mut rows: Vec<SearchRow> = Vec::new();
    for (number, (round, ranked)) in outcome.rounds.iter().enumerate().rev() {
        for scored in ranked {
            let policy = &policies[scored.policy.index()];
            if rows.iter().any(|row| row.policy_id == scored.policy.number()) {
                continue;
            }
            rows.push(SearchRow {
                policy: policy.policy.clone(),
                place: rows.len() as i32 + 1,
                last_round: number as i32 + 1,
                n_paths: round.paths as i64,
                params_json: policy.params_json.clone(),
                ..row(outcome, scored, margin)
            });
        }
    }
    rows
}

/// The columns that follow from a candidate's scores.
fn row(outcome: &SearchOutcome, scored: &Scored, margin: Margin) -> SearchRow {
    let fresh = outcome.fresh_of(scored.policy);
    let behind = outcome.behind_of(scored.policy);
    SearchRow {
        policy_id: scored.policy.number(),
        value: scored.value.value,
        diff: scored.difference.value,
        diff_std_error: scored.difference.std_error,
        is_finalist: fresh.is_some(),
        fresh_n_paths: fresh.map_or(0, |estimate| estimate.n_paths as i64),
        fresh_diff: fresh.and_then(|estimate| estimate.value),
        fresh_std_error: fresh.and_then(|estimate| estimate.std_error),
        fresh_ci_low: fresh.and_then(|estimate| estimate.ci_low),
        fresh_ci_high: fresh.and_then(|estimate| estimate.ci_high),
        fresh_behind_winner: behind.and_then(|estimate| estimate.value),
        fresh_behind_winner_std_error: behind.and_then(|estimate| estimate.std_error),
        exposure_diff_frac: scored.exposure,
        fresh_verdict: fresh
            .and_then(|estimate| verdict(&estimate, margin))
            .map(|verdict| verdict.name().to_owned()),
        ..SearchRow::default()
    }
}

/// The verdict of the interval on fresh paths.
fn verdict(fresh: &Estimate, margin: Margin) -> Option<Verdict> {
    let evidence = Evidence {
        diff: fresh.value?,
        low: fresh.ci_low?,
        high: fresh.ci_high?,
        n_paths: fresh.n_paths,
        precision: fresh.precision,
    };
    conclude(evidence, margin).verdict
}

/// Builds one column for each number that candidates differ in. `axes` are the rows of
/// `policy_axis`.
#[must_use]
pub fn searched_columns(axes: &[PolicyAxisRow], rows: &[SearchRow]) -> Vec<WideColumn> {
    let mut keys: Vec<&str> = Vec::new();
    for axis in axes.iter().filter(|axis| axis.value_number.is_some()) {
        if !keys.contains(&axis.key.as_str()) {
            keys.push(&axis.key);
        }
    }
    let value = |key: &str, row: &SearchRow| {
        axes.iter().find(|axis| axis.policy_id == row.policy_id && axis.key == key)?.value_number
    };
    let column = |key: &&str| WideColumn {
        name: column_name(&key.replace('.', "_")),
        unit: "as in the study".to_owned(),
        about: format!("Value of `{key}`; null where the candidate does not have it."),
        values: ColumnValues::Double(rows.iter().map(|row| value(key, row)).collect()),
    };
    keys.iter().map(column).collect()
}

#[cfg(test)]
mod tests {
    use corridor_tables::label::{Method, Precision};

    use super::*;

    fn estimate(value: f64) -> Estimate {
        Estimate {
            value: Some(value),
            std_error: Some(1.0),
            ci_low: Some(value - 2.0),
            ci_high: Some(value + 2.0),
            n_paths: 1000,
            method: Method::PairedT,
            precision: Precision::Precise,
            reason: None,
        }
    }

    fn scored(policy: PolicyId, difference: f64) -> Scored {
        Scored { policy, value: estimate(50.0), difference: estimate(difference), exposure: None }
    }

    #[test]
    fn candidates_are_ranked_by_their_last_round_and_its_score() {
        let policies: Vec<DimPolicyRow> = (0..4)
            .map(|id| DimPolicyRow { policy: format!("p{id}"), ..DimPolicyRow::default() })
            .collect();
        let outcome = SearchOutcome {
            rounds: vec![
                (
                    Round { candidates: 3, paths: 100 },
                    vec![
                        scored(PolicyId(2), 9.0),
                        scored(PolicyId(1), 8.0),
                        scored(PolicyId(3), 1.0),
                    ],
                ),
                (
                    Round { candidates: 2, paths: 400 },
                    vec![scored(PolicyId(1), 7.0), scored(PolicyId(2), 6.0)],
                ),
            ],
            fresh: vec![scored(PolicyId(1), 6.0), scored(PolicyId(2), 5.5)],
            behind_winner: vec![(PolicyId(2), estimate(-0.5))],
        };
        let margin = Margin { width: Some(2.0), higher_is_better: Some(true) };
        let rows = search_rows(&outcome, &policies, margin);
        let found: Vec<_> =
            rows.iter().map(|row| (row.policy.as_str(), row.place, row.last_round)).collect();
        assert_eq!(found, [("p1", 1, 2), ("p2", 2, 2), ("p3", 3, 1)]);
        assert_eq!((rows[0].diff, rows[0].fresh_diff), (Some(7.0), Some(6.0)));
        assert_eq!(rows[0].fresh_verdict.as_deref(), Some("better"));
        assert_eq!(rows[1].fresh_behind_winner, Some(-0.5));
        assert!(!rows[2].is_finalist && rows[2].fresh_verdict.is_none());
        assert_eq!(outcome.tried(), [2, 1, 3].map(PolicyId));
    }

    #[test]
    fn every_swept_number_has_a_column_and_words_have_none() {
        let axis = |policy_id, key: &str, value_number| PolicyAxisRow {
            policy_id,
            key: key.to_owned(),
            value_number,
            ..PolicyAxisRow::default()
        };
        let axes = [axis(1, "band.width", Some(0.05)), axis(1, "review", None)];
        let rows = [1, 2].map(|policy_id| SearchRow { policy_id, ..SearchRow::default() });
        let columns = searched_columns(&axes, &rows);
        assert_eq!(columns.len(), 1);
        assert_eq!(columns[0].values, ColumnValues::Double(vec![Some(0.05), None]));
    }
}
