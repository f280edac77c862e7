//! Words for swept keys: what the number is, with its unit.

/// Words for keys that are swept often, by their last part.
const WORDS: [(&str, &str); 19] = [
    ("one_way_bps", "cost, bp"),
    ("annual_fee_bps", "fee, bp a year"),
    ("fixed_fee_per_order", "fee for each order"),
    ("lag_months", "lag of the signal, months"),
    ("accuracy", "accuracy of the oracle over all regimes"),
    ("noise_sd", "noise of the signal"),
    ("half_life_months", "half-life of the signal, months"),
    ("window_months", "window of the signal, months"),
    ("every_months", "time between reviews, months"),
    ("cooldown_months", "rest after a trade, months"),
    ("execution_lag_steps", "delay of trades, steps"),
    ("horizon_years", "horizon, years"),
    ("absolute", "half-width of the band"),
    ("relative", "half-width of the band, of the target"),
    ("vol_annual", "target volatility"),
    ("inflation_annual", "inflation a year"),
    ("amount_per_year", "amount a year"),
    ("initial_rate_annual", "rate of the first balance a year"),
    ("initial", "first balance"),
];

/// Parts of the key of a market that say nothing to a reader.
const SILENT: [&str; 5] = ["market", "override", "regime_switching", "regime", "dynamics"];

/// Words for the swept number at the dotted `key`, with its unit behind the last comma: `cost,
/// bp`. Numbers of
/// a market without words of their own are named by the end of their path: `storm mean equity`.
pub(crate) fn title(key: &str) -> String {
    let parts: Vec<&str> = key.split('.').collect();
    let last = parts.last().copied().unwrap_or_default();
    if let Some((_, words)) = WORDS.iter().find(|(name, _)| *name == last) {
        return (*words).to_owned();
    }
    let shown: Vec<&str> = match parts.as_slice() {
        ["market", ..] => parts.iter().copied().filter(|part| !SILENT.contains(part)).collect(),
        _ => vec![last],
    };
    shown.join(" ").replace('_', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_words_with_their_unit() {
        assert_eq!(title("costs.one_way_bps"), "cost, bp");
        assert_eq!(title("market.override.regime.storm.mean.equity"), "storm mean equity");
        assert_eq!(title("policy.3.trigger.outside.scale.0.power.elasticity"), "elasticity");
        assert_eq!(title("signal.late.observe.lag_months"), "lag of the signal, months");
        assert_eq!(title("account.risk_free_annual"), "risk free annual");
    }
}
