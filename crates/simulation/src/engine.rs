//! Runs every instance of a simulation over one block of paths, chunk by chunk.

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
use crate::plan::Simulation;
use crate::portfolio::Portfolio;

/// A simulation laid out for the kernel with `A` asset slots and `L` lanes; `ALL` as in
/// [`Advance`].
pub(crate) struct Engine<'a, const A: usize, const L: usize, const ALL: bool> {
    level: Level,
    simulation: &'a Simulation,
    source: &'a dyn PathSource<L>,
    instances: Vec<Prepared<A>>,
    /// State of each instance at `t = 0`.
    starts: Vec<InstanceState<A, L>>,
    layout: ScaleLayout,
    /// Scale factors of each instance.
    scales: Vec<InstanceScales>,
}

/// Buffers of one thread, which it reuses for block after block.
pub(crate) struct BlockBuffers<const A: usize, const L: usize> {
    market: ChunkMarket<L>,
    signals: ChunkSignalRows<L>,
    states: Vec<InstanceState<A, L>>,
    step: Box<StepBuffers<A, L>>,
    /// Outcomes of a block, `[instance][report horizon]`.
    outcomes: Vec<Vec<OutcomeRows<L>>>,
}

impl<'a, const A: usize, const L: usize, const ALL: bool> Engine<'a, A, L, ALL> {
    pub fn new(level: Level, simulation: &'a Simulation, source: &'a dyn PathSource<L>) -> Self {
        let (layout, scales) = ScaleLayout::new(simulation);
        let instances: Vec<Prepared<A>> =
            simulation.instances.iter().map(|one| Prepared::new(simulation, one)).collect();
        let starts = simulation
            .instances
            .iter()
            .zip(&instances)
            .map(|(one, prepared)| InstanceState::start(prepared, &Portfolio::open(one)))
            .collect();
        Self { level, simulation, source, instances, starts, layout, scales }
    }

    pub fn horizons(&self) -> usize {
        self.simulation.horizons.len()
    }

    pub fn buffers(&self) -> BlockBuffers<A, L> {
        let blank = [Row::splat(0.0); PathColumn::COUNT];
        BlockBuffers {
            market: ChunkMarket::new(self.simulation, A),
            signals: ChunkSignalRows::new(self.simulation, &self.layout),
            states: self.starts.clone(),
            step: Box::new(StepBuffers::new()),
            outcomes: vec![vec![blank; self.horizons()]; self.instances.len()],
        }
    }

    /// Simulates the paths `first_path .. first_path + L` and hands over the outcomes of every
    /// (instance, horizon), in order.
    ///
    /// Asks `cancel` before each instance of each chunk, which is every few microseconds.
    ///
    /// # Errors
    /// [`Cancelled`] if the work should stop; nothing is handed over then.
    pub fn block(
        &self,
        first_path: u64,
        cancel: Cancel<'_>,
        buffers: &mut BlockBuffers<A, L>,
        mut emit: impl FnMut(usize, usize, &OutcomeRows<L>),
    ) -> Result<(), Cancelled> {
        let (simulation, last) = (self.simulation, self.simulation.grid.steps);
        let BlockBuffers { market, signals, states, step, outcomes } = buffers;
        states.clone_from_slice(&self.starts);
        signals.restart(simulation);
        for start in (0..last).step_by(CHUNK_STEPS) {
            cancel.check()?;
            market.fill(self.source, first_path, start, last);
            signals.observe(self.level, simulation, &self.layout, market, first_path);
            for (i, instance) in self.instances.iter().enumerate() {
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
                    target_factors: scales.target.map_or(&[], |product| &signals.factors[product]),
                    state: &mut states[i],
                    buffers: step,
                    outcomes: &mut outcomes[i],
                });
            }
        }
        for (i, horizons) in outcomes.iter().enumerate() {
            for (h, rows) in horizons.iter().enumerate() {
                emit(i, h, rows);
            }
        }
        Ok(())
    }
}
