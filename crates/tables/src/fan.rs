//! Holds how wealth and drawdown spread over time.

use crate::column::table;

table! {
    /// Fans: quantiles of wealth and of the drawdown over time, over the paths that are followed
    /// month by month (`output.followed_paths`).
    pub struct FanRow in "fact_fan" {
        /// Scenario, as in `dim_scenario`.
        pub scenario_id: i32 => "id", No;
        /// Policy, as in `dim_policy`.
        pub policy_id: i32 => "id", No;
        /// Which number, before the trade of that time: `wealth_nominal` (currency) or
        /// `drawdown_unit_frac` (fall of the unit value below its running peak, a positive
        /// fraction).
        pub measure: String => "label", No;
        /// Time since the start.
        pub time_months: f64 => "months", No;
        /// Probability of the quantile.
        pub prob: f64 => "probability", No;
        /// The quantile: type 7, as numpy and DuckDB `quantile_cont`.
        pub value: Option<f64> => "of the measure", No;
        /// Lower end of the 95 % interval, from order statistics.
        pub ci_low: Option<f64> => "of the measure", No;
        /// Upper end of the 95 % interval, from order statistics.
        pub ci_high: Option<f64> => "of the measure", No;
        /// Paths behind the number.
        pub n_paths: i64 => "paths", No;
        /// Whether the interval can be relied on: `precise`, `indicative`, `insufficient`.
        pub precision: String => "label", No;
    }
}

table! {
    /// The path that hurt most, month by month under every policy: of the paths that are followed,
    /// the one with the largest ulcer index under the scenario's baseline. `corridor replay --path`
    /// follows it step by step.
    pub struct WorstPathRow in "fact_worst_path" {
        /// Scenario, as in `dim_scenario`.
        pub scenario_id: i32 => "id", No;
        /// Policy, as in `dim_policy`.
        pub policy_id: i32 => "id", No;
        /// Path: the same path under every policy of the scenario.
        pub path_id: i64 => "id", No;
        /// Time since the start.
        pub time_months: f64 => "months", No;
        /// Balance, before the trade of that time: outcomes at a horizon are untraded.
        pub wealth_nominal: f64 => "currency", No;
        /// Fall of the unit value below its running peak, a positive fraction.
        pub drawdown_unit_frac: f64 => "fraction", No;
    }
}
