//! Holds the labels and parameters behind the ids of the fact tables.

use crate::column::table;

table! {
    /// The run itself: one row.
    pub struct DimRunRow in "dim_run" {
        /// Name of the study.
        pub study: String => "label", No;
        /// The question it asks, in the author's words; null if none is given.
        pub question: Option<String> => "label", No;
        /// Identity of the analysis: moves with the comparison and output settings, too.
        pub analysis_id: String => "label", No;
        /// Seed, as text because it has 64 bits without a sign.
        pub seed: String => "label", No;
        /// Version of the arithmetic: equal versions give equal bits.
        pub numerics_version: i32 => "version", No;
        /// Version of these tables.
        pub schema_version: i32 => "version", No;
        /// Simulated paths.
        pub paths: i64 => "paths", No;
        /// Paths in a part of `fact_path` and of `state`.
        pub paths_per_part: i64 => "paths", No;
        /// Paths whose rows stand in `fact_path`, counted from path 0.
        pub paths_kept: i64 => "paths", No;
        /// Longest report horizon.
        pub horizon_years: f64 => "years", No;
        /// Length of a step: `day`, `week` or `month`.
        pub step: String => "label", No;
        /// Steps in a year.
        pub steps_per_year: i32 => "steps", No;
        /// Number of scenarios.
        pub scenarios: i32 => "scenarios", No;
        /// Number of policies.
        pub policies: i32 => "policies", No;
        /// The policy that others are compared with unless they name another; null if there is
        /// none.
        pub baseline_policy_id: Option<i32> => "id", No;
        /// The metric on which verdicts are given.
        pub primary_metric_id: i32 => "id", No;
        /// Whether paths come in antithetic pairs, whose errors are those of pairs.
        pub antithetic: bool => "flag", No;
        /// Whether a control was taken out of certainty equivalents; null where the market has
        /// none.
        pub control_variate: Option<bool> => "flag", No;
    }
}

table! {
    /// Scenarios: what the swept keys outside policies and signals make. One more column follows
    /// for each swept key.
    pub struct DimScenarioRow in "dim_scenario" {
        /// Scenario, from 0 in grid order.
        pub scenario_id: i32 => "id", No;
        /// Label.
        pub scenario: String => "label", No;
        /// Market model, by preset name or kind.
        pub market: String => "label", No;
        /// One-way proportional cost; null if assets differ.
        pub cost_one_way_bps: Option<f64> => "basis points of traded value", No;
        /// Horizon.
        pub horizon_years: f64 => "years", No;
        /// The account's target weights, as text.
        pub target: String => "label", No;
        /// Growth of prices a year, behind real wealth and indexed goals.
        pub inflation_annual: Option<f64> => "fraction a year", No;
        /// What cash earns a year, behind Sharpe and Sortino ratios.
        pub risk_free_annual: Option<f64> => "fraction a year", No;
        /// Balance to reach, before indexing; null without a goal.
        pub goal_amount: Option<f64> => "currency", No;
        /// Whether the goal keeps up with prices; null without a goal.
        pub goal_indexed: Option<bool> => "flag", No;
    }
}

table! {
    /// The swept keys of every scenario, in long form.
    pub struct ScenarioAxisRow in "scenario_axis" {
        /// Scenario, as in `dim_scenario`.
        pub scenario_id: i32 => "id", No;
        /// Axis of the grid: its own name, or the key if it has none.
        pub axis: String => "label", No;
        /// The swept key, as in the study file.
        pub key: String => "label", No;
        /// Its column in `dim_scenario`.
        pub column_name: String => "label", No;
        /// The value, if it is a number.
        pub value_number: Option<f64> => "of the key", No;
        /// The value, as text.
        pub value_text: String => "label", No;
    }
}

