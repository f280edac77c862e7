//! Holds how policies fare across scenarios.

use crate::column::table;

table! {
    /// Each policy across all scenarios of a horizon: how much the answer depends on the model.
    /// Differences between scenarios are model uncertainty; they stand beside the Monte Carlo error
    /// and are never pooled with it.
    pub struct RobustnessRow in "fact_robustness" {
        /// Policy, as in `dim_policy`.
        pub policy_id: i32 => "id", No;
        /// The policy it is compared with, as in `dim_policy`; null for a baseline.
        pub baseline_policy_id: Option<i32> => "id", No;
        /// Report horizon, as in `dim_horizon`.
        pub horizon_months: i32 => "months", No;
        /// Metric, as in `dim_metric`.
        pub metric_id: i32 => "id", No;
        /// Scenarios in which the policy has a value.
        pub scenarios: i32 => "scenarios", No;
        /// Its best value over scenarios, in the metric's own direction (the largest where it has
        /// none).
        pub best: f64 => "of the metric", No;
        /// Where that is, as in `dim_scenario`.
        pub best_scenario_id: i32 => "id", No;
        /// Its worst value.
        pub worst: f64 => "of the metric", No;
        /// Where that is.
        pub worst_scenario_id: i32 => "id", No;
        /// Largest distance, over scenarios, from the best policy there; null where the metric has
        /// no direction.
        pub regret_max: Option<f64> => "of the metric", No;
        /// Where that is.
        pub regret_max_scenario_id: Option<i32> => "id", No;
        /// Share of scenarios in which its difference from the baseline is in the better direction.
        pub share_better: Option<f64> => "fraction", No;
        /// The same, counting only scenarios in which the simultaneous interval excludes 0.
        pub share_surely_better: Option<f64> => "fraction", No;
        /// Share of scenarios in which it is worse, the interval excluding 0.
        pub share_surely_worse: Option<f64> => "fraction", No;
        /// Smallest difference from the baseline.
        pub diff_min: Option<f64> => "of the metric", No;
        /// Median difference from the baseline.
        pub diff_median: Option<f64> => "of the metric", No;
        /// Largest difference from the baseline.
        pub diff_max: Option<f64> => "of the metric", No;
        /// Model uncertainty: standard deviation of the difference over scenarios; null for one
        /// scenario.
        pub diff_sd_scenarios: Option<f64> => "of the metric", No;
        /// Monte Carlo error: the largest standard error of the difference in any scenario.
        pub diff_std_error_max: Option<f64> => "of the metric", No;
    }
}
