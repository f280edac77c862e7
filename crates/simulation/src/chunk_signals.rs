//! Observes the signals of a block of paths over one chunk, and multiplies the scale factors that
//! policies share.
//!
//! Nothing here depends on the number of asset slots, so it is compiled once for each level and not
//! once for each kernel.

use corridor_core::lanes::Row;
use corridor_core::level::{Kernel, Level};
use corridor_core::numerics::{exp, ln};
use corridor_core::path::CHUNK_STEPS;

use crate::chunk_market::ChunkMarket;
use crate::kernel::signals::ChunkRows;
use crate::plan::Simulation;
use crate::policy::{ScaleFactor, ScaleForm};
use crate::signal::ObservedState;

/// Distinct products of scale factors of a simulation, and the logarithms that they need.
pub(crate) struct ScaleLayout {
    products: Vec<Vec<ScaleFactor>>,
    logs: Vec<LogRatio>,
    /// Index into `logs` for each factor of each product; `None` where it needs none.
    log_of: Vec<Vec<Option<usize>>>,
}

/// Logarithm of a signal over a reference.
#[derive(Clone, Copy, PartialEq)]
struct LogRatio {
    signal: usize,
    reference: f64,
}

/// Products that one instance uses, by index into [`ScaleLayout`]; `None` where it has no scale
/// factor.
pub(crate) struct InstanceScales {
    /// Products of [`Policy::scales`](crate::policy::Policy::scales).
    pub trade: Vec<Option<usize>>,
    /// Product of the moving target.
    pub target: Option<usize>,
}

impl ScaleLayout {
    /// Collects the distinct products of all instances.
    pub fn new(simulation: &Simulation) -> (Self, Vec<InstanceScales>) {
        let mut products: Vec<Vec<ScaleFactor>> = Vec::new();
        let mut index_of = |scale: &[ScaleFactor]| {
            (!scale.is_empty()).then(|| {
                products.iter().position(|known| known == scale).unwrap_or_else(|| {
                    products.push(scale.to_vec());
                    products.len() - 1
                })
            })
        };
        let mut scales = Vec::new();
        for instance in &simulation.instances {
            let trade = instance.policy.scales().into_iter().map(&mut index_of).collect();
            scales.push(InstanceScales { trade, target: index_of(instance.policy.target_scale()) });
        }
        let (logs, log_of) = logarithms(&products);
        (Self { products, logs, log_of }, scales)
    }
}

/// Collects the distinct logarithms that powers need, and the index of that of each factor.
fn logarithms(products: &[Vec<ScaleFactor>]) -> (Vec<LogRatio>, Vec<Vec<Option<usize>>>) {
    let mut logs: Vec<LogRatio> = Vec::new();
    let mut index_of = |factor: &ScaleFactor| match factor.form {
        ScaleForm::Power { elasticity, reference } if !is_exact(elasticity) => {
            let wanted = LogRatio { signal: factor.signal, reference };
            Some(logs.iter().position(|known| *known == wanted).unwrap_or_else(|| {
                logs.push(wanted);
                logs.len() - 1
            }))
        }
        ScaleForm::Power { .. } | ScaleForm::Exponential { .. } | ScaleForm::Step { .. } => None,
    };
    let log_of = products.iter().map(|scale| scale.iter().map(&mut index_of).collect()).collect();
    (logs, log_of)
}

/// Tells whether a power is computed without a logarithm.
fn is_exact(elasticity: f64) -> bool {
    [0.0, 0.5, -0.5, 1.0, -1.0].contains(&elasticity)
}

/// Signals of one chunk of a block of paths. One thread reuses it for block after block.
pub(crate) struct ChunkSignalRows<const L: usize> {
    states: Vec<ObservedState<L>>,
    /// Value of each signal, `[signal][step of the chunk]`.
    pub signals: Vec<ChunkRows<L>>,
    /// Value of each product of scale factors, `[product][step of the chunk]`.
    pub factors: Vec<ChunkRows<L>>,
    /// Logarithms of one step.
    logs: Vec<Row<f64, L>>,
}

