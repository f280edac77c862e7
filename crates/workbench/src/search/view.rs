//! Converts the result of a search to the view that `report` words.

use std::path::Path;

use corridor_analysis::search::{AtEnd, Round, at_ends, level_with_winner, optimism};
use corridor_core::outcome::PolicyId;
use corridor_report::text::search::{End, RoundSize, SearchView};
use corridor_study::plan::RunPlan;

use super::SearchResult;

impl SearchResult {
    /// Returns the view of the result; `winner_study` is [`SearchResult::winner_study`].
    #[must_use]
    pub fn view<'a>(&'a self, plan: &'a RunPlan, winner_study: &'a Path) -> SearchView<'a> {
        let size = |(round, _): &(Round, _)| RoundSize {
            candidates: round.candidates,
            paths: round.paths,
        };
        let winner = self.rows.first();
        let ends = winner.map(|row| {
            at_ends(&plan.policy_axis, &self.outcome.tried(), PolicyId::of_number(row.policy_id))
        });
        let optimism = winner.and_then(optimism);
        let level = level_with_winner(&self.rows);
        SearchView {
            study: &plan.name,
            metric: self.score.metric.metric(),
            baseline: &plan.policies[self.score.baseline.index()].policy,
            rounds: self.outcome.rounds.iter().map(size).collect(),
            rows: &self.rows,
            optimism: optimism.map(|optimism| (optimism.value, optimism.std_error)),
            level: level.map(|rows| rows.iter().map(|row| row.place).collect()),
            ends: ends.unwrap_or_default().into_iter().map(end).collect(),
            fresh_paths: self.fresh_paths,
            steps: self.steps,
            seconds: self.seconds,
            cpu_seconds: self.cpu_seconds,
            path_steps: self.path_steps,
            folder: &self.folder,
            winner_study,
        }
    }
}

fn end(end: AtEnd) -> End {
    let AtEnd { key, value, low, high, end } = end;
    End { key, value, low, high, is_low: end == corridor_analysis::search::End::Low }
}
