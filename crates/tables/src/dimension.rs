//! Declares the dimension tables: the labels and parameters behind the ids of the fact tables.

use crate::column::table;

table! {
    /// The run: one row.
    pub struct DimRunRow in "dim_run" {
        /// Name of the study.
        pub study: String => "label", No;
        /// Question that the study asks, in the author's words; null if the study states none.
        pub question: Option<String> => "label", No;
        /// Identity of the analysis; it changes with the comparison and output settings, too.
        pub analysis_id: String => "label", No;
        /// Master seed, as text because it is an unsigned 64-bit number.
        pub seed: String => "label", No;
        /// Version of the arithmetic: equal versions give equal bits.
        pub numerics_version: i32 => "version", No;
        /// Version of the tables and their meaning.
        pub schema_version: i32 => "version", No;
        /// Number of simulated paths.
        pub paths: i64 => "paths", No;
        /// Number of paths in a part of `fact_path` and of `state`.
        pub paths_per_part: i64 => "paths", No;
        /// Number of paths with rows in `fact_path`, counted from path 0.
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
        /// Policy that the others are compared with unless they name another, as in `dim_policy`;
        /// null if there is none.
        pub baseline_policy_id: Option<i32> => "id", No;
        /// Metric on which verdicts are given, as in `dim_metric`.
        pub primary_metric_id: i32 => "id", No;
        /// Whether paths come in antithetic pairs; standard errors are then those of pairs.
        pub antithetic: bool => "flag", No;
        /// Whether a control variate was removed from certainty equivalents; null where the market
        /// has no control.
        pub control_variate: Option<bool> => "flag", No;
    }
}

table! {
    /// Scenarios: the combinations of swept values outside policies and signals. One further column
    /// follows for each swept key.
    pub struct DimScenarioRow in "dim_scenario" {
        /// Scenario, from 0 in the order of the grid.
        pub scenario_id: i32 => "id", No;
        /// Label of the scenario.
        pub scenario: String => "label", No;
        /// Market model: the name of its preset, else its kind.
        pub market: String => "label", No;
        /// Proportional cost of a one-way trade; null if it differs between assets.
        pub cost_one_way_bps: Option<f64> => "basis points of traded value", No;
        /// Longest report horizon of the scenario.
        pub horizon_years: f64 => "years", No;
        /// Target weights of the account, as text.
        pub target: String => "label", No;
        /// Annual growth of the price level, used for real wealth and indexed goals.
        pub inflation_annual: Option<f64> => "fraction a year", No;
        /// Annual return of cash, used for Sharpe and Sortino ratios.
        pub risk_free_annual: Option<f64> => "fraction a year", No;
        /// Balance to reach, before indexing; null without a goal.
        pub goal_amount: Option<f64> => "currency", No;
        /// Whether the goal grows with the price level; null without a goal.
        pub goal_indexed: Option<bool> => "flag", No;
        /// The market in a sentence: returns, regimes, correlations; null in runs of earlier
        /// versions.
        pub market_description: Option<String> => "label", No;
        /// The account in a sentence: balance, target, cash flows, inflation; null in runs of earlier
        /// versions.
        pub account_description: Option<String> => "label", No;
        /// The costs of trading in a sentence; null in runs of earlier versions.
        pub cost_description: Option<String> => "label", No;
        /// Label for people, the swept values with their units; null in runs of earlier versions.
        pub label: Option<String> => "label", No;
    }
}

table! {
    /// Swept keys of every scenario, in long form.
    pub struct ScenarioAxisRow in "scenario_axis" {
        /// Scenario, as in `dim_scenario`.
        pub scenario_id: i32 => "id", No;
        /// Axis of the sweep: its own name, or the key if it has none.
        pub axis: String => "label", No;
        /// Swept key, as in the study file.
        pub key: String => "label", No;
        /// Column of `dim_scenario` that has the values.
        pub column_name: String => "label", No;
        /// Swept value as a number; null if it is not a number.
        pub value_number: Option<f64> => "of the key", No;
        /// Swept value as text.
        pub value_text: String => "label", No;
        /// Words for the swept number, with its unit; null in runs of earlier versions.
        pub label: Option<String> => "label", No;
    }
}

table! {
    /// Swept keys of every policy, in long form.
    pub struct PolicyAxisRow in "policy_axis" {
        /// Policy, as in `dim_policy`.
        pub policy_id: i32 => "id", No;
        /// Axis of the sweep: its own name, or the key if it has none.
        pub axis: String => "label", No;
        /// Swept key, as in the study file.
        pub key: String => "label", No;
        /// Swept value as a number; null if it is not a number.
        pub value_number: Option<f64> => "of the key", No;
        /// Swept value as text.
        pub value_text: String => "label", No;
        /// Words for the swept number, with its unit; null in runs of earlier versions.
        pub label: Option<String> => "label", No;
    }
}