impl<const L: usize> ChunkSignalRows<L> {
    pub fn new(simulation: &Simulation, layout: &ScaleLayout) -> Self {
        let signals = &simulation.signals;
        Self {
            states: signals.iter().map(ObservedState::new).collect(),
            signals: vec![[Row::splat(0.0); CHUNK_STEPS]; signals.len()],
            factors: vec![[Row::splat(1.0); CHUNK_STEPS]; layout.products.len()],
            logs: vec![Row::splat(0.0); layout.logs.len()],
        }
    }

    /// Goes back to `t = 0`, for the next block.
    pub fn restart(&mut self, simulation: &Simulation) {
        for (state, signal) in self.states.iter_mut().zip(&simulation.signals) {
            state.restart(signal);
        }
    }

    /// Observes every signal over the chunk and multiplies the scale factors.
    pub fn observe(
        &mut self,
        level: Level,
        simulation: &Simulation,
        layout: &ScaleLayout,
        market: &ChunkMarket<L>,
        first_path: u64,
    ) {
        if !simulation.signals.is_empty() {
            level.run(Observe { simulation, layout, market, first_path, rows: self });
        }
    }
}

/// Updates every signal and every product of scale factors over one chunk.
struct Observe<'a, const L: usize> {
    simulation: &'a Simulation,
    layout: &'a ScaleLayout,
    market: &'a ChunkMarket<L>,
    first_path: u64,
    rows: &'a mut ChunkSignalRows<L>,
}

impl<const L: usize> Kernel for Observe<'_, L> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { simulation, layout, market, first_path, rows } = self;
        let (per_year, last) = (f64::from(simulation.grid.per_year()), simulation.grid.steps);
        for k in 0..market.block.steps {
            let observation = market.observation(k, first_path, per_year, last);
            for (s, signal) in simulation.signals.iter().enumerate() {
                rows.states[s].update(signal, &observation, &mut rows.signals[s][k]);
            }
            for (LogRatio { signal, reference }, log) in layout.logs.iter().zip(&mut rows.logs) {
                let (signal, reference) = (&rows.signals[*signal][k], *reference);
                for l in 0..L {
                    log[l] = ln(signal[l] / reference);
                }
            }
            let products = layout.products.iter().zip(&layout.log_of);
            for ((scale, log_of), factors) in products.zip(&mut rows.factors) {
                factors[k] = Row::splat(1.0);
                for (factor, log) in scale.iter().zip(log_of) {
                    multiply(
                        &factor.form,
                        &rows.signals[factor.signal][k],
                        log.map(|log| &rows.logs[log]),
                        &mut factors[k],
                    );
                }
            }
        }
    }
}

/// Multiplies `product` by the factor of each lane's signal: [`ScaleForm::factor`], with the form
/// matched before the loop. `log` is the logarithm of the signal over the reference, for a power
/// that needs it.
#[inline(always)]
fn multiply<const L: usize>(
    form: &ScaleForm,
    signal: &Row<f64, L>,
    log: Option<&Row<f64, L>>,
    product: &mut Row<f64, L>,
) {
    match (form, log) {
        (ScaleForm::Power { elasticity, .. }, Some(log)) => {
            let elasticity = *elasticity;
            for l in 0..L {
                product[l] *= exp(elasticity * log[l]);
            }
        }
        (ScaleForm::Power { elasticity: -1.0, reference }, None) => {
            for l in 0..L {
                product[l] *= reference / signal[l];
            }
        }
        (ScaleForm::Exponential { slope, reference }, _) => {
            for l in 0..L {
                product[l] *= exp(slope * (signal[l] - reference));
            }
        }
        (ScaleForm::Power { .. } | ScaleForm::Step { .. }, _) => {
            for l in 0..L {
                product[l] *= form.factor(signal[l]);
            }
        }
    }
}
