//! Ranks the candidates of a search in the rows of `fact_search`, and says how far the choice can be
//! trusted: its optimism, who is level with the winner, and whether the winner is at an end of what
//! was tried.

use corridor_analysis::compare::{Margin, Verdict, conclude};
use corridor_analysis::estimate::Estimate;
use corridor_study::plan::RunPlan;
use corridor_tables::column::column_name;
use corridor_tables::{ColumnValues, PolicyAxisRow, SearchRow, WideColumn};

use super::SearchResult;

/// Half-width of a 95 % interval in standard errors.
const Z_95: f64 = 1.959_963_984_540_054;
/// Share of the range of a searched number that counts as its end.
const END_SHARE: f64 = 0.05;

/// A searched number of the winner that lies at an end of the values tried: the best may lie beyond.
#[derive(Clone, Debug, PartialEq)]
pub struct EndOfRange {
    /// Key in the study file.
    pub key: String,
    /// Value of the winner.
    pub value: f64,
    /// Smallest value tried.
    pub low: f64,
    /// Largest value tried.
    pub high: f64,
}

impl EndOfRange {
    /// Whether it is the lower end.
    #[must_use]
    pub fn is_low(&self) -> bool {
        self.value <= self.low + END_SHARE * (self.high - self.low)
    }
}

impl SearchResult {
    /// Optimism of the choice: the winner's difference from the baseline where it was chosen, less
    /// the same on fresh paths, and its standard error. The paths are others, so errors add up in
    /// squares.
    #[must_use]
    pub fn optimism(&self) -> Option<(f64, f64)> {
        let row = self.rows.first()?;
        let (error, fresh_error) = (row.diff_std_error?, row.fresh_std_error?);
        Some((row.diff? - row.fresh_diff?, (error * error + fresh_error * fresh_error).sqrt()))
    }

    /// Places of the finalists whose difference from the winner on the same fresh paths does not
    /// differ from 0 at 95 %; `None` where there are no other finalists.
    #[must_use]
    pub fn level_with_winner(&self) -> Option<Vec<i32>> {
        let mut others =
            self.rows.iter().filter(|row| row.fresh_behind_winner.is_some()).peekable();
        others.peek()?;
        let is_level = |row: &&SearchRow| {
            row.fresh_behind_winner
                .zip(row.fresh_behind_winner_std_error)
                .is_some_and(|(value, error)| value.abs() <= Z_95 * error)
        };
        Some(others.filter(is_level).map(|row| row.place).collect())
    }

    /// The searched numbers of the winner that lie at an end of the values tried.
    #[must_use]
    pub fn ends_of_ranges(&self, plan: &RunPlan) -> Vec<EndOfRange> {
        let Some(winner) = self.rows.first() else { return Vec::new() };
        let tried: Vec<i32> = self
            .rounds
            .first()
            .map(|(_, scored)| scored.iter().map(|scored| scored.policy as i32).collect())
            .unwrap_or_default();
        let end = |axis: &PolicyAxisRow| {
            let same =
                |other: &&PolicyAxisRow| other.key == axis.key && tried.contains(&other.policy_id);
            let values = plan.policy_axis.iter().filter(same).filter_map(|axis| axis.value_number);
            let ends = (f64::INFINITY, f64::NEG_INFINITY);
            let (low, high) =
                values.fold(ends, |(low, high), value| (low.min(value), high.max(value)));
            let value = axis.value_number?;
            let share = END_SHARE * (high - low);
            let at_end = low < high && (value <= low + share || value >= high - share);
            at_end.then(|| EndOfRange { key: axis.key.clone(), value, low, high })
        };
        let own = plan.policy_axis.iter().filter(|axis| axis.policy_id == winner.policy_id);
        own.filter_map(end).collect()
    }

    /// Every candidate, the best first: by the last round it came to, then by its score there.
    pub(super) fn rows(&self, plan: &RunPlan) -> Vec<SearchRow> {
        let mut rows: Vec<SearchRow> = Vec::new();
        for (number, (round, standing)) in self.rounds.iter().enumerate().rev() {
            for scored in standing {
                let policy = scored.policy;
                if rows.iter().any(|row| row.policy_id == policy as i32) {
                    continue;
                }
                let fresh = self
                    .fresh
                    .iter()
                    .find(|scored| scored.policy == policy)
                    .map(|scored| scored.difference);
                let behind = self
                    .behind_winner
                    .iter()
                    .find(|(behind, _)| *behind == policy)
                    .map(|(_, estimate)| estimate);
                let row = &plan.policies[policy as usize];
                rows.push(SearchRow {
                    policy_id: policy as i32,
                    policy: row.policy.clone(),
                    place: rows.len() as i32 + 1,
                    last_round: number as i32 + 1,
                    n_paths: round.paths as i64,
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
                        .and_then(|estimate| self.verdict(plan, &estimate))
                        .map(|verdict| verdict.name().to_owned()),
                    params_json: row.params_json.clone(),
                });
            }
        }
        rows
    }

    /// The verdict of an interval on fresh paths under the margin of the study.
    fn verdict(&self, plan: &RunPlan, fresh: &Estimate) -> Option<Verdict> {
        let width = plan.comparison.margins.get(&plan.comparison.primary_metric).copied();
        let higher_is_better = self.score.metric.metric().higher_is_better;
        let margin = Margin { width, higher_is_better };
        let interval = (fresh.ci_low?, fresh.ci_high?);
        conclude(fresh.value?, interval, fresh.n_paths, fresh.precision, margin).verdict
    }
}

/// One column for each number that candidates differ in.
pub(super) fn searched(plan: &RunPlan, rows: &[SearchRow]) -> Vec<WideColumn> {
    let mut keys: Vec<&str> = Vec::new();
    for axis in plan.policy_axis.iter().filter(|axis| axis.value_number.is_some()) {
        if !keys.contains(&axis.key.as_str()) {
            keys.push(&axis.key);
        }
    }
    let value = |key: &str, row: &SearchRow| {
        plan.policy_axis
            .iter()
            .find(|axis| axis.policy_id == row.policy_id && axis.key == key)?
            .value_number
    };
    let column = |key: &&str| WideColumn {
        name: column_name(&key.replace('.', "_")),
        unit: "as in the study".to_owned(),
        about: format!("Value of `{key}`; null where the candidate does not have it."),
        values: ColumnValues::Double(rows.iter().map(|row| value(key, row)).collect()),
    };
    keys.iter().map(column).collect()
}