table! {
    /// Policies, each parameter in a column of its own, so that a threshold surface is one GROUP
    /// BY.
    pub struct DimPolicyRow in "dim_policy" {
        /// Policy, from 0 in the order of the study file.
        pub policy_id: i32 => "id", No;
        /// Rank of the policy in reports, from 0.
        pub policy_order: i32 => "rank", No;
        /// Hash of the rule; equal rules have equal keys in every study.
        pub policy_key: String => "label", No;
        /// Label of the policy.
        pub policy: String => "label", No;
        /// Whether the policy is the baseline of the study.
        pub is_baseline: bool => "flag", No;
        /// Family of the rule: `buy_and_hold`, `calendar`, `threshold_absolute`, ...
        pub family: String => "label", No;
        /// Target weights, as text; those of the first scenario where they are swept.
        pub target: String => "label", No;
        /// Review dates of the rule, as in the study file.
        pub review: String => "label", No;
        /// Months between review dates; those between two steps if the rule reviews at every step.
        pub review_months: Option<f64> => "months", No;
        /// Steps by which the review dates are shifted.
        pub review_phase_steps: i32 => "steps", No;
        /// Trigger of a trade, as in the study file: `never`, `always`, `outside`, `any_of`,
        /// `all_of`, ...
        pub trigger: String => "label", No;
        /// Kind of the band: `absolute`, `relative`, `hybrid`, `wider` or `cost_aware`; null
        /// without a band.
        pub band_kind: Option<String> => "label", No;
        /// Deviation that the band limits: `asset`, `group`, `l1`, `l2` or `tracking_error`; null
        /// without a band.
        pub band_measure: Option<String> => "label", No;
        /// Half-width of the band: a fraction of the portfolio, or of the target if the band is
        /// relative; null without a band or if it differs between assets.
        pub band_width: Option<f64> => "fraction", No;
        /// Half-width of the relative leg of a hybrid band; null without one.
        pub band_width_relative: Option<f64> => "fraction of the target", No;
        /// Smallest half-width that scaling may give; null without that limit.
        pub band_min_width: Option<f64> => "fraction", No;
        /// Largest half-width that scaling may give; null without that limit.
        pub band_max_width: Option<f64> => "fraction", No;
        /// Signal that these columns describe: of the signals that the policy reads one that is not
        /// observed `as_is`, else that of the first scale factor, else the first; null if the
        /// policy reads none.
        pub signal: Option<String> => "label", No;
        /// Form in which the signal scales the rule: `power`, `exponential` or `step`; null if
        /// nothing is scaled.
        pub scale_form: Option<String> => "label", No;
        /// Exponent of a power scale in the signal; a negative one narrows the band when the signal
        /// is high. Null without a power scale.
        pub elasticity: Option<f64> => "1", No;
        /// Slope of an exponential scale in the signal; null without one.
        pub slope: Option<f64> => "per unit of the signal", No;
        /// Value of the signal at which the scale factor is 1; null without a power or exponential
        /// scale.
        pub reference: Option<f64> => "of the signal", No;
        /// Origin of the observed values: `as_is`, `oracle` or `placebo`; null without a signal.
        pub signal_observe: Option<String> => "label", No;
        /// Delay of the signal; null without a signal.
        pub signal_lag: Option<f64> => "months", No;
        /// Standard deviation of the noise on the signal; null without a signal.
        pub signal_noise: Option<f64> => "of the signal", No;
        /// Probability that an oracle names the right regime; null for other signals.
        pub signal_accuracy: Option<f64> => "probability", No;
        /// Whether the policy sees the future through some signal, which nobody can.
        pub look_ahead: bool => "flag", No;
        /// Whether the question of the study is about the policy (`comparison.about`).
        pub asked_about: bool => "flag", No;
        /// Policy to which this one is the static twin; null for a policy that is not a twin.
        pub twin_of: Option<String> => "label", No;
        /// Quantity that the twin has in common with its policy: `exposure` or `turnover`; null for
        /// a policy that is not a twin.
        pub twin_same: Option<String> => "label", No;
        /// Destination of a trade: `to_target`, `part_way`, `part_way_scaled`, `to_edge`,
        /// `to_within` or `to_within_share`; null if the rule never trades.
        pub trade_rule: Option<String> => "label", No;
        /// Fraction of the way to the target, or of the band, that a trade goes; null for other
        /// trade rules.
        pub fraction: Option<f64> => "fraction", No;
        /// Half-width around the target within which a trade stops; null for other trade rules.
        pub destination_width: Option<f64> => "fraction", No;
        /// Assets that a trade adjusts: `all` or only the `breached` ones.
        pub trade_assets: String => "label", No;
        /// Treatment of contributions and withdrawals: `target_weights`, `pro_rata` or
        /// `most_off_target_first`.
        pub cash_flows: String => "label", No;
        /// Time after a trade during which the rule does not trade again; 0 for none.
        pub cooldown_months: f64 => "months", No;
        /// Smallest trade, as a fraction of wealth; smaller ones are skipped.
        pub min_trade_frac: f64 => "fraction", No;
        /// Largest one-way turnover of a trade, as a fraction of wealth; larger trades are scaled
        /// down. Null without a limit.
        pub max_turnover_frac: Option<f64> => "fraction", No;
        /// Steps between the decision and the trade.
        pub execution_lag_steps: i32 => "steps", No;
        /// All parameters of the policy, as JSON text.
        pub params_json: String => "JSON", No;
        /// Catalogue entry of the rule; null if the study writes the rule out.
        pub catalogue: Option<String> => "label", No;
        /// Kind of the signal; null without one.
        pub signal_kind: Option<String> => "label", No;
        /// Asset that the signal observes; null without a signal.
        pub signal_asset: Option<String> => "label", No;
        /// Half-life or window of the signal; null without either.
        pub signal_months: Option<f64> => "months", No;
        /// The rule in a sentence: when it looks, when it trades, and where to; null in runs of
        /// earlier versions.
        pub description: Option<String> => "label", No;
    }
}

