//! Times the cost that signals and scaled bands add to a run, in one binary with interleaved
//! repetitions.

use std::hint::black_box;

use corridor_core::lanes::LANES;
use corridor_core::level::Level;
use corridor_core::numerics::ln;
use corridor_core::path::PathSource;
use corridor_scenario::regime_model::RegimeModel;
use corridor_simulation::cost::CostConvention;
use corridor_simulation::plan::Simulation;
use corridor_simulation::policy::{ScaleFactor, ScaleForm, Trigger};
use corridor_simulation::run::Blocks;
use corridor_simulation::signal::{
    Drawdown, EwmaCorr, EwmaCov, EwmaVol, FilterModel, ObservedSignal, RealisedCorr, RealisedVol,
    RegimeProbability, Series, Signal, StateLaw, Transition, Trend,
};

use crate::{Case, PATHS, STEPS, case, job, time};

/// Number of copies of a signal; the time of one is a difference of two times over this number.
const COPIES: usize = 16;
/// Index of buy and hold among the rules of the reference job.
const HOLD: usize = 0;
/// Index of the band of 5 points among the rules of the reference job.
const BAND: usize = 4;

pub fn print(model: &RegimeModel, repetitions: u64) {
    signals(model, repetitions);
    bands(model, repetitions);
}

fn blocks<'a>(model: &'a RegimeModel, simulation: &'a Simulation) -> Case<'a> {
    let mut all =
        Blocks::<4, LANES, true>::new(Level::best(), simulation, model as &dyn PathSource<LANES>);
    case("", move |first| {
        all.simulate(first / PATHS * PATHS, |_, _, rows| {
            black_box(rows[0][0]);
        });
        PATHS
    })
}

fn signals(model: &RegimeModel, repetitions: u64) {
    let asset = Series::Asset(0);
    let kinds: Vec<(&str, Signal)> = vec![
        ("ewma_vol", Signal::EwmaVol(EwmaVol { series: asset, lambda: 0.9, start_variance: 1e-3 })),
        (
            "realised_vol, 12 months",
            Signal::RealisedVol(RealisedVol {
                series: asset,
                window_steps: 12,
                start_variance: 1e-3,
            }),
        ),
        (
            "relative_vol",
            Signal::EwmaVol(EwmaVol {
                series: Series::Spread(0, 2),
                lambda: 0.9,
                start_variance: 1e-3,
            }),
        ),
        (
            "ewma_corr",
            Signal::EwmaCorr(EwmaCorr { assets: [0, 1], lambda: 0.9, start: [1e-3, 1e-3, 5e-4] }),
        ),
        ("ewma_cov", Signal::EwmaCov(EwmaCov { assets: [0, 1], lambda: 0.9, start: 5e-4 })),
        (
            "realised_corr, 12 months",
            Signal::RealisedCorr(RealisedCorr { assets: [0, 1], window_steps: 12, start: 0.3 }),
        ),
        ("trend, 12 months", Signal::Trend(Trend { series: asset, window_steps: 12, sign: false })),
        ("drawdown", Signal::Drawdown(Drawdown { asset: 0 })),
        ("regime_probability, 3 regimes, 1 asset", Signal::RegimeProbability(filter(model))),
    ];
    let with = |signal: Option<&Signal>| {
        let plain = job::simulation_of(CostConvention::Exact, STEPS, &[HOLD]);
        Simulation {
            signals: signal
                .map_or_else(Vec::new, |signal| vec![ObservedSignal::from(signal.clone()); COPIES]),
            ..plain
        }
    };
    let none = with(None);
    let simulations: Vec<Simulation> = kinds.iter().map(|(_, signal)| with(Some(signal))).collect();
    let mut cases: Vec<Case<'_>> = std::iter::once(&none)
        .chain(&simulations)
        .map(|simulation| blocks(model, simulation))
        .collect();
    time(&mut cases, repetitions);
    println!(
        "\nns per path-step of one signal (limit 1.5; regime_probability 4)\n| signal | ns \
        |\n|---|---|"
    );
    for ((name, _), timed) in kinds.iter().zip(&cases[1..]) {
        println!("| {name} | {:.2} |", (timed.best_ns - cases[0].best_ns) / COPIES as f64);
    }
}

fn filter(model: &RegimeModel) -> RegimeProbability {
    let law = model.step_law();
    let state = |regime: &corridor_scenario::law::RegimeLaw| {
        let whitening = regime.whitening(&[0]).expect("the asset has risk");
        StateLaw { mean: vec![regime.log_mean[0]], log_scale: ln(whitening[0][0]), whitening }
    };
    let model = FilterModel {
        assets: vec![0],
        initial: law.initial.clone(),
        transitions: law
            .moves
            .iter()
            .map(|(period_steps, matrix)| Transition {
                period_steps: *period_steps,
                matrix: matrix.clone(),
            })
            .collect(),
        states: law.regimes.iter().map(state).collect(),
        df: None,
    };
    RegimeProbability { model, members: vec![2] }
}

fn bands(model: &RegimeModel, repetitions: u64) {
    let power = |elasticity: f64| ScaleForm::Power { elasticity, reference: job::REFERENCE_VOL };
    let same = |form: ScaleForm| vec![form; job::POLICIES];
    let kinds: Vec<(&str, Vec<ScaleForm>)> = vec![
        ("static", Vec::new()),
        ("elasticity 0", same(power(0.0))),
        ("elasticity -1/2", same(power(-0.5))),
        ("elasticity 1/2", same(power(0.5))),
        ("elasticity -1", same(power(-1.0))),
        ("elasticity 1", same(power(1.0))),
        ("elasticity -0.7, one for all", same(power(-0.7))),
        (
            "elasticities -0.7, -0.71, .., one for each",
            (0..job::POLICIES).map(|k| power(-0.7 - 0.01 * k as f64)).collect(),
        ),
        (
            "exponential, one for all",
            same(ScaleForm::Exponential { slope: -2.0, reference: job::REFERENCE_VOL }),
        ),
    ];
    let with = |forms: &[ScaleForm]| {
        let mut simulation =
            job::simulation_of(CostConvention::Exact, STEPS, &[BAND; job::POLICIES]);
        for (instance, form) in simulation.instances.iter_mut().zip(forms) {
            if let Trigger::Outside(corridor) = &mut instance.policy.trigger {
                // limits so wide that the clamp never binds: the same widths would trade alike
                (corridor.min_width, corridor.max_width) = (0.0, 10.0);
                corridor.scale = vec![ScaleFactor { signal: 0, form: form.clone() }];
            }
        }
        simulation
    };
    let simulations: Vec<Simulation> = kinds.iter().map(|(_, forms)| with(forms)).collect();
    let nothing = job::simulation_of(CostConvention::Exact, STEPS, &[]);
    let mut cases: Vec<Case<'_>> = std::iter::once(&nothing)
        .chain(&simulations)
        .map(|simulation| blocks(model, simulation))
        .collect();
    time(&mut cases, repetitions);
    let one = |timed: &Case<'_>| (timed.best_ns - cases[0].best_ns) / job::POLICIES as f64;
    println!(
        "\nbands of 5 points looked at every month, {} of each, without generation and signal\n| \
        band | ns per path-step | x static |\n|---|---|---|",
        job::POLICIES
    );
    for ((name, _), timed) in kinds.iter().zip(&cases[1..]) {
        println!("| {name} | {:.2} | {:.2} |", one(timed), one(timed) / one(&cases[1]));
    }
}
