//! Compares the regime filter with that of statsmodels, which `stored/hamilton_filter.py` wrote to
//! `stored/hamilton_filter.json`.

#![expect(clippy::expect_used, reason = "a test may panic")]

use corridor_core::lanes::Row;
use corridor_core::numerics::ln;
use corridor_simulation::signal::{
    FilterModel, Observation, RegimeProbability, Signal, SignalState, StateLaw, Transition,
};
use serde_json::Value;

fn numbers(value: &Value) -> Vec<f64> {
    value
        .as_array()
        .expect("a list")
        .iter()
        .map(|number| number.as_f64().expect("a number"))
        .collect()
}

fn rows(value: &Value) -> Vec<Vec<f64>> {
    value.as_array().expect("a list").iter().map(numbers).collect()
}

/// Returns the filtered probability of one regime at every step.
fn filtered(stored: &Value, regime: usize) -> Vec<f64> {
    let state = |(mean, vol): (f64, f64)| StateLaw {
        mean: vec![mean],
        whitening: vec![vec![1.0 / vol]],
        log_scale: -ln(vol),
    };
    let model = FilterModel {
        assets: vec![0],
        initial: numbers(&stored["initial"]),
        transitions: vec![Transition { period_steps: 1, matrix: rows(&stored["transition"]) }],
        states: numbers(&stored["mean"])
            .into_iter()
            .zip(numbers(&stored["vol"]))
            .map(state)
            .collect(),
        df: None,
    };
    let signal = Signal::RegimeProbability(RegimeProbability { model, members: vec![regime] });
    let mut state = SignalState::<1>::new(&signal);
    let mut value = Row([0.0]);
    let mut observe = |(index, r): (usize, &f64)| {
        let (t, log_returns) = (index as u32 + 1, [Row([*r as f32])]);
        let seen = Observation {
            t,
            per_year: 12.0,
            first_path: 0,
            log_returns: &log_returns,
            placebo_returns: &[],
            indicators: &[],
            placebo_indicators: &[],
            coming_regime: &Row([0]),
        };
        state.update(&signal, &seen, &mut value);
        value[0]
    };
    numbers(&stored["returns"]).iter().enumerate().map(&mut observe).collect()
}

#[test]
fn the_filter_is_that_of_statsmodels() {
    let stored: Value =
        serde_json::from_str(include_str!("stored/hamilton_filter.json")).expect("JSON");
    let expected = rows(&stored["filtered"]);
    assert_eq!(expected.len(), 240);
    for regime in 0..3 {
        for (t, (own, theirs)) in filtered(&stored, regime).iter().zip(&expected).enumerate() {
            assert!(
                (own - theirs[regime]).abs() <= 1e-9,
                "regime {regime} at step {}: {own} against {}",
                t + 1,
                theirs[regime]
            );
        }
    }
    // The comparison means something only if the series tells the regimes apart.
    assert!(expected.iter().any(|p| p[1] > 0.9) && expected.iter().any(|p| p[2] > 0.9));
}
