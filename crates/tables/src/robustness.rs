//! Declares the table of robustness: each policy across all scenarios.

use crate::column::table;

table! {
    /// Each policy across all scenarios of a horizon: how far the answer depends on the model.
    /// Differences between scenarios are model uncertainty; they are reported beside the Monte
    /// Carlo error and never pooled with it.
    pub struct RobustnessRow in "fact_robustness" {
        /// Policy, as in `dim_policy`.
        pub policy_id: i32 => "id", No;
        /// Baseline that the policy is compared with, as in `dim_policy`; null for a baseline.
        pub baseline_policy_id: Option<i32> => "id", No;
        /// Report horizon, as in `dim_horizon`.
        pub horizon_months: i32 => "months", No;
        /// Metric, as in `dim_metric`.
        pub metric_id: i32 => "id", No;
        /// Number of scenarios in which the policy has a value.
        pub scenarios: i32 => "scenarios", No;
        /// Best mean of the policy over scenarios, in the direction of the metric; the largest
        /// where the metric has no direction.
        pub best: f64 => "of the metric", No;
        /// Scenario of `best`, as in `dim_scenario`.
        pub best_scenario_id: i32 => "id", No;
        /// Worst mean of the policy over scenarios, in the direction of the metric; the smallest
        /// where the metric has no direction.
        pub worst: f64 => "of the metric", No;
        /// Scenario of `worst`, as in `dim_scenario`.
        pub worst_scenario_id: i32 => "id", No;
        /// Largest distance, over scenarios, from the best policy of the scenario that does not see
        /// the future; null where the metric has no direction.
        pub regret_max: Option<f64> => "of the metric", No;
        /// Scenario of `regret_max`, as in `dim_scenario`; null where the metric has no direction.
        pub regret_max_scenario_id: Option<i32> => "id", No;
        /// Fraction of scenarios in which the policy is better than its baseline; null without a
        /// baseline or a direction.
        pub share_better: Option<f64> => "fraction", No;
        /// Fraction of scenarios in which the policy is better and the simultaneous interval
        /// excludes 0.
        pub share_surely_better: Option<f64> => "fraction", No;
        /// Fraction of scenarios in which the policy is worse and the simultaneous interval
        /// excludes 0.
        pub share_surely_worse: Option<f64> => "fraction", No;
        /// Smallest difference from the baseline over scenarios.
        pub diff_min: Option<f64> => "of the metric", No;
        /// Median difference from the baseline over scenarios.
        pub diff_median: Option<f64> => "of the metric", No;
        /// Largest difference from the baseline over scenarios.
        pub diff_max: Option<f64> => "of the metric", No;
        /// Model uncertainty: standard deviation of the difference over scenarios; null for one
        /// scenario.
        pub diff_sd_scenarios: Option<f64> => "of the metric", No;
        /// Monte Carlo error: largest standard error of the difference in any scenario.
        pub diff_std_error_max: Option<f64> => "of the metric", No;
    }
}
