//! Declares the table of tests of many policies at once.

use crate::column::{Label, table};

table! {
    /// Tests of a whole field of policies: superior predictive ability, stepwise superiority, the
    /// model confidence set, the optimism of a choice, and stochastic dominance. One row per test
    /// and policy.
    pub struct TestRow in "fact_test" {
        /// Test. `spa`: is any policy better than the benchmark (Hansen 2005)? `step_m`: which
        /// policies are better (Romano and Wolf 2005)? `mcs`: which policies may be the best
        /// (Hansen, Lunde and Nason 2011)? `choice`: the best policy on the first half of the
        /// paths, scored again on the other half. `dominance_first`, `dominance_second`: stochastic
        /// dominance of first and second order.
        pub test: Label => "label", No;
        /// Scenario, as in `dim_scenario`.
        pub scenario_id: i32 => "id", No;
        /// Report horizon, as in `dim_horizon`.
        pub horizon_months: i32 => "months", No;
        /// Metric, as in `dim_metric`.
        pub metric_id: i32 => "id", No;
        /// Policy, as in `dim_policy`; null for `spa`, which is about all policies together.
        pub policy_id: Option<i32> => "id", No;
        /// Benchmark of the test, as in `dim_policy`; null for `mcs`, which has none.
        pub benchmark_policy_id: Option<i32> => "id", No;
        /// t statistic of the test, or of the policy in it; null for dominance, for `choice`, and
        /// for a policy that never differs from the benchmark.
        pub statistic: Option<f64> => "t statistic", No;
        /// p-value, adjusted for the number of policies, and no smaller than the number of
        /// resamples can show. For `mcs` a policy above 0.1 is in the 90 % set. Null for `step_m`,
        /// which only decides in or out, for `choice` and for dominance.
        pub p_value: Option<f64> => "probability", No;
        /// `spa`: p-value without the policies that look worse than the benchmark, which is too
        /// small; null for other tests.
        pub p_lower: Option<f64> => "probability", No;
        /// `spa`: p-value with all policies (White's reality check, studentised), which is too
        /// large; null for other tests.
        pub p_upper: Option<f64> => "probability", No;
        /// `step_m`: whether the policy is better than the benchmark, for all policies at once at 5
        /// %. `mcs`: whether it is in the 90 % set. Null for other tests.
        pub is_in_set: Option<bool> => "flag", No;
        /// `mcs`: rank in the order of elimination, from 1 for the worst; null for other tests.
        pub elimination_rank: Option<i32> => "rank", No;
        /// Dominance: `dominates`, `dominated`, `neither` or `not resolved`; null for other tests.
        pub verdict: Option<Label> => "label", No;
        /// Dominance: largest violation of the claim that the policy dominates. At first order a
        /// probability, at second order in the unit of the metric; null for other tests.
        pub largest_violation: Option<f64> => "probability, or of the metric", No;
        /// Dominance: value of the metric at `largest_violation`; null where nothing is violated.
        pub largest_violation_at: Option<f64> => "of the metric", No;
        /// Dominance: largest violation of the claim that the benchmark dominates; null for other
        /// tests.
        pub largest_violation_opposite: Option<f64> => "probability, or of the metric", No;
        /// Dominance: bound within which chance alone keeps a violation, with a probability of 95
        /// %; null for other tests.
        pub violation_bound: Option<f64> => "probability, or of the metric", No;
        /// `choice`: lead over the benchmark, on the first half of the paths, of the policy that is
        /// best there; positive where it is better. Null for other tests.
        pub lead_chosen: Option<f64> => "of the metric", No;
        /// `choice`: lead of the chosen policy on the other half of the paths, which the choice has
        /// not seen; null for other tests.
        pub lead_fresh: Option<f64> => "of the metric", No;
        /// `choice`: standard error of `lead_fresh`; null for other tests.
        pub lead_fresh_std_error: Option<f64> => "of the metric", No;
        /// `choice`: `lead_chosen` minus `lead_fresh`, the part of the lead that is due to
        /// choosing; null for other tests.
        pub optimism: Option<f64> => "of the metric", No;
        /// `choice`: standard error of `optimism`; null for other tests.
        pub optimism_std_error: Option<f64> => "of the metric", No;
        /// Number of policies tested together.
        pub policies_tested: i32 => "policies", No;
        /// Number of policies tried to answer the question: those of this run and others tried in
        /// earlier runs of the study.
        pub policies_tried: i64 => "policies", No;
        /// Number of bootstrap resamples; null for a test without bootstrap.
        pub resamples: Option<i32> => "resamples", No;
        /// Number of sections of paths that were resampled or halved; null for dominance.
        pub sections: Option<i32> => "sections", No;
        /// Number of paths behind the test.
        pub n_paths: i64 => "paths", No;
    }
}
