//! Declares the tables of attribution: policies and signals by true regime, and the parts of a
//! policy's difference from its baseline.

use crate::column::table;

table! {
    /// Policies by true regime, on the first paths of the run. Rates are per year spent in the
    /// regime. Contributions are per year of the whole path, so that those of all regimes add up to
    /// the policy's log growth.
    pub struct RegimeRow in "fact_regime" {
        /// Scenario, as in `dim_scenario`.
        pub scenario_id: i32 => "id", No;
        /// Policy, as in `dim_policy`.
        pub policy_id: i32 => "id", No;
        /// Regime, as in `dim_regime`.
        pub regime_id: i32 => "id", No;
        /// Fraction of the time that these paths spent in the regime.
        pub time_frac: f64 => "fraction", No;
        /// Mean weight of growth assets in the regime; null where no path was in it.
        pub growth_weight_frac: Option<f64> => "fraction", No;
        /// Standard error of `growth_weight_frac`.
        pub growth_weight_std_error: Option<f64> => "fraction", No;
        /// One-way turnover in the regime; null where no path was in it.
        pub turnover_one_way_annual: Option<f64> => "per year", No;
        /// Standard error of `turnover_one_way_annual`.
        pub turnover_std_error: Option<f64> => "per year", No;
        /// Costs and fees in the regime, positive when paid; null where no path was in it.
        pub cost_bps_annual: Option<f64> => "bp per year", No;
        /// Standard error of `cost_bps_annual`.
        pub cost_std_error: Option<f64> => "bp per year", No;
        /// Log growth of the unit value earned in the regime, net of costs.
        pub contribution_bps_annual: f64 => "bp per year", No;
        /// Standard error of `contribution_bps_annual`.
        pub contribution_std_error: Option<f64> => "bp per year", No;
        /// Baseline that the policy is compared with, as in `dim_policy`; null for a baseline.
        pub baseline_policy_id: Option<i32> => "id", No;
        /// Contribution of the regime minus the baseline's, paired by path; null for a baseline.
        pub contribution_diff_bps_annual: Option<f64> => "bp per year", No;
        /// Standard error of `contribution_diff_bps_annual`.
        pub contribution_diff_std_error: Option<f64> => "bp per year", No;
        /// Number of paths behind the row.
        pub n_paths: i64 => "paths", No;
    }
}

table! {
    /// Parts of a policy's difference in mean log growth, on the first paths of the run.
    /// `exposure`, the `timing` of every regime and `cost` add up to `total`.
    pub struct AttributionRow in "fact_attribution" {
        /// Scenario, as in `dim_scenario`.
        pub scenario_id: i32 => "id", No;
        /// Policy, as in `dim_policy`.
        pub policy_id: i32 => "id", No;
        /// Part of the difference. `total`: the policy less its baseline. `exposure`: the twin of
        /// equal exposure less the baseline. `timing`: the policy less the twin before costs, by
        /// true regime. `cost`: the costs of the twin less those of the policy. `oracle_gap`: the
        /// rule with an oracle for its signal less the policy. `placebo_gap`: the policy less the
        /// rule with a placebo for its signal. `rebalancing_premium`: the policy less the weighted
        /// log growth of the assets.
        pub part: String => "label", No;
        /// True regime of a `timing`, as in `dim_regime`; null for other parts.
        pub regime_id: Option<i32> => "id", No;
        /// Policy that the part compares with, as in `dim_policy`; null for the weighted assets.
        pub against_policy_id: Option<i32> => "id", No;
        /// Size of the part; positive where it adds to log growth.
        pub value_bps_annual: f64 => "bp per year", No;
        /// Standard error of `value_bps_annual`, paired by path.
        pub std_error: Option<f64> => "bp per year", No;
        /// Lower end of the 95 % interval of `value_bps_annual`.
        pub ci_low: Option<f64> => "bp per year", No;
        /// Upper end of the 95 % interval of `value_bps_annual`.
        pub ci_high: Option<f64> => "bp per year", No;
        /// Number of paths behind the row.
        pub n_paths: i64 => "paths", No;
    }
}

table! {
    /// Accuracy of signals that estimate the probability of a regime. A signal alarms where its
    /// value is above one half, and is scored against the true regime of the step that its decision
    /// is for.
    pub struct SignalRow in "fact_signal" {
        /// Scenario, as in `dim_scenario`.
        pub scenario_id: i32 => "id", No;
        /// Name of the signal.
        pub signal: String => "label", No;
        /// Regimes that the signal is to detect, joined by `+`.
        pub regimes: String => "label", No;
        /// Fraction of the steps in these regimes with an alarm; null without such steps.
        pub hit_rate: Option<f64> => "probability", No;
        /// Standard error of `hit_rate`.
        pub hit_std_error: Option<f64> => "probability", No;
        /// Fraction of the steps in other regimes with an alarm; null without such steps.
        pub false_alarm_rate: Option<f64> => "probability", No;
        /// Standard error of `false_alarm_rate`.
        pub false_alarm_std_error: Option<f64> => "probability", No;
        /// Mean time from the start of a stay in these regimes to its first alarm, over stays with
        /// an alarm; null without such stays.
        pub delay_months: Option<f64> => "months", No;
        /// Standard error of `delay_months`.
        pub delay_std_error: Option<f64> => "months", No;
        /// Fraction of the stays in these regimes without an alarm; null without stays.
        pub missed_frac: Option<f64> => "fraction", No;
        /// Number of paths behind the row.
        pub n_paths: i64 => "paths", No;
    }
}