table! {
    /// Metrics: unit, direction and definition.
    pub struct DimMetricRow in "dim_metric" {
        /// Metric, from 0 in the order of the catalogue.
        pub metric_id: i32 => "id", No;
        /// Name of the metric; a metric that is a column of `fact_path` has the name of the column.
        pub metric: String => "label", No;
        /// Name of the metric for people.
        pub display_name: String => "label", No;
        /// Unit of the values.
        pub unit: String => "label", No;
        /// Spreadsheet format in which values are printed.
        pub number_format: String => "label", No;
        /// Whether larger values are better; null where neither direction is better as such.
        pub higher_is_better: Option<bool> => "flag", No;
        /// Points in time at which a path is observed: `step`, `month` or `horizon`.
        pub grid: String => "label", No;
        /// Value series that the metric is computed from: `balance` (in currency, with flows) or
        /// `unit` (time-weighted); null for a metric of weights or trades.
        pub index: Option<String> => "label", No;
        /// Whether verdicts are given on the metric.
        pub is_primary: bool => "flag", No;
        /// Margin of practical equivalence; null if there is none, or if it depends on the
        /// baseline.
        pub margin: Option<f64> => "of the metric", No;
        /// Definition in words.
        pub definition: String => "label", No;
        /// Definition as a formula.
        pub formula: String => "label", No;
        /// Margin of practical equivalence as a share of the baseline's value; null if there is
        /// none, or if it is the same for every baseline.
        pub margin_of_baseline_frac: Option<f64> => "fraction", No;
        /// Whether the study declares the margin, as it always does for the primary metric once it
        /// is written out; null in runs of earlier versions.
        pub margin_is_declared: Option<bool> => "flag", No;
    }
}

table! {
    /// Report horizons.
    pub struct DimHorizonRow in "dim_horizon" {
        /// Report horizon in months.
        pub horizon_months: i32 => "months", No;
        /// Report horizon in years.
        pub horizon_years: f64 => "years", No;
        /// Report horizon in steps; of the first market where markets differ.
        pub horizon_steps: i32 => "steps", No;
        /// Label of the horizon.
        pub horizon: String => "label", No;
        /// Whether the horizon is the longest.
        pub is_final: bool => "flag", No;
    }
}

table! {
    /// True regimes of the market of each scenario. A market without regimes has no rows.
    pub struct DimRegimeRow in "dim_regime" {
        /// Scenario, as in `dim_scenario`.
        pub scenario_id: i32 => "id", No;
        /// Regime, from 0 in the order of the market.
        pub regime_id: i32 => "id", No;
        /// Label of the regime.
        pub regime: String => "label", No;
        /// Fraction of time spent in the regime under the stationary law.
        pub stationary_frac: f64 => "fraction", No;
        /// Mean length of a stay in the regime; null if the regime is never left.
        pub sojourn_months: Option<f64> => "months", No;
    }
}
