//! Runs every instance of a simulation over one block of paths, chunk by chunk.

use std::ops::Range;

use corridor_core::cancel::{Cancel, Cancelled};
use corridor_core::lanes::Row;
use corridor_core::level::Level;
use corridor_core::outcome::PathColumn;
use corridor_core::path::{CHUNK_STEPS, PathSource};

use crate::chunk_market::ChunkMarket;
use crate::chunk_signals::{ChunkSignalRows, InstanceScales, ScaleLayout};
use crate::kernel::OutcomeRows;
use crate::kernel::advance::Advance;
use crate::kernel::prepared::Prepared;
use crate::kernel::signals::ChunkSignals;
use crate::kernel::state::{InstanceState, StepBuffers};
use crate::kernel::trace::StepRows;
use crate::plan::Simulation;
use crate::portfolio::Portfolio;

/// Most instances that run together: their states take 8 MB with two assets.
const INSTANCES_AT_ONCE: usize = 256;

/// A simulation laid out for the kernel with `A` asset slots and `L` lanes; `ALL` as in
/// [`Advance`].
pub(crate) struct Engine<'a, const A: usize, const L: usize, const ALL: bool> {
    level: Level,
    simulation: &'a Simulation,
    source: &'a dyn PathSource<L>,
    instances: Vec<Prepared<A>>,
    /// Portfolio of each instance at `t = 0`.
    starts: Vec<Portfolio>,
    layout: ScaleLayout,
    /// Scale factors of each instance.
    scales: Vec<InstanceScales>,
}

/// Buffers of one thread, which it reuses for block after block.
pub(crate) struct BlockBuffers<const A: usize, const L: usize> {
    market: ChunkMarket<L>,
    signals: ChunkSignalRows<L>,
    /// States of the instances that run together.
    states: Vec<InstanceState<A, L>>,
    step: Box<StepBuffers<A, L>>,
    /// Outcomes of one instance at the report horizons of a chunk.
    outcomes: Vec<OutcomeRows<L>>,
    /// Steps of one instance in a chunk; empty until somebody follows paths.
    trace: Vec<StepRows<L>>,
}

/// One instance after one chunk.
struct Advanced<'a, const L: usize> {
    instance: usize,
    /// First step of the chunk.
    first: u32,
    /// Report horizons of the chunk, by index, with their outcomes.
    horizons: Range<usize>,
    outcomes: &'a [OutcomeRows<L>],
    /// Steps of the chunk; empty unless they are followed.
    steps: &'a [StepRows<L>],
}

impl<'a, const A: usize, const L: usize, const ALL: bool> Engine<'a, A, L, ALL> {
    pub fn new(level: Level, simulation: &'a Simulation, source: &'a dyn PathSource<L>) -> Self {
        let (layout, scales) = ScaleLayout::new(simulation);
        let instances: Vec<Prepared<A>> =
            simulation.instances.iter().map(|one| Prepared::new(simulation, one)).collect();
        let starts = simulation.instances.iter().map(Portfolio::open).collect();
        Self { level, simulation, source, instances, starts, layout, scales }
    }

    pub fn horizons(&self) -> usize {
        self.simulation.horizons.len()
    }

    pub fn buffers(&self) -> BlockBuffers<A, L> {
        let (horizons, last) = (&self.simulation.horizons, self.simulation.grid.steps);
        let most = (0..last).step_by(CHUNK_STEPS).map(|start| due(horizons, start).len()).max();
        BlockBuffers {
            market: ChunkMarket::new(self.simulation, A),
            signals: ChunkSignalRows::new(self.simulation, &self.layout),
            states: Vec::new(),
            step: Box::new(StepBuffers::new()),
            outcomes: vec![[Row::splat(0.0); PathColumn::COUNT]; most.unwrap_or(0)],
            trace: Vec::new(),
        }
    }

