//! Runs every instance of a simulation over one block of paths, chunk by chunk.

use corridor_core::lanes::Row;
use corridor_core::level::{Kernel, Level};
use corridor_core::numerics::{exp, ln};
use corridor_core::outcome::PathColumn;
use corridor_core::path::{CHUNK_STEPS, PLACEBO_PATHS, PathBlock, PathSource};

use crate::kernel::prepared::Prepared;
use crate::kernel::sight::{ChunkRows, ChunkSight};
use crate::kernel::state::{State, Work};
use crate::kernel::{Advance, OutcomeRows};
use crate::plan::{Instance, Simulation};
use crate::policy::{ScaleFactor, ScaleForm};
use crate::portfolio::Portfolio;
use crate::signal::{Observation, ObservedSignal, ObservedState};

/// A simulation laid out for the kernel with `A` asset slots and `L` lanes. `ALL` as in
/// [`Advance`].
pub(crate) struct Engine<'a, const A: usize, const L: usize, const ALL: bool> {
    level: Level,
    simulation: &'a Simulation,
    source: &'a dyn PathSource<L>,
    instances: Vec<Prepared<A>>,
    starts: Vec<State<A, L>>,
    /// Distinct products of scale factors, and which of them each instance uses.
    scales: Vec<Vec<ScaleFactor>>,
    scale_of: Vec<Places>,
    /// Signals and references whose logarithm some power needs, and of each factor of `scales`
    /// which that is.
    logs: Vec<Log>,
    log_of: Vec<Vec<Option<usize>>>,
}

/// A signal and the reference it is divided by.
type Log = (usize, f64);

/// Which products of scale factors an instance uses; none where there is no factor.
struct Places {
    /// Of its [`Policy::scales`](crate::policy::Policy::scales).
    trade: Vec<Option<usize>>,
    /// Of its moving target.
    target: Option<usize>,
}

/// Room for one thread.
pub(crate) struct Room<const A: usize, const L: usize> {
    block: PathBlock<L>,
    /// The chunk after, where a signal looks ahead.
    ahead: Option<PathBlock<L>>,
    /// The same chunk of other paths, where a signal is a placebo.
    placebo: Option<PathBlock<L>>,
    signal_states: Vec<ObservedState<L>>,
    /// `[signal][step of the chunk]`.
    signals: Vec<ChunkRows<L>>,
    /// `[scale][step of the chunk]`.
    factors: Vec<ChunkRows<L>>,
    /// Of one step.
    logs: Vec<Row<f64, L>>,
    states: Vec<State<A, L>>,
    work: Box<Work<A, L>>,
    /// `[instance][report horizon]`.
    outcomes: Vec<Vec<OutcomeRows<L>>>,
}

impl<'a, const A: usize, const L: usize, const ALL: bool> Engine<'a, A, L, ALL> {
    pub fn new(level: Level, simulation: &'a Simulation, source: &'a dyn PathSource<L>) -> Self {
        let mut scales: Vec<Vec<ScaleFactor>> = Vec::new();
        let mut scale_of = Vec::new();
        let mut place = |scale: &[ScaleFactor]| {
            (!scale.is_empty()).then(|| {
                scales.iter().position(|known| known == scale).unwrap_or_else(|| {
                    scales.push(scale.to_vec());
                    scales.len() - 1
                })
            })
        };
        for instance in &simulation.instances {
            let trade = instance.policy.scales().into_iter().map(&mut place).collect();
            scale_of.push(Places { trade, target: place(instance.policy.target_scale()) });
        }
        let (logs, log_of) = logarithms(&scales);
        let instances: Vec<Prepared<A>> =
            simulation.instances.iter().map(|i| Prepared::new(simulation, i)).collect();
        let starts =
            simulation.instances.iter().zip(&instances).map(|(i, p)| start_state(i, p)).collect();
        Self { level, simulation, source, instances, starts, scales, scale_of, logs, log_of }
    }

    pub fn horizons(&self) -> usize {
        self.simulation.horizons.len()
    }

    pub fn room(&self) -> Room<A, L> {
        let blank = [Row::splat(0.0); PathColumn::COUNT];
        let signals = &self.simulation.signals;
        Room {
            block: PathBlock::new(A),
            ahead: signals.iter().any(ObservedSignal::looks_ahead).then(|| PathBlock::new(A)),
            placebo: signals.iter().any(ObservedSignal::is_placebo).then(|| PathBlock::new(A)),
            signal_states: signals.iter().map(ObservedState::new).collect(),
            signals: vec![[Row::splat(0.0); CHUNK_STEPS]; signals.len()],
            factors: vec![[Row::splat(1.0); CHUNK_STEPS]; self.scales.len()],
            logs: vec![Row::splat(0.0); self.logs.len()],
            states: self.starts.clone(),
            work: Box::new(Work::new()),
            outcomes: vec![vec![blank; self.simulation.horizons.len()]; self.instances.len()],
        }
    }

