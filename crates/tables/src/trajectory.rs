//! Holds single paths step by step, with the cause of each trade.

use crate::column::table;

table! {
    /// The first paths of the run, every step. Per asset follow weight, trade and band width, then
    /// one column per signal.
    pub struct TrajectoryRow in "fact_trajectory" {
        /// Scenario, as in `dim_scenario`.
        pub scenario_id: i32 => "id", No;
        /// Policy, as in `dim_policy`.
        pub policy_id: i32 => "id", No;
        /// Path: the same path under every scenario of one market and every policy.
        pub path_id: i64 => "id", No;
        /// Step, from 0.
        pub step: i32 => "steps", No;
        /// Time since the start.
        pub time_months: f64 => "months", No;
        /// True regime that drew the return of this step, as in `dim_regime`; null at step 0 and
        /// without regimes.
        pub regime_id: Option<i32> => "id", No;
        /// Balance at the end of the step.
        pub wealth_nominal: f64 => "currency", No;
        /// Time-weighted unit value, 1 at the start.
        pub unit_value: f64 => "1", No;
        /// Contributions less withdrawals of the step.
        pub cash_flow_nominal: f64 => "currency", Yes;
        /// Costs and fees of the step.
        pub cost_nominal: f64 => "currency", Yes;
        /// Half the traded value over wealth before the trade.
        pub turnover_one_way_frac: f64 => "fraction", Yes;
        /// Largest distance of a weight from its target, before trading; null once the account is
        /// ruined.
        pub weight_deviation_max_frac: Option<f64> => "fraction", No;
        /// Why something was traded at this step: every condition that held, joined by `+`:
        /// `calendar`, `band`, `group_band`, `l1`, `l2`, `tracking_error`, `soft_hard_band`,
        /// `signal_above`, `signal_below`, `signal_moved`, `waited`, `with_trend`; null if nothing
        /// was traded.
        pub trade_cause: Option<String> => "label", No;
        /// Step of the decision: before this one where the rule executes late; null if nothing was
        /// traded.
        pub trade_decided_step: Option<i32> => "steps", No;
        /// The asset or signal that the first of these conditions looked at; null where it is
        /// neither.
        pub cause_subject: Option<String> => "label", No;
        /// What that condition read: a distance from the target, a tracking error, a signal, steps;
        /// null for a calendar.
        pub cause_value: Option<f64> => "of the condition", No;
        /// The limit that was held against it.
        pub cause_limit: Option<f64> => "of the condition", No;
        /// The signal that scaled the limit; null where none did.
        pub cause_signal: Option<String> => "label", No;
        /// Value of that signal at the decision.
        pub cause_signal_value: Option<f64> => "of the signal", No;
    }
}