table! {
    /// The swept values behind every policy, in long form.
    pub struct PolicyAxisRow in "policy_axis" {
        /// Policy, as in `dim_policy`.
        pub policy_id: i32 => "id", No;
        /// Axis of the sweep: its own name, or the key if it has none.
        pub axis: String => "label", No;
        /// The swept key, as in the study file.
        pub key: String => "label", No;
        /// The value, if it is a number.
        pub value_number: Option<f64> => "of the key", No;
        /// The value, as text.
        pub value_text: String => "label", No;
    }
}

table! {
    /// Policies, with their parameters as separate columns: a threshold surface is one GROUP BY.
    pub struct DimPolicyRow in "dim_policy" {
        /// Policy, from 0 in file order.
        pub policy_id: i32 => "id", No;
        /// Place in reports.
        pub policy_order: i32 => "rank", No;
        /// Hash of the policy: the same rule has the same key in every study.
        pub policy_key: String => "label", No;
        /// Label.
        pub policy: String => "label", No;
        /// Whether it is the baseline.
        pub is_baseline: bool => "flag", No;
        /// Family: `buy_and_hold`, `calendar`, `threshold_absolute`, ...
        pub family: String => "label", No;
        /// Target weights, as text.
        pub target: String => "label", No;
        /// When the rule looks, as in the study file.
        pub review: String => "label", No;
        /// Months between looks; null if it looks at every step.
        pub review_months: Option<f64> => "months", No;
        /// Shift of the review dates.
        pub review_phase_steps: i32 => "steps", No;
        /// What makes it trade: `never`, `always`, `outside`, `any_of`, `all_of`, ..., as in the
        /// study file.
        pub trigger: String => "label", No;
        /// `absolute`, `relative`, `hybrid`, `wider` or `cost_aware`; null without a band.
        pub band_kind: Option<String> => "label", No;
        /// What the band watches: `asset`, `group`, `l1`, `l2`, `tracking_error`; null without a
        /// band.
        pub band_measure: Option<String> => "label", No;
        /// Half-width: points of the portfolio, or of the target if relative; null if assets
        /// differ.
        pub band_width: Option<f64> => "fraction", No;
        /// Half-width of the relative leg of a hybrid band; null otherwise.
        pub band_width_relative: Option<f64> => "fraction of the target", No;
        /// Lower clamp of a scaled width.
        pub band_min_width: Option<f64> => "fraction", No;
        /// Upper clamp of a scaled width.
        pub band_max_width: Option<f64> => "fraction", No;
        /// Signal of the rule: one not seen as it is, else that of the first scale factor, else the
        /// first it reads; null without any.
        pub signal: Option<String> => "label", No;
        /// How it does: `power`, `exponential`, `step`.
        pub scale_form: Option<String> => "label", No;
        /// Exponent of the width in the signal; negative narrows the band when the signal is high,
        /// 0 for a fixed band.
        pub elasticity: Option<f64> => "1", No;
        /// Slope of an exponential scale.
        pub slope: Option<f64> => "per unit of the signal", No;
        /// Signal value at which the factor is 1.
        pub reference: Option<f64> => "of the signal", No;
        /// What the signal is made from: `as_is`, `oracle`, `placebo`; null without a signal.
        pub signal_observe: Option<String> => "label", No;
        /// Months the signal is late; null without a signal.
        pub signal_lag: Option<f64> => "months", No;
        /// Standard deviation of the noise on the signal, in its own unit; null without a signal.
        pub signal_noise: Option<f64> => "of the signal", No;
        /// Probability that an oracle tells the right regime; null for other signals.
        pub signal_accuracy: Option<f64> => "probability", No;
        /// Whether the policy sees the future through some signal, as nobody can.
        pub look_ahead: bool => "flag", No;
        /// Whether the question of the study is about it (`comparison.about`).
        pub asked_about: bool => "flag", No;
        /// Policy whose twin this is: a static rule of the same exposure or turnover; null for
        /// others.
        pub twin_of: Option<String> => "label", No;
        /// What it has in common with that: `exposure` or `turnover`.
        pub twin_same: Option<String> => "label", No;
        /// Where a trade goes: `to_target`, `part_way`, `part_way_scaled`, `to_edge`, `to_within`,
        /// `to_within_share`; null if it never trades.
        pub trade_rule: Option<String> => "label", No;
        /// Share of the way to the target, or of the band; null where it does not apply.
        pub fraction: Option<f64> => "fraction", No;
        /// Half-width within which a trade stops; null where it does not apply.
        pub destination_width: Option<f64> => "fraction", No;
        /// `all` or `breached`.
        pub trade_assets: String => "label", No;
        /// How contributions are invested and withdrawals taken: `target_weights`, `pro_rata`,
        /// `most_off_target_first`.
        pub cash_flows: String => "label", No;
        /// Rest after a trade.
        pub cooldown_months: f64 => "months", No;
        /// Smaller trades are skipped.
        pub min_trade_frac: f64 => "fraction", No;
        /// Larger trades are shortened; null if none is.
        pub max_turnover_frac: Option<f64> => "fraction", No;
        /// Steps between the decision and the trade.
        pub execution_lag_steps: i32 => "steps", No;
        /// Everything about the policy, as JSON text.
        pub params_json: String => "JSON", No;
        /// Catalogue entry the rule came from; null if it was written out.
        pub catalogue: Option<String> => "label", No;
        /// Kind of the signal; null without one.
        pub signal_kind: Option<String> => "label", No;
        /// Asset the signal observes; null without one.
        pub signal_asset: Option<String> => "label", No;
        /// Half-life or window of the signal; null without one.
        pub signal_months: Option<f64> => "months", No;
    }
}

