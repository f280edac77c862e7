//! Holds what the true regimes tell about policies and signals, and what a policy's difference is
//! made of.

use crate::column::table;

table! {
    /// Policies by true regime, on the first paths of the run. Rates are per year spent in the
    /// regime; contributions are per year of the whole path, so they add up to the policy's log
    /// growth.
    pub struct RegimeRow in "fact_regime" {
        /// Scenario, as in `dim_scenario`.
        pub scenario_id: i32 => "id", No;
        /// Policy, as in `dim_policy`.
        pub policy_id: i32 => "id", No;
        /// Regime, as in `dim_regime`.
        pub regime_id: i32 => "id", No;
        /// Share of the time that these paths spent in it.
        pub time_frac: f64 => "fraction", No;
        /// Mean weight of growth assets held there; null where no path was there.
        pub growth_weight_frac: Option<f64> => "fraction", No;
        /// Standard error of `growth_weight_frac`.
        pub growth_weight_std_error: Option<f64> => "fraction", No;
        /// One-way turnover there.
        pub turnover_one_way_annual: Option<f64> => "per year", No;
        /// Standard error of `turnover_one_way_annual`.
        pub turnover_std_error: Option<f64> => "per year", No;
        /// Costs and fees there.
        pub cost_bps_annual: Option<f64> => "bp per year", No;
        /// Standard error of `cost_bps_annual`.
        pub cost_std_error: Option<f64> => "bp per year", No;
        /// Log growth of the unit earned there, net of costs.
        pub contribution_bps_annual: f64 => "bp per year", No;
        /// Standard error of `contribution_bps_annual`.
        pub contribution_std_error: Option<f64> => "bp per year", No;
        /// Policy it is compared with; null for a baseline.
        pub baseline_policy_id: Option<i32> => "id", No;
        /// Contribution less the baseline's, from pairs.
        pub contribution_diff_bps_annual: Option<f64> => "bp per year", No;
        /// Standard error of `contribution_diff_bps_annual`.
        pub contribution_diff_std_error: Option<f64> => "bp per year", No;
        /// Paths behind the numbers.
        pub n_paths: i64 => "paths", No;
    }
}

table! {
    /// What a policy's difference in mean log growth is made of, on the first paths of the run.
    /// `exposure`, `timing` of every regime and `cost` add up to `total`.
    pub struct AttributionRow in "fact_attribution" {
        /// Scenario, as in `dim_scenario`.
        pub scenario_id: i32 => "id", No;
        /// Policy, as in `dim_policy`.
        pub policy_id: i32 => "id", No;
        /// What: `total` (less the baseline), `exposure` (the twin of the same exposure less the
        /// baseline), `timing` (less the twin, before costs, by true regime), `cost` (the twin's
        /// less its own), `oracle_gap` (the same rule with an oracle less it), `placebo_gap` (it
        /// less the same rule with a placebo), `rebalancing_premium` (less the weighted assets).
        pub part: String => "label", No;
        /// True regime of a `timing`; null for other parts.
        pub regime_id: Option<i32> => "id", No;
        /// The policy it is taken from; null for the weighted assets.
        pub against_policy_id: Option<i32> => "id", No;
        /// The part.
        pub value_bps_annual: f64 => "bp per year", No;
        /// Its standard error, from pairs.
        pub std_error: Option<f64> => "bp per year", No;
        /// Lower end of its 95 % interval.
        pub ci_low: Option<f64> => "bp per year", No;
        /// Upper end of its 95 % interval.
        pub ci_high: Option<f64> => "bp per year", No;
        /// Paths behind the number.
        pub n_paths: i64 => "paths", No;
    }
}

table! {
    /// How well a signal of a regime's probability tells the regime of the step that its decisions
    /// are for: an alarm is a value above one half.
    pub struct SignalRow in "fact_signal" {
        /// Scenario, as in `dim_scenario`.
        pub scenario_id: i32 => "id", No;
        /// Signal.
        pub signal: String => "label", No;
        /// What it is to tell: regimes joined by `+`.
        pub regimes: String => "label", No;
        /// Share of the steps in these regimes that have an alarm.
        pub hit_rate: Option<f64> => "probability", No;
        /// Standard error of `hit_rate`.
        pub hit_std_error: Option<f64> => "probability", No;
        /// Share of the other steps that have one.
        pub false_alarm_rate: Option<f64> => "probability", No;
        /// Standard error of `false_alarm_rate`.
        pub false_alarm_std_error: Option<f64> => "probability", No;
        /// Mean time from the start of a stay to its first alarm, of stays that have one.
        pub delay_months: Option<f64> => "months", No;
        /// Standard error of `delay_months`.
        pub delay_std_error: Option<f64> => "months", No;
        /// Share of stays without an alarm.
        pub missed_frac: Option<f64> => "fraction", No;
        /// Paths behind the numbers.
        pub n_paths: i64 => "paths", No;
    }
}
