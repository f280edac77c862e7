//! Tests whether a filter that knows its market is calibrated: the regime is there in 30 % of the
//! steps with a probability of 30 %.

use std::path::Path;

use corridor_core::lanes::Row;
use corridor_core::path::PathSource;
use corridor_scenario::market::Market;
use corridor_simulation::reference::MarketPath;
use corridor_simulation::signal::{Observation, SignalState};
use corridor_study::plan::RunPlan;
use corridor_study::{Overrides, compile};

const PATHS: u64 = 400;

fn plan(innovations: &str, regime: &str) -> RunPlan {
    let text = format!(
        "corridor = 1\n[study]\nname = 'filter'\n[time]\nhorizon_years = 4\nstep = 'week'\n\
         [market.regime_switching]\nassets = ['equity', 'bond', 'bill']\nregimes_change = \
         'week'\nmoments_per = 'month'\nmean_is = 'log'\n\
         transition = [[0.97, 0.03], [0.10, 0.90]]\ninitial = 'calm'\ninnovations = {innovations}\n\
         [[market.regime_switching.regime]]\nname = 'calm'\nmean = [0.008, 0.003, 0.002]\nvol = \
         [0.034, 0.014, 0.0]\n\
         [[market.regime_switching.regime]]\nname = 'storm'\nmean = [-0.004, 0.004, 0.002]\nvol = \
         [0.070, 0.022, 0.0]\n\
         [market.regime_switching.correlation_chain]\nregimes_change = 'week'\ntransition = \
         [[0.95, 0.05], [0.05, 0.95]]\n\
         [[market.regime_switching.correlation_chain.regime]]\nname = 'apart'\ncorrelation = \
         [[1.0], [-0.6, 1.0], [0.0, 0.0, 1.0]]\n\
         [[market.regime_switching.correlation_chain.regime]]\nname = 'together'\ncorrelation = \
         [[1.0], [0.6, 1.0], [0.0, 0.0, 1.0]]\n\
         [account]\ninitial = 1\ntarget = {{ equity = 0.6, bond = 0.4 }}\n[costs]\none_way_bps = \
         0\n\
         [signal.p]\nregime_probability = {{ regime = '{regime}' }}\n\
         [[policy]]\nname = 'p'\ntrigger = {{ outside = {{ absolute = 0.05, scale = [{{ signal = \
         'p', exponential = {{ slope = -1, reference = 0.2 }} }}] }} }}\n\
         [comparison]\nbaseline = 'p'\nprimary_metric = 'ruined'\n[run]\npaths = 1\nseed = 77\n"
    );
    compile("filter", &text, Path::new(""), &Overrides::default())
        .unwrap_or_else(|problems| panic!("{problems}"))
}

/// Number of steps, sum of the probabilities, and number of steps in the regime, by tenth of the
/// probability.
fn tally(plan: &RunPlan, regime: &str) -> [(f64, f64, f64); 10] {
    let group = &plan.groups[0];
    let Market::RegimeSwitching(model) = &group.market else { panic!("a market with regimes") };
    let source: &dyn PathSource<16> = model.as_ref();
    let named: Vec<bool> =
        source.regimes().iter().map(|joint| joint.split('/').any(|part| part == regime)).collect();
    let (signal, steps) = (&group.simulation.signals[0].signal, group.simulation.grid.steps);
    let mut bins = [(0.0, 0.0, 0.0); 10];
    let blocks = 0..PATHS / MarketPath::BLOCK;
    for markets in blocks.map(|block| MarketPath::block_of_source(source, block, steps)) {
        let (mut state, mut value) = (SignalState::<16>::new(signal), Row([0.0; 16]));
        for step in 0..steps as usize {
            let of_asset = |i: usize| Row(std::array::from_fn(|l| markets[l].log_return[step][i]));
            let rows: Vec<Row<f32, 16>> = (0..source.assets().len()).map(of_asset).collect();
            let seen = Observation {
                t: step as u32 + 1,
                per_year: 52.0,
                first_path: markets[0].path,
                log_returns: &rows,
                placebo_returns: &[],
                indicators: &[],
                placebo_indicators: &[],
                coming_regime: &Row([0; 16]),
            };
            state.update(signal, &seen, &mut value);
            for (market, said) in markets.iter().zip(&value.0) {
                let is_named = named[market.regime[step] as usize];
                let bin = &mut bins[((said * 10.0) as usize).min(9)];
                *bin = (bin.0 + 1.0, bin.1 + said, bin.2 + f64::from(u8::from(is_named)));
            }
        }
    }
    bins
}

/// alpha: 40 bins at 5 standard errors of independent steps, below 3e-5 in all. Steps of a path are
/// dependent, for which 2 more standard errors allow. Seed 77.
#[test]
fn a_filter_that_knows_its_market_is_calibrated() {
    for innovations in ["'gaussian'", "{ student_t = { df = 5 } }"] {
        for regime in ["storm", "together"] {
            let bins = tally(&plan(innovations, regime), regime);
            let mut spread = 0;
            for (steps, said, was) in bins {
                if steps < 1000.0 {
                    continue;
                }
                spread += 1;
                let p = said / steps;
                let error = (p * (1.0 - p) / steps).sqrt();
                assert!(
                    (was / steps - p).abs() < 7.0 * error,
                    "{innovations} {regime}: said {p:.4}, was {:.4} of {steps} steps",
                    was / steps
                );
            }
            assert!(
                spread >= 8,
                "{innovations} {regime}: the probability takes {spread} tenths only: {bins:?}"
            );
        }
    }
}
