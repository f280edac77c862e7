//! Declares the tables of the spread over time: fans of wealth and drawdown, and the worst path.

use crate::column::{Label, table};

table! {
    /// Fans: quantiles over time of wealth and of the drawdown, over the paths that are followed
    /// month by month (`output.followed_paths`).
    pub struct FanRow in "fact_fan" {
        /// Scenario, as in `dim_scenario`.
        pub scenario_id: i32 => "id", No;
        /// Policy, as in `dim_policy`.
        pub policy_id: i32 => "id", No;
        /// Quantity whose quantiles are given, before the trade of that time: `wealth_nominal` is
        /// the balance in currency, `drawdown_unit_frac` the fall of the unit value below its
        /// running peak, a positive fraction.
        pub measure: Label => "label", No;
        /// Time since the start.
        pub time_months: f64 => "months", No;
        /// Probability of the quantile.
        pub prob: f64 => "probability", No;
        /// Quantile of type 7, as numpy and DuckDB `quantile_cont` compute it.
        pub value: Option<f64> => "of the measure", No;
        /// Lower end of the 95 % interval of `value`, from order statistics.
        pub ci_low: Option<f64> => "of the measure", No;
        /// Upper end of the 95 % interval of `value`, from order statistics.
        pub ci_high: Option<f64> => "of the measure", No;
        /// Number of paths that the quantile rests on.
        pub n_paths: i64 => "paths", No;
        /// Reliability of the interval: `precise`, `indicative` or `insufficient`.
        pub precision: Label => "label", No;
    }
}

table! {
    /// The worst path of each scenario, month by month under every policy: of the followed paths,
    /// the one with the largest ulcer index under the scenario's baseline.
    pub struct WorstPathRow in "fact_worst_path" {
        /// Scenario, as in `dim_scenario`.
        pub scenario_id: i32 => "id", No;
        /// Policy, as in `dim_policy`.
        pub policy_id: i32 => "id", No;
        /// Path, as in `fact_path`; the number is the same for every policy of the scenario.
        pub path_id: i64 => "id", No;
        /// Time since the start.
        pub time_months: f64 => "months", No;
        /// Balance before the trade of that time.
        pub wealth_nominal: f64 => "currency", No;
        /// Fall of the unit value below its running peak, a positive fraction.
        pub drawdown_unit_frac: f64 => "fraction", No;
    }
}