    /// Simulates the paths `first_path .. first_path + L` and hands over the outcomes of every
    /// (instance, horizon) once, those of an instance in the order of the horizons.
    ///
    /// Asks `cancel` before each instance of each chunk, which is every few microseconds.
    ///
    /// # Errors
    /// [`Cancelled`] if the work should stop; then some outcomes of the block are missing.
    pub fn block(
        &self,
        first_path: u64,
        cancel: Cancel<'_>,
        buffers: &mut BlockBuffers<A, L>,
        mut emit: impl FnMut(usize, usize, &OutcomeRows<L>),
    ) -> Result<(), Cancelled> {
        self.chunks(first_path, cancel, buffers, false, |done| {
            let rows = done.horizons.zip(done.outcomes);
            rows.for_each(|(horizon, rows)| emit(done.instance, horizon, rows));
        })
    }

    /// Follows the paths `first_path .. first_path + L`: hands over (instance, step, rows of that step
    /// and the next ones), in the order of the steps, the start included.
    ///
    /// # Errors
    /// [`Cancelled`] if the work should stop; then some steps are missing.
    pub fn trace(
        &self,
        first_path: u64,
        cancel: Cancel<'_>,
        buffers: &mut BlockBuffers<A, L>,
        mut visit: impl FnMut(usize, u32, &[StepRows<L>]),
    ) -> Result<(), Cancelled> {
        if buffers.trace.is_empty() {
            buffers.trace = vec![StepRows::new(); CHUNK_STEPS];
        }
        for (i, (instance, start)) in self.instances.iter().zip(&self.starts).enumerate() {
            buffers.trace[0].read(instance, &InstanceState::start(instance, start));
            visit(i, 0, &buffers.trace[..1]);
        }
        self.chunks(first_path, cancel, buffers, true, |done| {
            visit(done.instance, done.first, done.steps);
        })
    }

    /// Advances every instance over every chunk of a block. Some instances run at a time, each time on
    /// the same market, so that the states of all need not be in memory.
    fn chunks(
        &self,
        first_path: u64,
        cancel: Cancel<'_>,
        buffers: &mut BlockBuffers<A, L>,
        is_traced: bool,
        mut visit: impl FnMut(Advanced<'_, L>),
    ) -> Result<(), Cancelled> {
        let (simulation, last) = (self.simulation, self.simulation.grid.steps);
        let BlockBuffers { market, signals, states, step, outcomes, trace } = buffers;
        for begin in (0..self.instances.len()).step_by(INSTANCES_AT_ONCE) {
            let instances = &self.instances[begin..];
            let instances = &instances[..instances.len().min(INSTANCES_AT_ONCE)];
            let starts = instances.iter().zip(&self.starts[begin..]);
            states.clear();
            states.extend(starts.map(|(instance, start)| InstanceState::start(instance, start)));
            signals.restart(simulation);
            for start in (0..last).step_by(CHUNK_STEPS) {
                cancel.check()?;
                market.fill(self.source, first_path, start, last);
                signals.observe(self.level, simulation, &self.layout, market, first_path);
                let due = due(&simulation.horizons, start);
                let outcomes = &mut outcomes[..due.len()];
                let steps = if is_traced { market.block.steps } else { 0 };
                let trace = &mut trace[..steps];
                for ((i, instance), state) in (begin..).zip(instances).zip(&mut *states) {
                    cancel.check()?;
                    let scales = &self.scales[i];
                    self.level.run(Advance::<A, L, ALL> {
                        instance,
                        block: &market.block,
                        signals: ChunkSignals {
                            signals: &signals.signals,
                            factors: &signals.factors,
                            scales: &scales.trade,
                        },
                        target_factors: scales
                            .target
                            .map_or(&[], |product| &signals.factors[product]),
                        state,
                        buffers: step,
                        outcomes,
                        trace,
                    });
                    visit(Advanced {
                        instance: i,
                        first: start + 1,
                        horizons: due.clone(),
                        outcomes,
                        steps: trace,
                    });
                }
            }
        }
        Ok(())
    }
}

/// Returns the indices of the report horizons in the chunk after step `start`.
fn due(horizons: &[u32], start: u32) -> Range<usize> {
    let up_to = |step: u32| horizons.partition_point(|&horizon| horizon <= step);
    up_to(start)..up_to(start + CHUNK_STEPS as u32)
}
