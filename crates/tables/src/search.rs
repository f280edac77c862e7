//! Declares the table of a search: every candidate, the round it reached, and the score of the
//! finalists on fresh paths.

use crate::column::table;

table! {
    /// Candidates of a search, the best first. One further column follows for each searched number.
    pub struct SearchRow in "fact_search" {
        /// Candidate, as in the resolved study.
        pub policy_id: i32 => "id", No;
        /// Label of the candidate.
        pub policy: String => "label", No;
        /// Rank from 1: by the last round that the candidate reached, then by its score there.
        pub place: i32 => "rank", No;
        /// Last round that the candidate reached, from 1.
        pub last_round: i32 => "rounds", No;
        /// Number of paths on which the search scored the candidate.
        pub n_paths: i64 => "paths", No;
        /// Metric of the candidate on the paths of its last round; null where it does not exist.
        pub value: Option<f64> => "of the metric", No;
        /// Difference from the baseline on the paths of the last round, positive where the
        /// candidate has more; null where it does not exist.
        pub diff: Option<f64> => "of the metric", No;
        /// Standard error of `diff`, paired by path.
        pub diff_std_error: Option<f64> => "of the metric", No;
        /// Whether the candidate reached the final, which scores again on fresh paths.
        pub is_finalist: bool => "flag", No;
        /// Number of fresh paths; 0 for a candidate outside the final.
        pub fresh_n_paths: i64 => "paths", No;
        /// Difference from the baseline on fresh paths, which the choice cannot inflate; null for a
        /// candidate outside the final.
        pub fresh_diff: Option<f64> => "of the metric", No;
        /// Standard error of `fresh_diff`, paired by path.
        pub fresh_std_error: Option<f64> => "of the metric", No;
        /// Lower end of the 95 % interval of `fresh_diff`.
        pub fresh_ci_low: Option<f64> => "of the metric", No;
        /// Upper end of the 95 % interval of `fresh_diff`.
        pub fresh_ci_high: Option<f64> => "of the metric", No;
        /// Difference from the winner on fresh paths, paired by path; null for the winner.
        pub fresh_behind_winner: Option<f64> => "of the metric", No;
        /// Standard error of `fresh_behind_winner`.
        pub fresh_behind_winner_std_error: Option<f64> => "of the metric", No;
        /// Mean weight of growth assets minus the baseline's, on the paths of the last round.
        pub exposure_diff_frac: Option<f64> => "fraction", No;
        /// Verdict by the 95 % interval of `fresh_diff` and the margin of the study: `better`,
        /// `worse`, `equivalent` or `not resolved`; null where there is none.
        pub fresh_verdict: Option<String> => "label", No;
        /// All parameters of the policy, as JSON text.
        pub params_json: String => "JSON", No;
    }
}