table! {
    /// Metrics: unit, direction and definition.
    pub struct DimMetricRow in "dim_metric" {
        /// Metric, from 0 in registry order.
        pub metric_id: i32 => "id", No;
        /// Name; for a metric of single paths also its column in `fact_path`.
        pub metric: String => "label", No;
        /// Name for people.
        pub display_name: String => "label", No;
        /// Unit.
        pub unit: String => "label", No;
        /// How to print it, as a spreadsheet format.
        pub number_format: String => "label", No;
        /// Direction; null where neither is better as such.
        pub higher_is_better: Option<bool> => "flag", No;
        /// Grid on which it is observed: `step`, `horizon`, ...
        pub grid: String => "label", No;
        /// Index it is read from: `balance` (currency, with flows) or `unit` (time-weighted); null
        /// for neither.
        pub index: Option<String> => "label", No;
        /// Whether verdicts are given on it.
        pub is_primary: bool => "flag", No;
        /// Margin of practical equivalence; null if none is declared.
        pub margin: Option<f64> => "of the metric", No;
        /// What it is, in words.
        pub definition: String => "label", No;
        /// What it is, as a formula.
        pub formula: String => "label", No;
    }
}

table! {
    /// Report horizons.
    pub struct DimHorizonRow in "dim_horizon" {
        /// Report horizon.
        pub horizon_months: i32 => "months", No;
        /// The same in years.
        pub horizon_years: f64 => "years", No;
        /// The same in steps.
        pub horizon_steps: i32 => "steps", No;
        /// Label.
        pub horizon: String => "label", No;
        /// Whether it is the longest.
        pub is_final: bool => "flag", No;
    }
}

table! {
    /// True regimes of the market of each scenario; no rows for a market without regimes.
    pub struct DimRegimeRow in "dim_regime" {
        /// Scenario, as in `dim_scenario`.
        pub scenario_id: i32 => "id", No;
        /// Regime, from 0 in the market's order.
        pub regime_id: i32 => "id", No;
        /// Label.
        pub regime: String => "label", No;
        /// Share of time under the stationary law.
        pub stationary_frac: f64 => "fraction", No;
        /// Mean length of a stay; null if the regime is never left.
        pub sojourn_months: Option<f64> => "months", No;
    }
}
