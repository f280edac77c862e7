//! Lists what the study format has and this version does not run, so that it is refused by name and not as unknown.

/// A key or word of the format: (table or word list it belongs to, word, what it is).
const NOT_YET: &[(&str, &str, &str)] = &[
    ("StudyFile", "model", "markets given to a filter"),
    ("AccountTable", "groups", "groups of assets"),
    ("AccountTable", "tax", "taxable accounts"),
    ("RunTable", "until", "running until a precision is reached"),
    ("SignalTable", "macro", "the macro signal"),
    ("OnWord", "groups", "bands on groups"),
    ("MeasureWord", "l1", "the L1 distance"),
    ("MeasureWord", "l2", "the L2 distance"),
    ("MeasureWord", "tracking_error", "the tracking-error distance"),
    ("TriggerValue", "any_of", "combined triggers"),
    ("TriggerValue", "all_of", "combined triggers"),
    ("TriggerValue", "regime_band", "the regime band"),
    ("TriggerValue", "corr_scaled", "the correlation-scaled band"),
    ("TriggerValue", "trend_band", "the trend band"),
    ("TriggerValue", "trend_delayed", "the trend-delayed rule"),
    ("TriggerValue", "macro_band", "the macro band"),
    ("TriggerValue", "drawdown_guard", "the drawdown guard"),
    ("TriggerValue", "vol_scaled_review", "reviews scaled by volatility"),
    ("CashFlowsWord", "most_off_target_first", "routing to the asset most off its target"),
    ("PolicyTable", "cppi", "moving targets"),
    ("catalogue", "no_trade_boundary", "the band of the cube-root law"),
];

/// What `word` of `table` is, where the format has it and this version does not.
pub(crate) fn not_yet(table: &str, word: &str) -> Option<&'static str> {
    NOT_YET.iter().find(|row| row.0 == table && row.1 == word).map(|row| row.2)
}