    /// Simulates the paths `first_path .. first_path + L`; hands over the rows of every (instance,
    /// horizon), in order.
    pub fn block(
        &self,
        first_path: u64,
        room: &mut Room<A, L>,
        mut emit: impl FnMut(usize, usize, &OutcomeRows<L>),
    ) {
        room.states.clone_from_slice(&self.starts);
        for (state, signal) in room.signal_states.iter_mut().zip(&self.simulation.signals) {
            state.restart(signal);
        }
        let steps = self.simulation.grid.steps;
        for start in (0..steps).step_by(CHUNK_STEPS) {
            let length = CHUNK_STEPS.min((steps - start) as usize);
            self.fill(first_path, start, length, room);
            if !self.simulation.signals.is_empty() {
                self.level.run(Observe { engine: self, room, first_path });
            }
            for (i, instance) in self.instances.iter().enumerate() {
                let places = &self.scale_of[i];
                self.level.run(Advance::<A, L, ALL> {
                    instance,
                    block: &room.block,
                    sight: ChunkSight {
                        signals: &room.signals,
                        factors: &room.factors,
                        places: &places.trade,
                    },
                    tilts: places.target.map_or(&[], |product| &room.factors[product]),
                    state: &mut room.states[i],
                    work: &mut room.work,
                    outcomes: &mut room.outcomes[i],
                });
            }
        }
        for (i, horizons) in room.outcomes.iter().enumerate() {
            for (h, rows) in horizons.iter().enumerate() {
                emit(i, h, rows);
            }
        }
    }
}

impl<const A: usize, const L: usize, const ALL: bool> Engine<'_, A, L, ALL> {
    /// Generates the chunk from `start` on, and what signals need beside it.
    fn fill(&self, first_path: u64, start: u32, length: usize, room: &mut Room<A, L>) {
        let Room { block, ahead, placebo, .. } = room;
        match ahead {
            Some(ahead) if start > 0 => std::mem::swap(block, ahead),
            Some(_) | None => self.source.fill(first_path, start, length, block),
        }
        let next = start + length as u32;
        if let Some(ahead) = ahead
            && next < self.simulation.grid.steps
        {
            ahead.carry.clone_from(&block.carry);
            self.source.fill(
                first_path,
                next,
                CHUNK_STEPS.min((self.simulation.grid.steps - next) as usize),
                ahead,
            );
        }
        if let Some(placebo) = placebo {
            self.source.fill(first_path + PLACEBO_PATHS, start, length, placebo);
        }
    }
}

/// What the reference does at `t = 0`, which is the same on every path.
fn start_state<const A: usize, const L: usize>(
    instance: &Instance,
    prepared: &Prepared<A>,
) -> State<A, L> {
    let portfolio = Portfolio::open(instance);
    State::start(prepared, &portfolio, portfolio.cost_frac)
}

/// Updates every signal and every width factor over the chunk.
struct Observe<'r, 'e, const A: usize, const L: usize, const ALL: bool> {
    engine: &'r Engine<'e, A, L, ALL>,
    room: &'r mut Room<A, L>,
    first_path: u64,
}

impl<const A: usize, const L: usize, const ALL: bool> Kernel for Observe<'_, '_, A, L, ALL> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { engine, room, first_path } = self;
        let per_year = f64::from(engine.simulation.grid.per_year());
        for k in 0..room.block.steps {
            let t = room.block.start + k as u32 + 1;
            let ahead = room
                .ahead
                .as_ref()
                .filter(|_| k + 1 == room.block.steps && t < engine.simulation.grid.steps);
            let seen = Observation {
                t,
                per_year,
                first_path,
                log_returns: room.block.log_return(k),
                placebo_returns: room.placebo.as_ref().map_or(&[], |placebo| placebo.log_return(k)),
                indicators: room.block.indicator(k),
                placebo_indicators: room
                    .placebo
                    .as_ref()
                    .map_or(&[], |placebo| placebo.indicator(k)),
                coming_regime: ahead.map_or_else(
                    || room.block.regime((k + 1).min(room.block.steps - 1)),
                    |ahead| ahead.regime(0),
                ),
            };
            for (s, signal) in engine.simulation.signals.iter().enumerate() {
                room.signal_states[s].update(signal, &seen, &mut room.signals[s][k]);
            }
            for ((signal, reference), log) in engine.logs.iter().zip(&mut room.logs) {
                let (signal, reference) = (&room.signals[*signal][k], *reference);
                for l in 0..L {
                    log[l] = ln(signal[l] / reference);
                }
            }
            for ((scale, log_of), factors) in
                engine.scales.iter().zip(&engine.log_of).zip(&mut room.factors)
            {
                factors[k] = Row::splat(1.0);
                for (factor, log) in scale.iter().zip(log_of) {
                    multiply(
                        &factor.form,
                        &room.signals[factor.signal][k],
                        log.map(|log| &room.logs[log]),
                        &mut factors[k],
                    );
                }
            }
        }
    }
}

/// The distinct logarithms of signals over references that powers need, and which of them each
/// factor of `scales` does.
fn logarithms(scales: &[Vec<ScaleFactor>]) -> (Vec<Log>, Vec<Vec<Option<usize>>>) {
    let mut logs: Vec<Log> = Vec::new();
    let mut place = |factor: &ScaleFactor| match factor.form {
        ScaleForm::Power { elasticity, reference } if !is_exact(elasticity) => {
            let wanted = (factor.signal, reference);
            Some(logs.iter().position(|known| *known == wanted).unwrap_or_else(|| {
                logs.push(wanted);
                logs.len() - 1
            }))
        }
        ScaleForm::Power { .. } | ScaleForm::Exponential { .. } | ScaleForm::Step { .. } => None,
    };
    let log_of = scales.iter().map(|scale| scale.iter().map(&mut place).collect()).collect();
    (logs, log_of)
}

/// Multiplies `product` by the factor of each lane's signal: `ScaleForm::factor`, with the form
/// decided before the loop. `log`: that of the signal over the reference, for a power that needs
/// it.
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

fn is_exact(elasticity: f64) -> bool {
    [0.0, 0.5, -0.5, 1.0, -1.0].contains(&elasticity)
}
