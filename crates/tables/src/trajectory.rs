//! Declares the table of single paths: every step, with the cause of each trade.

use crate::column::table;

table! {
    /// First paths of the run, every step. Further columns follow: weight, trade and band width of
    /// each asset, then each signal.
    pub struct TrajectoryRow in "fact_trajectory" {
        /// Scenario, as in `dim_scenario`.
        pub scenario_id: i32 => "id", No;
        /// Policy, as in `dim_policy`.
        pub policy_id: i32 => "id", No;
        /// Path, as in `fact_path`; the number is the same for every policy and for the scenarios
        /// of one market.
        pub path_id: i64 => "id", No;
        /// Step, from 0.
        pub step: i32 => "steps", No;
        /// Time since the start.
        pub time_months: f64 => "months", No;
        /// True regime that drew the return of the step, as in `dim_regime`; null at step 0 and for
        /// a market without regimes.
        pub regime_id: Option<i32> => "id", No;
        /// Balance at the end of the step.
        pub wealth_nominal: f64 => "currency", No;
        /// Time-weighted unit value, 1 at the start: flows removed, net of costs and fees.
        pub unit_value: f64 => "1", No;
        /// Contributions less withdrawals of the step.
        pub cash_flow_nominal: f64 => "currency", Yes;
        /// Costs and fees of the step, positive when paid.
        pub cost_nominal: f64 => "currency", Yes;
        /// One-way turnover of the step: half the traded value over the wealth before the trade.
        pub turnover_one_way_frac: f64 => "fraction", Yes;
        /// Largest distance of a weight from its target, before trading; null once the account is
        /// ruined.
        pub weight_deviation_max_frac: Option<f64> => "fraction", No;
        /// Cause of the trade: all conditions that held, joined by `+`, out of `calendar`, `band`,
        /// `group_band`, `l1`, `l2`, `tracking_error`, `soft_hard_band`, `signal_above`,
        /// `signal_below`, `signal_moved`, `waited` and `with_trend`; null without a trade.
        pub trade_cause: Option<String> => "label", No;
        /// Step at which the trade was decided; earlier than `step` where the rule executes with a
        /// lag. Null without a trade.
        pub trade_decided_step: Option<i32> => "steps", No;
        /// Asset or signal that the first of the conditions examined; null where it is neither.
        pub cause_subject: Option<String> => "label", No;
        /// Value that the first condition compared with its limit: a distance from the target, a
        /// tracking error, a signal, a number of steps; null for a calendar.
        pub cause_value: Option<f64> => "of the condition", No;
        /// Limit that `cause_value` exceeded or fell below; null for a calendar.
        pub cause_limit: Option<f64> => "of the condition", No;
        /// Signal that scaled the limit; null where none did.
        pub cause_signal: Option<String> => "label", No;
        /// Value of `cause_signal` at the decision; null where no signal scaled the limit.
        pub cause_signal_value: Option<f64> => "of the signal", No;
    }
}
