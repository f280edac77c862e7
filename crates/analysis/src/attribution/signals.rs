//! Builds the rows of `fact_signal`: hit rate, false alarms and delay of each signal.

use corridor_tables::SignalRow;

use super::detection::{DetectionCounts, FollowedSignal};
use super::market::FollowedMarket;
use crate::by_path::{Fraction, ratio};

/// Builds the rows of `fact_signal` of a market: one per signal and scenario, in order.
#[must_use]
pub fn signal_rows(market: &FollowedMarket<'_>, replicate_paths: usize) -> Vec<SignalRow> {
    let months_per_step = 12.0 / f64::from(market.grid.per_year());
    let rows = |(place, signal): (usize, &FollowedSignal<'_>)| {
        let over = |fraction: &dyn Fn(&DetectionCounts) -> Fraction| {
            ratio(replicate_paths, market.detections.iter().map(|path| fraction(&path[place])))
        };
        let hit = over(&DetectionCounts::hit_rate);
        let false_alarm = over(&DetectionCounts::false_alarm_rate);
        let delay = over(&|counts| counts.delay_months(months_per_step));
        let missed = over(&DetectionCounts::missed_share);
        let row = SignalRow {
            scenario_id: 0,
            signal: signal.name.to_owned(),
            regimes: signal.regimes.join("+"),
            hit_rate: hit.value,
            hit_std_error: hit.std_error,
            false_alarm_rate: false_alarm.value,
            false_alarm_std_error: false_alarm.std_error,
            delay_months: delay.value,
            delay_std_error: delay.std_error,
            missed_frac: missed.value,
            n_paths: market.detections.len() as i64,
        };
        market
            .scenario_ids
            .iter()
            .map(|&scenario| SignalRow { scenario_id: scenario.number(), ..row.clone() })
            .collect::<Vec<_>>()
    };
    market.signals.iter().enumerate().flat_map(rows).collect()
}
