//! Holds tests of many policies at once.

use crate::column::table;

table! {
    /// Tests of a whole field of policies: superior predictive ability, stepwise superiority, the
    /// model confidence set, what a choice promises too much, and stochastic dominance; one row per
    /// test and policy.
    pub struct TestRow in "fact_test" {
        /// Which test: `spa` (Hansen 2005: is any policy better than the benchmark?), `step_m`
        /// (Romano and Wolf 2005: which are?), `mcs` (Hansen, Lunde and Nason 2011: which may be
        /// the best?), `choice` (the best policy on the first half of the paths, looked at again on
        /// the other half), `dominance_first`, `dominance_second`.
        pub test: String => "label", No;
        /// Scenario, as in `dim_scenario`.
        pub scenario_id: i32 => "id", No;
        /// Report horizon, as in `dim_horizon`.
        pub horizon_months: i32 => "months", No;
        /// Metric, as in `dim_metric`.
        pub metric_id: i32 => "id", No;
        /// Policy, as in `dim_policy`; null for `spa`, which is about all of them.
        pub policy_id: Option<i32> => "id", No;
        /// The policy they are held against, as in `dim_policy`; null for `mcs`, which has none.
        pub benchmark_policy_id: Option<i32> => "id", No;
        /// t statistic of the test, or of the policy in it; null for dominance, `choice`, and for a
        /// policy that never differs from the benchmark.
        pub statistic: Option<f64> => "t statistic", No;
        /// p-value, adjusted for the number of policies and never below what the resamples can
        /// tell; for `mcs` a policy is in the 90 % set if it is above 0.1; null for `step_m`, which
        /// only says in or out, for `choice` and for dominance.
        pub p_value: Option<f64> => "probability", No;
        /// `spa`: the p-value that leaves out all policies that look worse (too small).
        pub p_lower: Option<f64> => "probability", No;
        /// `spa`: the p-value that leaves out none (White's reality check, studentised; too large).
        pub p_upper: Option<f64> => "probability", No;
        /// `step_m`: whether the policy is better than the benchmark, all at once at 5 %; `mcs`:
        /// whether it is in the 90 % set.
        pub is_in_set: Option<bool> => "flag", No;
        /// `mcs`: place in the order of elimination, from 1 for the worst.
        pub elimination_rank: Option<i32> => "rank", No;
        /// Dominance: `dominates`, `dominated`, `neither` or `not resolved`.
        pub verdict: Option<String> => "label", No;
        /// Dominance: largest violation of `the policy dominates`: a probability at first order, in
        /// the metric's unit at second.
        pub largest_violation: Option<f64> => "probability, or of the metric", No;
        /// Dominance: the value at which it occurs; null where nothing is violated.
        pub largest_violation_at: Option<f64> => "of the metric", No;
        /// Dominance: largest violation of the opposite, `the benchmark dominates`.
        pub largest_violation_opposite: Option<f64> => "probability, or of the metric", No;
        /// Dominance: what chance alone keeps a violation within, with 95 %.
        pub violation_bound: Option<f64> => "probability, or of the metric", No;
        /// `choice`: the lead over the benchmark of the policy that is best on the first half of
        /// the paths, there; positive where it is better.
        pub lead_chosen: Option<f64> => "of the metric", No;
        /// `choice`: its lead on the other half, which the choice has not seen.
        pub lead_fresh: Option<f64> => "of the metric", No;
        /// `choice`: standard error of `lead_fresh`.
        pub lead_fresh_std_error: Option<f64> => "of the metric", No;
        /// `choice`: `lead_chosen` less `lead_fresh`, what the choice promised too much.
        pub optimism: Option<f64> => "of the metric", No;
        /// `choice`: standard error of `optimism`.
        pub optimism_std_error: Option<f64> => "of the metric", No;
        /// Policies tested together.
        pub policies_tested: i32 => "policies", No;
        /// Policies tried to answer the question: those of this run, and those tried before that
        /// are not in it.
        pub policies_tried: i64 => "policies", No;
        /// Bootstrap resamples; null without bootstrap.
        pub resamples: Option<i32> => "resamples", No;
        /// Sections of paths that were resampled or halved; null for dominance.
        pub sections: Option<i32> => "sections", No;
        /// Paths behind the test.
        pub n_paths: i64 => "paths", No;
    }
}
