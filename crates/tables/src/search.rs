//! Holds what a search found: every candidate, how far it came, and what the finalists are worth on
//! fresh paths.

use crate::column::table;

table! {
    /// Candidates of a search, the best first. Searched numbers follow, one column each.
    pub struct SearchRow in "fact_search" {
        /// Candidate, as in the study written out.
        pub policy_id: i32 => "id", No;
        /// Label.
        pub policy: String => "label", No;
        /// Place, from 1: by the last round it came to, then by its score there.
        pub place: i32 => "rank", No;
        /// Last round it came to, from 1.
        pub last_round: i32 => "rounds", No;
        /// Paths it ran on in the search.
        pub n_paths: i64 => "paths", No;
        /// The metric on those paths.
        pub value: Option<f64> => "of the metric", No;
        /// Its difference from the baseline on those paths, positive where larger.
        pub diff: Option<f64> => "of the metric", No;
        /// Standard error of `diff`.
        pub diff_std_error: Option<f64> => "of the metric", No;
        /// Whether it was scored again on fresh paths.
        pub is_finalist: bool => "flag", No;
        /// Fresh paths; 0 for others.
        pub fresh_n_paths: i64 => "paths", No;
        /// The difference on paths that the search has not seen: not inflated by the choice.
        pub fresh_diff: Option<f64> => "of the metric", No;
        /// Standard error of `fresh_diff`.
        pub fresh_std_error: Option<f64> => "of the metric", No;
        /// Lower end of its 95 % interval.
        pub fresh_ci_low: Option<f64> => "of the metric", No;
        /// Upper end of its 95 % interval.
        pub fresh_ci_high: Option<f64> => "of the metric", No;
        /// The policy less the winner on those fresh paths, from pairs; null for the winner itself.
        pub fresh_behind_winner: Option<f64> => "of the metric", No;
        /// Standard error of `fresh_behind_winner`.
        pub fresh_behind_winner_std_error: Option<f64> => "of the metric", No;
        /// Mean weight of growth assets less the baseline's, on the paths of the last round it came
        /// to.
        pub exposure_diff_frac: Option<f64> => "fraction", No;
        /// `better`, `worse`, `equivalent` or `not resolved`, by the 95 % interval on fresh paths
        /// and the margin of the study.
        pub fresh_verdict: Option<String> => "label", No;
        /// Everything about the policy, as JSON text.
        pub params_json: String => "JSON", No;
    }
}
