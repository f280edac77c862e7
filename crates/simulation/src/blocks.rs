//! Runs the kernel block by block, with the number of assets chosen at run time.

use std::any::Any;

use corridor_core::cancel::{Cancel, Cancelled};
use corridor_core::lanes::{LANES, Row, asset_slots};
use corridor_core::level::Level;
use corridor_core::outcome::PathColumn;
use corridor_core::path::PathSource;

use crate::engine::{BlockBuffers, Engine};
use crate::kernel::OutcomeRows;
use crate::kernel::trace::StepRows;
use crate::plan::Simulation;

/// An [`Engine`] with any number of assets.
pub(crate) trait BlockEngine<'a>: Sync {
    /// Makes the buffers of one thread.
    fn buffers(&self) -> Box<dyn Any>;

    /// Simulates the paths `first_path .. first_path + LANES`; hands over the outcomes of every
    /// cell once, by its index in the order (instance, horizon).
    fn block(
        &self,
        first_path: u64,
        cancel: Cancel<'_>,
        buffers: &mut dyn Any,
        emit: &mut dyn FnMut(usize, &OutcomeRows<LANES>),
    ) -> Result<(), Cancelled>;

    /// Follows the paths `first_path .. first_path + LANES` step by step.
    fn trace(
        &self,
        first_path: u64,
        cancel: Cancel<'_>,
        buffers: &mut dyn Any,
        visit: &mut dyn FnMut(usize, u32, &[StepRows<LANES>]),
    ) -> Result<(), Cancelled>;
}

impl<'a, const A: usize> BlockEngine<'a> for Engine<'a, A, LANES, true> {
    fn buffers(&self) -> Box<dyn Any> {
        Box::new(Engine::buffers(self))
    }

    fn block(
        &self,
        first_path: u64,
        cancel: Cancel<'_>,
        buffers: &mut dyn Any,
        emit: &mut dyn FnMut(usize, &OutcomeRows<LANES>),
    ) -> Result<(), Cancelled> {
        // The buffers were made by this engine, so the type is its own.
        let Some(buffers) = buffers.downcast_mut::<BlockBuffers<A, LANES>>() else { return Ok(()) };
        let horizons = self.horizons();
        Engine::block(self, first_path, cancel, buffers, |instance, horizon, rows| {
            emit(instance * horizons + horizon, rows)
        })
    }

    fn trace(
        &self,
        first_path: u64,
        cancel: Cancel<'_>,
        buffers: &mut dyn Any,
        visit: &mut dyn FnMut(usize, u32, &[StepRows<LANES>]),
    ) -> Result<(), Cancelled> {
        let Some(buffers) = buffers.downcast_mut::<BlockBuffers<A, LANES>>() else { return Ok(()) };
        Engine::trace(self, first_path, cancel, buffers, visit)
    }
}

/// Lays a simulation out for blocks of [`LANES`] paths and the fewest asset slots that hold its
/// assets; `None` with more assets than kernels are compiled for. Not generic: the kernels are
/// compiled once, with this crate, and not with every crate that runs them.
pub(crate) fn shipped<'a>(
    level: Level,
    simulation: &'a Simulation,
    source: &'a dyn PathSource<LANES>,
) -> Option<Box<dyn BlockEngine<'a> + 'a>> {
    shipped_with(asset_slots(simulation.assets)?, level, simulation, source)
}

/// Lays a simulation out for as many asset slots; `None` if no kernel has their number.
fn shipped_with<'a>(
    slots: usize,
    level: Level,
    simulation: &'a Simulation,
    source: &'a dyn PathSource<LANES>,
) -> Option<Box<dyn BlockEngine<'a> + 'a>> {
    Some(match slots {
        2 => Box::new(Engine::<2, LANES, true>::new(level, simulation, source)),
        4 => Box::new(Engine::<4, LANES, true>::new(level, simulation, source)),
        8 => Box::new(Engine::<8, LANES, true>::new(level, simulation, source)),
        16 => Box::new(Engine::<16, LANES, true>::new(level, simulation, source)),
        _ => return None,
    })
}

