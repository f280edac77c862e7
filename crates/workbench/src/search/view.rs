//! Hands the result of a search to the report.

use corridor_report::text::search::{End, RoundSize, SearchView};
use corridor_study::plan::RunPlan;

use super::SearchResult;

impl SearchResult {
    /// The result as it is shown; `winner_study` is where [`SearchResult::winner_study`] says.
    #[must_use]
    pub fn view<'a>(
        &'a self,
        plan: &'a RunPlan,
        winner_study: &'a std::path::Path,
    ) -> SearchView<'a> {
        let size = |round: &corridor_analysis::search::Round| RoundSize {
            candidates: round.candidates,
            paths: round.paths,
        };
        let end = |end: super::EndOfRange| End {
            is_low: end.is_low(),
            key: end.key,
            value: end.value,
            low: end.low,
            high: end.high,
        };
        SearchView {
            study: &plan.name,
            metric: self.score.metric.metric(),
            baseline: &plan.policies[self.score.baseline as usize].policy,
            rounds: self.rounds.iter().map(|(round, _)| size(round)).collect(),
            rows: &self.rows,
            optimism: self.optimism(),
            level: self.level_with_winner(),
            ends: self.ends_of_ranges(plan).into_iter().map(end).collect(),
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
