//! Generates the market of a block of paths, chunk by chunk, and the market data that signals read
//! beside it.

use corridor_core::lanes::Row;
use corridor_core::path::{CHUNK_STEPS, PLACEBO_PATHS, PathBlock, PathSource};

use crate::plan::Simulation;
use crate::signal::{Observation, ObservedSignal};

/// Market data of one chunk of a block of paths. One thread reuses it for block after block.
pub(crate) struct ChunkMarket<const L: usize> {
    pub block: PathBlock<L>,
    /// The following chunk; `None` if no signal looks ahead.
    ahead: Option<PathBlock<L>>,
    /// The chunk of unrelated paths; `None` if no signal is a placebo.
    placebo: Option<PathBlock<L>>,
}

impl<const L: usize> ChunkMarket<L> {
    /// Makes room for chunks of `slots` assets.
    pub fn new(simulation: &Simulation, slots: usize) -> Self {
        let signals = &simulation.signals;
        let block = || PathBlock::new(slots);
        Self {
            block: block(),
            ahead: signals.iter().any(ObservedSignal::looks_ahead).then(block),
            placebo: signals.iter().any(ObservedSignal::is_placebo).then(block),
        }
    }

    /// Generates the chunk from step `start` on. Chunks of a block are filled in order.
    pub fn fill(&mut self, source: &dyn PathSource<L>, first_path: u64, start: u32, last: u32) {
        let length = |start: u32| CHUNK_STEPS.min((last - start) as usize);
        let Self { block, ahead, placebo } = self;
        match ahead {
            Some(ahead) if start > 0 => std::mem::swap(block, ahead),
            Some(_) | None => source.fill(first_path, start, length(start), block),
        }
        let next = start + length(start) as u32;
        if let Some(ahead) = ahead
            && next < last
        {
            ahead.carry.clone_from(&block.carry);
            source.fill(first_path, next, length(next), ahead);
        }
        if let Some(placebo) = placebo {
            source.fill(first_path + PLACEBO_PATHS, start, length(start), placebo);
        }
    }

    /// Returns what signals observe at step `k` of the chunk; `last` is the last step of a path.
    #[inline(always)]
    pub fn observation(
        &self,
        k: usize,
        first_path: u64,
        per_year: f64,
        last: u32,
    ) -> Observation<'_, L> {
        let Self { block, ahead, placebo } = self;
        let t = block.start + k as u32 + 1;
        let ahead = ahead.as_ref().filter(|_| k + 1 == block.steps && t < last);
        let placebo = placebo.as_ref();
        Observation {
            t,
            per_year,
            first_path,
            log_returns: block.log_return(k),
            placebo_returns: placebo.map_or(&[], |placebo| placebo.log_return(k)),
            indicators: block.indicator(k),
            placebo_indicators: placebo.map_or(&[], |placebo| placebo.indicator(k)),
            coming_regime: ahead.map_or_else(
                || -> &Row<u32, L> { block.regime((k + 1).min(block.steps - 1)) },
                |ahead| ahead.regime(0),
            ),
        }
    }
}