/// Simulates single blocks of `L` paths with `A` asset slots, for tests and benchmarks.
///
/// Compiles its own kernels wherever it is used; [`ShippedBlocks`] uses those of this crate. `ALL =
/// false` keeps wealth, drawdown, turnover, cost and events only, as the reference job of the
/// benchmarks does.
pub struct Blocks<'a, const A: usize, const L: usize, const ALL: bool> {
    engine: Engine<'a, A, L, ALL>,
    buffers: BlockBuffers<A, L>,
}

impl<'a, const A: usize, const L: usize, const ALL: bool> Blocks<'a, A, L, ALL> {
    /// Lays the simulation out for `A` asset slots.
    #[must_use]
    pub fn new(level: Level, simulation: &'a Simulation, source: &'a dyn PathSource<L>) -> Self {
        let engine = Engine::new(level, simulation, source);
        let buffers = engine.buffers();
        Self { engine, buffers }
    }

    /// Simulates the block of paths from `first_path` on. `visit` gets (instance, horizon, outcome
    /// rows), once for each pair; the horizons of an instance come in order.
    pub fn simulate(
        &mut self,
        first_path: u64,
        visit: impl FnMut(usize, usize, &[Row<f64, L>; PathColumn::COUNT]),
    ) {
        let (Ok(()) | Err(Cancelled)) =
            self.engine.block(first_path, Cancel::NEVER, &mut self.buffers, visit);
    }
}

/// Simulates single blocks of [`LANES`] paths with the kernels compiled into this crate.
///
/// One call simulates one block under every instance, so a caller that looks at a cancellation flag
/// between calls stops soon.
pub struct ShippedBlocks<'a> {
    engine: Box<dyn BlockEngine<'a> + 'a>,
    buffers: Box<dyn Any>,
    horizons: usize,
}

impl<'a> ShippedBlocks<'a> {
    /// Lays the simulation out; `None` with more assets than kernels are compiled for.
    #[must_use]
    pub fn new(
        level: Level,
        simulation: &'a Simulation,
        source: &'a dyn PathSource<LANES>,
    ) -> Option<Self> {
        Self::with_slots(asset_slots(simulation.assets)?, level, simulation, source)
    }

    /// Lays the simulation out for 2, 4, 8 or 16 asset slots, for tests: more slots than assets
    /// give equal outcomes at a lower speed. `None` for another number, or if the assets do not
    /// fit.
    #[must_use]
    pub fn with_slots(
        slots: usize,
        level: Level,
        simulation: &'a Simulation,
        source: &'a dyn PathSource<LANES>,
    ) -> Option<Self> {
        if slots < simulation.assets {
            return None;
        }
        let engine = shipped_with(slots, level, simulation, source)?;
        let buffers = engine.buffers();
        Some(Self { engine, buffers, horizons: simulation.horizons.len() })
    }

    /// Simulates the block of paths from `first_path` on. `visit` gets (instance, horizon, outcome
    /// rows), once for each pair; the horizons of an instance come in order.
    pub fn simulate(
        &mut self,
        first_path: u64,
        mut visit: impl FnMut(usize, usize, &[Row<f64, LANES>; PathColumn::COUNT]),
    ) {
        let horizons = self.horizons;
        let visit = &mut |cell: usize, rows: &OutcomeRows<LANES>| {
            visit(cell / horizons, cell % horizons, rows);
        };
        let (Ok(()) | Err(Cancelled)) =
            self.engine.block(first_path, Cancel::NEVER, self.buffers.as_mut(), visit);
    }

    /// Follows the block of paths from `first_path` on, step by step, a chunk at a time. `visit` gets
    /// (instance, step, rows of that step and the next ones); the steps of an instance come in order,
    /// the start, step 0, included.
    pub fn trace(
        &mut self,
        first_path: u64,
        mut visit: impl FnMut(usize, u32, &[StepRows<LANES>]),
    ) {
        let (Ok(()) | Err(Cancelled)) =
            self.engine.trace(first_path, Cancel::NEVER, self.buffers.as_mut(), &mut visit);
    }
}
