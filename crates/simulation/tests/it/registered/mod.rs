//! Gives an example of every signal in the registry, for three assets and an indicator.

use corridor_core::numerics::ln;
use corridor_simulation::signal::{
    Drawdown, EwmaCorr, EwmaCov, EwmaVol, FilterModel, MacroIndicator, REGISTRY, RealisedCorr,
    RealisedVol, RegimeProbability, Series, Signal, StateLaw, Transition, Trend,
};

/// Makes at least one signal of every kind in the registry. A new kind fails here until it has an
/// example.
pub fn registered_signals() -> Vec<Signal> {
    let example = |name: &str| match name {
        "ewma_vol" => vec![
            Signal::EwmaVol(EwmaVol {
                series: Series::Asset(0),
                lambda: 0.6,
                start_variance: 1e-3,
            }),
            Signal::EwmaVol(EwmaVol {
                series: Series::Asset(1),
                lambda: 0.0,
                start_variance: 1e-3,
            }),
        ],
        "realised_vol" => vec![
            Signal::RealisedVol(RealisedVol {
                series: Series::Asset(0),
                window_steps: 1,
                start_variance: 1e-3,
            }),
            Signal::RealisedVol(RealisedVol {
                series: Series::Asset(1),
                window_steps: 5,
                start_variance: 1e-3,
            }),
        ],
        "relative_vol" => vec![
            Signal::EwmaVol(EwmaVol {
                series: Series::Spread(0, 2),
                lambda: 0.6,
                start_variance: 1e-3,
            }),
            Signal::RealisedVol(RealisedVol {
                series: Series::Spread(1, 0),
                window_steps: 4,
                start_variance: 1e-3,
            }),
        ],
        "ewma_corr" => vec![Signal::EwmaCorr(EwmaCorr {
            assets: [0, 1],
            lambda: 0.7,
            start: [1e-3, 1e-3, 0.0],
        })],
        "ewma_cov" => vec![Signal::EwmaCov(EwmaCov { assets: [0, 1], lambda: 0.7, start: 1e-3 })],
        "realised_corr" => {
            vec![Signal::RealisedCorr(RealisedCorr { assets: [1, 2], window_steps: 3, start: 0.2 })]
        }
        "trend" => vec![
            Signal::Trend(Trend { series: Series::Asset(0), window_steps: 6, sign: false }),
            Signal::Trend(Trend { series: Series::Spread(1, 2), window_steps: 2, sign: true }),
        ],
        "drawdown" => vec![Signal::Drawdown(Drawdown { asset: 0 })],
        "macro" => vec![Signal::Macro(MacroIndicator { indicator: 0 })],
        "regime_probability" => vec![Signal::RegimeProbability(RegimeProbability {
            model: filter_model(),
            members: vec![1],
        })],
        other => panic!("the signal `{other}` needs an example here"),
    };
    let signals: Vec<Signal> = REGISTRY.iter().flat_map(|kind| example(kind.name)).collect();
    assert!(
        REGISTRY.iter().all(|kind| signals.iter().any(|signal| signal.kind() == kind)),
        "an example is of another kind"
    );
    signals
}

/// Makes a model of two states that two assets tell apart.
fn filter_model() -> FilterModel {
    let state = |vol: f64| StateLaw {
        mean: vec![0.0, 0.0],
        whitening: vec![vec![1.0 / vol], vec![-0.3 / vol, 1.0 / vol]],
        log_scale: -2.0 * ln(vol),
    };
    FilterModel {
        assets: vec![0, 1],
        initial: vec![0.8, 0.2],
        transitions: vec![Transition {
            period_steps: 1,
            matrix: vec![vec![0.9, 0.1], vec![0.2, 0.8]],
        }],
        states: vec![state(0.03), state(0.09)],
        df: None,
    }
}
